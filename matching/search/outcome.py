"""From the search's numbers back to the contract's plan: routes with minutes, score and status."""

import math
from collections.abc import Sequence

import numpy as np

from matching.model import PickupStop, Plan, Route, Score, Status, Stop, Unserved, VisitStop
from matching.search.problem import Problem
from matching.search.state import NEW_FACES, SPOT, TOUCHED, TRAVELLED, WEEK_WORK, State
from matching.search.trip import CODE, COUNT, EARLY, HEAD, PICKED


def draft(problem: Problem, state: State) -> Plan:
    """Return the bare plan of a state: its routes in the order of volunteers and windows."""
    used = np.flatnonzero(state.trips[: len(problem.windows.day), HEAD, COUNT]).tolist()
    return Plan(week=problem.week.name, routes=tuple(_route(problem, state, window) for window in used))


def _route(problem: Problem, state: State, window: int) -> Route:
    week, windows, trip = problem.week, problem.windows, state.trips[window]
    codes, early, picked = trip[[CODE, EARLY, PICKED], : trip[HEAD, COUNT]].tolist()
    stops: list[Stop] = []
    for position, (code, at) in enumerate(zip(codes, early, strict=True)):
        if code >= 0:
            stops.append(VisitStop(visit=week.visits[code].id, start=at))
            continue
        taken = tuple(week.visits[other].id for other, pickup in zip(codes, picked, strict=True) if other >= 0 and pickup == position)
        stops.append(PickupStop(pickup=week.canteens[~code].id, at=at, visits=taken))
    return Route(volunteer=week.volunteers[windows.volunteer[window]].id, window=windows.index[window], stops=tuple(stops))


def score(problem: Problem, state: State) -> Score:
    """Return what a state reaches, from its sums, fairness and cost rounded as the contract says."""
    served = np.flatnonzero(state.visits[: problem.size, SPOT] >= 0).tolist()
    work = state.people[:, WEEK_WORK].tolist()
    unfair = math.fsum(one * one / most for one, most in zip(work, problem.people.max_week, strict=True))
    weights = problem.week.weights
    travel, faces, touched = (int(state.sums[one]) for one in (TRAVELLED, NEW_FACES, TOUCHED))
    cost = weights.travel * travel + weights.new_face * faces + weights.fairness * unfair + weights.touched * touched
    return Score(
        served=len(served),
        served_weight=sum(problem.visits.weight[visit] for visit in served),
        travel=travel,
        new_faces=faces,
        fairness=round(unfair, 1),
        touched=touched,
        cost=round(cost, 1),
    )


def status(reached: Score, ceiling: int, unserved: Sequence[Unserved]) -> Status:
    """Say how much is proved: nothing can cost less than nothing, and a ceiling reached is a ceiling."""
    pins_kept = all(one.reason != "pin" for one in unserved)
    if reached.served_weight < ceiling or not pins_kept:
        return Status.FEASIBLE
    return Status.OPTIMAL if reached.cost == 0 else Status.SERVED_OPTIMAL
