"""Papers written by a command: through whatever has the name, and a place that cannot be written is said in words."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.served import World
from timebank.cli import main
from timebank.db import db
from timebank.volunteers.models import Volunteer

Run = Callable[[str | Path], Result]


@pytest.fixture
def statement(app: Flask, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command that writes a volunteer's October."""
    with app.app_context():
        number = db.session.get_one(Volunteer, world.volunteer).number
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", str(app.config["SQLALCHEMY_DATABASE_URI"]))
    monkeypatch.setenv("TIMEBANK_INSTANCE", str(tmp_path))
    return lambda output: CliRunner().invoke(main, ["ledger", "statement", number, "--month", "2026-10", "-o", str(output)])


def test_a_link_and_a_pipe_stay_what_they_are(statement: Run, tmp_path: Path) -> None:
    link, pipe = tmp_path / "link.pdf", tmp_path / "pipe"
    link.symlink_to(tmp_path / "paper.pdf")
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert [statement(link).exit_code, statement(pipe).exit_code] == [0, 0]
    reader.join(10)
    assert link.is_symlink()
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert (tmp_path / "paper.pdf").read_bytes()[:5] == got[0][:5] == b"%PDF-"


def test_a_new_paper_keeps_to_the_umask(statement: Run, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert statement(tmp_path / "paper.pdf").exit_code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "paper.pdf").stat().st_mode) == 0o640


@pytest.mark.parametrize("place", ["/dev/full", "no/such/folder/paper.pdf"])
def test_a_place_that_cannot_be_written_is_said_in_words(statement: Run, place: str) -> None:
    done = statement(place)
    assert done.exit_code == 2
    assert "请用另一个文件名" in done.output
    assert "another file or folder" in done.output
