"""What re-planning promises on any week: pins and accepted visits stay, the ladder tells the truth, what needs nothing is left alone."""

import json
import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from matching.files import plan_to_json, read_week, week_to_json
from matching.model import Plan, Week
from matching.replan import replan
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import random_week
from tests.matching.referee.test_two_referees import both
from tests.matching.weeks import Json

QUICK = {"seconds": 10.0, "iterations": 60, "workers": 1}
SEEDS = range(48)


def written(plan: Plan) -> Json:
    return json.loads(plan_to_json(plan))


def starts(plan: Json, week: Json) -> dict[tuple[str, str], tuple[int, int]]:
    """Day and start of every visit of every volunteer who is still there."""
    windows = {one["id"]: one["windows"] for one in week["volunteers"]}
    return {
        (route["volunteer"], stop["visit"]): (windows[route["volunteer"]][route["window"]][0], stop["start"])
        for route in plan["routes"] if route["volunteer"] in windows
        for stop in route["stops"] if "visit" in stop
    }  # fmt: skip


@cache
def published(seed: int) -> tuple[Week, Plan]:
    """A random week, or every sixth time one of a hundred visits, and its plan."""
    of = read_week(generate("T", seed)) if seed % 6 == 5 else random_week(seed)
    return of, solve(of, **QUICK)


def withdraw(dice: random.Random, week: Json, plan: Json) -> None:
    if plan["routes"]:
        route = dice.choice(plan["routes"])
        person = next(one for one in week["volunteers"] if one["id"] == route["volunteer"])
        day, start, _ = person["windows"][route["window"]]
        person["windows"][route["window"]] = [day, start, start]


def pause(dice: random.Random, week: Json, _plan: Json) -> None:
    elder = dice.choice(week["elders"])["id"]
    week["visits"] = [one for one in week["visits"] if one["elder"] != elder] or week["visits"]
    week["pins"] = [one for one in week["pins"] if one["visit"] in {visit["id"] for visit in week["visits"]}]


def add(dice: random.Random, week: Json, _plan: Json) -> None:
    week["visits"].append(dice.choice(week["visits"]) | {"id": "new"})


def changed(of: Week, plan: Plan, dice: random.Random) -> Json:
    """The week after one event, with half of what was served accepted, that is pinned as it stands."""
    week = json.loads(week_to_json(of)) | {"baseline": written(plan)}
    week.setdefault("pins", [])
    pinned = {one["visit"] for one in week["pins"]}
    for (_, visit), (day, start) in starts(week["baseline"], week).items():
        if visit not in pinned and dice.random() < 0.5:
            people = sorted(who for who, other in starts(week["baseline"], week) if other == visit)
            week["pins"].append({"visit": visit, "volunteers": people, "day": day, "start": start})
            pinned.add(visit)
    dice.choice([withdraw, withdraw, pause, add])(dice, week, week["baseline"])
    return week


def event(seed: int) -> Json:
    return changed(*published(seed), random.Random(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_an_event_pins_stay_and_only_those_counted_as_touched_are(seed: int) -> None:
    week = event(seed)
    made = written(replan(read_week(week), **QUICK))
    judged = both(week, made)
    assert judged.broken == set()
    assert judged.score["touched"] == made["score"]["touched"]
    before, after = starts(week["baseline"], week), starts(made, week)
    people = {who for who, _ in before.keys() | after.keys()}
    known = {one["id"] for one in week["visits"]}
    kept = [who for who in people if mine(before, who, known).keys() == mine(after, who, known).keys()]
    still = [who for who in kept if all(near(start, mine(after, who, known)[key]) for key, start in mine(before, who, known).items())]
    assert len(people) - len(still) == made["score"]["touched"]


def mine(all_starts: dict[tuple[str, str], tuple[int, int]], who: str, known: set[str]) -> dict[str, tuple[int, int]]:
    return {visit: start for (name, visit), start in all_starts.items() if name == who and visit in known}


def near(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= 15


@pytest.mark.parametrize("seed", SEEDS)
def test_accepted_visits_of_those_who_still_come_never_move(seed: int) -> None:
    week = event(seed)
    after = starts(written(replan(read_week(week), **QUICK)), week)
    windows = {one["id"]: one["windows"] for one in week["volunteers"]}
    open_still = {
        (route["volunteer"], stop["visit"])
        for route in week["baseline"]["routes"]
        for stop in route["stops"]
        if "visit" in stop and windows[route["volunteer"]][route["window"]][1] < windows[route["volunteer"]][route["window"]][2]
    }
    for pin in week["pins"]:
        pairs = [(who, pin["visit"]) for who in pin["volunteers"]]
        accepted = pairs and set(pairs) <= open_still and pin["start"] is not None
        if accepted and starts(week["baseline"], week)[pairs[0]] == (pin["day"], pin["start"]):
            assert {after.get(pair) for pair in pairs} == {(pin["day"], pin["start"])}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_needs_no_change_is_left_as_it_is(seed: int) -> None:
    of, plan = published(seed)
    week = json.loads(week_to_json(of)) | {"baseline": written(plan)}
    again = replan(read_week(week), **QUICK)
    if again.score.served_weight == plan.score.served_weight:
        assert again.score.touched == 0
        assert starts(written(again), week) == starts(week["baseline"], week)
    assert again.score.served_weight >= plan.score.served_weight


@pytest.mark.parametrize("seed", [*range(0, 40, 4), 5, 11])
def test_a_plan_stopped_on_any_rung_of_the_ladder_touches_as_many_as_it_said(seed: int) -> None:
    of = read_week(event(seed))
    told: list[dict[str, Any]] = []
    replan(of, **QUICK, progress=told.append)
    rungs = [one for one in told if str(one["phase"]).startswith("ladder")]
    assert rungs
    assert [one["touched"] for one in rungs] == sorted(one["touched"] for one in rungs)
    for rung in rungs:
        said: list[dict[str, Any]] = []
        stopped = replan(
            of, **QUICK, progress=said.append, stop=lambda said=said, rung=rung: bool(said) and said[-1]["phase"] == rung["phase"]
        )
        assert (stopped.score.touched, stopped.score.served_weight) == (rung["touched"], rung["served_weight"])
        assert both(json.loads(week_to_json(of)), written(stopped)).broken == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_more_are_touched_than_the_week_allows(seed: int) -> None:
    week = event(seed)
    told: list[dict[str, Any]] = []
    free = replan(read_week(week), **QUICK, progress=told.append).score.touched
    for most in range(told[0]["touched"], free + 1):  # fewer than the event itself touches cannot be asked for
        tight = replace(read_week(week), max_touched=most)
        plan = replan(tight, **QUICK)
        assert both(json.loads(week_to_json(tight)), written(plan)).broken == set()
        assert plan.score.touched <= most
