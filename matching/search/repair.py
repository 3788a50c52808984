"""Places one visit that has lost its people: straight into a trip, else by one other visit that makes room, else by emptying trips."""

from matching.search.apart import bars, is_tied, next_start
from matching.search.baseline import loosen
from matching.search.compiled import compiled, door, whole
from matching.search.facts import CANTEEN, CREW, DAY, FIRST, FITS, FITS_END, LAST, PINNED, SECONDS, TRIPS, VOLUNTEER, Facts
from matching.search.insertion import NO_PICKUP, Spot, write
from matching.search.recreate import ALL, NOBODY, WINDOW, insert, recreate
from matching.search.ruin import make_room_for
from matching.search.state import FORBIDDEN, LIMIT, LOST, TOUCHED, TRIALS, State, choose, cost, mark, price, put, serve, take, undo
from matching.search.trip import CODE, COUNT, HEAD, PICKUPS, TRAVEL, copy, lay


@door
def repair(f: Facts, s: State, visit: int, trials: int) -> bool:
    """Serve a visit with nobody more touched than the limit; at most that many exchanges are tried. Return whether it is served."""
    return _place(f, s, visit) or (trials > 0 and _eject(f, s, visit, trials))


@compiled
def _within(s: State) -> bool:
    return bool(s.sums[TOUCHED] <= s.sums[LIMIT])


@compiled
def _place(f: Facts, s: State, visit: int) -> bool:
    """Insert a visit where nobody else has to move, letting minutes slide only where they must."""
    mark(s)
    if insert(f, s, visit, 0.0, ALL, NOBODY) and _within(s):
        return True
    undo(f, s)
    if f.visits[visit, CREW] == 2:
        return False
    best, chosen = FORBIDDEN, -1
    for at in range(f.visits[visit, FITS], f.visits[visit, FITS_END]):
        window = whole(f.lists[at])
        spent = _slide(f, s, visit, window)
        undo(f, s)
        if spent < best:
            best, chosen = spent, window
    return chosen >= 0 and _slide(f, s, visit, chosen) < FORBIDDEN


@compiled
def _slide(f: Facts, s: State, visit: int, window: int) -> float:
    """Insert a visit into one trip whose other minutes may slide; return what that adds to the cost."""
    before = cost(f, s)
    loose = s.trips[s.sums[TRIALS]]
    copy(loose, s.trips[window])
    count = loose[HEAD, COUNT]
    if not loosen(f, loose, count) or not lay(f, loose, window, count):
        return FORBIDDEN
    put(f, s, window, loose)
    if insert(f, s, visit, 0.0, WINDOW, window) and _within(s):
        return cost(f, s) - before
    return FORBIDDEN


@compiled
def _eject(f: Facts, s: State, visit: int, trials: int) -> bool:
    """Let one visit make room and find another place; choose the cheapest such exchange."""
    best, chosen, other = FORBIDDEN, -1, -1
    tried = 0
    for seat in (FITS, SECONDS):
        for at in range(f.visits[visit, seat], f.visits[visit, seat + 1]):
            window = whole(f.lists[at])
            count = whole(s.trips[window, HEAD, COUNT])
            for stop in range(count):
                moved = whole(s.trips[window, CODE, stop])
                if moved < 0 or f.visits[moved, PINNED] or tried == trials:
                    continue
                tried += 1
                spent = _exchange(f, s, visit, window, moved)
                undo(f, s)
                if spent < best:
                    best, chosen, other = spent, window, moved
    return chosen >= 0 and _exchange(f, s, visit, chosen, other) < FORBIDDEN


@compiled
def _exchange(f: Facts, s: State, visit: int, window: int, other: int) -> float:
    """Do one exchange; return what it adds to the cost, FORBIDDEN where it serves no more than before."""
    mark(s)
    before, lost = cost(f, s), s.sums[LOST]
    choose(s, other)
    take(f, s)
    scope = ALL if f.visits[visit, CREW] == 2 else WINDOW
    if not insert(f, s, visit, 0.0, scope, window):
        return FORBIDDEN
    insert(f, s, other, 0.0, ALL, NOBODY)
    if s.sums[LOST] >= lost or not _within(s):
        return FORBIDDEN
    return cost(f, s) - before


@door
def shuffle_in(f: Facts, s: State, visit: int, tries: int) -> bool:
    """Serve a visit by emptying a trip that could take it and seeing all it did served by others; return whether that was found."""
    lost = s.sums[LOST]
    if f.visits[visit, FITS] == f.visits[visit, FITS_END]:
        return False
    for _ in range(tries):
        mark(s)
        make_room_for(f, s, visit)
        take(f, s)
        recreate(f, s, visit, NOBODY)
        if s.sums[LOST] < lost and _within(s):
            mark(s)
            return True
        undo(f, s)
    return False


@door
def insert_apart(f: Facts, s: State, visit: int) -> bool:
    """Serve a meal by a pick-up with other stops between it and the door, or a visit with ties at any minute they leave: the last resort."""
    mark(s)
    tied, kitchen = is_tied(f, visit), f.visits[visit, CANTEEN]
    if f.visits[visit, CREW] == 2 or (kitchen < 0 and not tied):
        return False
    for at in range(f.visits[visit, FITS], f.visits[visit, FITS_END]):
        window = whole(f.lists[at])
        if tied and bars(f, s, visit, window):
            continue
        if tied and _at_any_minute(f, s, visit, window):
            return True
        fresh = kitchen >= 0 and s.trips[window, HEAD, PICKUPS] < f.people[f.windows[window, VOLUNTEER], TRIPS]
        if fresh and not tied and _by_early_pickup(f, s, visit, window, -1):
            return True
    return False


@compiled
def _at_any_minute(f: Facts, s: State, visit: int, window: int) -> bool:
    """Serve a visit with ties in a trip at the first minute that will do."""
    day, trip = f.windows[window, DAY], s.trips[window]
    fresh = f.visits[visit, CANTEEN] >= 0 and trip[HEAD, PICKUPS] < f.people[f.windows[window, VOLUNTEER], TRIPS]
    start = next_start(f, s, visit, day, f.visits[visit, FIRST + day])
    while start <= f.visits[visit, LAST]:
        for gap in range(trip[HEAD, COUNT] + 1):
            if _takes(f, s, visit, window, (0, gap, NO_PICKUP, start)) or (fresh and _takes(f, s, visit, window, (0, gap, gap, start))):
                return True
        if fresh and _by_early_pickup(f, s, visit, window, start):
            return True
        start = next_start(f, s, visit, day, start + 1)
    return False


@compiled
def _by_early_pickup(f: Facts, s: State, visit: int, window: int, held: int) -> bool:
    """Serve a meal in a trip by a pick-up of its own in some earlier gap."""
    count = s.trips[window, HEAD, COUNT]
    for early in range(count):
        for gap in range(early + 1, count + 1):
            if _takes(f, s, visit, window, (0, gap, early, held)):
                return True
    return False


@compiled
def _takes(f: Facts, s: State, visit: int, window: int, spot: Spot) -> bool:
    """Serve a visit at a place in a trip, if the trip can be laid out with it."""
    trial, trip = s.trips[s.sums[TRIALS]], s.trips[window]
    place = write(f, trial, trip, visit, spot)
    if not lay(f, trial, window, place) or price(f, s, visit, window, trial[HEAD, TRAVEL] - trip[HEAD, TRAVEL], 0) >= FORBIDDEN:
        return False
    put(f, s, window, trial)
    serve(f, s, visit, window, -1)
    return True
