"""The truth about unserved visits, slowly: contract sections 3 to 5 read word by word and tried minute by minute.

Nothing of the engine is used but its values; even the metres are geopy's own.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from geopy.distance import great_circle

from matching.model import PickupStop, Plan, Route, Stop, Visit, VisitStop, Volunteer, Week, by_id

EARTH_KM = 6_371.009
ALWAYS = 1 << 30


class Seat(NamedTuple):
    """One person at the door at a minute of a day, and whether their week differs from the baseline's then."""

    person: str
    day: int
    start: int
    touched: bool


class Lifted(NamedTuple):
    """What is not asked for."""

    ceilings: bool = False
    canteen: bool = False
    touched: bool = False


NOTHING = Lifted()
EMPTY = Lifted(ceilings=True, touched=True)
HUNGRY = Lifted(ceilings=True, canteen=True, touched=True)


class Truth:
    """A week and a plan of it, looked at by nothing but the contract."""

    legs: dict[tuple[object, ...], int]

    def __init__(self, week: Week, plan: Plan, like: "Truth | None" = None) -> None:
        self.week, self.plan = week, plan
        self.people, self.visits, self.elders = by_id(week.volunteers), by_id(week.visits), by_id(week.elders)
        self.canteens, self.places = by_id(week.canteens), by_id(week.places)
        self.number = like.number if like else {place.id: index for index, place in enumerate(week.places)}
        self.legs = like.legs if like else {}
        self.stops = {(route.volunteer, route.window): route.stops for route in plan.routes}
        self.pins = {pin.visit: pin for pin in week.pins}
        self.seconds = self._seconds(plan)
        self.before = self._doors(week.baseline.routes if week.baseline else ())
        self.touched_now = {name for name in self.people if self._touched(name, self._doors(plan.routes).get(name, {}))}

    def leg(self, mode: str, origin: str, target: str) -> int:
        """Minutes from door to door."""
        if origin == target:
            return 0
        key = (mode, origin, target)
        if key not in self.legs:
            travel = self.week.travel
            if travel.minutes is not None:
                self.legs[key] = travel.minutes[mode][self.number[origin]][self.number[target]]
            else:
                way = math.ceil(travel.detour * self.metres(origin, target) / travel.pace[mode] - 1e-9)
                self.legs[key] = way + self.places[target].access
        return self.legs[key]

    def metres(self, origin: str, target: str) -> float:
        """Metres as the crow flies."""
        a, b = self.places[origin], self.places[target]
        return great_circle((a.lat, a.lon), (b.lat, b.lon), radius=EARTH_KM).m

    def where(self, stop: Stop) -> str:
        """The place of a stop."""
        return self.canteens[stop.pickup].place if isinstance(stop, PickupStop) else self.elders[self.visits[stop.visit].elder].place

    def _seconds(self, plan: Plan) -> set[tuple[str, str]]:
        crews = defaultdict(list)
        for one in self.week.volunteers:
            for route in plan.routes:
                for stop in route.stops if route.volunteer == one.id else ():
                    if isinstance(stop, VisitStop):
                        crews[stop.visit].append(one.id)
        return {(name, self.second(self.visits[name], crew)) for name, crew in crews.items() if len(crew) == 2}

    def second(self, visit: Visit, crew: list[str]) -> str:
        """Who of two, in the week's order, is the second: the later one unless only the other way round suits."""
        one, two = crew
        return one if self._suit(visit, two, one) and not self._suit(visit, one, two) else two

    def _suit(self, visit: Visit, first: str, second: str) -> bool:
        seats = visit, visit.second or visit
        return all(
            set(seat.skills) <= set(self.people[name].skills) and seat.gender in {None, self.people[name].gender}
            for seat, name in zip(seats, (first, second), strict=True)
        )

    def minutes(self, visit: Visit, who: str | None) -> int:
        """How long somebody works at a visit."""
        other = visit.second.minutes if visit.second and (visit.id, who) in self.seconds else None
        return other or visit.minutes

    def span(self, stop: Stop, who: str | None = None) -> tuple[int, int]:
        """When a stop begins and ends for somebody."""
        if isinstance(stop, PickupStop):
            return stop.at, stop.at
        visit = self.visits[stop.visit]
        return stop.start, stop.start + self.minutes(visit, who)

    def work(self, one: Volunteer, stops: tuple[Stop, ...]) -> int:
        """Travel and minutes at doors of a trip."""
        if not stops:
            return 0
        places = [one.place, *map(self.where, stops), one.place]
        return sum(self.leg(one.mode, a, b) for a, b in pairwise(places)) + sum(
            b - a for a, b in (self.span(stop, one.id) for stop in stops)
        )

    def in_time(self, one: Volunteer, window: int, stops: tuple[Stop, ...]) -> bool:
        """Whether a trip keeps its window, and nobody is anywhere before they can be."""
        _, opens, closes = one.windows[window]
        here, now = one.place, opens
        for stop in stops:
            begin, end = self.span(stop, one.id)
            if begin < now + self.leg(one.mode, here, self.where(stop)):
                return False
            here, now = self.where(stop), end
        return now + self.leg(one.mode, here, one.place) <= closes

    def fed(self, one: Volunteer, stops: tuple[Stop, ...]) -> bool:
        """Whether pick-ups, boxes, trips and hot food hold."""
        aboard: dict[str, int] = {}
        pickups = 0
        for place, stop in enumerate(stops):
            if isinstance(stop, PickupStop):
                pickups += 1
                kitchen = self.canteens[stop.pickup]
                later = {each.visit for each in stops[place:] if isinstance(each, VisitStop)}
                until = ALWAYS if kitchen.until is None else kitchen.until
                if not kitchen.ready <= stop.at <= until or not set(stop.visits) <= later:
                    return False
                if any(self.visits[name].canteen != stop.pickup or name in aboard for name in stop.visits):
                    return False
                aboard |= dict.fromkeys(stop.visits, stop.at)
                if sum(self.visits[name].boxes for name in aboard) > one.boxes:
                    return False
            elif self.visits[stop.visit].canteen is not None:
                hot = self.canteens[self.visits[stop.visit].canteen].hot
                if stop.visit not in aboard:
                    return False
                if hot is not None and self.span(stop)[1] - aboard.pop(stop.visit) > hot:
                    return False
                aboard.pop(stop.visit, None)
        return one.trips is None or pickups <= one.trips

    def late_enough(self, day: int, stops: tuple[Stop, ...]) -> bool:
        """Whether no stop but pinned ones is before the moment the plan starts from."""
        moment = self.week.from_
        if moment is None:
            return True
        names = [(self.span(stop)[0], stop.visits if isinstance(stop, PickupStop) else (stop.visit,)) for stop in stops]
        return all((day, at) >= moment or set(of) <= self.pins.keys() for at, of in names)

    def with_visit(self, visit: Visit, stops: tuple[Stop, ...], gap: int, start: int, mode: str) -> Iterator[tuple[Stop, ...]]:
        """Every way to write the door into a gap; a pick-up of its own is as late as can be, which suits hot food best."""
        door = VisitStop(visit=visit.id, start=start)
        if visit.canteen is None:
            yield (*stops[:gap], door, *stops[gap:])
            return
        kitchen = self.canteens[visit.canteen]
        for index, stop in enumerate(stops[:gap]):
            if isinstance(stop, PickupStop) and stop.pickup == kitchen.id:
                joined = PickupStop(pickup=kitchen.id, at=stop.at, visits=(*stop.visits, visit.id))
                yield (*stops[:index], joined, *stops[index + 1 : gap], door, *stops[gap:])
        for fetch in range(gap + 1):
            after = door if fetch == gap else stops[fetch]
            at = self.span(after)[0] - self.leg(mode, kitchen.place, self.where(after))
            at = at if kitchen.until is None else min(at, kitchen.until)
            yield (*stops[:fetch], PickupStop(pickup=kitchen.id, at=at, visits=(visit.id,)), *stops[fetch:gap], door, *stops[gap:])

    def seats(self, visit: Visit, one: Volunteer, lifted: Lifted, *, empty: bool = False) -> Iterator[Seat]:
        """Every minute at which this person could be at the door, all that stands left standing."""
        pin = self.pins.get(visit.id)
        days = set(visit.days) if pin is None else {pin.day} & set(visit.days)
        for window, (day, opens, closes) in enumerate(one.windows):
            if day not in days or opens == closes:
                continue
            stops = () if empty else self.stops.get((one.id, window), ())
            for gap, start in self._starts(visit, one, stops, (opens, closes)):
                for after in self.with_visit(visit, stops, gap, start, one.mode):
                    if self._holds(one, window, after, lifted, empty=empty):
                        yield Seat(one.id, day, start, self._touched_with(one.id, window, after))

    def _starts(self, visit: Visit, one: Volunteer, stops: tuple[Stop, ...], window: tuple[int, int]) -> Iterator[tuple[int, int]]:
        pin, door = self.pins.get(visit.id), self.elders[visit.elder].place
        for gap in range(len(stops) + 1):
            mine = self.minutes(visit, one.id)
            first, last = max(visit.window[0], window[0]), min(visit.window[1] - visit.lasts, window[1] - mine)
            # A way over a canteen may be the shorter one where minutes are given, so meals are only tried.
            if visit.canteen is None and gap > 0:
                first = max(first, self.span(stops[gap - 1], one.id)[1] + self.leg(one.mode, self.where(stops[gap - 1]), door))
            if visit.canteen is None and gap < len(stops):
                last = min(last, self.span(stops[gap])[0] - self.leg(one.mode, door, self.where(stops[gap])) - mine)
            yield from ((gap, start) for start in range(first, last + 1) if pin is None or pin.start in {None, start})

    def _holds(self, one: Volunteer, window: int, after: tuple[Stop, ...], lifted: Lifted, *, empty: bool) -> bool:
        day = one.windows[window].day
        if not self.in_time(one, window, after) or not self.late_enough(day, after) or not self.fed(one, after):
            return False
        if lifted.ceilings:
            return True
        others = {at: stops for (name, at), stops in self.stops.items() if name == one.id and at != window and not empty}
        spent = [(one.windows[at].day, self.work(one, stops)) for at, stops in (others | {window: after}).items()]
        spent += one.used
        return sum(minutes for on, minutes in spent if on == day) <= one.max_day and sum(minutes for _, minutes in spent) <= one.max_week

    def _doors(self, routes: tuple[Route, ...]) -> dict[str, dict[tuple[str, int], int]]:
        doors: dict[str, dict[tuple[str, int], int]] = {}
        for route in routes:
            if route.volunteer in self.people:
                day = self.people[route.volunteer].windows[route.window].day
                mine = doors.setdefault(route.volunteer, {})
                mine |= {(stop.visit, day): stop.start for stop in route.stops if isinstance(stop, VisitStop) and stop.visit in self.visits}
        return doors

    def _touched(self, name: str, now: dict[tuple[str, int], int]) -> bool:
        was = self.before.get(name, {})
        return self.week.baseline is not None and (was.keys() != now.keys() or any(abs(now[door] - was[door]) > 15 for door in now))

    def _touched_with(self, name: str, window: int, after: tuple[Stop, ...]) -> bool:
        if self.week.baseline is None:
            return False
        routes = [route for route in self.plan.routes if (route.volunteer, route.window) != (name, window)]
        now = self._doors((*routes, Route(volunteer=name, window=window, stops=after)))
        return self._touched(name, now.get(name, {}))

    def skilled(self, visit: Visit) -> tuple[set[str], set[str]]:
        """Who has the skills for the first seat, and who for the second."""
        second = visit.second.skills if visit.second else visit.skills
        return tuple({name for name, one in self.people.items() if set(skills) <= set(one.skills)} for skills in (visit.skills, second))

    def allowed(self, visit: Visit) -> tuple[set[str], set[str]]:
        """Who may come besides, for each seat."""
        elder = self.elders[visit.elder]
        second = visit.second.gender if visit.second else visit.gender
        found = []
        for able, gender in zip(self.skilled(visit), (visit.gender, second), strict=True):
            found.append({
                name for name in able - set(elder.excluded)
                if gender in {None, self.people[name].gender} and self._near(self.people[name], elder.place)
            })  # fmt: skip
        return tuple(found)

    def _near(self, one: Volunteer, door: str) -> bool:
        return one.radius is None or self.metres(one.place, door) <= one.radius + 1e-6

    def crews(self, visit: Visit, lifted: Lifted = NOTHING, *, empty: bool = False, one_is: str | None = None) -> set[frozenset[str]]:
        """Everybody, or every two, who could serve the visit; with `one_is`, only those with that person."""
        if lifted.canteen and visit.canteen is not None:
            visit = _without_canteen(visit)
            return Truth(_with(self.week, visit), self.plan, self).crews(visit, EMPTY, empty=empty)
        pin = self.pins.get(visit.id)
        if pin is not None and len(pin.volunteers) > visit.crew:
            return set()
        first, second = self.allowed(visit)
        most = ALWAYS if lifted.touched or self.week.max_touched is None else self.week.max_touched
        wanted = set() if pin is None else set(pin.volunteers)
        seats, seconds = {}, self.seconds
        for as_second in (False, True):
            for name in first | second:
                self.seconds = seconds | ({(visit.id, name)} if as_second else set())
                if one_is is None or visit.crew > 1 or one_is == name:
                    seats[name, as_second] = set(self.seats(visit, self.people[name], lifted, empty=empty))
        self.seconds = seconds
        found = set()
        for a in first & {name for name, _ in seats}:
            for b in [a] if visit.crew == 1 else second & {name for name, _ in seats} - {a}:
                asked = wanted <= {a, b} and (one_is is None or one_is in {a, b})
                in_turn = visit.crew == 1 or not visit.is_uneven or self.second(visit, sorted((a, b), key=list(self.people).index)) == b
                if asked and in_turn and any(self._meet(one, other, most) for one in seats[a, False] for other in seats[b, visit.crew > 1]):
                    found.add(frozenset({a, b}))
        return found

    def _meet(self, one: Seat, other: Seat, most: int) -> bool:
        if (one.day, one.start) != (other.day, other.start):
            return False
        after = self.touched_now - {one.person, other.person} | {seat.person for seat in (one, other) if seat.touched}
        return len(after) <= most

    def reason(self, visit: Visit) -> tuple[str, set[str]]:
        """The first reason that applies, and whom it turns on."""
        here = self.crews(visit)
        if here:
            return "search", _members(here)
        if visit.id in self.pins:
            return "pin", set(self.pins[visit.id].volunteers)
        first, second = self.skilled(visit)
        if not _enough(visit, first, second):
            return "no_skill", first | second
        may_first, may_second = self.allowed(visit)
        if not _enough(visit, may_first, may_second):
            return "not_allowed", (first - may_first) | (second - may_second)
        hungry = self.crews(visit, HUNGRY, empty=True)
        if not hungry:
            return "no_window", may_first | may_second
        fits = self.crews(visit, EMPTY, empty=True)
        if not fits:
            return "canteen", _members(hungry)
        return ("ceiling" if fits <= self.crews(visit, Lifted(ceilings=True)) else "taken"), _members(fits)


def _members(crews: set[frozenset[str]]) -> set[str]:
    return {name for crew in crews for name in crew}


def _enough(visit: Visit, first: set[str], second: set[str]) -> bool:
    return bool(first) if visit.crew == 1 else any(a != b for a in first for b in second)


def _without_canteen(visit: Visit) -> Visit:
    return replace(visit, canteen=None, boxes=0)


def _with(week: Week, visit: Visit) -> Week:
    return replace(week, visits=tuple(visit if one.id == visit.id else one for one in week.visits))
