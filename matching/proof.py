"""A proved ceiling of the served weight: no plan of the week that keeps as many pins can serve more.

First the trivial ceiling (visits no window fits are lost), then a relaxation solved by CP-SAT: visits are shared out to
windows without an order, and only what any order would need is charged: minutes, the least leg to each door, the least
legs to the kitchen and home, the hours that are free, pairs of visits that exclude each other, boxes and hot food a
trip, ceilings, and for a crew two windows that meet. Everything is integer and every inequality holds for every plan,
so the solver's own bound on the relaxation is a bound on the week even when it stops early.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.problem import ALWAYS, Problem

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_CANDIDATES = 60_000
"""Beyond this many (visit, window) pairs the relaxation is not built: building alone would outlast a solve."""
MOST_PAIRS = 400
MOST_INTERVALS = 8
STEADY_SECONDS = 8.0


def trivial(problem: Problem) -> int:
    """Return the weight of all visits that fit some window when it serves nothing else."""
    visits = problem.visits
    return sum(
        weight for visit, weight in enumerate(visits.weight) if visits.fits[visit] and (visits.crew[visit] == 1 or visits.seconds[visit])
    )


def prove(
    problem: Problem, *, seconds: float, pins: int = 0, steady: bool = False, workers: int = 1, stop: Callable[[], bool] | None = None
) -> int:
    """Return the best ceiling found in the time; `steady` counts work instead of time, so that runs repeat exactly."""
    free = trivial(problem)
    visits = problem.visits
    candidates = sum(len(one) for one in visits.fits)
    if not candidates or candidates > MOST_CANDIDATES or seconds < 1.0:
        return free
    relaxation = _Relaxation(problem, pins)
    found = relaxation.solve(seconds=seconds, steady=steady, workers=workers, stop=stop)
    return min(free, found)


@dataclass(slots=True)
class _Trip:
    """One window and the visits that fit it alone, as columns."""

    window: int
    visits: list[int]
    minutes: Ints
    first: Ints
    last: Ints
    between: Ints
    incoming: Ints
    back: Ints
    home: int
    kitchens: dict[int, int] = field(default_factory=dict)


class _Relaxation:
    """Builds and solves the relaxation of one problem."""

    def __init__(self, problem: Problem, pins: int) -> None:
        from ortools.sat.python import cp_model

        self.cp_model = cp_model
        self.problem = problem
        self.model: Any = cp_model.CpModel()
        self.served: dict[int, Any] = {}
        self.member: dict[tuple[int, int], Any] = {}
        self.load: dict[int, list[Any]] = {}
        self.home: dict[int, int] = {}
        by_window: dict[int, list[int]] = {}
        for visit in range(problem.size):
            self._visit(visit, by_window)
        for window in sorted(by_window):
            self._window(self._trip(window, by_window[window]))
        self._ceilings()
        if pins:
            pinned = [one for visit, one in self.served.items() if problem.visits.pinned[visit]]
            self.model.add(sum(pinned) >= pins)
        self.model.maximize(sum(problem.visits.weight[visit] * one for visit, one in self.served.items()))

    def solve(self, *, seconds: float, steady: bool, workers: int, stop: Callable[[], bool] | None) -> int:
        """Return the solver's bound on the relaxation."""
        solver = self.cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2
        if steady:
            solver.parameters.max_deterministic_time = STEADY_SECONDS
        else:
            solver.parameters.max_time_in_seconds = seconds
        if stop is not None:
            solver.best_bound_callback = lambda _: solver.stop_search() if stop() else None
        status = solver.solve(self.model)
        if status in (self.cp_model.OPTIMAL, self.cp_model.FEASIBLE, self.cp_model.UNKNOWN):
            return int(np.floor(solver.best_objective_bound + 1e-6))
        return ALWAYS

    def _visit(self, visit: int, by_window: dict[int, list[int]]) -> None:
        """A visit served alone has one window; one served by two has a pair that can meet."""
        visits, model = self.problem.visits, self.model
        alone = visits.crew[visit] == 1
        windows = list(visits.fits[visit]) if alone else sorted({*visits.fits[visit], *visits.seconds[visit]})
        if not windows or not (alone or visits.seconds[visit]):
            return
        served = self.served[visit] = model.new_bool_var("")
        for window in windows:
            self.member[visit, window] = model.new_bool_var("")
            by_window.setdefault(window, []).append(visit)
        if alone:
            model.add(sum(self.member[visit, window] for window in windows) == served)
        else:
            self._crew(visit, windows, served)

    def _crew(self, visit: int, windows: list[int], served: Any) -> None:  # noqa: ANN401
        problem, model = self.problem, self.model
        pairs = self._pairs(visit)
        if len(pairs) <= MOST_PAIRS:
            chosen = {pair: model.new_bool_var("") for pair in pairs}
            model.add(sum(chosen.values()) == served)
            for window in windows:
                model.add(sum(one for pair, one in chosen.items() if window in pair) == self.member[visit, window])
            return
        model.add(sum(self.member[visit, window] for window in windows) == 2 * served)
        for day in problem.visits.days[visit]:
            today = [self.member[visit, window] for window in windows if problem.windows.day[window] == day]
            for one in today:
                model.add(sum(today) >= 2 * one)

    def _pairs(self, visit: int) -> list[tuple[int, int]]:
        """Return the pairs of windows whose people may go together and whose hours meet."""
        problem = self.problem
        visits, windows = problem.visits, problem.windows
        found: set[tuple[int, int]] = set()
        for one in visits.fits[visit]:
            for two in visits.seconds[visit]:
                people = {windows.volunteer[one], windows.volunteer[two]}
                if windows.day[one] != windows.day[two] or len(people) < 2 or not visits.must[visit] <= people:
                    continue
                first = max(self._hours(visit, one)[0], self._hours(visit, two)[0])
                if first <= min(self._hours(visit, one)[1], self._hours(visit, two)[1]):
                    found.add((min(one, two), max(one, two)))
        return sorted(found)

    def _hours(self, visit: int, window: int) -> tuple[int, int]:
        """Return the earliest and latest start of a visit in a window that serves nothing else before or after."""
        problem = self.problem
        visits, windows, legs = problem.visits, problem.windows, problem.legs
        volunteer, day = windows.volunteer[window], windows.day[window]
        row, node = int(legs.slot[volunteer]), visits.node[visit]
        canteen = visits.canteen[visit]
        begin = windows.start[window]
        if canteen < 0:
            begin += int(legs.leaving[row, node])
        else:
            ready = problem.canteens.ready[canteen] if visits.pinned[visit] else problem.ready_by_day[day][canteen]
            kitchen = problem.canteens.node[canteen]
            begin = max(begin + int(legs.leaving[row, kitchen]), ready)
            begin += int(legs.least[int(legs.mode[volunteer])][kitchen, node])
        last = windows.end[window] - int(legs.coming[row, node]) - visits.minutes[visit]
        return max(begin, problem.first_by_day[day][visit]), min(last, visits.last[visit])

    def _trip(self, window: int, members: list[int]) -> _Trip:
        problem = self.problem
        visits, legs = problem.visits, problem.legs
        volunteer = problem.windows.volunteer[window]
        row, ways = int(legs.slot[volunteer]), legs.least[int(legs.mode[volunteer])]
        nodes = np.array([visits.node[visit] for visit in members], dtype=np.int64)
        hours = [self._hours(visit, window) for visit in members]
        between = ways[np.ix_(nodes, nodes)].astype(np.int64)
        minutes = np.array([visits.minutes[visit] for visit in members], dtype=np.int64)
        first = np.array([begin for begin, _ in hours], dtype=np.int64)
        last = np.array([end for _, end in hours], dtype=np.int64)
        after = (first + minutes)[:, None] + between <= last[None, :]
        np.fill_diagonal(after, False)
        alone = np.where(after, between, ALWAYS)
        kitchens = sorted({visits.canteen[visit] for visit in members} - {-1})
        # What comes first in a trip has the leg from home instead of its least leg: the difference is due once.
        incoming = np.minimum(alone.min(axis=0), legs.leaving[row, nodes])
        to_kitchen: dict[int, int] = {}
        for canteen in kitchens:
            kitchen = problem.canteens.node[canteen]
            incoming = np.minimum(incoming, ways[kitchen, nodes])
            others = [int(ways[problem.canteens.node[other], kitchen]) for other in kitchens if other != canteen]
            to_kitchen[canteen] = min([int(legs.leaving[row, kitchen]), int(ways[nodes, kitchen].min()), *others])
        leaving = legs.leaving[row, nodes].astype(np.int64)
        outset = [int((leaving - incoming).min())]
        outset += [int(legs.leaving[row, problem.canteens.node[canteen]]) - leg for canteen, leg in to_kitchen.items()]
        back = legs.coming[row, nodes].astype(np.int64)
        return _Trip(
            window,
            members,
            minutes,
            first,
            last,
            between,
            incoming.astype(np.int64),
            back,
            int(back.min()) + max(0, min(outset)),
            to_kitchen,
        )

    def _window(self, trip: _Trip) -> None:
        """Charge one window: its length, its kitchens, its hours and the visits that exclude each other."""
        model, windows = self.model, self.problem.windows
        members = [self.member[visit, trip.window] for visit in trip.visits]
        charge = (trip.minutes + trip.incoming).tolist()
        load = [int(one) * x for one, x in zip(charge, members, strict=True)]
        for canteen, leg in trip.kitchens.items():
            trips = self._kitchen(trip, canteen, members, charge)
            if leg:
                load.append(leg * trips)
        home = trip.home
        model.add(sum(load) <= max(0, windows.end[trip.window] - windows.start[trip.window] - home))
        self.load[trip.window] = load
        self.home[trip.window] = home
        for chosen, takes, room in self._intervals(trip):
            model.add(sum(take * members[at] for at, take in zip(chosen, takes, strict=True)) <= room)
        for clique in _cliques(self._conflicts(trip)):
            model.add_at_most_one(members[at] for at in clique)

    def _kitchen(self, trip: _Trip, canteen: int, members: list[Any], charge: list[int]) -> Any:  # noqa: ANN401
        """Charge the meals of one kitchen and return how often it is called at."""
        problem, model = self.problem, self.model
        volunteer = problem.windows.volunteer[trip.window]
        visits, canteens = problem.visits, problem.canteens
        meals = [at for at, visit in enumerate(trip.visits) if visits.canteen[visit] == canteen]
        trips = model.new_int_var(0, min(problem.people.trips[volunteer], len(meals)), "")
        boxes = sum(visits.boxes[trip.visits[at]] * members[at] for at in meals)
        model.add(boxes <= problem.people.boxes[volunteer] * trips)
        work = sum(int(charge[at]) * members[at] for at in meals)
        if canteens.hot[canteen] < ALWAYS:
            model.add(work <= canteens.hot[canteen] * trips)
        row = int(problem.legs.slot[volunteer])
        ready = max(canteens.ready[canteen], problem.windows.start[trip.window] + int(problem.legs.leaving[row, canteens.node[canteen]]))
        room = int((trip.last + trip.minutes)[meals].max()) - ready
        leg = trip.kitchens[canteen]
        model.add(work + leg * trips <= max(room, 0) + leg)
        return trips

    def _intervals(self, trip: _Trip) -> Iterable[tuple[list[int], list[int], int]]:
        """Return stretches of time: the visits that cannot keep out of them, the minutes each takes, the minutes there are.

        A visit that lies wholly inside takes its minutes and its least leg, one that sticks out takes what it cannot
        have outside. The first one inside may have its leg before the stretch begins: the longest leg is added.
        """
        ends = trip.last + trip.minutes
        windows = self.problem.windows
        whole = windows.end[trip.window] - windows.start[trip.window]
        begins, closes = np.unique(trip.first), np.unique(ends)
        starts, stops = (one.ravel()[:, None] for one in np.meshgrid(begins, closes, indexing="ij"))
        length = stops - starts
        inside = (trip.first >= starts) & (ends <= stops)
        sticking = np.minimum(np.minimum(trip.minutes, length), np.minimum(trip.first + trip.minutes - starts, stops - trip.last))
        takes = np.where(inside, trip.minutes + trip.incoming, np.maximum(sticking, 0))
        room = length[:, 0] + np.where(inside, trip.incoming, 0).max(axis=1)
        need = takes.sum(axis=1)
        counts = (takes > 0).sum(axis=1)
        useful = np.flatnonzero((length[:, 0] > 0) & (counts > 1) & (room < need) & (room < whole))
        order = useful[np.argsort(room[useful] / need[useful], kind="stable")]
        for one in order[:MOST_INTERVALS]:
            chosen = np.flatnonzero(takes[one])
            yield chosen.tolist(), takes[one][chosen].tolist(), int(room[one])

    def _conflicts(self, trip: _Trip) -> Bools:
        """Return which two visits cannot both be in this trip, in whichever order."""
        problem = self.problem
        windows, people = problem.windows, problem.people
        volunteer, key = windows.volunteer[trip.window], windows.key[trip.window]
        ends = trip.first + trip.minutes
        after = ends[:, None] + trip.between <= trip.last[None, :]
        row = int(problem.legs.slot[volunteer])
        nodes = np.array([problem.visits.node[visit] for visit in trip.visits], dtype=np.int64)
        leaving = problem.legs.leaving[row, nodes].astype(np.int64)
        work = (leaving + trip.minutes)[:, None] + trip.between + (trip.minutes + trip.back)[None, :]
        rest = min(people.max_day[volunteer] - people.used_day[key], people.max_week[volunteer] - people.used_week[volunteer])
        after &= work <= rest
        clash: Bools = ~(after | after.T)
        np.fill_diagonal(clash, False)
        return clash

    def _ceilings(self) -> None:
        """Charge each volunteer's work of a day and of the week, where it can be more than the windows hold."""
        problem, model = self.problem, self.model
        windows, people, days = problem.windows, problem.people, problem.week.days
        for volunteer, own in enumerate(people.windows):
            busy = [window for window in own if window in self.load]
            lengths = {window: windows.end[window] - windows.start[window] for window in busy}
            for day in range(days):
                today = [window for window in busy if windows.day[window] == day]
                rest = max(0, people.max_day[volunteer] - people.used_day[volunteer * days + day])
                if sum(lengths[window] for window in today) > rest:
                    home = self.home[today[0]] if len(today) == 1 else 0
                    model.add(sum(part for window in today for part in self.load[window]) <= max(0, rest - home))
            rest = max(0, people.max_week[volunteer] - people.used_week[volunteer])
            if sum(min(lengths[window], people.max_day[volunteer]) for window in busy) > rest:
                model.add(sum(part for window in busy for part in self._with_home(window)) <= rest)

    def _with_home(self, window: int) -> list[Any]:
        """Return a window's load with the leg home, which is due as soon as anything is done in it."""
        home = self.home[window]
        if not home:
            return self.load[window]
        used = self.model.new_bool_var("")
        windows = self.problem.windows
        self.model.add(sum(self.load[window]) <= max(0, windows.end[window] - windows.start[window] - home) * used)
        return [*self.load[window], home * used]


def _cliques(clash: Bools) -> list[list[int]]:
    """Cover the conflicts by groups of which at most one member can be chosen."""
    open_pairs = {(int(a), int(b)) for a, b in np.argwhere(np.triu(clash))}
    cliques: list[list[int]] = []
    while open_pairs:
        one, two = min(open_pairs)
        clique = [one, two]
        common = clash[one] & clash[two]
        while common.any():
            degree = np.where(common, (clash & common[None, :]).sum(axis=1), -1)
            more = int(degree.argmax())
            clique.append(more)
            common &= clash[more]
        open_pairs -= {(min(a, b), max(a, b)) for a in clique for b in clique if a != b}
        cliques.append(clique)
    return cliques
