"""The slow truth about tiny weeks: every way to share out and order the visits, timed by difference constraints."""

from collections.abc import Iterator
from itertools import combinations, permutations, product
from typing import NamedTuple

from matching.model import PickupStop, Plan, Route, Visit, VisitStop, Week
from matching.referee.check import check
from matching.travel import Roads

LONG = 10_000


class Slot(NamedTuple):
    """A window of a volunteer."""

    volunteer: int
    index: int


def most_weight(week: Week) -> int:
    """The greatest served weight of any plan of a week without pins that passes the referee."""
    choices = [list(_choices(week, visit)) for visit in week.visits]
    shares = sorted(product(*choices), key=lambda share: -_weight(week, share))
    for share in shares:
        if any(check(week, plan).ok for plan in _plans(week, share)):
            return _weight(week, share)
    return 0


def _weight(week: Week, share: tuple[tuple[Slot, ...], ...]) -> int:
    return sum(visit.weight for visit, slots in zip(week.visits, share, strict=True) if slots)


def _choices(week: Week, visit: Visit) -> Iterator[tuple[Slot, ...]]:
    """Nobody, or as many windows as the crew needs, on one day, of people who have what it takes."""
    yield ()
    slots = [
        Slot(v, i)
        for v, one in enumerate(week.volunteers)
        for i, window in enumerate(one.windows)
        if window.day in visit.days and window.end > window.start and _able(visit, set(one.skills))
    ]
    for slots_taken in combinations(slots, visit.crew):
        days = {week.volunteers[slot.volunteer].windows[slot.index].day for slot in slots_taken}
        if len(days) == 1 and len({slot.volunteer for slot in slots_taken}) == visit.crew:
            yield slots_taken


def _able(visit: Visit, skills: set[str]) -> bool:
    return set(visit.skills) <= skills or (visit.second is not None and set(visit.second.skills) <= skills)


def _plans(week: Week, share: tuple[tuple[Slot, ...], ...]) -> Iterator[Plan]:
    """Every order of every trip with pick-ups anywhere, at the least times there are."""
    slots = sorted({slot for taken in share for slot in taken})
    orders = [list(_orders(week, [number for number, taken in enumerate(share) if slot in taken])) for slot in slots]
    for choice in product(*orders):
        times = _times(week, slots, choice)
        if times is not None:
            yield Plan(
                week=week.name,
                routes=tuple(
                    _route(week, slot, order, times[number]) for number, (slot, order) in enumerate(zip(slots, choice, strict=True))
                ),
            )


def _orders(week: Week, visits: list[int]) -> Iterator[tuple[int, ...]]:
    """Orders of visits and pick-ups (`~canteen`), each pick-up with something to take."""
    canteen_at = {one.id: number for number, one in enumerate(week.canteens)}
    meals = [~canteen_at[kitchen] for number in visits if (kitchen := week.visits[number].canteen) is not None]
    for count in range(len(meals) + 1):
        for pickups in set(combinations(meals, count)):
            for order in set(permutations([*visits, *pickups])):
                if _taken(week, order) is not None:
                    yield order


def _taken(week: Week, order: tuple[int, ...]) -> dict[int, list[int]] | None:
    """Which positions each pick-up serves, or None where a meal has none or a pick-up no meal."""
    canteen_at = {one.id: number for number, one in enumerate(week.canteens)}
    latest: dict[int, int] = {}
    taken: dict[int, list[int]] = {}
    for position, stop in enumerate(order):
        if stop < 0:
            latest[stop] = position
            taken[position] = []
        elif (kitchen := week.visits[stop].canteen) is not None:
            if ~canteen_at[kitchen] not in latest:
                return None
            taken[latest[~canteen_at[kitchen]]].append(position)
    return taken if all(taken.values()) else None


def _times(week: Week, slots: list[Slot], choice: tuple[tuple[int, ...], ...]) -> list[list[int]] | None:
    """The least times of all stops together: crews meet, food stays hot; None where nothing holds."""
    times = [[0] * len(order) for order in choice]
    for _ in range(LONG):
        before = [list(row) for row in times]
        for number, (slot, order) in enumerate(zip(slots, choice, strict=True)):
            if not _push(week, slot, order, times[number]):
                return None
        _meet(week, choice, times)
        if times == before:
            return times
    return None


def _push(week: Week, slot: Slot, order: tuple[int, ...], times: list[int]) -> bool:
    volunteer = week.volunteers[slot.volunteer]
    window = volunteer.windows[slot.index]
    roads = Roads(week)
    elders = {one.id: one.place for one in week.elders}
    here, now = roads.index[volunteer.place], window.start
    taken = _taken(week, order) or {}
    for position, stop in enumerate(order):
        place = week.canteens[~stop].place if stop < 0 else elders[week.visits[stop].elder]
        there = roads.index[place]
        least = week.canteens[~stop].ready if stop < 0 else week.visits[stop].window[0]
        now = max(now + roads.between(volunteer.mode, here, there), least, times[position])
        times[position] = now
        if now > (week.canteens[~stop].until or LONG if stop < 0 else week.visits[stop].window[1]):
            return False
        now += 0 if stop < 0 else week.visits[stop].minutes
        here = there
    for pickup, doors in taken.items():
        hot = week.canteens[~order[pickup]].hot
        for door in doors:
            if hot is not None:
                times[pickup] = max(times[pickup], times[door] + week.visits[order[door]].minutes - hot)
    return now <= window.end


def _meet(week: Week, choice: tuple[tuple[int, ...], ...], times: list[list[int]]) -> None:
    for visit, one in enumerate(week.visits):
        if one.crew == 2:
            ends = [(row, order.index(visit)) for row, order in enumerate(choice) if visit in order]
            for row, position in ends:
                times[row][position] = max(times[other][at] for other, at in ends)


def _route(week: Week, slot: Slot, order: tuple[int, ...], times: list[int]) -> Route:
    taken = _taken(week, order) or {}
    stops = tuple(
        PickupStop(pickup=week.canteens[~stop].id, at=at, visits=tuple(week.visits[order[p]].id for p in taken[position]))
        if stop < 0
        else VisitStop(visit=week.visits[stop].id, start=at)
        for position, (stop, at) in enumerate(zip(order, times, strict=True))
    )
    return Route(volunteer=week.volunteers[slot.volunteer].id, window=slot.index, stops=stops)
