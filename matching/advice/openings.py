"""Every way one more visit fits into a standing plan, by contract section 5 (*insertable*).

An opening is one gap of one volunteer's window with the range of starts that hold there. Openings of all volunteers
are found together, in numpy; which of them also keep the ceilings is told beside them, so that the same openings
answer "could they", "could they if the ceiling were lifted" and "how much would it take".
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import FAR, Bools, Ground, ranges
from matching.compare import UNTOUCHED_SHIFT
from matching.model import Visit
from matching.travel import Ints

NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One visit as the openings see it; a fix is tried by changing one field. `minutes` are those of the seat that is asked for."""

    visit: Visit
    door: int
    minutes: int
    days: tuple[int, ...]
    earliest: int
    latest: int
    start: int | None = None
    pinned: bool = False
    canteen: int = NONE
    kitchen: int = NONE
    ready: int = 0
    until: int = FAR
    hot: int = FAR

    def seats(self) -> "list[Ask]":
        """Ask for each seat of the crew by itself where their minutes differ, for both at once where they do not."""
        return [self, replace(self, minutes=self.visit.minutes_of_second)] if self.visit.is_uneven else [self]

    def within(self, earliest: int, latest: int) -> "Ask":
        """Ask for another window."""
        return replace(self, earliest=earliest, latest=latest)


def ask(ground: Ground, visit: Visit, *, meal: bool = True) -> Ask:
    """Ask for a visit as the week has it, or without its canteen's rules."""
    pin = ground.pins.get(visit.id)
    asked = Ask(
        visit=visit,
        door=ground.door(visit),
        minutes=visit.minutes,
        days=visit.days,
        earliest=visit.window[0],
        latest=visit.window[1],
        pinned=pin is not None,
    )
    if pin is not None:
        asked = replace(asked, days=(pin.day,) if pin.day in visit.days else (), start=pin.start)
    if meal and visit.canteen is not None:
        kitchen = ground.canteens[visit.canteen]
        asked = replace(
            asked,
            canteen=ground.canteen_number[kitchen.id],
            kitchen=ground.roads.index[kitchen.place],
            ready=kitchen.ready,
            until=FAR if kitchen.until is None else kitchen.until,
            hot=FAR if kitchen.hot is None else kitchen.hot,
        )
    return asked


class Openings(NamedTuple):
    """Openings as columns: where, from when to when, and what they cost.

    `at` is the minute of a pick-up that stays put whatever the start (NONE where it follows the start), `out` the leg
    from home where the first stop is new (NONE elsewhere), `back` the leg home where the last one is, `minutes` those at the door.
    """

    person: Ints
    window: Ints
    gap: Ints
    fetch: Ints
    join: Ints
    lo: Ints
    hi: Ints
    at: Ints
    added: Ints
    out: Ints
    back: Ints
    minutes: Ints

    def take(self, chosen: Bools | Ints) -> "Openings":
        """Keep some of them."""
        return Openings(*[column[chosen] for column in self])

    @staticmethod
    def together(parts: "list[Openings]") -> "Openings":
        """Put several lists of openings one after another."""
        return parts[0] if len(parts) == 1 else Openings(*map(np.concatenate, zip(*parts, strict=True)))


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows to look into: their numbers and their bounds, which a fix may have moved."""

    number: Ints
    start: Ints
    end: Ints


def open_windows(ground: Ground, asked: Ask, people: Bools) -> Windows:
    """Give the windows of some people on the days asked for."""
    days = [ground.windows_of_day[day] for day in asked.days]
    number = days[0] if len(days) == 1 else np.concatenate([*days, np.zeros(0, dtype=np.int64)])
    number = number[people[ground.window_person[number]]]
    return Windows(number, ground.window_start[number], ground.window_end[number])


def openings(standing: Standing, asked: Ask, windows: Windows) -> Openings:
    """Find every opening in these windows, for whichever seat of the crew."""
    return Openings.together([_for_a_seat(standing, seat, windows) for seat in asked.seats()])


def _for_a_seat(standing: Standing, asked: Ask, windows: Windows) -> Openings:
    ground = standing.ground
    if ground.on_map:
        alone = _unused_for_a_seat(ground, asked, unused(ground, windows, slack=1))
        chosen = alone.gap
        windows = Windows(windows.number[chosen], windows.start[chosen], windows.end[chosen])
    gaps = _Gaps(standing, asked, windows)
    parts = [gaps.plain()] if asked.canteen == NONE else [gaps.joined(), gaps.fetched_before(), gaps.fetched_here()]
    found = Openings.together(parts)
    if asked.start is not None:
        found = found._replace(lo=np.maximum(found.lo, asked.start), hi=np.minimum(found.hi, asked.start))
    return found.take(found.lo <= found.hi)


@dataclass(frozen=True, slots=True)
class Unused:
    """Windows taken as unused, whether the week has them or a fix would add them (number NONE)."""

    person: Ints
    day: Ints
    number: Ints
    start: Ints
    end: Ints


def unused(ground: Ground, windows: Windows, *, slack: int = 0) -> Unused:
    """Take windows of the week as unused, a little wider if asked."""
    number = windows.number
    person, day = ground.window_person[number], ground.window_day[number]
    return Unused(person, day, number, windows.start - slack, windows.end + slack)


def unused_openings(ground: Ground, asked: Ask, windows: Unused) -> Openings:
    """Find the openings of windows as if each were unused, for whichever seat; the gap of each is the row of its window."""
    return Openings.together([_unused_for_a_seat(ground, seat, windows) for seat in asked.seats()])


def _unused_for_a_seat(ground: Ground, asked: Ask, windows: Unused) -> Openings:
    person = windows.person
    mode, home = ground.mode[person], ground.home[person]
    to, back = ground.ways(asked.door)
    floor = day_floor(ground, asked, windows.day)
    homeward = back[mode, home]
    latest = np.minimum(asked.latest - asked.visit.lasts, windows.end - homeward - asked.minutes)
    if asked.canteen == NONE:
        out = to[mode, home]
        earliest = np.maximum(np.maximum(asked.earliest, windows.start + out), floor)
        added, fits = out + homeward, earliest <= latest
    else:
        to_kitchen, from_kitchen = ground.ways(asked.kitchen)
        out, aboard = to_kitchen[mode, home], from_kitchen[mode, np.full(len(mode), asked.door)]
        at = np.maximum(np.maximum(asked.ready, windows.start + out), floor)
        earliest = np.maximum(asked.earliest, at + aboard)
        latest = np.minimum(latest, asked.until + asked.hot - asked.minutes)
        fits = (at <= asked.until) & (aboard + asked.minutes <= asked.hot) & (earliest <= latest)
        fits &= (ground.trips[person] > 0) & (ground.boxes[person] >= asked.visit.boxes)
        added = out + aboard + homeward
    if asked.start is not None:
        earliest, latest = np.maximum(earliest, asked.start), np.minimum(latest, asked.start)
        fits &= earliest <= latest
    none, row = np.full(len(person), NONE), np.arange(len(person))
    fetch = none if asked.canteen == NONE else row
    found = Openings(
        person, windows.number, row, fetch, none, earliest, latest, none, added, out, homeward, np.full(len(person), asked.minutes)
    )
    return found.take(fits)


def day_floor(ground: Ground, asked: Ask, day: Ints) -> Ints:
    """Give the minute before which no stop may be on each of these days; pinned visits are free of it."""
    moment = ground.week.from_
    if moment is None or asked.pinned:
        return np.zeros(len(day), dtype=np.int64)
    on, minute = moment
    return np.where(day < on, FAR, np.where(day == on, minute, 0))


class _Gaps:
    """The gaps of some windows, with the ways to and from the door laid beside them."""

    def __init__(self, standing: Standing, asked: Ask, windows: Windows) -> None:
        self.standing, self.ground, self.asked = standing, standing.ground, asked
        counts = standing.count[windows.number] + 1
        self.gap = ranges(standing.first_gap[windows.number], counts)
        self.window = np.repeat(windows.number, counts)
        self.person = self.ground.window_person[self.window]
        self.mode = self.ground.mode[self.person]
        self.floor = day_floor(self.ground, asked, self.ground.window_day[self.window])
        self.first, self.last = standing.is_first[self.gap], standing.is_last[self.gap]
        self.ready = np.where(self.first, np.repeat(windows.start, counts), standing.prev_end[self.gap])
        self.due = np.where(self.last, np.repeat(windows.end, counts), standing.next_time[self.gap])
        self.prev, self.next = standing.prev_place[self.gap], standing.next_place[self.gap]
        self.leg = standing.gap_leg[self.gap]
        to, back = self.ground.ways(asked.door)
        self.to_door, self.from_door = to[self.mode, self.prev], back[self.mode, self.next]

    def plain(self) -> Openings:
        """Find openings of the door alone."""
        every = np.arange(len(self.gap))
        earliest, latest = self._bounds(every)
        none = np.full(len(every), NONE)
        out = np.where(self.first, self.to_door, NONE)
        return self._made(every, earliest, latest, none, none, none, self._detour(every), out)

    def _bounds(self, row: Ints) -> tuple[Ints, Ints]:
        asked = self.asked
        earliest = np.maximum(np.maximum(asked.earliest, self.ready[row] + self.to_door[row]), self.floor[row])
        latest = np.minimum(asked.latest - asked.visit.lasts, self.due[row] - self.from_door[row] - asked.minutes)
        return earliest, latest

    def _detour(self, row: Ints) -> Ints:
        return self.to_door[row] + self.from_door[row] - self.leg[row]

    def _made(self, row: Ints, lo: Ints, hi: Ints, fetch: Ints, join: Ints, at: Ints, added: Ints, out: Ints) -> Openings:
        back, minutes = np.where(self.last[row], self.from_door[row], NONE), np.full(len(row), self.asked.minutes)
        found = Openings(self.person[row], self.window[row], self.gap[row], fetch, join, lo, hi, at, added, out, back, minutes)
        return found.take(lo <= hi)

    def _room(self, first: Ints, last: Ints) -> Bools:
        """Say whether the boxes fit aboard in every gap from the first row to the last, both of one window."""
        full = self.standing.gap_boxes[self.gap] + self.asked.visit.boxes > self.ground.boxes[self.person]
        before = np.concatenate([[0], np.cumsum(full)])
        result: Bools = before[last + 1] == before[first]
        return result

    def joined(self) -> Openings:
        """Find openings of the door after a pick-up of its canteen that is made anyway."""
        standing, asked = self.standing, self.asked
        # The gap before a stop has the stop's own position; the gaps after it follow in the table.
        before = np.flatnonzero(~self.last)
        stop = standing.first_stop[self.window[before]] + standing.position[self.gap[before]]
        ours = standing.kitchen[stop] == asked.canteen
        before, stop = before[ours], stop[ours]
        counts = standing.count[self.window[before]] - standing.position[self.gap[before]]
        row, first, taken = ranges(before + 1, counts), np.repeat(before + 1, counts), np.repeat(stop, counts)
        at = standing.time[taken]
        chosen = (at >= self.floor[row]) & self._room(first, row)
        row, at, taken = row[chosen], at[chosen], taken[chosen]
        earliest, latest = self._bounds(row)
        latest = np.minimum(latest, at + asked.hot - asked.minutes)
        none = np.full(len(row), NONE)
        return self._made(row, earliest, latest, none, taken, at, self._detour(row), none)

    def _kitchen(self) -> tuple[Ints, Ints, Bools]:
        """Give the legs to and from the canteen in each gap, and whether one more pick-up is allowed at all."""
        to, back = self.ground.ways(self.asked.kitchen)
        one_more = self.standing.pickups[self.window] < self.ground.trips[self.person]
        return to[self.mode, self.prev], back[self.mode, self.next], one_more

    def fetched_before(self) -> Openings:
        """Find openings with a pick-up of their own in an earlier gap, as late as that gap allows."""
        asked = self.asked
        to_kitchen, from_kitchen, one_more = self._kitchen()
        soonest = np.maximum(np.maximum(asked.ready, self.ready + to_kitchen), self.floor)
        at = np.minimum(asked.until, self.due - from_kitchen)
        able = np.flatnonzero(one_more & (soonest <= at) & ~self.last)
        later = self.standing.count[self.window[able]] - self.standing.position[self.gap[able]]
        row = ranges(able + 1, later)
        fetch = np.repeat(able, later)
        chosen = self._room(fetch, row)
        row, fetch = row[chosen], fetch[chosen]
        earliest, latest = self._bounds(row)
        latest = np.minimum(latest, at[fetch] + asked.hot - asked.minutes)
        added = self._detour(row) + (to_kitchen + from_kitchen - self.leg)[fetch]
        out = np.where(self.first[fetch], to_kitchen[fetch], NONE)
        return self._made(row, earliest, latest, self.gap[fetch], np.full(len(row), NONE), at[fetch], added, out)

    def fetched_here(self) -> Openings:
        """Find openings with a pick-up of their own just before the door."""
        asked = self.asked
        to_kitchen, _, one_more = self._kitchen()
        _, from_kitchen = self.ground.ways(asked.kitchen)
        aboard = from_kitchen[self.mode, np.full(len(self.mode), asked.door)]
        soonest = np.maximum(np.maximum(asked.ready, self.ready + to_kitchen), self.floor)
        every = np.arange(len(self.gap))
        able = one_more & (soonest <= asked.until) & (aboard + asked.minutes <= asked.hot)
        row = np.flatnonzero(able & self._room(every, every))
        earliest = np.maximum(asked.earliest, soonest + aboard)[row]
        latest = np.minimum(self._bounds(row)[1], asked.until + asked.hot - asked.minutes)
        added = (to_kitchen + aboard + self.from_door - self.leg)[row]
        out = np.where(self.first[row], to_kitchen[row], NONE)
        none = np.full(len(row), NONE)
        return self._made(row, earliest, latest, self.gap[row], none, none, added, out)


def over_day(standing: Standing, found: Openings, day: Ints) -> Ints:
    """Count the minutes each opening is over the day's ceiling; at most 0 if it keeps it."""
    work = standing.work_day[found.person, day] + found.added + found.minutes
    result: Ints = work - standing.ground.max_day[found.person]
    return result


def over_week(standing: Standing, found: Openings) -> Ints:
    """Count the minutes each opening is over the week's ceiling; at most 0 if it keeps it."""
    work = standing.work_week[found.person] + found.added + found.minutes
    result: Ints = work - standing.ground.max_week[found.person]
    return result


def day_of(ground: Ground, found: Openings) -> Ints:
    """Give the day of each opening in a window of the week."""
    return ground.window_day[found.window]


def calm(standing: Standing, asked: Ask, found: Openings, day: Ints) -> tuple[Openings, Ints, Ints, Ints]:
    """Lay beside each opening its day, whether its volunteer is touched afterwards, and whether they are already.

    An opening that gives a volunteer back the last visit of their baseline appears once more, cut to the starts at
    which they count as untouched.
    """
    after = np.full(len(found.lo), int(standing.has_baseline))
    whole = [np.arange(len(found.lo))]
    marks = [after]
    lo, hi = [found.lo], [found.hi]
    for person, on, start in standing.missing.get(asked.visit.id, ()):
        rows = np.flatnonzero((found.person == person) & (day == on))
        whole.append(rows)
        lo.append(np.maximum(found.lo[rows], start - UNTOUCHED_SHIFT))
        hi.append(np.minimum(found.hi[rows], start + UNTOUCHED_SHIFT))
        marks.append(np.zeros(len(rows), dtype=np.int64))
    rows = np.concatenate(whole)
    every = found.take(rows)._replace(lo=np.concatenate(lo), hi=np.concatenate(hi))
    held = every.lo <= every.hi
    every = every.take(held)
    return every, day[rows[held]], np.concatenate(marks)[held], standing.touched[every.person].astype(np.int64)
