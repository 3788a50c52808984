"""A week laid out as arrays, for the questions that are asked of a standing plan: who could, where, at what cost.

The planner has its own layout; this one serves `explain`, `rank` and hand-made assignments in the web process, so it
needs numpy and nothing heavier.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.advice.apart import Ties
from matching.model import DAY, Visit, Week, by_id
from matching.travel import Floats, Ints, Roads

Bools = NDArray[np.bool_]

FAR = 1 << 40
RADIUS_TOLERANCE = 1e-6
KEPT_BYTES = 24 * 1024 * 1024


class Ground:
    """The people, windows and roads of a week; nothing in it depends on a plan."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.roads = Roads(week)
        self.visits = by_id(week.visits)
        self.elders = by_id(week.elders)
        self.canteens = by_id(week.canteens)
        self.pins = {pin.visit: pin for pin in week.pins}
        self.ties = Ties(week)
        self.person = {one.id: index for index, one in enumerate(week.volunteers)}
        self.canteen_number = {one.id: index for index, one in enumerate(week.canteens)}
        self.modes = tuple(week.travel.pace if week.travel.pace is not None else week.travel.minutes or ())
        # On a map the way over a third place is never shorter, so who cannot come alone cannot come at all.
        self.on_map = week.travel.pace is not None
        self._lay_people()
        self._lay_windows()
        self.midnight = DAY if week.days > 1 else FAR
        self._room: tuple[Ints, Ints] | None = None
        self._idle: list[Ints] | None = None
        self._skilled: dict[tuple[str, ...], Bools] = {}
        self._metres: dict[int, Floats] = {}
        self._ways: dict[int, tuple[Ints, Ints]] = {}

    def _lay_people(self) -> None:
        people = self.week.volunteers
        place = self.roads.index
        mode = {name: index for index, name in enumerate(self.modes)}
        self.home = _ints(place[one.place] for one in people)
        self.mode = _ints(mode[one.mode] for one in people)
        self.boxes = _ints(one.boxes for one in people)
        self.trips = _ints(FAR if one.trips is None else one.trips for one in people)
        self.radius: Floats = np.array([np.inf if one.radius is None else one.radius for one in people], dtype=float)
        self.max_day = _ints(one.max_day for one in people)
        self.max_week = _ints(one.max_week for one in people)
        self.gender = np.array([one.gender or "" for one in people], dtype="U1")
        self.used = np.zeros((len(people), self.week.days), dtype=np.int64)
        for index, one in enumerate(people):
            for day, minutes in one.used:
                self.used[index, day] += minutes
        order = sorted(range(len(people)), key=lambda index: people[index].id)
        self.id_order = np.empty(len(people), dtype=np.int64)
        self.id_order[order] = np.arange(len(people))

    def _lay_windows(self) -> None:
        people = self.week.volunteers
        counts = _ints(len(one.windows) for one in people)
        self.first_window = np.cumsum(counts) - counts
        self.window_person = np.repeat(np.arange(len(people)), counts)
        self.window_day = _ints(window.day for one in people for window in one.windows)
        self.window_start = _ints(window.start for one in people for window in one.windows)
        self.window_end = _ints(window.end for one in people for window in one.windows)
        open_ = self.window_start < self.window_end
        self.windows_of_day = [np.flatnonzero(open_ & (self.window_day == day)) for day in range(self.week.days)]

    def room(self) -> tuple[Ints, Ints]:
        """Give the free minutes before and after each window: to the volunteer's next one, or to the day's bounds."""
        if self._room is None:
            before, after = self.window_start.copy(), np.maximum(0, self.midnight - self.window_end)
            for spans in self._spans().values():
                for (_, end, earlier), (start, _, later) in pairwise(spans):
                    before[later] = after[earlier] = start - end
            self._room = before, after
        return self._room

    def _spans(self) -> dict[tuple[int, int], list[tuple[int, int, int]]]:
        """Give the windows of each volunteer and day in order: start, end and number; withdrawn ones are none."""
        spans = defaultdict(list)
        for number in np.flatnonzero(self.window_start < self.window_end).tolist():
            key = int(self.window_person[number]), int(self.window_day[number])
            spans[key].append((int(self.window_start[number]), int(self.window_end[number]), number))
        return {key: sorted(found) for key, found in spans.items()}

    def idle(self, days: Collection[int]) -> tuple[Ints, Ints, Ints, Ints]:
        """Give the times of these days that no window takes: person, day, start and end."""
        if self._idle is None:
            self._idle = self._idle_times()
        tables = [self._idle[day] for day in sorted(days)] or [np.zeros((0, 4), dtype=np.int64)]
        table = tables[0] if len(tables) == 1 else np.concatenate(tables)
        return table[:, 0], table[:, 1], table[:, 2], table[:, 3]

    def _idle_times(self) -> list[Ints]:
        spans = self._spans()
        tables = []
        for day in range(self.week.days):
            rows = []
            for person in range(len(self.home)):
                bounds = [(0, 0, 0), *spans.get((person, day), ()), (self.midnight, self.midnight, 0)]
                rows += [(person, day, end, start) for (_, end, _), (start, _, _) in pairwise(bounds) if end < start]
            tables.append(np.array(rows, dtype=np.int64).reshape(len(rows), 4))
        return tables

    def skilled(self, skills: Collection[str]) -> Bools:
        """Say for each volunteer whether they have all these skills."""
        key = tuple(sorted(set(skills)))
        if key not in self._skilled:
            wanted = set(key)
            self._skilled[key] = np.array([wanted.issubset(one.skills) for one in self.week.volunteers], dtype=bool)
        return self._skilled[key]

    def of_gender(self, gender: str | None) -> Bools:
        """Say for each volunteer whether they have the gender asked for, if one is."""
        result: Bools = np.ones(len(self.gender), dtype=bool) if gender is None else self.gender == gender
        return result

    def wanted(self, visit: Visit) -> Bools:
        """Say for each volunteer whether they are excluded neither by the elder nor from this visit."""
        result = np.ones(len(self.home), dtype=bool)
        barred = (*self.elders[visit.elder].excluded, *visit.excluded)
        result[[self.person[name] for name in barred if name in self.person]] = False
        return result

    def metres(self, visit: Visit) -> Floats:
        """Measure from each volunteer's home to the door; places without coordinates are nowhere, and limit nobody."""
        door = self.door(visit)
        if door not in self._metres:
            if len(self._metres) * len(self.home) * 8 > KEPT_BYTES:
                self._metres.clear()
            self._metres[door] = self.roads.metres(self.home, np.full(len(self.home), door))
        return self._metres[door]

    def near(self, visit: Visit) -> Bools:
        """Say for each volunteer whether the door is within their radius."""
        result: Bools = ~(self.metres(visit) > self.radius + RADIUS_TOLERANCE)
        return result

    def seats(self, visit: Visit) -> tuple[Bools, Bools]:
        """Say for each volunteer whether their skills and gender fit the first seat and the second of the crew."""
        first = self.skilled(visit.skills) & self.of_gender(visit.gender)
        if visit.crew == 1 or visit.second is None:
            return first, first
        return first, self.skilled(visit.second.skills) & self.of_gender(visit.second.gender)

    def either(self, visit: Visit) -> Bools:
        """Say for each volunteer whether they could take either seat of the crew."""
        first, second = self.seats(visit)
        return first & second

    def door(self, visit: Visit) -> int:
        """Find where a visit is."""
        return self.roads.index[self.elders[visit.elder].place]

    def ways(self, place: int) -> tuple[Ints, Ints]:
        """Give minutes by mode and place, to this place and from it."""
        if place not in self._ways:
            if len(self._ways) * len(self.week.places) * len(self.modes) * 16 > KEPT_BYTES:
                self._ways.clear()
            self._ways[place] = self.roads.ways(place, self.modes)
        return self._ways[place]


def _ints(values: Iterable[int]) -> Ints:
    return np.array([*values], dtype=np.int64)


def ranges(starts: Ints, counts: Ints) -> Ints:
    """Write out runs of numbers one after another: each from its start, so many of them."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - counts, counts) + np.repeat(starts, counts)
