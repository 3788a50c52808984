"""The dearest trips of one window at given prices, the best for every amount of work: labels set in the order of time.

A label is a trip begun: where it stands, its work, its worth, the way since it last called at a kitchen, the boxes handed
out since, the visits it remembers. One that another beats in every respect is dropped. Nothing feasible is cut off: a
trip may come back to a visit it has forgotten, and with several kitchens food is only as cold as since the last one.
Compiled by numba on first use; only the proof imports it.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

WORTH, WORK, SINCE, LOAD, CALLED, TRIPS, STANDS, BEFORE, NEXT, TIME, LOW, HIGH = range(12)
"""What a label holds, column by column; the last two remember visits, WORD of them each."""
FIELDS = 12
WORD = 62


class Chances(NamedTuple):
    """What one window could serve: chances first, then its kitchens, which are places without worth."""

    first: Ints
    last: Ints
    minutes: Ints
    boxes: Ints
    kitchen: Ints
    visit: Ints
    bits: Ints
    nears: Ints
    alike: Ints
    hot: Ints
    ready: Ints
    until: Ints
    legs: Ints
    out: Ints
    back: Ints
    begin: int
    end: int
    carries: int
    trips: int
    rest: int


@numba.njit(cache=True)
def dearest(one: Chances, worth: Ints, beam: int, labels: Ints) -> tuple[int, Ints]:
    """Return how many labels were set and, for every amount of work, the dearest trip's label; -1 labels: too many.

    With a `beam` only so many labels a place and minute are kept and nothing is remembered: quick, and no proof.
    """
    size = one.end - one.begin + 1
    doors = np.flatnonzero(worth > 0)
    head = np.full(size, -1, np.int64)
    kept = np.full(len(one.legs), -1, np.int64)
    width = np.zeros(len(one.legs), np.int64)
    ends = np.full(one.rest + 1, -1, np.int64)
    home = np.zeros(FIELDS, np.int64)
    home[STANDS], home[BEFORE], home[TIME] = -1, -1, one.begin
    lunch = _lunch(one, doors)
    count = _onward(one, worth, doors, lunch, home, -1, labels, 0, head)
    for minute in range(size):
        width[:] = 0
        while head[minute] >= 0:
            waiting = _in_order(head[minute], labels)
            head[minute] = -1
            for number in waiting:
                label = labels[number]
                group = one.alike[label[STANDS]]
                if (beam > 0 and width[group] >= beam) or _beaten(label, kept[group], labels, beam > 0):
                    continue
                width[group] += 1
                label[NEXT] = kept[group]
                kept[group] = number
                work = label[WORK] + one.back[label[STANDS]]
                if ends[work] < 0 or labels[ends[work], WORTH] < label[WORTH]:
                    ends[work] = number
                count = _onward(one, worth, doors, lunch, label, number, labels, count, head)
                if count < 0:
                    return -1, ends
    return count, ends


@numba.njit(cache=True)
def _lunch(one: Chances, doors: Ints) -> int:
    """Return the last minute a meal may begin."""
    latest = one.begin - 1
    for door in doors:
        if one.kitchen[door] >= 0:
            latest = max(latest, one.last[door])
    return latest


@numba.njit(cache=True)
def _in_order(label: int, labels: Ints) -> Ints:
    """Return the labels that wait, the dearest first: they beat the others at once."""
    count, other = 0, label
    while other >= 0:
        count += 1
        other = labels[other, NEXT]
    found = np.empty(count, np.int64)
    worth = np.empty(count, np.int64)
    for at in range(count):
        found[at] = label
        worth[at] = -labels[label, WORTH]
        label = labels[label, NEXT]
    return found[np.argsort(worth)]


@numba.njit(cache=True)
def _beaten(label: Ints, other: int, labels: Ints, forgets: bool) -> bool:  # noqa: FBT001
    """Say whether a kept label that stands as well is better or equal in every respect."""
    while other >= 0:
        two = labels[other]
        better = two[WORTH] >= label[WORTH] and two[WORK] <= label[WORK] and two[TRIPS] <= label[TRIPS]
        if better and (forgets or ((two[LOW] & ~label[LOW]) == 0 and (two[HIGH] & ~label[HIGH]) == 0)):
            aboard = label[CALLED]
            if aboard == 0 or ((two[CALLED] & aboard) == aboard and two[SINCE] <= label[SINCE] and two[LOAD] <= label[LOAD]):
                return True
        other = two[NEXT]
    return False


@numba.njit(cache=True)
def _onward(one: Chances, worth: Ints, doors: Ints, lunch: int, label: Ints, number: int, labels: Ints, count: int, head: Ints) -> int:
    """Set a label at every place the trip could go to next; return how many labels there are, -1 when too many."""
    if count + len(doors) + len(one.hot) > len(labels):
        return -1
    for door in doors:
        if _to_door(one, worth, label, door, labels[count]):
            count = _set(one, lunch, number, labels, count, head)
    if label[TIME] <= lunch and label[TRIPS] < one.trips:
        for kitchen in range(len(one.hot)):
            if _to_kitchen(one, label, kitchen, labels[count]):
                count = _set(one, lunch, number, labels, count, head)
    return count


@numba.njit(cache=True)
def _to_door(one: Chances, worth: Ints, label: Ints, door: int, new: Ints) -> bool:
    """Write the label of a trip that goes on to a visit; return whether it may."""
    stands = label[STANDS]
    if (label[LOW] & one.bits[door, 0]) != 0 or (label[HIGH] & one.bits[door, 1]) != 0:
        return False
    if 0 <= stands < len(one.first) and one.visit[stands] == one.visit[door]:
        return False
    leg = one.out[door] if stands < 0 else one.legs[stands, door]
    arrives = label[TIME] + leg
    leaves = max(arrives, one.first[door]) + one.minutes[door]
    work = label[WORK] + leg + one.minutes[door]
    if arrives > one.last[door] or leaves + one.back[door] > one.end or work + one.back[door] > one.rest:
        return False
    since, load, kitchen = label[SINCE] + leg + one.minutes[door], label[LOAD], one.kitchen[door]
    if kitchen >= 0:
        load += one.boxes[door]
        if (label[CALLED] >> min(kitchen, WORD)) & 1 == 0 or load > one.carries or since > one.hot[kitchen]:
            return False
    new[WORTH], new[WORK], new[SINCE], new[LOAD] = label[WORTH] + worth[door], work, since, load
    new[CALLED], new[TRIPS], new[STANDS], new[TIME] = label[CALLED] if load < one.carries else 0, label[TRIPS], door, leaves
    new[LOW] = (label[LOW] & one.nears[door, 0]) | one.bits[door, 0]
    new[HIGH] = (label[HIGH] & one.nears[door, 1]) | one.bits[door, 1]
    return True


@numba.njit(cache=True)
def _to_kitchen(one: Chances, label: Ints, kitchen: int, new: Ints) -> bool:
    """Write the label of a trip that goes on to a kitchen; return whether it may."""
    stands, place = label[STANDS], len(one.first) + kitchen
    if stands == place:
        return False
    leg = one.out[place] if stands < 0 else one.legs[stands, place]
    arrives, work = label[TIME] + leg, label[WORK] + leg
    leaves = max(arrives, one.ready[kitchen])
    if arrives > one.until[kitchen] or leaves + one.back[place] > one.end or work + one.back[place] > one.rest:
        return False
    new[WORTH], new[WORK], new[SINCE], new[LOAD] = label[WORTH], work, 0, 0
    new[CALLED], new[TRIPS], new[STANDS], new[TIME] = label[CALLED] | (1 << min(kitchen, WORD)), label[TRIPS] + 1, place, leaves
    new[LOW], new[HIGH] = label[LOW], label[HIGH]
    return True


@numba.njit(cache=True)
def _set(one: Chances, lunch: int, number: int, labels: Ints, count: int, head: Ints) -> int:
    """Let a written label wait for its minute; what can no longer matter in it is wiped out."""
    new = labels[count]
    if new[TIME] > lunch:
        new[CALLED] = new[TRIPS] = 0
    if new[CALLED] == 0:
        new[SINCE] = new[LOAD] = 0
    minute = new[TIME] - one.begin
    new[BEFORE], new[NEXT] = number, head[minute]
    head[minute] = count
    return count + 1


@numba.njit(cache=True)
def unbeaten(ends: Ints, labels: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the trips no other beats in both work and worth: work, worth, where each ends in the stops, and the stops."""
    works, worths, marks, stops, top = [0], [0], [0], [0], 0
    for work in range(len(ends)):
        label = ends[work]
        if label < 0 or labels[label, WORTH] <= top:
            continue
        top = labels[label, WORTH]
        trip = [0]
        while label >= 0:
            trip.append(labels[label, STANDS])
            label = labels[label, BEFORE]
        for at in range(len(trip) - 1, 0, -1):
            stops.append(trip[at])  # noqa: PERF401
        works.append(work)
        worths.append(top)
        marks.append(len(stops) - 1)
    return np.array(works[1:], np.int64), np.array(worths[1:], np.int64), np.array(marks, np.int64), np.array(stops[1:], np.int64)
