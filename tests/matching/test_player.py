"""What the planner promises: plans the referee accepts, pins kept, the same plan from the same seed."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from matching.bound import bound
from matching.files import plan_to_json, read_week
from matching.model import Pin, Plan, Status, VisitStop, Week
from matching.proof.ceiling import SCALE, by_prices, by_search, priced
from matching.proof.relaxation import Relaxation, Rows
from matching.referee.check import check
from matching.search.construct import construct
from matching.search.problem import compile_week
from matching.search.state import LOST, empty_state
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.brute import most_weight
from tests.matching.random_weeks import random_week
from tests.matching.weeks import EXAMPLE_WEEK, bare, canteen, elder, meal, place, visit, volunteer, week

QUICK = {"seconds": 5.0, "iterations": 150, "workers": 1}


def judged(of: Week, plan: Plan) -> Plan:
    verdict = check(of, plan)
    assert verdict.ok, verdict.breaches
    assert verdict.score == plan.score
    assert plan.bound >= plan.score.served_weight
    assert {one.visit for one in plan.unserved} == {one.id for one in of.visits} - {
        stop.visit for route in plan.routes for stop in route.stops if hasattr(stop, "visit")
    }
    assert not [one for one in plan.unserved if one.reason == "search"]
    return plan


@pytest.mark.parametrize("scarce", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_week_is_planned_without_a_breach(seed: int, scarce: bool) -> None:
    of = read_week(generate("T", seed, scarce=scarce))
    plan = judged(of, solve(of, seconds=4, iterations=300, workers=1))
    assert plan.score.served > 40


@pytest.mark.parametrize("seed", range(40))
def test_odd_weeks_are_planned_without_a_breach(seed: int) -> None:
    of = random_week(seed)
    judged(of, solve(of, **QUICK))


def test_the_contracts_example_is_solved_as_its_plan_says() -> None:
    plan = solve(read_week(EXAMPLE_WEEK), seconds=5, workers=1)
    assert (plan.score.served_weight, plan.score.cost, plan.bound) == (70, 213.0, 70)
    assert plan.status == Status.SERVED_OPTIMAL
    assert [one.reason for one in plan.unserved] == ["ceiling"]


@pytest.mark.parametrize("seed", range(300, 325))
def test_no_plan_of_a_tiny_week_serves_more_than_the_planners_or_more_than_the_ceiling(seed: int) -> None:
    of = replace(random_week(seed), pins=(), from_=None)
    of = replace(of, visits=of.visits[:4], volunteers=of.volunteers[:2])
    of = replace(of, elders=tuple(replace(one, preferred=(), excluded=()) for one in of.elders), history=frozenset())
    best = most_weight(of)
    plan = judged(of, solve(of, seconds=5, iterations=400, workers=1))
    assert plan.score.served_weight == best
    assert bound(of, seconds=5) >= best


def test_the_same_seed_and_steps_give_the_same_plan_byte_for_byte() -> None:
    of = read_week(generate("T", 3))
    once, again = (solve(of, seconds=60, iterations=200, workers=1, seed=7) for _ in range(2))
    assert plan_to_json(replace(once, seconds=0)) == plan_to_json(replace(again, seconds=0))


def test_two_workers_plan_too_and_leave_no_process_behind() -> None:
    import multiprocessing

    of = read_week(generate("T", 1))
    judged(of, solve(of, seconds=3, workers=2))
    assert not multiprocessing.active_children()


def test_a_pin_is_kept_even_where_two_heavier_visits_must_give_way() -> None:
    of = week(
        visits=[visit("x1", weight=1, minutes=200), visit("x2", weight=50, minutes=200), visit("x3", weight=60)],
        pins=[{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": 500}],
    )
    plan = judged(of, solve(of, **QUICK))
    assert [(stop.visit, stop.start) for route in plan.routes for stop in route.stops] == [("x1", 500)]


def test_a_pin_that_cannot_hold_is_left_out_with_its_reason() -> None:
    of = week(pins=[{"visit": "x1", "volunteers": ["v1"], "day": 3, "start": None}])
    plan = judged(of, solve(of, **QUICK))
    assert [one.reason for one in plan.unserved] == ["pin"]


def test_a_crew_of_two_meets_and_a_pinned_member_is_one_of_it() -> None:
    of = week(
        volunteers=[volunteer("v1"), volunteer("v2", place="p9"), volunteer("v3", place="p20")],
        visits=[visit("x1", crew=2)],
        pins=[{"visit": "x1", "volunteers": ["v3"], "day": 0, "start": None}],
    )
    plan = judged(of, solve(of, **QUICK))
    assert len(plan.routes) == 2
    assert "v3" in {route.volunteer for route in plan.routes}
    assert len({stop.start for route in plan.routes for stop in route.stops}) == 1


def test_a_pin_on_somebody_who_may_not_go_is_never_broken_by_another() -> None:
    of = week(volunteers=[volunteer("v1"), volunteer("v2", skills=[])])
    of = replace(of, pins=(Pin(visit="x1", volunteers=("v2",), day=0, start=None),))
    assert judged(of, solve(of, **QUICK)).routes == ()


HOSTILE = {
    "nothing at all": bare(visits=[], elders=[], volunteers=[], canteens=[]),
    "nobody free": bare(volunteers=[volunteer(windows=[])]),
    "nobody at all": bare(volunteers=[]),
    "no canteen": bare(canteens=[], visits=[visit()]),
    "everybody at one door": bare(
        elders=[elder(f"e{n}", place="p0") for n in range(9)],
        visits=[meal(f"x{n}", elder=f"e{n}") for n in range(9)],
        volunteers=[volunteer(boxes=2)],
    ),
    "one volunteer and far too much": bare(visits=[visit(f"x{n}", minutes=60) for n in range(30)]),
    "no boxes": bare(visits=[meal()], volunteers=[volunteer(boxes=0)]),
    "food that is cold at once": bare(visits=[meal()], canteens=[canteen(hot=0)]),
    "a window too short to leave the house": bare(volunteers=[volunteer(windows=[[0, 480, 481]])]),
    "a ceiling already spent": bare(volunteers=[volunteer(used=[[0, 700]])]),
    "doors with endless stairs": bare(places=[place(n) | {"access": 500} for n in range(40)]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_week_is_an_answer_and_no_exception(name: str) -> None:
    of = read_week(HOSTILE[name])
    judged(of, solve(of, **QUICK))


def two_kitchens_behind_one_door(**changes: object) -> Week:
    """Time for one way up the street with a box of each kitchen, not for two; the other kitchen's is due last."""
    return week(
        canteens=[canteen(), canteen(id="c2") | changes],
        volunteers=[volunteer(windows=[[0, 600, 622]])],
        visits=[meal("x1", window=[600, 610]), meal("x2", canteen="c2", window=[611, 620])],
    )


def test_a_volunteer_who_is_at_a_kitchens_door_takes_a_box_of_the_other_kitchen_there_too() -> None:
    problem = compile_week(two_kitchens_behind_one_door())
    state = empty_state(problem, 1)
    construct(problem, state, lambda: False)
    assert state.sums[LOST] == 0


def test_a_box_is_not_taken_before_its_kitchen_is_ready_nor_without_a_call_that_is_left() -> None:
    late = two_kitchens_behind_one_door(ready=615)
    assert judged(late, solve(late, **QUICK)).score.served == 1
    once = week(
        canteens=[canteen(), canteen(id="c2")],
        volunteers=[volunteer(windows=[[0, 600, 622]], trips=1)],
        visits=[meal("x1"), meal("x2", canteen="c2")],
    )
    assert judged(once, solve(once, **QUICK)).score.served == 1


def test_progress_begins_with_the_first_plan_and_the_ceiling_only_falls() -> None:
    said = []
    of = read_week(generate("T", 2))
    plan = solve(of, seconds=4, iterations=200, workers=1, progress=said.append)
    assert said[0]["phase"] == "construct"
    assert said[-1]["phase"] == "done"
    ceilings = [one["bound"] for one in said]
    assert ceilings == sorted(ceilings, reverse=True)
    assert said[-1]["served_weight"] == plan.score.served_weight


def test_a_solve_that_is_told_to_stop_gives_its_best_plan_at_once() -> None:
    of = read_week(generate("T", 2))
    plan = judged(of, solve(of, seconds=60, workers=2, stop=lambda: True))
    assert plan.seconds < 5


def test_the_first_plan_needs_no_or_tools() -> None:
    program = (
        "import sys, json; from matching.files import read_week; from matching.solve import solve;"
        "solve(read_week(json.load(sys.stdin)), seconds=9, workers=1, stop=lambda: True);"
        "print(sorted(name for name in sys.modules if name.startswith('ortools')))"
    )
    out = subprocess.run([sys.executable, "-c", program], input=json.dumps(generate("T", 1)), capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_a_proof_cut_short_claims_nothing_false() -> None:
    of = read_week(generate("S", 4))
    problem = compile_week(of)
    rows = Relaxation(problem, 0, moats=True).rows
    served = solve(of, seconds=4, iterations=50, workers=1, stop=None).score.served_weight
    for seconds in (0.01, 0.1, 0.5):
        assert by_search(rows, seconds, steady=False, stop=None).most >= served
        assert by_prices(rows, seconds) >= served


def test_every_row_of_the_relaxation_holds_for_plans_that_are_driven() -> None:
    weeks = [read_week(generate("T", seed)) for seed in (1, 2)] + [random_week(seed) for seed in range(40)]
    for of in weeks:
        problem = compile_week(of)
        plan = solve(of, seconds=9, iterations=100, workers=1, stop=None)
        window_at = {
            (of.volunteers[v].id, i): w for w, (v, i) in enumerate(zip(problem.windows.volunteer, problem.windows.index, strict=True))
        }
        number = {one.id: at for at, one in enumerate(of.visits)}
        driven = {
            (number[stop.visit], window_at[route.volunteer, route.window])
            for route in plan.routes
            for stop in route.stops
            if isinstance(stop, VisitStop)
        }
        relaxation = Relaxation(problem, 0, moats=True)
        others = [(unknown, 1) for place, unknown in relaxation.member.items() if place not in driven]
        relaxation.rows.at_most(others, 0)
        assert driven <= relaxation.member.keys()
        assert by_search(relaxation.rows, 9, steady=True, stop=None) == (plan.score.served_weight, True)


def test_any_prices_prove_a_ceiling_and_none_a_false_one() -> None:
    rows = Rows()
    first, second = rows.variable(3), rows.variable(5)
    rows.at_most([(first, 1), (second, 1)], 1)
    assert priced(rows, [0]) == 8
    assert priced(rows, [5 * SCALE]) == 5
    assert priced(rows, [-5 * SCALE]) == 8
    rows.equal([(first, 1)], [(second, 1)])
    assert priced(rows, [4 * SCALE, -SCALE]) == 4
