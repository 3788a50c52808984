"""Where one more visit goes in a trip: the cheapest place, found once a route and remembered on it."""

from typing import cast

from matching.problem import ALWAYS, Problem
from matching.route import Route, Routes

Spot = tuple[int, tuple[int, ...]]
"""Minutes of travel added, and the stops with the visit among them."""
Gap = tuple[int, int, int, int]
"""For one of a crew: minutes of travel added, gap, earliest and latest start there."""


class Insertion:
    """Insertion tests of one problem."""

    def __init__(self, problem: Problem, routes: Routes) -> None:
        self.problem = problem
        self.routes = routes
        self.size = routes.size

    def spot(self, route: Route, visit: int) -> Spot | None:
        """Return the cheapest way to serve a visit alone in a route, or None."""
        known = route.options
        if visit in known:
            return cast("Spot | None", known[visit])
        found: Spot | None = None
        start = self.kept_start(route.window, visit)
        if start is not None:
            found = self._cheapest(route, visit, start, start, (start + 1) * self.size + visit)
        if found is None:
            day = self.problem.windows.day[route.window]
            visits = self.problem.visits
            found = self._cheapest(route, visit, self.problem.first_by_day[day][visit], visits.last[visit], visit)
        known[visit] = found
        return found

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
            day = self.problem.windows.day[route.window]
            first, last = self.problem.first_by_day[day][visit], self.problem.visits.last[visit]
            known = route.options[visit] = self._gaps(route, visit, first, last)
        return cast("list[Gap]", known)

    def _cheapest(self, route: Route, visit: int, first: int, last: int, code: int) -> Spot | None:
        stops, get = route.stops, self.routes.get
        if self.problem.visits.canteen[visit] >= 0:
            trials = sorted(self._meal_trials(route, visit, first, last, code))
            return next((trial for trial in trials if get(route.window, trial[1]) is not None), None)
        for delta, gap, _, _ in self._gaps(route, visit, first, last):
            trial = (*stops[:gap], code, *stops[gap:])
            if not route.tied[gap] or get(route.window, trial) is not None:
                return delta, trial
        return None

    def _gaps(self, route: Route, visit: int, first: int, last: int) -> list[Gap]:
        """Test every gap by the least and greatest times around it."""
        problem = self.problem
        legs, window = problem.legs, route.window
        volunteer = problem.windows.volunteer[window]
        node, minutes = problem.visits.node[visit], problem.visits.minutes[visit]
        rows, row, ways = legs.rows[volunteer], legs.out[volunteer], legs.rows[volunteer][node]
        leave, late, nodes, old = route.leave, route.late, route.nodes, route.legs
        ready = problem.windows.start[window]
        found: list[Gap] = []
        count = len(nodes)
        for gap in range(count + 1):
            if gap:
                ready = leave[gap - 1]
                row = rows[nodes[gap - 1]]
                if ready > last:
                    break
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
                found.append((there + on - old[gap], gap, start, limit if limit < last else last))
        found.sort()
        return found

    def _meal_trials(self, route: Route, visit: int, first: int, last: int, code: int) -> list[Spot]:
        """List the stops with a meal among them: in a trip that is there, or with a pick-up just before the door."""
        problem = self.problem
        stops, window = route.stops, route.window
        volunteer = problem.windows.volunteer[window]
        canteen = problem.visits.canteen[visit]
        pickup, hot = ~canteen, problem.canteens.hot[canteen]
        minutes, boxes = problem.visits.minutes[visit], problem.visits.boxes[visit]
        room = problem.people.boxes[volunteer] - boxes
        trials: list[Spot] = []
        taken, load = -1, 0
        joined = [gap for gap in self._gaps(route, visit, first, last) if gap[1]]
        by_gap = {gap[1]: gap for gap in joined}
        for gap in range(1, len(stops) + 1):
            if stops[gap - 1] == pickup:
                taken, load = gap - 1, 0
            load = max(load, route.aboard[gap])
            if taken < 0 or load > room or gap not in by_gap:
                continue
            delta, _, start, _ = by_gap[gap]
            if start + minutes - route.late[taken] <= hot:
                trials.append((delta, (*stops[:gap], code, *stops[gap:])))
        if route.trips < problem.people.trips[volunteer]:
            trials.extend(self._new_trips(route, visit, first, last, code))
        return trials

    def _new_trips(self, route: Route, visit: int, first: int, last: int, code: int) -> list[Spot]:
        """List the stops with a pick-up and right after it the meal."""
        problem = self.problem
        legs, stops, window = problem.legs, route.stops, route.window
        volunteer = problem.windows.volunteer[window]
        canteen = problem.visits.canteen[visit]
        node, minutes = problem.visits.node[visit], problem.visits.minutes[visit]
        kitchen, until = problem.canteens.node[canteen], problem.canteens.until[canteen]
        ready = problem.canteens.ready[canteen]
        room = problem.people.boxes[volunteer] - problem.visits.boxes[visit]
        rows, row = legs.rows[volunteer], legs.out[volunteer]
        between = rows[kitchen][node]
        trials: list[Spot] = []
        before = problem.windows.start[window]
        for gap in range(len(stops) + 1):
            if gap:
                before = route.leave[gap - 1]
                row = rows[route.nodes[gap - 1]]
                if stops[gap - 1] == ~canteen:
                    continue
            there = row[kitchen]
            at = max(before + there, ready)
            start = max(at + between, first)
            if at > until or start > last or route.aboard[gap] > room:
                continue
            on, limit = ((rows[node][route.nodes[gap]], route.late[gap]) if gap < len(stops)
                         else (legs.back[volunteer][node], problem.windows.end[window]))
            if start + minutes + on <= limit:
                delta = there + between + on - route.legs[gap]
                trials.append((delta, (*stops[:gap], ~canteen, code, *stops[gap:])))
        return trials

    def everywhere(self, route: Route, visit: int) -> Spot | None:
        """Return a way to serve a meal with its pick-up anywhere before it; the last resort, gap by gap."""
        problem, stops = self.problem, route.stops
        canteen = problem.visits.canteen[visit]
        volunteer = problem.windows.volunteer[route.window]
        if canteen < 0 or route.trips >= min(problem.people.trips[volunteer], ALWAYS):
            return None
        for early in range(len(stops)):
            for gap in range(early + 1, len(stops) + 1):
                trial = (*stops[:early], ~canteen, *stops[early:gap], visit, *stops[gap:])
                built = self.routes.get(route.window, trial)
                if built is not None:
                    return built.travel - route.travel, trial
        return None
