"""Where one more visit goes in a trip: the cheapest place.

The tests read the least and greatest times around a gap and what the hot food still bears. They never refuse what
holds; inside a hot trip with waiting in it they may let pass what does not. So a place is believed until the trip that
takes it cannot be laid out; then it is barred and the next one is tried.
"""

from matching.search.apart import is_tied, last_start, next_start
from matching.search.compiled import compiled, whole
from matching.search.facts import (
    BACK,
    BOXES,
    CANTEEN,
    DAY,
    END,
    FIRST,
    HAS_BASE,
    HOLDS,
    HOT,
    KITCHEN,
    LAST,
    MINUTES,
    MODE,
    NODE,
    OPENS,
    OUT,
    PINNED,
    READY,
    SLOT,
    START,
    TRIPS,
    UNTIL,
    VOLUNTEER,
    Facts,
    Small,
)
from matching.search.state import BARRED, MOST_BARRED, MOST_MOVED, State
from matching.search.trip import ABOARD, AT, BEARS, CODE, COUNT, HEAD, HELD, LATE, LEAVE, LEG, PATH, PICKUPS, base_start

FAR = 1 << 40

Spot = tuple[int, int, int, int]
"""Minutes of travel added, the gap (-1: none), the gap of the pick-up that comes with it, the start it is held to (-1: none)."""
NO_PICKUP = -1
AS_FOUND = -2
"""A visit with ties is held to the start at which its place was found."""


@compiled
def bar(s: State, window: int, gap: int, pickup: int) -> bool:
    """Note that a place does not hold after all; return whether more could be noted."""
    at = s.sums[BARRED]
    s.rows[MOST_MOVED + at, 0], s.rows[MOST_MOVED + at, 1], s.rows[MOST_MOVED + at, 2] = window, gap, pickup
    s.sums[BARRED] = at + 1
    return bool(at + 1 < MOST_BARRED)


@compiled
def _is_barred(s: State, window: int, gap: int, pickup: int) -> bool:
    for at in range(s.sums[BARRED]):
        if s.rows[MOST_MOVED + at, 0] == window and s.rows[MOST_MOVED + at, 1] == gap and s.rows[MOST_MOVED + at, 2] == pickup:
            return True
    return False


@compiled
def kept_start(f: Facts, window: int, visit: int) -> int:
    """Return when the baseline had this volunteer start the visit on this day, if that may still be; else -1."""
    start = base_start(f, window, visit)
    return start if f.visits[visit, FIRST + f.windows[window, DAY]] <= start <= f.visits[visit, LAST] else -1


@compiled
def best_spot(f: Facts, s: State, visit: int, window: int) -> Spot:
    """Return the cheapest place for a visit served alone, believed but not laid out; the baseline's minute comes first."""
    tied = is_tied(f, visit)
    if f.terms[HAS_BASE]:
        start = kept_start(f, window, visit)
        if start >= 0 and (not tied or next_start(f, s, visit, f.windows[window, DAY], start) == start):
            found = _spot(f, s, visit, window, start, start)
            if found[1] >= 0:
                return found
    if tied:
        return _spot_apart(f, s, visit, window)
    return _spot(f, s, visit, window, f.visits[visit, FIRST + f.windows[window, DAY]], f.visits[visit, LAST])


@compiled
def _spot_apart(f: Facts, s: State, visit: int, window: int) -> Spot:
    """Return the cheapest place of a visit with ties, among the stretches of minutes that those leave."""
    best = (FAR, -1, NO_PICKUP, -1)
    day = f.windows[window, DAY]
    first, last = next_start(f, s, visit, day, f.visits[visit, FIRST + day]), f.visits[visit, LAST]
    while first <= last:
        until = last_start(f, s, visit, day, first, last)
        found = _spot(f, s, visit, window, first, until)
        if found[1] >= 0 and found[0] < best[0]:
            best = found
        first = next_start(f, s, visit, day, until + 1)
    return best


@compiled
def _spot(f: Facts, s: State, visit: int, window: int, first: int, last: int) -> Spot:
    held = -1
    if is_tied(f, visit):
        held = AS_FOUND
    elif f.terms[HAS_BASE] and first >= last:
        held = first
    if f.visits[visit, CANTEEN] >= 0:
        return _meal_spot(f, s, visit, window, first, last, held)
    return _plain_spot(f, s, visit, window, first, last, held)


@compiled
def _onward(f: Facts, trip: Small, window: int, moves: tuple[int, int], node: int, gap: int) -> tuple[int, int]:
    """Return the minutes from a door to what comes behind a gap, the next stop or home, and the last minute to be there."""
    mode, slot = moves
    if gap < trip[HEAD, COUNT]:
        return whole(f.ways[mode, node, trip[AT, gap]]), whole(trip[LATE, gap])
    return whole(f.homes[BACK, node, slot]), whole(f.windows[window, END])


@compiled
def _plain_spot(f: Facts, s: State, visit: int, window: int, first: int, last: int, held: int) -> Spot:
    """Find the cheapest place of a visit without a pick-up."""
    trip, person = s.trips[window], f.windows[window, VOLUNTEER]
    mode, slot = f.people[person, MODE], f.people[person, SLOT]
    node, minutes = f.visits[visit, NODE], f.visits[visit, MINUTES]
    ready, count = f.windows[window, START], trip[HEAD, COUNT]
    least, at, when = FAR, -1, -1
    for gap in range(count + 1):
        if gap:
            ready = trip[LEAVE, gap - 1]
            if ready > last:
                break
            there = f.ways[mode, trip[AT, gap - 1], node]
        else:
            there = f.homes[OUT, node, slot]
        start = max(ready + there, first)
        if start > last:
            continue
        on, due = _onward(f, trip, window, (mode, slot), node, gap)
        limit = due - on - minutes
        more = there + on - trip[LEG, gap]
        if start <= limit and more < least and more + minutes <= trip[BEARS, gap] and not _is_barred(s, window, gap, NO_PICKUP):
            least, at, when = more, gap, start
    return least, at, NO_PICKUP, when if held == AS_FOUND else held


@compiled
def _meal_spot(  # noqa: C901  one walk over one trip
    f: Facts, s: State, visit: int, window: int, first: int, last: int, held: int
) -> Spot:
    """Find the cheapest place of a meal: in a trip that is there, with a pick-up before the door or where another kitchen is called at.

    This is the innermost loop of the whole search, therefore one long function on local names.
    """
    trip, person = s.trips[window], f.windows[window, VOLUNTEER]
    mode, slot = f.people[person, MODE], f.people[person, SLOT]
    canteen, node, minutes = f.visits[visit, CANTEEN], f.visits[visit, NODE], f.visits[visit, MINUTES]
    kitchen, until, hot = f.kitchens[canteen, KITCHEN], f.kitchens[canteen, UNTIL], f.kitchens[canteen, HOT]
    ready = f.kitchens[canteen, READY] if f.visits[visit, PINNED] else f.kitchens[canteen, OPENS + f.windows[window, DAY]]
    room = f.people[person, HOLDS] - f.visits[visit, BOXES]
    fresh = trip[HEAD, PICKUPS] < f.people[person, TRIPS]
    hop = f.ways[mode, kitchen, node]
    before, count = f.windows[window, START], trip[HEAD, COUNT]
    taken, load, least, at, apart, new_here = -1, 0, FAR, -1, NO_PICKUP, fresh
    beside, beside_load, taking_beside, when = -1, 0, 0, -1
    for gap in range(count + 1):
        if gap:
            before = trip[LEAVE, gap - 1]
            if before > last:
                break
            there, to_kitchen = f.ways[mode, trip[AT, gap - 1], node], f.ways[mode, trip[AT, gap - 1], kitchen]
            at_kitchen = trip[CODE, gap - 1] == ~canteen
            new_here = fresh and not at_kitchen
            if at_kitchen:
                taken, load, beside = gap - 1, 0, -1
            elif new_here and trip[CODE, gap - 1] < 0 and trip[AT, gap - 1] == kitchen:
                beside, beside_load, taking_beside = gap - 1, 0, max(before, ready)
            load, beside_load = max(load, trip[ABOARD, gap]), max(beside_load, trip[ABOARD, gap])
        else:
            there, to_kitchen = f.homes[OUT, node, slot], f.homes[OUT, kitchen, slot]
        on, due = _onward(f, trip, window, (mode, slot), node, gap)
        limit = due - minutes
        more, bear = on - trip[LEG, gap], trip[BEARS, gap] - minutes
        if taken >= 0 and load <= room and more + there < least and more + there <= bear:
            start = max(before + there, first)
            if (
                start <= last
                and start + on <= limit
                and start + minutes - trip[LATE, taken] <= hot
                and trip[PATH, gap - 1] - trip[PATH, taken] + there + minutes <= hot
                and not _is_barred(s, window, gap, NO_PICKUP)
            ):
                least, at, apart, when = more + there, gap, NO_PICKUP, start
        if 0 <= beside < gap - 1 and beside_load <= room and more + there < least and more + there <= bear and taking_beside <= until:
            way = trip[PATH, gap - 1] - trip[PATH, beside] + there
            start = max(before + there, first, taking_beside + way)
            if (
                start <= last
                and start + on <= limit
                and way + minutes <= hot
                and taking_beside + trip[LEG, beside + 1] <= trip[LATE, beside + 1]
                and not _is_barred(s, window, gap, beside + 1)
            ):
                least, at, apart, when = more + there, gap, beside + 1, start
        if new_here and more + to_kitchen + hop < least and more + to_kitchen + hop <= bear and trip[ABOARD, gap] <= room:
            taking = max(before + to_kitchen, ready)
            start = max(taking + hop, first)
            if taking <= until and start <= last and start + on <= limit and not _is_barred(s, window, gap, gap):
                least, at, apart, when = more + to_kitchen + hop, gap, gap, start
    return least, at, apart, when if held == AS_FOUND else held


@compiled
def write(f: Facts, trial: Small, trip: Small, visit: int, spot: Spot) -> int:
    """Write a trip's stops with a visit at its spot; return how many there are."""
    _, gap, early, held = spot
    at = 0
    for stop in range(trip[HEAD, COUNT] + 1):
        if stop == early:
            trial[CODE, at], trial[HELD, at] = ~f.visits[visit, CANTEEN], -1
            at += 1
        if stop == gap:
            trial[CODE, at], trial[HELD, at] = visit, held
            at += 1
        if stop < trip[HEAD, COUNT]:
            trial[CODE, at], trial[HELD, at] = trip[CODE, stop], trip[HELD, stop]
            at += 1
    return at


@compiled
def gaps(f: Facts, s: State, visit: int, window: int, seat: int, begin: int) -> int:
    """Write every gap of a trip where one could take a seat of a crew into `rows` from `begin` on; return how many there are.

    A row is minutes of travel added, the gap, the earliest and the latest start; the cheapest stands first.
    """
    found = s.rows
    trip, person = s.trips[window], f.windows[window, VOLUNTEER]
    mode, slot = f.people[person, MODE], f.people[person, SLOT]
    node, minutes = f.visits[visit, NODE], f.visits[visit, MINUTES + seat]
    first, last = f.visits[visit, FIRST + f.windows[window, DAY]], f.visits[visit, LAST]
    ready, count, total = f.windows[window, START], trip[HEAD, COUNT], 0
    for gap in range(count + 1):
        if gap:
            ready = trip[LEAVE, gap - 1]
            if ready > last:
                break
            there = f.ways[mode, trip[AT, gap - 1], node]
        else:
            there = f.homes[OUT, node, slot]
        start = max(ready + there, first)
        on, due = _onward(f, trip, window, (mode, slot), node, gap)
        limit = due - on - minutes
        more = there + on - trip[LEG, gap]
        if start <= min(last, limit) and more + minutes <= trip[BEARS, gap]:
            at = begin + total
            while at > begin and found[at - 1, 0] > more:
                for column in range(4):
                    found[at, column] = found[at - 1, column]
                at -= 1
            found[at, 0], found[at, 1], found[at, 2], found[at, 3] = more, gap, start, min(last, limit)
            total += 1
    return total
