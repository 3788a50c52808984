"""Puts visits into the plan, each at its cheapest place: the one move both the first plan and the search are made of."""

import random
from collections.abc import Callable
from typing import cast

from matching.insertion import Gap, Spot
from matching.problem import ALWAYS, Problem
from matching.state import FORBIDDEN, State

MOST_SCANNED = 32
"""Where more trips than this would have to be looked at for one visit, only the most promising are, unless none takes it."""


class Recreate:
    """Cheapest insertion of visits served alone and of visits served by two at once."""

    def __init__(self, problem: Problem, state: State) -> None:
        self.problem = problem
        self.state = state
        self.size = state.routes.size
        # Only in a matrix given as it stands can a visit on the way make a trip shorter.
        self.metric = problem.week.travel.minutes is None
        self.crews = {visit: self._by_day(visit) for visit, crew in enumerate(problem.visits.crew) if crew == 2}

    def _by_day(self, visit: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        visits, day_of = self.problem.visits, self.problem.windows.day
        out = []
        for day in visits.days[visit]:
            first = tuple(w for w in visits.fits[visit] if day_of[w] == day)
            second = tuple(w for w in visits.seconds[visit] if day_of[w] == day)
            if first and second:
                out.append((first, second))
        return out

    def insert(
        self,
        visit: int,
        rng: random.Random | None = None,
        blink: float = 0.0,
        among: set[int] | None = None,
        shun: frozenset[int] = frozenset(),
    ) -> bool:
        """Serve a visit where that is cheapest; return whether it could be served at all.

        With a blink every window is passed over with that chance, so that the search does not always do the same.
        `among` names the windows that have changed since the visit last found no place; nothing else is looked at.
        `shun` names windows that are to be left free for somebody else.
        """
        windows = self.problem.visits.fits[visit]
        if among is not None:
            if among.isdisjoint(windows) and among.isdisjoint(self.problem.visits.seconds[visit]):
                return False
            windows = tuple(window for window in windows if window in among)
        if shun:
            windows = tuple(window for window in windows if window not in shun)
        if visit in self.crews:
            return self._insert_crew(visit, rng, blink)
        while True:
            found = self._cheapest(visit, windows, rng, blink)
            if found is None:
                return False
            window, spot = found
            trip = self.state.trips[window]
            route = self.state.routes.get(window, self.state.insertion.stops(trip, spot))
            if route is not None:
                self.state.put(route)
                self.state.serve(visit, (window,))
                return True
            self.state.insertion.exact(trip, visit)

    def _cheapest(self, visit: int, windows: tuple[int, ...], rng: random.Random | None, blink: float) -> tuple[int, Spot] | None:
        """Return the cheapest window for a visit served alone, and the place in its trip.

        A trip whose places are not known yet is looked at only if the volunteer could do the visit without any way
        at all, and for less than the best so far.
        """
        state, trips = self.state, self.state.trips
        if rng is not None and blink:
            windows = tuple(window for window in windows if rng.random() >= blink)
        best: Spot | None = None
        least, chosen = FORBIDDEN, -1
        unknown: list[tuple[float, int]] = []
        for window in windows:
            options = trips[window].options
            if visit not in options:
                unknown.append((state.price(visit, window, 0), window))
                continue
            spot = cast("Spot | None", options[visit])
            if spot is not None:
                price = state.price(visit, window, spot[0])
                if price < least:
                    best, least, chosen = spot, price, window
        return self._look(visit, unknown, (least, chosen, best))

    def _look(self, visit: int, unknown: list[tuple[float, int]], known: tuple[float, int, Spot | None]) -> tuple[int, Spot] | None:
        """Look at trips whose places are not known yet, the least price without any way first, while that may pay."""
        state = self.state
        least, chosen, best = known
        many = len(unknown) > MOST_SCANNED
        unknown.sort(key=self._promise(visit) if many else None)
        for looked, (lowest, window) in enumerate(unknown):
            if many and looked >= MOST_SCANNED and best is not None:
                break
            if lowest >= (least if self.metric else FORBIDDEN):
                if many:
                    continue
                break
            spot = state.insertion.spot(state.trips[window], visit)
            if spot is not None:
                price = state.price(visit, window, spot[0])
                if price < least:
                    best, least, chosen = spot, price, window
        return None if best is None else (chosen, best)

    def _promise(self, visit: int) -> Callable[[tuple[float, int]], tuple[float, int]]:
        """Return the order in which many windows are looked at: by price and way from home."""
        node, out = self.problem.visits.node[visit], self.problem.legs.out
        volunteer, price = self.problem.windows.volunteer, self.state.price_travel
        return lambda one: (one[0] + price * out[volunteer[one[1]]][node], one[1])

    def _insert_crew(self, visit: int, rng: random.Random | None, blink: float) -> bool:
        best: tuple[float, int, int, Gap, Gap, int] | None = None
        for first, second in self.crews[visit]:
            leads = self._members(visit, first, rng, blink)
            others = leads if second == first else self._members(visit, second, rng, blink)
            for lead in leads:
                for other in others:
                    best = self._better_pair(visit, lead, other, best)
        if best is None:
            return False
        _, one, two, gap_one, gap_two, start = best
        return self._serve_together(visit, (one, two), (gap_one[1], gap_two[1]), start)

    def _members(self, visit: int, windows: tuple[int, ...], rng: random.Random | None, blink: float) -> list[tuple[float, int, list[Gap]]]:
        """Return who could be one of the crew, with the least price of each."""
        out: list[tuple[float, int, list[Gap]]] = []
        for window in windows:
            if blink and rng is not None and rng.random() < blink:
                continue
            gaps = self.state.insertion.gaps(self.state.trips[window], visit)
            if gaps:
                price = self.state.price(visit, window, gaps[0][0])
                if price < FORBIDDEN:
                    out.append((price, window, gaps))
        out.sort(key=lambda one: one[:2])
        return out

    def _better_pair(
        self,
        visit: int,
        lead: tuple[float, int, list[Gap]],
        other: tuple[float, int, list[Gap]],
        best: tuple[float, int, int, Gap, Gap, int] | None,
    ) -> tuple[float, int, int, Gap, Gap, int] | None:
        least = FORBIDDEN if best is None else best[0]
        if lead[0] + other[0] >= least or not self._may_pair(visit, lead[1], other[1]):
            return best
        for gap_one in lead[2]:
            price_one = self.state.price(visit, lead[1], gap_one[0])
            for gap_two in other[2]:
                start, end = max(gap_one[2], gap_two[2]), min(gap_one[3], gap_two[3])
                if start > end:
                    continue
                price = price_one + self.state.price(visit, other[1], gap_two[0])
                if price >= least:
                    break
                held = self._kept(visit, (lead[1], other[1]), start, end)
                if self._holds(visit, lead[1], gap_one, held) and self._holds(visit, other[1], gap_two, held):
                    best, least = (price, lead[1], other[1], gap_one, gap_two, held), price
                    break
        return best

    def _may_pair(self, visit: int, one: int, two: int) -> bool:
        volunteer = self.problem.windows.volunteer
        pair = {volunteer[one], volunteer[two]}
        return len(pair) == 2 and self.problem.visits.must[visit] <= pair and self.state.may_touch(visit, (one, two))

    def _kept(self, visit: int, windows: tuple[int, int], start: int, end: int) -> int:
        """Return the baseline's start where that holds for the pair, else the earliest common one."""
        for window in windows:
            kept = self.state.insertion.kept_start(window, visit)
            if kept is not None and start <= kept <= end:
                return kept
        return start

    def _code(self, visit: int, start: int) -> int:
        return visit + (start + 1) * self.size

    def _with(self, visit: int, window: int, gap: int, start: int) -> tuple[int, ...]:
        stops = self.state.trips[window].stops
        return (*stops[:gap], self._code(visit, start), *stops[gap:])

    def _holds(self, visit: int, window: int, gap: Gap, start: int) -> bool:
        """Return whether a gap inside a hot trip truly holds; elsewhere the test was exact already."""
        trip = self.state.trips[window]
        return trip.bears[gap[1]] >= ALWAYS or self.state.routes.get(window, self._with(visit, window, gap[1], start)) is not None

    def _serve_together(self, visit: int, windows: tuple[int, int], gaps: tuple[int, int], start: int) -> bool:
        built = [self.state.routes.get(window, self._with(visit, window, gap, start)) for window, gap in zip(windows, gaps, strict=True)]
        if built[0] is None or built[1] is None:
            return False
        self.state.put(built[0])
        self.state.put(built[1])
        self.state.serve(visit, windows)
        return True
