"""The search: take out a handful of visits that have to do with each other, put them and the unserved back, keep or undo.

Ruin and recreate in the manner of slack induction by string removals, under simulated annealing. One number is
compared: value lost times `PRICE_OF_WEIGHT` plus cost, so a cold search trades nothing served for comfort, and a warm one
may for a while. The best plan is remembered by the true order: value first, then cost.
"""

import math
import random
from collections.abc import Callable

import numpy as np

from matching.problem import Problem
from matching.recreate import Recreate
from matching.state import State

PRICE_OF_WEIGHT = 100.0
WARM = 100.0
COLD = 2.0
SHAKEN_VISITS = 4_000
MOST_TAKEN = 8
STRING = 4
MOST_WAITING = 40
BLINK = 0.02
EPSILON = 1e-6
LONG_FIRST = 0.75
SHARE_STRINGS, SHARE_ROOM, SHARE_FREED, SHARE_PEOPLE = 0.45, 0.6, 0.8, 0.9

Best = tuple[int, float]


class Search:
    """One annealed search over one state, with its own random numbers."""

    def __init__(self, problem: Problem, state: State, seed: int) -> None:
        self.problem = problem
        self.state = state
        self.rng = random.Random(seed)  # noqa: S311  repeats from its seed, guards nothing
        self.recreate = Recreate(problem, state)
        self.iterations = 0
        self.best: Best = (state.lost, state.cost)
        self.best_plan = state.snapshot()
        self.current = self._energy()
        # What is touched already without any choice (a withdrawn window) cannot be mended by refusing everything.
        self.limit = max(state.limit, state.touched)
        self.first, self.shunned = -1, frozenset[int]()
        self.near: dict[int, list[int]] = {}
        self.at_node: dict[int, list[int]] = {}
        self.by_elder: dict[int, list[int]] = {}
        for visit, node in enumerate(problem.visits.node):
            self.at_node.setdefault(node, []).append(visit)
            self.by_elder.setdefault(problem.visits.elder[visit], []).append(visit)
        # A week too big for many steps a visit must not be shaken first: it would never settle again.
        self.warm = WARM * min(1.0, SHAKEN_VISITS / max(1, problem.size))
        self.possible = [visit for visit in range(problem.size) if problem.visits.fits[visit]]
        self.weight_per_minute = [
            value / (minutes + 10) for value, minutes in zip(problem.visits.value, problem.visits.minutes, strict=True)
        ]
        self.scarcity = [len(fits) / value for fits, value in zip(problem.visits.fits, problem.visits.value, strict=True)]
        self.first = -1

    def run(self, heat: Callable[[int], float | None]) -> None:
        """Search until `heat`, asked with the number of steps done, returns None; it returns the part still to go."""
        if not self.possible:
            return
        while True:
            part = heat(self.iterations)
            if part is None:
                return
            self.step(COLD * (self.warm / COLD) ** part)

    def step(self, temperature: float) -> None:
        """Do one ruin and recreate, and keep it or take it back."""
        self.iterations += 1
        state = self.state
        state.mark()
        self.first, self.shunned = -1, frozenset()
        taken = self._ruin()
        state.take(taken)
        self._recreate()
        energy = self._energy()
        if energy < self.current - temperature * math.log(self.rng.random() or EPSILON) and self._within_limit():
            self.current = energy
            reached = (state.lost, state.cost)
            if reached[0] < self.best[0] or (reached[0] == self.best[0] and reached[1] < self.best[1] - EPSILON):
                self.best = reached
                self.best_plan = state.snapshot()
        else:
            state.undo()

    def back_to_best(self) -> None:
        """Go on from the best plan so far."""
        self.adopt(self.best_plan)

    def adopt(self, plan: dict[int, tuple[int, ...]]) -> None:
        """Go on from a plan, which becomes the best if it is."""
        self.state.restore(plan)
        self.current = self._energy()
        reached = (self.state.lost, self.state.cost)
        if reached < self.best:
            self.best, self.best_plan = reached, self.state.snapshot()

    def _energy(self) -> float:
        return self.state.lost * PRICE_OF_WEIGHT + self.state.cost

    def _within_limit(self) -> bool:
        return self.state.touched <= self.limit

    def _ruin(self) -> set[int]:
        draw = self.rng.random()
        if draw < SHARE_STRINGS:
            return self._near_strings()
        if draw < SHARE_ROOM:
            return self._room_for_one()
        if draw < SHARE_FREED:
            return self._freed_week()
        if draw < SHARE_PEOPLE:
            return self._people()
        return self._elders()

    def _near_strings(self) -> set[int]:
        """Take strings of neighbouring stops out of the trips of one day around one door."""
        rng, state = self.rng, self.state
        seed = rng.choice(self.possible)
        windows = state.spots[seed]
        day = self.problem.windows.day[windows[0]] if windows else rng.choice(self.problem.visits.days[seed])
        wanted = rng.randint(2, MOST_TAKEN)
        taken: set[int] = set()
        emptied: set[int] = set()
        for visit in self._neighbours(self.problem.visits.node[seed]):
            for window in state.spots[visit]:
                if self.problem.windows.day[window] == day and window not in emptied:
                    emptied.add(window)
                    taken.update(self._string(window, visit))
            if len(taken) >= wanted:
                break
        return taken

    def _string(self, window: int, visit: int) -> list[int]:
        visits = self.state.routes.visits(self.state.trips[window])
        length = self.rng.randint(1, min(STRING, len(visits)))
        at = visits.index(visit)
        start = self.rng.randint(max(0, at - length + 1), min(at, len(visits) - length))
        return visits[start : start + length]

    def _room_for_one(self) -> set[int]:
        """Make room for a visit nobody serves: empty the hours around it in a trip or two that could take it."""
        state, rng, problem = self.state, self.rng, self.problem
        waiting = sorted(state.missing)
        if not waiting:
            return self._near_strings()
        visit = rng.choice(waiting)
        self.first = visit
        fits, seconds = problem.visits.fits[visit], problem.visits.seconds[visit]
        windows = [rng.choice(fits)]
        if seconds:
            windows.append(rng.choice(seconds))
        taken: set[int] = set()
        for window in windows:
            visits = state.routes.visits(state.trips[window])
            if visits and rng.random() < 0.5:
                visits = self._string(window, rng.choice(visits))
            taken.update(visits)
            if rng.random() < 0.5:
                taken.update(self._week_of(problem.windows.volunteer[window]))
        return taken

    def _freed_week(self) -> set[int]:
        """Free the week of somebody who alone could serve a visit, and let others have first go at what they did."""
        state, rng, problem = self.state, self.rng, self.problem
        waiting = sorted(state.missing)
        if not waiting:
            return self._people()
        self.first = rng.choice(waiting)
        volunteer = problem.windows.volunteer[rng.choice(problem.visits.fits[self.first])]
        own = problem.people.windows[volunteer]
        self.shunned = frozenset(own)
        done = [visit for window in own for visit in state.routes.visits(state.trips[window])]
        most = min(len(done), 3 * MOST_TAKEN)
        return set(rng.sample(done, rng.randint((most + 1) // 2, most)))

    def _week_of(self, volunteer: int) -> list[int]:
        """Take a few visits out of a volunteer's other trips, whose minutes a ceiling of the week sets free."""
        trips = self.state.trips
        own = [visit for window in self.problem.people.windows[volunteer] for visit in self.state.routes.visits(trips[window])]
        return self.rng.sample(own, min(len(own), self.rng.randint(1, 4)))

    def _people(self) -> set[int]:
        """Empty the whole week of one or two volunteers."""
        state, people = self.state, self.problem.people
        taken: set[int] = set()
        for _ in range(self.rng.randint(1, 2)):
            seed = state.spots[self.rng.choice(self.possible)]
            if seed:
                volunteer = self.problem.windows.volunteer[seed[0]]
                for window in people.windows[volunteer]:
                    taken.update(state.routes.visits(state.trips[window]))
        return self._some(taken)

    def _elders(self) -> set[int]:
        """Take out all visits of one elder and perhaps of a neighbour."""
        seed = self.rng.choice(self.possible)
        taken = set(self.by_elder[self.problem.visits.elder[seed]])
        if self.rng.random() < 0.5:
            near = self._neighbours(self.problem.visits.node[seed])
            other = near[self.rng.randrange(min(len(near), 60))]
            taken.update(self.by_elder[self.problem.visits.elder[other]])
        return self._some({visit for visit in taken if self.state.spots[visit]})

    def _some(self, visits: set[int]) -> set[int]:
        if len(visits) <= 3 * MOST_TAKEN:
            return visits
        return set(self.rng.sample(sorted(visits), 3 * MOST_TAKEN))

    def _neighbours(self, node: int) -> list[int]:
        """Return the visits by distance of their door from a node."""
        known = self.near.get(node)
        if known is None:
            nodes = np.argsort(self.problem.legs.least[0][node], kind="stable")[:400]
            known = self.near[node] = [visit for one in nodes for visit in self.at_node.get(int(one), ())][:3_000]
        return known

    def _recreate(self) -> None:
        """Put back what was taken out and, where its people have changed, what nobody served before."""
        state, problem = self.state, self.problem
        taken = {visit for visit, _ in state.moves}
        waiting = sorted(state.missing)
        if len(waiting) > len(taken) + MOST_WAITING:
            others = [visit for visit in waiting if visit not in taken]
            waiting = [*sorted(taken), *self.rng.sample(others, MOST_WAITING)]
        changed = {problem.windows.volunteer[window] for window, _ in state.log}
        among = {window for volunteer in changed for window in problem.people.windows[volunteer]}
        self._sort(waiting)
        if self.first in waiting:
            waiting.remove(self.first)
            waiting.insert(0, self.first)
        rng, insert = self.rng, self.recreate.insert
        if self.shunned:
            insert(self.first, rng, BLINK, set(self.shunned))
            for visit in waiting:
                if visit in taken and not state.spots[visit]:
                    insert(visit, rng, BLINK, None, self.shunned)
        for visit in waiting:
            if not state.spots[visit]:
                insert(visit, rng, BLINK, None if visit in taken else among)

    def _sort(self, waiting: list[int]) -> None:
        self.rng.shuffle(waiting)
        draw = self.rng.random()
        if draw < 0.3:
            waiting.sort(key=self.weight_per_minute.__getitem__, reverse=True)
        elif draw < 0.6:
            waiting.sort(key=self.scarcity.__getitem__)
        elif draw < LONG_FIRST:
            waiting.sort(key=self.problem.visits.minutes.__getitem__, reverse=True)
