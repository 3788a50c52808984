"""Brings plans into a state and out of it: as stops by window, or as a baseline of which what still holds is kept.

Outside compiled code a stop is one number: `~kitchen` for a pick-up, the visit for a visit at any time, and
`visit + (start + 1) * size` for one held to a start.
"""

import numpy as np

from matching.search.compiled import compiled, door, whole
from matching.search.facts import CREW, Facts, Ints, Small
from matching.search.problem import Problem
from matching.search.state import SPOT, SPOT_TOO, TRIALS, State, choose, mark, put, serve, take
from matching.search.trip import CODE, COUNT, HEAD, HELD, lay

Stops = dict[int, tuple[int, ...]]


def packed(plan: Stops) -> tuple[Ints, Ints, Ints]:
    """Return a plan as its windows in order, where the stops of each begin, and all stops in a row."""
    windows = sorted(plan)
    starts = np.cumsum([0, *(len(plan[window]) for window in windows)])
    codes = np.fromiter((code for window in windows for code in plan[window]), dtype=np.int64)
    return np.array(windows, dtype=np.int64), starts.astype(np.int64), codes


def stops_of(state: State, windows: int, size: int) -> Stops:
    """Return the stops of every window that is used."""
    plan: Stops = {}
    for window in np.flatnonzero(state.trips[:windows, HEAD, COUNT]).tolist():
        trip = state.trips[window]
        count = int(trip[HEAD, COUNT])
        codes, held = trip[CODE, :count].tolist(), trip[HELD, :count].tolist()
        plan[window] = tuple(code if at < 0 or code < 0 else code + (at + 1) * size for code, at in zip(codes, held, strict=True))
    return plan


def restore(problem: Problem, state: State, plan: Stops) -> None:
    """Let a state become a plan."""
    empty(problem.facts, state)
    load(problem.facts, state, *packed(plan), max(1, problem.size))


@door
def empty(f: Facts, s: State) -> None:
    """Take everything out."""
    mark(s)
    for visit in range(len(f.visits)):
        choose(s, visit)
    take(f, s)
    mark(s)


@door
def load(f: Facts, s: State, windows: Ints, starts: Ints, codes: Ints, size: int) -> None:
    """Put trips into empty windows; what does not hold, or has only half its crew, is left out."""
    trial = s.trips[s.sums[TRIALS]]
    for row in range(len(windows)):
        count = read(trial, codes[starts[row] : starts[row + 1]], size)
        if lay(f, trial, windows[row], count):
            put(f, s, windows[row], trial)
    note_served(f, s)


@compiled
def read(trip: Small, codes: Ints, size: int) -> int:
    """Write stops into a trip; return how many there are."""
    for stop in range(len(codes)):
        code = codes[stop]
        trip[CODE, stop], trip[HELD, stop] = (code, -1) if code < size else (code % size, code // size - 1)
    return len(codes)


@compiled
def note_served(f: Facts, s: State) -> None:
    """Note by which trips every visit is served; take out what is served by half a crew."""
    for window in range(len(f.windows)):
        trip = s.trips[window]
        for stop in range(trip[HEAD, COUNT]):
            visit = whole(trip[CODE, stop])
            if visit < 0:
                continue
            if s.visits[visit, SPOT] < 0:
                serve(f, s, visit, window, -1)
            elif s.visits[visit, SPOT] != window:
                serve(f, s, visit, s.visits[visit, SPOT], window)
    mark(s)
    for visit in range(len(f.visits)):
        if s.visits[visit, SPOT] >= 0 and (s.visits[visit, SPOT_TOO] >= 0) != (f.visits[visit, CREW] == 2):
            choose(s, visit)
    take(f, s)
    mark(s)
