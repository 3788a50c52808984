"""The last look: no visit stays out that could still be put in, not even with its pick-up far ahead of its door."""

from matching.construct import order
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
    for window in problem.visits.fits[visit]:
        trip = state.trips[window]
        stops = state.insertion.everywhere(trip, visit)
        route = None if stops is None else state.routes.get(window, stops)
        if route is not None and state.price(visit, window, route.travel - trip.travel) < FORBIDDEN:
            state.put(route)
            state.serve(visit, (window,))
            return True
    return False
