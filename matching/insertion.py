"""Where one more visit goes in a trip: the cheapest place, found once a route and remembered on it.

The tests read the least and greatest times around a gap and what the hot food still bears. They never refuse what
holds; inside a hot trip with waiting in it they may let pass what does not. So a place is believed until the route
that takes it cannot be built, and only then looked for the hard way, gap by gap (`exact`).
"""

from typing import NamedTuple, cast

from matching.problem import ALWAYS, Problem
from matching.route import Route, Routes


class Spot(NamedTuple):
    """A place in a trip: minutes of travel added, the gap, the visit's code, and whether a pick-up comes with it."""

    travel: int
    gap: int
    code: int
    pickup: bool


class Gap(NamedTuple):
    """A place for one of a crew: minutes of travel added, the gap, the earliest and the latest start there."""

    travel: int
    gap: int
    first: int
    last: int


class Insertion:
    """Insertion tests of one problem."""

    def __init__(self, problem: Problem, routes: Routes) -> None:
        self.problem = problem
        self.routes = routes
        self.size = routes.size

    def spot(self, route: Route, visit: int) -> Spot | None:
        """Return the cheapest place for a visit served alone, believed but not built."""
        found: Spot | None = None
        start = self.kept_start(route.window, visit)
        if start is not None:
            spots = self._spots(route, visit, start, start, (start + 1) * self.size + visit)
            found = min(spots, default=None)
        if found is None:
            first, last = self._limits(route, visit)
            found = min(self._spots(route, visit, first, last, visit), default=None)
        route.options[visit] = found
        return found

    def exact(self, route: Route, visit: int) -> Spot | None:
        """Return the cheapest place whose route could be built, and remember that."""
        first, last = self._limits(route, visit)
        spots = sorted(self._spots(route, visit, first, last, visit))
        found = next((spot for spot in spots if self.routes.get(route.window, self.stops(route, spot)) is not None), None)
        route.options[visit] = found
        return found

    def stops(self, route: Route, spot: Spot) -> tuple[int, ...]:
        """Return a route's stops with a visit at its spot."""
        stops, gap = route.stops, spot.gap
        if spot.pickup:
            pickup = ~self.problem.visits.canteen[spot.code % self.size]
            return (*stops[:gap], pickup, spot.code, *stops[gap:])
        return (*stops[:gap], spot.code, *stops[gap:])

    def kept_start(self, window: int, visit: int) -> int | None:
        """Return when the baseline had this volunteer start the visit on this window's day, if that may still be."""
        if not self.problem.base:
            return None
        windows = self.problem.windows
        day = windows.day[window]
        start = self.problem.base.get(windows.volunteer[window], {}).get(visit * self.problem.week.days + day)
        if start is None or not self.problem.first_by_day[day][visit] <= start <= self.problem.visits.last[visit]:
            return None
        return start

    def gaps(self, route: Route, visit: int) -> list[Gap]:
        """Return every gap of a route where one of a crew could serve the visit, the cheapest first."""
        known = route.options.get(visit)
        if known is None:
            first, last = self._limits(route, visit)
            known = route.options[visit] = sorted(self._gaps(route, visit, first, last))
        return cast("list[Gap]", known)

    def _limits(self, route: Route, visit: int) -> tuple[int, int]:
        day = self.problem.windows.day[route.window]
        return self.problem.first_by_day[day][visit], self.problem.visits.last[visit]

    def _spots(self, route: Route, visit: int, first: int, last: int, code: int) -> list[Spot]:
        gaps = self._gaps(route, visit, first, last)
        if self.problem.visits.canteen[visit] < 0:
            return [Spot(gap[0], gap[1], code, False) for gap in gaps]  # noqa: FBT003
        return self._joined(route, visit, gaps, code) + self._new_trips(route, visit, first, last, code)

    def _gaps(self, route: Route, visit: int, first: int, last: int) -> list[Gap]:
        """Test every gap by the least and greatest times around it."""
        problem = self.problem
        legs, window = problem.legs, route.window
        volunteer = problem.windows.volunteer[window]
        node, minutes = problem.visits.node[visit], problem.visits.minutes[visit]
        rows, row = legs.rows[volunteer], legs.out[volunteer]
        ways, leave, late, nodes, old, bears = rows[node], route.leave, route.late, route.nodes, route.legs, route.bears
        ready = problem.windows.start[window]
        found: list[Gap] = []
        count = len(nodes)
        for gap in range(count + 1):
            if gap:
                ready = leave[gap - 1]
                if ready > last:
                    break
                row = rows[nodes[gap - 1]]
            there = row[node]
            start = ready + there
            if start < first:
                start = first
            if start > last:
                continue
            if gap < count:
                on = ways[nodes[gap]]
                limit = late[gap] - on - minutes
            else:
                on = legs.back[volunteer][node]
                limit = problem.windows.end[window] - on - minutes
            if start <= limit:
                more = there + on - old[gap]
                if more + minutes <= bears[gap]:
                    found.append(Gap(more, gap, start, limit if limit < last else last))
        return found

    def _joined(self, route: Route, visit: int, gaps: list[Gap], code: int) -> list[Spot]:
        """List the places of a meal in a trip that is there already."""
        problem = self.problem
        stops = route.stops
        canteen = problem.visits.canteen[visit]
        hot, minutes = problem.canteens.hot[canteen], problem.visits.minutes[visit]
        room = problem.people.boxes[problem.windows.volunteer[route.window]] - problem.visits.boxes[visit]
        spots: list[Spot] = []
        taken, load, at, path = -1, 0, 0, route.path
        for travel, gap, start, _ in gaps:
            while at < gap:
                if stops[at] == ~canteen:
                    taken, load = at, 0
                at += 1
                load = max(load, route.aboard[at])
            if taken < 0 or load > room or start + minutes - route.late[taken] > hot:
                continue
            if hot < ALWAYS:
                way = self._row(route, gap)[problem.visits.node[visit]]
                if path[gap - 1] - path[taken] + way + minutes > hot:
                    continue
            spots.append(Spot(travel, gap, code, False))  # noqa: FBT003
        return spots

    def _row(self, route: Route, gap: int) -> "list[int]":
        legs = self.problem.legs
        volunteer = self.problem.windows.volunteer[route.window]
        return cast("list[int]", legs.rows[volunteer][route.nodes[gap - 1]] if gap else legs.out[volunteer])

    def _new_trips(self, route: Route, visit: int, first: int, last: int, code: int) -> list[Spot]:
        """List the places for a pick-up and right after it the meal."""
        problem = self.problem
        legs, stops, window, count = problem.legs, route.stops, route.window, len(route.stops)
        volunteer = problem.windows.volunteer[window]
        if route.trips >= problem.people.trips[volunteer]:
            return []
        canteen = problem.visits.canteen[visit]
        node, minutes = problem.visits.node[visit], problem.visits.minutes[visit]
        kitchen, until = problem.canteens.node[canteen], problem.canteens.until[canteen]
        ready = problem.canteens.ready[canteen]
        room = problem.people.boxes[volunteer] - problem.visits.boxes[visit]
        rows, row = legs.rows[volunteer], legs.out[volunteer]
        between, ways, back = rows[kitchen][node], rows[node], legs.back[volunteer]
        spots: list[Spot] = []
        before = problem.windows.start[window]
        for gap in range(count + 1):
            if gap:
                before = route.leave[gap - 1]
                if before > until:
                    break
                if stops[gap - 1] == ~canteen:
                    continue
                row = rows[route.nodes[gap - 1]]
            there = row[kitchen]
            at = max(before + there, ready)
            start = max(at + between, first)
            if at > until or start > last or route.aboard[gap] > room:
                continue
            on, limit = (ways[route.nodes[gap]], route.late[gap]) if gap < count else (back[node],
                                                                                       problem.windows.end[window])
            more = there + between + on - route.legs[gap]
            if start + minutes + on <= limit and more + minutes <= route.bears[gap]:
                spots.append(Spot(more, gap, code, True))  # noqa: FBT003
        return spots

    def everywhere(self, route: Route, visit: int) -> tuple[int, ...] | None:
        """Return stops that serve a meal with its pick-up anywhere before it: the last resort, gap by gap."""
        problem, stops = self.problem, route.stops
        canteen = problem.visits.canteen[visit]
        volunteer = problem.windows.volunteer[route.window]
        if canteen < 0 or route.trips >= problem.people.trips[volunteer]:
            return None
        for early in range(len(stops)):
            for gap in range(early + 1, len(stops) + 1):
                trial = (*stops[:early], ~canteen, *stops[early:gap], visit, *stops[gap:])
                if self.routes.get(route.window, trial) is not None:
                    return trial
        return None
