"""Visits that are kept apart: both referees, the planner, the openings, the reasons and the fixes say the same of them."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from matching.advice.assign import apply, insertions
from matching.advice.audit import audit
from matching.bound import bound
from matching.files import read_week, week_to_json
from matching.files.values import BadFile
from matching.model import Apart, Plan, Week
from matching.referee.check import check
from matching.replan import replan
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import planned_again, random_week, scene, ways
from tests.matching.referee.test_two_referees import as_json, both
from tests.matching.spoilt import spoilt
from tests.matching.test_player import judged
from tests.matching.weeks import bare, elder, meal, visit, volunteer, week

QUICK = {"seconds": 5, "iterations": 60, "workers": 1}
TIES = {"at_once", "apart_people", "apart_gap", "excluded"}


def starts(plan: Plan) -> dict[str, int]:
    return {stop.visit: stop.start for route in plan.routes for stop in route.stops if hasattr(stop, "visit")}


def test_the_referees_agree_on_plans_of_weeks_with_ties() -> None:
    seen: Counter[str] = Counter()
    for seed in range(100):
        of, made = scene(seed, tied=True)
        seen.update(both(*as_json(of, made)).broken or {"clean"})
        dice = random.Random(seed)
        loose = replace(of, apart=(), elders=tuple(replace(one, at_once=True) for one in of.elders))
        for _ in range(6):
            odd = spoilt(*as_json(loose, made), dice)
            try:
                read_week(odd[0])
            except BadFile:
                continue
            tied = odd[0] | {key: json.loads(week_to_json(of))[key] for key in ("elders", "apart")}
            seen.update(both(tied, odd[1]).broken or {"clean"})
    assert all(seen[rule] >= 1 for rule in TIES), seen


@pytest.mark.parametrize("seed", range(20))
def test_odd_weeks_with_ties_are_planned_without_a_breach_and_explain_themselves(seed: int) -> None:
    of = random_week(seed, tied=True)
    plan = judged(of, solve(of, **QUICK))
    assert both(*as_json(of, plan)).broken == set()
    assert audit(of, plan, check(of, plan)) == []
    assert bound(of, seconds=2) >= plan.score.served_weight or of.pins


@pytest.mark.parametrize("seed", range(15))
def test_odd_weeks_with_ties_are_planned_again_without_a_breach(seed: int) -> None:
    of, _ = planned_again(random_week(seed, tied=True), seed)
    for planner in (replan, solve):
        plan = planner(of, **QUICK)
        verdict = check(of, plan)
        assert verdict.ok, verdict.breaches
        assert not [one for one in plan.unserved if one.reason == "search"]


@pytest.mark.parametrize("seed", range(12))
def test_a_baseline_of_before_the_ties_keeps_only_what_is_far_enough_apart(seed: int) -> None:
    before, _ = planned_again(random_week(seed), seed)
    of = replace(random_week(seed, tied=True), baseline=before.baseline, from_=None)
    verdict = check(of, solve(of, **QUICK))
    assert verdict.ok, verdict.breaches


@pytest.mark.parametrize("seed", range(25))
def test_whoever_could_serve_beside_the_ties_is_found_and_nobody_else(seed: int) -> None:
    of, made = scene(seed, crews=False, tied=True)
    served = {stop.visit for each in made.routes for stop in each.stops if hasattr(stop, "visit")}
    for one in [each for each in of.visits if each.id not in served][:2]:
        found = insertions(of, made, one.id)
        assert {frozenset(each.volunteers) for each in found} == {who for who, _ in ways(of, made, one)}
        for each in found:
            assert {breach.rule for breach in check(of, apply(made, each)).breaches} <= {"pin"}


def apart(gap: list[int | None] | None = None, *, people: bool = False, **changes: object) -> Week:
    """Two visits of half an hour at one door and two volunteers next to it."""
    tie = {"visits": ["x1", "x2"], "people": people} | ({"gap": gap} if gap else {})
    return week(visits=[visit("x1"), visit("x2")], volunteers=[volunteer("v1"), volunteer("v2")], apart=[tie], **changes)


@pytest.mark.parametrize(("gap", "between"), [([60, None], range(60, 999)), ([0, 10], range(11)), ([45, 45], range(45, 46))])
def test_the_planner_leaves_the_gap_that_is_asked_for(gap: list[int | None], between: range) -> None:
    plan = judged(of := apart(gap), solve(of, **QUICK))
    first, second = sorted(starts(plan).values())
    assert second - first - 30 in between


def test_different_people_are_sent_where_that_is_asked_for_and_one_is_left_out_where_there_is_one_only() -> None:
    plan = judged(of := apart(people=True), solve(of, **QUICK))
    assert len({route.volunteer for route in plan.routes}) == 2
    alone = replace(of, volunteers=of.volunteers[:1])
    plan = judged(alone, solve(alone, **QUICK))
    (left,) = plan.unserved
    assert (left.reason, left.who) == ("taken", ("v1",))
    assert {"x1", "x2"} - {left.visit} <= set(left.en.split())


def test_a_meal_waits_until_the_visit_at_its_door_is_over() -> None:
    of = week(
        elders=[elder(at_once=False)],
        visits=[visit("x1", window=[600, 630], weight=50), meal("x2", window=[600, 660])],
        volunteers=[volunteer("v1"), volunteer("v2")],
    )
    plan = judged(of, solve(of, **QUICK))
    assert starts(plan)["x1"] == 600
    assert starts(plan)["x2"] >= 630


def test_a_wider_window_is_advised_where_the_gap_alone_is_in_the_way() -> None:
    of = week(
        visits=[visit("x1", window=[600, 630], weight=50), visit("x2", window=[600, 660])],
        volunteers=[volunteer("v1"), volunteer("v2")], apart=[{"visits": ["x1", "x2"], "gap": [15, None]}],
    )  # fmt: skip
    (left,) = judged(of, solve(of, **QUICK)).unserved
    assert left.visit == "x2"
    assert left.fix == {"change": "visit.window", "visit": "x2", "window": [600, 675]}


def test_a_small_week_of_doors_for_one_at_a_time_is_planned_nearly_as_well_as_without() -> None:
    free = read_week(generate("T", 2))
    tied = replace(free, elders=tuple(replace(one, at_once=False) for one in free.elders))
    plans = [judged(of, solve(of, seconds=9, iterations=300, workers=1)) for of in (free, tied)]
    assert plans[1].score.served_weight >= 0.99 * plans[0].score.served_weight


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"apart": [{"visits": ["x1", "x1"], "people": True}]}, "apart[0].visits: must name two visits, not 'x1' twice"),
        ({"apart": [{"visits": ["x1", "x2"]}]}, "apart[0]: needs people or gap"),
        ({"apart": [{"visits": ["x1", "x2"], "gap": [20, 10]}]}, "apart[0].gap[1]: must not be less than 20, not 10"),
        ({"apart": [{"visits": ["x1", "x9"], "people": True}]}, "apart[0].visits[1]: names no visit: 'x9'"),
        ({"elders": [elder(at_once=1)]}, "elders[0].at_once: must be true or false, not 1"),
        ({"visits": [visit("x1", excluded=["nobody"]), visit("x2")]}, "visits[0].excluded[0]: names no volunteer: 'nobody'"),
    ],
)
def test_a_tie_that_says_nothing_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_week(bare(**({"visits": [visit("x1"), visit("x2")]} | changes)))
    assert str(caught.value) == said


def test_a_week_with_ties_is_written_as_it_was_read() -> None:
    of = apart([60, None], people=True, elders=[elder(at_once=False)])
    of = replace(of, visits=(replace(of.visits[0], excluded=("v2",)), *of.visits[1:]))
    assert of.apart == (Apart(visits=("x1", "x2"), people=True, gap=(60, None)),)
    assert read_week(json.loads(week_to_json(of))) == of
