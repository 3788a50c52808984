"""Five thousand calls that a stranger's tool makes up from the description, by every role: no fault, nothing undescribed, no other shape."""

import itertools
import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings

from tests.api.program import token_for
from tests.attack.town import Town

WHO = ("coordinator", "admin", "inspector", "street_officer", "steward", "team_lead", "building_lead", "canteen", "one", "family")
CALLS = 5_000
KEYS = itertools.count(1)


@pytest.mark.long  # a quarter of an hour; the tool is the extra "fuzz", a short run of our own stands beside it in every run
def test_five_thousand_made_up_calls_are_answered_as_described(app: Flask, town: Town) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

    app.testing = False
    checks = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [each.ok() for each in schema.get_all_operations()]
    tokens = {who: token_for(app, town.users[who], place=town.community if who == "admin" else None) for who in WHO}
    each_one = -(-CALLS // (len(operations) * len(WHO)))
    counted: dict[int, int] = {}
    wrong: list[str] = []

    def answered(case: Any, who: str) -> None:
        case.headers = {
            **(case.headers or {}),
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {tokens[who]}",
            "Idempotency-Key": f"made-up-{next(KEYS):07d}",
        }
        answer = case.call()
        counted[answer.status_code] = counted.get(answer.status_code, 0) + 1
        try:
            case.validate_response(answer, checks=checks)
        except AssertionError as error:
            wrong.append(f"{who} {case.method} {case.formatted_path} {answer.status_code}: {str(error)[:400]}")

    chosen = settings(
        max_examples=each_one,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation, who in itertools.product(operations, WHO):
        chosen(given(case=operation.as_strategy())(caller(answered, who)))()
    sys.stdout.write(f"{sum(counted.values())} calls: {sorted(counted.items())}\n")
    assert wrong == []
    assert sum(counted.values()) >= CALLS * 0.95


def caller(answered: Callable[[Any, str], None], who: str) -> Callable[..., None]:
    """Return what one role sends, as the tool calls it."""

    def call(case: Any) -> None:
        answered(case, who)

    return call
