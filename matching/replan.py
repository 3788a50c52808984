"""Re-planning after something changed: keep what stands, place what was lost, and disturb as few people as possible.

A visit without anybody goes straight into a trip, or one other visit makes room for it and finds a new place itself.
That is tried with nobody more touched than the change itself touches, then with one, with three, with any number; a
step of the ladder counts only if it serves more.
"""

import math
from collections.abc import Iterator

from matching.improve import Search
from matching.keep import keep, loosened
from matching.model import Plan, Week
from matching.problem import ALWAYS, Problem
from matching.recreate import Recreate
from matching.solve import Progress, Run, Stop, finish
from matching.state import FORBIDDEN, State

LADDER = (0, 1, 3, ALWAYS)
NAMES = {0: "0", 1: "1", 3: "3", ALWAYS: "any"}
MOST_TRIALS = 4_000
"""So many ejections are tried for one visit before it is left unserved on this step of the ladder."""


def replan(
    week: Week,
    *,
    seconds: float = 60.0,
    iterations: int | None = None,
    workers: int = 1,
    seed: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Plan:
    """Plan a week again around its baseline, touching as few people as can be.

    Parameters
    ----------
    week : Week
        The week as it is now, with the earlier plan as its baseline.
    seconds : float
        Wall time for everything; a usual change takes a fraction of a second.
    iterations : int or None
        The most ejections tried for one visit.
    workers : int
        Not more than one process is ever needed.
    seed : int
        Written into the plan; re-planning draws no random numbers.
    progress : callable or None
        Told after every step of the ladder, with how many people are touched.
    stop : callable or None
        Asked often; the best plan so far is returned soon after it says True.

    Returns
    -------
    Plan
        A plan that keeps every assignment of the baseline that still holds, unless one had to make room.
    """
    run = Run(week, seconds=seconds, seed=seed, progress=progress, stop=stop)
    if week.baseline is not None:
        keep(run.problem, run.state, week.baseline)
    run.tell("keep", touched=run.state.touched)
    climb(run, MOST_TRIALS if iterations is None else iterations, workers)
    return finish(run, Search(run.problem, run.state, seed))


def climb(run: Run, trials: int, workers: int) -> None:
    """Go up the ladder of people who may be touched; stop where everything is served that can be."""
    state, problem = run.state, run.problem
    forced = state.touched
    mender = Mender(run, trials if workers else 0)
    for step in LADDER:
        state.limit = min(problem.limit, forced + step)
        mender.mend()
        run.tell(f"ladder {NAMES[step]}", touched=state.touched)
        if run.halt() or run.left() <= 0 or state.limit == problem.limit < ALWAYS:
            break


class Mender:
    """Places unserved visits one after another, directly or by one ejection."""

    def __init__(self, run: Run, trials: int) -> None:
        self.run = run
        self.problem: Problem = run.problem
        self.state: State = run.state
        self.trials = trials
        self.recreate = Recreate(run.problem, run.state)

    def mend(self) -> None:
        """Place what can be placed, the weightiest first."""
        visits = self.problem.visits
        for visit in sorted(self.state.missing, key=lambda one: (-visits.value[one], len(visits.fits[one]), one)):
            if self.run.halt() or self.run.left() <= 0:
                return
            if not self.state.spots[visit] and not self._place(visit):
                self._eject(visit)
        self.state.mark()

    def _place(self, visit: int) -> bool:
        """Insert a visit where nobody else has to move, letting minutes slide only where they must."""
        self.state.mark()
        if self.recreate.insert(visit) and self.state.touched <= self.state.limit:
            return True
        self.state.undo()
        best, chosen = FORBIDDEN, -1
        for window in self.problem.visits.fits[visit] if visit not in self.recreate.crews else ():
            price = self._slid(visit, window)
            self.state.undo()
            if price < best:
                best, chosen = price, window
        return chosen >= 0 and self._slid(visit, chosen) < FORBIDDEN

    def _slid(self, visit: int, window: int) -> float:
        """Insert a visit into one trip whose other minutes may slide; return what that adds to the cost."""
        state = self.state
        before = state.cost
        trip = state.trips[window]
        loose = state.routes.get(window, loosened(self.problem, state.routes.size, trip.stops))
        if loose is None or loose is trip:
            return FORBIDDEN
        state.put(loose)
        placed = self.recreate.insert(visit, among={window})
        return state.cost - before if placed and state.touched <= state.limit else FORBIDDEN

    def _eject(self, visit: int) -> bool:
        """Let one visit make room and find another place; choose the cheapest such exchange."""
        best: tuple[float, int, int] = (math.inf, -1, -1)
        for count, (window, other) in enumerate(self._exchanges(visit)):
            if count >= self.trials or self.run.left() <= 0:
                break
            price = self._exchange(visit, window, other)
            self.state.undo()
            best = min(best, (price, window, other))
        if best[0] == math.inf:
            return False
        self._exchange(visit, best[1], best[2])
        return True

    def _exchanges(self, visit: int) -> Iterator[tuple[int, int]]:
        """Yield the windows that fit a visit, and in each the visits that might make room."""
        visits, state = self.problem.visits, self.state
        windows = sorted({*visits.fits[visit], *visits.seconds[visit]})
        for window in windows:
            for other in state.routes.visits(state.trips[window]):
                if not visits.pinned[other]:
                    yield window, other

    def _exchange(self, visit: int, window: int, other: int) -> float:
        """Do one exchange; return what it adds to the cost, infinite where it serves no more than before."""
        state = self.state
        state.mark()
        before, lost = state.cost, state.lost
        state.take({other})
        among = None if visit in self.recreate.crews else {window}
        if not self.recreate.insert(visit, among=among):
            return math.inf
        self.recreate.insert(other)
        if state.lost >= lost or state.touched > state.limit:
            return math.inf
        return state.cost - before
