"""OR-Tools routing as a peer, in several settings: meals as pick-up and delivery pairs, or plain loads of one trip."""

from typing import Any

import numpy as np

from tests.benchmarks.stripped import Day, Step, Tours, loaded

SAVINGS, INSERTION = "SAVINGS", "PARALLEL_CHEAPEST_INSERTION"
SETTINGS = {
    "savings": (SAVINGS, "GUIDED_LOCAL_SEARCH"),
    "insertion": (INSERTION, "GUIDED_LOCAL_SEARCH"),
    "annealing": (INSERTION, "SIMULATED_ANNEALING"),
    "tabu": (INSERTION, "TABU_SEARCH"),
    "ils": (INSERTION, "iterated"),
}
"""The first solution and what betters it; `iterated` ruins neighbouring strings and inserts them again."""
RUINED = 10


def solve(day: Day, seconds: float, setting: str) -> Tours:
    """Plan a day by OR-Tools routing; a visit may be left out at its price."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    first, better = SETTINGS[setting]
    terms = Terms(pywrapcp, day)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, first)
    parameters.time_limit.FromMilliseconds(round(1000 * seconds))
    if better == "iterated":
        _ruin_strings(parameters)
        answer = terms.routing.SolveWithIteratedLocalSearch(parameters)
    else:
        parameters.local_search_metaheuristic = getattr(routing_enums_pb2.LocalSearchMetaheuristic, better)
        answer = terms.routing.SolveWithParameters(parameters)
    return terms.tours(answer) if answer else {}


def _ruin_strings(parameters: Any) -> None:
    parameters.use_iterated_local_search = True
    strategy = parameters.iterated_local_search_parameters.ruin_recreate_parameters.ruin_strategies.add()
    strategy.sisr.max_removed_sequence_size = RUINED
    strategy.sisr.avg_num_removed_visits = RUINED
    strategy.sisr.bypass_factor = 0.5


class Terms:
    """A day in OR-Tools' terms: a node for every home, every task's door and every task's pick-up."""

    def __init__(self, pywrapcp: Any, day: Day) -> None:
        self.day = day
        homes = list(dict.fromkeys(one.home for one in day.vehicles))
        self.pickups = [number for number, task in enumerate(day.tasks) if task.canteen is not None and not day.one_trip]
        self.steps: list[Step | None] = [None] * len(homes)
        self.steps += [(number, False) for number in range(len(day.tasks))] + [(number, True) for number in self.pickups]
        self.node = {step: node for node, step in enumerate(self.steps) if step is not None}
        self.spots = [*homes, *(task.door for task in day.tasks), *(day.tasks[number].canteen for number in self.pickups)]
        starts = [homes.index(one.home) for one in day.vehicles]
        self.manager = pywrapcp.RoutingIndexManager(len(self.spots), len(day.vehicles), starts, starts)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.horizon = max(*(one.end for one in day.vehicles), *(max(task.latest, task.until) for task in day.tasks))
        self._time()
        self._load()
        self._tasks()

    def _time(self) -> None:
        """Make travel the cost and time a dimension, by the mode of each vehicle."""
        service = np.array([0 if step is None or step[1] else self.day.tasks[step[0]].minutes for step in self.steps])
        travel, clock = {}, {}
        for mode, minutes in self.day.minutes.items():
            legs = minutes[np.ix_(self.spots, self.spots)]
            travel[mode] = self.routing.RegisterTransitMatrix(legs.tolist())
            clock[mode] = self.routing.RegisterTransitMatrix((legs + service[:, None]).tolist())
        clocks = [clock[one.mode] for one in self.day.vehicles]
        self.routing.AddDimensionWithVehicleTransits(clocks, self.horizon, self.horizon, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for number, one in enumerate(self.day.vehicles):
            self.routing.SetArcCostEvaluatorOfVehicle(travel[one.mode], number)
            self.time.CumulVar(self.routing.Start(number)).SetRange(one.start, one.end)
            self.time.CumulVar(self.routing.End(number)).SetRange(one.start, one.end)

    def _load(self) -> None:
        aboard = [0 if step is None else self.day.tasks[step[0]].boxes * self._sign(step) for step in self.steps]
        load = self.routing.RegisterUnaryTransitVector(aboard)
        self.routing.AddDimensionWithVehicleCapacity(load, 0, [one.boxes for one in self.day.vehicles], True, "load")

    def _sign(self, step: Step) -> int:
        return 1 if step[1] or self.day.one_trip else -1

    def _tasks(self) -> None:
        """Give each task its hours, who may come and what it is worth; a meal's two stops are one vehicle's or nobody's."""
        for number, task in enumerate(self.day.tasks):
            door = self.manager.NodeToIndex(self.node[number, False])
            self.time.CumulVar(door).SetRange(task.start, task.latest)
            self.routing.AddDisjunction([door], task.weight * self.day.worth)
            if len(task.allowed) < len(self.day.vehicles):
                # SetAllowedVehiclesForIndex takes no Python list in ortools 9.15, and takes an empty one for "all".
                self.routing.VehicleVar(door).SetValues([-1, *sorted(task.allowed)])
            if (number, True) in self.node:
                self._pair(number, door)

    def _pair(self, number: int, door: int) -> None:
        task, solver = self.day.tasks[number], self.routing.solver()
        pickup = self.manager.NodeToIndex(self.node[number, True])
        self.time.CumulVar(pickup).SetRange(task.ready, task.until)
        self.routing.AddDisjunction([pickup], 0)
        self.routing.AddPickupAndDelivery(pickup, door)
        solver.Add(self.routing.VehicleVar(pickup) == self.routing.VehicleVar(door))
        solver.Add(self.time.CumulVar(pickup) <= self.time.CumulVar(door))

    def tours(self, answer: Any) -> Tours:
        """Read the routes of the vehicles that drive."""
        found = {number: self._steps(answer, number) for number in range(len(self.day.vehicles)) if self._drives(answer, number)}
        return {number: loaded(self.day, [task for task, _ in steps]) if self.day.one_trip else steps for number, steps in found.items()}

    def _drives(self, answer: Any, vehicle: int) -> bool:
        return not self.routing.IsEnd(answer.Value(self.routing.NextVar(self.routing.Start(vehicle))))

    def _steps(self, answer: Any, vehicle: int) -> list[Step]:
        index, found = answer.Value(self.routing.NextVar(self.routing.Start(vehicle))), []
        while not self.routing.IsEnd(index):
            step = self.steps[self.manager.IndexToNode(index)]
            if step is not None:
                found.append(step)
            index = answer.Value(self.routing.NextVar(index))
        return found
