"""A week without what the other solvers cannot say, one routing problem a day, and the way back to a plan.

What is taken away: ceilings of work, crews (one person comes), alternative days (one is kept), a limit of trips, faces,
fairness. The hot limit becomes a later first pick-up, so late that no meal can arrive too late: that keeps it exactly.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from matching.model import Canteen, PickupStop, Plan, Route, Stop, Visit, VisitStop, Volunteer, Week, Weights, by_id
from matching.travel import Roads

WHOLE_WEEK = 7 * 1440
TRAVEL_ONLY = Weights(travel=1, new_face=0, fairness=0, touched=0)

Step = tuple[int, bool]
"""A task of the day, and whether this is its pick-up."""
Tours = Mapping[int, Sequence[Step]]
"""The steps of each vehicle that drives, in order."""


class CannotSay(Exception):  # noqa: N818  it names what happened, as the contract does
    """The week holds a rule that the neutral form does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A window of a volunteer; `home` is a position in the day's places."""

    volunteer: str
    window: int
    home: int
    mode: str
    boxes: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A visit of the day: its door, the start minutes from `start` to `latest`, who may come, and its canteen if it is a meal."""

    visit: str
    door: int
    start: int
    latest: int
    minutes: int
    weight: int
    allowed: frozenset[int]
    boxes: int = 0
    canteen: int | None = None
    ready: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day as a routing problem; `depot`: everything is loaded where everybody starts; `one_trip`: all of it at the start."""

    vehicles: tuple[Vehicle, ...]
    tasks: tuple[Task, ...]
    minutes: Mapping[str, NDArray[np.int64]]
    depot: bool
    one_trip: bool

    @property
    def worth(self) -> int:
        """Minutes that one unit of weight is worth to solvers that know only one sum: the longest way there and back."""
        return 1 + 2 * max(int(minutes.max()) for minutes in self.minutes.values())


def strip(week: Week) -> Week:
    """Take away what the other solvers cannot say; ours then runs on the same."""
    lunch = {
        kitchen.id: max((visit.window[1] for visit in week.visits if visit.canteen == kitchen.id), default=0) for kitchen in week.canteens
    }
    return replace(
        week,
        name=f"{week.name}-stripped",
        weights=TRAVEL_ONLY,
        canteens=tuple(_always_hot(kitchen, lunch[kitchen.id]) for kitchen in week.canteens),
        volunteers=tuple(
            replace(one, trips=None, max_day=WHOLE_WEEK, max_week=WHOLE_WEEK, used=()) for one in week.volunteers
        ),
        visits=tuple(
            replace(visit, days=(visit.days[number % len(visit.days)],), crew=1, second=None) for number, visit in enumerate(week.visits)
        ),
    )  # fmt: skip


def _always_hot(kitchen: Canteen, last: int) -> Canteen:
    return kitchen if kitchen.hot is None else replace(kitchen, ready=max(kitchen.ready, last - kitchen.hot), hot=None)


def days_of(week: Week) -> Iterator[Day]:
    """Give the week's days on which somebody has something to do, each as a routing problem of its own."""
    _refuse_more(week)
    roads = Roads(week)
    for number in range(week.days):
        visits = [visit for visit in week.visits if visit.days == (number,)]
        if visits and any(window.day == number for one in week.volunteers for window in one.windows):
            yield _day(week, roads, number, visits)


def _refuse_more(week: Week) -> None:
    """Refuse a week with a rule that would be lost without a word."""
    kinds = {
        "crews": any(visit.crew > 1 for visit in week.visits),
        "alternative days": any(len(visit.days) > 1 for visit in week.visits),
        "a hot limit": any(kitchen.hot is not None for kitchen in week.canteens),
        "ceilings of work": any(_ceiling_binds(one) for one in week.volunteers),
        "pins": bool(week.pins),
        "a moment to begin from": week.from_ is not None,
        "more than travel to save": bool(week.weights.new_face or week.weights.fairness),
        "limited trips": any(one.trips is not None for one in week.volunteers) and not _one_trip(week),
    }
    found = [kind for kind, there in kinds.items() if there]
    if found:
        raise CannotSay(f"the other solvers cannot say: {', '.join(found)}")


def _ceiling_binds(one: Volunteer) -> bool:
    spent: dict[int, int] = defaultdict(int)
    for window in one.windows:
        spent[window.day] += window.end - window.start
    return bool(one.used) or max(spent.values(), default=0) > one.max_day or sum(spent.values()) > one.max_week


def _depot(week: Week) -> bool:
    """Say whether all start where everything is picked up: then what is loaded is a matter of the route's beginning."""
    spots = {one.place for one in (*week.volunteers, *week.canteens)}
    return len(spots) == 1 and all(visit.canteen for visit in week.visits) and all(kitchen.until is None for kitchen in week.canteens)


def _one_trip(week: Week) -> bool:
    return _depot(week) and len(week.canteens) == 1 and all(one.trips == 1 for one in week.volunteers)


def _day(week: Week, roads: Roads, number: int, visits: Sequence[Visit]) -> Day:
    elders, kitchens = by_id(week.elders), by_id(week.canteens)
    people = [(one, index) for one in week.volunteers for index, window in enumerate(one.windows) if window.day == number]
    used = dict.fromkeys(one.place for one, _ in people)
    used |= dict.fromkeys(elders[visit.elder].place for visit in visits)
    used |= dict.fromkeys(kitchens[visit.canteen].place for visit in visits if visit.canteen)
    spot = {place: position for position, place in enumerate(used)}
    every = np.array([roads.index[place] for place in used])
    return Day(
        vehicles=tuple(_vehicle(one, index, spot[one.place]) for one, index in people),
        tasks=tuple(_task(week, roads, visit, spot, [one for one, _ in people]) for visit in visits),
        minutes={mode: roads.block(mode, every, every) for mode in {one.mode for one, _ in people}},
        depot=_depot(week),
        one_trip=_one_trip(week),
    )


def _vehicle(one: Volunteer, index: int, home: int) -> Vehicle:
    window = one.windows[index]
    return Vehicle(volunteer=one.id, window=index, home=home, mode=one.mode, boxes=one.boxes, start=window.start, end=window.end)


def _task(week: Week, roads: Roads, visit: Visit, spot: Mapping[str, int], people: Sequence[Volunteer]) -> Task:
    elder = by_id(week.elders)[visit.elder]
    kitchen = by_id(week.canteens)[visit.canteen] if visit.canteen else None
    far = _metres(roads, people, elder.place)
    able = (
        position
        for position, one in enumerate(people)
        if set(visit.skills) <= set(one.skills)
        and visit.gender in {None, one.gender}
        and one.id not in elder.excluded
        and (one.radius is None or far[position] <= one.radius)
    )
    last = max((window.end for one in people for window in one.windows), default=0)
    meal = {
        "canteen": spot[kitchen.place],
        "ready": kitchen.ready,
        "until": last if kitchen.until is None else kitchen.until,
    } if kitchen else {}  # fmt: skip
    return Task(
        visit=visit.id,
        door=spot[elder.place],
        start=visit.window[0],
        latest=visit.window[1] - visit.minutes,
        minutes=visit.minutes,
        weight=visit.weight,
        allowed=frozenset(able),
        boxes=visit.boxes,
        **meal,
    )


def _metres(roads: Roads, people: Sequence[Volunteer], place: str) -> list[float]:
    return roads.metres([roads.index[one.place] for one in people], [roads.index[place]]).tolist() if people else []


def loaded(day: Day, tasks: Sequence[int]) -> list[Step]:
    """Give one trip from a depot: every box picked up first, the soonest ready first, then the doors in order."""
    return [*((task, True) for task in sorted(tasks, key=lambda one: day.tasks[one].ready)), *((task, False) for task in tasks)]


def plan_of(week: Week, tours: Sequence[tuple[Day, Tours]]) -> Plan:
    """Turn tours into a plan, every stop as early as can be; whether it keeps the rules is for the referee to say."""
    routes = [_route(week, day, vehicle, steps) for day, found in tours for vehicle, steps in sorted(found.items()) if steps]
    return Plan(week=week.name, routes=tuple(routes))


def _route(week: Week, day: Day, number: int, steps: Sequence[Step]) -> Route:
    vehicle, names = day.vehicles[number], by_id(week.visits)
    minutes, at, now = day.minutes[vehicle.mode], vehicle.home, vehicle.start
    stops: list[Stop] = []

    def stop_of(step: Step) -> tuple[bool, str]:
        visit = names[day.tasks[step[0]].visit]
        return step[1], str(visit.canteen) if step[1] else visit.id

    for (pickup, name), group in groupby(steps, stop_of):
        tasks = [day.tasks[task] for task, _ in group]
        target = tasks[0].canteen if pickup and tasks[0].canteen is not None else tasks[0].door
        now = max(now + int(minutes[at, target]), tasks[0].ready if pickup else tasks[0].start)
        at = target
        if pickup:
            stops.append(PickupStop(pickup=name, at=now, visits=tuple(task.visit for task in tasks)))
        else:
            stops.append(VisitStop(visit=name, start=now))
            now += tasks[0].minutes
    return Route(volunteer=vehicle.volunteer, window=vehicle.window, stops=tuple(stops))
