"""A plan while it is being searched: who does what, what it costs, and how to take the last changes back.

The search compares `LOST` (value of the visits not served) before the cost; pins weigh more than all weights together
(problem.py), so keeping pins, serving weight and saving cost are one order.
"""

from typing import NamedTuple

import numpy as np

from matching.search.compiled import compiled, door, whole
from matching.search.facts import (
    CREW,
    DAY,
    ELDER,
    FACE_PRICE,
    FAIR_PRICE,
    FITS,
    FITS_END,
    HAS_BASE,
    MAX_DAY,
    MAX_WEEK,
    MINUTES,
    SECONDS,
    SECONDS_END,
    SLOT,
    TIES,
    TIES_END,
    TOUCH_PRICE,
    TRAVEL_PRICE,
    VALUE,
    VOLUNTEER,
    Facts,
    Floats,
    Ints,
    Small,
)
from matching.search.problem import Problem
from matching.search.randomness import Dice, dice
from matching.search.trip import CODE, COUNT, HEAD, SHIFTED, TRAVEL, WORK, base_start, clear, copy, empty_trips, holds, lay, start_of, tidy

FORBIDDEN = 1e15
KNOWN = 1 << 14
"""A pair that has met before counts from here, so it is never new."""
LOST, TRAVELLED, NEW_FACES, TOUCHED, LIMIT, MISSING, LOGGED, MOVED, NOW, TAKEN, BARRED, LOGS, TRIALS, GAPS, WHO = range(15)
"""Sums of a plan, then how long its lists are (`NOW` counts the marks), then where the log, the trials
and the gaps begin, last whose hand this is."""
SUMS = 15
SPOT, SPOT_TOO, MISSING_AT, MARKED, GONE, WHOSE, STARTS = range(7)
"""Columns of a visit: the windows that serve it (-1: none), its place in the list of the missing, marks, whose it is, and
when it is served where it has ties (apart.py)."""
CHANGED_IN, OWNER = range(2)
"""Columns of a window: the mark since which it has changed, and whose it is: only that hand empties and fills it."""
WEEK_WORK, OFF, SHIFTS, CHANGED_AT, DAY_WORK = range(5)
"""Columns of a person: minutes of work, differences from the baseline, shifted starts, a mark; last the work of each day."""
MISSING_LIST, TAKEN_LIST, ORDER, LOGGED_LIST, MEMBERS = range(5)
"""Rows of `lists`: the visits that could be served and are not, and room to work in."""
SUM, PRICE, KEY_OF = range(3)
"""Rows of `reals`; the first holds the unfairness now and at the mark."""
UNFAIR, UNFAIR_MARKED = range(2)
MOST_LOGGED = 256
MOST_MOVED = 4096
MOST_BARRED = 64
MOST_ORDERED = 512
WHERE = MOST_MOVED + MOST_BARRED
"""Parts of `rows`: what moved, what is barred, from here on where the gaps of each member of a crew stand, then the gaps."""
TRIAL_TRIPS = 3
HANDS = 2
"""So many hands can search one plan side by side, each in its own part (parallel.py)."""


class State(NamedTuple):
    """The trips of all windows with the sums the goals are made of; every change since the last mark can be undone.

    Behind the trips of the windows stand for each hand those of its log and three under trial.
    """

    trips: Small
    visits: Ints
    windows: Ints
    people: Ints
    sums: Ints
    reals: Floats
    pairs: Small
    lists: Ints
    rows: Ints
    dice: Dice


def empty_state(problem: Problem, seed: int) -> State:
    """Return a plan that serves nothing."""
    f, size, windows = problem.facts, max(1, problem.size), len(problem.facts.windows)
    could = np.flatnonzero(f.visits[:, FITS_END] > f.visits[:, FITS])
    crews = f.visits[f.visits[:, CREW] == 2]
    crew = int((crews[:, FITS_END] - crews[:, FITS] + crews[:, SECONDS_END] - crews[:, SECONDS]).max(initial=1))
    used_day = np.array(problem.people.used_day, dtype=np.int64).reshape(-1, problem.week.days)
    off, most = np.array(problem.base_count, dtype=np.int64), f.people[:, MAX_WEEK]
    people = np.zeros((len(off), DAY_WORK + problem.week.days), dtype=np.int64)
    people[:, WEEK_WORK], people[:, OFF], people[:, DAY_WORK:] = problem.people.used_week, off, used_day
    visits = np.tile(np.array([-1, -1, -1, 0, 0, 0, 0], dtype=np.int64), (size, 1))
    visits[could, MISSING_AT] = np.arange(len(could))
    lists = np.zeros((MEMBERS + 1, max(size, MOST_ORDERED, crew)), dtype=np.int64)
    lists[MISSING_LIST, : len(could)] = could
    pairs = np.zeros((max(1, len(problem.week.elders)), max(1, f.homes.shape[2])), dtype=np.int16)
    for elder, slot in problem.known:
        pairs[elder, slot] = KNOWN
    sums = np.zeros(SUMS, dtype=np.int64)
    sums[[LOST, TOUCHED, LIMIT]] = sum(problem.visits.value), int((off > 0).sum()), problem.limit
    sums[[MISSING, NOW, LOGS, TRIALS, GAPS]] = len(could), 1, windows, windows + MOST_LOGGED, WHERE + crew
    reals = np.zeros((KEY_OF + 1, max(crew, MOST_ORDERED)))
    reals[SUM, UNFAIR] = float((people[:, WEEK_WORK] ** 2 / most).sum())
    return State(
        trips=empty_trips(windows + HANDS * (MOST_LOGGED + TRIAL_TRIPS), problem.most_stops),
        visits=visits,
        windows=np.zeros((windows, 2), dtype=np.int64),
        people=people,
        sums=sums,
        reals=reals,
        pairs=pairs,
        lists=lists,
        rows=np.zeros((WHERE + crew + crew + 6 * size, 4), dtype=np.int64),
        dice=dice(seed),
    )


@door
def cost(f: Facts, s: State) -> float:
    """Return the contract's cost, unrounded."""
    sums = s.sums
    return float(
        f.terms[TRAVEL_PRICE] * sums[TRAVELLED]
        + f.terms[FACE_PRICE] * sums[NEW_FACES]
        + f.terms[FAIR_PRICE] * s.reals[SUM, UNFAIR]
        + f.terms[TOUCH_PRICE] * sums[TOUCHED]
    )


@door
def mark(s: State) -> None:
    """Forget how to undo what was done so far."""
    s.sums[LOGGED] = s.sums[MOVED] = s.sums[TAKEN] = 0
    s.sums[NOW] += 1
    s.reals[SUM, UNFAIR_MARKED] = s.reals[SUM, UNFAIR]


@compiled
def has_room(s: State) -> bool:
    """Return whether a few more changes could still be undone."""
    return bool(s.sums[LOGGED] + 2 < MOST_LOGGED and s.sums[MOVED] + 2 < MOST_MOVED)


@compiled
def _is_touched(s: State, person: int) -> int:
    return 1 if s.people[person, OFF] != 0 or s.people[person, SHIFTS] != 0 else 0


@compiled
def put(f: Facts, s: State, window: int, trip: Small) -> None:
    """Let a window's trip be this one."""
    now = s.sums[NOW]
    if s.windows[window, CHANGED_IN] != now:
        s.windows[window, CHANGED_IN] = now
        at = s.sums[LOGGED]
        if at < MOST_LOGGED:
            copy(s.trips[s.sums[LOGS] + at], s.trips[window])
            s.lists[LOGGED_LIST, at] = window
            s.sums[LOGGED] = at + 1
    s.people[f.windows[window, VOLUNTEER], CHANGED_AT] = now
    _place(f, s, window, trip)


@compiled
def _place(f: Facts, s: State, window: int, trip: Small) -> None:
    old = s.trips[window]
    person = f.windows[window, VOLUNTEER]
    s.sums[TRAVELLED] += trip[HEAD, TRAVEL] - old[HEAD, TRAVEL]
    more = np.int64(trip[HEAD, WORK]) - np.int64(old[HEAD, WORK])
    if more != 0:
        work = s.people[person, WEEK_WORK]
        s.people[person, WEEK_WORK] = work + more
        s.people[person, DAY_WORK + f.windows[window, DAY]] += more
        s.reals[SUM, UNFAIR] += more * (2 * work + more) / f.people[person, MAX_WEEK]
    if trip[HEAD, SHIFTED] != old[HEAD, SHIFTED]:
        before = _is_touched(s, person)
        s.people[person, SHIFTS] += trip[HEAD, SHIFTED] - old[HEAD, SHIFTED]
        s.sums[TOUCHED] += _is_touched(s, person) - before
    copy(old, trip)


@compiled
def serve(f: Facts, s: State, visit: int, one: int, two: int) -> None:
    """Note by which windows a visit is served (-1: none)."""
    at = s.sums[MOVED]
    if at < MOST_MOVED:
        s.rows[at, 0], s.rows[at, 1], s.rows[at, 2] = visit, s.visits[visit, SPOT], s.visits[visit, SPOT_TOO]
        s.sums[MOVED] = at + 1
    _serve(f, s, visit, one, two)


@compiled
def _serve(f: Facts, s: State, visit: int, one: int, two: int) -> None:
    old, old_two = s.visits[visit, SPOT], s.visits[visit, SPOT_TOO]
    s.visits[visit, SPOT], s.visits[visit, SPOT_TOO] = one, two
    if (old >= 0) != (one >= 0):
        if old >= 0:
            s.sums[LOST] += f.visits[visit, VALUE]
            s.visits[visit, MISSING_AT] = s.sums[MISSING]
            s.lists[MISSING_LIST, s.sums[MISSING]] = visit
            s.sums[MISSING] += 1
        else:
            s.sums[LOST] -= f.visits[visit, VALUE]
            s.sums[MISSING] -= 1
            last, at = s.lists[MISSING_LIST, s.sums[MISSING]], s.visits[visit, MISSING_AT]
            s.lists[MISSING_LIST, at] = last
            s.visits[last, MISSING_AT] = at
            s.visits[visit, MISSING_AT] = -1
    if one >= 0 and f.visits[visit, TIES] < f.visits[visit, TIES_END]:
        s.visits[visit, STARTS] = start_of(s.trips[one], visit)
    if old >= 0:
        _meet(f, s, visit, old, -1)
    if old_two >= 0:
        _meet(f, s, visit, old_two, -1)
    if one >= 0:
        _meet(f, s, visit, one, 1)
    if two >= 0:
        _meet(f, s, visit, two, 1)


@compiled
def _meet(f: Facts, s: State, visit: int, window: int, change: int) -> None:
    person = f.windows[window, VOLUNTEER]
    elder, slot = f.visits[visit, ELDER], f.people[person, SLOT]
    count = s.pairs[elder, slot] + change
    s.pairs[elder, slot] = count
    if count == (1 if change > 0 else 0):
        s.sums[NEW_FACES] += change
    if f.terms[HAS_BASE]:
        before = _is_touched(s, person)
        s.people[person, OFF] += -change if in_base(f, window, visit) else change
        s.sums[TOUCHED] += _is_touched(s, person) - before


@compiled
def in_base(f: Facts, window: int, visit: int) -> bool:
    """Return whether the baseline has this window's volunteer serve the visit on the window's day."""
    return bool(base_start(f, window, visit) >= 0)


@compiled
def undo(f: Facts, s: State) -> None:
    """Take everything back that was done since the last mark."""
    for at in range(s.sums[LOGGED]):
        _place(f, s, s.lists[LOGGED_LIST, at], s.trips[s.sums[LOGS] + at])
    for at in range(s.sums[MOVED] - 1, -1, -1):
        _serve(f, s, s.rows[at, 0], s.rows[at, 1], s.rows[at, 2])
    s.reals[SUM, UNFAIR] = s.reals[SUM, UNFAIR_MARKED]
    s.sums[LOGGED] = s.sums[MOVED] = 0


@compiled
def affords(f: Facts, s: State, window: int, more: int) -> bool:
    """Return whether a window's volunteer may work that many minutes more."""
    person = f.windows[window, VOLUNTEER]
    return bool(
        s.people[person, DAY_WORK + f.windows[window, DAY]] + more <= f.people[person, MAX_DAY]
        and s.people[person, WEEK_WORK] + more <= f.people[person, MAX_WEEK]
    )


@compiled
def choose(s: State, visit: int) -> None:
    """Put a visit on the list of those that `take` takes out; once is enough."""
    if not s.visits[visit, GONE] and s.visits[visit, SPOT] >= 0:
        s.visits[visit, GONE] = 1
        s.lists[TAKEN_LIST, s.sums[TAKEN]] = visit
        s.sums[TAKEN] += 1


@compiled
def take(f: Facts, s: State) -> None:
    """Take the chosen visits out; a trip that cannot stand without them (odd matrices) loses all it has."""
    at = 0
    while at < s.sums[TAKEN]:
        visit = s.lists[TAKEN_LIST, at]
        at += 1
        for seat in range(2):
            window = s.visits[visit, SPOT + seat]
            if window >= 0 and holds(s.trips[window], visit):
                _empty_of_chosen(f, s, window)
        serve(f, s, visit, -1, -1)
    for at in range(s.sums[TAKEN]):
        s.visits[s.lists[TAKEN_LIST, at], GONE] = 0


@compiled
def _empty_of_chosen(f: Facts, s: State, window: int) -> None:
    trip, rest = s.trips[window], s.trips[s.sums[TRIALS] + 0]
    count = tidy(f, rest, trip, s.visits[:, GONE], trip[HEAD, COUNT])
    if lay(f, rest, window, count):
        more = rest[HEAD, WORK] - trip[HEAD, WORK]
        if more <= 0 or affords(f, s, window, more):
            put(f, s, window, rest)
            return
    for stop in range(trip[HEAD, COUNT]):
        if trip[CODE, stop] >= 0:
            choose(s, whole(trip[CODE, stop]))
    clear(rest)
    put(f, s, window, rest)


@compiled
def price(f: Facts, s: State, visit: int, window: int, travel: int, seat: int) -> float:
    """Return what a visit would add to the cost in a window, or FORBIDDEN where a ceiling or the limit of `touched` is passed."""
    more = travel + f.visits[visit, MINUTES + seat]
    person = f.windows[window, VOLUNTEER]
    work = s.people[person, WEEK_WORK]
    if s.people[person, DAY_WORK + f.windows[window, DAY]] + more > f.people[person, MAX_DAY] or work + more > f.people[person, MAX_WEEK]:
        return FORBIDDEN
    total = f.terms[TRAVEL_PRICE] * travel + f.terms[FAIR_PRICE] * more * (2 * work + more) / f.people[person, MAX_WEEK]
    if s.pairs[f.visits[visit, ELDER], f.people[person, SLOT]] == 0:
        total += f.terms[FACE_PRICE]
    if f.terms[HAS_BASE]:
        change = touch_change(f, s, visit, window)
        # Of a crew one may be touched where the other no longer is: that is asked of the pair.
        if change > 0 and s.sums[TOUCHED] >= s.sums[LIMIT] and f.visits[visit, CREW] == 1:
            return FORBIDDEN
        total += f.terms[TOUCH_PRICE] * change
    return float(total)


@compiled
def touch_change(f: Facts, s: State, visit: int, window: int) -> int:
    """Return by how many people serving a visit in a window changes the number touched."""
    person = f.windows[window, VOLUNTEER]
    if in_base(f, window, visit):
        return -1 if s.people[person, OFF] == 1 and s.people[person, SHIFTS] == 0 else 0
    return 0 if _is_touched(s, person) else 1
