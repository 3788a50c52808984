"""Weeks and plans made in Python: what no file could hold is refused with the file's own sentence, by every function of the package."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import matching
from matching.files import read_plan, read_week, week_to_json
from matching.files.documents import is_read
from matching.files.made import take_week
from matching.files.values import BadFile
from matching.model import (
    Apart,
    Canteen,
    Elder,
    PickupStop,
    Pin,
    Place,
    Plan,
    Route,
    Second,
    Travel,
    Visit,
    VisitStop,
    Volunteer,
    Week,
    Weights,
    Window,
)  # fmt: skip
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import random_week
from tests.matching.weeks import EXAMPLE_PLAN, EXAMPLE_WEEK, Json, at, bare, canteen, draft, elder, meal, route, visit, volunteer

STANDING = draft(route("v1", at("x1", 500)))


def made(of: Json) -> Week:
    """The same week from the constructors, with nothing looked at."""
    pins = [Pin(**one | {"volunteers": tuple(one["volunteers"])}) for one in of.get("pins", [])]
    return Week(
        name=of["name"], week_start=date.fromisoformat(of["week_start"]), days=of["days"], travel=Travel(**of["travel"]),
        weights=Weights(**of["weights"]), places=tuple(Place(**one) for one in of["places"]),
        canteens=tuple(Canteen(**one) for one in of["canteens"]), elders=tuple(Elder(**one) for one in of["elders"]),
        volunteers=tuple(Volunteer(**one | {"windows": tuple(Window(*span) for span in one["windows"])}) for one in of["volunteers"]),
        visits=tuple(Visit(**one | ({"second": Second(**one["second"])} if one.get("second") else {})) for one in of["visits"]),
        history=frozenset(map(tuple, of["history"])), pins=tuple(pins), apart=tuple(Apart(**one) for one in of.get("apart", [])),
        baseline=plan_made(of["baseline"]) if of.get("baseline") else None, max_touched=of.get("max_touched"), from_=of.get("from"),
    )  # fmt: skip


def plan_made(of: Json) -> Plan:
    routes = [
        Route(**one | {"stops": tuple(PickupStop(**stop) if "pickup" in stop else VisitStop(**stop) for stop in one["stops"])})
        for one in of["routes"]
    ]
    return Plan(week=of["week"], routes=tuple(routes))


WRONG: dict[str, Json] = {
    "windows that overlap": {"volunteers": [volunteer(windows=[[0, 480, 600], [0, 590, 720]])]},
    "half a minute": {"visits": [visit(minutes=30.5)]},
    "a visit of no minutes": {"visits": [visit(minutes=0)]},
    "a negative weight": {"visits": [visit(weight=-5)]},
    "a price below nothing": {"weights": {"travel": -1, "new_face": 20, "fairness": 1, "touched": 120}},
    "a price that is no number": {"weights": {"travel": math.nan, "new_face": 20, "fairness": 1, "touched": 120}},
    "an elder nobody knows": {"visits": [visit(elder="nobody")]},
    "a place nobody knows": {"volunteers": [volunteer(place="nowhere")]},
    "a canteen nobody knows": {"visits": [meal(canteen="c9")]},
    "a wish for nobody": {"elders": [elder(preferred=["v9"])]},
    "a past with nobody": {"history": [["e1", "v9"]]},
    "a day the week has not": {"visits": [visit(days=[9])]},
    "no day at all": {"visits": [visit(days=[])]},
    "a window that ends before it begins": {"visits": [visit(window=[600, 500])]},
    "true for one": {"visits": [visit(crew=True)]},
    "three at a door": {"visits": [visit(crew=3)]},
    "a second without a first": {"visits": [visit(second={"skills": [], "gender": None, "minutes": 5})]},
    "a second of no minutes": {"visits": [visit(crew=2, second={"skills": [], "gender": None, "minutes": 0})]},
    "boxes from nowhere": {"visits": [visit(boxes=2)]},
    "two of one name": {"visits": [visit(), visit()]},
    "a way nobody goes": {"volunteers": [volunteer(mode="sledge")]},
    "no hours in a week": {"volunteers": [volunteer(max_week=0)]},
    "a kitchen that opens in the middle of a minute": {"canteens": [canteen(ready=600.5)]},
    "a pin of nothing": {"pins": [{"visit": "x9", "volunteers": ["v1"], "day": 0, "start": None}]},
    "a visit apart from itself": {"apart": [{"visits": ["x1", "x1"], "people": True}]},
    "fewer than nobody touched": {"max_touched": -1},
    "a moment outside the week": {"from": [8, 600]},
    "no Monday": {"week_start": "2026-11-24"},
    "an earlier plan in a window that is gone": {"baseline": draft(route("v1", at("x1", 500), window=4))},
    "a lat beyond the pole": {"places": [{"id": "p0", "lat": 91, "lon": 0, "access": 0}, {"id": "p5", "lat": 0, "lon": 0, "access": 0}]},
}
CALLS: dict[str, Callable[[Week, Plan], object]] = {
    "solve": lambda week, _plan: matching.solve(week, seconds=1),
    "replan": lambda week, _plan: matching.replan(week, seconds=1),
    "bound": lambda week, _plan: matching.bound(week, seconds=1),
    "check": matching.check,
    "explain": matching.explain,
    "rank": lambda week, plan: matching.rank(week, plan, "x1"),
    "why": lambda week, plan: matching.why(week, plan, "x1", "v1"),
    "advise": lambda week, plan: matching.advise(week, plan, seconds=1),
    "compare": lambda week, plan: matching.compare(week, plan, plan),
}


def by_file(of: Json) -> str:
    with pytest.raises(BadFile) as caught:
        read_week(of)
    return str(caught.value)


@pytest.mark.parametrize("name", WRONG)
def test_a_week_is_refused_with_the_sentence_its_file_would_get(name: str) -> None:
    of = bare(**WRONG[name])
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is held against the file's
        matching.check(made(of), plan_made(STANDING))
    assert str(caught.value) == by_file(of)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_every_function_refuses_it(call: str) -> None:
    of = bare(**WRONG["windows that overlap"])
    with pytest.raises(ValueError, match=r"volunteers\[0\]\.windows\[1\]: overlaps another window of the volunteer"):
        CALLS[call](made(of), plan_made(STANDING))


@pytest.mark.parametrize("seed", range(12))
def test_a_lawful_week_from_the_constructors_is_taken_as_it_is(seed: int) -> None:
    written = json.loads(week_to_json(random_week(seed, tied=seed % 2 == 0, uneven=seed % 3 == 0)))
    assert take_week(made(written)) == read_week(written)


def test_lists_where_tuples_are_meant_and_bare_rows_for_windows_do_no_harm() -> None:
    of = read_week(EXAMPLE_WEEK)
    loose = replace(
        of, visits=list(of.visits), volunteers=[replace(one, windows=[tuple(each) for each in one.windows]) for one in of.volunteers]
    )
    assert matching.check(loose, read_plan(EXAMPLE_PLAN, of)).ok
    assert matching.solve(loose, seconds=3, iterations=50, workers=1).score.served_weight == 70


PLANS: dict[str, tuple[str, Plan]] = {
    "a visit nobody knows": ("plan.routes[0].stops[0].visit: names no visit: 'x9'", plan_made(draft(route("v1", at("x9", 500))))),
    "somebody nobody knows": ("plan.routes[0].volunteer: names no volunteer: 'v9'", plan_made(draft(route("v9", at("x1", 500))))),
    "a window that is not there": ("plan.routes[0].window: names no window of v1: 3", plan_made(draft(route("v1", at("x1", 500), window=3)))),
    "half a minute": (
        "plan.routes[0].stops[0].start: must be a whole number, not 500.5", plan_made(draft(route("v1", at("x1", 500.5)))),
    ),
    "two routes in one window": (
        "plan.routes[1]: appears twice: ('v1', 0)", plan_made(draft(route("v1", at("x1", 500)), route("v1", at("x1", 600)))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_is_none_of_the_week_is_refused(name: str) -> None:
    said, plan = PLANS[name]
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence follows
        matching.check(read_week(bare()), plan)
    assert str(caught.value) == said


def test_what_is_no_week_or_plan_and_ids_of_nothing_are_refused_in_a_line() -> None:
    of, plan = read_week(bare()), plan_made(STANDING)
    for call, said in (
        (lambda: matching.solve(bare()), "week: must be a Week (read_week reads one), not an object"),
        (lambda: matching.check(of, STANDING), "plan: must be a Plan (read_plan reads one), not an object"),
        (lambda: matching.rank(of, plan, "x9"), "visit: names no visit: 'x9'"),
        (lambda: matching.why(of, plan, visit="x1", volunteer="v9"), "volunteer: names no volunteer: 'v9'"),
        (lambda: matching.solve(of, start=STANDING), "start: must be a Plan (read_plan reads one), not an object"),
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence follows
            call()
        assert str(caught.value) == said


def test_a_week_that_was_read_is_not_read_again_and_a_changed_one_is() -> None:
    of = read_week(generate("S", 1))
    assert is_read(of)
    assert take_week(of) is of
    changed = replace(of, name="again")
    assert not is_read(changed)
    assert take_week(changed) is take_week(changed)


def test_an_earlier_plan_may_name_what_the_week_no_longer_has() -> None:
    of = read_week(bare())
    gone: Any = plan_made(draft(route("v1", at("x1", 500)), route("v9", at("x9", 500))))
    assert matching.compare(of, gone, plan_made(STANDING))["touched"] == 0
    assert matching.solve(of, start=gone, seconds=2, iterations=20, workers=1).score.served == 1
    assert matching.replan(replace(of, baseline=gone), seconds=2).score.touched == 0
