"""One window's trip with its exact times: what comes when, how late it may come, what is aboard.

A stop is one number, so a route is a tuple of numbers and equal routes are found again in a table. With V visits:
`~canteen` (negative) is a pick-up; `visit` is a visit at any time; `visit + (start + 1) * V` is a visit held to a start
(a crew meets, a baseline keeps its minute). Whose boxes a pick-up takes is not stored: every meal comes from the last
pick-up of its canteen before it. Taking it from an earlier one would only be colder and heavier.

Times are the least that hold (`early`) and the greatest (`late`). Hot food ties a delivery to its pick-up, so a pick-up
is moved later when waiting on the way would let the food grow cold; both are found by repeating the pass until nothing
moves. `bears` says how many minutes more a gap may take before food aboard there is cold; with it an insertion test by
`early` and `late` is necessary everywhere and sufficient unless somebody waits with food aboard.
"""

from matching.problem import ALWAYS, SHIFT, Problem

MOST_ROUTES = 40_000
"""So many routes are remembered before the table is emptied."""
MOST_PASSES = 400


class Route:
    """A feasible trip of one window; never changed, so it can be shared, compared by identity and put back."""

    __slots__ = (
        "aboard",
        "bears",
        "early",
        "late",
        "leave",
        "legs",
        "nodes",
        "options",
        "path",
        "picked",
        "shifted",
        "stops",
        "travel",
        "trips",
        "window",
        "work",
    )

    def __init__(self, window: int, stops: tuple[int, ...]) -> None:
        self.window = window
        self.stops = stops
        self.nodes: list[int] = []
        self.early: list[int] = []
        self.leave: list[int] = []
        self.late: list[int] = []
        self.legs: list[int] = []
        self.picked: list[int] = []
        self.path: list[int] = []
        self.bears: list[int] = [ALWAYS]
        self.aboard: list[int] = [0]
        self.travel = 0
        self.work = 0
        self.trips = 0
        self.shifted = 0
        self.options: dict[int, object] = {}


class Routes:
    """Builds the routes of one problem and remembers them."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.size = max(1, problem.size)
        self.table: dict[tuple[int, tuple[int, ...]], Route | None] = {}

    def get(self, window: int, stops: tuple[int, ...]) -> Route | None:
        """Return the trip with these stops, or None where no times hold."""
        key = (window, stops)
        if key in self.table:
            return self.table[key]
        if len(self.table) >= MOST_ROUTES:
            self.table.clear()
        route = self.table[key] = self._build(window, stops)
        return route

    def without(self, route: Route, gone: set[int]) -> tuple[int, ...]:
        """Return a route's stops without some visits and without pick-ups nobody needs any more."""
        size, canteen = self.size, self.problem.visits.canteen
        wanted: set[int] = set()
        kept: list[int] = []
        for code in reversed(route.stops):
            if code >= 0:
                visit = code % size
                if visit in gone:
                    continue
                if canteen[visit] >= 0:
                    wanted.add(~canteen[visit])
            elif code in wanted:
                wanted.discard(code)
            else:
                continue
            kept.append(code)
        kept.reverse()
        return tuple(kept)

    def visits(self, route: Route) -> list[int]:
        """Return the visits of a route in their order."""
        size = self.size
        return [code % size for code in route.stops if code >= 0]

    def _build(self, window: int, stops: tuple[int, ...]) -> Route | None:
        route = Route(window, stops)
        bounds = self._layout(route)
        if bounds is None:
            return None
        first, last, minutes = bounds
        if not self._measure(route, minutes) or not self._forward(route, first, last, minutes):
            return None
        self._backward(route, last, minutes)
        if self.problem.base:
            route.shifted = self._shifts(route)
        return route

    def _layout(self, route: Route) -> tuple[list[int], list[int], list[int]] | None:
        """Read the stops: nodes, pick-ups, and the first start, last start and minutes of each."""
        problem, size, picked = self.problem, self.size, route.picked
        visits, canteens = problem.visits, problem.canteens
        day = problem.windows.day[route.window]
        earliest, ready = problem.first_by_day[day], problem.ready_by_day[day]
        first: list[int] = []
        last: list[int] = []
        minutes: list[int] = []
        latest: dict[int, int] = {}
        for position, code in enumerate(route.stops):
            if code < 0:
                latest[~code] = position
                route.nodes.append(canteens.node[~code])
                first.append(ready[~code])
                last.append(canteens.until[~code])
                minutes.append(0)
                picked.append(-1)
                continue
            held, visit = divmod(code, size)
            canteen = visits.canteen[visit]
            pickup = -1 if canteen < 0 else latest.get(canteen, -2)
            if pickup == -2:
                return None
            picked.append(pickup)
            route.nodes.append(visits.node[visit])
            first.append(held - 1 if held else earliest[visit])
            last.append(held - 1 if held else visits.last[visit])
            minutes.append(visits.minutes[visit])
        if ready is not canteens.ready:
            self._free_pinned_pickups(route, first)
        return first, last, minutes

    def _free_pinned_pickups(self, route: Route, first: list[int]) -> None:
        """Let a pick-up whose visits are all pinned come before the week's `from`."""
        visits, size = self.problem.visits, self.size
        for position, code in enumerate(route.stops):
            if code < 0 and all(visits.pinned[other % size] for at, other in enumerate(route.stops) if route.picked[at] == position):
                first[position] = self.problem.canteens.ready[~code]

    def _measure(self, route: Route, minutes: list[int]) -> bool:
        """Find legs, travel and work; return whether boxes, trips and every pick-up hold."""
        legs, windows, people = self.problem.legs, self.problem.windows, self.problem.people
        volunteer = windows.volunteer[route.window]
        rows, row = legs.rows[volunteer], legs.out[volunteer]
        out = route.legs
        for node in route.nodes:
            out.append(row[node])
            row = rows[node]
        out.append(legs.back[volunteer][route.nodes[-1]] if route.nodes else 0)
        route.travel = sum(out)
        route.work = route.travel + sum(minutes)
        count = len(route.stops)
        route.bears, route.aboard = [ALWAYS] * (count + 1), [0] * (count + 1)
        route.trips = sum(1 for code in route.stops if code < 0)
        return not route.trips or (
            route.trips <= people.trips[volunteer] and self._load(route, minutes) and max(route.aboard) <= people.boxes[volunteer]
        )

    def _load(self, route: Route, minutes: list[int]) -> bool:
        """Find what is aboard and how long it stays hot, gap by gap; return whether every pick-up is of use."""
        visits, hot = self.problem.visits, self.problem.canteens.hot
        aboard, bears, stops = route.aboard, route.bears, route.stops
        now, path = 0, route.path
        for leg, spent in zip(route.legs, minutes, strict=False):
            now += leg + spent
            path.append(now)
        used: set[int] = set()
        for position, pickup in enumerate(route.picked):
            if pickup < 0:
                continue
            used.add(pickup)
            boxes = visits.boxes[stops[position] % self.size]
            slack = hot[~stops[pickup]] - path[position] + path[pickup]
            if slack < 0:
                return False
            for gap in range(pickup + 1, position + 1):
                aboard[gap] += boxes
                bears[gap] = min(bears[gap], slack)
        return len(used) == route.trips

    def _forward(self, route: Route, first: list[int], last: list[int], minutes: list[int]) -> bool:
        """Find the least times; return whether there are any."""
        windows = self.problem.windows
        start, end = windows.start[route.window], windows.end[route.window]
        stops, picked, legs, hot = route.stops, route.picked, route.legs, self.problem.canteens.hot
        pushed, worst = -1, 0
        for _ in range(MOST_PASSES):
            now = start
            early: list[int] = []
            leave: list[int] = []
            over, cold = -1, 0
            for position, leg in enumerate(legs[:-1]):
                now += leg
                now = max(now, first[position])
                if now > last[position]:
                    return False
                early.append(now)
                now += minutes[position]
                leave.append(now)
                pickup = picked[position]
                if pickup >= 0:
                    cold = now - early[pickup] - hot[~stops[pickup]]
                    if cold > 0:
                        over = position
                        break
            if over < 0:
                route.early, route.leave = early, leave
                return now + legs[-1] <= end
            if over == pushed and cold >= worst:
                return False
            pushed, worst = over, cold
            first[picked[over]] = early[picked[over]] + cold
        return False

    def _backward(self, route: Route, last: list[int], minutes: list[int]) -> None:
        """Find the greatest times; there are some, since there are least ones."""
        stops, picked, legs, hot = route.stops, route.picked, route.legs, self.problem.canteens.hot
        end = self.problem.windows.end[route.window]
        late = list(last)
        moved = True
        while moved:
            moved = False
            after = end
            for position in range(len(stops) - 1, -1, -1):
                latest = after - legs[position + 1] - minutes[position]
                if latest < late[position]:
                    late[position] = latest
                    moved = True
                after = late[position]
            for position, pickup in enumerate(picked):
                if pickup >= 0:
                    latest = late[pickup] + hot[~stops[pickup]] - minutes[position]
                    if latest < late[position]:
                        late[position] = latest
                        moved = True
        route.late = late

    def _shifts(self, route: Route) -> int:
        """Count the starts that moved by more than the baseline bears."""
        windows, days = self.problem.windows, self.problem.week.days
        base = self.problem.base.get(windows.volunteer[route.window])
        if not base:
            return 0
        day = windows.day[route.window]
        before = (
            (base.get(code % self.size * days + day), early) for code, early in zip(route.stops, route.early, strict=True) if code >= 0
        )
        return sum(1 for old, new in before if old is not None and abs(new - old) > SHIFT)
