"""PyVRP as a peer: meals as shipments, or clients of one depot with reloads and release times where all is loaded there."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.benchmarks.stripped import CannotSay, Day, Step, Tours, loaded

FORBIDDEN = 10_000_000
MOST_BYTES = 4 * 1024**3
MOST_PENALTY = 10_000_000.0
"""A hundred times PyVRP's own limit: with its own, visits at their price outweigh being late and no answer is lawful."""


def solve(day: Day, seconds: float) -> Tours:
    """Plan a day by PyVRP; outside the published sets, where all must be served, a visit may be left out at its price."""
    import pyvrp
    import pyvrp.stop

    began = time.monotonic()
    terms = Terms(pyvrp, day)
    left = max(seconds - (time.monotonic() - began), 0.1)
    parameters = pyvrp.SolveParams() if day.depot else pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=MOST_PENALTY))
    stop = pyvrp.stop.MaxRuntime(left)
    result = pyvrp.solve(terms.problem, stop, seed=1, collect_stats=False, display=False, params=parameters)
    return terms.tours(result.best)


class Terms:
    """A day in PyVRP's terms: a location for every home, task and canteen; vehicles that are alike are one type."""

    def __init__(self, pyvrp: Any, day: Day) -> None:
        self.day, self.pyvrp = day, pyvrp
        self.homes = list(dict.fromkeys(one.home for one in day.vehicles))
        kitchens = [] if day.depot else list(dict.fromkeys(task.canteen for task in day.tasks if task.canteen is not None))
        self.spots = [*self.homes, *(task.door for task in day.tasks), *kitchens]
        self.kitchen = {spot: len(self.spots) - len(kitchens) + position for position, spot in enumerate(kitchens)}
        self.pickups = [number for number, task in enumerate(day.tasks) if task.canteen is not None and not day.depot]
        self.clients = [number for number, task in enumerate(day.tasks) if task.canteen is None or day.depot]
        self.prize = 0 if day.depot else day.worth
        self.alike = self._alike()
        matrices = self._matrices()
        self.problem = pyvrp.ProblemData(
            [pyvrp.Location(0, 0) for _ in self.spots],
            [self._client(number) for number in self.clients],
            [pyvrp.Depot(position) for position in range(len(self.homes))],
            [self._vehicles(numbers) for numbers in self.alike],
            matrices,
            matrices,
            shipments=[self._shipment(number) for number in self.pickups],
        )

    def _alike(self) -> list[list[int]]:
        """Group the vehicles that differ in nothing."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for number, one in enumerate(self.day.vehicles):
            found.setdefault((one.home, one.boxes, one.start, one.end, *self._profile(number)), []).append(number)
        return list(found.values())

    def _profile(self, vehicle: int) -> tuple[str, frozenset[int]]:
        closed = frozenset(number for number, task in enumerate(self.day.tasks) if vehicle not in task.allowed)
        return self.day.vehicles[vehicle].mode, closed

    def _matrices(self) -> list[Any]:
        """Make a matrix for each mode and set of closed doors: such a door is endlessly far."""
        self.profiles = list(dict.fromkeys(self._profile(numbers[0]) for numbers in self.alike))
        if 2 * 8 * len(self.profiles) * len(self.spots) ** 2 > MOST_BYTES:
            raise CannotSay(f"PyVRP would need {len(self.profiles)} times two matrices of {len(self.spots)} places a side")
        return [self._matrix(mode, [len(self.homes) + number for number in closed]) for mode, closed in self.profiles]

    def _matrix(self, mode: str, closed: Sequence[int]) -> Any:
        minutes = self.day.minutes[mode][np.ix_(self.spots, self.spots)]
        minutes[:, list(closed)] = FORBIDDEN
        np.fill_diagonal(minutes, 0)
        return minutes

    def _worth(self, number: int) -> Mapping[str, Any]:
        return {"prize": self.day.tasks[number].weight * self.prize, "required": self.prize == 0}

    def _client(self, number: int) -> Any:
        task, location = self.day.tasks[number], len(self.homes) + number
        release = task.ready if self.day.depot else 0
        return self.pyvrp.Client(
            location, [task.boxes], [0], task.minutes, task.start, task.latest, release, **self._worth(number)
        )  # fmt: skip

    def _shipment(self, number: int) -> Any:
        task, door = self.day.tasks[number], len(self.homes) + number
        return self.pyvrp.Shipment(
            self.kitchen[task.canteen or 0],
            door,
            pickup_tw_early=task.ready,
            pickup_tw_late=task.until,
            delivery_tw_early=task.start,
            delivery_tw_late=task.latest,
            delivery_service_duration=task.minutes,
            amount=[task.boxes],
            **self._worth(number),
        )

    def _vehicles(self, numbers: Sequence[int]) -> Any:
        one = self.day.vehicles[numbers[0]]
        home = self.homes.index(one.home)
        return self.pyvrp.VehicleType(
            len(numbers),
            [one.boxes],
            home,
            home,
            tw_early=one.start,
            tw_late=one.end,
            profile=self.profiles.index(self._profile(numbers[0])),
            reload_depots=[home] if self.day.depot and not self.day.one_trip else [],
        )

    def tours(self, solution: Any) -> Tours:
        """Read the routes of a solution, an alike vehicle for each; a route that PyVRP itself calls infeasible is left out."""
        free = [list(numbers) for numbers in self.alike]
        return {free[route.vehicle_type()].pop(): self._steps(route) for route in solution.routes() if route.is_feasible()}

    def _steps(self, route: Any) -> list[Step]:
        """Read a route; from a depot each trip is loaded at its beginning."""
        steps: list[Step] = []
        trip: list[int] = []
        for activity in route:
            if activity.is_depot():
                steps += loaded(self.day, trip)
                trip = []
            elif activity.is_client() and self.day.depot:
                trip.append(self.clients[activity.idx])
            elif activity.is_client():
                steps.append((self.clients[activity.idx], False))
            else:
                steps.append((self.pickups[activity.idx], activity.is_pickup()))
        return [*steps, *loaded(self.day, trip)]
