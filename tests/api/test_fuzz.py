"""Whatever a program sends, it is answered as described: drawn from the description itself, right and spoilt, by every role."""

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from tests.access.addresses import address, methods, programs
from tests.api.bodies import ROWS, WORDS
from tests.api.conftest import differs, path_of
from tests.api.program import Program, program_of
from tests.attack.town import Town
from timebank.access.models import Role
from timebank.access.policy import allows
from timebank.api.spec import document_of

WHO = {"coordinator": Role.COORDINATOR, "one": Role.VOLUNTEER, "family": Role.FAMILY, "inspector": Role.INSPECTOR}
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30), st.lists(st.integers(), max_size=3)
)


def drawn(said: dict[str, Any], shape: dict[str, Any], numbers: list[int]) -> st.SearchStrategy[Any]:
    """Return what draws values of a shape; whole numbers are often those of rows there are."""
    if "$ref" in shape:
        shape = said["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in shape:
        return st.one_of(*(drawn(said, each, numbers) for each in shape["anyOf"]))
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    if "properties" in shape:
        needed = set(shape.get("required", ()))
        fields = {name: drawn(said, each, numbers) for name, each in shape["properties"].items() if not each.get("readOnly")}
        must = {name: each for name, each in fields.items() if name in needed}
        return st.fixed_dictionaries(must, optional={name: each for name, each in fields.items() if name not in needed})
    kinds = shape.get("type", "string")
    return st.one_of(*(plain(said, {**shape, "type": kind}, numbers) for kind in ([kinds] if isinstance(kinds, str) else kinds)))


def plain(said: dict[str, Any], shape: dict[str, Any], numbers: list[int]) -> st.SearchStrategy[Any]:
    """Return what draws values of one type."""
    kind = shape["type"]
    if kind == "integer":
        return st.one_of(st.sampled_from(numbers), st.integers(shape.get("minimum", -5), shape.get("maximum", 2**31)))
    if kind == "array":
        return st.lists(drawn(said, shape["items"], numbers), max_size=3)
    if kind == "string" and shape.get("format") == "date":
        return st.sampled_from(["2026-11-25", "2026-11-30", "2026-12-02", "2027-02-28", "1999-01-01"])
    if kind == "string" and shape.get("format") == "date-time":
        return st.sampled_from(["2026-11-25T12:00:00+08:00", "2026-11-25T04:00:00Z"])
    if kind == "string":
        return st.from_regex(shape["pattern"], fullmatch=True) if "pattern" in shape else st.text(max_size=shape.get("maxLength", 40))
    return {"boolean": st.booleans(), "null": st.none(), "number": st.floats(allow_nan=False), "object": st.just({})}[kind]


def spoilt(body: Any, data: st.DataObject) -> Any:
    """Return a body with one thing that is not as described, or now and then something that is none at all."""
    if not isinstance(body, dict) or not body or data.draw(st.integers(0, 9)) == 0:
        return data.draw(JUNK)
    name = data.draw(st.sampled_from([*sorted(body), "surprise"]))
    return {**body, name: data.draw(JUNK)}


@pytest.fixture
def sent(app: Flask, town: Town) -> tuple[dict[str, Any], dict[str, Program], list[tuple[Rule, str]]]:
    """Give the description, a program of each role, and every way in."""
    app.testing = False
    with app.test_request_context():
        said = document_of(app)
    return said, {who: program_of(app, town.users[who]) for who in WHO}, [(rule, way) for rule in programs(app) for way in methods(rule)]


def test_whatever_is_sent_is_answered_as_described(app: Flask, town: Town, sent: Any) -> None:
    said, everybody, ways = sent
    numbers = sorted(set(town.rows.values()))

    @settings(max_examples=350, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def answered(data: st.DataObject) -> None:
        rule, way = data.draw(st.sampled_from(ways))
        who = data.draw(st.sampled_from([each for each in WHO if allows(rule.endpoint, WHO[each])] or ["coordinator"]))
        operation = said["paths"][path_of(rule)][way.lower()]
        parts = {name: town.rows[ROWS[name]] if name in ROWS else WORDS[name] for name in rule.arguments}
        if parts and data.draw(st.integers(0, 3)) == 0:
            parts |= {name: data.draw(st.integers(0, 2**31 - 1)) for name in parts if name in ROWS}
        asked = {
            each["name"]: data.draw(drawn(said, each["schema"], numbers))
            for each in operation.get("parameters", ())
            if each["in"] == "query" and data.draw(st.booleans())
        }
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        value = data.draw(drawn(said, body, numbers)) if body else None
        if body and data.draw(st.integers(0, 2)) == 0:
            value = spoilt(value, data)
        heads = {"Idempotency-Key": f"fuzz-{data.draw(st.integers(0, 10**9)):010d}", "If-Match": "*"}
        path = address(app, rule, **parts)
        sending = {"query_string": {name: _word(each) for name, each in asked.items() if each is not None}, "headers": heads}
        answer = everybody[who].call(way, path, **sending, **({"json": value} if body else {}))
        known = operation["responses"].get(str(answer.status_code))
        where = (way, path, asked, json.dumps(value, ensure_ascii=True), answer.status_code, answer.text[:300])
        assert answer.status_code < 500, where
        assert known is not None, where
        if answer.status_code < 300:
            shape = known["content"]["application/json"]["schema"]
            assert list(differs(said, shape, answer.get_json(), "")) == [], where
        else:
            assert answer.content_type == "application/problem+json", where

    answered()


def _word(value: Any) -> str:
    """Return a value as an address carries it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
