"""The trips of a plan as they are lived: when home is left, what is done where and when, when home is reached."""

from collections.abc import Iterator
from dataclasses import dataclass

from matching.crews import Seconds, seconds
from matching.model import PickupStop, Plan, Route, Visit, Week, by_id
from matching.travel import Roads


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One stop of a trip; minutes of the day, `way` the minutes of travel to it, `place` its position in the week's list of places."""

    name: str
    place: int
    way: int
    begins: int
    ends: int
    elder: str = ""
    kind: str = ""
    meals: tuple[str, ...] = ()

    @property
    def is_pickup(self) -> bool:
        """Whether boxes are taken aboard here."""
        return bool(self.meals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What one volunteer does in one window, from home back home."""

    volunteer: str
    mode: str
    day: int
    home: int
    leaves: int
    calls: tuple[Call, ...]
    back: int
    way_home: int

    @property
    def travel(self) -> int:
        """The minutes of travel, home to home."""
        return sum(call.way for call in self.calls) + self.way_home


def trips(week: Week, plan: Plan) -> list[Trip]:
    """Give the trips of a plan, day by day in the order in which people leave home.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it; only its routes are looked at.

    Returns
    -------
    list of Trip
        One for each route.
    """
    journey = _Journey(week, seconds(week, plan))
    return sorted((journey.trip(route) for route in plan.routes), key=lambda trip: (trip.day, trip.leaves, trip.volunteer))


class _Journey:
    """Finds the ways of a week."""

    def __init__(self, week: Week, seconds_are: Seconds) -> None:
        self.seconds = seconds_are
        self.roads = Roads(week)
        self.volunteers, self.visits = by_id(week.volunteers), by_id(week.visits)
        self.elders, self.canteens = by_id(week.elders), by_id(week.canteens)

    def trip(self, route: Route) -> Trip:
        """Live one route."""
        volunteer = self.volunteers[route.volunteer]
        home = here = self.roads.index[volunteer.place]
        calls: list[Call] = []
        for call in self._calls(route):
            way = 0 if call.place == here else self.roads.between(volunteer.mode, here, call.place)
            calls.append(_reached(call, way))
            here = call.place
        way_home = 0 if here == home else self.roads.between(volunteer.mode, here, home)
        return Trip(
            volunteer=volunteer.id,
            mode=volunteer.mode,
            day=volunteer.windows[route.window].day,
            home=home,
            leaves=calls[0].begins - calls[0].way,
            calls=tuple(calls),
            back=calls[-1].ends + way_home,
            way_home=way_home,
        )

    def _calls(self, route: Route) -> Iterator[Call]:
        for stop in route.stops:
            if isinstance(stop, PickupStop):
                place = self.roads.index[self.canteens[stop.pickup].place]
                yield Call(name=stop.pickup, place=place, way=0, begins=stop.at, ends=stop.at, meals=stop.visits)
            else:
                visit = self.visits[stop.visit]
                minutes = visit.minutes_of_second if (visit.id, route.volunteer) in self.seconds else visit.minutes
                yield self._door(visit, stop.start, minutes)

    def _door(self, visit: Visit, start: int, minutes: int) -> Call:
        place = self.roads.index[self.elders[visit.elder].place]
        return Call(name=visit.id, place=place, way=0, begins=start, ends=start + minutes, elder=visit.elder, kind=visit.kind)


def _reached(call: Call, way: int) -> Call:
    """Give a stop with the way to it."""
    return Call(
        name=call.name, place=call.place, way=way, begins=call.begins, ends=call.ends, elder=call.elder, kind=call.kind, meals=call.meals
    )
