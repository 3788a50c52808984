"""The backup that the service makes every night by itself: once a night, checked, the oldest let go, and its age for an administrator."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests import databases
from tests.browser import Browser, build
from tests.conftest import migrated
from timebank import clock
from timebank.access.models import Role
from timebank.safekeeping import actions, nightly
from timebank.safekeeping.queries import last_backup

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=clock.ZONE)


@pytest.mark.parametrize(
    ("ago", "hour", "due"),
    [(None, 14, True), (24, 1, True), (25, 14, False), (24, 5, True), (10, 1, False), (37, 14, True), (23, 6, False)],
)
def test_one_a_night_and_by_day_only_when_a_night_was_missed(ago: int | None, hour: int, due: bool) -> None:
    now = NOW.replace(hour=hour)
    assert nightly.is_due(None if ago is None else now - timedelta(hours=ago), now) is due


@pytest.fixture
def office(folder: Path, tmp_path: Path) -> Flask:
    """Give an office that names a folder for its backups."""
    (tmp_path / "kept").mkdir()
    url = databases.fresh_database("sqlite", migrated, folder=folder)
    return build(tmp_path / "office", database_url=url, backup_folder=str(tmp_path / "kept"), backups_kept=2)


def test_it_is_made_once_and_only_our_oldest_go(office: Flask, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    old = [kept / f"timebank-2026010{day}-013000.zip" for day in (1, 2, 3)]
    for each in (*old, kept / "timebank-of-the-year.zip", kept / "notes.txt"):
        each.write_bytes(b"x")
    nightly.keep(office)
    nightly.keep(office)
    left = sorted(each.name for each in kept.iterdir() if not each.name.startswith("."))
    assert {"notes.txt", "timebank-of-the-year.zip", old[2].name} < set(left)
    assert len(left) == 4
    (made,) = [kept / name for name in left if nightly.OURS.fullmatch(name) and name > "timebank-20260104"]
    assert actions.look_into(made).facts.is_sound
    with office.app_context():
        assert last_backup() is not None


def test_what_hinders_it_stops_nothing_else(office: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kept").rmdir()
    nightly.keep(office)
    assert "no backup: There is no folder" in caplog.text


def test_without_a_folder_nothing_is_made(app: Flask) -> None:
    nightly.keep(app)
    with app.app_context():
        assert last_backup() is None


def test_an_administrator_reads_when_the_last_one_was_made(
    app: Flask, sign_in_as: Callable[..., Browser], tmp_path: Path, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = sign_in_as(Role.ADMIN)
    assert "还没有做过备份" in admin.get("/office/first-day").text
    monkeypatch.setitem(app.extensions, "timebank", replace(app.extensions["timebank"], backup_folder=str(tmp_path)))
    nightly.keep(app)
    page = admin.get("/office/first-day").text
    assert "最近一次备份" in page
    assert "该备份了" not in page
    later(days=3)
    assert "该备份了" in sign_in_as(Role.ADMIN).get("/office/first-day").text
