"""What the search takes out in one step: a handful of visits that have to do with each other."""

from matching.search.compiled import compiled, whole
from matching.search.facts import (
    DAY,
    ELDER_AT,
    ELDER_END,
    FITS,
    FITS_END,
    NEAR,
    NODE,
    NODE_AT,
    NODE_END,
    OWN,
    OWN_END,
    SECONDS,
    SECONDS_END,
    VOLUNTEER,
    Facts,
    Ints,
)
from matching.search.randomness import below, between, chance
from matching.search.state import MISSING, MISSING_LIST, ORDER, OWNER, SPOT, TAKEN, WHO, WHOSE, State, choose
from matching.search.trip import CODE, COUNT, HEAD

MOST_TAKEN = 8
STRING = 4
SHARE_STRINGS, SHARE_ROOM, SHARE_FREED, SHARE_PEOPLE = 0.45, 0.6, 0.8, 0.9
NOBODY = -1


@compiled
def ruin(f: Facts, s: State, pool: Ints) -> tuple[int, int]:
    """Choose what is taken out; return the visit that goes back first and the person kept free for it (-1: none)."""
    draw = chance(s.dice)
    if draw < SHARE_STRINGS or (s.sums[MISSING] == 0 and draw < SHARE_FREED):
        _near_strings(f, s, pool)
    elif draw < SHARE_ROOM:
        return _room_for_one(f, s), NOBODY
    elif draw < SHARE_FREED:
        return _freed_week(f, s)
    elif draw < SHARE_PEOPLE:
        _people(f, s, pool)
    else:
        _elders(f, s, pool)
    return -1, NOBODY


@compiled
def _is_free(s: State, visit: int) -> bool:
    """Return whether a visit is served and may be taken out."""
    return bool(s.visits[visit, SPOT] >= 0 and s.visits[visit, WHOSE] == s.sums[WHO])


@compiled
def _pick(s: State, visit: int) -> None:
    if _is_free(s, visit):
        choose(s, visit)


@compiled
def _near_strings(f: Facts, s: State, pool: Ints) -> None:  # noqa: C901  one walk outward from a door
    """Take strings of neighbouring stops out of the trips of one day around one door."""
    seed = pool[below(s.dice, len(pool))]
    window = s.visits[seed, SPOT]
    if window < 0:
        at = f.visits[seed, FITS]
        window = f.lists[at + below(s.dice, f.visits[seed, FITS_END] - at)]
    day = f.windows[window, DAY]
    wanted = between(s.dice, 2, MOST_TAKEN)
    done = 0
    for node in f.near[f.visits[seed, NODE], NEAR:]:
        for at in range(f.near[node, NODE_AT], f.near[node, NODE_END]):
            visit = f.lists[at]
            for seat in range(2):
                window = s.visits[visit, SPOT + seat]
                if window < 0 or f.windows[window, DAY] != day or not _is_free(s, visit):
                    continue
                known = False
                for other in s.lists[ORDER, :done]:
                    if other == window:
                        known = True
                if not known:
                    s.lists[ORDER, done] = window
                    done += 1
                    _string(s, window, visit)
                    if done == MOST_TAKEN:
                        return
        if s.sums[TAKEN] >= wanted:
            return


@compiled
def _string(s: State, window: int, visit: int) -> None:
    """Choose up to a few visits in a row out of a trip, the given one among them."""
    trip = s.trips[window]
    number, at = 0, 0
    for stop in range(trip[HEAD, COUNT]):
        if trip[CODE, stop] >= 0:
            if trip[CODE, stop] == visit:
                at = number
            number += 1
    length = between(s.dice, 1, min(STRING, number))
    start = between(s.dice, max(0, at - length + 1), min(at, number - length))
    number = 0
    for stop in range(trip[HEAD, COUNT]):
        if trip[CODE, stop] >= 0:
            if start <= number < start + length:
                _pick(s, whole(trip[CODE, stop]))
            number += 1


@compiled
def _whole_trip(s: State, window: int, share: float) -> None:
    """Choose each visit of a trip with some chance."""
    trip = s.trips[window]
    for stop in range(trip[HEAD, COUNT]):
        if trip[CODE, stop] >= 0 and (share >= 1 or chance(s.dice) < share):
            _pick(s, whole(trip[CODE, stop]))


@compiled
def _some_missing(f: Facts, s: State) -> int:
    """Return a visit that nobody serves and a free window would fit; -1 where a few tries find none."""
    for _ in range(8):
        visit = whole(s.lists[MISSING_LIST, below(s.dice, s.sums[MISSING])])
        window = _some_window(f, s, visit, FITS)
        if s.windows[window, OWNER] == s.sums[WHO]:
            return visit
    return -1


@compiled
def _some_window(f: Facts, s: State, visit: int, seat: int) -> int:
    at = f.visits[visit, seat]
    return whole(f.lists[at + below(s.dice, f.visits[visit, seat + 1] - at)])


@compiled
def _room_for_one(f: Facts, s: State) -> int:
    """Make room for a visit nobody serves."""
    visit = _some_missing(f, s)
    if visit >= 0:
        make_room_for(f, s, visit)
    return visit


@compiled
def make_room_for(f: Facts, s: State, visit: int) -> None:
    """Empty the hours around a visit in a trip or two that could take it."""
    _make_room(f, s, _some_window(f, s, visit, FITS))
    if f.visits[visit, SECONDS] < f.visits[visit, SECONDS_END]:
        _make_room(f, s, _some_window(f, s, visit, SECONDS))


@compiled
def _make_room(f: Facts, s: State, window: int) -> None:
    trip = s.trips[window]
    if trip[HEAD, COUNT]:
        middle = whole(trip[CODE, below(s.dice, trip[HEAD, COUNT])])
        if chance(s.dice) < 0.5 and middle >= 0:
            _string(s, window, middle)
        else:
            _whole_trip(s, window, 1.0)
    if chance(s.dice) < 0.5:
        _week_of(f, s, f.windows[window, VOLUNTEER], between(s.dice, 1, 4))


@compiled
def _week_of(f: Facts, s: State, person: int, most: int) -> None:
    """Choose up to some visits out of a volunteer's trips, whose minutes a ceiling of the week sets free."""
    total = 0
    for at in range(f.people[person, OWN], f.people[person, OWN_END]):
        total += s.trips[f.lists[at], HEAD, COUNT]
    if total == 0:
        return
    share = most / total
    for at in range(f.people[person, OWN], f.people[person, OWN_END]):
        _whole_trip(s, f.lists[at], share)


@compiled
def _freed_week(f: Facts, s: State) -> tuple[int, int]:
    """Free the week of somebody who alone could serve a visit, and let others have first go at what they did."""
    visit = _some_missing(f, s)
    if visit < 0:
        return -1, NOBODY
    person = f.windows[_some_window(f, s, visit, FITS), VOLUNTEER]
    _week_of(f, s, person, between(s.dice, MOST_TAKEN, 3 * MOST_TAKEN))
    return visit, whole(person)


@compiled
def _people(f: Facts, s: State, pool: Ints) -> None:
    """Empty the whole week of one or two volunteers."""
    for _ in range(between(s.dice, 1, 2)):
        window = s.visits[pool[below(s.dice, len(pool))], SPOT]
        if window >= 0:
            _week_of(f, s, f.windows[window, VOLUNTEER], 3 * MOST_TAKEN)


@compiled
def _elders(f: Facts, s: State, pool: Ints) -> None:
    """Take out all visits of one elder and perhaps of a neighbour."""
    visit = pool[below(s.dice, len(pool))]
    _all_of_its_elder(f, s, visit)
    if chance(s.dice) < 0.5:
        near = f.near[f.visits[visit, NODE], NEAR:]
        node = near[below(s.dice, len(near))]
        if f.near[node, NODE_AT] < f.near[node, NODE_END]:
            _all_of_its_elder(f, s, f.lists[f.near[node, NODE_AT]])


@compiled
def _all_of_its_elder(f: Facts, s: State, visit: int) -> None:
    for at in range(f.visits[visit, ELDER_AT], f.visits[visit, ELDER_END]):
        _pick(s, f.lists[at])
