"""When a volunteer can be planned in a week, as windows ``[weekday, start, end]`` in minutes; plain functions.

Windows of a plan only grow: one that is gone is closed in its place, so that routes keep naming it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from timebank.planning.lived import Here
from timebank.volunteers.models import Volunteer

DAY = 1440
Window = list[int]


def free_windows(person: Volunteer, monday: date) -> list[Window]:
    """Return when a volunteer is free in a week: the ordinary week less the time off."""
    return sorted(less_time_off(person, [[slot.weekday, slot.start, slot.end] for slot in person.availability], monday))


def less_time_off(person: Volunteer, windows: list[Window], monday: date) -> list[Window]:
    """Return what the time off of a volunteer leaves of some windows."""
    return less(windows, [(off.day, off.start, off.end) for off in person.time_off], monday)


def less(windows: list[Window], taken: Iterable[tuple[date, int, int]], monday: date) -> list[Window]:
    """Return what is left of some windows when stretches of some days are taken out of them."""
    gone: list[tuple[date, int, int]] = list(taken)
    left: list[Window] = []
    for weekday, first, last in windows:
        parts = [(first, last)]
        for _day, begin, until in (each for each in gone if each[0] == monday + timedelta(days=weekday)):
            parts = [part for start, end in parts for part in ((start, min(end, begin)), (max(start, until), end)) if part[0] < part[1]]
        left += [[weekday, start, end] for start, end in parts]
    return left


def join_windows(free: list[Window], extra: list[Window]) -> list[Window]:
    """Return free windows together with those agreed for this week only; what overlaps or touches becomes one."""
    joined: list[Window] = []
    for day, start, end in sorted(free + extra):
        if joined and joined[-1][0] == day and start <= joined[-1][2]:
            joined[-1] = [day, joined[-1][1], max(joined[-1][2], end)]
        else:
            joined.append([day, start, end])
    return joined


def merge_windows(known: list[Window], fresh: list[Window]) -> list[Window]:
    """Keep each known window in its place: as it is now, or closed where it is gone; what is new comes last."""
    left = list(fresh)
    merged: list[Window] = []
    for day, start, end in known:
        match = next((each for each in left if each[0] == day and each[1] < max(end, start + 1) and each[2] > start), None)
        if match is None:
            merged.append([day, start, start])
        else:
            left.remove(match)
            merged.append(match)
    return merged + left


def from_here(windows: list[Window], here: Here | None) -> list[Window]:
    """Return windows; the one somebody is in begins when home is left to walk straight to where they are, and lets them get home."""
    if here is None:
        return windows
    day, _start, end = windows[here.window]
    after = min((start for weekday, start, until in windows if weekday == day and start >= end and until > start), default=DAY)
    mine = [day, here.leaves, max(end, min(here.free_from + here.leg_home, after))]
    return [
        mine
        if index == here.window
        else [weekday, min(start, here.leaves), min(until, here.leaves)]
        if weekday == day and until <= end
        else window
        for index, window in enumerate(windows)
        for weekday, start, until in [window]
    ]
