"""A week and a plan side by side, as the referee sees them: places, times, work and the score.

Everything here follows contract sections 3 and 4 and is shared with nobody but the referee.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from matching.model import PickupStop, Plan, Route, Score, Stop, Visit, VisitStop, Volunteer, Week, Window, by_id
from matching.referee.seats import Seated, seconds

EARTH_METRES = 6_371_009.0
UNTOUCHED_SHIFT = 15
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Trip:
    """One route with the volunteer and the window it stands for."""

    volunteer: Volunteer
    window: Window
    route: Route


@dataclass(frozen=True, slots=True)
class Served:
    """One stop at a door."""

    trip: Trip
    start: int


class Case:
    """A week and a plan laid side by side."""

    def __init__(self, week: Week, plan: Plan) -> None:
        self.week = week
        self.volunteers = by_id(week.volunteers)
        self.visits = by_id(week.visits)
        self.elders = by_id(week.elders)
        self.canteens = by_id(week.canteens)
        self.pins = {pin.visit: pin for pin in week.pins}
        self.number = {place.id: index for index, place in enumerate(week.places)}
        self.rank = {one.id: index for index, one in enumerate(week.volunteers)}
        self.uneven = [one.id for one in week.visits if one.is_uneven]
        self._legs: dict[tuple[str, str, str], int] = {}
        self.take(plan)

    def take(self, plan: Plan, seconds_are: Seated | None = None) -> None:
        """Lay another plan of the same week beside it; where that is a part of one, who is the second of a crew is said."""
        self.trips = [self.trip(route) for route in plan.routes]
        self.served: dict[str, list[Served]] = defaultdict(list)
        for trip in self.trips:
            for stop in trip.route.stops:
                if isinstance(stop, VisitStop):
                    self.served[stop.visit].append(Served(trip, stop.start))
        crews = {name: [served.trip.volunteer for served in self.served[name]] for name in self.uneven if name in self.served}
        self.seconds = seconds(self.visits, crews, self.rank) if seconds_are is None else seconds_are

    def trip(self, route: Route) -> Trip:
        """Find the volunteer and window of a route."""
        volunteer = self.volunteers[route.volunteer]
        return Trip(volunteer, volunteer.windows[route.window], route)

    def place(self, stop: Stop) -> str:
        """Find where a stop is."""
        if isinstance(stop, PickupStop):
            return self.canteens[stop.pickup].place
        return self.elders[self.visits[stop.visit].elder].place

    def minutes(self, volunteer: Volunteer, name: str) -> int:
        """Count the minutes somebody works at a visit."""
        visit = self.visits[name]
        return visit.minutes_of_second if (name, volunteer.id) in self.seconds else visit.minutes

    def end(self, trip: Trip, stop: Stop) -> int:
        """Find the minute a stop is over for whoever makes it."""
        return stop.at if isinstance(stop, PickupStop) else stop.start + self.minutes(trip.volunteer, stop.visit)

    def metres(self, origin: str, target: str) -> float | None:
        """Measure the great circle between two places; None where one has no coordinates."""
        a, b = self.week.places[self.number[origin]], self.week.places[self.number[target]]
        if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
            return None
        lat_a, lat_b, turn = math.radians(a.lat), math.radians(b.lat), math.radians(b.lon) - math.radians(a.lon)
        along = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(turn)
        across = math.cos(lat_b) * math.sin(turn)
        beside = math.sin(lat_a) * math.sin(lat_b) + math.cos(lat_a) * math.cos(lat_b) * math.cos(turn)
        return math.atan2(math.sqrt(across**2 + along**2), beside) * EARTH_METRES

    def leg(self, mode: str, origin: str, target: str) -> int:
        """Count the minutes from place to place, the way to the door included."""
        if origin == target:
            return 0
        key = (mode, origin, target)
        if key not in self._legs:
            self._legs[key] = self._leg(mode, origin, target)
        return self._legs[key]

    def _leg(self, mode: str, origin: str, target: str) -> int:
        travel = self.week.travel
        if travel.minutes is not None:
            return travel.minutes[mode][self.number[origin]][self.number[target]]
        metres = self.metres(origin, target)
        if travel.detour is None or travel.pace is None or metres is None:
            message = "a week without matrices needs detour, pace and coordinates"
            raise ValueError(message)
        way = math.ceil(travel.detour * metres / travel.pace[mode] - ROUNDING)
        return way + self.week.places[self.number[target]].access

    def travel(self, trip: Trip) -> int:
        """Count the travel minutes of a trip, home to home."""
        home = trip.volunteer.place
        places = [home, *map(self.place, trip.route.stops), home]
        return sum(self.leg(trip.volunteer.mode, a, b) for a, b in pairwise(places))

    def work(self, trip: Trip) -> int:
        """Count the minutes of work of a trip: travel and visits, no waiting."""
        doors = (self.minutes(trip.volunteer, stop.visit) for stop in trip.route.stops if isinstance(stop, VisitStop))
        return self.travel(trip) + sum(doors)


def score(case: Case) -> Score:
    """Add up what the plan reaches."""
    weights = case.week.weights
    travel = sum(map(case.travel, case.trips))
    faces = len(_new_faces(case))
    work = work_by_volunteer(case)
    shares = [
        (work.get(one.id, 0) + sum(minutes for _, minutes in one.used)) ** 2 / one.max_week
        for one in case.week.volunteers
        if one.used or one.id in work
    ]
    fairness = math.fsum(shares)
    people = len(touched_people(case))
    cost = weights.travel * travel + weights.new_face * faces + weights.fairness * fairness + weights.touched * people
    return Score(
        served=len(case.served),
        served_weight=sum(case.visits[name].weight for name in case.served),
        travel=travel,
        new_faces=faces,
        fairness=round(fairness, 1),
        touched=people,
        cost=round(float(cost), 1),
    )


def touched_people(case: Case) -> set[str]:
    """Find whose week differs from the baseline: other visits or days, or a start moved by more than 15 minutes."""
    if case.week.baseline is None:
        return set()
    before: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
    for route in case.week.baseline.routes:
        if route.volunteer in case.volunteers:
            trip = case.trip(route)
            before[route.volunteer] |= set(_doors_of(trip, case.visits))
    after: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
    for trip in case.trips:
        after[trip.volunteer.id] |= set(_doors_of(trip, case.visits))
    return {name for name in before.keys() | after.keys() if _moved(before.get(name, set()), after.get(name, set()))}


def _doors_of(trip: Trip, known: Mapping[str, Visit]) -> Iterator[tuple[str, int, int]]:
    for stop in trip.route.stops:
        if isinstance(stop, VisitStop) and stop.visit in known:
            yield stop.visit, trip.window.day, stop.start


def _moved(before: set[tuple[str, int, int]], after: set[tuple[str, int, int]]) -> bool:
    starts = {(visit, on): start for visit, on, start in before}
    if starts.keys() != {(visit, on) for visit, on, _ in after}:
        return True
    return any(abs(start - starts[visit, on]) > UNTOUCHED_SHIFT for visit, on, start in after)


def _new_faces(case: Case) -> set[tuple[str, str]]:
    faces = {(visit.elder, served.trip.volunteer.id) for visit, served in doors(case)}
    return {(elder, who) for elder, who in faces - case.week.history if who not in case.elders[elder].preferred}


def work_by_day(case: Case) -> Counter[tuple[str, int]]:
    """Count the minutes each volunteer works on each day."""
    work: Counter[tuple[str, int]] = Counter()
    for trip in case.trips:
        work[trip.volunteer.id, trip.window.day] += case.work(trip)
    return work


def work_by_volunteer(case: Case) -> Counter[str]:
    """Count the minutes each volunteer works in the week."""
    work: Counter[str] = Counter()
    for trip in case.trips:
        work[trip.volunteer.id] += case.work(trip)
    return work


def doors(case: Case) -> Iterator[tuple[Visit, Served]]:
    """Give every stop at a door with its visit."""
    for name, crew_ in case.served.items():
        for served in crew_:
            yield case.visits[name], served
