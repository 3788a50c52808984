"""The one command a stranger tries first: it begins in a folder of its own. What it plays is looked at in the stories."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.demo.ground import clear, prepare
from timebank.demo.playing import COORDINATORS
from timebank.errors import Refusal


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
