"""Each community's demo plays from its workbooks to a certificate and shows itself; its rehearsal breaks nothing."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from timebank.app import create_app
from timebank.audit import AuditRow
from timebank.cli import main
from timebank.config import Settings
from timebank.db import db
from timebank.demo.doors import doors
from timebank.demo.playing import STORIES
from timebank.places.models import Community
from timebank.stations.models import GONE, Attendance, CheckUp, Item, Kind, Opening, ServiceSession, Source, Turn
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Charge


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


@pytest.mark.parametrize("name", ["cangnan", "jiuquanlu", pytest.param("binhu", marks=pytest.mark.long)])
def test_a_community_plays_its_own_week_and_says_who_can_sign_in(tmp_path: Path, name: str) -> None:
    app = played(tmp_path, name)
    story = STORIES[name]
    lines = "\n".join(doors(app, "http://here"))
    for office in story.offices:
        assert office.coordinator[0] in lines
        for _, (phone, _name) in office.others:
            assert phone in lines
    assert "volunteer asked" in lines
    assert "family" in lines
    with app.app_context():
        lived = select(Community.slug, func.count(ServiceRecord.id)).join(ServiceRecord, ServiceRecord.community_id == Community.id)
        done = dict(db.session.execute(lived.group_by(Community.slug)).all())
        assert set(done) == {office.slug for office in story.offices}
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
        served = db.session.scalar(select(func.count()).select_from(Attendance).where(Attendance.turn == Turn.SERVED)) or 0
        things = db.session.scalar(select(func.count()).select_from(Item).where(Item.progress.in_(GONE))) or 0
        looked_at = db.session.scalar(select(func.count()).select_from(CheckUp).where(CheckUp.last_done.is_not(None))) or 0
        assert served + things + looked_at > 300
        assert len({each.station_id for each in db.session.scalars(select(Opening))}) == 10
        stewards = db.session.scalar(select(func.count()).select_from(Charge).where(Charge.compound_id.is_not(None)))
        assert stewards == 8, "one for every compound of the two communities"
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
