"""Whether visits that are kept apart are: each of the two is held to a start that the plan remembers (`STARTS`).

So the ties of one can be judged without looking into the trips of others, which another hand may be changing.
"""

from matching.model import DAY as MINUTES_A_DAY
from matching.search.compiled import compiled, whole
from matching.search.facts import DAY, MINUTES, MINUTES_TOO, TIES, TIES_END, VOLUNTEER, Facts
from matching.search.state import SPOT, SPOT_TOO, STARTS, State
from matching.search.ties import LEAST, MOST, NUMBERS, OTHER, PEOPLE

NEVER = 1 << 40


@compiled
def is_tied(f: Facts, visit: int) -> bool:
    """Return whether a visit has ties."""
    return bool(f.visits[visit, TIES] < f.visits[visit, TIES_END])


@compiled
def bars(f: Facts, s: State, visit: int, window: int) -> bool:
    """Return whether a window's volunteer serves what is to be served by others than a visit is."""
    person = f.windows[window, VOLUNTEER]
    for at in range(f.visits[visit, TIES], f.visits[visit, TIES_END], NUMBERS):
        if f.lists[at + PEOPLE]:
            one, two = s.visits[f.lists[at + OTHER], SPOT], s.visits[f.lists[at + OTHER], SPOT_TOO]
            if (one >= 0 and f.windows[one, VOLUNTEER] == person) or (two >= 0 and f.windows[two, VOLUNTEER] == person):
                return True
    return False


@compiled
def _hours(f: Facts, s: State, visit: int, at: int, day: int) -> tuple[int, int, int, int]:
    """Return when the other visit of a tie asks one on a day to start: from and until before it, from and until behind it."""
    least, most = f.lists[at + LEAST], f.lists[at + MOST]
    other = f.lists[at + OTHER]
    window = s.visits[other, SPOT]
    if least < 0 or window < 0:
        return -NEVER, NEVER, NEVER, NEVER
    begins = (f.windows[window, DAY] - day) * MINUTES_A_DAY + s.visits[other, STARTS]
    before = begins - max(f.visits[visit, MINUTES], f.visits[visit, MINUTES_TOO])
    behind = begins + max(f.visits[other, MINUTES], f.visits[other, MINUTES_TOO])
    return whole(before - most), whole(before - least), whole(behind + least), whole(behind + most)


@compiled
def next_start(f: Facts, s: State, visit: int, day: int, start: int) -> int:
    """Return the first minute of a day from a start on at which a visit keeps all its gaps; NEVER where there is none."""
    moved = True
    while moved:
        moved = False
        for at in range(f.visits[visit, TIES], f.visits[visit, TIES_END], NUMBERS):
            opens, closes, opens_again, closes_again = _hours(f, s, visit, at, day)
            later = max(start, opens)
            if later > closes:
                later = max(start, opens_again)
                if later > closes_again:
                    return NEVER
            if later > start:
                start, moved = later, True
    return start


@compiled
def last_start(f: Facts, s: State, visit: int, day: int, start: int, last: int) -> int:
    """Return how late, until `last`, a visit that may start at `start` may start without a minute between at which it may not."""
    for at in range(f.visits[visit, TIES], f.visits[visit, TIES_END], NUMBERS):
        _, closes, _, closes_again = _hours(f, s, visit, at, day)
        last = min(last, closes if start <= closes else closes_again)
    return last


@compiled
def stands_apart(f: Facts, s: State, visit: int) -> bool:
    """Return whether a visit that is served keeps all its ties."""
    one, two = s.visits[visit, SPOT], s.visits[visit, SPOT_TOO]
    if bars(f, s, visit, one) or (two >= 0 and bars(f, s, visit, two)):
        return False
    start = s.visits[visit, STARTS]
    return bool(next_start(f, s, visit, f.windows[one, DAY], start) == start)
