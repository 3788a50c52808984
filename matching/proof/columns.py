"""The ceiling by columns: what whole weeks of single volunteers can serve, at prices under which they do not compete.

At any prices of the rows (master_rows.py) no plan serves more than the prices of all limits together with, for every
volunteer, the dearest week of trips at these prices within the ceilings of work. The dearest trips are found exactly
(pricing.py) and everything is added in whole numbers, so the ceiling holds whatever the linear programme's tolerances
are. The linear programme over the weeks found so far only proposes the next prices, near the best ones known.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from matching.proof.linear_programme import NO_WORK, SCALE, Programme, Trips, Weekly
from matching.proof.master_rows import Master, Shift
from matching.proof.pricing import FIELDS, dearest, unbeaten
from matching.search.problem import Problem

Ints = npt.NDArray[np.int64]

MOST_LABELS = 200_000
MOST_ROUNDS = 120
KEPT_WEEKS = 3
BEAMS = (1, 3, 0)
"""How many labels a place and minute are kept, first to last; 0 keeps all, and only that proves anything."""
NEAR_ENOUGH = 0.002
FIRST_PRICE = 0.6
WIDER, NARROWER = 1.3, 0.7


def joined(some: list[Weekly], more: list[Weekly], most: int) -> list[Weekly]:
    """Return the unbeaten sums of two lists within a ceiling of work, by rising work and worth."""
    best: dict[int, tuple[int, Weekly, Weekly]] = {}
    for one in some:
        for two in more:
            work, worth = one.work + two.work, one.worth + two.worth
            if work > most:
                break
            if work not in best or best[work][0] < worth:
                best[work] = (worth, one, two)
    found: list[Weekly] = []
    for work in sorted(best):
        worth, one, two = best[work]
        if not found or worth > found[-1].worth:
            found.append(Weekly(work, worth, one.trips + two.trips))
    return found


class Columns:
    """Rounds of pricing and a linear programme; `ceiling` falls, `ended` says that no column is left to be found.

    `overflowed` says that some window had too many labels: what it can serve at most was only estimated from above.
    """

    def __init__(self, problem: Problem, pins: int) -> None:
        self.problem = problem
        self.master = Master(problem, pins)
        self.limits = np.array(self.master.limits, dtype=np.int64)
        self.exact = np.array(self.master.exact)
        self.labels: Ints = np.zeros((MOST_LABELS, FIELDS), dtype=np.int64)
        self.programme = Programme(self.master)
        self.ceiling: int | None = None
        self.spent = 0
        self.ended = False
        self.overflowed = False

    def rounds(self, go_on: Callable[[], bool]) -> Iterator[int]:
        """Price and solve in turn while `go_on` says so; give the ceiling after every round that proves one."""
        prices = centre = self._first_prices()
        near, value, stage, lead = None, 0, 0, self.programme.step
        for _ in range(MOST_ROUNDS):
            trips = self._priced(prices, BEAMS[stage], go_on)
            if trips is None:
                return
            weeks = self._weeks(trips)
            reached = self.reached(prices, [week[-1].worth for week in weeks.values()])
            if BEAMS[stage] == 0:
                self.ceiling = reached // SCALE if self.ceiling is None else min(self.ceiling, reached // SCALE)
                yield self.ceiling
            better = near is None or reached < near
            hoped = 0 if near is None else near - value
            if better:
                lead = min(lead * WIDER, self.programme.step) if near is not None and near - reached > hoped / 2 else lead
                near, centre = reached, prices
            elif near is not None and reached - near > hoped:
                lead *= NARROWER
            new = sum(self.programme.add(self.master, trips, week) for weekly in weeks.values() for week in weekly[-KEPT_WEEKS:])
            solved = self.programme.solve(centre, lead)
            if solved is None:
                return
            if BEAMS[stage] == 0 and not new and not better:
                self.ended = True
                return
            value, prices, is_free = solved
            if self.ceiling is not None and is_free and value // SCALE >= self.ceiling:
                # The columns known already allow as much: no prices prove a lower whole number.
                self.ended = True
                return
            if BEAMS[stage] and near is not None and (near - value < NEAR_ENOUGH * near or not new):
                stage, near = stage + 1, None

    def _first_prices(self) -> Ints:
        prices = np.zeros(len(self.limits), dtype=np.int64)
        for shift in self.master.shifts.values():
            alone = shift.gain > 0
            prices[shift.rows[alone, 0]] = (shift.gain[alone] * FIRST_PRICE * SCALE).astype(np.int64)
        return prices

    def _priced(self, prices: Ints, beam: int, go_on: Callable[[], bool]) -> dict[int, Trips] | None:
        """Return the dearest trips of every window, None when there is no time for all."""
        found: dict[int, Trips] = {}
        for window, shift in self.master.shifts.items():
            if not go_on():
                return None
            found[window] = self.trips(shift, prices, beam)
        return found

    def trips(self, shift: Shift, prices: Ints, beam: int = 0) -> Trips:
        """Return the dearest trips of one window; where there are too many labels, one without stops that nothing can beat."""
        worth = shift.gain * SCALE - (prices[shift.rows] * shift.signs).sum(axis=1)
        count, ends = dearest(shift.chances, worth, beam, self.labels)
        self.spent += count if count >= 0 else MOST_LABELS
        if count < 0 and not beam:
            self.overflowed = True
            nothing = np.zeros(0, dtype=np.int64)
            return Trips(np.zeros(1, np.int64), np.array([self._at_most(shift, worth)]), np.zeros(2, np.int64), nothing)
        return Trips(*unbeaten(ends, self.labels))

    @staticmethod
    def _at_most(shift: Shift, worth: Ints) -> int:
        """Return the worth of serving every visit of a window at its dearest chance."""
        best: dict[int, int] = {}
        for visit, more in zip(shift.chances.visit.tolist(), worth.tolist(), strict=True):
            best[visit] = max(best.get(visit, 0), more)
        return sum(best.values())

    def _weeks(self, trips: dict[int, Trips]) -> dict[int, list[Weekly]]:
        """Return for every volunteer the weeks no other beats, the dearest last."""
        problem = self.problem
        found: dict[int, list[Weekly]] = {}
        windows, people, days = problem.windows, problem.people, problem.week.days
        for volunteer, own in enumerate(people.windows):
            week = [NO_WORK]
            for day in range(days):
                today = [NO_WORK]
                rest = max(0, people.max_day[volunteer] - people.used_day[volunteer * days + day])
                for window in own:
                    if windows.day[window] == day and window in trips:
                        today = joined(today, self._single(window, trips[window]), rest)
                week = joined(week, today, max(0, people.max_week[volunteer] - people.used_week[volunteer]))
            found[volunteer] = week
        return found

    @staticmethod
    def _single(window: int, trips: Trips) -> list[Weekly]:
        pairs = zip(trips.works.tolist(), trips.worths.tolist(), strict=True)
        return [NO_WORK, *(Weekly(work, worth, ((window, at),)) for at, (work, worth) in enumerate(pairs))]

    def reached(self, prices: Ints, weeks: list[int]) -> int:
        """Return the ceiling at these prices in parts of one: limits at their prices, meetings, and everybody's dearest week."""
        meetings: dict[int, int] = {}
        for one in self.master.meetings:
            more = one.weight * SCALE - sum(factor * int(prices[row]) for row, factor in one.enters.items())
            meetings[one.visit] = max(meetings.get(one.visit, 0), more)
        return int((prices * self.limits).sum()) + sum(meetings.values()) + sum(weeks)
