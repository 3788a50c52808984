"""Every verb the code notes has its words, and so have the fields and values it may say of people, needs and visits."""

import ast
import functools
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from timebank.access.models import Role
from timebank.audit import DERIVED, LOOKED, REFUSED
from timebank.certificates.models import CertificateState
from timebank.db import Base
from timebank.elders.models import ElderState
from timebank.oversight import tracing, words
from timebank.paths import PACKAGE
from timebank.stars.models import StarState, Verdict
from timebank.visits.models import Pattern, RequestState, VisitState
from timebank.volunteers.models import Gender, Travel

ROWS = {
    "elder": "elder",
    "home": "household",
    "volunteer": "volunteer",
    "user": "user",
    "request": "help_request",
    "former": "user",
    "club": "club",
    "community": "community",
    "post": "post",
    "building": "building",
    "canteen": "canteen",
}
WORKED_OUT = {
    "masked_kind": {"volunteer", "elder", "user"},
    "state.value": {CertificateState.REVOKED.value, CertificateState.REPLACED.value},
    "ended.value": {StarState.GRANTED.value, StarState.DECLINED.value},
    "verdict.value": {Verdict.KEEP.value, Verdict.WITHDRAW.value, Verdict.BAR.value},
}
EDITED = ("elder", "household", "volunteer", "user", "help_request")
IMPORTED = ("community", "building", "canteen", "station", "unit", "held_skill", "family_member")
NEVER_EDITED = {"id", "token", "account_id", "asked_by", "asked_at", "created_at", "urgent", "closed_at", "source", "reason"} | {
    "decided_by", "decided_at", "for_name", "for_address", "volunteer_id", "slug"
}  # fmt: skip
SHOWN = (Role, ElderState, RequestState, VisitState, Pattern, Travel, Gender)


def calls() -> Iterator[tuple[str, str, ast.expr, ast.expr]]:
    """Give every place that notes something: where, by which function, the verb and the thing as they are written."""
    for path in sorted(Path(PACKAGE).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "audit":
                if called.attr in {"record", "changing", "handed_out"}:
                    yield f"{path.name}:{node.lineno}", called.attr, node.args[0], node.args[1]
                if called.attr == "refuse":
                    yield f"{path.name}:{node.lineno}", called.attr, ast.Constant(REFUSED), ast.Constant("user")
                if called.attr == LOOKED:
                    yield f"{path.name}:{node.lineno}", called.attr, ast.Constant(LOOKED), node.args[0]


def verbs(written: ast.expr) -> set[str]:
    """Return the verbs that an expression may be."""
    if isinstance(written, ast.Constant):
        return {str(written.value)}
    if isinstance(written, ast.IfExp):
        return verbs(written.body) | verbs(written.orelse)
    return WORKED_OUT[ast.unparse(written)]


@functools.cache
def noted() -> frozenset[str]:
    """Return every deed that the code notes: verb and thing."""
    found = set()
    for _where, how, verb, thing in calls():
        if isinstance(verb, ast.JoinedStr):
            continue  # an import, of any kind of thing: its words are made of two
        subjects = {ROWS[ast.unparse(thing)]} if how == "changing" else verbs(thing)
        found |= {f"{each} {subject}" for each in verbs(verb) for subject in subjects}
    return frozenset(found)


def test_every_deed_the_code_notes_has_its_words_and_no_other() -> None:
    assert len(noted()) > 100
    assert sorted(noted() ^ words.DEEDS.keys()) == []


def test_every_deed_says_something_of_its_own_in_both_languages() -> None:
    for (zh, en), group in words.DEEDS.values():
        assert zh
        assert en.isascii()
        assert group in words.GROUPS
    assert len({each[0] for each in words.DEEDS.values()}) == len(words.DEEDS)


@pytest.mark.parametrize("name", [*EDITED, *IMPORTED])
def test_every_field_that_may_be_named_has_its_words(name: str) -> None:
    fields = {column.name for column in Base.metadata.tables[name].columns} - DERIVED - NEVER_EDITED
    assert sorted(fields - words.FIELDS.keys()) == []
    assert name in words.THINGS


@pytest.mark.parametrize("kind", SHOWN)
def test_every_choice_that_may_be_shown_has_its_words(kind: type[StrEnum]) -> None:
    assert sorted({each.value for each in kind} - words.VALUES.keys()) == []


def test_every_thing_with_a_number_leads_to_a_community() -> None:
    subjects = {deed.split()[1] for deed in noted()} - {"audit", "catalogue", "calendar", "sign_in_code", "database", "keys"}
    lost = {
        each
        for each in subjects
        if tracing.table_name(each) != "community" and tracing._way(tracing.table_name(each), "community_id") is None
    }
    assert lost == set()
