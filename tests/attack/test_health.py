"""The two addresses that a watchman asks: is the process alive, and can it serve."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.browser import build, open_browser
from timebank import health, schema
from timebank.db import db


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


def test_a_database_that_cannot_be_reached_is_told_in_one_word_and_asked_by_nobody_else(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
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
