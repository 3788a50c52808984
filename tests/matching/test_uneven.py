"""A second of a crew with minutes of their own: files, both referees, the planner, the proofs, the advice and the page say the same of them."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from matching.advice.assign import apply, insertions
from matching.advice.audit import audit, fixed
from matching.advice.explain import explain
from matching.bound import bound
from matching.files import plan_to_json, read_week, week_to_json
from matching.files.schema import week_schema
from matching.files.values import BadFile
from matching.model import Plan, Week
from matching.referee.check import check
from matching.replan import replan
from matching.show.trips import trips
from matching.solve import solve
from tests.matching.exhaustive import best
from tests.matching.random_weeks import planned_again, random_week, scene, ways
from tests.matching.referee.test_two_referees import as_json, both
from tests.matching.slow import Truth
from tests.matching.spoilt import spoilt
from tests.matching.test_brute import serves_all_that_can_be_served
from tests.matching.test_player import judged
from tests.matching.weeks import Json, at, bare, draft, elder, route, visit, volunteer, week
from tests.matching.weeks import plan as planned

QUICK = {"seconds": 5, "iterations": 60, "workers": 1}


def lift(name: str = "x1", *, minutes: int = 60, second: int = 20, **changes: object) -> Json:
    """A visit of a nurse with somebody who helps for a while."""
    return visit(
        name, **{"crew": 2, "minutes": minutes, "skills": ["nurse"], "second": {"skills": [], "gender": None, "minutes": second}} | changes
    )


def nurse(name: str = "v1", **changes: object) -> Json:
    return volunteer(name, **{"skills": ["care", "meal", "nurse"]} | changes)


BOTH = {"visits": [lift()], "volunteers": [nurse(), volunteer("v2"), volunteer("v3")]}
BESIDE = {**BOTH, "visits": [lift(), visit("x2")]}


def pair(start: int, second: str = "v2", *more: Json) -> list[Json]:
    return [route("v1", at("x1", start)), route(second, at("x1", start), *more)]


# rule, the week, routes that break it, routes that keep it
CASES = {
    "the first stays past the window": ("window_visit", BOTH | {"visits": [lift(window=[480, 600])]}, pair(541), pair(540)),
    "the second stays past the window": (
        "window_visit", BOTH | {"visits": [lift(minutes=20, second=60, window=[480, 600])]}, pair(541), pair(540),
    ),
    "the second is home too late": (
        "window_volunteer", BOTH | {"volunteers": [nurse(), volunteer("v2", windows=[[0, 480, 560]])]}, pair(536), pair(535),
    ),
    "the first is home too late": (
        "window_volunteer", BOTH | {"volunteers": [nurse(windows=[[0, 480, 560]]), volunteer("v2")]}, pair(496), pair(495),
    ),
    "the second goes on before her time is up": ("travel_time", BESIDE, pair(500, "v2", at("x2", 519)), pair(500, "v2", at("x2", 520))),
    "too long a day for the second": (
        "max_day", BOTH | {"volunteers": [nurse(), volunteer("v2", max_day=29), volunteer("v3", max_day=30)]}, pair(500), pair(500, "v3"),
    ),
    "too long a week for the second": (
        "max_week", BOTH | {"volunteers": [nurse(), volunteer("v2", max_week=29), volunteer("v3", max_week=30)]}, pair(500), pair(500, "v3"),
    ),
    "the gap is counted from who stays longest": (
        "apart_gap", BESIDE | {"apart": [{"visits": ["x1", "x2"], "gap": [15, None]}]},
        pair(500, "v2", at("x2", 574)), pair(500, "v2", at("x2", 575)),
    ),
    "the door is taken while either is there": (
        "at_once", BESIDE | {"elders": [elder(at_once=False)]}, pair(500, "v2", at("x2", 559)), pair(500, "v2", at("x2", 560)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_both_referees_name_the_broken_rule_and_pass_the_nearest_kept_plan(name: str) -> None:
    rule, changes, broken, kept = CASES[name]
    of = bare(**changes)
    assert both(of, draft(*broken)).broken == {rule}
    assert both(of, draft(*kept)).broken == set()


@pytest.mark.parametrize(
    ("people", "second"),
    [
        ([nurse(), volunteer("v2")], "v2"),
        ([volunteer(), nurse("v2")], "v1"),
        ([nurse(), nurse("v2")], "v2"),
        ([nurse(gender="M"), nurse("v2")], "v1"),
    ],
)
def test_who_can_be_the_first_is_and_of_two_who_can_who_stands_first_in_the_week(people: list[Json], second: str) -> None:
    of = bare(visits=[lift(gender="F")], volunteers=people)
    made = draft(route("v2", at("x1", 500)), route("v1", at("x1", 500)))
    judged_plan = both(of, made)
    assert judged_plan.broken == set()
    # Both walk ten minutes; the second works twenty, the first an hour.
    works = {"v1": 70, "v2": 70} | {second: 30}
    assert judged_plan.score["fairness"] == pytest.approx(sum(minutes**2 / 1200 for minutes in works.values()))
    calls = {trip.volunteer: trip.calls[0] for trip in trips(read_week(of), planned(read_week(of), *made["routes"]))}
    assert {name: call.ends - call.begins for name, call in calls.items()} == {name: minutes - 10 for name, minutes in works.items()}


def test_the_referees_agree_on_spoilt_plans() -> None:
    seen: Counter[str] = Counter()
    for seed in range(80):
        of, made = as_json(*scene(seed, uneven=True))
        seen.update(both(of, made).broken or {"clean"})
        dice = random.Random(seed)
        for _ in range(8):
            odd = spoilt(of, made, dice)
            try:
                read_week(odd[0])
            except BadFile:
                continue
            seen.update(both(*odd).broken or {"clean"})
    assert {"clean", "crew", "window_visit", "travel_time", "window_volunteer", "max_day", "max_week", "pin", "touched"} <= seen.keys()


@pytest.mark.parametrize("seed", range(24))
def test_odd_weeks_are_planned_without_a_breach_and_explain_themselves(seed: int) -> None:
    of = random_week(seed, uneven=True, tied=seed % 3 == 0)
    plan = judged(of, solve(of, **QUICK))
    assert both(*as_json(of, plan)).broken == set()
    assert audit(of, plan, check(of, plan)) == []


@pytest.mark.parametrize("seed", range(16))
def test_odd_weeks_are_planned_again_without_a_breach(seed: int) -> None:
    of, _ = planned_again(random_week(seed, uneven=True), seed)
    for planner in (replan, solve):
        plan = planner(of, **QUICK)
        verdict = check(of, plan)
        assert verdict.ok, verdict.breaches
        assert verdict.score == plan.score
        assert not [one for one in plan.unserved if one.reason == "search"]


@pytest.mark.parametrize("seed", range(400, 430))
def test_as_much_is_served_as_by_an_exhaustive_search_and_no_ceiling_is_too_low(seed: int) -> None:
    of = random_week(seed, uneven=True)
    names = {one.id for one in of.visits[:4]}
    few = json.loads(week_to_json(replace(of, visits=of.visits[:4], pins=tuple(pin for pin in of.pins if pin.visit in names))))
    serves_all_that_can_be_served(few, best(few))


@pytest.mark.parametrize("seed", range(12))
def test_everybody_who_could_serve_is_found_and_nobody_else(seed: int) -> None:
    of, made = scene(seed, uneven=True)
    served = {stop.visit for each in made.routes for stop in each.stops if hasattr(stop, "visit")}
    for one in [each for each in of.visits if each.id not in served][:2]:
        found = insertions(of, made, one.id)
        assert {frozenset(each.volunteers) for each in found} == {who for who, _ in ways(of, made, one)}
        for each in found:
            assert {breach.rule for breach in check(of, apply(made, each)).breaches} <= {"pin"}


@pytest.mark.parametrize("seed", range(40))
def test_reasons_are_true_and_fixes_help(seed: int) -> None:
    of, made = scene(seed, uneven=True)
    for one in explain(of, made):
        asked = next(each for each in of.visits if each.id == one.visit)
        assert (one.reason, set(one.who)) == Truth(of, made).reason(asked)
        if one.fix is not None:
            assert insertions(fixed(of, one.fix), made, one.visit)


def plans(of: Week) -> tuple[str, int]:
    plan = solve(of, **QUICK)
    return plan_to_json(replace(plan, seconds=0)), bound(of, seconds=1)


@pytest.mark.parametrize("seed", [1, 6, 14])
def test_a_second_of_as_many_minutes_means_what_no_minutes_mean(seed: int) -> None:
    of = random_week(seed, uneven=True)
    even = [replace(one, second=one.second and replace(one.second, minutes=None)) for one in of.visits]
    said = [replace(one, second=one.second and replace(one.second, minutes=one.minutes)) for one in of.visits]
    assert any(one.second for one in even)
    assert plans(replace(of, visits=tuple(even))) == plans(replace(of, visits=tuple(said)))


def test_the_second_is_sent_on_to_others_while_the_first_stays() -> None:
    of = week(
        visits=[lift(window=[500, 560]), visit("x2", window=[520, 550], elder="e2")], elders=[elder(), elder("e2")],
        volunteers=[nurse(), volunteer("v2")],
    )  # fmt: skip
    plan = judged(of, solve(of, **QUICK))
    assert plan.score.served == 2
    longer = replace(of, visits=(replace(of.visits[0], second=replace(of.visits[0].second, minutes=21)), of.visits[1]))
    assert judged(longer, solve(longer, **QUICK)).score.served == 1


def test_a_plan_to_begin_from_keeps_the_crew_with_its_minutes() -> None:
    of = week(**BOTH)
    before = planned(of, *pair(500, "v3"))
    again = solve(replace(of, baseline=before, max_touched=0), **QUICK)
    assert again.routes == before.routes
    assert isinstance(again, Plan)


def test_a_week_with_a_seconds_minutes_is_written_as_it_was_read_and_described_by_the_schema() -> None:
    of = read_week(bare(**BOTH))
    assert of.visits[0].second.minutes == 20
    assert read_week(json.loads(week_to_json(of))) == of
    assert week_schema()["properties"]["visits"]["items"]["properties"]["second"]["anyOf"][0]["properties"]["minutes"]["minimum"] == 1
    assert '"minutes": null' not in week_to_json(
        replace(of, visits=(replace(of.visits[0], second=replace(of.visits[0].second, minutes=None)),))
    )


@pytest.mark.parametrize("minutes", [0, -1, 2.5, None])
def test_a_second_of_no_minutes_is_refused(minutes: object) -> None:
    with pytest.raises(BadFile, match=r"visits\[0\]\.second\.minutes: must be "):
        read_week(bare(visits=[lift(second=minutes)]))
