"""From the search's numbers back to the contract's plan: routes with minutes, score and status."""

import math
from collections.abc import Sequence

from matching.model import PickupStop, Plan, Route, Score, Status, Stop, Unserved, VisitStop
from matching.problem import Problem
from matching.route import Route as Trip
from matching.state import State


def draft(problem: Problem, state: State) -> Plan:
    """Return the bare plan of a state: its routes in the order of volunteers and windows."""
    routes = tuple(_route(problem, state, trip) for trip in state.trips if trip.stops)
    return Plan(week=problem.week.name, routes=routes)


def _route(problem: Problem, state: State, trip: Trip) -> Route:
    week, size = problem.week, state.routes.size
    stops: list[Stop] = []
    for position, code in enumerate(trip.stops):
        at = trip.early[position]
        if code >= 0:
            stops.append(VisitStop(visit=week.visits[code % size].id, start=at))
            continue
        taken = tuple(week.visits[other % size].id for other, pickup in zip(trip.stops, trip.picked, strict=True) if pickup == position)
        stops.append(PickupStop(pickup=week.canteens[~code].id, at=at, visits=taken))
    windows = problem.windows
    return Route(volunteer=week.volunteers[windows.volunteer[trip.window]].id, window=windows.index[trip.window], stops=tuple(stops))


def score(problem: Problem, state: State) -> Score:
    """Return what a state reaches, from its sums, fairness and cost rounded as the contract says."""
    served = [visit for visit, windows in enumerate(state.spots) if windows]
    unfair = math.fsum(work * work / most for work, most in zip(state.week_work, problem.people.max_week, strict=True))
    weights = problem.week.weights
    cost = weights.travel * state.travel + weights.new_face * state.new_faces + weights.fairness * unfair + weights.touched * state.touched
    return Score(
        served=len(served),
        served_weight=sum(problem.visits.weight[visit] for visit in served),
        travel=state.travel,
        new_faces=state.new_faces,
        fairness=round(unfair, 1),
        touched=state.touched,
        cost=round(cost, 1),
    )


def status(reached: Score, ceiling: int, unserved: Sequence[Unserved]) -> Status:
    """Say how much is proved: nothing can cost less than nothing, and a ceiling reached is a ceiling."""
    pins_kept = all(one.reason != "pin" for one in unserved)
    if reached.served_weight < ceiling or not pins_kept:
        return Status.FEASIBLE
    return Status.OPTIMAL if reached.cost == 0 else Status.SERVED_OPTIMAL
