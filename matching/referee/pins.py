"""The referee's own trial of pins left out: whether the plan could take the visit as pinned, all else as it stands.

It puts the visit into every gap and lets the referee's rules judge the result. That is slow and simple on purpose:
it shares nothing with the insertion test of the engine, and tests hold the two against each other.
"""

from collections.abc import Callable, Iterator
from copy import copy
from itertools import combinations, product
from typing import NamedTuple

from matching.model import DAY, PickupStop, Pin, Plan, Route, Stop, Visit, VisitStop, Volunteer
from matching.referee.case import UNTOUCHED_SHIFT, Case, Trip, touched_people
from matching.referee.seats import seconds

Stands = Callable[[Case, str], bool]


class Way(NamedTuple):
    """One place in a volunteer's week: the trip it joins, the gap, and where its box is picked up, if it has one.

    `join` is the index of a pick-up it joins, `fetch` the gap of a pick-up of its own.
    """

    trip: Trip
    gap: int
    join: int | None
    fetch: int | None


def left_out(case: Case, stands: Stands) -> Iterator[str]:
    """Name the pinned visits that are not served although the plan could take them as pinned."""
    for pin in case.week.pins:
        if pin.visit not in case.served and could_take(case, pin, stands):
            yield pin.visit


def could_take(case: Case, pin: Pin, stands: Stands) -> bool:
    """Say whether the visit fits into the plan with these people, on this day, at this minute if there is one."""
    visit = case.visits[pin.visit]
    free = visit.crew - len(pin.volunteers)
    if free < 0 or pin.day not in visit.days:
        return False
    named = [list(_ways(case, case.volunteers[name], visit, pin, stands)) for name in pin.volunteers]
    if not all(named):
        return False
    others = [one for one in case.week.volunteers if one.id not in pin.volunteers] if free else []
    spare = [ways for one in others if (ways := list(_ways(case, one, visit, pin, stands)))]
    return any(_together(case, visit, pin, members, stands) for extra in combinations(spare, free) for members in product(*named, *extra))


def _ways(case: Case, volunteer: Volunteer, visit: Visit, pin: Pin, stands: Stands) -> Iterator[Way]:
    """Give the ways that break no rule of the volunteer's own routes at the earliest start."""
    driven = {trip.route.window: trip for trip in case.trips if trip.volunteer is volunteer}
    for index, window in enumerate(volunteer.windows):
        if window.day != pin.day:
            continue
        empty = Trip(volunteer, window, Route(volunteer=volunteer.id, window=index, stops=()))
        for way in _gaps(driven.get(index, empty), visit):
            start = _earliest(case, way, visit) if pin.start is None else pin.start
            if any(_stands_alone(_trial(case, visit, (way,), start, seat=seat), stands) for seat in range(1 + visit.is_uneven)):
                yield way


def _stands_alone(trial: Case, stands: Stands) -> bool:
    return stands(trial, "")


def _gaps(trip: Trip, visit: Visit) -> Iterator[Way]:
    stops = trip.route.stops
    for gap in range(len(stops) + 1):
        if visit.canteen is None:
            yield Way(trip, gap, None, None)
            continue
        for index, stop in enumerate(stops[:gap]):
            if isinstance(stop, PickupStop) and stop.pickup == visit.canteen:
                yield Way(trip, gap, index, None)
        for fetch in range(gap + 1):
            yield Way(trip, gap, None, fetch)


def _ready(case: Case, trip: Trip, gap: int, place: str) -> int:
    """Find the earliest minute the volunteer can be at a place in a gap."""
    mode, home = trip.volunteer.mode, trip.volunteer.place
    if gap == 0:
        return trip.window.start + case.leg(mode, home, place)
    before = trip.route.stops[gap - 1]
    return case.end(trip, before) + case.leg(mode, case.place(before), place)


def _earliest(case: Case, way: Way, visit: Visit) -> int:
    door = case.elders[visit.elder].place
    if way.fetch != way.gap or visit.canteen is None:
        return max(visit.window[0], _ready(case, way.trip, way.gap, door))
    kitchen = case.canteens[visit.canteen]
    at = max(kitchen.ready, _ready(case, way.trip, way.gap, kitchen.place))
    return max(visit.window[0], at + case.leg(way.trip.volunteer.mode, kitchen.place, door))


def _with_visit(case: Case, way: Way, visit: Visit, start: int) -> Route:
    """Write the route with the visit in it; a pick-up of its own is as late as the stop after it allows."""
    stops: list[Stop] = list(way.trip.route.stops)
    door = VisitStop(visit=visit.id, start=start)
    after = stops[way.fetch] if way.fetch is not None and way.fetch < way.gap else door
    stops.insert(way.gap, door)
    if way.join is not None:
        joined = stops[way.join]
        if isinstance(joined, PickupStop):
            stops[way.join] = PickupStop(pickup=joined.pickup, at=joined.at, visits=(*joined.visits, visit.id))
    if way.fetch is not None and visit.canteen is not None:
        kitchen = case.canteens[visit.canteen]
        time = after.at if isinstance(after, PickupStop) else after.start
        at = time - case.leg(way.trip.volunteer.mode, kitchen.place, case.place(after))
        at = at if kitchen.until is None else min(at, kitchen.until)
        stops.insert(way.fetch, PickupStop(pickup=kitchen.id, at=at, visits=(visit.id,)))
    return Route(volunteer=way.trip.volunteer.id, window=way.trip.route.window, stops=tuple(stops))


def _trial(case: Case, visit: Visit, members: tuple[Way, ...], start: int, *, whole: bool = False, seat: int = 0) -> Case:
    """Lay the plan with the visit beside the week: only the routes of its people, or the whole plan; one alone takes a seat of the crew."""
    who = {way.trip.volunteer.id for way in members}
    changed = {(way.trip.volunteer.id, way.trip.route.window) for way in members}
    kept = [
        trip.route for trip in case.trips if (whole or trip.volunteer.id in who) and (trip.volunteer.id, trip.route.window) not in changed
    ]
    routes = (*kept, *(_with_visit(case, way, visit, start) for way in members))
    trial = copy(case)
    crew = {visit.id: [way.trip.volunteer for way in members]}
    mine = seconds(case.visits, crew, case.rank) if len(members) > 1 else {(visit.id, one) for one in who if seat}
    trial.take(Plan(week=case.week.name, routes=routes), case.seconds | mine)
    return trial


def _together(case: Case, visit: Visit, pin: Pin, members: tuple[Way, ...], stands: Stands) -> bool:
    starts = [pin.start] if pin.start is not None else _starts(case, visit, members)
    tied = _tied(case, visit)
    for start in starts:
        if stands(_trial(case, visit, members, start, whole=bool(tied)), visit.id):
            most = case.week.max_touched
            if most is None or len(touched_people(_trial(case, visit, members, start, whole=True))) <= most:
                return True
    return False


def _starts(case: Case, visit: Visit, members: tuple[Way, ...]) -> list[int]:
    """Give the earliest common start, and the later ones at which a person counts as untouched again."""
    first = max(_earliest(case, way, visit) for way in members)
    earlier = case.week.baseline.routes if case.week.baseline is not None else ()
    known = [
        stop.start - UNTOUCHED_SHIFT for route in earlier for stop in route.stops if isinstance(stop, VisitStop) and stop.visit == visit.id
    ]
    known += [start for each in _tied(case, visit) for start in _beside(case, visit, _day_of(members), each)]
    return [first, *(start for start in known if start > first)]


def _day_of(members: tuple[Way, ...]) -> int:
    """Find the day of these places."""
    return members[0].trip.window.day


def _tied(case: Case, visit: Visit) -> list[tuple[str, int, int]]:
    """Give the other visits a visit is kept apart from in time, with the least and the greatest gap."""
    far = case.week.days * DAY
    found = [
        (each.visits[visit.id == each.visits[0]], each.gap[0], far if each.gap[1] is None else each.gap[1])
        for each in case.week.apart
        if each.gap is not None and visit.id in each.visits
    ]
    if not case.elders[visit.elder].at_once:
        found += [(one.id, 0, far) for one in case.week.visits if one.elder == visit.elder and one is not visit]
    return [each for each in found if each[0] in case.served]


def _beside(case: Case, visit: Visit, day: int, tie: tuple[str, int, int]) -> tuple[int, int]:
    """Give the first minute behind another visit, and the first one before it, at which the gap between them holds."""
    other, least, most = tie
    served = case.served[other][0]
    begins = (served.trip.window.day - day) * DAY + served.start
    return begins + case.visits[other].lasts + least, begins - most - visit.lasts
