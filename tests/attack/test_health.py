"""The two addresses that a watchman asks: is the process alive, and can it serve."""

import contextlib
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from tests.browser import Browser, build, open_browser
from tests.builders import make_community
from timebank import health, schema
from timebank.access.models import Role
from timebank.db import db, sqlite_driver, transaction


def test_a_service_on_a_current_database_is_alive_and_ready(both: Flask) -> None:
    watchman = open_browser(both)
    for path, word in (("/healthz", "alive"), ("/readyz", "ready")):
        answer = watchman.get(path)
        assert (answer.status_code, answer.json) == (200, {"status": word})
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.headers.getlist("Set-Cookie")


def test_a_service_on_an_empty_database_is_alive_but_not_ready(tmp_path: Path) -> None:
    service = build(tmp_path)
    watchman = open_browser(service)
    assert watchman.get("/healthz").status_code == 200
    answer = watchman.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "missing": "schema"})
    assert answer.headers["Retry-After"]
    with service.app_context():
        db.engine.dispose()


def test_a_database_that_cannot_be_reached_is_told_in_one_word_and_asked_by_nobody_else(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> bool:
        raise OperationalError("SELECT secret", {}, Exception("/somewhere/timebank.db"))

    watchman = open_browser(app)
    watchman.set_cookie("timebank-user", "a-token-that-would-be-looked-up")
    monkeypatch.setattr(schema, "is_current", gone)
    answer = watchman.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "missing": "database"})
    monkeypatch.setattr("timebank.access.queries.live_session", gone)
    assert watchman.get("/healthz").status_code == 200


def test_write_ahead_logging_on_a_faulty_sqlite_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context(), db.engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    monkeypatch.setattr(health, "wal_is_safe", lambda _version: False)
    answer = open_browser(app).get("/readyz")
    assert answer.status_code == (503 if journal == "wal" else 200)


def test_a_database_that_fails_in_the_middle_is_told_in_words_and_keeps_what_was_typed(
    app: Flask, sign_in_as: Callable[..., Browser]
) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    with app.app_context(), transaction():
        make_community()
    assert browser.get("/requests").status_code == 200
    with app.app_context(), transaction():
        db.session.execute(text("ALTER TABLE help_request RENAME TO lost"))
    for answer in (browser.get("/requests"), browser.send("/requests/1/decline", reason="人手不够")):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "系统正忙" in answer.text
        assert "help_request" not in answer.text
    assert "人手不够" in answer.text


def test_a_fault_of_ours_shows_no_trace_and_keeps_what_was_typed(app: Flask, client: Browser) -> None:
    def fault(**_values: str) -> str:
        raise RuntimeError("SECRET-OF-THE-PROGRAM")

    app.view_functions["family.fill"] = fault
    app.testing = False
    answer = client.send("/ask/HAIR", for_name="吕奶奶")
    assert answer.status_code == 500
    assert "SECRET" not in answer.text
    assert "Traceback" not in answer.text
    assert "吕奶奶" in answer.text


def _again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk be tried at once."""
    monkeypatch.setattr(health, "TRIED_EACH", 0.0)


def test_a_database_that_another_program_holds_is_not_ready_and_comes_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchman is answered within a second or two, not after the twelve a person would wait."""
    _again(monkeypatch)
    watchman = open_browser(app)
    file = app.extensions["timebank"].database.removeprefix("sqlite:///")
    with contextlib.closing(sqlite_driver().connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        answer = watchman.get("/readyz")
        assert (answer.status_code, answer.json) == (503, {"status": "not ready", "missing": "database"})
        assert time.monotonic() - begun < 4
        other.execute("ROLLBACK")
    assert watchman.get("/readyz").status_code == 200


def test_a_full_disk_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may not grow any more, as on a full disk."""
    _again(monkeypatch)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        answer = open_browser(app).get("/readyz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handled)
    assert answer.status_code == 503
    assert answer.json["missing"] in {"room", "database"}  # type: ignore[index] # whoever writes first
    assert open_browser(app).get("/readyz").status_code == 200


def test_a_disk_with_hardly_any_room_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _again(monkeypatch)
    monkeypatch.setattr(health, "LEAST_ROOM", 2**62)
    assert open_browser(app).get("/readyz").json == {"status": "not ready", "missing": "room"}


def test_a_database_that_may_only_be_read_is_not_ready(both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _again(monkeypatch)
    watchman = open_browser(both)
    with both.app_context():
        engine, spoil = db.engine, _query_only if db.engine.dialect.name == "sqlite" else _only_read
    event.listen(engine, "connect", spoil)
    engine.dispose()
    try:
        answer = watchman.get("/readyz")
    finally:  # the next test has the same app
        event.remove(engine, "connect", spoil)
        engine.dispose()
    assert answer.status_code == 503
    assert answer.json["missing"] in {"writing", "database"}  # type: ignore[index]


def _query_only(connection: Any, _record: object) -> None:
    """Make a connection of SQLite's one that may only read."""
    connection.execute("PRAGMA query_only=ON")


def _only_read(connection: Any, _record: object) -> None:
    """Make a connection of PostgreSQL's one that may only read."""
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def test_however_often_somebody_asks_the_disk_is_tried_once_in_a_while(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(health, "_try_to_write", tried.append)
    monkeypatch.setattr(health, "TRIED_EACH", 60.0)
    for _ in range(20):
        assert open_browser(app).get("/readyz").status_code == 200
    assert len(tried) == 1
