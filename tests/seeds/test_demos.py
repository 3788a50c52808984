"""Each community's demo plays from its workbooks to a certificate and shows itself; its rehearsal breaks nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from timebank import clock
from timebank.app import create_app
from timebank.audit import AuditRow
from timebank.cases.models import CasePaper, Consent, Door, Heard, Level, PaperFate, Sort, State, Ticket
from timebank.cases.models import Outcome as TicketOutcome
from timebank.cases.registers import Club, GiftPlace, GiftSort, Speciality
from timebank.cli import main
from timebank.config import Settings
from timebank.db import db
from timebank.demo.doors import doors
from timebank.demo.playing import STORIES
from timebank.demo.week import SERVED
from timebank.elders.models import Elder
from timebank.places.models import Community
from timebank.posts.models import Claim, Post
from timebank.posts.queries import streak
from timebank.stations.models import GONE, Attendance, CheckUp, Course, Item, Kind, Opening, ServiceSession, SessionState, Source, Turn
from timebank.visits.duties import Duty
from timebank.visits.models import HelpRequest, Offer, ServiceRecord
from timebank.visits.states import LIVE
from timebank.volunteers.models import Charge, Team, Unit, Volunteer


def run(*command: str) -> str:
    """Run a command that must end well and return what it said."""
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def played(folder: Path, name: str) -> Flask:
    """Play a demo, which ends with a sound ledger, and return the service that shows it."""
    said = run("demo", "--community", name, "--no-serve", "--seconds", "4", "--folder", str(folder / name))
    assert "The ledger is whole" in said
    assert "re-planning" in said
    return create_app(Settings.load(instance=str(folder / name), demo=True))


def shows_itself(app: Flask, name: str) -> None:
    """Everybody of the offices is named with a link, and every community has lived days on record."""
    story = STORIES[name]
    lines = "\n".join(doors(app, "http://here"))
    for office in story.offices:
        assert office.coordinator[0] in lines
        for _, (phone, _name) in office.others:
            assert phone in lines
    assert "volunteer asked" in lines
    assert "family" in lines
    lived = select(Community.slug, func.count(ServiceRecord.id)).join(ServiceRecord, ServiceRecord.community_id == Community.id)
    assert set(dict(db.session.execute(lived.group_by(Community.slug)).all())) == {office.slug for office in story.offices}


def count(*of: Any) -> int:
    """Return how many rows of a table meet some conditions."""
    table, *conditions = of
    return db.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def test_cangnan_seats_those_over_eighty_teaches_fifteen_crafts_and_answers_a_call_for_help_at_once(tmp_path: Path) -> None:
    app = played(tmp_path, "cangnan")
    with app.app_context():
        shows_itself(app, "cangnan")
        sittings = list(db.session.scalars(select(ServiceSession).where(ServiceSession.kind == Kind.SITTING)))
        assert {(each.seats, each.min_age) for each in sittings} == {(40, 80)}
        assert count(Attendance, Attendance.turn == Turn.SERVED, Attendance.session_id.in_([each.id for each in sittings])) > 40
        assert count(Course, Course.kind == Kind.CRAFT) == 15
        assert count(ServiceSession, ServiceSession.title == "老干部坐诊") == 1
        (urgent,) = db.session.scalars(select(HelpRequest).where(HelpRequest.urgent))
        assert urgent.closed_at is not None
        assert count(Team) == 6
        db.engine.dispose()


def test_jiuquanlu_takes_in_sorts_and_calls_back_and_a_quarrel_takes_four_meetings(tmp_path: Path) -> None:
    app = played(tmp_path, "jiuquanlu")
    with app.app_context():
        shows_itself(app, "jiuquanlu")
        assert count(Speciality) == 5
        page = app.test_client().get("/").get_data(as_text=True)
        shown = ("酒泉路街道", "5 个社区", "我的声音·你的眼睛", "三级调解", "75 位老人", "60 位志愿者")
        assert [each for each in shown if each not in page] == []
        names = [*db.session.scalars(select(Elder.name)), *db.session.scalars(select(Volunteer.name))]
        assert [each for each in names if each in page] == [], "counts, never a person"
        (quarrel,) = db.session.scalars(select(Ticket).where(Ticket.sort == Sort.MEDIATION))
        assert (len(quarrel.meetings), quarrel.level, quarrel.heard) == (4, Level.STREET, Heard.SATISFIED)
        papers = list(db.session.scalars(select(CasePaper)))
        assert len(papers) == 2 * 3
        assert all(each.fate is PaperFate.BACK for each in papers)
        assert count(Ticket, Ticket.door == Door.INFORMANT, Ticket.consent == Consent.GIVEN) == 1
        assert count(Ticket, Ticket.state == State.CLOSED, Ticket.heard.is_(None)) == 0
        assert {each.sort for each in db.session.scalars(select(GiftPlace))} == {GiftSort.BOOKS, GiftSort.FRIDGE}
        db.engine.dispose()


@pytest.mark.long
def test_binhu_plays_its_week_with_all_its_people(tmp_path: Path) -> None:
    app = played(tmp_path, "binhu")
    with app.app_context():
        shows_itself(app, "binhu")
        (crossing,) = db.session.scalars(select(Post).where(Post.name == "老乡长护学岗"))
        assert count(Post) - 1 == 1216
        assert count(Claim, Claim.shift_id.not_in([each.id for each in crossing.shifts])) == 1216
        assert len(set(db.session.scalars(select(Post.building_id).where(Post.building_id.is_not(None))))) == 189
        assert len({each.volunteer_id for shift in crossing.shifts for each in shift.holders}) == 38
        clock.clock.start_at(SERVED)
        assert streak(crossing) > 800
        noon = (Offer.start + 30 > 11 * 60 + 20, Offer.start < 12 * 60, Offer.state.in_(LIVE), Duty.title == crossing.name)
        both = select(func.count()).select_from(Offer).join(Duty, (Duty.volunteer_id == Offer.volunteer_id) & (Duty.day == Offer.day))
        assert db.session.scalar(both.where(*noon)) == 0, "nobody carries noon meals from the crossing"
        assert count(Ticket, Ticket.sort == Sort.SUGGESTION) == 2352
        assert count(Ticket, Ticket.outcome == TicketOutcome.SETTLED) == 783
        assert count(ServiceSession) == 45
        assert db.session.scalar(select(func.sum(Club.members))) == 3853
        db.engine.dispose()


def test_badaguan_works_with_38_units_in_more_than_seventy_projects(tmp_path: Path) -> None:
    app = played(tmp_path, "badaguan")
    with app.app_context():
        shows_itself(app, "badaguan")
        assert count(Unit) == 38
        held = list(db.session.scalars(select(ServiceSession).where(ServiceSession.state == SessionState.CLOSED)))
        assert len(held) == 76
        assert {each.title.split(" · ")[0] for each in held} == set(db.session.scalars(select(Unit.name)))
        assert all(each.head_count for each in held)
        assert {"义诊", "浒苔清理"} <= {each.title.split(" · ")[1] for each in held}
        assert "一年一主题" in app.test_client().get("/").get_data(as_text=True)
        db.engine.dispose()


def test_in_xinhu_sixty_stand_in_a_queue_and_more_than_300_services_are_done(tmp_path: Path) -> None:
    app = played(tmp_path, "xinhu")
    lines = "\n".join(doors(app, "http://here"))
    assert "street officer" in lines
    assert "steward" in lines
    with app.app_context():
        turns = select(ServiceSession.id, func.count(Attendance.id)).join(Attendance).where(Attendance.turn == Turn.SERVED)
        queues = dict(db.session.execute(turns.where(ServiceSession.kind == Kind.HAIRCUT).group_by(ServiceSession.id)).all())
        assert max(queues.values()) == 60
        # Each of the sixty by three steps: come, called in, done.
        (longest,) = [number for number, served in queues.items() if served == 60]
        moves = select(AuditRow.detail).where(AuditRow.verb == "move", AuditRow.subject == "attendance")
        steps = [detail for detail in db.session.scalars(moves) if detail["session"] == longest]
        walked_in = sum(each.source is Source.WALK_IN for each in db.session.scalars(select(Attendance).filter_by(session_id=longest)))
        assert len(steps) == 3 * 60 - walked_in
        things, looked_at = count(Item, Item.progress.in_(GONE)), count(CheckUp, CheckUp.last_done.is_not(None))
        assert count(Attendance, Attendance.turn == Turn.SERVED) + things + looked_at > 300
        assert count(Ticket, Ticket.outcome == TicketOutcome.SETTLED) > 500
        assert len({each.station_id for each in db.session.scalars(select(Opening))}) == 10
        assert count(Charge, Charge.compound_id.is_not(None)) == 8, "one for every compound of the two communities"
        db.engine.dispose()


def test_a_community_nobody_has_data_for_is_refused_with_those_there_are() -> None:
    done = CliRunner().invoke(main, ["demo", "--community", "atlantis", "--no-serve"])
    assert done.exit_code == 2
    assert all(name in done.output for name in STORIES)


@pytest.mark.parametrize("name", ["jiuquanlu", pytest.param("cangnan", marks=pytest.mark.long)])
def test_a_week_rehearsed_on_each_community_breaks_nothing(tmp_path: Path, name: str) -> None:
    figures = tmp_path / "figures.json"
    run("rehearse", "--community", name, "--weeks", "1", "--folder", str(tmp_path / "copy"), "--json", str(figures))
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["broken"] == []
    assert int(re.sub(r"\D", "", str(found["events"]))) > 50
