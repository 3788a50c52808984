"""The baseline brought into a new week: whatever of it still holds stays with its people, its day and its minute."""

from collections.abc import Iterable

from matching.model import PickupStop, Plan, Route
from matching.problem import Problem
from matching.route import Route as Trip
from matching.state import State


def keep(problem: Problem, state: State, baseline: Plan) -> None:
    """Put every part of the baseline that still holds into an empty state, held to its starts."""
    plans: dict[int, tuple[int, ...]] = {}
    reader = _Reader(problem, state)
    for route in baseline.routes:
        window = reader.window(route)
        if window is not None:
            plans[window] = reader.stops(route, window)
    broken = reader.half_crews(plans)
    for window in sorted(plans):
        wanted = state.routes.without(Trip(window, plans[window]), broken)
        trip = _largest(problem, state, window, wanted)
        broken.update({code % state.routes.size for code in wanted if code >= 0} - set(state.routes.visits(trip)))
        state.put(trip)
    _serve(state)
    state.take(broken)
    _afford(problem, state)
    state.mark()


class _Reader:
    """Reads a baseline's routes as stops of this problem."""

    def __init__(self, problem: Problem, state: State) -> None:
        self.problem = problem
        self.size = state.routes.size
        week, windows = problem.week, problem.windows
        self.visit_at = {one.id: number for number, one in enumerate(week.visits)}
        self.canteen_at = {one.id: number for number, one in enumerate(week.canteens)}
        names = [week.volunteers[volunteer].id for volunteer in windows.volunteer]
        self.window_at = {pair: number for number, pair in enumerate(zip(names, windows.index, strict=True))}

    def window(self, route: Route) -> int | None:
        """Return the window a route of the baseline lies in, if its volunteer is still here."""
        return self.window_at.get((route.volunteer, route.window))

    def stops(self, route: Route, window: int) -> tuple[int, ...]:
        """Return the codes of the stops that this volunteer may still make in this window."""
        visits = self.problem.visits
        codes: list[int] = []
        for stop in route.stops:
            if isinstance(stop, PickupStop):
                canteen = self.canteen_at.get(stop.pickup)
                if canteen is not None:
                    codes.append(~canteen)
                continue
            visit = self.visit_at.get(stop.visit)
            if visit is None or (window not in visits.fits[visit] and window not in visits.seconds[visit]):
                continue
            day = self.problem.windows.day[window]
            if self.problem.first_by_day[day][visit] <= stop.start <= visits.last[visit]:
                codes.append(visit + (stop.start + 1) * self.size)
        return tuple(codes)

    def half_crews(self, plans: dict[int, tuple[int, ...]]) -> set[int]:
        """Return the visits whose crew is no longer whole, or no longer the one that is asked for."""
        windows, visits = self.problem.windows, self.problem.visits
        crews: dict[int, list[tuple[int, int]]] = {}
        for window, stops in plans.items():
            for code in stops:
                if code >= 0:
                    crews.setdefault(code % self.size, []).append((window, code))
        broken: set[int] = set()
        for visit, crew in crews.items():
            people = {windows.volunteer[window] for window, _ in crew}
            together = len({(windows.day[window], code) for window, code in crew}) == 1
            whole = len(crew) == len(people) == visits.crew[visit]
            if not (together and whole and visits.must[visit] <= people and self._roles(visit, crew)):
                broken.add(visit)
        return broken

    def _roles(self, visit: int, crew: Iterable[tuple[int, int]]) -> bool:
        visits = self.problem.visits
        one, *others = [window for window, _ in crew]
        fits, seconds = visits.fits[visit], visits.seconds[visit]
        if not others:
            return one in fits
        return (one in fits and others[0] in seconds) or (others[0] in fits and one in seconds)


def _largest(problem: Problem, state: State, window: int, stops: tuple[int, ...]) -> Trip:
    """Return the trip with as much as possible of some stops: as they were, at other minutes, or with visits dropped."""
    routes, size = state.routes, state.routes.size
    while stops:
        tidy = routes.without(Trip(window, stops), set())
        found = routes.get(window, tidy) or routes.get(window, loosened(problem, size, tidy))
        if found is not None:
            return found
        visits = sorted({code % size for code in stops if code >= 0}, key=lambda visit: problem.visits.value[visit])
        fewer = (routes.without(Trip(window, stops), {visit}) for visit in visits)
        found = next((trip for trip in (routes.get(window, rest) for rest in fewer) if trip is not None), None)
        if found is not None:
            return found
        stops = routes.without(Trip(window, stops), set(visits[:1]))
    return state.trips[window]


def loosened(problem: Problem, size: int, stops: Iterable[int]) -> tuple[int, ...]:
    """Return stops of which only the crews' are still held to their starts."""
    crew = problem.visits.crew
    return tuple(code if code < 0 or crew[code % size] == 2 else code % size for code in stops)


def _serve(state: State) -> None:
    spots: dict[int, list[int]] = {}
    for trip in state.trips:
        for visit in state.routes.visits(trip):
            spots.setdefault(visit, []).append(trip.window)
    for visit, windows in spots.items():
        state.serve(visit, tuple(windows))


def _afford(problem: Problem, state: State) -> None:
    """Take the least valuable visits from whoever works more than a ceiling allows by now."""
    people, windows = problem.people, problem.windows
    for window, trip in enumerate(list(state.trips)):
        volunteer = windows.volunteer[window]
        for visit in sorted(state.routes.visits(trip), key=lambda one: problem.visits.value[one]):
            if (
                state.day_work[windows.key[window]] <= people.max_day[volunteer]
                and state.week_work[volunteer] <= people.max_week[volunteer]
            ):
                break
            state.take({visit})
