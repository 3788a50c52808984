"""Every door of the API: in the one table with its scope, shut to everybody else, and no row of anybody else's behind it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.access.addresses import address, methods, programs
from tests.api.bodies import BODIES, ROWS, WORDS, filled
from tests.api.conftest import path_of
from tests.api.program import Program, program_of
from tests.attack.test_strangers import stored
from tests.attack.town import Town
from timebank.access.models import Role
from timebank.access.policy import POLICY, allows, scope_of
from timebank.access.tokens import Scope
from timebank.api.edge import ONCE
from timebank.api.spec import document_of
from timebank.api.words import SENTENCES

REACHED = 204
READS = {"GET"}
WHO = ("coordinator", "inspector", "canteen", "steward", "building_lead", "team_lead", "street_officer", "admin", "one", "family")
ROLES = {"one": Role.VOLUNTEER}
NOTHING_THERE = {("one", "api_service.my_visit"), ("family", "api_places.stations")}
"""A volunteer who follows no elder's visit, and a family of no community yet."""


@pytest.fixture
def bare(app: Flask) -> Flask:
    """Give the service with every door of the API replaced by a bare answer, so that only the door is asked."""
    for endpoint in app.view_functions:
        if endpoint.startswith("api_"):
            app.view_functions[endpoint] = lambda **_values: ("", REACHED)
    return app


def test_every_door_stands_in_the_table_with_its_scope(app: Flask) -> None:
    """A door that nobody listed is shut to everybody; reading wants the scope to read or more, changing never that alone."""
    found = {rule.endpoint: set(methods(rule)) for rule in programs(app)}
    assert sorted(found.keys() ^ {each for each in POLICY if each.startswith("api_")}) == []
    assert [each for each, ways in found.items() if scope_of(each) is None or (not ways <= READS and scope_of(each) is Scope.READ)] == []


def test_every_change_counts_once(app: Flask) -> None:
    """What is sent twice under one key has one effect: each changing door is wrapped so, no reading one is."""
    wrong = [
        rule.endpoint
        for rule in programs(app)
        if getattr(app.view_functions[rule.endpoint], ONCE, False) is bool(set(methods(rule)) <= READS)
    ]
    assert wrong == []


def test_the_description_has_every_door_and_no_other(app: Flask) -> None:
    with app.test_request_context():
        said = document_of(app)
    described = {
        (path, method.upper()) for path, ways in said["paths"].items() for method, operation in ways.items() if isinstance(operation, dict)
    }
    real = {(path_of(rule), way) for rule in programs(app) for way in methods(rule)}
    assert described == real
    assert SENTENCES.keys() == {rule.endpoint for rule in programs(app)}
    assert said["openapi"] == "3.1.0"


def test_each_role_reaches_exactly_what_the_table_says(bare: Flask, town: Town) -> None:
    """Every role at every door; whom it opens to not without the scope that the door wants, and to nobody with a token that is none."""
    stranger = Program(bare, "tb_x")
    wrong = [
        ("nobody", rule.endpoint, way, 0)
        for rule in programs(bare)
        for way in methods(rule)
        if stranger.call(way, address(bare, rule)).status_code != 401
    ]
    for who in WHO:
        role, place = ROLES.get(who) or Role(who), town.community if who == "admin" else None
        whole = program_of(bare, town.users[who], place=place)
        without = {scope: program_of(bare, town.users[who], [each for each in Scope if each is not scope], place) for scope in Scope}
        for rule in programs(bare):
            scope = scope_of(rule.endpoint)
            assert scope is not None
            for way in methods(rule):
                path, opens = address(bare, rule), allows(rule.endpoint, role)
                reached = whole.call(way, path).status_code
                if reached != (REACHED if opens else 403) or (opens and without[scope].call(way, path).status_code != 403):
                    wrong.append((who, rule.endpoint, way, reached))
    assert wrong == []


def test_a_door_missing_from_the_table_is_shut_even_to_an_admin(bare: Flask, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(bare, town.users["admin"], place=town.community)
    assert program.get("/me").status_code == REACHED
    monkeypatch.delitem(POLICY, "api_places.me")
    assert program.get("/me").status_code == 403


def addresses(app: Flask, town: Town) -> Iterator[tuple[Rule, str, str]]:
    """Give every address that names a row, with the rows of a town."""
    for rule in programs(app):
        known = rule.arguments & ROWS.keys()
        assert rule.arguments <= ROWS.keys() | WORDS.keys(), f"{rule.endpoint} has a part that no attack is written for: {rule.arguments}"
        if known:
            values: dict[str, Any] = {name: town.rows[ROWS[name]] if name in ROWS else WORDS[name] for name in rule.arguments}
            for way in methods(rule):
                yield rule, way, address(app, rule, **values)


def test_nobody_reaches_a_row_of_another_community(app: Flask, towns: tuple[Town, Town]) -> None:
    """Whatever number stands in an address or a body, rows of another community are not there: nothing is shown, nothing is changed."""
    mine, theirs = towns
    before = stored(app)
    wrong = []
    for who in ("coordinator", "inspector", "street_officer", "one", "family"):
        program = program_of(app, mine.users[who])
        for rule, way, path in addresses(app, theirs):
            body = filled(BODIES.get(rule.endpoint, {}), theirs)
            answer = program.get(path) if way == "GET" else program.send(path, body, method=way, headers={"If-Match": "*"})
            leaks = [name for name, words in theirs.secrets.items() if words in answer.text]
            if leaks or answer.status_code not in {403, 404, 422}:
                wrong.append((who, rule.endpoint, way, answer.status_code, leaks))
    assert wrong == []
    assert stored(app) == before


def test_what_is_read_names_nobody_of_another_community(app: Flask, towns: tuple[Town, Town]) -> None:
    """Every list and every row of one's own, read by each role for the words of the other town."""
    mine, _theirs = towns
    wrong = []
    for who in WHO:
        program = program_of(app, mine.users[who], place=mine.community if who == "admin" else None)
        for rule in programs(app):
            if methods(rule) == ["GET"]:
                values = {name: mine.rows[ROWS[name]] if name in ROWS else WORDS[name] for name in rule.arguments}
                answer = program.get(address(app, rule, **values))
                if "乙" in answer.text and rule.endpoint != "api_places.communities":
                    wrong.append((who, rule.endpoint))
    assert wrong == []


def test_every_list_and_row_is_shown_as_it_is_described(app: Flask, town: Town, conforms: Callable[..., list[str]]) -> None:
    wrong = []
    for who in ("coordinator", "one", "family"):
        program = program_of(app, town.users[who])
        for rule in programs(app):
            if "GET" in methods(rule) and allows(rule.endpoint, ROLES.get(who) or Role(who)):
                path = address(app, rule, **{name: town.rows[ROWS[name]] if name in ROWS else WORDS[name] for name in rule.arguments})
                answer = program.get(path)
                if answer.status_code != 200 and (who, rule.endpoint) not in NOTHING_THERE:
                    wrong.append((who, path, answer.status_code, answer.text[:200]))
                wrong += [(who, path, 200, said) for said in conforms(rule, "GET", answer)]
    assert wrong == []
