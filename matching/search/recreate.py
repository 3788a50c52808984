"""Puts visits into the plan, each at its cheapest place: the one move both the first plan and the search are made of."""

from matching.search.apart import bars, is_tied, next_start
from matching.search.compiled import compiled, door, whole
from matching.search.facts import (
    ALWAYS,
    AS_SECOND,
    CREW,
    DAY,
    EITHER,
    EITHER_END,
    FITS,
    FITS_END,
    HAS_BASE,
    IS_METRIC,
    MUST,
    MUST_TOO,
    NEAR,
    NODE,
    NODE_AT,
    NODE_END,
    SECONDS,
    SECONDS_END,
    VOLUNTEER,
    Facts,
    Ints,
)
from matching.search.insertion import NO_PICKUP, Spot, bar, best_spot, gaps, kept_start, write
from matching.search.randomness import below, chance
from matching.search.state import (
    BARRED,
    CHANGED_AT,
    CHANGED_IN,
    FORBIDDEN,
    GAPS,
    KEY_OF,
    LIMIT,
    MARKED,
    MEMBERS,
    MISSING,
    MISSING_AT,
    MISSING_LIST,
    MOST_ORDERED,
    NOW,
    ORDER,
    OWNER,
    PRICE,
    SPOT,
    TAKEN,
    TAKEN_LIST,
    TOUCHED,
    TRIALS,
    WHERE,
    WHO,
    WHOSE,
    State,
    has_room,
    mark,
    price,
    put,
    serve,
    touch_change,
)
from matching.search.trip import BEARS, lay

ALL, CHANGED, ONLY, OTHERS, WINDOW = range(5)
"""Where a visit may go: anywhere; to who has changed since the mark; to one person; to all but one person; into one window."""
NOBODY = -1
PLENTY = 32
"""Where more windows fit a visit, so many are drawn to be looked at first."""
MOST_WAITING = 40
BLINK = 0.02
TIE = 1e-6
"""What is drawn by chance counts so little beside what visits are ordered by."""


@compiled
def _may(f: Facts, s: State, window: int, scope: int, who: int) -> bool:
    """Return whether a window lies in the scope."""
    if s.windows[window, OWNER] != s.sums[WHO]:
        return False
    if scope == ALL:
        return True
    if scope == WINDOW:
        return window == who
    person = f.windows[window, VOLUNTEER]
    if scope == CHANGED:
        return bool(s.people[person, CHANGED_AT] == s.sums[NOW])
    return bool((person == who) == (scope == ONLY))


@compiled
def insert(f: Facts, s: State, visit: int, blink: float, scope: int, who: int) -> bool:
    """Serve a visit where that is cheapest; return whether it could be served at all.

    With a blink every window is passed over with that chance, so that the search does not always do the same. Where plenty
    of windows fit, first only so many of them are looked at, drawn by chance; all of them where none of these will do.
    """
    if not has_room(s):
        return False
    if f.visits[visit, CREW] == 2:
        return _insert_crew(f, s, visit, blink, scope, who)
    s.sums[BARRED] = 0
    count = f.visits[visit, FITS_END] - f.visits[visit, FITS]
    passed = max(blink, 1 - PLENTY / count) if blink > 0 and count > PLENTY and scope in (ALL, OTHERS) else blink
    while True:
        window, spot = _cheapest(f, s, visit, blink, passed, scope, who)
        if window < 0:
            if passed > blink:
                passed = blink
                continue
            return False
        count = write(f, s.trips[s.sums[TRIALS] + 0], s.trips[window], visit, spot)
        if lay(f, s.trips[s.sums[TRIALS] + 0], window, count):
            put(f, s, window, s.trips[s.sums[TRIALS] + 0])
            serve(f, s, visit, window, -1)
            return True
        if not bar(s, window, spot[1], spot[2]):
            return False


@compiled
def _cheapest(f: Facts, s: State, visit: int, blink: float, passed: float, scope: int, who: int) -> tuple[int, Spot]:
    """Return the cheapest window (-1: none) for a visit served alone, and the place in its trip.

    A trip is looked at only if the volunteer could do the visit without any way at all for less than the best so far. Of the
    trips that have not changed since the mark more may be passed over than of those where there is room now.
    """
    least, chosen, tied = FORBIDDEN, -1, is_tied(f, visit)
    best = (0, -1, NO_PICKUP, -1)
    for at in range(f.visits[visit, FITS], f.visits[visit, FITS_END]):
        window = whole(f.lists[at])
        if not _may(f, s, window, scope, who) or (tied and bars(f, s, visit, window)):
            continue
        if blink > 0 and chance(s.dice) < (blink if s.windows[window, CHANGED_IN] == s.sums[NOW] else passed):
            continue
        lowest = price(f, s, visit, window, 0, 0)
        if lowest >= (least if f.terms[IS_METRIC] else FORBIDDEN):
            continue
        spot = best_spot(f, s, visit, window)
        if spot[1] >= 0:
            total = price(f, s, visit, window, spot[0], 0)
            if total < least:
                least, chosen, best = total, window, spot
    return chosen, best


@compiled
def _members(f: Facts, s: State, visit: int, listed: Ints, day: int, blink: float, after: int) -> int:
    """Write down who could be one of the crew on a day, the least price first, behind the first `after` members; return how many.

    `members` gets the windows, `prices` the least of each, `where` the part of `rows` in which the gaps of each stand.
    """
    filled, total, seat = s.sums[GAPS], after, 1 if after else 0
    for at in range(after):
        filled = max(filled, s.rows[WHERE + at, 1])
    for window in listed:
        if f.windows[window, DAY] != day or s.windows[window, OWNER] != s.sums[WHO] or (blink > 0 and chance(s.dice) < blink):
            continue
        if is_tied(f, visit) and bars(f, s, visit, window):
            continue
        count = gaps(f, s, visit, window, seat, filled)
        if count == 0:
            continue
        least = price(f, s, visit, window, s.rows[filled, 0], seat)
        if least >= FORBIDDEN:
            continue
        at = total
        while at > after and s.reals[PRICE, at - 1] > least:
            s.lists[MEMBERS, at], s.reals[PRICE, at] = s.lists[MEMBERS, at - 1], s.reals[PRICE, at - 1]
            s.rows[WHERE + at, 0], s.rows[WHERE + at, 1] = s.rows[WHERE + at - 1, 0], s.rows[WHERE + at - 1, 1]
            at -= 1
        s.lists[MEMBERS, at], s.reals[PRICE, at], s.rows[WHERE + at, 0], s.rows[WHERE + at, 1] = window, least, filled, filled + count
        filled += count
        total += 1
    return total - after


@compiled
def _insert_crew(f: Facts, s: State, visit: int, blink: float, scope: int, who: int) -> bool:  # noqa: C901  one search over pairs and gaps
    """Serve a visit by the cheapest pair that can meet."""
    first = f.lists[f.visits[visit, FITS] : f.visits[visit, FITS_END]]
    second = f.lists[f.visits[visit, SECONDS] : f.visits[visit, SECONDS_END]]
    if len(first) == 0 or len(second) == 0:
        return False
    least = FORBIDDEN
    best = (-1, -1, 0, 0, 0)
    seen = 0
    for listed in first:
        day = f.windows[listed, DAY]
        if seen >> day & 1:
            continue
        seen |= 1 << day
        leads = _members(f, s, visit, first, day, blink, 0)
        if leads == 0:
            continue
        others = _members(f, s, visit, second, day, blink, leads)
        for one in range(leads):
            for two in range(leads, leads + others):
                if s.reals[PRICE, one] + s.reals[PRICE, two] >= least:
                    break
                if not _may_pair(f, s, visit, s.lists[MEMBERS, one], s.lists[MEMBERS, two], scope, who):
                    continue
                found = _meeting(f, s, visit, one, two, least)
                if found[0] < least:
                    least = found[0]
                    best = (whole(s.lists[MEMBERS, one]), whole(s.lists[MEMBERS, two]), found[1], found[2], found[3])
    if best[0] < 0:
        return False
    return _serve_together(f, s, visit, best)


@compiled
def _may_pair(f: Facts, s: State, visit: int, one: int, two: int, scope: int, who: int) -> bool:
    """Return whether two windows are of two people, those a pin names among them, and one of them lies in the scope."""
    lead, other = f.windows[one, VOLUNTEER], f.windows[two, VOLUNTEER]
    if lead == other or (lead > other and f.visits[visit, EITHER] < f.visits[visit, EITHER_END] and _is_either(f, visit, lead, other)):
        return False
    for column in (MUST, MUST_TOO):
        named = f.visits[visit, column]
        if named >= 0 and named not in (lead, other):
            return False
    if scope == OTHERS:
        if not (_may(f, s, one, scope, who) and _may(f, s, two, scope, who)):
            return False
    elif scope != ALL and not (_may(f, s, one, scope, who) or _may(f, s, two, scope, who)):
        return False
    if f.terms[HAS_BASE]:
        change = touch_change(f, s, visit, one) + touch_change(f, s, visit, two)
        return bool(change <= 0 or s.sums[TOUCHED] + change <= s.sums[LIMIT])
    return True


@compiled
def _is_either(f: Facts, visit: int, lead: int, other: int) -> bool:
    """Return whether each of two people could be the first of a crew: then the first in the week's list is."""
    found = 0
    for at in range(f.visits[visit, EITHER], f.visits[visit, EITHER_END]):
        found += f.lists[at] in (lead, other)
    return found > 1


@compiled
def _meeting(f: Facts, s: State, visit: int, lead: int, other: int, least: float) -> tuple[float, int, int, int]:
    """Return the least price below `least` at which two members can meet, the gap of each, and the start."""
    best = (least, -1, -1, 0)
    one, two = s.lists[MEMBERS, lead], s.lists[MEMBERS, other]
    for a in range(s.rows[WHERE + lead, 0], s.rows[WHERE + lead, 1]):
        price_one = price(f, s, visit, one, s.rows[a, 0], 0)
        for b in range(s.rows[WHERE + other, 0], s.rows[WHERE + other, 1]):
            start, end = max(s.rows[a, 2], s.rows[b, 2]), min(s.rows[a, 3], s.rows[b, 3])
            if start > end:
                continue
            total = price_one + price(f, s, visit, two, s.rows[b, 0], 1)
            if total >= best[0]:
                break
            held = _kept(f, s, visit, one, two, start, end)
            if held < 0:
                continue
            if _stands(f, s, visit, one, s.rows[a, 1], held) and _stands(f, s, visit, two, s.rows[b, 1], held + AS_SECOND):
                best = (total, whole(s.rows[a, 1]), whole(s.rows[b, 1]), held)
                break
    return best


@compiled
def _kept(f: Facts, s: State, visit: int, one: int, two: int, start: int, end: int) -> int:
    """Return the baseline's start where that holds for the pair, else the earliest common one; -1 where ties leave none."""
    tied, day = is_tied(f, visit), f.windows[one, DAY]
    if f.terms[HAS_BASE]:
        for window in (one, two):
            kept = kept_start(f, window, visit)
            if start <= kept <= end and (not tied or next_start(f, s, visit, day, kept) == kept):
                return kept
    if tied:
        start = next_start(f, s, visit, day, start)
    return whole(start if start <= end else -1)


@compiled
def _stands(f: Facts, s: State, visit: int, window: int, gap: int, start: int) -> bool:
    """Return whether a gap inside a hot trip truly holds; elsewhere the test was exact already."""
    if s.trips[window, BEARS, gap] >= ALWAYS:
        return True
    count = write(f, s.trips[s.sums[TRIALS] + 0], s.trips[window], visit, (0, gap, NO_PICKUP, start))
    return lay(f, s.trips[s.sums[TRIALS] + 0], window, count)


@compiled
def _serve_together(f: Facts, s: State, visit: int, best: tuple[int, int, int, int, int]) -> bool:
    one, two, gap_one, gap_two, start = best
    count_one = write(f, s.trips[s.sums[TRIALS] + 1], s.trips[one], visit, (0, gap_one, NO_PICKUP, start))
    count_two = write(f, s.trips[s.sums[TRIALS] + 2], s.trips[two], visit, (0, gap_two, NO_PICKUP, start + AS_SECOND))
    if not lay(f, s.trips[s.sums[TRIALS] + 1], one, count_one) or not lay(f, s.trips[s.sums[TRIALS] + 2], two, count_two):
        return False
    put(f, s, one, s.trips[s.sums[TRIALS] + 1])
    put(f, s, two, s.trips[s.sums[TRIALS] + 2])
    serve(f, s, visit, one, two)
    return True


@compiled
def recreate(f: Facts, s: State, first: int, person: int) -> None:
    """Put back what was taken out and, where its people have changed, what nobody served before."""
    count = _waiting(f, s)
    _sort(f, s, count)
    order = s.lists[ORDER]
    if first >= 0 and s.visits[first, SPOT] < 0:
        insert(f, s, first, BLINK, ONLY if person >= 0 else ALL, person)
    if person >= 0:
        for at in range(count):
            visit = order[at]
            if s.visits[visit, MARKED] == s.sums[NOW] and s.visits[visit, SPOT] < 0:
                insert(f, s, visit, BLINK, OTHERS, person)
    for at in range(count):
        visit = order[at]
        if s.visits[visit, SPOT] < 0:
            # Where few people may be touched, one who no longer is leaves room for anybody.
            anywhere = s.visits[visit, MARKED] == s.sums[NOW] or s.sums[LIMIT] < ALWAYS
            insert(f, s, visit, BLINK, ALL if anywhere else CHANGED, NOBODY)


@compiled
def _waiting(f: Facts, s: State) -> int:
    """Write down what was taken out and some of what nobody served before: the neighbours of what was taken, then any."""
    now, count, order = s.sums[NOW], 0, s.lists[ORDER]
    for at in range(min(s.sums[TAKEN], MOST_ORDERED // 2)):
        order[count] = s.lists[TAKEN_LIST, at]
        s.visits[order[count], MARKED] = now
        count += 1
    taken = count
    others = s.sums[MISSING] - taken
    if others <= MOST_WAITING:
        for at in range(s.sums[MISSING]):
            visit = s.lists[MISSING_LIST, at]
            if s.visits[visit, MARKED] != now:
                order[count] = visit
                count += 1
        return count
    if taken:
        count = _neighbours(f, s, order[below(s.dice, taken)], count, taken + MOST_WAITING // 2)
    for _ in range(MOST_WAITING // 2):
        visit = s.lists[MISSING_LIST, below(s.dice, s.sums[MISSING])]
        if abs(s.visits[visit, MARKED]) != now:
            s.visits[visit, MARKED] = -now
            order[count] = visit
            count += 1
    return count


@compiled
def _neighbours(f: Facts, s: State, visit: int, count: int, most: int) -> int:
    """Write down visits nobody serves, the nearest to a door first; return how many are written."""
    for node in f.near[f.visits[visit, NODE], NEAR:]:
        for at in range(f.near[node, NODE_AT], f.near[node, NODE_END]):
            other = f.lists[at]
            if s.visits[other, MISSING_AT] >= 0 and s.visits[other, WHOSE] == s.sums[WHO] and s.visits[other, MARKED] != s.sums[NOW]:
                s.visits[other, MARKED] = -s.sums[NOW]
                s.lists[ORDER, count] = other
                count += 1
                if count == most:
                    return count
    return count


@compiled
def _sort(f: Facts, s: State, count: int) -> None:
    """Put what waits in one of four orders: most weight a minute, fewest people, longest, any."""
    draw, order, keys = chance(s.dice), s.lists[ORDER], s.reals[KEY_OF]
    row = 0 if draw < 0.3 else 1 if draw < 0.6 else 2 if draw < 0.75 else -1
    for at in range(count):
        visit, key = order[at], chance(s.dice)
        if row >= 0:
            key = f.keys[row, visit] + key * TIE
        place = at
        while place > 0 and keys[place - 1] > key:
            keys[place], order[place] = keys[place - 1], order[place - 1]
            place -= 1
        keys[place], order[place] = key, visit


@door
def insert_all(f: Facts, s: State, order: Ints) -> int:
    """Serve what can be served of a list, in its order; return how many visits were."""
    served = 0
    for visit in order:
        if not has_room(s):
            mark(s)
        if s.visits[visit, SPOT] < 0 and insert(f, s, visit, 0.0, ALL, NOBODY):
            served += 1
    mark(s)
    return served
