"""What somebody was on the day of a service counts, whatever they become: every figure before a change is the same after it."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders as make
from tests.served import TODAY, World, record, served_world
from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.books import printing
from timebank.books import queries as books
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, batches
from timebank.certificates import queries as register
from timebank.db import db, transaction
from timebank.errors import Conflict, Refusal
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records import totals
from timebank.reports import groups, national, redemption
from timebank.reports import monthly as reports
from timebank.stars import standing as stars
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord
from timebank.volunteers import actions as people
from timebank.volunteers import queries as volunteers
from timebank.volunteers import standing
from timebank.volunteers.models import Unit, Volunteer
from timebank.volunteers.standing import Wish

OCTOBER, NOVEMBER, YEAR = date(2026, 10, 1), date(2026, 11, 1), date(2026, 1, 1)
TOMORROW = TODAY + timedelta(days=1)
NO_MATTER = datetime(2026, 12, 1, tzinfo=clock.ZONE)


def office(app: Flask) -> World:
    """Let four people be on record in October and November: a volunteer, paid staff, a group, and a member of a unit and a team."""
    world = served_world(app)
    with app.app_context(), transaction():
        community, _, _ = world.get()
        hair = db.session.get_one(ServiceKind, world.hair)
        units = [make.add(Unit(community_id=community.id, name=name)) for name in ("松坡小学", "海边中学")]
        team = people.add_team(community.id, "松坡送餐队")
        people.add_team(community.id, "理发队")
        paid = make.make_volunteer(community, "邵长青", staff=True, unit_id=units[0].id)
        group = make.make_volunteer(community, "少先队", collective=True, unit_id=units[1].id)
        member = make.make_volunteer(community, "丛树立", unit_id=units[0].id)
        for each in (paid, member):
            people.join_team(team, each, OCTOBER, "报名")
        for number, each in enumerate((paid, group, member)):
            for day in (date(2026, 10, 9), date(2026, 11, 9 + number)):
                record(each, hair, day, 61 + number, start=540 + 120 * number)
        make.make_user(Role.COORDINATOR, community, name="姜一鸣")
    return world


def figures(community: int, *, ever: bool = True) -> str:
    """Return every figure of October and November, and where nothing has come on record since (``ever``) those of all time."""
    everybody = db.session.scalars(db.select(Volunteer).where(Volunteer.community_id == community).order_by(Volunteer.id)).all()
    place = reports.of_community(db.session.get_one(books.Community, community))
    said: list[Any] = []
    for month in (OCTOBER, NOVEMBER):
        for each in everybody:
            month_of = books.statement(each, month)
            paper = replace(printing.statement_paper(month_of, "zh"), printed_at=NO_MATTER, object_until=None, chain_row=0, chain_head="")
            said.append((paper, [one.id for one in month_of.on_duty]))
        said.append(reports.monthly(place, month))
        said += [of_group(groups.group_month(*group, month)) for group in groups_of(community)]
        said += [(row.volunteer.number, row.month_visits, row.month_minutes) for row in books.standings(community, month)]
    said += [totals.totals_by_kind(each, YEAR, TODAY) for each in everybody]
    said += [(each.volunteer.number, each.minutes) for each in batches.candidates(community, YEAR, TODAY)]
    listed = national.records(community, YEAR, TODAY, unreported=False)
    said += [(each.id, each.volunteer.number, each.minutes) for each in listed]
    said.append(redemption.health([community], NOVEMBER).flows)
    if ever:
        said += [(stars.standing(each).minutes, stars.standing(each).level) for each in everybody]
        said.append(stars.honour_list(community))
        said += [(each.number, now.minutes) for each, now in stars.near(community)]
    return repr(said)


def of_group(found: groups.GroupMonth) -> tuple[Any, ...]:
    """Return what a group's month says."""
    return found.group.name, [(each.volunteer.number, each.visits, each.minutes) for each in found.shares], found.kinds


def groups_of(community: int) -> list[Any]:
    """Return every team and unit, also what is no more."""
    return [("team", each) for each in volunteers.teams(community)] + [("unit", each) for each in volunteers.units(community)]


@contextlib.contextmanager
def as_user(number: int) -> Iterator[None]:
    """Act in somebody's name."""
    token = audit.actor.set(f"user:{number}")
    try:
        yield
    finally:
        audit.actor.reset(token)


def named(name: str) -> Volunteer:
    """Return somebody by name."""
    return db.session.scalars(db.select(Volunteer).where(Volunteer.name == name)).one()


def the_unit(name: str) -> Unit:
    """Return a unit by name."""
    return db.session.scalars(db.select(Unit).where(Unit.name == name)).one()


def by_two(world: World, volunteer: Volunteer, **wish: Any) -> None:
    """Let one of the office ask for a change and the other agree."""
    with as_user(world.coordinator):
        asked = standing.change(volunteer, Wish(**{"from_day": TOMORROW, "reason": "聘用有变"} | wish))
    if isinstance(asked, Proposal):
        proposals.agree(asked, db.session.scalars(db.select(User).where(User.name == "姜一鸣")).one())


CHANGES = {
    "hired": lambda world: by_two(world, named("王秀芬"), paid=True),
    "no longer paid": lambda world: by_two(world, named("邵长青"), unit=the_unit("松坡小学")),
    "becomes a group": lambda world: by_two(world, named("王秀芬"), collective=True),
    "no longer a group": lambda world: by_two(world, named("少先队"), unit=the_unit("海边中学")),
    "another unit": lambda world: by_two(world, named("丛树立"), unit=the_unit("海边中学")),
    "no unit": lambda world: by_two(world, named("丛树立")),
    "leaves the team": lambda _: people.leave_team(volunteers.memberships_of(named("丛树立"))[0], "搬家"),
    "unit dissolved": lambda _: standing.dissolve(the_unit("松坡小学"), TOMORROW, "并校"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_no_figure_before_a_change_is_another_after_it_on_either_database(both: Flask, what: str) -> None:
    world = office(both)
    with both.app_context():
        with transaction():
            stars.set_honour(named("王秀芬"), shown=True)
            stars.set_honour(named("邵长青"), shown=True)
        before = figures(world.community)
        with transaction():
            CHANGES[what](world)
        assert figures(world.community) == before
        make.set_clock("2026-11-27 09:00")
        with transaction():
            standing.follow_all()
        assert figures(world.community) == before


def test_paid_hours_never_become_a_certificate_and_a_volunteers_hours_stay_one(app: Flask) -> None:
    world = office(app)
    with app.app_context():
        with transaction():
            mine = actions.issue_certificate(world.get()[1], YEAR, TODAY, world.get()[2])
        with transaction():
            by_two(world, named("邵长青"))
            by_two(world, world.get()[1], paid=True)
        make.set_clock("2026-11-28 09:00")
        with transaction():
            assert standing.follow_all() == 2
            assert (world.get()[1].staff, named("邵长青").staff) == (True, False)
        with pytest.raises(Conflict, match="paid work"), transaction():
            actions.issue_certificate(named("邵长青"), YEAR, TODAY, world.get()[2])
        with transaction():
            assert actions.issue_certificate(world.get()[1], YEAR, TODAY, world.get()[2]).id == mine.id
            assert not actions.is_stale(mine)
            assert [each.id for each in register.records_in(mine)] == [each.id for each in national_of(world)]


def national_of(world: World) -> list[ServiceRecord]:
    """Return the records of the volunteer that are reported."""
    listed = national.records(world.community, YEAR, TODAY, unreported=False)
    return [each for each in listed if each.volunteer_id == world.volunteer]


def test_staff_hired_in_the_middle_of_a_month_have_both_kinds_of_hours_in_it(app: Flask) -> None:
    world = office(app)
    with app.app_context():
        with transaction():
            by_two(world, world.get()[1], paid=True)
        make.set_clock("2026-11-27 09:00")
        with transaction():
            record(world.get()[1], db.session.get_one(ServiceKind, world.hair), date(2026, 11, 27), 90)
        month = books.statement(world.get()[1], NOVEMBER)
        assert ([each.minutes for each in month.records], [each.minutes for each in month.on_duty], month.minutes) == ([40], [90], 40)
        found = reports.monthly(reports.of_community(world.get()[0]), NOVEMBER)
        assert found.staff.minutes == 61 + 90
        assert "另有专职在岗 1 次" in printing.statement_paper(month, "zh").rules[0]
        with transaction():
            made = actions.issue_certificate(world.get()[1], YEAR, date(2026, 11, 27), world.get()[2])
            assert made.content["total_minutes"] == 127


def test_a_correction_keeps_the_standing_of_the_day_of_the_service(app: Flask) -> None:
    world = office(app)
    with app.app_context():
        with transaction():
            by_two(world, named("丛树立"), paid=True, unit=the_unit("海边中学"))
            people.leave_team(volunteers.memberships_of(named("丛树立"))[0], "搬家")
        make.set_clock("2026-11-28 09:00")
        with transaction():
            old = db.session.scalars(db.select(ServiceRecord).where(ServiceRecord.volunteer_id == named("丛树立").id)).first()
            assert old is not None
            newer = correct(old, old.minutes - 10, "签退晚了", world.get()[2])
            assert isinstance(newer, ServiceRecord)
            assert (newer.paid, newer.unit_id, [each.name for each in newer.teams]) == (False, the_unit("松坡小学").id, ["松坡送餐队"])
        assert groups.group_month("unit", the_unit("松坡小学"), OCTOBER).minutes == old.minutes - 10


SEQUENCES_IN_CI, SEQUENCES = 8, 100
STEPS = st.tuples(
    st.sampled_from(["paid", "voluntary", "group", "unit", "no unit", "join", "leave", "dissolve", "serve", "follow"]),
    st.integers(0, 3),
    st.integers(-50, 20),
    st.booleans(),
)


class Undone(Exception):  # noqa: N818 - nothing is wrong
    """Ends an example: nothing of it is kept."""


def test_any_sequence_of_changes_leaves_every_figure_before_them_byte_equal(app: Flask) -> None:
    play_sequences(app, SEQUENCES_IN_CI)


@pytest.mark.long
def test_many_sequences_of_changes_leave_every_figure_before_them_byte_equal(app: Flask) -> None:
    """Two examples a second: the figures are all of the months before, from every page."""
    play_sequences(app, SEQUENCES)


def play_sequences(app: Flask, examples: int) -> None:
    """Change standings at random, and look at every figure after each change."""
    world = office(app)

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=1, max_size=7))
    def changed(steps: list[tuple[str, int, int, bool]]) -> None:
        make.set_clock("2026-11-25 10:30")
        with app.app_context(), contextlib.suppress(Undone), transaction():
            before = figures(world.community, ever=False)
            for step in steps:
                with contextlib.suppress(Refusal), db.session.begin_nested():
                    one_step(world, *step)
                db.session.expire_all()
            assert figures(world.community, ever=False) == before, steps
            raise Undone

    changed()


def one_step(world: World, verb: str, who: int, days: int, agreed: bool) -> None:
    """Do one step of an example, or be refused."""
    volunteer = db.session.scalars(db.select(Volunteer).order_by(Volunteer.id)).all()[who]
    day, last = clock.today() + timedelta(days=days), volunteers.standings(volunteer)[-1]
    wish = {"from_day": day, "paid": last.paid, "collective": last.collective, "unit": last.unit}
    match verb:
        case "serve":
            make.set_clock(f"{clock.today() + timedelta(days=1 + abs(days)):%Y-%m-%d} 10:30")
            if clock.today() >= date(2026, 12, 1):
                record(volunteer, db.session.get_one(ServiceKind, world.hair), clock.today(), 30 + who)
        case "follow":
            standing.follow_all()
        case "join":
            team = volunteers.teams(world.community)[who % 2]
            people.join_team(team, volunteer, min(day, clock.today()), "报名")
        case "leave":
            for each in volunteers.memberships_of(volunteer):
                people.leave_team(each, "搬家")
        case "dissolve":
            standing.dissolve(volunteers.units(world.community)[who % 2], day, "并校")
        case _:
            changed = {
                "paid": {"paid": True},
                "voluntary": {"paid": False},
                "group": {"collective": not last.collective},
                "unit": {"unit": volunteers.units(world.community)[who % 2]},
                "no unit": {"unit": None},
            }[verb]
            if agreed:
                by_two(world, volunteer, **wish | changed)
            else:
                standing.change(volunteer, Wish(**wish | changed, reason="机器"))
