"""What any plan must obey, without the order of the visits: rows of whole numbers that a solver can bound.

Visits are shared out to windows, and only what every order would need is charged: minutes, the least leg to each door,
the least legs to the kitchen and home, where wanted the moats around blocks of doors (neighbourhoods.py), the hours that are
free, pairs of visits that exclude each other, boxes and hot food a trip, ceilings, and for a crew two windows that
meet. Every row holds for every plan of the week.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.proof.neighbourhoods import Moat, dig
from matching.search.facts import ALWAYS
from matching.search.problem import Problem

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Terms = list[tuple[int, int]]
"""Unknowns with their factors."""

MOST_PAIRS = 400
MOST_INTERVALS = 8


class Rows:
    """Unknowns from 0 to `most`, worth `value` each, and rows that may not exceed their limit or (True) must meet it."""

    def __init__(self) -> None:
        self.value: list[int] = []
        self.most: list[int] = []
        self.rows: list[tuple[Terms, int, bool]] = []

    def variable(self, value: int = 0, most: int = 1) -> int:
        """Add an unknown."""
        self.value.append(value)
        self.most.append(most)
        return len(self.value) - 1

    def at_most(self, terms: Terms, limit: int) -> None:
        """Add a row: the sum may not exceed the limit."""
        self.rows.append((terms, limit, False))

    def equal(self, left: Terms, right: Terms) -> None:
        """Add a row: both sums are the same."""
        self.rows.append(([*left, *((one, -factor) for one, factor in right)], 0, True))


@dataclass(slots=True)
class Trip:
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
    kitchens: dict[int, int]
    moats: list[Moat]


class Relaxation:
    """Builds the relaxation of one problem, or of some of its visits only; its unknowns and rows stand in `rows`."""

    def __init__(self, problem: Problem, pins: int, *, moats: bool, only: Collection[int] | None = None) -> None:
        self.problem = problem
        self.moats = moats
        self.rows = Rows()
        self.served: dict[int, int] = {}
        self.member: dict[tuple[int, int], int] = {}
        self.load: dict[int, Terms] = {}
        self.home: dict[int, int] = {}
        by_window: dict[int, list[int]] = {}
        for visit in range(problem.size) if only is None else sorted(only):
            self._visit(visit, by_window)
        for window in sorted(by_window):
            self._window(self._trip(window, by_window[window]))
        self._ceilings()
        # Pins of visits that are left out may all be kept.
        pins -= 0 if only is None else sum(problem.visits.pinned[visit] for visit in set(range(problem.size)).difference(only))
        if pins > 0:
            pinned = [(one, -1) for visit, one in self.served.items() if problem.visits.pinned[visit]]
            self.rows.at_most(pinned, -pins)

    def _visit(self, visit: int, by_window: dict[int, list[int]]) -> None:
        """A visit served alone has one window; one served by two has a pair that can meet."""
        visits, rows = self.problem.visits, self.rows
        alone = visits.crew[visit] == 1
        windows = list(visits.fits[visit]) if alone else sorted({*visits.fits[visit], *visits.seconds[visit]})
        if not windows or not (alone or visits.seconds[visit]):
            return
        served = self.served[visit] = rows.variable(visits.weight[visit])
        for window in windows:
            self.member[visit, window] = rows.variable()
            by_window.setdefault(window, []).append(visit)
        if alone:
            rows.equal([(self.member[visit, window], 1) for window in windows], [(served, 1)])
        else:
            self._crew(visit, windows, served)

    def _crew(self, visit: int, windows: list[int], served: int) -> None:
        problem, rows = self.problem, self.rows
        members = {window: self.member[visit, window] for window in windows}
        pairs = self._pairs(visit)
        if len(pairs) <= MOST_PAIRS:
            chosen = {pair: rows.variable() for pair in pairs}
            rows.equal([(one, 1) for one in chosen.values()], [(served, 1)])
            for window, member in members.items():
                rows.equal([(one, 1) for pair, one in chosen.items() if window in pair], [(member, 1)])
            return
        rows.equal([(one, 1) for one in members.values()], [(served, 2)])
        for day in problem.visits.days[visit]:
            today = [one for window, one in members.items() if problem.windows.day[window] == day]
            for one in today:
                rows.at_most([(other, 1 if other == one else -1) for other in today], 0)

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
            begin += int(legs.leaving[node, row])
        else:
            ready = problem.canteens.ready[canteen] if visits.pinned[visit] else problem.ready_by_day[day][canteen]
            kitchen = problem.canteens.node[canteen]
            begin = max(begin + int(legs.leaving[kitchen, row]), ready)
            begin += int(legs.least[int(legs.mode[volunteer])][kitchen, node])
        last = windows.end[window] - int(legs.coming[node, row]) - problem.least_minutes(visit, window)
        return max(begin, problem.first_by_day[day][visit]), min(last, visits.last[visit])

    def _trip(self, window: int, members: list[int]) -> Trip:
        problem = self.problem
        visits, legs = problem.visits, problem.legs
        volunteer = problem.windows.volunteer[window]
        row, ways = int(legs.slot[volunteer]), legs.least[int(legs.mode[volunteer])]
        nodes = np.array([visits.node[visit] for visit in members], dtype=np.int64)
        hours = [self._hours(visit, window) for visit in members]
        between = ways[np.ix_(nodes, nodes)].astype(np.int64)
        minutes = np.array([problem.least_minutes(visit, window) for visit in members], dtype=np.int64)
        first = np.array([begin for begin, _ in hours], dtype=np.int64)
        last = np.array([end for _, end in hours], dtype=np.int64)
        after = (first + minutes)[:, None] + between <= last[None, :]
        np.fill_diagonal(after, False)
        alone = np.where(after, between, ALWAYS)
        kitchens = sorted({visits.canteen[visit] for visit in members} - {-1})
        incoming = np.minimum(alone.min(axis=0), legs.leaving[nodes, row])
        to_kitchen: dict[int, int] = {}
        for canteen in kitchens:
            kitchen = problem.canteens.node[canteen]
            incoming = np.minimum(incoming, ways[kitchen, nodes])
            others = [int(ways[problem.canteens.node[other], kitchen]) for other in kitchens if other != canteen]
            to_kitchen[canteen] = min([int(legs.leaving[kitchen, row]), int(ways[nodes, kitchen].min()), *others])
        leaving = legs.leaving[nodes, row].astype(np.int64)
        moats, first_legs = self._moats(alone, leaving, [ways[problem.canteens.node[one], nodes] for one in kitchens], incoming)
        # What comes first in a trip has the leg from home instead of its least leg: the difference is due once.
        outset = [int(first_legs.min())]
        outset += [int(legs.leaving[problem.canteens.node[canteen], row]) - leg for canteen, leg in to_kitchen.items()]
        back = legs.coming[nodes, row].astype(np.int64)
        return Trip(
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
            moats,
        )

    def _moats(self, between: Ints, leaving: Ints, from_kitchens: list[Ints], incoming: Ints) -> tuple[list[Moat], Ints]:
        """Return the moats around a trip's doors, and what they and the least legs leave of each leg from home."""
        if not self.moats:
            return [], leaving - incoming
        moats, left = dig(np.vstack([between, *from_kitchens, leaving]), incoming, np.minimum(between, between.T))
        return moats, left[-1]

    def _window(self, trip: Trip) -> None:
        """Charge one window: its length, its kitchens, its hours and the visits that exclude each other."""
        rows, windows = self.rows, self.problem.windows
        members = [self.member[visit, trip.window] for visit in trip.visits]
        charge = (trip.minutes + trip.incoming).tolist()
        load = list(zip(members, charge, strict=True))
        load += self._crossings(trip, members, range(len(members)))
        for canteen, leg in trip.kitchens.items():
            trips = self._kitchen(trip, canteen, members, charge)
            if leg:
                load.append((trips, leg))
        home = trip.home
        rows.at_most(load, max(0, windows.end[trip.window] - windows.start[trip.window] - home))
        self.load[trip.window] = load
        self.home[trip.window] = home
        for chosen, takes, room in self._intervals(trip):
            rows.at_most([(members[at], take) for at, take in zip(chosen, takes, strict=True)], room)
        for clique in _cliques(self._conflicts(trip)):
            rows.at_most([(members[at], 1) for at in clique], 1)

    def _kitchen(self, trip: Trip, canteen: int, members: list[int], charge: list[int]) -> int:
        """Charge the meals of one kitchen and return how often it is called at."""
        problem, rows = self.problem, self.rows
        volunteer = problem.windows.volunteer[trip.window]
        visits, canteens = problem.visits, problem.canteens
        meals = [at for at, visit in enumerate(trip.visits) if visits.canteen[visit] == canteen]
        trips = rows.variable(most=min(problem.people.trips[volunteer], len(meals)))
        boxes = [(members[at], visits.boxes[trip.visits[at]]) for at in meals]
        rows.at_most([*boxes, (trips, -problem.people.boxes[volunteer])], 0)
        work = [(members[at], charge[at]) for at in meals]
        work += self._crossings(trip, members, meals)
        if canteens.hot[canteen] < ALWAYS:
            rows.at_most([*work, (trips, -canteens.hot[canteen])], 0)
        row, leg = int(problem.legs.slot[volunteer]), trip.kitchens[canteen]
        there = int(problem.legs.leaving[canteens.node[canteen], row])
        ready = max(canteens.ready[canteen], problem.windows.start[trip.window] + there)
        room = int((trip.last + trip.minutes)[meals].max()) - ready
        rows.at_most([*work, (trips, leg)], max(room, 0) + leg)
        return trips

    def _crossings(self, trip: Trip, members: list[int], among: Iterable[int]) -> Terms:
        """Charge the moats crossed to serve some of a trip's visits: an unknown a group, 1 once any of them is served."""
        rows, chosen = self.rows, set(among)
        crossed: Terms = []
        inner: dict[int, int] = {at: members[at] for at in chosen}
        for moat in trip.moats:
            parts = {inner[at] for at in moat.inside if at in chosen}
            if not parts:
                continue
            if len(parts) == 1:
                crossing = parts.pop()
            else:
                crossing = rows.variable()
                for part in sorted(parts):
                    rows.at_most([(part, 1), (crossing, -1)], 0)
            crossed.append((crossing, moat.width))
            inner.update((at, crossing) for at in moat.inside if at in chosen)
        return crossed

    def _intervals(self, trip: Trip) -> Iterable[tuple[list[int], list[int], int]]:
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

    def _conflicts(self, trip: Trip) -> Bools:
        """Return which two visits cannot both be in this trip, in whichever order."""
        problem = self.problem
        windows, people = problem.windows, problem.people
        volunteer, key = windows.volunteer[trip.window], windows.key[trip.window]
        ends = trip.first + trip.minutes
        after = ends[:, None] + trip.between <= trip.last[None, :]
        row = int(problem.legs.slot[volunteer])
        nodes = np.array([problem.visits.node[visit] for visit in trip.visits], dtype=np.int64)
        leaving = problem.legs.leaving[nodes, row].astype(np.int64)
        work = (leaving + trip.minutes)[:, None] + trip.between + (trip.minutes + trip.back)[None, :]
        rest = min(people.max_day[volunteer] - people.used_day[key], people.max_week[volunteer] - people.used_week[volunteer])
        after &= work <= rest
        clash: Bools = ~(after | after.T)
        np.fill_diagonal(clash, False)
        return clash

    def _ceilings(self) -> None:
        """Charge each volunteer's work of a day and of the week, where it can be more than the windows hold."""
        problem, rows = self.problem, self.rows
        windows, people, days = problem.windows, problem.people, problem.week.days
        for volunteer, own in enumerate(people.windows):
            busy = [window for window in own if window in self.load]
            lengths = {window: windows.end[window] - windows.start[window] for window in busy}
            for day in range(days):
                today = [window for window in busy if windows.day[window] == day]
                rest = max(0, people.max_day[volunteer] - people.used_day[volunteer * days + day])
                if sum(lengths[window] for window in today) > rest:
                    home = self.home[today[0]] if len(today) == 1 else 0
                    rows.at_most([part for window in today for part in self.load[window]], max(0, rest - home))
            rest = max(0, people.max_week[volunteer] - people.used_week[volunteer])
            if sum(min(lengths[window], people.max_day[volunteer]) for window in busy) > rest:
                rows.at_most([part for window in busy for part in self._with_home(window)], rest)

    def _with_home(self, window: int) -> Terms:
        """Return a window's load with the leg home, which is due as soon as anything is done in it."""
        home = self.home[window]
        if not home:
            return self.load[window]
        used = self.rows.variable()
        windows = self.problem.windows
        room = max(0, windows.end[window] - windows.start[window] - home)
        self.rows.at_most([*self.load[window], (used, -room)], 0)
        return [*self.load[window], (used, home)]


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
