"""The first plan, within a moment: pins, then meals, then crews, then everything else by how scarce its people are.

Lunch is the bottleneck of such a week: meals last costs 15 to 30 points of served weight against meals first, because
long visits then lie across the hour in which everybody is hungry.
"""

from collections.abc import Callable

import numpy as np

from matching.search.problem import Problem
from matching.search.recreate import insert_all
from matching.search.state import State

LOOK_EVERY = 512


def construct(problem: Problem, state: State, halt: Callable[[], bool]) -> None:
    """Serve what the state can serve, in one greedy pass that ends early when the time is up."""
    pressing = np.array(order(problem), dtype=np.int64)
    for begin in range(0, len(pressing), LOOK_EVERY):
        if begin and halt():
            break
        insert_all(problem.facts, state, pressing[begin : begin + LOOK_EVERY])


def order(problem: Problem) -> list[int]:
    """Return the visits that anybody could serve, the most pressing first."""
    counts = problem.visits.fits.counts()
    return sorted((visit for visit, count in enumerate(counts) if count), key=lambda visit: _urgency(problem, visit, counts[visit]))


def _urgency(problem: Problem, visit: int, people: int) -> tuple[int, int, int, float, int, int]:
    visits = problem.visits
    canteen = visits.canteen[visit]
    if visits.pinned[visit]:
        return 0, 0, people, 0.0, 0, visit
    if canteen >= 0:
        far = -int(problem.legs.least[0, problem.canteens.node[canteen], visits.node[visit]])
        return 1, visits.days[visit][0], canteen, -visits.value[visit], far, visit
    crews = 2 if visits.crew[visit] == 2 else 3
    scarcity = people / visits.value[visit]
    return crews, 0, 0, scarcity, -visits.minutes[visit], visit
