"""The last look: no visit stays out that could still be put in, not even with its pick-up far ahead of its door."""

from matching.construct import order
from matching.insertion import Spot
from matching.problem import Problem
from matching.recreate import Recreate
from matching.state import FORBIDDEN, State


def fill(problem: Problem, state: State, *, thorough: bool = False) -> int:
    """Serve visits that still fit somewhere; return how many. `thorough` also parts a pick-up from its delivery."""
    recreate = Recreate(problem, state)
    added = 0
    for visit in order(problem):
        if state.spots[visit]:
            continue
        if recreate.insert(visit) or (thorough and _insert_apart(problem, state, visit)):
            added += 1
    state.mark()
    return added


def _insert_apart(problem: Problem, state: State, visit: int) -> bool:
    """Serve a meal by a pick-up with other stops between it and the door."""
    best: tuple[float, int, Spot] | None = None
    for window in problem.visits.fits[visit]:
        spot = state.insertion.everywhere(state.trips[window], visit)
        if spot is None:
            continue
        price = state.price(visit, window, spot[0])
        if price < (FORBIDDEN if best is None else best[0]):
            best = price, window, spot
    if best is None:
        return False
    route = state.routes.get(best[1], best[2][1])
    if route is None:
        return False
    state.put(route)
    state.serve(visit, (best[1],))
    return True
