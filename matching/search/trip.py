"""One window's trip with its exact times: what comes when, how late it may come, what is aboard.

A trip is a block of whole numbers, a row a quantity and a column a stop. A stop's `CODE` is a visit, or `~kitchen` for a
pick-up; `HELD` is the start a visit is held to (a crew meets, a baseline keeps its minute) or -1, more by
`AS_SECOND` for the second of a crew. Whose boxes a pick-up
takes is not stored: every meal comes from the last pick-up of its kitchen before it. Taking it from an earlier one would
only be colder and heavier.

Times are the least that hold (`EARLY`) and the greatest (`LATE`). Hot food ties a delivery to its pick-up, so a pick-up
is moved later when waiting on the way would let the food grow cold; both are found by repeating the pass until nothing
moves. `BEARS` says how many minutes more a gap may take before food aboard there is cold; with it an insertion test by
`EARLY` and `LATE` is necessary everywhere and sufficient unless somebody waits with food aboard.
"""

import numpy as np

from matching.search.compiled import compiled, whole
from matching.search.facts import (
    ALWAYS,
    AS_SECOND,
    BACK,
    BASE,
    BASE_DAY,
    BASE_END,
    BASE_START,
    BASE_VOLUNTEER,
    BOXES,
    CANTEEN,
    DAY,
    END,
    FIRST,
    HAS_BASE,
    HAS_FROM,
    HOLDS,
    HOT,
    KITCHEN,
    LAST,
    MINUTES,
    MINUTES_TOO,
    MODE,
    NODE,
    OPENS,
    OUT,
    PINNED,
    READY,
    SHIFT,
    SLOT,
    START,
    TRIPS,
    UNTIL,
    VOLUNTEER,
    Facts,
    Ints,
    Small,
)

HEAD, CODE, HELD, AT, EARLY, LEAVE, LATE, LEG, PICKED, PATH, BEARS, ABOARD, SPENT, FIRST_, LAST_ = range(15)
"""Rows of a trip; `AT` is the node, `SPENT` the minutes at the stop, the last two are the limits of its start."""
FIELDS = 15
COUNT, TRAVEL, WORK, PICKUPS, SHIFTED = range(5)
"""Columns of a trip's head."""
LEAST_COLUMNS = 5
MOST_PASSES = 400


def empty_trips(number: int, stops: int) -> Small:
    """Return that many empty trips, each with room for some stops."""
    trips = np.zeros((number, FIELDS, max(stops + 1, LEAST_COLUMNS)), dtype=np.int32)
    trips[:, BEARS, 0] = ALWAYS
    return trips


@compiled
def copy(target: Small, source: Small) -> None:
    """Let a trip become another one."""
    columns = max(source[HEAD, COUNT] + 1, LEAST_COLUMNS)
    for field in range(FIELDS):
        for column in range(columns):
            target[field, column] = source[field, column]


@compiled
def clear(trip: Small) -> None:
    """Let a trip become empty."""
    for column in range(LEAST_COLUMNS):
        trip[HEAD, column] = 0
    trip[LEG, 0] = 0
    trip[BEARS, 0] = ALWAYS
    trip[ABOARD, 0] = 0


@compiled
def lay(f: Facts, trip: Small, window: int, count: int) -> bool:
    """Work out a trip from its codes and held starts; return whether there are times that hold.

    Where there are none the rest of the block is of no use.
    """
    trip[HEAD, COUNT] = count
    if count == 0:
        clear(trip)
        return True
    if not _read(f, trip, window, count):
        return False
    if trip[HEAD, PICKUPS] and not _load(f, trip, window, count):
        return False
    if not _forward(f, trip, window, count):
        return False
    _backward(f, trip, window, count)
    trip[HEAD, SHIFTED] = _shifts(f, trip, window, count) if f.terms[HAS_BASE] else 0
    return True


@compiled
def _read(f: Facts, trip: Small, window: int, count: int) -> bool:
    """Read the stops: nodes, legs, pick-ups, limits of each start; return whether every meal has a pick-up."""
    person, day = f.windows[window, VOLUNTEER], f.windows[window, DAY]
    mode, slot = f.people[person, MODE], f.people[person, SLOT]
    travel, spent, pickups, before = 0, 0, 0, -1
    for stop in range(count):
        code = trip[CODE, stop]
        trip[BEARS, stop], trip[ABOARD, stop], trip[PICKED, stop] = ALWAYS, 0, -1
        if code < 0:
            pickups += 1
            node = f.kitchens[~code, KITCHEN]
            trip[FIRST_, stop], trip[LAST_, stop], trip[SPENT, stop] = f.kitchens[~code, OPENS + day], f.kitchens[~code, UNTIL], 0
        else:
            node = f.visits[code, NODE]
            canteen = f.visits[code, CANTEEN]
            if canteen >= 0:
                at = stop - 1
                while at >= 0 and trip[CODE, at] != ~canteen:
                    at -= 1
                if at < 0:
                    return False
                trip[PICKED, stop] = at
            held = trip[HELD, stop]
            trip[SPENT, stop] = f.visits[code, MINUTES]
            if held >= AS_SECOND:
                held -= AS_SECOND
                trip[SPENT, stop] = f.visits[code, MINUTES_TOO]
            trip[FIRST_, stop] = held if held >= 0 else f.visits[code, FIRST + day]
            trip[LAST_, stop] = held if held >= 0 else f.visits[code, LAST]
            spent += trip[SPENT, stop]
        trip[AT, stop] = node
        leg = f.homes[OUT, node, slot] if before < 0 else f.ways[mode, before, node]
        trip[LEG, stop] = leg
        travel += leg
        before = node
    trip[LEG, count] = f.homes[BACK, before, slot]
    trip[BEARS, count], trip[ABOARD, count] = ALWAYS, 0
    travel += trip[LEG, count]
    trip[HEAD, TRAVEL], trip[HEAD, WORK], trip[HEAD, PICKUPS] = travel, travel + spent, pickups
    if f.terms[HAS_FROM]:
        _free_pinned_pickups(f, trip, count)
    return bool(pickups <= f.people[person, TRIPS])


@compiled
def _free_pinned_pickups(f: Facts, trip: Small, count: int) -> None:
    """Let a pick-up whose visits are all pinned come before the week's `from`."""
    for stop in range(count):
        code = trip[CODE, stop]
        if code < 0:
            pinned = True
            for other in range(stop + 1, count):
                if trip[PICKED, other] == stop and not f.visits[trip[CODE, other], PINNED]:
                    pinned = False
            if pinned:
                trip[FIRST_, stop] = f.kitchens[~code, READY]


@compiled
def _load(f: Facts, trip: Small, window: int, count: int) -> bool:  # noqa: C901  one pass over one block
    """Find what is aboard and how long it stays hot, gap by gap; return whether boxes, heat and every pick-up's use hold."""
    now, used = 0, 0
    for stop in range(count):
        now += trip[LEG, stop] + trip[SPENT, stop]
        trip[PATH, stop] = now
    for stop in range(count):
        pickup = trip[PICKED, stop]
        if pickup < 0:
            continue
        first = True
        for other in range(pickup + 1, stop):
            if trip[PICKED, other] == pickup:
                first = False
        used += first
        slack = f.kitchens[~trip[CODE, pickup], HOT] - trip[PATH, stop] + trip[PATH, pickup]
        if slack < 0:
            return False
        boxes = f.visits[trip[CODE, stop], BOXES]
        for gap in range(pickup + 1, stop + 1):
            trip[ABOARD, gap] += boxes
            trip[BEARS, gap] = min(trip[BEARS, gap], slack)
    if used < trip[HEAD, PICKUPS]:
        return False
    holds = f.people[f.windows[window, VOLUNTEER], HOLDS]
    for gap in range(1, count):
        if trip[ABOARD, gap] > holds:
            return False
    return True


@compiled
def _forward(f: Facts, trip: Small, window: int, count: int) -> bool:
    """Find the least times; return whether there are any."""
    start, end = f.windows[window, START], f.windows[window, END]
    pushed, worst = -1, 0
    for _ in range(MOST_PASSES):
        now = start
        over, cold = -1, 0
        for stop in range(count):
            now = max(now + trip[LEG, stop], trip[FIRST_, stop])
            if now > trip[LAST_, stop]:
                return False
            trip[EARLY, stop] = now
            now += trip[SPENT, stop]
            trip[LEAVE, stop] = now
            pickup = trip[PICKED, stop]
            if pickup >= 0:
                cold = now - trip[EARLY, pickup] - f.kitchens[~trip[CODE, pickup], HOT]
                if cold > 0:
                    over = stop
                    break
        if over < 0:
            return bool(now + trip[LEG, count] <= end)
        if over == pushed and cold >= worst:
            return False
        pushed, worst = over, cold
        trip[FIRST_, trip[PICKED, over]] = trip[EARLY, trip[PICKED, over]] + cold
    return False


@compiled
def _backward(f: Facts, trip: Small, window: int, count: int) -> None:
    """Find the greatest times; there are some, since there are least ones."""
    end = f.windows[window, END]
    for stop in range(count):
        trip[LATE, stop] = trip[LAST_, stop]
    moved = True
    while moved:
        moved = False
        after = end
        for stop in range(count - 1, -1, -1):
            latest = after - trip[LEG, stop + 1] - trip[SPENT, stop]
            if latest < trip[LATE, stop]:
                trip[LATE, stop] = latest
                moved = True
            after = trip[LATE, stop]
        if not trip[HEAD, PICKUPS]:
            return
        for stop in range(count):
            pickup = trip[PICKED, stop]
            if pickup >= 0:
                latest = trip[LATE, pickup] + f.kitchens[~trip[CODE, pickup], HOT] - trip[SPENT, stop]
                if latest < trip[LATE, stop]:
                    trip[LATE, stop] = latest
                    moved = True


@compiled
def base_start(f: Facts, window: int, visit: int) -> int:
    """Return when the baseline had this window's volunteer start a visit on this window's day; -1: not at all."""
    person, day = f.windows[window, VOLUNTEER], f.windows[window, DAY]
    for row in range(f.visits[visit, BASE], f.visits[visit, BASE_END]):
        if f.base[row, BASE_VOLUNTEER] == person and f.base[row, BASE_DAY] == day:
            return int(f.base[row, BASE_START])
    return -1


@compiled
def _shifts(f: Facts, trip: Small, window: int, count: int) -> int:
    """Count the starts that moved by more than the baseline bears."""
    moved = 0
    for stop in range(count):
        if trip[CODE, stop] >= 0:
            before = base_start(f, window, whole(trip[CODE, stop]))
            moved += before >= 0 and abs(trip[EARLY, stop] - before) > SHIFT
    return moved


@compiled
def holds(trip: Small, visit: int) -> bool:
    """Return whether a trip serves a visit."""
    for stop in range(trip[HEAD, COUNT]):
        if trip[CODE, stop] == visit:
            return True
    return False


@compiled
def start_of(trip: Small, visit: int) -> int:
    """Return when a trip serves a visit; -1 where it does not."""
    for stop in range(trip[HEAD, COUNT]):
        if trip[CODE, stop] == visit:
            return int(trip[EARLY, stop])
    return -1


@compiled
def tidy(f: Facts, target: Small, source: Small, gone: Ints, count: int) -> int:
    """Write a trip's stops without the visits marked gone and the pick-ups nobody needs; return how many there are."""
    kept = 0
    for stop in range(count):
        code = source[CODE, stop]
        if code >= 0:
            if gone[code]:
                continue
        else:
            needed = False
            for later in range(stop + 1, count):
                other = source[CODE, later]
                if other == code:
                    break
                if other >= 0 and not gone[other] and f.visits[other, CANTEEN] == ~code:
                    needed = True
                    break
            if not needed:
                continue
        target[CODE, kept], target[HELD, kept] = code, source[HELD, stop]
        kept += 1
    return kept
