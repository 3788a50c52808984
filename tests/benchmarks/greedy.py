"""A plain first-fit greedy, to compare with: the weightiest visit first, to the first volunteer where it fits.

It keeps every hard rule but looks neither at travel nor at faces nor at fairness, takes back nothing, and knows neither
pins nor a baseline. It is what somebody with a list and a telephone would do.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from matching.model import PickupStop, Plan, Route, Visit, VisitStop, Volunteer, Week, Window, by_id
from matching.travel import Roads

CREW_STEP = 15


@dataclass(frozen=True, slots=True)
class Item:
    """One stop to be: a pick-up for some visits, or a door, at a fixed minute if a crew meets there."""

    visit: Visit
    pickup: bool = False
    at: int | None = None


@dataclass(slots=True)
class Round:
    """One window of a volunteer: its stops so far and the work in it."""

    volunteer: Volunteer
    number: int
    window: Window
    items: list[Item] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    work: int = 0


class Greedy:
    """Fills the rounds of one week."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.roads = Roads(week)
        self.elders = by_id(week.elders)
        self.canteens = by_id(week.canteens)
        self.legs: dict[tuple[str, str, str], int] = {}
        self.near: dict[str, set[str]] = {}
        self.work: dict[tuple[str, int | None], int] = defaultdict(int)
        self.rounds: dict[int, list[Round]] = defaultdict(list)
        for volunteer in week.volunteers:
            for day, minutes in volunteer.used:
                self.work[volunteer.id, day] += minutes
                self.work[volunteer.id, None] += minutes
            for number, window in enumerate(volunteer.windows):
                self.rounds[window.day].append(Round(volunteer, number, window))

    def plan(self) -> Plan:
        """Serve what fits, in the order of weight."""
        for visit in sorted(self.week.visits, key=lambda one: -one.weight):
            any(self._pair(visit, day) if visit.crew == 2 else self._single(visit, day) for day in visit.days)
        rounds = [one for day in sorted(self.rounds) for one in self.rounds[day] if one.items]
        return Plan(week=self.week.name, routes=tuple(_route(one) for one in rounds))

    def _single(self, visit: Visit, day: int) -> bool:
        for one in self.rounds[day]:
            if _able(visit, one.volunteer, visit.skills, visit.gender) and self._may(visit, one):
                for items in _with(visit, one):
                    if self._take(one, items):
                        return True
        return False

    def _pair(self, visit: Visit, day: int) -> bool:
        """Serve a visit of two: the first two rounds that can meet at some quarter of an hour."""
        second = visit.second
        wanted = ((visit.skills, visit.gender), (second.skills, second.gender) if second else (visit.skills, visit.gender))
        able = [[one for one in self.rounds[day] if _able(visit, one.volunteer, *wants) and self._may(visit, one)] for wants in wanted]
        for start in range(visit.window[0], visit.window[1] - visit.minutes + 1, CREW_STEP):
            meets = Item(visit, at=start)
            for first in able[0]:
                before = (first.items, first.times, first.work)
                if not any(self._take(first, items) for items in _inserted(first, meets)):
                    continue
                for other in able[1]:
                    if other.volunteer is not first.volunteer and any(self._take(other, items) for items in _inserted(other, meets)):
                        return True
                self._set(first, *before)
                break
        return False

    def _may(self, visit: Visit, one: Round) -> bool:
        """Say whether this volunteer may come to this door and has time for it at all."""
        elder, window, who = self.elders[visit.elder], one.window, one.volunteer
        left = min(who.max_day - self.work[who.id, window.day], who.max_week - self.work[who.id, None], window.end - window.start)
        if who.id in elder.excluded or left < visit.minutes:
            return False
        if window.end < visit.window[0] + visit.minutes or window.start > visit.window[1] - visit.minutes:
            return False
        if self.week.from_ is not None and (window.day, window.end) < self.week.from_:
            return False
        if elder.place not in self.near:
            self.near[elder.place] = self._near(elder.place)
        return who.id in self.near[elder.place]

    def _near(self, place: str) -> set[str]:
        """Find who lives near enough to come to a place."""
        people, index = self.week.volunteers, self.roads.index
        metres = self.roads.metres([index[one.place] for one in people], [index[place]])
        return {one.id for one, far in zip(people, metres.tolist(), strict=True) if one.radius is None or far <= one.radius}

    def _take(self, one: Round, items: list[Item]) -> bool:
        """Make these the stops of a round if every rule holds."""
        timed = self._timed(one, items)
        if timed is None:
            return False
        times, work = timed
        more, volunteer, day = work - one.work, one.volunteer, one.window.day
        if self.work[volunteer.id, day] + more > volunteer.max_day or self.work[volunteer.id, None] + more > volunteer.max_week:
            return False
        self._set(one, items, times, work)
        return True

    def _set(self, one: Round, items: list[Item], times: list[int], work: int) -> None:
        for key in (one.window.day, None):
            self.work[one.volunteer.id, key] += work - one.work
        one.items, one.times, one.work = items, times, work

    def _timed(self, one: Round, items: list[Item]) -> tuple[list[int], int] | None:
        """Find the earliest minutes of the stops and the work, or None if a rule about time or boxes is broken."""
        mode, place, now = one.volunteer.mode, one.volunteer.place, one.window.start
        earliest = self.week.from_[1] if self.week.from_ is not None and self.week.from_[0] == one.window.day else 0
        work, aboard, picked, times = 0, 0, {}, []
        for item in items:
            visit = item.visit
            kitchen = self.canteens[visit.canteen] if visit.canteen else None
            target = kitchen.place if item.pickup and kitchen else self.elders[visit.elder].place
            leg = self._leg(mode, place, target)
            opens = kitchen.ready if item.pickup and kitchen else visit.window[0] if item.at is None else item.at
            now = max(now + leg, opens, earliest)
            times.append(now)
            if item.pickup and kitchen:
                picked[visit.id] = now
                aboard += visit.boxes
                if aboard > one.volunteer.boxes or (kitchen.until is not None and now > kitchen.until):
                    return None
            elif item.at is not None and now > item.at:
                return None
            else:
                now += visit.minutes
                aboard -= visit.boxes
                cold = kitchen is not None and kitchen.hot is not None and now - picked[visit.id] > kitchen.hot
                if now > visit.window[1] or cold:
                    return None
            work += leg + (0 if item.pickup else visit.minutes)
            place = target
        home = self._leg(mode, place, one.volunteer.place)
        most = one.volunteer.trips
        if now + home > one.window.end or (most is not None and _trips(items, times) > most):
            return None
        return times, work + home

    def _leg(self, mode: str, origin: str, target: str) -> int:
        key = (mode, origin, target)
        if key not in self.legs:
            self.legs[key] = self.roads.between(mode, self.roads.index[origin], self.roads.index[target])
        return self.legs[key]


def greedy(week: Week) -> Plan:
    """Plan a week by first fit."""
    return Greedy(week).plan()


def _able(visit: Visit, volunteer: Volunteer, skills: tuple[str, ...], gender: str | None) -> bool:
    return set(skills) <= set(volunteer.skills) and gender in {None, volunteer.gender} and visit.boxes <= volunteer.boxes


def _with(visit: Visit, one: Round) -> Iterator[list[Item]]:
    """Give the ways to put a visit into a round: a meal joins a pick-up of its canteen or adds one just before its door."""
    if visit.canteen is None:
        yield from _inserted(one, Item(visit))
        return
    pickup, door = Item(visit, pickup=True), Item(visit)
    joins = [place for place, item in enumerate(one.items) if item.pickup and item.visit.canteen == visit.canteen]
    for join in joins[-1:]:
        for place in range(join + 1, len(one.items) + 1):
            yield [*one.items[: join + 1], pickup, *one.items[join + 1 : place], door, *one.items[place:]]
    for place in range(len(one.items) + 1):
        yield [*one.items[:place], pickup, door, *one.items[place:]]


def _inserted(one: Round, item: Item) -> Iterator[list[Item]]:
    for place in range(len(one.items) + 1):
        yield [*one.items[:place], item, *one.items[place:]]


def _pickups(items: list[Item], times: list[int]) -> Iterator[tuple[int, list[Item]]]:
    """Give the stops of a round: pick-ups that follow each other at one canteen and minute are one stop."""
    at, group = 0, list[Item]()
    for item, time in zip(items, times, strict=True):
        if group and item.pickup and group[0].pickup and item.visit.canteen == group[0].visit.canteen and time == at:
            group.append(item)
            continue
        if group:
            yield at, group
        at, group = time, [item]
    if group:
        yield at, group


def _trips(items: list[Item], times: list[int]) -> int:
    return sum(group[0].pickup for _, group in _pickups(items, times))


def _route(one: Round) -> Route:
    stops = [
        PickupStop(pickup=str(group[0].visit.canteen), at=at, visits=tuple(item.visit.id for item in group))
        if group[0].pickup
        else VisitStop(visit=group[0].visit.id, start=at)
        for at, group in _pickups(one.items, one.times)
    ]
    return Route(volunteer=one.volunteer.id, window=one.number, stops=tuple(stops))
