"""What the service writes down: one line of JSON for each event, a number for each request, and never what a person wrote."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.browser import Browser
from timebank import logs
from timebank.access.models import Role
from timebank.db import db
from timebank.errors import Refusal

SECRET_WORD = "王秀英的门后有钥匙"


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Write down what happens, and give back the lines as they were read."""
    loggers = [logging.getLogger(name) for name in ("", "timebank", "waitress", "huey", "gunicorn.error")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    into = io.StringIO()
    logs.begin(logs.JSON, into)
    yield lambda: [json.loads(line) for line in into.getvalue().splitlines()]
    for each, handlers, level, propagate in before:
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)


def test_each_request_is_a_line_with_a_number_that_its_answer_carries(
    sign_in_as: Callable[..., Browser], written: Callable[[], list[dict[str, Any]]]
) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    answer = browser.get("/import?q=" + SECRET_WORD)
    (line,) = [each for each in written() if each.get("request") == answer.headers["X-Request-Id"]]
    assert line["page"] == "exchange.choose"
    assert (line["method"], line["status"], line["user"]) == ("GET", answer.status_code, browser.user)
    assert line["ms"] > 0
    assert SECRET_WORD not in json.dumps(written(), ensure_ascii=False)
    assert browser.get("/import").headers["X-Request-Id"] != answer.headers["X-Request-Id"]


def test_a_fault_is_written_with_where_it_was_and_without_what_it_says(
    app: Flask, written: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        try:
            int(SECRET_WORD)
        except ValueError as error:
            raise RuntimeError(SECRET_WORD) from error

    monkeypatch.setitem(app.view_functions, "health.alive", fail)
    monkeypatch.setattr(app, "testing", False)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    (fault,) = [each for each in written() if each["level"] == "error"]
    assert fault["request"] == answer.headers["X-Request-Id"]
    assert [line for line in fault["raised"] if not line.startswith(" ")] == ["RuntimeError", "ValueError"]
    assert any("test_logs.py" in line and line.endswith(" fail") for line in fault["raised"])
    assert SECRET_WORD not in json.dumps(written(), ensure_ascii=False)


def test_a_database_that_refuses_a_value_does_not_have_it_written_down(both: Flask) -> None:
    with both.app_context(), pytest.raises(IntegrityError) as refused:
        db.session.execute(
            db.text('INSERT INTO "user" (phone, name) VALUES (:phone, :name)'), {"phone": "13900001234", "name": SECRET_WORD}
        )
    assert SECRET_WORD not in str(refused.value).replace(str(refused.value.orig), "")
    assert SECRET_WORD not in "\n".join(logs.where_from(refused.value))


def test_words_have_the_number_too_and_no_other_form_is_taken() -> None:
    said = logs.Words().format(logging.LogRecord("timebank.x", logging.WARNING, "", 1, "run %s failed", (7,), None))
    assert said.endswith("WARNING timebank.x run 7 failed")
    with pytest.raises(Refusal, match="words or json"):
        logs.begin("xml")
