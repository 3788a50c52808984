"""A week compiled for the player: people, windows and visits as numbers, and for every visit the windows that fit it.

Indices follow the week's lists. A *node* is a place where somebody is served or meals are picked up; homes are no
nodes, each volunteer has one row of legs out and one row of legs back. A pin is not a special case of the search: it
narrows its visit to its people, day and minute, and makes it worth more than all weights together.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.legs import Legs, measure
from matching.model import Pin, Visit, Week

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ALWAYS = 1 << 30
"""Stands for "no limit" wherever minutes or boxes are compared."""
SHIFT = 15
"""A start that moves by more than this many minutes touches its volunteer."""


@dataclass(slots=True)
class Canteens:
    """The kitchens, column by column."""

    node: list[int]
    ready: list[int]
    until: list[int]
    hot: list[int]


@dataclass(slots=True)
class Visits:
    """The visits, column by column; `first` and `last` bound the start, `value` is the weight with the pin's bonus."""

    elder: list[int]
    node: list[int]
    days: list[tuple[int, ...]]
    first: list[int]
    last: list[int]
    minutes: list[int]
    weight: list[int]
    value: list[int]
    crew: list[int]
    canteen: list[int]
    boxes: list[int]
    pinned: list[bool]
    must: list[frozenset[int]]
    fits: list[tuple[int, ...]] = field(default_factory=list)
    seconds: list[tuple[int, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Windows:
    """All windows of all volunteers in one list; `index` is the place in the volunteer's own list."""

    volunteer: list[int]
    index: list[int]
    day: list[int]
    start: list[int]
    end: list[int]
    key: list[int]


@dataclass(slots=True)
class People:
    """The volunteers, column by column; `free_day` and `free_week` are the ceilings, `used_*` what is already spent."""

    boxes: list[int]
    trips: list[int]
    max_day: list[int]
    max_week: list[int]
    used_day: list[int]
    used_week: list[int]
    mode: list[str]
    windows: list[tuple[int, ...]]


@dataclass(slots=True)
class Problem:
    """Everything the search reads; nothing in it changes while it runs."""

    week: Week
    visits: Visits
    windows: Windows
    people: People
    canteens: Canteens
    legs: Legs
    first_by_day: list[list[int]]
    ready_by_day: list[list[int]]
    known: frozenset[int]
    base: dict[int, dict[int, int]]
    base_count: list[int]
    limit: int

    @property
    def size(self) -> int:
        """How many visits there are: also the stride of a stop's code (route.py)."""
        return len(self.visits.elder)

    def pair(self, elder: int, volunteer: int) -> int:
        """One number for an elder and a volunteer."""
        return elder * len(self.people.boxes) + volunteer


def compile_week(week: Week) -> Problem:
    """Turn a week into the arrays the search runs on."""
    volunteer_at = {one.id: number for number, one in enumerate(week.volunteers)}
    elder_at = {one.id: number for number, one in enumerate(week.elders)}
    windows = _windows(week)
    people = _people(week, windows)
    legs, node_at = measure(week, people.mode, [bool(one) for one in people.windows])
    canteens = Canteens(
        [node_at[one.place] for one in week.canteens],
        [one.ready for one in week.canteens],
        [ALWAYS if one.until is None else one.until for one in week.canteens],
        [ALWAYS if one.hot is None else one.hot for one in week.canteens],
    )
    visits = _visits(week, elder_at, volunteer_at, node_at)
    first_by_day, ready_by_day = _floors(week, visits, canteens)
    base, base_count = _baseline(week, volunteer_at)
    known = frozenset(
        elder_at[elder] * len(week.volunteers) + volunteer_at[volunteer]
        for elder, volunteer in (*week.history, *((one.id, v) for one in week.elders for v in one.preferred))
        if elder in elder_at and volunteer in volunteer_at
    )
    limit = ALWAYS if week.max_touched is None or week.baseline is None else week.max_touched
    problem = Problem(week, visits, windows, people, canteens, legs, first_by_day, ready_by_day, known, base, base_count, limit)
    _Fitting(problem, elder_at).run()
    return problem


def _windows(week: Week) -> Windows:
    rows = [
        (v, i, one.day, one.start, one.end, v * week.days + one.day)
        for v, volunteer in enumerate(week.volunteers)
        for i, one in enumerate(volunteer.windows)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(6)]
    return Windows(*columns)


def _people(week: Week, windows: Windows) -> People:
    own: list[list[int]] = [[] for _ in week.volunteers]
    for number, volunteer in enumerate(windows.volunteer):
        own[volunteer].append(number)
    used_day = [0] * (len(week.volunteers) * week.days)
    for number, one in enumerate(week.volunteers):
        for day, minutes in one.used:
            used_day[number * week.days + day] += minutes
    return People(
        [one.boxes for one in week.volunteers],
        [ALWAYS if one.trips is None else one.trips for one in week.volunteers],
        [one.max_day for one in week.volunteers],
        [one.max_week for one in week.volunteers],
        used_day,
        [sum(minutes for _, minutes in one.used) for one in week.volunteers],
        [one.mode for one in week.volunteers],
        [tuple(one) for one in own],
    )


def _visits(week: Week, elder_at: dict[str, int], volunteer_at: dict[str, int], node_at: dict[str, int]) -> Visits:
    pins = {pin.visit: pin for pin in week.pins}
    canteen_at = {one.id: number for number, one in enumerate(week.canteens)}
    elders = [elder_at[one.elder] for one in week.visits]
    bonus = 1 + sum(one.weight for one in week.visits)
    limits = [_start_limits(one, pins.get(one.id)) for one in week.visits]
    return Visits(
        elder=elders,
        node=[node_at[week.elders[elder].place] for elder in elders],
        days=[_days(one, pins.get(one.id)) for one in week.visits],
        first=[first for first, _ in limits],
        last=[last for _, last in limits],
        minutes=[one.minutes for one in week.visits],
        weight=[one.weight for one in week.visits],
        value=[one.weight + (bonus if one.id in pins else 0) for one in week.visits],
        crew=[one.crew for one in week.visits],
        canteen=[-1 if one.canteen is None else canteen_at[one.canteen] for one in week.visits],
        boxes=[one.boxes for one in week.visits],
        pinned=[one.id in pins for one in week.visits],
        must=[frozenset(volunteer_at[v] for v in pins[one.id].volunteers) if one.id in pins else frozenset() for one in week.visits],
    )


def _start_limits(visit: Visit, pin: Pin | None) -> tuple[int, int]:
    first, last = visit.window[0], visit.window[1] - visit.minutes
    if pin is not None and pin.start is not None:
        return max(first, pin.start), min(last, pin.start)
    return first, last


def _days(visit: Visit, pin: Pin | None) -> tuple[int, ...]:
    return visit.days if pin is None else tuple(day for day in visit.days if day == pin.day)


def _floors(week: Week, visits: Visits, canteens: Canteens) -> tuple[list[list[int]], list[list[int]]]:
    """Return the earliest starts and pick-ups of every day under `from`; pinned stops keep their own."""
    first = [visits.first] * week.days
    ready = [canteens.ready] * week.days
    if week.from_ is not None:
        day, minute = week.from_
        for past in range(min(day + 1, week.days)):
            floor = minute if past == day else ALWAYS
            first[past] = [one if pinned else max(one, floor) for one, pinned in zip(visits.first, visits.pinned, strict=True)]
            ready[past] = [max(one, floor) for one in canteens.ready]
    return first, ready


def _baseline(week: Week, volunteer_at: dict[str, int]) -> tuple[dict[int, dict[int, int]], list[int]]:
    """Return the baseline's starts by volunteer and (visit, day), and how many each volunteer has."""
    base: dict[int, dict[int, int]] = {}
    if week.baseline is not None:
        visit_at = {one.id: number for number, one in enumerate(week.visits)}
        for route in week.baseline.routes:
            volunteer = volunteer_at.get(route.volunteer)
            if volunteer is None:
                continue
            day = week.volunteers[volunteer].windows[route.window].day
            for stop in route.stops:
                visit = visit_at.get(getattr(stop, "visit", ""))
                if visit is not None:
                    base.setdefault(volunteer, {})[visit * week.days + day] = getattr(stop, "start", 0)
    return base, [len(base.get(number, ())) for number in range(len(week.volunteers))]


class _Fitting:
    """Finds, visit by visit and with whole columns of windows at once, which windows could serve it alone."""

    def __init__(self, problem: Problem, elder_at: dict[str, int]) -> None:
        self.problem = problem
        self.week = problem.week
        windows = problem.windows
        self.elder_at = elder_at
        self.volunteer_at = {one.id: number for number, one in enumerate(self.week.volunteers)}
        self.day_windows = [
            np.array([w for w, day in enumerate(windows.day) if day == one], dtype=np.int64) for one in range(self.week.days)
        ]
        self.volunteer = np.array(windows.volunteer, dtype=np.int64)
        self.start = np.array(windows.start, dtype=np.int64)
        self.end = np.array(windows.end, dtype=np.int64)
        people = problem.people
        days = self.week.days
        rest_day = np.array(people.max_day, dtype=np.int64).repeat(days) - np.array(people.used_day, dtype=np.int64)
        rest_week = np.array(people.max_week, dtype=np.int64) - np.array(people.used_week, dtype=np.int64)
        key = np.array(windows.key, dtype=np.int64)
        self.rest = np.minimum(rest_day[key], rest_week[self.volunteer]) if len(key) else key
        self.boxes = np.array(people.boxes, dtype=np.int64)
        self.trips = np.array(people.trips, dtype=np.int64)
        self.gender = np.array([one.gender or "" for one in self.week.volunteers])
        self.skilled: dict[tuple[tuple[str, ...], str | None], Bools] = {}
        self.allowed: dict[int, Bools] = {}

    def run(self) -> None:
        """Fill in `fits` and `seconds` of every visit."""
        visits = self.problem.visits
        for number, visit in enumerate(self.week.visits):
            elder = visits.elder[number]
            open_to = self._allowed(elder)
            fits = self._fits(number, open_to & self._skilled(visit.skills, visit.gender))
            second = fits
            if visit.crew == 2 and visit.second is not None:
                second = self._fits(number, open_to & self._skilled(visit.second.skills, visit.second.gender))
            must = visits.must[number]
            if len(must) > visit.crew:
                fits = second = ()
            elif visit.crew == 1 and must:
                fits = tuple(w for w in fits if self.problem.windows.volunteer[w] in must)
            visits.fits.append(fits)
            visits.seconds.append(second if visit.crew == 2 else ())

    def _skilled(self, skills: tuple[str, ...], gender: str | None) -> Bools:
        """Return who has all the skills and the gender."""
        known = self.skilled.get((skills, gender))
        if known is None:
            wanted = set(skills)
            known = np.array([wanted <= set(one.skills) for one in self.week.volunteers], dtype=np.bool_)
            if gender is not None:
                known = known & (self.gender == gender)
            self.skilled[skills, gender] = known
        return known

    def _allowed(self, elder: int) -> Bools:
        """Return who may go to an elder: not excluded and within their own radius."""
        known = self.allowed.get(elder)
        if known is None:
            known = self.problem.legs.within(self.week, self.week.elders[elder].place)
            for volunteer in self.week.elders[elder].excluded:
                if volunteer in self.volunteer_at:
                    known[self.volunteer_at[volunteer]] = False
            self.allowed[elder] = known
        return known

    def _fits(self, visit: int, who: Bools) -> tuple[int, ...]:
        """Return the windows that could serve a visit if they served nothing else."""
        visits, legs = self.problem.visits, self.problem.legs
        found: list[int] = []
        for day in visits.days[visit]:
            windows = self.day_windows[day]
            windows = windows[who[self.volunteer[windows]]]
            if len(windows) == 0:
                continue
            volunteer = self.volunteer[windows]
            node, minutes = visits.node[visit], visits.minutes[visit]
            canteen = visits.canteen[visit]
            first = self.problem.first_by_day[day][visit]
            good: Bools
            if canteen < 0:
                leg = legs.least_out(volunteer, node)
                begin = np.maximum(self.start[windows] + leg, first)
                good = begin <= visits.last[visit]
            else:
                begin, leg, good = self._meal(visit, day, windows)
            back = legs.least_back(volunteer, node)
            good &= (begin <= visits.last[visit]) & (begin + minutes + back <= self.end[windows])
            good &= leg + minutes + back <= self.rest[windows]
            found.extend(int(one) for one in windows[good])
        return tuple(found)

    def _meal(self, visit: int, day: int, windows: Ints) -> tuple[Ints, Ints, Bools]:
        """Return begin, way there over the canteen, and whether the meal can be carried, for each window."""
        visits, legs, canteens = self.problem.visits, self.problem.legs, self.problem.canteens
        canteen = visits.canteen[visit]
        kitchen = canteens.node[canteen]
        volunteer = self.volunteer[windows]
        there = legs.least_out(volunteer, kitchen)
        leg = legs.least_between(volunteer, kitchen, visits.node[visit])
        ready = canteens.ready[canteen] if visits.pinned[visit] else self.problem.ready_by_day[day][canteen]
        at = np.maximum(self.start[windows] + there, ready)
        begin = np.maximum(at + leg, self.problem.first_by_day[day][visit])
        taken = np.minimum(begin - leg, canteens.until[canteen])
        good = (at <= canteens.until[canteen]) & (begin + visits.minutes[visit] - taken <= canteens.hot[canteen])
        good &= (self.boxes[volunteer] >= visits.boxes[visit]) & (self.trips[volunteer] >= 1)
        return begin, there + leg, good
