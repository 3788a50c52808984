"""The first plan, within a moment: pins, then meals, then crews, then everything else by how scarce its people are.

Lunch is the bottleneck of such a week: meals last costs 15 to 30 points of served weight against meals first, because
long visits then lie across the hour in which everybody is hungry.
"""

from collections.abc import Callable

from matching.problem import Problem
from matching.recreate import Recreate
from matching.state import State

LOOK_EVERY = 64


def construct(problem: Problem, state: State, halt: Callable[[], bool]) -> None:
    """Serve what the state can serve, in one greedy pass that ends early when the time is up."""
    recreate = Recreate(problem, state)
    for number, visit in enumerate(order(problem)):
        if number % LOOK_EVERY == 0 and halt():
            break
        if not state.spots[visit]:
            recreate.insert(visit)
    state.mark()


def order(problem: Problem) -> list[int]:
    """Return the visits that anybody could serve, the most pressing first."""
    return sorted((visit for visit in range(problem.size) if problem.visits.fits[visit]), key=lambda visit: _urgency(problem, visit))


def _urgency(problem: Problem, visit: int) -> tuple[int, int, int, float, int, int]:
    visits = problem.visits
    canteen = visits.canteen[visit]
    if visits.pinned[visit]:
        return 0, 0, len(visits.fits[visit]), 0.0, 0, visit
    if canteen >= 0:
        far = -int(problem.legs.least[0][problem.canteens.node[canteen], visits.node[visit]])
        return 1, visits.days[visit][0], canteen, -visits.value[visit], far, visit
    crews = 2 if visits.crew[visit] == 2 else 3
    scarcity = len(visits.fits[visit]) / visits.value[visit]
    return crews, 0, 0, scarcity, -visits.minutes[visit], visit
