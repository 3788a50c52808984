"""One change that would let an unserved visit into the very plan, by the table of contract section 5.

Each row of the table is one function. It widens what the row may widen as far as the row allows, looks at the openings
that appear, and reads off the least change they need; so nothing is tried step by step, and one step less fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from matching.assign import Choices, allowed, choices, choose, keep, spare
from matching.ground import FAR, RADIUS_TOLERANCE, Bools, Ground
from matching.model import Visit
from matching.openings import (
    NONE,
    Ask,
    Unused,
    Windows,
    ask,
    day_of,
    open_windows,
    openings,
    over_day,
    over_week,
    unused_openings,
)
from matching.recruit import recruit
from matching.standing import Standing
from matching.travel import Floats, Ints

STEP = 5
METRES = 50
MORE_WORK = 60
MOVED_VISIT = 180
WIDER_WINDOW = 120
ONE_MORE_WINDOW = 240
HOTTER = 15
IMPOSSIBLE = 1 << 30

Fix = dict[str, object]
Cost = Callable[[Ints, Ints, Ints], Ints]
"""Says what the change costs for these rows when the visit starts between these two bounds."""


@dataclass(frozen=True, slots=True)
class Least:
    """The least change found: the row it is for, the bounds of the start, what it costs, and the seat it fills."""

    row: int
    lo: int
    hi: int
    cost: int
    first: bool


def fix(standing: Standing, visit: Visit) -> Fix | None:
    """Find the first row of the table that helps, with the least change; None if none does."""
    return next(fixes(standing, visit), None)


def fixes(standing: Standing, visit: Visit) -> Iterator[Fix]:
    """Give the fix of every row of the table that helps, in the table's order."""
    asked = ask(standing.ground, visit)
    people = allowed(standing.ground, asked)
    plain = choices(standing, asked, people)
    for row in (_ceiling, _visit_window, _volunteer_window, _one_more_window, _days, _radius, _skills, _hot):
        found = row(standing, asked, people, plain)
        if found is not None:
            yield found
    hired = recruit(standing, asked, plain)
    if hired is not None:
        yield hired
    smaller = _crew(standing, asked, people)
    if smaller is not None:
        yield smaller


def ceil_to(value: Ints, step: int) -> Ints:
    """Round up to whole steps."""
    return -(-value // step) * step


def least(standing: Standing, asked: Ask, changed: Choices, partner: Choices, cost: Cost) -> Least | None:
    """Find the cheapest change: one changed opening and, for a crew, one opening of a partner that needs none."""
    ground = standing.ground
    if asked.visit.crew == 1:
        rows = np.flatnonzero(changed.first)
        found = _cheapest(ground, changed, rows, changed.found.lo[rows], changed.found.hi[rows], cost)
        return found and replace(found, first=True)
    best: tuple[tuple[int, int], Least] | None = None
    for row in np.flatnonzero(changed.first | changed.second):
        for first in (True, False):
            one = _beside(standing, changed, partner, int(row), cost, first=first)
            key = one and (one.cost, int(ground.id_order[changed.found.person[row]]))
            if one and key and (best is None or key < best[0]):
                best = key, one
    return best[1] if best else None


def _beside(standing: Standing, changed: Choices, partner: Choices, row: int, cost: Cost, *, first: bool) -> Least | None:
    """Find the partner with whom a changed opening is cheapest."""
    mine, theirs = changed.found, partner.found
    if not (changed.first if first else changed.second)[row]:
        return None
    other = partner.second if first else partner.first
    lo, hi = np.maximum(mine.lo[row], theirs.lo), np.minimum(mine.hi[row], theirs.hi)
    fits = other & (partner.day == changed.day[row]) & (theirs.person != mine.person[row]) & (lo <= hi)
    fits &= partner.extra_touched + changed.extra_touched[row] <= spare(standing)
    rows = np.full(int(fits.sum()), row)
    found = _cheapest(standing.ground, changed, rows, lo[fits], hi[fits], cost)
    return found and replace(found, first=first)


def _cheapest(ground: Ground, made: Choices, rows: Ints, lo: Ints, hi: Ints, cost: Cost) -> Least | None:
    if not len(rows):
        return None
    price = cost(rows, lo, hi)
    at = int(np.lexsort((lo, rows, ground.id_order[made.found.person[rows]], price))[0])
    if price[at] >= IMPOSSIBLE:
        return None
    return Least(int(rows[at]), int(lo[at]), int(hi[at]), int(price[at]), first=True)


def _free(rows: Ints, _lo: Ints, _hi: Ints) -> Ints:
    return np.zeros(len(rows), dtype=np.int64)


def fits(standing: Standing, asked: Ask, people: Bools) -> bool:
    """Say whether the visit is insertable."""
    made = choices(standing, asked, people)
    return least(standing, asked, made, made, _free) is not None


def _ceiling(standing: Standing, asked: Ask, people: Bools, plain: Choices) -> Fix | None:
    """Raise one volunteer's ceiling for the day or for the week."""
    made = choices(standing, asked, people, lift=("max_day", "max_week"))
    day, week = over_day(standing, asked, made.found, made.day), over_week(standing, asked, made.found)
    more = np.where(week <= 0, day, np.where(day <= 0, week, IMPOSSIBLE))
    steps = np.where(more <= 0, 0, ceil_to(more, STEP))
    chosen = (steps > 0) & (steps <= MORE_WORK)
    found = least(standing, asked, keep(made, chosen), plain, lambda rows, _lo, _hi: steps[chosen][rows])
    if found is None:
        return None
    row = np.flatnonzero(chosen)[found.row]
    volunteer = standing.ground.week.volunteers[made.found.person[row]]
    key = "max_day" if day[row] > 0 else "max_week"
    ceiling = volunteer.max_day if key == "max_day" else volunteer.max_week
    return {"change": f"volunteer.{key}", "volunteer": volunteer.id, key: ceiling + found.cost}


def _visit_window(standing: Standing, asked: Ask, people: Bools, _plain: Choices) -> Fix | None:
    """Lengthen the visit's window; that serves wherever a shift by the same minutes would."""
    visit, last = asked.visit, standing.ground.midnight
    earliest, latest = visit.window
    wide = asked.within(max(0, earliest - MOVED_VISIT), min(latest + MOVED_VISIT, last))
    made = choices(standing, wide, people)

    def spans(lo: Ints, hi: Ints) -> tuple[Ints, Ints, Ints]:
        starts = np.stack([lo, hi, np.clip(earliest, lo, hi), np.clip(latest - visit.minutes, lo, hi)])
        sooner = ceil_to(np.maximum(0, earliest - starts), STEP)
        later = ceil_to(np.maximum(0, starts + visit.minutes - latest), STEP)
        price = sooner + later
        price[(price > MOVED_VISIT) | (sooner > earliest) | (latest + later > last)] = IMPOSSIBLE
        best, column = price.argmin(axis=0), np.arange(len(lo))
        return price[best, column], sooner[best, column], later[best, column]

    found = least(standing, wide, made, made, lambda _rows, lo, hi: spans(lo, hi)[0])
    if found is None:
        return None
    _, sooner, later = spans(np.array([found.lo]), np.array([found.hi]))
    return {"change": "visit.window", "visit": visit.id,
            "window": [earliest - int(sooner[0]), latest + int(later[0])]}  # fmt: skip


def _volunteer_window(standing: Standing, asked: Ask, people: Bools, plain: Choices) -> Fix | None:
    """Widen one window of one volunteer, at most up to their next window."""
    ground = standing.ground
    first, second = ground.seats(asked.visit)
    windows = open_windows(ground, asked, people & (first | second))
    before, after = ground.room()
    room_before = np.minimum(before[windows.number], WIDER_WINDOW)
    room_after = np.minimum(after[windows.number], WIDER_WINDOW)
    wide = Windows(windows.number, windows.start - room_before, windows.end + room_after)
    found = openings(standing, asked, wide)
    made = choose(standing, asked, found, (first, second), day_of(ground, found), lift=())
    spans = _Spans(standing, asked, made)
    best = least(standing, asked, made, plain, lambda rows, lo, hi: spans.best(rows, lo, hi)[0])
    if best is None:
        return None
    _, sooner, later = spans.best(np.array([best.row]), np.array([best.lo]), np.array([best.hi]))
    window, person = int(made.found.window[best.row]), int(made.found.person[best.row])
    bounds = [int(ground.window_day[window]), int(ground.window_start[window] - sooner[0]),
              int(ground.window_end[window] + later[0])]  # fmt: skip
    return {
        "change": "volunteer.window",
        "volunteer": ground.week.volunteers[person].id,
        "index": window - int(ground.first_window[person]),
        "window": bounds,
    }


class _Spans:
    """How much sooner a window must start and later end for openings, over the starts they allow."""

    def __init__(self, standing: Standing, asked: Ask, made: Choices) -> None:
        self.ground, self.asked, self.found = standing.ground, asked, made.found
        self.before, self.after = self.ground.room()
        self.aboard = np.zeros(len(made.found), dtype=np.int64)
        if asked.canteen != NONE:
            mode = self.ground.mode[made.found.person]
            self.aboard = self.ground.ways(asked.kitchen)[1][mode, np.full(len(mode), asked.door)]

    def leave(self, rows: Ints, start: Ints) -> Ints:
        """Give the minute home is left; far ahead where that is not new."""
        found = self.found
        at = found.at[rows]
        here = np.minimum(self.asked.until, start - self.aboard[rows])
        begun = np.where(at != NONE, at, np.where(found.fetch[rows] != NONE, here, start))
        result: Ints = np.where(found.out[rows] == NONE, FAR, begun - found.out[rows])
        return result

    def needs(self, rows: Ints, start: Ints) -> tuple[Ints, Ints]:
        """Give the minutes the window must start sooner and end later."""
        found, window = self.found, self.found.window[rows]
        sooner = np.maximum(0, self.ground.window_start[window] - self.leave(rows, start))
        home = np.where(found.back[rows] == NONE, 0, start + self.asked.visit.minutes + found.back[rows])
        return sooner, np.maximum(0, home - self.ground.window_end[window])

    def best(self, rows: Ints, lo: Ints, hi: Ints) -> tuple[Ints, Ints, Ints]:
        """Give the least widening in whole steps, and how it is split.

        A later start needs less before and as much more after, so the best start is at a bound, or where one side
        needs nothing or a whole number of steps.
        """
        first, last = self.needs(rows, lo)[0], self.needs(rows, hi)[1]
        starts = np.stack([lo, hi, lo + first, lo + first % STEP, hi - last, hi - last % STEP])
        starts = np.clip(starts, lo, hi)
        every = np.broadcast_to(rows, starts.shape)
        sooner, later = (ceil_to(minutes, STEP) for minutes in self.needs(every, starts))
        price = sooner + later
        window = self.found.window[every]
        price[(price > WIDER_WINDOW) | (sooner > self.before[window]) | (later > self.after[window])] = IMPOSSIBLE
        best, column = price.argmin(axis=0), np.arange(len(rows))
        return price[best, column], sooner[best, column], later[best, column]


def _one_more_window(standing: Standing, asked: Ask, people: Bools, plain: Choices) -> Fix | None:
    """Ask one volunteer for one more window, in the time none of theirs takes."""
    ground = standing.ground
    first, second = ground.seats(asked.visit)
    person, day, start, end = ground.idle(asked.days)
    chosen = (people & (first | second))[person]
    idle = Unused(person[chosen], day[chosen], np.full(int(chosen.sum()), NONE), start[chosen], end[chosen])
    found = unused_openings(ground, asked, idle)
    made = choose(standing, asked, found, (first, second), idle.day[found.gap], lift=())
    aboard = 0 if asked.canteen == NONE else ground.ways(asked.kitchen)[1][:, asked.door]

    def leave(rows: Ints, start: Ints) -> Ints:
        mode = ground.mode[made.found.person[rows]]
        begun = start if asked.canteen == NONE else np.minimum(asked.until, start - np.asarray(aboard)[mode])
        result: Ints = begun - made.found.out[rows]
        return result

    def lengths(rows: Ints, lo: Ints, _hi: Ints) -> Ints:
        length = ceil_to(lo + asked.visit.minutes + made.found.back[rows] - leave(rows, lo), STEP)
        row = made.found.gap[rows]
        result: Ints = np.where((length > ONE_MORE_WINDOW) | (length > idle.end[row] - idle.start[row]), IMPOSSIBLE, length)
        return result

    best = least(standing, asked, made, plain, lengths)
    if best is None:
        return None
    row = int(made.found.gap[best.row])
    begin = min(int(leave(np.array([best.row]), np.array([best.lo]))[0]), int(idle.end[row]) - best.cost)
    return {
        "change": "volunteer.window",
        "volunteer": ground.week.volunteers[made.found.person[best.row]].id,
        "window": [int(made.day[best.row]), begin, begin + best.cost],
    }


def _days(standing: Standing, asked: Ask, people: Bools, _plain: Choices) -> Fix | None:
    """Allow one more day."""
    visit = asked.visit
    for day in range(standing.ground.week.days):
        if day not in visit.days and fits(standing, replace(asked, days=(day,)), people):
            return {"change": "visit.days", "visit": visit.id, "days": sorted([*visit.days, day])}
    return None


def _radius(standing: Standing, asked: Ask, _people: Bools, plain: Choices) -> Fix | None:
    """Let one volunteer come from farther away."""
    ground = standing.ground
    if not np.isfinite(ground.radius).any():
        return None
    metres, radius = ground.metres(asked.visit), ground.radius
    beyond = np.isfinite(radius) & (metres > radius + RADIUS_TOLERANCE) & (metres <= 2 * radius + RADIUS_TOLERANCE)
    made = choices(standing, asked, beyond & ground.wanted(asked.visit))
    steps = _steps_out(metres, radius)
    found = least(standing, asked, made, plain, lambda rows, _lo, _hi: steps[made.found.person[rows]])
    if found is None:
        return None
    person = made.found.person[found.row]
    volunteer = ground.week.volunteers[person]
    return {"change": "volunteer.radius", "volunteer": volunteer.id, "radius": (volunteer.radius or 0) + found.cost}


def _steps_out(metres: Floats, radius: Floats) -> Ints:
    """Give the metres to add to each radius in whole steps, with nothing for those who would more than double it."""
    more = metres - RADIUS_TOLERANCE - radius
    finite = np.where(np.isfinite(more), more, 0.0)
    steps = np.ceil(finite / METRES).astype(np.int64) * METRES
    result: Ints = np.where(steps <= radius, steps, IMPOSSIBLE)
    return result


def _skills(standing: Standing, asked: Ask, people: Bools, plain: Choices) -> Fix | None:
    """Train one volunteer in the one skill they lack."""
    ground, visit = standing.ground, asked.visit
    second = visit.second if visit.crew > 1 and visit.second is not None else visit
    lacking = [_lacks_one(ground, wanted.skills) & ground.of_gender(wanted.gender) for wanted in (visit, second)]
    trained = people & (lacking[0] | lacking[1])
    found = openings(standing, asked, open_windows(ground, asked, trained))
    made = choose(standing, asked, found, (lacking[0], lacking[1]), day_of(ground, found), lift=())
    best = least(standing, asked, made, plain, _free)
    if best is None:
        return None
    volunteer = ground.week.volunteers[made.found.person[best.row]]
    wanted = visit.skills if best.first else second.skills
    lacked = next(skill for skill in wanted if skill not in volunteer.skills)
    return {"change": "volunteer.skills", "volunteer": volunteer.id, "skills": [lacked]}


def _lacks_one(ground: Ground, skills: tuple[str, ...]) -> Bools:
    missing = sum((~ground.skilled([skill])).astype(np.int64) for skill in set(skills))
    result: Bools = np.broadcast_to(np.asarray(missing) == 1, ground.home.shape)
    return result


def _hot(standing: Standing, asked: Ask, people: Bools, _plain: Choices) -> Fix | None:
    """Keep the meals of a canteen hot for longer."""
    if asked.canteen == NONE or asked.hot == FAR:
        return None
    for more in range(STEP, HOTTER + STEP, STEP):
        if fits(standing, replace(asked, hot=asked.hot + more), people):
            return {"change": "canteen.hot", "canteen": asked.visit.canteen, "hot": asked.hot + more}
    return None


def _crew(standing: Standing, asked: Ask, people: Bools) -> Fix | None:
    """Let one come instead of two."""
    if asked.visit.crew == 1:
        return None
    alone = replace(asked, visit=replace(asked.visit, crew=1, second=None))
    if not fits(standing, alone, people):
        return None
    return {"change": "visit.crew", "visit": asked.visit.id, "crew": 1}
