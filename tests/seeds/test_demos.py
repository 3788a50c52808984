"""Each community's demo plays from its workbooks to a certificate and shows itself; its rehearsal breaks nothing."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from timebank.app import create_app
from timebank.cli import main
from timebank.config import Settings
from timebank.db import db
from timebank.demo.doors import doors
from timebank.demo.playing import STORIES
from timebank.places.models import Community
from timebank.visits.models import ServiceRecord


def run(*command: str) -> str:
    """Run a command that must end well and return what it said."""
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", ["cangnan", "jiuquanlu"])
def test_a_community_plays_its_own_week_and_says_who_can_sign_in(tmp_path: Path, name: str) -> None:
    said = run("demo", "--community", name, "--no-serve", "--seconds", "4", "--folder", str(tmp_path / name))
    assert "The ledger is whole" in said
    assert "re-planning" in said
    story = STORIES[name]
    app = create_app(Settings.load(instance=str(tmp_path / name), demo=True))
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
