"""An earlier plan brought into a new week: whatever of it still holds stays with its people and its day, of a baseline its minute too."""

import numpy as np

from matching.crews import seconds
from matching.model import PickupStop, Plan, Route
from matching.search.apart import is_tied, stands_apart
from matching.search.compiled import compiled, door, whole
from matching.search.facts import AS_SECOND, CREW, END, HAS_BASE, SHIFT, START, VALUE, Facts, Ints, Small
from matching.search.loading import note_served, packed, read
from matching.search.problem import Problem
from matching.search.state import GONE, SPOT, TRIALS, State, affords, choose, mark, put, take
from matching.search.trip import CODE, COUNT, FIRST_, HEAD, HELD, LATE, LEG, SPENT, base_start, copy, lay, tidy


def keep(problem: Problem, state: State, baseline: Plan) -> None:
    """Put every part of the baseline that still holds into an empty state, held to its starts."""
    reader = _Reader(problem, baseline)
    plans: dict[int, tuple[int, ...]] = {}
    for route in baseline.routes:
        window = reader.windows.get((route.volunteer, route.window))
        if window is not None:
            plans[window] = (*plans.get(window, ()), *reader.stops(route, window))
    broken = np.array(sorted(reader.half_crews(plans)), dtype=np.int64)
    _keep(problem.facts, state, *packed(plans), broken, max(1, problem.size))


def begin_with(problem: Problem, state: State, plan: Plan) -> None:
    """Put every part of an earlier plan that still holds into an empty state, free to be moved."""
    keep(problem, state, plan)
    _set_free(problem.facts, state)


class _Reader:
    """Reads a baseline's routes as stops of this problem."""

    def __init__(self, problem: Problem, baseline: Plan) -> None:
        self.problem = problem
        self.seconds = seconds(problem.week, baseline)
        self.size = max(1, problem.size)
        week, windows = problem.week, problem.windows
        self.visits = {one.id: number for number, one in enumerate(week.visits)}
        self.canteens = {one.id: number for number, one in enumerate(week.canteens)}
        names = [week.volunteers[volunteer].id for volunteer in windows.volunteer]
        self.windows = {pair: number for number, pair in enumerate(zip(names, windows.index, strict=True))}

    def stops(self, route: Route, window: int) -> tuple[int, ...]:
        """Return the codes of the stops that this volunteer may still make in this window."""
        codes: list[int] = []
        for stop in route.stops:
            if isinstance(stop, PickupStop):
                canteen = self.canteens.get(stop.pickup)
                if canteen is not None:
                    codes.append(~canteen)
                continue
            visit = self.visits.get(stop.visit)
            if visit is None or not (self._fits(visit, window, 0) or self._fits(visit, window, 1)):
                continue
            day = self.problem.windows.day[window]
            if self.problem.first_by_day[day][visit] <= stop.start <= self.problem.visits.last[visit]:
                seat = (stop.visit, route.volunteer) in self.seconds
                codes.append(visit + (stop.start + 1 + seat * AS_SECOND) * self.size)
        return tuple(codes)

    def _fits(self, visit: int, window: int, seat: int) -> bool:
        lists = (self.problem.visits.fits, self.problem.visits.seconds)[seat]
        return bool((lists.values[lists.starts[visit] : lists.starts[visit + 1]] == window).any())

    def half_crews(self, plans: dict[int, tuple[int, ...]]) -> set[int]:
        """Return the visits whose crew is no longer whole, or no longer the one that is asked for."""
        windows, visits = self.problem.windows, self.problem.visits
        crews: dict[int, list[tuple[int, int]]] = {}
        for window, stops in plans.items():
            for code in stops:
                if code >= 0:
                    crews.setdefault(code % self.size, []).append((window, code))
        broken: set[int] = set()
        for visit, crew in crews.items():
            people = {windows.volunteer[window] for window, _ in crew}
            seats, starts = zip(*(divmod(code, AS_SECOND * self.size) for _, code in crew), strict=True)
            together = len({*zip((windows.day[window] for window, _ in crew), starts, strict=True)}) == 1
            whole = len(crew) == len(people) == visits.crew[visit]
            if not (together and whole and visits.must[visit] <= people and self._roles(visit, [window for window, _ in crew], seats)):
                broken.add(visit)
        return broken

    def _roles(self, visit: int, crew: list[int], seats: tuple[int, ...]) -> bool:
        if len(crew) == 1:
            return self._fits(visit, crew[0], 0)
        one, two = crew if seats[0] <= seats[1] else crew[::-1]
        if self._fits(visit, one, 0) and self._fits(visit, two, 1):
            return True
        # Where nobody is certain to be the second, either may be.
        return not any(seats) and self._fits(visit, two, 0) and self._fits(visit, one, 1)


@door
def _keep(f: Facts, s: State, windows: Ints, starts: Ints, codes: Ints, broken: Ints, size: int) -> None:
    """Lay out the trips without what is broken, as far as they hold; then see to it that crews are whole and ceilings kept."""
    for visit in broken:
        s.visits[visit, GONE] = 1
    for row in range(len(windows)):
        _keep_trip(f, s, windows[row], codes[starts[row] : starts[row + 1]], size)
    for visit in range(len(f.visits)):
        s.visits[visit, GONE] = 0
    note_served(f, s)
    _part(f, s)
    _afford(f, s)
    mark(s)


@compiled
def _keep_trip(f: Facts, s: State, window: int, codes: Ints, size: int) -> None:
    """Keep as much as possible of a trip: as it was, at other minutes, or with visits dropped, the least valuable first."""
    wanted, trial = s.trips[s.sums[TRIALS] + 1], s.trips[s.sums[TRIALS]]
    count = read(wanted, codes, size)
    while True:
        kept = tidy(f, trial, wanted, s.visits[:, GONE], count)
        if lay(f, trial, window, kept) or _lay_near(f, s, window, count) or _lay_loose(f, s, window, count):
            put(f, s, window, trial)
            return
        if _lay_fewer(f, s, window, count):
            put(f, s, window, trial)
            return
        s.visits[_next_least(f, s, wanted, count, -1), GONE] = 1


@compiled
def _lay_loose(f: Facts, s: State, window: int, count: int) -> bool:
    """Lay out a trip's stops with only its crews held to their starts."""
    wanted, trial = s.trips[s.sums[TRIALS] + 1], s.trips[s.sums[TRIALS]]
    kept = tidy(f, trial, wanted, s.visits[:, GONE], count)
    loosen(f, trial, kept)
    return lay(f, trial, window, kept)


@compiled
def _lay_near(f: Facts, s: State, window: int, count: int) -> bool:
    """Lay out a trip's stops at starts that differ from the baseline's by no more than it bears."""
    return bool(f.terms[HAS_BASE]) and _lay_loose(f, s, window, count) and hold_near(f, s.trips[s.sums[TRIALS]], window)


@compiled
def hold_near(f: Facts, trip: Small, window: int) -> bool:
    """Hold every visit of a trip that is laid out to the start nearest to the baseline's; return whether all are near enough and hold.

    From the last stop backwards the latest start is found that leaves the others near enough, then from the first stop on the start itself.
    """
    count = trip[HEAD, COUNT]
    after = f.windows[window, END]
    for stop in range(count - 1, -1, -1):
        latest = min(trip[LATE, stop], after - trip[LEG, stop + 1] - trip[SPENT, stop])
        base = _base_of(f, trip, window, stop)
        if base >= 0:
            latest = min(latest, base + SHIFT)
        trip[LATE, stop] = after = latest
    now = f.windows[window, START]
    for stop in range(count):
        now = max(now + trip[LEG, stop], trip[FIRST_, stop])
        base = _base_of(f, trip, window, stop)
        if base >= 0:
            now = max(now, base - SHIFT)
            if trip[HELD, stop] < 0:
                now = max(now, min(base, trip[LATE, stop]))
                trip[HELD, stop] = now
        if now > trip[LATE, stop]:
            return False
        now += trip[SPENT, stop]
    return lay(f, trip, window, count)


@compiled
def _base_of(f: Facts, trip: Small, window: int, stop: int) -> int:
    """Return when the baseline had a visit start that this stop is; -1 where it is none, or one it had elsewhere."""
    return base_start(f, window, whole(trip[CODE, stop])) if trip[CODE, stop] >= 0 else -1


@compiled
def loosen(f: Facts, trip: Small, count: int) -> bool:
    """Let all visits but those of crews and those with ties start at any time; return whether that changes anything."""
    changed = False
    for stop in range(count):
        visit = whole(trip[CODE, stop])
        if visit >= 0 and f.visits[visit, CREW] != 2 and trip[HELD, stop] >= 0 and not is_tied(f, visit):
            trip[HELD, stop] = -1
            changed = True
    return changed


@compiled
def _lay_fewer(f: Facts, s: State, window: int, count: int) -> bool:
    """Lay out a trip without one of its visits, the least valuable that will do; note that it is gone."""
    wanted, trial = s.trips[s.sums[TRIALS] + 1], s.trips[s.sums[TRIALS]]
    visit = _next_least(f, s, wanted, count, -1)
    while visit >= 0:
        s.visits[visit, GONE] = 1
        kept = tidy(f, trial, wanted, s.visits[:, GONE], count)
        if lay(f, trial, window, kept):
            return True
        s.visits[visit, GONE] = 0
        visit = _next_least(f, s, wanted, count, visit)
    return False


@compiled
def _next_least(f: Facts, s: State, trip: Small, count: int, after: int) -> int:
    """Return the least valuable visit of a trip that is not gone and comes after another in that order; -1: none."""
    found = -1
    for stop in range(count):
        visit = whole(trip[CODE, stop])
        if visit < 0 or s.visits[visit, GONE]:
            continue
        if after >= 0 and not _is_less(f, after, visit):
            continue
        if found < 0 or _is_less(f, visit, found):
            found = visit
    return found


@compiled
def _is_less(f: Facts, one: int, two: int) -> bool:
    return bool(f.visits[one, VALUE] < f.visits[two, VALUE] or (f.visits[one, VALUE] == f.visits[two, VALUE] and one < two))


@compiled
def _part(f: Facts, s: State) -> None:
    """Take out what is not as far apart as it is to be."""
    for visit in range(len(f.visits)):
        if s.visits[visit, SPOT] >= 0 and is_tied(f, visit) and not stands_apart(f, s, visit):
            mark(s)
            choose(s, visit)
            take(f, s)


@compiled
def _afford(f: Facts, s: State) -> None:
    """Take the least valuable visits from whoever works more than a ceiling allows by now."""
    for window in range(len(f.windows)):
        while s.trips[window, HEAD, COUNT] and not affords(f, s, window, 0):
            mark(s)
            choose(s, _next_least(f, s, s.trips[window], s.trips[window, HEAD, COUNT], -1))
            take(f, s)


@door
def _set_free(f: Facts, s: State) -> None:
    """Hold nothing to its start any more but crews and visits with ties."""
    loose = s.trips[s.sums[TRIALS]]
    for window in range(len(f.windows)):
        copy(loose, s.trips[window])
        count = loose[HEAD, COUNT]
        if loosen(f, loose, count) and lay(f, loose, window, count):
            mark(s)
            put(f, s, window, loose)
    mark(s)
