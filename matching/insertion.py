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
            found = self._best(route, visit, start, start, set())
        if found is None:
            found = self._best(route, visit, *self._limits(route, visit), set())
        route.options[visit] = found
        return found

    def exact(self, route: Route, visit: int) -> Spot | None:
        """Return the cheapest place whose route could be built, and remember that."""
        limits = self._limits(route, visit)
        barred: set[tuple[int, bool]] = set()
        found = self._best(route, visit, *limits, barred)
        while found is not None and self.routes.get(route.window, self.stops(route, found)) is None:
            barred.add((found.gap, found.pickup))
            found = self._best(route, visit, *limits, barred)
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

    def _best(self, route: Route, visit: int, first: int, last: int, barred: set[tuple[int, bool]]) -> Spot | None:
        code = visit if first < last or not self.problem.base else visit + (first + 1) * self.size
        if self.problem.visits.canteen[visit] >= 0:
            return self._best_meal(route, visit, first, last, barred, code)
        gaps = [gap for gap in self._gaps(route, visit, first, last) if (gap[1], False) not in barred]
        if not gaps:
            return None
        best = min(gaps)
        return Spot(best[0], best[1], code, False)

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
            start = max(start, first)
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
                    found.append(Gap(more, gap, start, min(last, limit)))
        return found

    def _best_meal(  # noqa: C901  one long loop on local names, see its words
        self,
        route: Route,
        visit: int,
        first: int,
        last: int,
        barred: set[tuple[int, bool]],
        code: int,
    ) -> Spot | None:
        """Find the cheapest place of a meal: in a trip that is there, or with a pick-up just before the door.

        This is the innermost loop of the whole search, therefore one long function on local names.
        """
        problem, window = self.problem, route.window
        legs, visits, canteens, windows = problem.legs, problem.visits, problem.canteens, problem.windows
        volunteer = windows.volunteer[window]
        canteen, node, minutes = visits.canteen[visit], visits.node[visit], visits.minutes[visit]
        pickup, kitchen = ~canteen, canteens.node[canteen]
        hot, until, ready = canteens.hot[canteen], canteens.until[canteen], canteens.ready[canteen]
        room = problem.people.boxes[volunteer] - visits.boxes[visit]
        fresh = route.trips < problem.people.trips[volunteer]
        rows, row, back = legs.rows[volunteer], legs.out[volunteer], legs.back[volunteer]
        ways, between = rows[node], rows[kitchen][node]
        stops, nodes, leave, late, path = route.stops, route.nodes, route.leave, route.late, route.path
        aboard, bears, old = route.aboard, route.bears, route.legs
        before, count = windows.start[window], len(stops)
        taken, load, least, at, apart = -1, 0, ALWAYS, -1, False
        new_here = fresh
        for gap in range(count + 1):
            if gap:
                before = leave[gap - 1]
                if before > last:
                    break
                row = rows[nodes[gap - 1]]
                new_here = fresh and stops[gap - 1] != pickup
                if stops[gap - 1] == pickup:
                    taken, load = gap - 1, 0
                load = max(load, aboard[gap])
            if gap < count:
                on, limit = ways[nodes[gap]], late[gap] - minutes
            else:
                on, limit = back[node], windows.end[window] - minutes
            more = on - old[gap]
            bear = bears[gap] - minutes
            there = row[node]
            if taken >= 0 and load <= room and more + there < least and more + there <= bear:
                start = before + there
                start = max(start, first)
                if (
                    start <= last
                    and start + on <= limit
                    and start + minutes - late[taken] <= hot
                    and path[gap - 1] - path[taken] + there + minutes <= hot
                    and (gap, False) not in barred
                ):
                    least, at, apart = more + there, gap, False
            if new_here:
                there = row[kitchen]
                more += there + between
                if more < least and more <= bear and aboard[gap] <= room:
                    start = before + there
                    start = max(start, ready)
                    if start > until:
                        continue
                    start += between
                    start = max(start, first)
                    if start <= last and start + on <= limit and (gap, True) not in barred:
                        least, at, apart = more, gap, True
        return None if at < 0 else Spot(least, at, code, apart)

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
