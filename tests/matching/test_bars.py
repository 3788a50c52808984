"""How near the best plan the planner comes, by counted steps, so that it holds on any machine.

`python -m tests.benchmarks sizes` measures the same by time, on all seeds and sizes.
"""

import pytest

from matching.files import read_week
from matching.model import Status
from matching.referee.check import check
from matching.solve import solve
from tests.benchmarks.generate import generate

LARGEST_GAP_OF_A_COMMUNITY = 0.02


@pytest.mark.parametrize("seed", [3, 4, 7, 8, 9, 10])
def test_a_small_week_is_planned_so_that_nothing_can_serve_more(seed: int) -> None:
    of = read_week(generate("T", seed))
    plan = solve(of, seconds=120, iterations=20_000, workers=1)
    assert check(of, plan).ok
    assert plan.status == Status.SERVED_OPTIMAL
    assert plan.score.served_weight == plan.bound


def test_a_community_is_planned_near_what_can_be_proved() -> None:
    of = read_week(generate("S", 4))
    plan = solve(of, seconds=120, iterations=60_000, workers=1)
    assert check(of, plan).ok
    assert 1 - plan.score.served_weight / plan.bound <= LARGEST_GAP_OF_A_COMMUNITY
