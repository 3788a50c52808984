"""One change that would let an unserved visit into the very plan, by the table of contract section 5.

Each row of the table is one function. It widens what the row may widen as far as the row allows, looks at the openings
that appear, and reads off the least change they need; so nothing is tried step by step, and one step less fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from matching.advice.assign import Choices, allowed, choices, choose, keep, may_pair, named_beside, spare
from matching.advice.openings import (
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
from matching.advice.plan_arrays import Standing
from matching.advice.recruit import recruit
from matching.advice.week_arrays import FAR, RADIUS_TOLERANCE, Bools, Ground
from matching.model import Visit
from matching.travel import Floats, Ints

STEP = 5
METRES = 50
MORE_WORK = 60
MOVED_VISIT = 180
WIDER_WINDOW = 120
ONE_MORE_WINDOW = 240
HOTTER = 15
IMPOSSIBLE = 1 << 30
MANY_PAIRS = 1_000_000

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


class Look:
    """One unserved visit looked at: who may come, and every opening they have, with and without the ceilings."""

    def __init__(self, standing: Standing, visit: Visit) -> None:
        self.standing = standing
        self.visit = visit
        self.asked = ask(standing.ground, visit)
        self.people = allowed(standing.ground, self.asked)
        self.lifted = choices(standing, self.asked, self.people, lift=("max_day", "max_week"))
        self.over_day = over_day(standing, self.lifted.found, self.lifted.day)
        self.over_week = over_week(standing, self.lifted.found)
        self.plain = keep(self.lifted, (self.over_day <= 0) & (self.over_week <= 0))
        self.seats = standing.ground.seats(visit)
        self.fits = least(standing, self.asked, self.plain, self.plain, _free) is not None


def fix(look: Look) -> Fix | None:
    """Find the first row of the table that helps, with the least change; None if none does."""
    return next(fixes(look), None)


def fixes(look: Look) -> Iterator[Fix]:
    """Give the fix of every row of the table that helps, in the table's order."""
    for row in (_ceiling, _visit_window, _volunteer_window, _one_more_window, _days, _radius, _skills, _hot, _recruit, _crew):
        found = row(look)
        if found is not None:
            yield found


def ceil_to(value: Ints, step: int) -> Ints:
    """Round up to whole steps."""
    return -(-value // step) * step


def least(
    standing: Standing, asked: Ask, changed: Choices, partner: Choices, cost: Cost, either: tuple[Bools, Bools] | None = None
) -> Least | None:
    """Find the cheapest change: one changed opening and, for a crew, one opening of a partner that needs none.

    `either` says who could take both seats after a change for the first seat or for the second, if it changes that.
    """
    ground = standing.ground
    if asked.visit.crew == 1:
        rows = np.flatnonzero(changed.first)
        return _cheapest(ground, changed, rows, changed.found.lo[rows], changed.found.hi[rows], cost)
    best: list[tuple[int, int, Least]] = []
    for first in (True, False):
        rows = np.flatnonzero(changed.first if first else changed.second)
        others = np.flatnonzero(partner.second if first else partner.first)
        for some in np.array_split(rows, 1 + len(rows) * len(others) // MANY_PAIRS):
            both = ground.either(asked.visit) if either is None else either[not first]
            one = _beside(standing, asked, (changed, partner), (some, others), cost, both, first=first)
            if one is not None:
                name = int(ground.id_order[changed.found.person[one.row]])
                best.append((one.cost, name, replace(one, first=first)))
    return min(best, key=lambda one: one[:2])[2] if best else None


def _beside(
    standing: Standing, asked: Ask, made: tuple[Choices, Choices], at: tuple[Ints, Ints], cost: Cost, both: Bools, *, first: bool
) -> Least | None:
    """Find the changed opening, for the first seat or for the second, and the partner who meet at the least cost."""
    (changed, partner), (rows, others) = made, at
    mine, theirs = changed.found, partner.found
    meet = changed.day[rows, None] == partner.day[None, others]
    people, able = (mine.person[rows, None], theirs.person[None, others]), (both, standing.ground.either(asked.visit))
    meet &= may_pair(standing.ground, asked.visit, *(people if first else people[::-1]), able if first else able[::-1])
    meet &= mine.lo[rows, None] <= theirs.hi[None, others]
    meet &= theirs.lo[None, others] <= mine.hi[rows, None]
    named, wanted = named_beside(standing.ground, asked, mine)
    also, _ = named_beside(standing.ground, asked, theirs)
    meet &= named[rows, None] + also[None, others] >= wanted
    meet &= changed.extra_touched[rows, None] + partner.extra_touched[None, others] <= spare(standing)
    left, right = np.nonzero(meet)
    row, other = rows[left], others[right]
    lo, hi = np.maximum(mine.lo[row], theirs.lo[other]), np.minimum(mine.hi[row], theirs.hi[other])
    return _cheapest(standing.ground, changed, row, lo, hi, cost)


def _cheapest(ground: Ground, made: Choices, rows: Ints, lo: Ints, hi: Ints, cost: Cost) -> Least | None:
    if not len(rows):
        return None
    price = cost(rows, lo, hi)
    lowest = price.min()
    if lowest >= IMPOSSIBLE:
        return None
    best = np.flatnonzero(price == lowest)
    at = best[np.lexsort((lo[best], rows[best], ground.id_order[made.found.person[rows[best]]]))[0]]
    return Least(int(rows[at]), int(lo[at]), int(hi[at]), int(lowest), first=True)


def _free(rows: Ints, _lo: Ints, _hi: Ints) -> Ints:
    return np.zeros(len(rows), dtype=np.int64)


def fits(standing: Standing, asked: Ask, people: Bools) -> bool:
    """Say whether the visit is insertable."""
    made = choices(standing, asked, people)
    return least(standing, asked, made, made, _free) is not None


def _ceiling(look: Look) -> Fix | None:
    """Raise one volunteer's ceiling for the day or for the week."""
    made, day, week = look.lifted, look.over_day, look.over_week
    more = np.where(week <= 0, day, np.where(day <= 0, week, IMPOSSIBLE))
    steps = np.where(more <= 0, 0, ceil_to(more, STEP))
    chosen = (steps > 0) & (steps <= MORE_WORK)
    found = least(look.standing, look.asked, keep(made, chosen), look.plain, lambda rows, _lo, _hi: steps[chosen][rows])
    if found is None:
        return None
    row = np.flatnonzero(chosen)[found.row]
    volunteer = look.standing.ground.week.volunteers[made.found.person[row]]
    key = "max_day" if day[row] > 0 else "max_week"
    ceiling = volunteer.max_day if key == "max_day" else volunteer.max_week
    return {"change": f"volunteer.{key}", "volunteer": volunteer.id, key: ceiling + found.cost}


def _visit_window(look: Look) -> Fix | None:
    """Lengthen the visit's window; that serves wherever a shift by the same minutes would."""
    standing, visit, last = look.standing, look.visit, look.standing.ground.midnight
    earliest, latest = visit.window
    wide = look.asked.within(max(0, earliest - MOVED_VISIT), min(latest + MOVED_VISIT, last))
    made = choices(standing, wide, look.people)

    def spans(lo: Ints, hi: Ints) -> tuple[Ints, Ints, Ints]:
        starts = np.stack([lo, hi, np.clip(earliest, lo, hi), np.clip(latest - visit.lasts, lo, hi)])
        sooner = ceil_to(np.maximum(0, earliest - starts), STEP)
        later = ceil_to(np.maximum(0, starts + visit.lasts - latest), STEP)
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


def _volunteer_window(look: Look) -> Fix | None:
    """Widen one window of one volunteer, at most up to their next window."""
    standing, asked, ground = look.standing, look.asked, look.standing.ground
    first, second = look.seats
    windows = open_windows(ground, asked, look.people & (first | second))
    before, after = ground.room()
    room_before = np.minimum(before[windows.number], WIDER_WINDOW)
    room_after = np.minimum(after[windows.number], WIDER_WINDOW)
    wide = Windows(windows.number, windows.start - room_before, windows.end + room_after)
    found = openings(standing, asked, wide)
    made = choose(standing, asked, found, (first, second), day_of(ground, found), lift=())
    spans = _Spans(standing, asked, made)
    best = least(standing, asked, made, look.plain, lambda rows, lo, hi: spans.best(rows, lo, hi)[0])
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
        self.aboard = np.zeros(len(made.found.lo), dtype=np.int64)
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
        home = np.where(found.back[rows] == NONE, 0, start + found.minutes[rows] + found.back[rows])
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


def _one_more_window(look: Look) -> Fix | None:
    """Ask one volunteer for one more window, in the time none of theirs takes."""
    standing, asked, ground = look.standing, look.asked, look.standing.ground
    first, second = look.seats
    person, day, start, end = ground.idle(asked.days)
    chosen = (look.people & (first | second))[person]
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
        length = ceil_to(lo + made.found.minutes[rows] + made.found.back[rows] - leave(rows, lo), STEP)
        row = made.found.gap[rows]
        result: Ints = np.where((length > ONE_MORE_WINDOW) | (length > idle.end[row] - idle.start[row]), IMPOSSIBLE, length)
        return result

    best = least(standing, asked, made, look.plain, lengths)
    if best is None:
        return None
    row = int(made.found.gap[best.row])
    begin = min(int(leave(np.array([best.row]), np.array([best.lo]))[0]), int(idle.end[row]) - best.cost)
    return {
        "change": "volunteer.window",
        "volunteer": ground.week.volunteers[made.found.person[best.row]].id,
        "window": [int(made.day[best.row]), begin, begin + best.cost],
    }


def _days(look: Look) -> Fix | None:
    """Allow one more day."""
    visit = look.visit
    for day in range(look.standing.ground.week.days):
        if day not in visit.days and fits(look.standing, replace(look.asked, days=(day,)), look.people):
            return {"change": "visit.days", "visit": visit.id, "days": sorted([*visit.days, day])}
    return None


def _radius(look: Look) -> Fix | None:
    """Let one volunteer come from farther away."""
    standing, asked, ground = look.standing, look.asked, look.standing.ground
    if not np.isfinite(ground.radius).any():
        return None
    metres, radius = ground.metres(asked.visit), ground.radius
    beyond = np.isfinite(radius) & (metres > radius + RADIUS_TOLERANCE) & (metres <= 2 * radius + RADIUS_TOLERANCE)
    made = choices(standing, asked, beyond & ground.wanted(asked.visit))
    steps = _steps_out(metres, radius)
    found = least(standing, asked, made, look.plain, lambda rows, _lo, _hi: steps[made.found.person[rows]])
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


def _skills(look: Look) -> Fix | None:
    """Train one volunteer in the one skill they lack."""
    standing, asked, ground, visit = look.standing, look.asked, look.standing.ground, look.visit
    second = visit.second if visit.crew > 1 and visit.second is not None else visit
    lacking = [_lacks_one(ground, wanted.skills) & ground.of_gender(wanted.gender) for wanted in (visit, second)]
    trained = look.people & (lacking[0] | lacking[1])
    found = openings(standing, asked, open_windows(ground, asked, trained))
    made = choose(standing, asked, found, (lacking[0], lacking[1]), day_of(ground, found), lift=())
    # Who is trained for one seat may then be able to take the other one too.
    rest = [set(one.skills) - set(other.skills) for one, other in ((second, visit), (visit, second))]
    either = tuple(ground.skilled(skills) & ground.of_gender(one.gender) for skills, one in zip(rest, (second, visit), strict=True))
    best = least(standing, asked, made, look.plain, _free, (either[0], either[1]))
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


def _hot(look: Look) -> Fix | None:
    """Keep the meals of a canteen hot for longer."""
    asked = look.asked
    if asked.canteen == NONE or asked.hot == FAR:
        return None
    for more in range(STEP, HOTTER + STEP, STEP):
        if fits(look.standing, replace(asked, hot=asked.hot + more), look.people):
            return {"change": "canteen.hot", "canteen": asked.visit.canteen, "hot": asked.hot + more}
    return None


def _recruit(look: Look) -> Fix | None:
    """Find somebody new."""
    return recruit(look.standing, look.asked, look.plain)


def _crew(look: Look) -> Fix | None:
    """Let one come instead of two."""
    if look.visit.crew == 1:
        return None
    alone = replace(look.asked, visit=replace(look.visit, crew=1, second=None))
    if not fits(look.standing, alone, look.people):
        return None
    return {"change": "visit.crew", "visit": look.visit.id, "crew": 1}
