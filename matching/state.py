"""A plan while it is being searched: who does what, what it costs, and how to take the last changes back."""

from matching.insertion import Insertion
from matching.problem import Problem
from matching.route import Route, Routes

FORBIDDEN = 1e12


class State:
    """The routes of all windows with the sums the goals are made of; every change can be undone.

    The search compares `lost` (value of the visits not served) before `cost`; pins weigh more than all weights
    together (problem.py), so keeping pins, serving weight and saving cost are one order.
    """

    def __init__(self, problem: Problem, routes: Routes) -> None:
        self.problem = problem
        self.routes = routes
        self.insertion = Insertion(problem, routes)
        people, weights = problem.people, problem.week.weights
        self.trips = [self._empty(window) for window in range(len(problem.windows.volunteer))]
        self.spots: list[tuple[int, ...]] = [()] * problem.size
        self.day_work = list(people.used_day)
        self.week_work = list(people.used_week)
        self.pairs: dict[int, int] = {}
        self.off = list(problem.base_count)
        self.shifts = [0] * len(people.boxes)
        self.touched = sum(1 for one in self.off if one)
        self.limit = problem.limit
        self.lost = sum(problem.visits.value)
        self.missing = {visit for visit in range(problem.size) if problem.visits.fits[visit]}
        self.travel = 0
        self.new_faces = 0
        self.unfair = sum(work * work / most for work, most in zip(self.week_work, people.max_week, strict=True))
        self.price_travel, self.price_face = float(weights.travel), float(weights.new_face)
        self.price_touched = float(weights.touched)
        self.price_fair = [float(weights.fairness) / most for most in people.max_week]
        self.fairness = float(weights.fairness)
        self.log: list[tuple[int, Route]] = []
        self.moves: list[tuple[int, tuple[int, ...]]] = []

    @property
    def cost(self) -> float:
        """The contract's cost, unrounded."""
        return (
            self.price_travel * self.travel
            + self.price_face * self.new_faces
            + self.fairness * self.unfair
            + self.price_touched * self.touched
        )

    def _empty(self, window: int) -> Route:
        route = self.routes.get(window, ())
        if route is None:
            route = Route(window, ())
            route.legs = [0]
        return route

    def put(self, route: Route) -> None:
        """Let a window's trip be this one."""
        window = route.window
        old = self.trips[window]
        if old is route:
            return
        self.log.append((window, old))
        self._place(route, old)

    def _place(self, route: Route, old: Route) -> None:
        problem, window = self.problem, route.window
        self.trips[window] = route
        self.travel += route.travel - old.travel
        volunteer = problem.windows.volunteer[window]
        more = route.work - old.work
        if more:
            work = self.week_work[volunteer]
            self.week_work[volunteer] = work + more
            self.day_work[problem.windows.key[window]] += more
            self.unfair += more * (2 * work + more) / problem.people.max_week[volunteer]
        if route.shifted != old.shifted:
            before = self._is_touched(volunteer)
            self.shifts[volunteer] += route.shifted - old.shifted
            self.touched += self._is_touched(volunteer) - before

    def serve(self, visit: int, windows: tuple[int, ...]) -> None:
        """Note by which windows a visit is served (none: not at all)."""
        self.moves.append((visit, self.spots[visit]))
        self._serve(visit, windows)

    def _serve(self, visit: int, windows: tuple[int, ...]) -> None:
        old = self.spots[visit]
        self.spots[visit] = windows
        if bool(old) != bool(windows):
            self.lost += self.problem.visits.value[visit] * (1 if old else -1)
            if old:
                self.missing.add(visit)
            else:
                self.missing.discard(visit)
        for window in old:
            self._meet(visit, window, -1)
        for window in windows:
            self._meet(visit, window, 1)

    def _meet(self, visit: int, window: int, change: int) -> None:
        problem = self.problem
        volunteer = problem.windows.volunteer[window]
        pair = problem.pair(problem.visits.elder[visit], volunteer)
        if pair not in problem.known:
            count = self.pairs.get(pair, 0) + change
            self.pairs[pair] = count
            if count == (1 if change > 0 else 0):
                self.new_faces += change
        if problem.week.baseline is not None:
            before = self._is_touched(volunteer)
            in_base = visit * problem.week.days + problem.windows.day[window] in problem.base.get(volunteer, {})
            self.off[volunteer] += -change if in_base else change
            self.touched += self._is_touched(volunteer) - before

    def _is_touched(self, volunteer: int) -> int:
        return 1 if self.off[volunteer] or self.shifts[volunteer] else 0

    def take(self, visits: set[int]) -> None:
        """Take visits out of the plan; a trip that cannot stand without them (odd matrices) loses more."""
        waiting = {visit for visit in visits if self.spots[visit]}
        while waiting:
            gone, waiting = waiting, set()
            for window in sorted({window for visit in gone for window in self.spots[visit]}):
                trip = self.trips[window]
                rest = self.routes.get(window, self.routes.without(trip, gone))
                if rest is None or (rest.work > trip.work and not self._affords(window, rest.work - trip.work)):
                    waiting.update(visit for visit in self.routes.visits(trip) if visit not in gone)
                    rest = self._empty(window)
                self.put(rest)
            for visit in sorted(gone):
                self.serve(visit, ())

    def _affords(self, window: int, more: int) -> bool:
        problem = self.problem
        volunteer = problem.windows.volunteer[window]
        return (
            self.day_work[problem.windows.key[window]] + more <= problem.people.max_day[volunteer]
            and self.week_work[volunteer] + more <= problem.people.max_week[volunteer]
        )

    def price(self, visit: int, window: int, travel: int) -> float:
        """Return what a visit would add to the cost in a window, or FORBIDDEN where a ceiling is passed."""
        problem = self.problem
        more = travel + problem.visits.minutes[visit]
        if not self._affords(window, more):
            return FORBIDDEN
        volunteer = problem.windows.volunteer[window]
        price = self.price_travel * travel + self.price_fair[volunteer] * more * (2 * self.week_work[volunteer] + more)
        pair = problem.visits.elder[visit] * len(self.off) + volunteer
        if pair not in problem.known and not self.pairs.get(pair):
            price += self.price_face
        if problem.week.baseline is not None:
            change = self.touch_change(visit, window)
            if change > 0 and self.touched >= self.limit:
                return FORBIDDEN
            price += self.price_touched * change
        return price

    def touch_change(self, visit: int, window: int) -> int:
        """Return by how many people serving a visit in a window changes the number touched."""
        problem = self.problem
        volunteer = problem.windows.volunteer[window]
        off = self.off[volunteer]
        if visit * problem.week.days + problem.windows.day[window] in problem.base.get(volunteer, {}):
            return -1 if off == 1 and not self.shifts[volunteer] else 0
        return 0 if off or self.shifts[volunteer] else 1

    def may_touch(self, visit: int, windows: tuple[int, ...]) -> bool:
        """Return whether the week bears that many people touched once these windows serve a visit."""
        if self.problem.week.baseline is None:
            return True
        change = sum(self.touch_change(visit, window) for window in windows)
        return change <= 0 or self.touched + change <= self.limit

    def mark(self) -> None:
        """Forget how to undo what was done so far."""
        self.log.clear()
        self.moves.clear()

    def undo(self) -> None:
        """Take everything back that was done since the last mark."""
        while self.log:
            window, old = self.log.pop()
            self._place(old, self.trips[window])
        while self.moves:
            visit, windows = self.moves.pop()
            self._serve(visit, windows)

    def snapshot(self) -> dict[int, tuple[int, ...]]:
        """Return the stops of every window in use: all that is needed to bring this plan back."""
        return {window: trip.stops for window, trip in enumerate(self.trips) if trip.stops}

    def restore(self, plan: dict[int, tuple[int, ...]]) -> None:
        """Become a plan that `snapshot` gave."""
        self.take({visit for visit, windows in enumerate(self.spots) if windows})
        served: dict[int, list[int]] = {}
        for window in sorted(plan):
            route = self.routes.get(window, plan[window])
            if route is None:
                continue
            self.put(route)
            for visit in self.routes.visits(route):
                served.setdefault(visit, []).append(window)
        for visit, windows in served.items():
            self.serve(visit, tuple(windows))
        self.mark()
