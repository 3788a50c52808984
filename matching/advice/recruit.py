"""The last resort among the fixes: one or two more volunteers living at the door, described by the least they need."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.advice.assign import Choices, spare
from matching.advice.openings import NONE, Ask, day_floor
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Ground
from matching.model import DAY

STEP = 5


@dataclass(frozen=True, slots=True)
class Call:
    """Who is looked for: how many, for which seats of the crew, and when at the door."""

    day: int
    start: int
    leave: int
    mode: str
    first: bool
    count: int


def recruit(standing: Standing, asked: Ask, plain: Choices) -> dict[str, object] | None:
    """Describe whom to recruit so that the visit can be served; None if even they could not."""
    for call in _calls(standing, asked, plain):
        return _described(standing, asked, call)
    return None


def _calls(standing: Standing, asked: Ask, plain: Choices) -> Iterator[Call]:
    ground, visit = standing.ground, asked.visit
    room = spare(standing)
    new = int(standing.has_baseline)
    for mode in ground.modes:
        times = list(_times(ground, asked, mode))
        if visit.crew == 1:
            if new <= room:
                yield from (Call(day, start, leave, mode, first=True, count=1) for day, start, leave in times)
            continue
        second = visit.second.skills if visit.second is not None else visit.skills
        for first in sorted((True, False), key=lambda first: len(visit.skills if first else second)):
            for day, start, leave in times:
                met = _meets(plain, day, start, room - new, first=first)
                if met is not None and met + visit.minutes <= asked.latest:
                    yield Call(day, met, leave + met - start, mode, first=first, count=1)
        if 2 * new <= room:
            yield from (Call(day, start, leave, mode, first=True, count=2) for day, start, leave in times)


def _meets(plain: Choices, day: int, start: int, room: int, *, first: bool) -> int | None:
    """Find the first minute from a start on at which somebody could take the other seat."""
    found = plain.found
    others = (plain.second if first else plain.first) & (plain.day == day) & (found.hi >= start)
    others &= plain.extra_touched <= room
    return max(start, int(found.lo[others].min())) if others.any() else None


def _times(ground: Ground, asked: Ask, mode: str) -> Iterator[tuple[int, int, int]]:
    """Give each day with the first start there and the minute home, next to the door, is left for it."""
    visit = asked.visit
    for day in asked.days:
        floor = int(day_floor(ground, asked, np.array([day]))[0])
        if asked.canteen == NONE:
            start = leave = max(asked.earliest, floor)
            hot = True
        else:
            out = ground.roads.between(mode, asked.door, asked.kitchen)
            aboard = ground.roads.between(mode, asked.kitchen, asked.door)
            ready = max(asked.ready, floor, out)
            start = max(asked.earliest, ready + aboard)
            at = min(asked.until, start - aboard)
            leave = at - out
            hot = ready <= asked.until and start + visit.minutes - at <= asked.hot
        if hot and start + visit.minutes <= asked.latest:
            yield day, start, leave


def _described(standing: Standing, asked: Ask, call: Call) -> dict[str, object]:
    ground, visit = standing.ground, asked.visit
    second = visit.second if visit.crew > 1 and visit.second is not None else visit
    seats = [visit, second] if call.count > 1 else [visit if call.first else second]
    length = -(-(call.start + visit.minutes - call.leave) // STEP) * STEP
    start = call.leave
    if ground.week.days > 1:
        start = min(start, DAY - length)
    described: dict[str, object] = {
        "change": "recruit",
        "place": ground.elders[visit.elder].place,
        "skills": list(dict.fromkeys(skill for seat in seats for skill in seat.skills)),
        "window": [call.day, start, start + length],
    }
    genders = {seat.gender for seat in seats} - {None}
    if call.count > 1:
        described["count"] = call.count
    if len(genders) == 1:
        described["gender"] = genders.pop()
    if call.mode != ground.modes[0]:
        described["mode"] = call.mode
    if visit.boxes:
        described["boxes"] = visit.boxes
    return described
