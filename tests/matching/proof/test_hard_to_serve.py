"""A ceiling of some visits beside the whole weight of the others holds for the week, whichever visits are chosen."""

import random
from itertools import pairwise

import pytest

from matching.files import read_week
from matching.model import Week
from matching.proof.ceiling import Proof, by_prices, by_search, prove, trivial
from matching.proof.hard_to_serve import hardest
from matching.proof.relaxation import Relaxation
from matching.search.problem import compile_week
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.brute import most_weight
from tests.matching.proof.test_columns import tiny
from tests.matching.random_weeks import random_week
from tests.matching.weeks import visit, volunteer, week


@pytest.mark.parametrize("seed", range(40))
def test_whichever_visits_are_bounded_alone_the_best_plan_is_not_above_it(seed: int) -> None:
    of = tiny(seed, people=3)
    problem, best, dice = compile_week(of), most_weight(of), random.Random(seed)
    for moats in (False, True):
        some = dice.sample(range(problem.size), dice.randint(1, problem.size))
        rows = Relaxation(problem, 0, moats=moats, only=some).rows
        others = trivial(problem) - trivial(problem, some)
        assert others + by_search(rows, 5, steady=True, stop=None).most >= best
        assert others + by_prices(rows, None) >= best


@pytest.mark.parametrize("seed", range(60))
def test_pins_a_plan_keeps_never_push_the_ceiling_of_some_visits_below_the_plan(seed: int) -> None:
    of = random_week(seed)
    plan, problem, dice = solve(of, seconds=9, iterations=50, workers=1), compile_week(of), random.Random(seed)
    served = {each for route in plan.routes for stop in route.stops for each in (stop.visits if hasattr(stop, "visits") else (stop.visit,))}
    kept = sum(pin.visit in served for pin in of.pins)
    some = dice.sample(range(problem.size), dice.randint(1, problem.size))
    proof = Proof(problem, kept, 9, steady=True, stop=None, told=None)
    proof.by_rows(frozenset(some), 1.0, moats=True)
    assert proof.ceiling >= plan.score.served_weight


def test_a_pin_outside_the_chosen_visits_asks_nothing_of_them() -> None:
    of = two_long_visits(pins=[{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": 500}])
    proof = Proof(compile_week(of), 1, 9, steady=True, stop=None, told=None)
    proof.by_rows(frozenset({1}), 1.0, moats=False)
    assert proof.ceiling == 51


def test_two_that_exclude_each_other_are_not_both_counted_whatever_else_there_is() -> None:
    proof = Proof(compile_week(two_long_visits(more=3)), 0, 9, steady=True, stop=None, told=None)
    proof.by_rows(frozenset({0, 1}), 1.0, moats=False)
    assert proof.ceiling == 50 + 3 * 10


def two_long_visits(more: int = 0, pins: list[object] | None = None) -> Week:
    long = [visit("x1", weight=1, minutes=200), visit("x2", weight=50, minutes=200)]
    short = [visit(f"y{number}", minutes=10) for number in range(more)]
    return week(visits=[*long, *short], volunteers=[volunteer("v1")], pins=pins or [])


def test_the_hardest_are_long_and_have_few_windows_and_more_room_takes_more_of_them() -> None:
    problem = compile_week(read_week(generate("S", 1)))
    chosen = [hardest(problem, most) for most in (0, 60, 1_000, 100_000)]
    assert not chosen[0]
    assert all(fewer < more for fewer, more in pairwise(chosen))
    assert {problem.week.visits[one].kind for one in chosen[1]} == {"escort", "haircut", "bloodcheck"}
    assert chosen[3] == {one for one in range(problem.size) if len(problem.visits.fits[one])}


def test_a_few_hard_visits_bound_a_community_below_the_weight_that_fits_and_it_repeats() -> None:
    problem = compile_week(read_week(generate("S", 1)))
    told: list[list[int]] = [[], []]
    for said in told:
        proof = Proof(problem, 0, 60, steady=True, stop=None, told=said.append)
        proof.by_rows(hardest(problem, 1_000), 1.0, moats=True)
    assert told[0] == told[1]
    assert told[0][-1] <= 5_810 < trivial(problem)


def test_of_a_big_week_the_hardest_visits_are_bounded() -> None:
    problem = compile_week(read_week(generate("M", 1)))
    assert prove(problem, seconds=60, steady=True) < 59_900 < trivial(problem)
