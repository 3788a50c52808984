"""Tiny weeks for the tests of the engine: doors on a straight street, one minute apart on foot.

Place `p3` lies three minutes from `p0`, where the canteen and, unless said otherwise, everybody's home are.
"""

import json
from copy import deepcopy
from typing import Any

from matching import example as given
from matching.files import read_plan, read_week
from matching.model import Plan, Week

Json = dict[str, Any]

EXAMPLE_WEEK = given.FOLDER / "week.json"
EXAMPLE_PLAN = given.FOLDER / "plan.json"

METRES_PER_DEGREE = 111_194.9
STREET = 40


def place(number: int) -> Json:
    """A door so many minutes up the street."""
    return {"id": f"p{number}", "lat": 36 + number * 99.5 / METRES_PER_DEGREE, "lon": 120.3, "access": 0}


def volunteer(name: str = "v1", **changes: Any) -> Json:
    """Somebody free all Monday morning who can do everything."""
    return {
        "id": name, "place": "p0", "gender": "F", "skills": ["care", "meal"], "mode": "walk", "boxes": 4, "trips": None,
        "radius": None, "windows": [[0, 480, 720]], "max_day": 600, "max_week": 1200,
    } | changes  # fmt: skip


def elder(name: str = "e1", **changes: Any) -> Json:
    """Somebody five minutes up the street."""
    return {"id": name, "place": "p5", "preferred": [], "excluded": []} | changes


def visit(name: str = "x1", **changes: Any) -> Json:
    """Half an hour of care on Monday morning."""
    return {
        "id": name, "elder": "e1", "kind": "care", "skills": ["care"], "days": [0], "window": [480, 720], "minutes": 30,
        "crew": 1, "weight": 10, "gender": None, "canteen": None, "boxes": 0,
    } | changes  # fmt: skip


def meal(name: str = "x1", **changes: Any) -> Json:
    """A meal brought on Monday at noon."""
    return visit(name, **{"kind": "meal", "skills": ["meal"], "window": [600, 720], "minutes": 3, "canteen": "c1", "boxes": 1} | changes)


def canteen(**changes: Any) -> Json:
    """The canteen at the foot of the street."""
    return {"id": "c1", "place": "p0", "ready": 600, "until": 690, "hot": 30} | changes


def bare(**changes: Any) -> Json:
    """A week with one elder, one volunteer and one visit."""
    return deepcopy({
        "format": "timebank-week/1", "name": "tiny", "week_start": "2026-11-23", "days": 7,
        "travel": {"detour": 1, "pace": {"walk": 100, "ebike": 300}},
        "weights": {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120},
        "places": [place(number) for number in range(STREET)], "canteens": [canteen()], "elders": [elder()],
        "volunteers": [volunteer()], "visits": [visit()], "history": [],
    } | changes)  # fmt: skip


def week(**changes: Any) -> Week:
    """The same, read."""
    return read_week(bare(**changes))


def route(name: str, *stops: Json, window: int = 0) -> Json:
    """What somebody does in a window."""
    return {"volunteer": name, "window": window, "stops": list(stops)}


def at(name: str, start: int) -> Json:
    """A visit at a minute."""
    return {"visit": name, "start": start}


def pickup(minute: int, *names: str, kitchen: str = "c1") -> Json:
    """Boxes taken aboard."""
    return {"pickup": kitchen, "at": minute, "visits": list(names)}


def draft(*routes: Json) -> Json:
    """A plan made by hand."""
    return {"format": "timebank-plan/1", "week": "tiny", "routes": list(routes)}


def plan(of: Week, *routes: Json) -> Plan:
    """The same, read."""
    return read_plan(draft(*routes), of)


def example() -> tuple[Json, Json]:
    """The contract's pair as JSON."""
    return json.loads(EXAMPLE_WEEK.read_text()), json.loads(EXAMPLE_PLAN.read_text())
