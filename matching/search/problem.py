"""A week compiled for the player: people, windows and visits as numbers, and for every visit the windows that fit it.

Indices follow the week's lists. A *node* is a place where somebody is served or meals are picked up; homes are no
nodes, each volunteer has one row of legs out and one row of legs back. A pin is not a special case of the search: it
narrows its visit to its people, day and minute, and makes it worth more than all weights together.
"""

from dataclasses import dataclass

from matching.model import Pin, Visit, VisitStop, Week
from matching.search.facts import ALWAYS, Facts
from matching.search.legs import Legs, measure
from matching.search.packing import Packing
from matching.search.tables import Canteens, People, Visits, Windows


@dataclass(slots=True)
class Problem:
    """Everything the planners read; nothing in it changes while they run. `facts` is the same for compiled code."""

    week: Week
    visits: Visits
    windows: Windows
    people: People
    canteens: Canteens
    legs: Legs
    first_by_day: list[list[int]]
    ready_by_day: list[list[int]]
    known: list[tuple[int, int]]
    base_count: list[int]
    limit: int
    most_stops: int
    facts: Facts

    @property
    def size(self) -> int:
        """How many visits there are."""
        return len(self.visits.elder)

    def least_minutes(self, visit: int, window: int) -> int:
        """Return how long a visit takes whoever has this window, on the shorter of the seats that are theirs."""
        visits = self.visits
        minutes, other = visits.minutes[visit], visits.minutes_too[visit]
        if minutes == other or window not in visits.seconds[visit]:
            return minutes
        return min(minutes, other) if window in visits.fits[visit] else other


def compile_week(week: Week) -> Problem:
    """Turn a week into the arrays the search runs on."""
    volunteer_at = {one.id: number for number, one in enumerate(week.volunteers)}
    elder_at = {one.id: number for number, one in enumerate(week.elders)}
    windows = _windows(week)
    people = _people(week, windows)
    legs, node_at = measure(week, people.mode, [bool(one) for one in people.windows])
    canteens = Canteens(
        [node_at[one.place] for one in week.canteens],
        [one.ready for one in week.canteens],
        [ALWAYS if one.until is None else one.until for one in week.canteens],
        [ALWAYS if one.hot is None else one.hot for one in week.canteens],
    )
    visits = _visits(week, elder_at, volunteer_at, node_at)
    first_by_day, ready_by_day = _floors(week, visits, canteens)
    base = _baseline(week, volunteer_at)
    slot = legs.slot
    known = [
        (elder_at[elder], int(slot[volunteer_at[volunteer]]))
        for elder, volunteer in (*week.history, *((one.id, v) for one in week.elders for v in one.preferred))
        if elder in elder_at and volunteer in volunteer_at and slot[volunteer_at[volunteer]] >= 0
    ]
    packing = Packing(week, visits, windows, people, canteens, legs, first_by_day, ready_by_day)
    visits.fits, visits.seconds = packing.fits(elder_at, volunteer_at)
    return Problem(
        week=week,
        visits=visits,
        windows=windows,
        people=people,
        canteens=canteens,
        legs=legs,
        first_by_day=first_by_day,
        ready_by_day=ready_by_day,
        known=known,
        base_count=[len(one) for one in base],
        limit=ALWAYS if week.max_touched is None or week.baseline is None else week.max_touched,
        most_stops=packing.most_stops(),
        facts=packing.facts(base),
    )


def _windows(week: Week) -> Windows:
    rows = [
        (v, i, one.day, one.start, one.end, v * week.days + one.day)
        for v, volunteer in enumerate(week.volunteers)
        for i, one in enumerate(volunteer.windows)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(6)]
    return Windows(*columns)


def _people(week: Week, windows: Windows) -> People:
    own: list[list[int]] = [[] for _ in week.volunteers]
    for number, volunteer in enumerate(windows.volunteer):
        own[volunteer].append(number)
    used_day = [0] * (len(week.volunteers) * week.days)
    for number, one in enumerate(week.volunteers):
        for day, minutes in one.used:
            used_day[number * week.days + day] += minutes
    return People(
        [one.boxes for one in week.volunteers],
        [ALWAYS if one.trips is None else one.trips for one in week.volunteers],
        [one.max_day for one in week.volunteers],
        [one.max_week for one in week.volunteers],
        used_day,
        [sum(minutes for _, minutes in one.used) for one in week.volunteers],
        [one.mode for one in week.volunteers],
        [tuple(one) for one in own],
    )


def _visits(week: Week, elder_at: dict[str, int], volunteer_at: dict[str, int], node_at: dict[str, int]) -> Visits:
    pins = {pin.visit: pin for pin in week.pins}
    canteen_at = {one.id: number for number, one in enumerate(week.canteens)}
    elders = [elder_at[one.elder] for one in week.visits]
    bonus = 1 + sum(one.weight for one in week.visits)
    limits = [_start_limits(one, pins.get(one.id)) for one in week.visits]
    return Visits(
        elder=elders,
        node=[node_at[week.elders[elder].place] for elder in elders],
        days=[_days(one, pins.get(one.id)) for one in week.visits],
        first=[first for first, _ in limits],
        last=[last for _, last in limits],
        minutes=[one.minutes for one in week.visits],
        minutes_too=[one.minutes_of_second for one in week.visits],
        weight=[one.weight for one in week.visits],
        value=[one.weight + (bonus if one.id in pins else 0) for one in week.visits],
        crew=[one.crew for one in week.visits],
        canteen=[-1 if one.canteen is None else canteen_at[one.canteen] for one in week.visits],
        boxes=[one.boxes for one in week.visits],
        pinned=[one.id in pins for one in week.visits],
        must=[frozenset(volunteer_at[v] for v in pins[one.id].volunteers) if one.id in pins else frozenset() for one in week.visits],
    )


def _start_limits(visit: Visit, pin: Pin | None) -> tuple[int, int]:
    first, last = visit.window[0], visit.window[1] - visit.lasts
    if pin is not None and pin.start is not None:
        return max(first, pin.start), min(last, pin.start)
    return first, last


def _days(visit: Visit, pin: Pin | None) -> tuple[int, ...]:
    return visit.days if pin is None else tuple(day for day in visit.days if day == pin.day)


def _floors(week: Week, visits: Visits, canteens: Canteens) -> tuple[list[list[int]], list[list[int]]]:
    """Return the earliest starts and pick-ups of every day under `from`; pinned stops keep their own."""
    first = [visits.first] * week.days
    ready = [canteens.ready] * week.days
    if week.from_ is not None:
        day, minute = week.from_
        for past in range(min(day + 1, week.days)):
            floor = minute if past == day else ALWAYS
            first[past] = [one if pinned else max(one, floor) for one, pinned in zip(visits.first, visits.pinned, strict=True)]
            ready[past] = [max(one, floor) for one in canteens.ready]
    return first, ready


def _baseline(week: Week, volunteer_at: dict[str, int]) -> list[dict[tuple[int, int], int]]:
    """Return for each volunteer the baseline's starts by visit and day."""
    base: list[dict[tuple[int, int], int]] = [{} for _ in week.volunteers]
    if week.baseline is not None:
        visit_at = {one.id: number for number, one in enumerate(week.visits)}
        for route in week.baseline.routes:
            volunteer = volunteer_at.get(route.volunteer)
            if volunteer is None:
                continue
            day = week.volunteers[volunteer].windows[route.window].day
            for stop in route.stops:
                if isinstance(stop, VisitStop) and stop.visit in visit_at:
                    base[volunteer][visit_at[stop.visit], day] = stop.start
    return base
