"""The steps of the search: ruin, recreate, keep or undo, under simulated annealing; and the best plan so far.

One number is compared: value lost times `PRICE_OF_WEIGHT` plus cost, so a cold search trades nothing served for
comfort, and a warm one may for a while. The best plan is remembered by the true order: value first, then cost.
"""

import math
from typing import NamedTuple

import numpy as np

from matching.search.compiled import door
from matching.search.facts import Facts, Floats, Ints, Small
from matching.search.randomness import chance
from matching.search.recreate import recreate
from matching.search.ruin import ruin
from matching.search.state import (
    LIMIT,
    LOGGED,
    LOGGED_LIST,
    LOST,
    TOUCHED,
    WHO,
    State,
    cost,
    mark,
    take,
    undo,
)
from matching.search.trip import CODE, COUNT, HEAD, HELD

PRICE_OF_WEIGHT = 100.0
EPSILON = 1e-6
WHOLE = 0
"""The hand that searches the whole plan; others search parts of it, of which none knows the best plan."""
STALE, CHANGED_LIST = range(2)
"""Rows of the marks: whether a window has changed, and the list of those that have."""
STALE_COUNT, LEAST_LOST = range(2)


class Best(NamedTuple):
    """The best plan so far, and which windows of the searched plan have changed since it was noted.

    `stops` has for each window a row of codes and one of held starts, from column 1 on; column 0 of the first says how many.
    """

    stops: Small
    marks: Small
    sums: Ints
    cost: Floats


def no_best(windows: int, columns: int) -> Best:
    """Return room for a best plan; nothing is as good as none."""
    marks = np.stack([np.ones(windows, dtype=np.int32), np.arange(windows, dtype=np.int32)])
    sums = np.array([windows, np.iinfo(np.int64).max], dtype=np.int64)
    return Best(np.zeros((windows, 2, columns + 1), dtype=np.int32), marks, sums, np.array([np.inf]))


@door
def note_changes(s: State, best: Best) -> None:
    """Remember which windows were changed since the mark."""
    for at in range(s.sums[LOGGED]):
        window = s.lists[LOGGED_LIST, at]
        if not best.marks[STALE, window]:
            best.marks[STALE, window] = 1
            best.marks[CHANGED_LIST, best.sums[STALE_COUNT]] = window
            best.sums[STALE_COUNT] += 1


@door
def note_all(best: Best) -> None:
    """Remember that any window may have changed."""
    for window in range(best.marks.shape[1]):
        best.marks[STALE, window] = 1
        best.marks[CHANGED_LIST, window] = window
    best.sums[STALE_COUNT] = best.marks.shape[1]


@door
def note_best(f: Facts, s: State, best: Best) -> bool:
    """Remember the plan if it is the best so far; return whether it is."""
    lost, spent = s.sums[LOST], cost(f, s)
    if lost > best.sums[LEAST_LOST] or (lost == best.sums[LEAST_LOST] and spent >= best.cost[0] - EPSILON):
        return False
    best.sums[LEAST_LOST], best.cost[0] = lost, spent
    for at in range(best.sums[STALE_COUNT]):
        window = best.marks[CHANGED_LIST, at]
        trip, stops = s.trips[window], best.stops[window]
        stops[0, 0] = trip[HEAD, COUNT]
        for stop in range(trip[HEAD, COUNT]):
            stops[0, stop + 1], stops[1, stop + 1] = trip[CODE, stop], trip[HELD, stop]
        best.marks[STALE, window] = 0
    best.sums[STALE_COUNT] = 0
    return True


@door
def anneal(f: Facts, s: State, best: Best, pool: Ints, steps: int, warm: float, cold: float) -> int:
    """Do some steps while the temperature falls from warm to cold; return how often the best plan grew better."""
    better = 0
    if len(pool) == 0:
        return better
    now = s.sums[LOST] * PRICE_OF_WEIGHT + cost(f, s)
    limit = max(s.sums[LIMIT], s.sums[TOUCHED])
    for step in range(steps):
        temperature = warm * (cold / warm) ** (step / steps)
        mark(s)
        first, person = ruin(f, s, pool)
        take(f, s)
        recreate(f, s, first, person)
        energy = s.sums[LOST] * PRICE_OF_WEIGHT + cost(f, s)
        if energy < now - temperature * math.log(max(chance(s.dice), EPSILON)) and s.sums[TOUCHED] <= limit:
            now = energy
            if s.sums[WHO] == WHOLE:
                note_changes(s, best)
                better += note_best(f, s, best)
        else:
            undo(f, s)
    mark(s)
    return better
