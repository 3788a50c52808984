"""One more visit put into a standing plan: the best way for each volunteer, its cost, and the plan with it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from matching.advice.openings import NONE, Ask, Openings, ask, calm, day_of, open_windows, openings, over_day, over_week
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import FAR, Bools, Ground
from matching.model import PickupStop, Plan, Route, Stop, Visit, VisitStop, Week
from matching.travel import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """One way to serve a visit: who, when, what it adds to the cost, and the routes it changes."""

    visit: str
    volunteers: tuple[str, ...]
    day: int
    start: int
    cost_delta: float
    travel: int
    new_routes: tuple[Route, ...]


class Seat(NamedTuple):
    """One opening taken: its row and the start."""

    row: int
    start: int


class Choices(NamedTuple):
    """The openings of a visit that keep the rules, with the day, the touch and the seats beside each."""

    found: Openings
    day: Ints
    extra_touched: Ints
    first: Bools
    second: Bools


def insertions(week: Week, plan: Plan, visit: str, *, lift: Collection[str] = ()) -> list[Insertion]:
    """Find the best way for each volunteer to serve one more visit, all else of the plan as it stands.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it that does not serve the visit.
    visit : str
        The id of the visit.
    lift : collection of str
        Names of rules to lift: "max_day", "max_week", "touched", "canteen".

    Returns
    -------
    list of Insertion
        The cheapest first; for a crew each volunteer stands there with the best partner.
    """
    return insertions_into(Standing(Ground(week), plan), visit, lift=lift)


def insertions_into(standing: Standing, visit: str, *, lift: Collection[str] = ()) -> list[Insertion]:
    """Find the same for a plan that is laid out already."""
    asked = ask(standing.ground, standing.ground.visits[visit], meal="canteen" not in lift)
    return best_of(standing, asked, choices(standing, asked, allowed(standing.ground, asked), lift=lift), lift=lift)


def allowed(ground: Ground, asked: Ask) -> Bools:
    """Say for each volunteer whether the elder, the radius and a pin for one person let them come."""
    people = ground.wanted(asked.visit) & ground.near(asked.visit)
    pin = ground.pins.get(asked.visit.id)
    if pin is not None and len(pin.volunteers) >= asked.visit.crew:
        named = np.zeros(len(people), dtype=bool)
        named[[ground.person[name] for name in pin.volunteers]] = True
        people &= named if len(pin.volunteers) == asked.visit.crew else False
    return people


def choices(standing: Standing, asked: Ask, people: Bools, *, lift: Collection[str] = ()) -> Choices:
    """Find the openings of these people that keep the ceilings and for one person `touched`."""
    ground = standing.ground
    first, second = ground.seats(asked.visit)
    found = openings(standing, asked, open_windows(ground, asked, people & (first | second)))
    return choose(standing, asked, found, (first, second), day_of(ground, found), lift=lift)


def choose(standing: Standing, asked: Ask, found: Openings, seats: tuple[Bools, Bools], day: Ints, *, lift: Collection[str]) -> Choices:
    """Keep the openings that keep the ceilings, the gaps to other visits and, for one person, `touched`."""
    found, day = apart(standing, asked, found, day)
    held = np.ones(len(found.lo), dtype=bool)
    if "max_day" not in lift:
        held &= over_day(standing, found, day) <= 0
    if "max_week" not in lift:
        held &= over_week(standing, found) <= 0
    found, day, after, before = calm(standing, asked, found.take(held), day[held])
    made = Choices(found, day, after - before, *taken_seats(asked.visit, seats, found))
    return made if asked.visit.crew > 1 or "touched" in lift else keep(made, made.extra_touched <= spare(standing))


def taken_seats(visit: Visit, seats: tuple[Bools, Bools], found: Openings) -> tuple[Bools, Bools]:
    """Say of each opening whether it is for the first seat and whether for the second, from who may take either."""
    first, second = seats
    return first[found.person] & (found.minutes == visit.minutes), second[found.person] & (found.minutes == visit.minutes_of_second)


def may_pair(ground: Ground, visit: Visit, first: int | Ints, second: Ints, either: tuple[Bools, Bools] | None = None) -> Bools:
    """Say whether people may be a crew in these seats: where either of two could be the first, who stands first in the week's list is.

    `either` says whether the first could take both seats and whether the second could, if that is not as it stands in the week.
    """
    result: Bools = second != first
    if visit.is_uneven:
        mine, others = either or (ground.either(visit), ground.either(visit))
        result &= ~(mine[first] & others[second] & (second < first))
    return result


def apart(standing: Standing, asked: Ask, found: Openings, day: Ints) -> tuple[Openings, Ints]:
    """Cut openings to the starts that what is served already leaves, and drop those of people who are to be others."""
    ground, visit = standing.ground, asked.visit
    if visit.id not in ground.ties.of:
        return found, day
    barred = [ground.person[name] for name in ground.ties.barred(visit.id, standing.moments)]
    rows = [np.zeros(0, dtype=np.int64)]
    lo, hi = list(rows), list(rows)
    for on in np.unique(day).tolist():
        mine = np.flatnonzero((day == on) & ~np.isin(found.person, barred))
        for first, last in ground.ties.stretches(visit, standing.moments, on):
            rows.append(mine)
            lo.append(np.maximum(found.lo[mine], first))
            hi.append(np.minimum(found.hi[mine], last))
    row = np.concatenate(rows)
    cut = found.take(row)._replace(lo=np.concatenate(lo), hi=np.concatenate(hi))
    held = cut.lo <= cut.hi
    return cut.take(held), day[row[held]]


def keep(made: Choices, chosen: Bools) -> Choices:
    """Keep some of the choices."""
    return Choices(
        made.found.take(chosen),
        made.day[chosen],
        made.extra_touched[chosen],
        made.first[chosen],
        made.second[chosen],
    )


def spare(standing: Standing) -> int:
    """Count how many more people may be touched."""
    most = standing.ground.week.max_touched
    return FAR if most is None or not standing.has_baseline else most - int(standing.touched.sum())


def costs(standing: Standing, asked: Ask, made: Choices) -> Floats:
    """Say what each choice adds to the cost of the plan."""
    ground, found = standing.ground, made.found
    weights = ground.week.weights
    work = standing.work_week[found.person].astype(float)
    more = work + found.added + found.minutes
    stranger = ~standing.familiar(asked.visit)[found.person]
    result: Floats = (
        weights.travel * found.added
        + weights.new_face * stranger
        + weights.fairness * (more**2 - work**2) / ground.max_week[found.person]
        + weights.touched * made.extra_touched
    )
    return result


def best_of(standing: Standing, asked: Ask, made: Choices, *, lift: Collection[str] = ()) -> list[Insertion]:
    """Write out the best way of each volunteer, the cheapest first."""
    cost = costs(standing, asked, made)
    if asked.visit.crew == 1:
        return [insertion(standing, asked, made, cost, (seat,)) for seat in _singles(standing.ground, made, cost)]
    room = FAR if "touched" in lift else spare(standing)
    best: dict[frozenset[str], Insertion] = {}
    for seats in pairs(standing.ground, asked, made, cost, room):
        found = insertion(standing, asked, made, cost, seats)
        best.setdefault(frozenset(found.volunteers), found)
    return sorted(best.values(), key=lambda one: (one.cost_delta, one.day, one.start, one.volunteers))


def _singles(ground: Ground, made: Choices, cost: Floats) -> list[Seat]:
    found = made.found
    rows = np.flatnonzero(made.first)
    order = rows[
        np.lexsort((found.gap[rows], found.lo[rows], made.day[rows], ground.id_order[found.person[rows]],
                    np.round(cost[rows], 6)))
    ]  # fmt: skip
    _, where = np.unique(found.person[order], return_index=True)
    return [Seat(int(row), int(found.lo[row])) for row in order[np.sort(where)]]


def named_beside(ground: Ground, asked: Ask, found: Openings) -> tuple[Ints, int]:
    """Say for each opening whether its volunteer is pinned to the visit, and how many are."""
    pin = ground.pins.get(asked.visit.id)
    if pin is None:
        return np.zeros(len(found.lo), dtype=np.int64), 0
    named = np.isin(found.person, [ground.person[name] for name in pin.volunteers])
    return named.astype(np.int64), len(pin.volunteers)


def pairs(ground: Ground, asked: Ask, made: Choices, cost: Floats, room: int) -> list[tuple[Seat, Seat]]:
    """Find for each volunteer the best pair they are one of."""
    found = made.found
    named, wanted = named_beside(ground, asked, found)
    others = np.flatnonzero(made.second)
    best: dict[int, tuple[float, int, int, int]] = {}
    for row in np.flatnonzero(made.first):
        start = np.maximum(found.lo[row], found.lo[others])
        fits = (made.day[others] == made.day[row]) & may_pair(ground, asked.visit, int(found.person[row]), found.person[others])
        fits &= start <= np.minimum(found.hi[row], found.hi[others])
        fits &= (made.extra_touched[others] + made.extra_touched[row] <= room) & (named[others] + named[row] >= wanted)
        rows, starts = others[fits], start[fits]
        sums = np.round(cost[rows] + cost[row], 6)
        for index in _first_of_each(found.person[rows], sums, starts):
            key = (float(sums[index]), int(starts[index]), int(row), int(rows[index]))
            for person in (int(found.person[row]), int(found.person[rows[index]])):
                best[person] = min(best.get(person, key), key)
    return [(Seat(row, start), Seat(other, start)) for _, start, row, other in sorted(best.values())]


def _first_of_each(person: Ints, cost: Floats, start: Ints) -> Ints:
    order = np.lexsort((start, cost))
    _, where = np.unique(person[order], return_index=True)
    result: Ints = order[where]
    return result


def insertion(standing: Standing, asked: Ask, made: Choices, cost: Floats, seats: tuple[Seat, ...]) -> Insertion:
    """Write out seats that were chosen as an insertion with its routes."""
    found = made.found
    people = standing.ground.week.volunteers
    return Insertion(
        visit=asked.visit.id,
        volunteers=tuple(people[found.person[seat.row]].id for seat in seats),
        day=int(made.day[seats[0].row]),
        start=seats[0].start,
        cost_delta=round(float(sum(cost[seat.row] for seat in seats)), 1),
        travel=int(sum(found.added[seat.row] for seat in seats)),
        new_routes=tuple(route_with(standing, asked, found, seat) for seat in seats),
    )


def route_with(standing: Standing, asked: Ask, found: Openings, seat: Seat) -> Route:
    """Write the route of one seat with the visit in it."""
    ground, row = standing.ground, seat.row
    window = int(found.window[row])
    person = int(found.person[row])
    own = window - int(ground.first_window[person])
    first = int(standing.first_stop[window])
    stops = _stops_of(standing, ground.week.volunteers[person].id, own)
    position = int(standing.position[found.gap[row]])
    door = VisitStop(visit=asked.visit.id, start=seat.start)
    out: list[Stop] = [*stops[:position], door, *stops[position:]]
    if found.join[row] != NONE:
        index = int(found.join[row]) - first
        joined = stops[index]
        if isinstance(joined, PickupStop):
            out[index] = replace(joined, visits=(*joined.visits, asked.visit.id))
    elif found.fetch[row] != NONE and asked.visit.canteen is not None:
        at = int(found.at[row])
        if at == NONE:
            _, from_kitchen = ground.ways(asked.kitchen)
            at = min(asked.until, seat.start - int(from_kitchen[ground.mode[person], asked.door]))
        pickup = PickupStop(pickup=asked.visit.canteen, at=at, visits=(asked.visit.id,))
        out.insert(int(standing.position[found.fetch[row]]), pickup)
    return Route(volunteer=ground.week.volunteers[person].id, window=own, stops=tuple(out))


def _stops_of(standing: Standing, volunteer: str, window: int) -> tuple[Stop, ...]:
    for route in standing.plan.routes:
        if route.volunteer == volunteer and route.window == window:
            return route.stops
    return ()


def apply(plan: Plan, taken: Insertion) -> Plan:
    """Put an insertion into the plan it was found for; what was proved and scored no longer stands."""
    changed = {(route.volunteer, route.window): route for route in taken.new_routes}
    routes = [changed.pop((route.volunteer, route.window), route) for route in plan.routes]
    return replace(
        draft(plan),
        routes=(*routes, *changed.values()),
        unserved=tuple(one for one in plan.unserved if one.visit != taken.visit),
    )


def without(plan: Plan, visit: str) -> Plan:
    """Take a visit out of a plan; a pick-up or route left empty goes, all else stays at its minute."""
    routes = []
    for route in plan.routes:
        stops = [_stop_without(stop, visit) for stop in route.stops]
        kept = tuple(stop for stop in stops if stop is not None)
        if kept:
            routes.append(route if kept == route.stops else replace(route, stops=kept))
    return replace(draft(plan), routes=tuple(routes))


def draft(plan: Plan) -> Plan:
    """Forget what was said about a plan whose routes change."""
    return replace(plan, status=None, score=None, bound=None, seed=None, seconds=None)


def _stop_without(stop: Stop, visit: str) -> Stop | None:
    if isinstance(stop, VisitStop):
        return None if stop.visit == visit else stop
    if visit not in stop.visits:
        return stop
    kept = tuple(name for name in stop.visits if name != visit)
    return replace(stop, visits=kept) if kept else None
