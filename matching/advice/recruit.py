"""The last resort among the fixes: one or two more volunteers living at the door, described by the least they need."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.advice.assign import Choices, spare
from matching.advice.openings import NONE, Ask, day_floor
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Bools, Ground
from matching.model import DAY, Visit

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
        times = list(_times(standing, asked, mode))
        if visit.crew == 1:
            if new <= room:
                yield from (Call(day, start, leave, mode, first=True, count=1) for day, start, leave in times)
            continue
        second = visit.second.skills if visit.second is not None else visit.skills
        for first in sorted((True, False), key=lambda first: len(visit.skills if first else second)):
            for day, start, leave in times:
                met = _meets(plain, day, start, room - new, _beside_newcomer(ground, visit, plain, first=first))
                if met is not None and met + visit.lasts <= asked.latest:
                    yield Call(day, met, leave + met - start, mode, first=first, count=1)
        if 2 * new <= room:
            yield from (Call(day, start, leave, mode, first=True, count=2) for day, start, leave in times)


def _beside_newcomer(ground: Ground, visit: Visit, plain: Choices, *, first: bool) -> Bools:
    """Say which openings are for the seat beside somebody new, who stands last in the week's list and asks for no more than one seat does."""
    if not first:
        return plain.first
    second = visit.second if visit.second is not None else visit
    takes_either = set(second.skills) <= set(visit.skills) and second.gender in {None, visit.gender}
    both = ground.either(visit)[plain.found.person] & (visit.is_uneven and takes_either)
    result: Bools = plain.second & ~both
    return result


def _meets(plain: Choices, day: int, start: int, room: int, beside: Bools) -> int | None:
    """Find the first minute from a start on at which somebody could take the seat beside."""
    found = plain.found
    others = beside & (plain.day == day) & (found.hi >= start)
    others &= plain.extra_touched <= room
    return max(start, int(found.lo[others].min())) if others.any() else None


def _times(standing: Standing, asked: Ask, mode: str) -> Iterator[tuple[int, int, int]]:
    """Give each day with the first start there and the minute home, next to the door, is left for it."""
    visit, ground = asked.visit, standing.ground
    for day in asked.days:
        floor = int(day_floor(ground, asked, np.array([day]))[0])
        start, out, aboard, ready = max(asked.earliest, floor), 0, 0, 0
        if asked.canteen != NONE:
            out = ground.roads.between(mode, asked.door, asked.kitchen)
            aboard = ground.roads.between(mode, asked.kitchen, asked.door)
            ready = max(asked.ready, floor, out)
            start = max(asked.earliest, ready + aboard)
        begin = _first_apart(standing, asked, day, start)
        if begin is None or begin + visit.lasts > asked.latest:
            continue
        if asked.canteen == NONE:
            yield day, begin, begin
            continue
        at = min(asked.until, begin - aboard)
        if ready <= asked.until and begin + visit.minutes - at <= asked.hot:
            yield day, begin, at - out


def _first_apart(standing: Standing, asked: Ask, day: int, start: int) -> int | None:
    """Find the first minute from a start on that the visits served already leave; None where they leave none."""
    stretches = standing.ground.ties.stretches(asked.visit, standing.moments, day)
    return next((max(start, first) for first, last in stretches if last >= start), None)


def _described(standing: Standing, asked: Ask, call: Call) -> dict[str, object]:
    ground, visit = standing.ground, asked.visit
    second = visit.second if visit.crew > 1 and visit.second is not None else visit
    seats = [visit, second] if call.count > 1 else [visit if call.first else second]
    minutes = visit.lasts if call.count > 1 else visit.minutes if call.first else visit.minutes_of_second
    length = -(-(call.start + minutes - call.leave) // STEP) * STEP
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
