"""The search as Python sees it: a state that is annealed in short stretches, and the best plan so far."""

import time
from collections.abc import Callable

import numpy as np

from matching.search.anneal import LEAST_LOST, anneal, no_best, note_all, note_best
from matching.search.facts import FITS, FITS_END, Ints
from matching.search.loading import Stops, restore
from matching.search.parallel import Parallel
from matching.search.problem import Problem
from matching.search.state import LIMIT, NEW_FACES, SUM, TOUCHED, TRAVELLED, UNFAIR, State

WARM = 600.0
COLD = 2.0
SHAKEN_VISITS = 4_000
STRETCH = 64
STRETCH_SECONDS = 0.03
HANDS_STRETCH = 15
"""Parting a plan and joining it again takes its time, so two hands search longer stretches."""
POLISH_STEPS = 2_000
MOST_STRETCH = 50_000

Reached = tuple[int, float]
"""Value lost and cost: the less, the better."""


class Search:
    """One annealed search over one state, with its own random numbers."""

    def __init__(self, problem: Problem, state: State, *, seed: int = 1, steady: bool = False, parallel: bool = False) -> None:
        self.problem = problem
        self.state = state
        self.steady = steady
        self.parallel = Parallel(problem, state, seed) if parallel else None
        self.iterations = 0
        self.stretch = STRETCH
        f = problem.facts
        self.kept = no_best(len(f.windows), problem.most_stops)
        note_best(f, state, self.kept)
        # What is touched already without any choice (a withdrawn window) cannot be mended by refusing everything.
        state.sums[LIMIT] = max(int(state.sums[LIMIT]), int(state.sums[TOUCHED]))
        self.pool: Ints = np.flatnonzero(f.visits[:, FITS_END] > f.visits[:, FITS])
        # A week too big for many steps a visit must not be shaken first: it would never settle again.
        self.warm = WARM * min(1.0, SHAKEN_VISITS / max(1, problem.size))

    @property
    def is_parallel(self) -> bool:
        """Whether two hands search side by side."""
        return self.parallel is not None

    @property
    def best(self) -> Reached:
        """What the best plan so far loses and costs."""
        return int(self.kept.sums[LEAST_LOST]), float(self.kept.cost[0])

    def best_plan(self) -> Stops:
        """Return the stops of the best plan so far."""
        size, plan = max(1, self.problem.size), {}
        for window in np.flatnonzero(self.kept.stops[:, 0, 0]).tolist():
            stops = self.kept.stops[window]
            count = int(stops[0, 0])
            codes, held = stops[0, 1 : count + 1].tolist(), stops[1, 1 : count + 1].tolist()
            plan[window] = tuple(code if at < 0 or code < 0 else code + (at + 1) * size for code, at in zip(codes, held, strict=True))
        return plan

    def run(self, heat: Callable[[int], float | None]) -> None:
        """Search until `heat`, asked with the number of steps done, returns None; it returns the part still to go."""
        while len(self.pool):
            part = heat(self.iterations)
            if part is None:
                return
            began = time.monotonic()
            temperature = COLD * (self.warm / COLD) ** part
            self._anneal(temperature)
            self.iterations += self.stretch
            if not self.steady:
                spent = max(time.monotonic() - began, 1e-6)
                wanted = STRETCH_SECONDS * (HANDS_STRETCH if self.parallel else 1)
                self.stretch = int(min(max(self.stretch * wanted / spent, 1), 2 * self.stretch, MOST_STRETCH))

    def _anneal(self, temperature: float) -> None:
        if self.parallel is not None:
            self.parallel.anneal(self.kept, self.stretch, temperature)
        else:
            anneal(self.problem.facts, self.state, self.kept, self.pool, self.stretch, temperature, temperature)

    def polish(self) -> None:
        """Go on a little from the plan as it stands, where something was put in at the last moment."""
        note_all(self.kept)
        note_best(self.problem.facts, self.state, self.kept)
        anneal(self.problem.facts, self.state, self.kept, self.pool, POLISH_STEPS, COLD, COLD)
        self.back_to_best()

    def parts(self) -> dict[str, float]:
        """Say what the searched plan's cost is made of."""
        sums = self.state.sums
        return {
            "travel": int(sums[TRAVELLED]),
            "new_faces": int(sums[NEW_FACES]),
            "fairness": round(float(self.state.reals[SUM, UNFAIR]), 1),
        }

    def back_to_best(self) -> None:
        """Go on from the best plan so far."""
        restore(self.problem, self.state, self.best_plan())

    def adopt(self, plan: Stops) -> None:
        """Go on from a plan, which becomes the best if it is."""
        restore(self.problem, self.state, plan)
        note_all(self.kept)
        note_best(self.problem.facts, self.state, self.kept)
