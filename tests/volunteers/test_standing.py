"""A change of standing has a day and a reason and, for paid and group, a second person; bad days are refused in words, nothing half written."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, in_team, record, served_world
from timebank import audit, schema
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.errors import Conflict, Invalid
from timebank.notices.models import Notice
from timebank.proposals import actions as proposals
from timebank.proposals.models import Kind, Proposal
from timebank.reports import groups
from timebank.visits.models import ServiceRecord
from timebank.volunteers import actions, queries, standing
from timebank.volunteers.models import Standing, Unit, Volunteer
from timebank.volunteers.standing import Wish

TOMORROW = TODAY + timedelta(days=1)
FREE = "2026-11-26 or later"


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """Give somebody with service on record today, inside the app."""
    made = served_world(app)
    with app.app_context():
        yield made


@contextlib.contextmanager
def as_user(number: int) -> Iterator[None]:
    """Act in somebody's name."""
    token = audit.actor.set(f"user:{number}")
    try:
        yield
    finally:
        audit.actor.reset(token)


def change(world: World, day: date = TOMORROW, reason: str = "聘为专职", **values: object) -> Standing | Proposal:
    """Let the coordinator change what the volunteer is."""
    with as_user(world.coordinator), transaction():
        return standing.change(world.get()[1], Wish(from_day=day, reason=reason, **values))  # type: ignore[arg-type]


def second(world: World) -> User:
    """Return a colleague."""
    known = db.session.scalars(select(User).where(User.name == "姜一鸣")).first()
    return known or make.make_user(Role.COORDINATOR, world.get()[0], name="姜一鸣")


def unit(world: World, name: str = "松坡小学") -> Unit:
    """Return a unit."""
    with transaction():
        return make.add(Unit(community_id=world.community, name=name))


def days(world: World) -> list[date]:
    """Return from when the standings of the volunteer hold."""
    return [each.from_day for each in queries.standings(world.get()[1])]


def test_what_is_on_record_keeps_its_standing_and_the_words_name_the_first_free_day(world: World) -> None:
    for day in (date(2026, 10, 1), date(2026, 11, 15), TODAY):
        with pytest.raises(Invalid, match=FREE):
            change(world, day, paid=True)
    assert len(days(world)) == 1
    assert db.session.scalar(select(func.count(Proposal.id))) == 0


def test_a_change_without_a_reason_too_far_ahead_or_of_nothing_is_refused(world: World) -> None:
    for day, reason, said in (
        (TOMORROW, "  ", "reason"),
        (date(2031, 1, 1), "聘用", "too far ahead"),
        (TOMORROW, "聘用", "nothing to change"),
    ):
        with pytest.raises(Invalid, match=said):
            change(world, day, reason, paid=said != "nothing to change")
    assert len(days(world)) == 1


def test_another_unit_holds_at_once_and_paid_waits_for_a_second_person(world: World) -> None:
    here = unit(world)
    assert isinstance(change(world, unit=here), Standing)
    asked = change(world, unit=here, paid=True)
    assert isinstance(asked, Proposal)
    with pytest.raises(Conflict, match="still waits"):
        change(world)
    with pytest.raises(Conflict), transaction():
        proposals.agree(asked, db.session.get_one(User, world.coordinator))
    with transaction():
        proposals.agree(asked, second(world))
    last = queries.standings(world.get()[1])[-1]
    assert (last.paid, last.unit_id, last.reason) == (True, here.id, "聘为专职")
    assert (last.noted_by, last.agreed_by) == (world.coordinator, second(world).id)
    assert not queries.standing_on(world.get()[1], TODAY).paid


def test_what_came_on_record_before_the_second_person_agreed_is_not_touched(world: World) -> None:
    asked = change(world, paid=True)
    assert isinstance(asked, Proposal)
    make.set_clock("2026-11-27 09:00")
    with transaction():
        record(world.get()[1], db.session.get_one(ServiceKind, world.hair), TOMORROW, 30)
    with pytest.raises(Invalid, match="2026-11-27 or later"), transaction():
        proposals.agree(asked, second(world))
    with transaction():
        proposals.refuse(db.session.get_one(Proposal, asked.id), second(world), "日期过了")
    assert len(days(world)) == 1


def test_two_changes_of_one_day_and_back_and_forth_the_later_one_holds(world: World) -> None:
    first, other = unit(world), unit(world, "海边中学")
    for each in (first, other, None, first):
        change(world, unit=each)
    assert queries.standing_on(world.get()[1], TOMORROW).unit_id == first.id
    assert queries.standing_on(world.get()[1], TODAY).unit_id is None
    assert days(world)[1:] == [TOMORROW] * 4


def test_a_change_still_ahead_takes_effect_when_its_day_comes_and_none_is_noted_before_it(world: World) -> None:
    here, later = unit(world), TODAY + timedelta(days=20)
    change(world, later, unit=here)
    with pytest.raises(Invalid, match="2026-12-15"):
        change(world, TODAY + timedelta(days=10), unit=unit(world, "海边中学"))
    assert world.get()[1].unit_id is None
    make.set_clock("2026-12-15 00:10")
    with transaction():
        assert standing.follow_all() == 1
        assert standing.follow_all() == 0
    assert world.get()[1].unit_id == here.id


def test_a_dissolved_unit_keeps_its_months_and_takes_nobody_in(world: World) -> None:
    here = unit(world)
    change(world, unit=here)
    make.set_clock("2026-11-27 10:30")
    with transaction():
        record(world.get()[1], db.session.get_one(ServiceKind, world.hair), date(2026, 11, 27), 30)
    with pytest.raises(Invalid, match="2026-11-28 or later"), transaction():
        standing.dissolve(here, date(2026, 11, 27), "并校")
    with pytest.raises(Invalid, match="reason"), transaction():
        standing.dissolve(here, date(2026, 11, 28), " ")
    with transaction():
        assert standing.dissolve(here, date(2026, 11, 28), "并校") == 1
    with pytest.raises(Conflict), transaction():
        standing.dissolve(here, date(2026, 11, 29), "并校")
    with pytest.raises(Invalid, match="dissolved"):
        change(world, date(2026, 11, 29), unit=here)
    assert groups.group_month("unit", here, date(2026, 11, 1)).minutes == 30
    assert here in [each.group for each in groups.overview(world.community, date(2026, 11, 1))]
    assert here not in [each.group for each in groups.overview(world.community, date(2026, 12, 1))]
    assert queries.standing_on(world.get()[1], date(2026, 11, 28)).unit_id is None


def test_the_desk_shows_the_history_and_a_colleague_agrees(app: Flask, world: World, sign_in_as: Callable[..., Browser]) -> None:
    desk, colleague = (sign_in_as(Role.COORDINATOR, community_id=world.community) for _ in range(2))
    here = unit(world).id
    page = f"/volunteers/{world.volunteer}/standing"
    assert "2026年11月26日" in desk.get(page).text.replace(" ", "") or "11月26日" in desk.get(page).text
    assert desk.send(page, from_day="2026-11-25", paid="1", reason="聘用").status_code == 422
    assert desk.send(page, from_day="2026-11-26", paid="1").status_code == 422
    assert desk.send(page, from_day="2026-02-30", paid="1", reason="聘用").status_code == 422
    assert desk.send(page, from_day="2026-11-26", unit=str(here), reason="调到小学").status_code == 303
    assert desk.send(page, from_day="2026-12-01", unit=str(here), paid="1", reason="聘为专职").status_code == 303
    assert "等第二个人核准" in desk.get(page).text
    forget_reads()
    (waits,) = db.session.scalars(select(Proposal).where(Proposal.kind == Kind.STANDING))
    assert "2026-12-01" in colleague.get("/proposals").text
    assert desk.send(f"/proposals/{waits.id}/agree").status_code == 409
    assert colleague.send(f"/proposals/{waits.id}/agree").status_code == 303
    shown = desk.get(f"/volunteers/{world.volunteer}").text
    assert "聘为专职" in shown
    assert "调到小学" in shown
    edited = desk.get(f"/volunteers/{world.volunteer}/edit").text
    assert 'name="staff"' not in edited
    assert 'name="unit"' not in edited
    assert desk.get("/volunteers/units").status_code == 200
    assert desk.send(f"/volunteers/units/{here}", from_day="2026-11-20", reason="并校").status_code == 422
    assert desk.send(f"/volunteers/units/{here}", from_day="2026-12-02", reason="并校").status_code == 303
    assert "起撤销" in desk.get("/volunteers/units").text


FORGED = {
    "a standing over what is on record": "INSERT INTO standing (volunteer_id, from_day, paid, collective, reason, noted_at)"
    " VALUES (1, '2026-11-01', true, false, 'x', '2026-11-25 00:00:00')",
    "a standing before another": "INSERT INTO standing (volunteer_id, from_day, paid, collective, reason, noted_at)"
    " VALUES (1, '2026-11-27', false, false, 'x', '2026-11-25 00:00:00')",
    "paid by one": "INSERT INTO standing (volunteer_id, from_day, paid, collective, reason, noted_at, noted_by)"
    " VALUES (1, '2026-12-15', true, false, 'x', '2026-11-25 00:00:00', 1)",
    "agreed by oneself": "INSERT INTO standing (volunteer_id, from_day, paid, collective, reason, noted_at, noted_by, agreed_by)"
    " VALUES (1, '2026-12-15', true, false, 'x', '2026-11-25 00:00:00', 1, 1)",
    "no reason": "INSERT INTO standing (volunteer_id, from_day, paid, collective, reason, noted_at)"
    " VALUES (1, '2026-12-15', false, false, '', '2026-11-25 00:00:00')",
    "an earlier day": "UPDATE standing SET from_day = '2026-01-01'",
    "gone": "DELETE FROM standing",
    "shown and never noted": "UPDATE volunteer SET staff = true",
    "a record becomes paid": "UPDATE service_record SET paid = true",
    "a record changes its unit": "UPDATE service_record SET unit_id = 1",
    "a record leaves its team": "DELETE FROM record_team",
    "a record joins a team": "INSERT INTO record_team (record_id, team_id) VALUES (1, 2)",
    "in a team since ever": "INSERT INTO team_member (team_id, volunteer_id, joined) VALUES (2, 1, '2026-01-01')",
    "out of a team since ever": "UPDATE team_member SET \"left\" = '2026-10-02'",
    "never in a team": "DELETE FROM team_member",
    "another name of a unit": "UPDATE unit SET name = '别的'",
    "another name of a team": "UPDATE team SET name = '别的'",
}


def test_no_statement_of_an_insider_moves_what_somebody_was(both: Flask) -> None:
    world = served_world(both, in_team(date(2026, 10, 1)))
    with both.app_context():
        with transaction():
            here = make.add(Unit(community_id=world.community, name="松坡小学"))
            make.make_standing(world.get()[1], date(2026, 12, 10), unit_id=here.id)
            actions.add_team(world.community, "理发队")
        for statement in FORGED.values():
            with pytest.raises(IntegrityError), transaction():
                db.session.execute(text(statement))


def test_a_record_is_only_written_with_the_standing_of_its_day(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            made = record(world.get()[1], db.session.get_one(ServiceKind, world.hair), TODAY, 20, start=1000).id
        columns = [
            each.name for each in ServiceRecord.__table__.columns if each.name not in {"id", "transfer_seq", "paid", "version", "current"}
        ]
        listed = ", ".join(columns)
        with pytest.raises(IntegrityError, match="standing of its day"), transaction():
            db.session.execute(
                text(
                    f"INSERT INTO service_record ({listed}, version, current, paid) SELECT {listed}, 2, false, true"
                    " FROM service_record WHERE id = :made"
                ),
                {"made": made},
            )


def test_a_filled_database_of_before_takes_what_was_noted_and_every_record_with_it(both: Flask) -> None:
    world = served_world(both, in_team(date(2026, 10, 25)))
    with both.app_context():
        with transaction():
            here = make.add(Unit(community_id=world.community, name="松坡小学")).id
            staff = make.make_volunteer(world.get()[0], "邵长青", staff=True, unit_id=here).id
            record(db.session.get_one(Volunteer, staff), db.session.get_one(ServiceKind, world.hair), date(2026, 10, 9), 61)
            counted = db.session.scalar(select(func.count(ServiceRecord.id)))
        db.session.remove()
        before = ScriptDirectory.from_config(schema._config()).get_revision("0012").down_revision
        command.downgrade(schema._config(), str(before))
        names = {each["name"] for each in inspect(db.engine).get_columns("service_record")}
        assert names.isdisjoint({"paid", "collective"})
        schema.upgrade()
        forget_reads()
        (opening,) = queries.standings(db.session.get_one(Volunteer, staff))
        assert (opening.paid, opening.unit_id, opening.reason) == (True, here, "")
        kept = db.session.scalars(select(ServiceRecord).order_by(ServiceRecord.id)).all()
        assert len(kept) == counted
        assert [(each.paid, each.unit_id, [team.name for team in each.teams]) for each in kept] == [
            (False, None, []),
            (False, None, ["松坡送餐队"]),
            (False, None, ["松坡送餐队"]),
            (True, here, []),
        ]
        assert schema.is_current()


def test_the_database_takes_every_kind_of_proposal_the_code_knows(both: Flask) -> None:
    world = served_world(both)
    (wanted,) = (each for each in Proposal.__table__.constraints if isinstance(each, CheckConstraint) and each.name == "ck_proposal_kind")
    assert wanted is not None
    with both.app_context(), transaction():
        for kind in Kind:
            asked = {"sealed_terms": "{}", "reason": "x", "proposed_by": world.coordinator, "proposed_at": make.clock.now()}
            make.add(Proposal(community_id=world.community, kind=kind, subject=f"volunteer:{world.volunteer}", **asked))


def test_whoever_is_noted_as_something_else_hears_of_it_once_it_is_agreed(world: World) -> None:
    with transaction():
        world.get()[1].has_phone = True
    asked = change(world, paid=True)
    assert isinstance(asked, Proposal)
    heard = select(Notice.text).where(Notice.template == "standing")
    assert db.session.scalars(heard).all() == []
    with as_user(second(world).id), transaction():
        proposals.agree(asked, second(world))
    (text_,) = db.session.scalars(heard).all()
    assert "起你的登记改了：专职、个人、没有单位。以前的记录不变。" in text_
