"""The linear programme over whole weeks of single volunteers: it proposes the next prices."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.proof.master_rows import Master

Ints = npt.NDArray[np.int64]

SCALE = 1 << 20
"""Prices are kept in these parts of one."""
STEP = 0.4
"""Prices may move by so much of a mean weight from the best known at first."""
NOTHING = 1e-7
WARM = "use_preprocessing: false use_scaling: false"
"""GLOP goes on from the last basis only if it sees the same rows and columns again."""


@dataclass(slots=True)
class Trips:
    """The trips of one window no other beats: work and worth of each, and its stops."""

    works: Ints
    worths: Ints
    marks: Ints
    stops: Ints

    def path(self, number: int) -> Ints:
        """Return the chances and kitchens of one trip in their order."""
        return self.stops[self.marks[number] : self.marks[number + 1]]


@dataclass(frozen=True, slots=True)
class Weekly:
    """A volunteer's work and worth in some windows, and which trip of each window it is made of."""

    work: int
    worth: int
    trips: tuple[tuple[int, int], ...]


NO_WORK = Weekly(0, 0, ())


class Programme:
    """Columns so far; between two solves prices stay within a box around the best ones known."""

    def __init__(self, master: Master) -> None:
        from ortools.linear_solver import pywraplp

        self.solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString(WARM)
        self.endless: float = self.solver.infinity()
        self.exact = np.array(master.exact)
        limits = zip(master.limits, master.exact, strict=True)
        self.rows = [self.solver.Constraint(limit if exact else -self.endless, limit) for limit, exact in limits]
        self.people = {volunteer: self.solver.Constraint(-self.endless, 1) for volunteer in range(len(master.problem.people.windows))}
        self.goal = self.solver.Objective()
        self.goal.SetMaximization()
        if master.pins:
            # The few columns known at first need not keep as many pins: what is missing has a price beyond all weights.
            slack = self.solver.NumVar(0, self.endless, "")
            self.rows[master.pins].SetCoefficient(slack, -1)
            self.goal.SetCoefficient(slack, -(1 + sum(master.problem.visits.weight)))
        self.known: set[tuple[tuple[int, tuple[int, ...]], ...]] = set()
        self._meetings(master)
        self.most: dict[int, int] = {}
        self.box = self._box(master)
        gains = [shift.gain[shift.gain > 0] for shift in master.shifts.values()]
        self.step = STEP * float(np.concatenate([*gains, np.ones(1)]).mean())

    def _meetings(self, master: Master) -> None:
        """Add the unknowns of all meetings, of which each visit for two has one."""
        once: dict[int, Any] = {}
        for one in master.meetings:
            unknown = self.solver.NumVar(0, 1, "")
            if one.visit not in once:
                once[one.visit] = self.solver.Constraint(-self.endless, 1)
            once[one.visit].SetCoefficient(unknown, 1)
            for at, factor in one.enters.items():
                self.rows[at].SetCoefficient(unknown, factor)
            self.goal.SetCoefficient(unknown, one.weight)

    def _box(self, master: Master) -> dict[int, tuple[Any, Any]]:
        """Give each visit for one two unknowns that hold its price from below and from above."""
        found: dict[int, tuple[Any, Any]] = {}
        for shift in master.shifts.values():
            alone = shift.gain > 0
            for row, gain in zip(shift.rows[alone, 0].tolist(), shift.gain[alone].tolist(), strict=True):
                if row not in found:
                    self.most[row] = gain
                    found[row] = self.solver.NumVar(0, self.endless, ""), self.solver.NumVar(0, self.endless, "")
                    for unknown, factor in zip(found[row], (1, -1), strict=True):
                        self.rows[row].SetCoefficient(unknown, factor)
        return found

    def add(self, master: Master, trips: dict[int, Trips], week: Weekly) -> bool:
        """Add a volunteer's week; return whether it is a new one that serves somebody."""
        paths = {window: trips[window].path(at) for window, at in week.trips}
        key = tuple(
            (window, tuple(sorted(path[path < len(master.shifts[window].gain)].tolist()))) for window, path in sorted(paths.items())
        )
        if not paths or key in self.known or not all(len(path) for path in paths.values()):
            return False
        self.known.add(key)
        unknown = self.solver.NumVar(0, self.endless, "")
        gain, factors = 0, np.zeros(len(self.rows), dtype=np.int64)
        for window, doors in key:
            shift, chosen = master.shifts[window], list(doors)
            gain += int(shift.gain[chosen].sum())
            np.add.at(factors, shift.rows[chosen].ravel(), shift.signs[chosen].ravel())
        factors[0] = 0
        for row in np.flatnonzero(factors).tolist():
            self.rows[row].SetCoefficient(unknown, float(factors[row]))
        self.people[master.problem.windows.volunteer[key[0][0]]].SetCoefficient(unknown, 1)
        self.goal.SetCoefficient(unknown, gain)
        return True

    def solve(self, centre: Ints, step: float) -> tuple[int, Ints, bool] | None:
        """Return the value, the next prices, at most a step from the centre, and whether that step was no limit; None where the solver gives up."""
        for row, (below, above) in self.box.items():
            price = float(centre[row]) / SCALE
            self.goal.SetCoefficient(below, max(0.0, price - step))
            self.goal.SetCoefficient(above, -min(price + step, self.most[row]))
        if self.solver.Solve() != self.solver.OPTIMAL:
            return None
        prices = np.array([round(row.dual_value() * SCALE) for row in self.rows], dtype=np.int64)
        prices = np.where(self.exact, prices, np.maximum(prices, 0))
        prices[0] = 0
        is_free = all(abs(unknown.solution_value()) < NOTHING for pair in self.box.values() for unknown in pair)
        return int(self.goal.Value() * SCALE), prices, is_free
