"""The formats as JSON Schema (draft 2020-12): what an editor or another program can check; what ids must name, the readers check."""

from typing import Any

from matching.files.plan_shape import REASONS
from matching.model import DAY, PLAN_FORMAT, WEEK_FORMAT

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID: Schema = {"type": "string", "minLength": 1}
MINUTE: Schema = {"type": "integer", "minimum": 0}
COUNT: Schema = {"type": "integer", "minimum": 0}
WEEKDAY: Schema = {"type": "integer", "minimum": 0, "maximum": 6}
AMOUNT: Schema = {"type": "number", "minimum": 0}
GENDER: Schema = {"enum": ["F", "M", None]}


def _maybe(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "null"}]}


def _list(of: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": of} | ({"minItems": least} if least else {})


def _row(*parts: Schema) -> Schema:
    return {"type": "array", "prefixItems": list(parts), "items": False, "minItems": len(parts)}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def week_schema() -> Schema:
    """Return the schema of a week, `timebank-week/1`."""
    pace: Schema = {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}}
    matrix: Schema = {"type": "object", "additionalProperties": _list(_list({"type": "integer"}))}
    made = _object(
        {
            "format": {"const": WEEK_FORMAT},
            "name": ID,
            "week_start": {"type": "string", "format": "date", "description": "a Monday"},
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
            "travel": {"oneOf": [_object({"detour": AMOUNT, "pace": pace}), _object({"minutes": matrix})]},
            "weights": _object(dict.fromkeys(("travel", "new_face", "fairness", "touched"), AMOUNT)),
            **_lists(),
        },
        {
            "pins": _list(_object({"visit": ID, "volunteers": _list(ID), "day": WEEKDAY, "start": _maybe(MINUTE)})),
            "apart": _list(_object({"visits": _row(ID, ID)}, {"people": {"type": "boolean"}, "gap": _maybe(_row(MINUTE, _maybe(MINUTE)))})),
            "baseline": _maybe(_plan()),
            "max_touched": _maybe(COUNT),
            "from": _maybe(_row(WEEKDAY, MINUTE | {"maximum": DAY})),
        },
    )
    return {"$schema": DIALECT, "title": WEEK_FORMAT, **made}


def _lists() -> dict[str, Schema]:
    """Give what a week is made of: its places, people and visits."""
    degrees = {name: _maybe({"type": "number", "minimum": -most, "maximum": most}) for name, most in (("lat", 90), ("lon", 180))}
    second = _object({"skills": _list(ID), "gender": GENDER}, {"minutes": MINUTE | {"minimum": 1}})
    return {
        "places": _list(_object({"id": ID, **degrees, "access": MINUTE})),
        "canteens": _list(_object({"id": ID, "place": ID, "ready": MINUTE, "hot": _maybe(MINUTE)}, {"until": _maybe(MINUTE)})),
        "elders": _list(
            _object({"id": ID, "place": ID, "preferred": _list(ID), "excluded": _list(ID)}, {"at_once": {"type": "boolean", "default": True}})
        ),
        "volunteers": _list(
            _object(
                {
                    "id": ID, "place": ID, "gender": GENDER, "skills": _list(ID), "mode": ID, "boxes": COUNT, "trips": _maybe(COUNT),
                    "radius": _maybe(AMOUNT), "windows": _list(_row(WEEKDAY, MINUTE, MINUTE)),
                    "max_day": COUNT | {"minimum": 1}, "max_week": COUNT | {"minimum": 1},
                },
                {"used": _list(_row(WEEKDAY, MINUTE))},
            )
        ),
        "visits": _list(
            _object(
                {
                    "id": ID, "elder": ID, "kind": ID, "skills": _list(ID), "days": _list(WEEKDAY, 1), "window": _row(MINUTE, MINUTE),
                    "minutes": MINUTE | {"minimum": 1}, "crew": {"enum": [1, 2]}, "weight": COUNT | {"minimum": 1, "maximum": 1_000_000},
                    "gender": GENDER, "canteen": _maybe(ID), "boxes": COUNT,
                },
                {"second": _maybe(second), "excluded": _list(ID)},
            )
        ),
        "history": _list(_row(ID, ID)),
    }  # fmt: skip


def plan_schema() -> Schema:
    """Return the schema of a plan, `timebank-plan/1`."""
    return {"$schema": DIALECT, "title": PLAN_FORMAT, **_plan()}


def _plan() -> Schema:
    pickup = _object({"pickup": ID, "at": MINUTE, "visits": _list(ID, 1)})
    door = _object({"visit": ID, "start": MINUTE})
    route = _object({"volunteer": ID, "window": COUNT, "stops": _list({"oneOf": [pickup, door]}, 1)})
    fix = {"type": "object", "properties": {"change": ID}, "required": ["change"]}
    unserved = _object({"visit": ID, "reason": {"enum": list(REASONS)}, "who": _list(ID), "zh": ID, "en": ID, "fix": _maybe(fix)})
    goals = dict.fromkeys(("served", "served_weight", "travel", "new_faces", "touched"), COUNT)
    return _object(
        {"format": {"const": PLAN_FORMAT}, "week": ID, "routes": _list(route)},
        {
            "status": {"enum": ["optimal", "served_optimal", "feasible"]},
            "unserved": _list(unserved),
            "score": _object(goals | {"fairness": AMOUNT, "cost": AMOUNT}),
            "bound": _object({"served_weight": COUNT}),
            "seed": {"type": "integer"},
            "seconds": AMOUNT,
        },
    )


SCHEMAS = {"week": week_schema, "plan": plan_schema}
