"""The town of the attacks, read and changed by programs, and answers compared with their description."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import builders as make
from tests.api.bodies import WORDS
from tests.api.program import Program, program_of
from tests.attack.town import Town, build_town
from timebank import audit, clock
from timebank.access.models import User
from timebank.api.spec import document_of
from timebank.db import db, transaction
from timebank.exchange.models import Upload
from timebank.exchange.report import Fate, Problem, Report
from timebank.hooks.models import Webhook
from timebank.planning.models import Plan, PlanRun, RunKind, RunState
from timebank.proposals.models import Proposal
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord


def whole_town(app: Flask, mark: str = "甲") -> Town:
    """Build a town with one of everything, a run of the engine and something that waits for a second person as well."""
    town = build_town(app, mark)
    with app.app_context(), transaction():
        audit.actor.set("system")
        plan = db.session.get_one(Plan, town.rows["plan"])
        by = db.session.get_one(User, town.users["admin"])
        asked = {"kind": RunKind.SOLVE, "state": RunState.FAILED, "input_version": 1, "seconds": 1, "asked_at": clock.now(), "progress": []}
        town.rows["run"] = make.add(PlanRun(plan_id=plan.id, **asked)).id
        waits = correct(db.session.get_one(ServiceRecord, town.rows["record"]), 41, f"{mark}多记一分", by)
        assert isinstance(waits, Proposal)
        town.rows["proposal"] = waits.id
        hook = {"url": "https://203.0.113.7/x", "events": ["volunteer.added"], "made_at": clock.now()}
        if mark == "甲":
            report = Report(files=["甲.xlsx"], problems=[Problem("甲.xlsx", "志愿者", 2, "手机", "甲", "A", "not_a_mobile")])
            report.count("志愿者", Fate.BAD)
            make.add(Upload(token=WORDS["token"], user_id=town.users["coordinator"], created_at=clock.now(), report=report.as_kept()))
        town.rows["webhook"] = make.add(Webhook(community_id=town.community, made_by=town.users["coordinator"], **hook)).id
    return town


@pytest.fixture
def town(app: Flask) -> Town:
    """Give a town with one of everything."""
    return whole_town(app)


@pytest.fixture
def towns(app: Flask) -> tuple[Town, Town]:
    """Give two towns that must know nothing of each other."""
    return whole_town(app, "甲"), whole_town(app, "乙")


@pytest.fixture
def desk(app: Flask, town: Town) -> Program:
    """Give a program of the coordinator."""
    return program_of(app, town.users["coordinator"])


@pytest.fixture
def conforms(app: Flask) -> Callable[..., list[str]]:
    """Return a function that says in what an answer is not as its door is described."""
    with app.test_request_context():
        said = document_of(app)

    def compared(rule: Rule, method: str, answer: TestResponse) -> list[str]:
        known = said["paths"][path_of(rule)][method.lower()]["responses"].get(str(answer.status_code))
        if known is None:
            return [f"{answer.status_code} is not described"]
        if answer.status_code not in {200, 201}:
            return []
        return list(differs(said, known["content"]["application/json"]["schema"], answer.get_json(), ""))

    return compared


def path_of(rule: Rule) -> str:
    """Return an address as the description writes it."""
    return rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")


def differs(said: dict[str, Any], shape: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    """Give in what a value is not of its shape."""
    if "$ref" in shape:
        shape = said["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in shape:
        tries = [list(differs(said, each, value, at)) for each in shape["anyOf"]]
        yield from [] if [] in tries else tries[0]
        return
    kinds = shape.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, KINDS[kind]) and not (kind != "boolean" and isinstance(value, bool)) for kind in kinds):
        yield f"{at}: {value!r} is no {kinds}"
        return
    if "enum" in shape and value not in shape["enum"]:
        yield f"{at}: {value!r} is none of {shape['enum']}"
    if isinstance(value, dict) and "properties" in shape:
        yield from (f"{at}.{name} is not described" for name in value.keys() - shape["properties"].keys())
        yield from (f"{at}.{name} is missing" for name in set(shape.get("required", ())) - value.keys())
        for name in value.keys() & shape["properties"].keys():
            yield from differs(said, shape["properties"][name], value[name], f"{at}.{name}")
    if isinstance(value, list) and "items" in shape:
        for each in value:
            yield from differs(said, shape["items"], each, f"{at}[]")


KINDS: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None),
}  # fmt: skip
