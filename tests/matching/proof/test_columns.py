"""The ceiling by columns is never below what can be served, whatever the prices, and no trip that can be driven is cut off."""

import random
from dataclasses import replace

import numpy as np
import pytest

from matching.files import read_week
from matching.model import Week
from matching.proof.ceiling import prove
from matching.proof.columns import Columns
from matching.proof.linear_programme import SCALE
from matching.proof.master_rows import Master
from matching.search.problem import compile_week
from tests.benchmarks.generate import generate
from tests.matching.brute import most_weight
from tests.matching.random_weeks import random_week
from tests.matching.weeks import meal, visit, volunteer, week


def tiny(seed: int, people: int = 2) -> Week:
    of = replace(random_week(seed), pins=())
    of = replace(of, visits=of.visits[:4], volunteers=of.volunteers[:people])
    return replace(of, elders=tuple(replace(one, preferred=(), excluded=()) for one in of.elders), history=frozenset())


def at_prices(columns: Columns, prices: list[int]) -> int:
    whole = np.array(prices, dtype=np.int64)
    trips = {window: columns.trips(shift, whole) for window, shift in columns.master.shifts.items()}
    return columns.reached(whole, [one[-1].worth for one in columns._weeks(trips).values()])


def some_prices(dice: random.Random, master: Master) -> list[int]:
    most = 20 * SCALE
    return [0, *(dice.randint(-most if exact else 0, most) for exact in master.exact[1:])]


@pytest.mark.parametrize("seed", range(60))
def test_at_any_prices_whatever_the_ceiling_is_not_below_the_best_plan(seed: int) -> None:
    of = tiny(seed)
    best, columns, dice = most_weight(of), Columns(compile_week(of), 0), random.Random(seed)
    for _ in range(5):
        assert at_prices(columns, some_prices(dice, columns.master)) >= best * SCALE


@pytest.mark.parametrize("seed", range(400, 460))
def test_every_round_proves_a_ceiling_that_holds(seed: int) -> None:
    of = tiny(seed, people=3)
    best, columns = most_weight(of), Columns(compile_week(of), 0)
    proved = list(columns.rounds(lambda: True))
    assert proved
    assert proved == sorted(proved, reverse=True)
    assert proved[-1] >= best


def test_alone_somebody_is_bounded_by_exactly_what_they_can_do() -> None:
    met = 0
    for seed in range(60):
        of = tiny(seed, people=1)
        of = replace(of, visits=tuple(one for one in of.visits if one.crew == 1))
        *_, ceiling = [trivially(of), *Columns(compile_week(of), 0).rounds(lambda: True)]
        assert ceiling >= most_weight(of)
        met += ceiling == most_weight(of)
    assert met >= 57


def trivially(of: Week) -> int:
    return sum(one.weight for one in of.visits)


@pytest.mark.parametrize(
    ("limits", "best"),
    [({"boxes": 2}, 30), ({"boxes": 1, "trips": 1}, 10), ({"max_day": 8}, 0), ({"windows": [[0, 600, 616]]}, 20), ({"trips": 0}, 0)],
)
def test_boxes_trips_work_and_hours_bind_as_they_do_on_the_street(limits: dict[str, object], best: int) -> None:
    of = week(visits=[meal(f"x{n}") for n in range(3)], volunteers=[volunteer(**limits)])
    assert most_weight(of) == best
    assert prove(compile_week(of), seconds=5) == best


def test_food_that_grows_cold_needs_a_second_way_to_the_kitchen() -> None:
    of = week(visits=[meal(f"x{n}", minutes=12) for n in range(3)])
    assert most_weight(of) == prove(compile_week(of), seconds=5)


def test_two_who_cannot_meet_serve_nobody_together() -> None:
    apart = [volunteer("v1", windows=[[0, 480, 560]]), volunteer("v2", windows=[[0, 600, 720]])]
    assert prove(compile_week(week(visits=[visit(crew=2)], volunteers=apart)), seconds=5) == 0
    near = [volunteer("v1", windows=[[0, 480, 660]]), volunteer("v2", windows=[[0, 600, 720]])]
    assert prove(compile_week(week(visits=[visit(crew=2)], volunteers=near)), seconds=5) == 10


def test_kept_pins_lower_the_ceiling_to_what_is_left_beside_them() -> None:
    of = week(
        visits=[visit("x1", weight=1, minutes=200), visit("x2", weight=50, minutes=200)],
        pins=[{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": 500}],
    )
    assert prove(compile_week(of), seconds=5, pins=1) == 1
    assert prove(compile_week(of), seconds=5, pins=0) == 50


@pytest.mark.parametrize(("seed", "best"), [(1, 1196), (2, 1185), (3, 1302), (4, 1253), (8, 1225), (9, 1096), (10, 1384)])
def test_a_small_week_is_closed(seed: int, best: int) -> None:
    assert prove(compile_week(read_week(generate("T", seed))), seconds=60, steady=True) == best


def test_a_steady_proof_repeats() -> None:
    problem = compile_week(read_week(generate("T", 8)))
    told: list[list[int]] = [[], []]
    for said in told:
        prove(problem, seconds=60, steady=True, told=said.append)
    assert told[0] == told[1]
