"""The product's referee against one written from the contract alone: where they differ, one of them or the contract is wrong."""

import json
import random
from collections import Counter

import pytest

from matching.files import plan_to_json, read_plan, read_week, week_to_json
from matching.files.values import BadFile
from matching.referee.check import check
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import planned_again, random_week, scene
from tests.matching.referee.test_check import CASES
from tests.matching.second_referee import Judgement, Malformed, judge
from tests.matching.spoilt import spoilt
from tests.matching.weeks import EXAMPLE_PLAN, Json, at, bare, canteen, draft, example, meal, pickup, route, visit, volunteer

BLOCKS, SCENES, TRIES = 2, 150, 12
ROUNDED = {"fairness": 0.0501, "cost": 0.0501}

# What a rule says of a plan that already breaks the first, the contract leaves open: whose skill counts in half a crew,
# what is aboard after a box was fetched twice, which of two starts of one visit the baseline is held against.
TIES = {"at_once", "apart_gap"}
HANGS_ON = {"crew": {"skill", "gender"} | TIES, "once": {"skill", "gender", "crew", "touched"} | TIES, "pickup": {"boxes", "hot"}}


def both(week: Json, plan: Json) -> Judgement:
    """Hear both referees; they must agree on every rule that means something and on every figure."""
    of = read_week(week)
    first, second = check(of, read_plan(plan, of)), judge(week, plan)
    names = frozenset(breach.rule for breach in first.breaches)
    assert bool(names) == bool(second.broken), (names, second.broken)
    assert told(names) == told(second.broken)
    if "once" not in names:
        for key, value in second.score.items():
            assert abs(getattr(first.score, key) - value) <= ROUNDED.get(key, 0), key
    return Judgement(names, second.score)


def told(broken: frozenset[str]) -> set[str]:
    hanging = {rule for one in broken for rule in HANGS_ON.get(one, ())}
    # Whether a pin left out could be inserted asks for a plan that is otherwise clean.
    return set(broken) - hanging - ({"pin"} if len(broken) > 1 else set())


def as_json(*pair: object) -> tuple[Json, Json]:
    week, plan = pair
    return json.loads(week_to_json(week)), json.loads(plan_to_json(plan))


@pytest.mark.parametrize("name", CASES)
def test_both_referees_name_the_broken_rule_and_pass_the_nearest_kept_plan(name: str) -> None:
    rule, changes, broken, kept = CASES[name]
    week = bare(**changes)
    assert both(week, draft(*broken)).broken == judge(week, draft(*broken)).broken == {rule}
    assert both(week, draft(*kept)).broken == set()


def test_both_referees_give_the_contracts_example_its_score() -> None:
    week, plan = example()
    assert both(week, plan).broken == set()
    assert round(judge(week, plan).score["cost"], 1) == json.loads(EXAMPLE_PLAN.read_text())["score"]["cost"]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_referees_agree_on_hundreds_of_spoilt_plans(block: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(block * SCENES, (block + 1) * SCENES):
        week, plan = as_json(*scene(seed))
        dice = random.Random(seed)
        seen.update(both(week, plan).broken or {"clean"})
        for _ in range(TRIES):
            odd = spoilt(week, plan, dice)
            try:
                read_week(odd[0])
            except BadFile:  # the spoilt week is none: nothing to judge
                continue
            seen.update(both(*odd).broken or {"clean"})
    assert seen["clean"] >= 100
    rules = {rule for rule, *_ in CASES.values()} - {
        "at_once",
        "apart_people",
        "apart_gap",
    }  # weeks with those: tests/matching/test_apart.py
    assert rules <= {rule for rule, count in seen.items() if count >= 3}


@pytest.mark.parametrize("seed", range(30))
def test_the_referees_agree_on_the_planners_plans(seed: int) -> None:
    of = planned_again(random_week(seed), seed)[0] if seed % 3 == 0 else random_week(seed)
    assert both(*as_json(of, solve(of, seconds=5, iterations=30, workers=1))).broken == set()


def test_the_referees_agree_on_a_whole_week_of_a_hundred_visits_and_on_its_spoilt_plans() -> None:
    made = generate("T", 5)
    of = read_week(made)
    week, plan = as_json(of, solve(of, seconds=10, iterations=100, workers=1))
    dice = random.Random(5)
    assert both(week, plan).broken == set()
    # Days and minutes of this week are not those of the tiny ones: only what fits every plan is done to it.
    broken = [both(*spoilt(week, plan, dice)).broken for _ in range(60)]
    assert sum(map(bool, broken)) >= 20


def test_a_pin_that_names_nobody_still_fixes_the_day_and_the_minute() -> None:
    week = bare(pins=[{"visit": "x1", "volunteers": [], "day": 0, "start": 500}])
    assert both(week, draft(route("v1", at("x1", 501)))).broken == {"pin"}
    assert both(week, draft(route("v1", at("x1", 500)))).broken == set()
    assert both(week, draft()).broken == {"pin"}


def test_the_free_seat_of_a_pinned_crew_may_come_before_the_moment_the_plan_starts_from() -> None:
    week = bare(
        visits=[visit(crew=2)], volunteers=[volunteer("v1"), volunteer("v2")],
        pins=[{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}], **{"from": [0, 700]},
    )  # fmt: skip
    assert both(week, draft(route("v1", at("x1", 500)), route("v2", at("x1", 500)))).broken == set()


@pytest.mark.parametrize(
    "plan",
    [
        draft(route("v1", at("nothing", 500))), draft(route("nobody", at("x1", 500))), draft(route("v1", at("x1", 500), window=1)),
        draft(route("v1", at("x1", 500), window=-1)), draft(route("v1")), draft(route("v1", pickup(600))), draft() | {"week": "other"},
        draft(route("v1", pickup(600, "x1", kitchen="none"))), draft(route("v1", at("x1", 500)), route("v1", at("x1", 600))),
    ],
)  # fmt: skip
def test_both_referees_refuse_a_plan_that_names_what_the_week_lacks(plan: Json) -> None:
    of = read_week(bare())
    with pytest.raises(BadFile):
        read_plan(plan, of)
    with pytest.raises(Malformed):
        judge(bare(), plan)


def test_a_pick_up_for_a_pinned_and_a_free_meal_waits_for_the_moment_the_plan_starts_from() -> None:
    pins = [{"visit": name, "volunteers": ["v1"], "day": 0, "start": None} for name in ("x1", "x2")]
    made = draft(route("v1", pickup(601, "x1", "x2"), at("x1", 620), at("x2", 623)))
    for count, broken in (1, {"from"}), (2, set()):
        week = bare(visits=[meal("x1"), meal("x2")], pins=pins[:count], **{"from": [0, 610]})
        assert both(week, made).broken == broken


def test_a_pin_left_out_counts_while_one_start_of_many_touches_few_enough() -> None:
    week = bare(
        visits=[visit(crew=2)], volunteers=[volunteer("v1"), volunteer("v2", windows=[[0, 480, 480]]), volunteer("v3")],
        baseline=draft(route("v1", at("x1", 600)), route("v2", at("x1", 600))), max_touched=2,
        pins=[{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}],
    )  # fmt: skip
    assert both(week, draft()).broken == {"pin"}
    assert both(week, draft(route("v1", at("x1", 600)), route("v3", at("x1", 600)))).broken == set()
    assert both(week, draft(route("v1", at("x1", 500)), route("v3", at("x1", 500)))).broken == {"touched"}


def test_a_pinned_meal_left_out_counts_while_it_can_be_fetched_before_the_canteen_closes() -> None:
    pins = [{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}]
    for hot, broken in (43, {"pin"}), (42, set()):
        week = bare(visits=[meal(window=[650, 700])], canteens=[canteen(until=610, hot=hot)], pins=pins)
        assert both(week, draft()).broken == broken
