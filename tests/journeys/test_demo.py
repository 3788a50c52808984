"""The one command a stranger tries first: it plays a community's week, verifies its books and says who can sign in."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from timebank.access.models import Role, User
from timebank.app import create_app
from timebank.cli import main
from timebank.config import Settings
from timebank.db import db, transaction
from timebank.demo.ground import clear, prepare
from timebank.demo.playing import COORDINATORS
from timebank.errors import Refusal
from timebank.places.models import Canteen
from timebank.visits.models import Offer, Round, Visit
from timebank.visits.states import LIVE
from timebank.volunteers.models import Volunteer


def test_the_demo_plays_a_week_and_its_books_are_whole(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = CliRunner().invoke(main, ["demo", "--no-serve", "--seconds", "4", "--folder", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "The ledger is whole" in done.output
    assert "re-planning" in done.output
    assert (folder / "timebank.db").exists()
    with create_app(Settings.load(instance=str(folder), demo=True)).app_context():
        rows = db.session.execute(
            select(func.sum(Visit.boxes), Volunteer.boxes, func.max(Offer.start + Visit.minutes) - Round.pickup, Canteen.hot)
            .select_from(Round)
            .join(Round.offers)
            .join(Offer.visit)
            .join(Round.volunteer)
            .join(Round.canteen)
            .where(Offer.state.in_(LIVE))
            .group_by(Round.id, Volunteer.boxes, Round.pickup, Canteen.hot)
        ).all()
        assert len(rows) > 30
        assert [row for row in rows if row[0] > row[1] or row[2] > row[3]] == []
        db.engine.dispose()


def test_an_earlier_demo_is_left_alone_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    clear(tmp_path, fresh=False, ask=lambda: False)
    (tmp_path / "secret.key").write_text("kept")
    assert not clear(tmp_path, fresh=False, ask=lambda: False)
    assert (tmp_path / "secret.key").exists()
    assert clear(tmp_path, fresh=True, ask=lambda: False)
    assert not (tmp_path / "secret.key").exists()


def test_a_folder_of_somebody_elses_is_never_cleared(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(Refusal):
        clear(tmp_path, fresh=True, ask=lambda: True)
    assert (tmp_path / "letters.txt").exists()


def test_the_folder_of_an_office_is_never_cleared(tmp_path: Path) -> None:
    for name in ("secret.key", "timebank.db"):
        (tmp_path / name).write_text("an office's")
    with pytest.raises(Refusal, match="left alone"):
        clear(tmp_path, fresh=True, ask=lambda: True)
    assert (tmp_path / "timebank.db").read_text() == "an office's"


def test_the_database_of_an_office_is_never_overwritten_by_a_demo(both: Flask) -> None:
    with both.app_context():
        with transaction():
            make.make_user(Role.COORDINATOR, make.make_community())
        with pytest.raises(Refusal, match="holds no demo"):
            prepare(COORDINATORS, fresh=True)
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_the_database_of_an_earlier_demo_is_overwritten_when_told_to(both: Flask) -> None:
    with both.app_context():
        with transaction():
            make.make_user(Role.COORDINATOR, make.make_community(), phone=min(COORDINATORS))
        with pytest.raises(Refusal, match="--fresh"):
            prepare(COORDINATORS, fresh=False)
        prepare(COORDINATORS, fresh=True)
        assert db.session.scalar(select(func.count()).select_from(User)) == 0
