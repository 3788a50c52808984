"""The two addresses that a watchman asks: is the process alive, and can it serve."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.browser import Browser, build, open_browser
from tests.builders import make_community
from timebank import health, schema
from timebank.access.models import Role
from timebank.db import db, transaction


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
