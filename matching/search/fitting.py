"""Which windows could serve a visit if they served nothing else: for every visit and both seats of its crew."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from matching.model import Week
from matching.search.compiled import door, whole, woven
from matching.search.facts import (
    BOXES,
    CANTEEN,
    DAY,
    END,
    HOLDS,
    HOT,
    KEY,
    KITCHEN,
    LAST,
    MAX_DAY,
    MAX_WEEK,
    MINUTES,
    MODE,
    NODE,
    PINNED,
    READY,
    SLOT,
    START,
    TRIPS,
    UNTIL,
    VOLUNTEER,
    Bools,
    Ints,
    Small,
)


class Fitting(NamedTuple):
    """What decides whether a window fits a visit; the legs are the least there can be, whatever lies between."""

    visits: Ints
    first: Small
    windows: Ints
    people: Ints
    kitchens: Ints
    ready: Small
    least: Small
    leaving: Small
    coming: Small
    used_day: Ints
    used_week: Ints
    on_day_at: Ints
    on_day: Small
    at_elder_at: Ints
    at_elder: Small
    open_day: Bools
    allowed: Bools
    skilled: Bools


def skill_groups(week: Week) -> tuple[Bools, Ints]:
    """Return who has the skills and the gender of each group and is not excluded, and each visit's group for its two seats (-1: no such seat)."""
    numbers: dict[tuple[tuple[str, ...], str | None, frozenset[str]], int] = {}
    group = np.full((max(1, len(week.visits)), 2), -1, dtype=np.int64)
    for at, visit in enumerate(week.visits):
        barred = frozenset(visit.excluded)
        group[at, 0] = numbers.setdefault((visit.skills, visit.gender, barred), len(numbers))
        if visit.crew == 2:
            second = visit.second
            group[at, 1] = group[at, 0] if second is None else numbers.setdefault((second.skills, second.gender, barred), len(numbers))
    held = [frozenset(one.skills) for one in week.volunteers]
    able = np.zeros((max(1, len(numbers)), len(week.volunteers)), dtype=np.bool_)
    for (skills, gender, barred), at in numbers.items():
        wanted = set(skills)
        able[at] = [
            wanted <= mine and gender in (None, one.gender) and one.id not in barred
            for mine, one in zip(held, week.volunteers, strict=True)
        ]
    return able, group


def fit(f: Fitting, group: Ints, must: Callable[[int], frozenset[int]]) -> tuple[tuple[Ints, Small], tuple[Ints, Small]]:
    """Return for the first and the second seat of every visit the windows that fit, as lists in one array each.

    `must` gives the pinned volunteers: who is pinned to a visit for one is the only one who may, and more people than
    seats make the visit impossible.
    """
    size = len(f.visits)
    named = np.full(size, -1, dtype=np.int64)
    impossible = np.zeros(size, dtype=np.bool_)
    for visit in np.flatnonzero(f.visits[:, PINNED]):
        people = must(int(visit))
        seats = 2 if group[visit, 1] >= 0 else 1
        impossible[visit] = len(people) > seats
        if seats == 1 and len(people) == 1:
            named[visit] = next(iter(people))
    room = np.empty(len(f.windows), dtype=np.int32), np.empty(len(f.on_day_at), dtype=np.int64)
    made = []
    for seat in (0, 1):
        wanted = np.where(impossible, -1, group[:size, seat])
        counts = np.zeros(size, dtype=np.int64)
        _walk(f, wanted, named, counts, np.zeros(0, dtype=np.int32), *room, seat, write=False)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        found = np.zeros(starts[-1], dtype=np.int32)
        _walk(f, wanted, named, starts[:-1].copy(), found, *room, seat, write=True)
        made.append((starts, found))
    return made[0], made[1]


@door
def _walk(f: Fitting, group: Ints, named: Ints, at: Ints, found: Small, open_to: Small, ends: Ints, seat: int, write: bool) -> None:  # noqa: FBT001
    """Count the windows that fit a seat of each visit, or write them from `at` on."""
    for elder in range(len(f.at_elder_at) - 1):
        if f.at_elder_at[elder] == f.at_elder_at[elder + 1]:
            continue
        _open_to(f, elder, open_to, ends)
        for number in range(f.at_elder_at[elder], f.at_elder_at[elder + 1]):
            visit = whole(f.at_elder[number])
            if group[visit] < 0:
                continue
            for day in range(f.open_day.shape[1]):
                if not f.open_day[visit, day]:
                    continue
                for place in range(0 if day == 0 else ends[day - 1], ends[day]):
                    window = whole(open_to[place])
                    person = f.windows[window, VOLUNTEER]
                    may = f.skilled[group[visit], person] and (named[visit] < 0 or named[visit] == person)
                    if may and _fits(f, visit, window, seat):
                        if write:
                            found[at[visit]] = window
                        at[visit] += 1


@woven
def _open_to(f: Fitting, elder: int, open_to: Small, ends: Ints) -> None:
    """Write the windows of those who may go to an elder, day by day, and where each day ends."""
    count = 0
    for day in range(len(f.on_day_at) - 1):
        for place in range(f.on_day_at[day], f.on_day_at[day + 1]):
            window = f.on_day[place]
            if f.allowed[elder, f.people[f.windows[window, VOLUNTEER], SLOT]]:
                open_to[count] = window
                count += 1
        ends[day] = count


@woven
def _fits(f: Fitting, visit: int, window: int, seat: int) -> bool:
    """Return whether a window could serve a visit if it served nothing else."""
    person, day = f.windows[window, VOLUNTEER], f.windows[window, DAY]
    slot = f.people[person, SLOT]
    node, minutes, canteen = f.visits[visit, NODE], f.visits[visit, MINUTES + seat], f.visits[visit, CANTEEN]
    if canteen < 0:
        leg = whole(f.leaving[node, slot])
        begin = max(f.windows[window, START] + leg, f.first[day, visit])
    else:
        kitchen, until = f.kitchens[canteen, KITCHEN], f.kitchens[canteen, UNTIL]
        between = whole(f.least[f.people[person, MODE], kitchen, node])
        ready = f.kitchens[canteen, READY] if f.visits[visit, PINNED] else f.ready[day, canteen]
        at = max(f.windows[window, START] + f.leaving[kitchen, slot], ready)
        begin = max(at + between, f.first[day, visit])
        taken = min(begin - between, until)
        if at > until or begin + minutes - taken > f.kitchens[canteen, HOT]:
            return False
        if f.people[person, HOLDS] < f.visits[visit, BOXES] or f.people[person, TRIPS] < 1:
            return False
        leg = f.leaving[kitchen, slot] + between
    back = f.coming[node, slot]
    rest = min(
        f.people[person, MAX_DAY] - f.used_day[f.windows[window, KEY]],
        f.people[person, MAX_WEEK] - f.used_week[person],
    )
    return bool(begin <= f.visits[visit, LAST] and begin + minutes + back <= f.windows[window, END] and leg + minutes + back <= rest)
