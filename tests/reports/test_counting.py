"""What is counted: a crew's visit and its door once, people for whom something was done, doors nobody opened, hours half up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as make
from tests.served import World, record, served_world
from timebank import clock, hours
from timebank.books import printing, queries
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import ElderState, Pause
from timebank.ledger import actions as ledger
from timebank.ledger.models import Transfer
from timebank.papers import pdf
from timebank.papers.facts import Moved
from timebank.reports import groups, helped, redemption
from timebank.reports import monthly as reports
from timebank.reports.helped import Lived
from timebank.visits.actions import serving
from timebank.visits.actions.confirming import confirm_round
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Outcome, ServiceRecord, Trust, Visit
from timebank.volunteers.models import Unit, Volunteer
from timebank.volunteers.standing import frozen

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)
DAY = date(2026, 10, 12)


def go_along(first: ServiceRecord, mate: Volunteer, minutes: int) -> None:
    """Put the second of a crew on record at the same visit."""
    make.add(
        ServiceRecord(
            community_id=first.community_id,
            volunteer_id=mate.id,
            visit_id=first.visit_id,
            kind_id=first.kind_id,
            day=first.day,
            **frozen(mate, first.day),
            started_at=first.started_at,
            ended_at=first.started_at + timedelta(minutes=minutes),
            minutes=minutes,
            planned_minutes=minutes,
            trust=Trust.CODE,
            created_at=clock.now(),
        )
    )


@pytest.fixture
def noted_first() -> Callable[[Volunteer], object]:
    """Let the volunteer be of a unit from the beginning."""
    return of_unit


def of_unit(volunteer: Volunteer) -> None:
    """Note that a volunteer is of a unit."""
    unit = make.add(Unit(community_id=volunteer.community_id, name="松坡小学"))
    make.make_standing(volunteer, unit_id=unit.id)


def crew(world: World, minutes: int = 40) -> ServiceRecord:
    """Let two people of one unit bathe somebody together on a day of October."""
    community, volunteer, _ = world.get()
    mate = make.make_volunteer(community, "丛树立", unit_id=volunteer.unit_id)
    made = record(volunteer, db.session.get_one(ServiceKind, world.hair), DAY, minutes)
    go_along(made, mate, minutes)
    return made


def october(world: World) -> reports.Report:
    """Return the report of October."""
    return reports.monthly(reports.of_community(world.get()[0]), OCTOBER)


def test_a_crew_of_two_is_one_visit_at_one_door_on_both_databases(both: Flask) -> None:
    world = served_world(both, of_unit)
    with both.app_context(), transaction():
        crew(world)
        found = october(world)
        assert (found.volunteers, found.visits, found.doors, found.minutes) == (2, 3, 3, 167)
        assert [(row.visits, row.doors, row.minutes) for row in found.kinds] == [(2, 2, 115), (1, 1, 52)]
        assert (found.weekdays[0].visits, found.weekdays[0].doors, found.weekdays[0].minutes) == (1, 1, 80)
        assert sum(row.doors for row in found.buildings) == 3
        assert sum(row.minutes for row in found.buildings) == 167


def test_a_crew_of_one_unit_made_one_visit(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        crew(world)
        unit = db.session.scalars(db.select(Unit)).one()
        found = groups.group_month("unit", unit, OCTOBER)
        assert [(share.visits, share.minutes) for share in found.shares] == [(1, 40), (3, 127)]
        assert (found.visits, found.minutes, found.whole.volunteers) == (3, 167, 2)
        assert [(kind.content_en, kind.visits, kind.minutes) for kind in found.kinds] == [("Haircut at home", 2, 115), ("Shopping", 1, 52)]


def test_a_door_where_nobody_opened_stands_with_its_building_and_helped_nobody(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        offers = make.make_round(community, volunteer, doors=2)
        meals = offers[0].round
        assert meals is not None
        make.set_clock("2026-11-25 10:50")
        serving.pick_up(meals, 2)
        make.set_clock("2026-11-25 11:05")
        serving.deliver(offers[0])
        make.set_clock("2026-11-25 11:10")
        serving.report(offers[1], Outcome.NO_ANSWER)
        make.set_clock("2026-11-25 12:10")
        confirm_round(meals, Trust.DESK, coordinator)
        found = reports.monthly(reports.of_community(community), NOVEMBER)
        assert found.doors == sum(row.doors for row in found.buildings) == 3
        assert found.elders == 2


def test_service_at_home_is_for_whom_it_was_asked_and_not_for_everybody_who_lives_there(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, _ = world.get()
        made = record(volunteer, db.session.get_one(ServiceKind, world.hair), DAY, 40)
        visit = db.session.get_one(Visit, made.visit_id)
        husband = make.make_elder(visit.household, "鞠先生")
        before = october(world).elders
        visit.request.elder_id = husband.id
        db.session.flush()
        assert (before, october(world).elders) == (4, 3)


HOME = (Lived(1, True, ()), Lived(2, True, ()), Lived(3, False, ()))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((2, (), 0, HOME), [2]),
        ((None, (), 0, HOME), [1, 2]),
        ((None, (), 2, HOME), [1, 2]),
        ((None, (), 3, HOME), [1, 2, 3]),
        ((None, (2,), 1, HOME), [2]),
        ((None, (2,), 2, HOME), [1, 2]),
        ((None, (), 2, (replace(HOME[0], away=((DAY, DAY),)), HOME[1])), [2]),
        ((None, (), 1, (replace(HOME[0], away=((DAY, DAY),)),)), [1]),
        ((None, (), 0, (HOME[2],)), [3]),
        ((None, (), 0, ()), []),
    ],
    ids=["named", "everybody", "boxes", "who_died_since", "eater", "more_boxes", "away", "away_and_yet_served", "gone", "nobody"],
)
def test_a_visit_is_for_whom_it_names_for_who_eats_or_for_who_is_at_home(
    asked: tuple[int | None, tuple[int, ...], int, tuple[Lived, ...]], found: list[int]
) -> None:
    assert helped.meant(*asked, DAY) == found


def test_who_was_away_that_day_was_not_helped(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, _ = world.get()
        made = record(volunteer, db.session.get_one(ServiceKind, world.hair), DAY, 40)
        home = db.session.get_one(Visit, made.visit_id).household
        away, gone = make.make_elder(home, "鞠先生"), make.make_elder(home, "鞠老太", state=ElderState.DECEASED)
        make.add(Pause(elder_id=away.id, first_day=DAY, last_day=DAY))
        assert gone.id
        assert october(world).elders == 3


def test_what_the_community_issues_is_never_shown_as_earned_and_a_reversal_never_as_used(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        ledger.fill_pool(community.id, 600, source="start", idem=("test", "issue"), actor="test")
        hold = ledger.hold(volunteer.account_id, 40, source="visit:1", idem=("test", "hold"), actor="test")
        used = ledger.settle(hold, 30, idem=("test", "settle"), actor="test")
        ledger.reverse(used, "test", "记错了")
        earned = db.session.scalars(db.select(ServiceRecord).order_by(ServiceRecord.id)).first()
        assert earned is not None
        assert earned.transfer_seq is not None
        ledger.reverse(db.session.get_one(Transfer, earned.transfer_seq), "test", "记错了")
        flows = {each.month: (each.earned, each.issued, each.used) for each in redemption.health([community.id], NOVEMBER).flows}
        assert flows[OCTOBER] == (87, 0, 0)
        assert flows[NOVEMBER] == (40 - 35, 600, 0)


@given(st.integers(-10_000_000, 10_000_000))
def test_hours_are_half_up_to_one_decimal_however_many_minutes(minutes: int) -> None:
    exact = (Decimal(minutes) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert Decimal(hours.hours_text(minutes)) == exact
    assert hours.hours_number(minutes) == float(exact)


@given(st.integers(0, 10_000_000))
def test_hours_of_one_record_have_two_decimals_for_the_national_system(minutes: int) -> None:
    assert hours.hours_in_hundredths(minutes) == float((Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.mark.parametrize(("minutes", "said"), [(9, "0.2"), (45, "0.8"), (166, "2.8"), (360, "6"), (100, "1.7"), (0, "0")])
def test_a_ceiling_is_said_in_whole_hours_where_it_is_whole(minutes: int, said: str) -> None:
    assert hours.short_text(minutes) == said


def test_a_correction_is_neither_spending_nor_earning_on_a_statement(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        first = queries.statement(volunteer, OCTOBER).records[0]
        correct(first, 20, "签退晚了", coordinator)
        hold = ledger.hold(volunteer.account_id, 30, source="visit:1", idem=("test", "hold"), actor="test")
        ledger.release(hold, 30, idem=("test", "release"), actor="test")
        found = queries.statement(volunteer, NOVEMBER)
        assert found.moved == Moved(credited=40, spent=30, returned=30, corrected=-15)
        assert found.account.opening + found.moved.net == found.account.closing == 112
        paper = printing.statement_paper(found, "zh")
        assert paper.closing == 112
        assert [(line.what, line.minutes) for line in paper.account_lines] == [
            ("服务存入 1 笔", 40),
            ("冲正", -35),
            ("更正后重新记入", 20),
            ("预约冻结", -30),
            ("解冻退回", 30),
        ]
        facts = [(each["zh"], each["minutes"], each["hours"]) for each in pdf._sums(found.moved)]
        assert facts == [("存入", "+40", "+0.7"), ("转出", "−30", "−0.5"), ("退回", "+30", "+0.5"), ("更正", "−15", "−0.3")]
