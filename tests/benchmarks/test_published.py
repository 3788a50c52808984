"""Published instances become weeks in which the same routes cost the same."""

import json
from itertools import permutations

import pytest

from matching.files import read_week, week_to_json
from matching.model import Week
from matching.referee.check import check
from tests.benchmarks.peer import missing, plan_by
from tests.benchmarks.published import SOLVERS, known_plan
from tests.benchmarks.sets import Published, multi_trip, solomon, solution, week_of
from tests.benchmarks.stripped import days_of, loaded, plan_of

SOLOMON = """TINY1

VEHICLE
NUMBER     CAPACITY
  2         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0       0         0         0          0       100          0
    1       1         1        10          0        90         10
    2       2         1        10          0        90         10
    3       0         5        10         20        30         10
"""
TRIPS = """NAME: TINYR
COMMENT: Invented.
TYPE: MTVRPTWR
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 4
VEHICLES: 1
CAPACITY: 20
SERVICE_TIME: 10
NODE_COORD_SECTION
1	0	0
2	1	1
3	2	1
4	0	5
DEMAND_SECTION
1	0
2	10
3	10
4	10
TIME_WINDOW_SECTION
1	0	100
2	0	90
3	0	90
4	20	90
RELEASE_TIME_SECTION
1	0
2	0
3	0
4	40
VEHICLES_RELOAD_DEPOT_SECTION
1	1
DEPOT_SECTION
1
EOF
"""
SOLUTION = "Route #1: 1 2 0 3\nCost: 146\n"
"""1.4 + 1 + 2.2 and 5 + 5, each leg truncated to tenths."""


def tiny() -> Week:
    return read_week(json.loads(week_to_json(week_of(solomon(SOLOMON)))))


def cost_of(week: Week, *trips: list[int]) -> tuple[int, bool]:
    (day,) = days_of(week)
    verdict = check(week, plan_of(week, [(day, {number: loaded(day, trip) for number, trip in enumerate(trips)})]))
    return verdict.score.travel, verdict.ok


def test_routes_cost_the_truncated_distances_in_tenths() -> None:
    assert cost_of(tiny(), [0, 1], [2]) == (14 + 10 + 22 + 50 + 50, True)


def test_a_customer_is_reached_until_its_due_date_and_no_later() -> None:
    week = tiny()
    assert cost_of(week, [0, 2], [1])[1]
    assert not cost_of(week, [0, 1, 2])[1], "three boxes of ten do not fit into twenty"
    late = week_of(solomon(SOLOMON.replace("20        30 ", " 0        16 ")))
    assert cost_of(late, [0, 2], [1])[1], "1.4 and 10 and 4.1 is 15.5"
    assert not cost_of(week_of(solomon(SOLOMON.replace("20        30 ", " 0        15 "))), [0, 2], [1])[1]


def test_the_depot_closes_when_it_says() -> None:
    closes = SOLOMON.replace("0       100 ", "0        34 ")
    assert not cost_of(week_of(solomon(closes)), [0, 1], [2])[1], "20 and 10 and 5 is 35"
    assert cost_of(week_of(solomon(SOLOMON.replace("0       100 ", "0        35 "))), [0, 1], [2])[1]


@pytest.mark.parametrize("name", [name for name in SOLVERS[1:] if not missing(name)])
def test_every_solver_finds_the_least_travel_of_a_tiny_instance(name: str) -> None:
    week = tiny()
    verdict = check(week, plan_by(name, week, 0.5))
    ways = [cost_of(week, list(order[:cut]), list(order[cut:])) for order in permutations(range(3)) for cut in (1, 2)]
    assert (verdict.breaches, verdict.score.served) == ((), 3)
    assert verdict.score.travel == min(travel for travel, ok in ways if ok)


@pytest.mark.parametrize("name", [name for name in SOLVERS[1:] if not missing(name)])
def test_every_solver_loads_again_at_the_depot(name: str) -> None:
    week = week_of(multi_trip(TRIPS))
    verdict = check(week, plan_by(name, week, 0.5))
    assert (verdict.breaches, verdict.score.served) == ((), 3)
    assert verdict.score.travel == 14 + 14 + 22 + 44 + 50, "one is near; two and three are on one way, when three is released"


def test_a_published_solution_of_several_trips_is_a_plan_of_the_same_cost() -> None:
    routes, best = solution(SOLUTION)
    one = Published(name="TINYR", kind="T", week=week_of(multi_trip(TRIPS)), best=best, routes=routes)
    verdict = check(one.week, known_plan(one))
    assert verdict.breaches == ()
    assert (verdict.score.served, verdict.score.travel) == (3, best)


def test_goods_are_not_taken_before_they_are_released() -> None:
    week = week_of(multi_trip(TRIPS.replace("4\t20\t90", "4\t20\t44")))
    routes, best = solution(SOLUTION)
    verdict = check(week, known_plan(Published(name="TINYR", kind="T", week=week, best=best, routes=routes)))
    assert [breach.rule for breach in verdict.breaches] == ["window_visit"], "released at 40 and 5 away, it comes at 45"
