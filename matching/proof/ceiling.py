"""A proved ceiling of the served weight: no plan of the week that keeps as many pins can serve more.

Steps, each no higher than the one before. Visits no window fits are lost. A small week is then bounded by rows, soon, and by columns
(columns.py), which mostly close it. Where rows were not searched to their end, the relaxation (relaxation.py) as a linear programme: its prices are
rounded to whole numbers and the ceiling is worked out from them in whole numbers, so it holds whatever the solver's
tolerances are. Then the same rows with whole unknowns, by CP-SAT, whose own bound is valid even when it stops early;
last the rows with moats (neighbourhoods.py), in the same way. The visits hardest to serve are bounded alone before (hard_to_serve.py);
in a big week nothing else is. OR-Tools and numba are loaded only here, and only when there is time.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from matching.proof.hard_to_serve import hardest
from matching.proof.proved import Ceiling, End, Way
from matching.proof.relaxation import Relaxation, Rows, Terms
from matching.search.facts import ALWAYS
from matching.search.problem import Problem

MOST_CANDIDATES = 20_000
"""Beyond this many (visit, window) pairs the relaxation of all visits is not built: building alone would outlast a solve."""
FEW_HARD = 0.25
"""The hardest visits that are bounded alone first have at most such a share of all pairs."""
MANY_HARD = 13_000
"""In a big week they have at most so many pairs."""
HARD_SHARE = 0.25
MOST_FOR_COLUMNS = 1_500
"""Beyond this many pairs the exact pricing of trips takes longer than a solve."""
STEADY_LABELS = 4_000_000
COLUMNS_SHARE = 0.7
LEAST_SECONDS = 1.0
STEADY_SECONDS = 2.0
QUICK_SHARE = 0.3
"""A small week's rows are bounded first, in such a share of the time."""
QUICK_SECONDS = 0.2
PLAIN_SHARE = 0.25
"""The rows without moats are bounded first: they give less, but soon, and a busy machine may not get further."""
SCALE = 1 << 24
"""Prices are kept in these parts of one."""

Told = Callable[[Ceiling], None]


def trivial(problem: Problem, visits: Iterable[int] | None = None) -> int:
    """Return the weight of all visits, or of some, that fit some window when it serves nothing else."""
    some, fits, seconds = problem.visits, problem.visits.fits.counts(), problem.visits.seconds.counts()
    chosen = range(problem.size) if visits is None else visits
    return sum(some.weight[one] for one in chosen if fits[one] and (some.crew[one] == 1 or seconds[one]))


def can_prove(problem: Problem) -> bool:
    """Return whether the ceiling of all visits together can be worked out in the time of a solve."""
    return 0 < len(problem.visits.fits.values) <= MOST_CANDIDATES


def prove(
    problem: Problem,
    *,
    seconds: float,
    pins: int = 0,
    served: int = 0,
    steady: bool = False,
    stop: Callable[[], bool] | None = None,
    told: Told | None = None,
) -> Ceiling:
    """Return the best ceiling found in the time, down to what a plan that is known serves.

    `steady` counts work instead of time, so that runs repeat exactly.
    """
    proof = Proof(problem, pins, seconds, steady=steady, stop=stop, told=told, served=served)
    pairs = len(problem.visits.fits.values)
    if pairs and seconds < LEAST_SECONDS:
        proof.ended = End.TIME
    elif pairs:
        if pairs <= MOST_FOR_COLUMNS:
            # So few rows are searched in no time, and they mostly say what columns do not.
            proof.by_rows(None, QUICK_SHARE, moats=True)
            proof.by_columns()
        if not can_prove(problem):
            proof.by_rows(hardest(problem, MANY_HARD), 1.0, moats=True)
        elif not proof.searched:
            proof.by_rows(hardest(problem, int(FEW_HARD * pairs)), HARD_SHARE, moats=True)
            proof.by_rows(None, PLAIN_SHARE, moats=False)
            proof.by_rows(None, 1.0, moats=True)
    return proof.ceiling.ending(proof.ended or End.NO_GAIN).beside(served)


class Proof:
    """One proof on its way: what is proved so far, the time it may take, who is told and who may stop it."""

    def __init__(
        self,
        problem: Problem,
        pins: int,
        seconds: float,
        *,
        steady: bool,
        stop: Callable[[], bool] | None,
        told: Told | None,
        served: int = 0,
    ) -> None:
        self.problem = problem
        self.pins = pins
        self.steady = steady
        self.seconds = seconds
        self.stopped = stop or (lambda: False)
        self.told = told or (lambda _ceiling: None)
        self.began = time.monotonic()
        self.ceiling = Ceiling(trivial(problem))
        self.served = served
        self.ended: End | None = None
        self.searched = False
        self.least = QUICK_SECONDS if len(problem.visits.fits.values) <= MOST_FOR_COLUMNS else LEAST_SECONDS

    def left(self) -> float:
        """Return the seconds that are left, when time is counted."""
        return self.seconds - (time.monotonic() - self.began)

    def lower(self, proved: int, proof: Way) -> None:
        """Take in what has been proved."""
        self.ceiling = self.ceiling.lower(proved, proof)
        self.told(self.ceiling)

    def by_columns(self) -> None:
        """Bound by columns."""
        if self.ceiling <= self.served:
            return
        from matching.proof.columns import Columns

        columns, until = Columns(self.problem, self.pins), time.monotonic() + self.seconds * COLUMNS_SHARE

        def go_on() -> bool:
            return (columns.spent < STEADY_LABELS if self.steady else time.monotonic() < until) and not self.stopped()

        for proved in columns.rounds(go_on):
            self.lower(proved, Way.PRICES)
            if self.ceiling <= self.served:
                return
        if columns.overflowed or (self.steady and columns.spent >= STEADY_LABELS):
            self.ended = End.LABELS
        elif not columns.ended and not go_on():
            self.ended = End.TIME
        elif columns.ended and self.ceiling.proof == Way.PRICES:
            self.ceiling = Ceiling(self.ceiling, Way.COLUMNS)

    def by_rows(self, only: frozenset[int] | None, share: float, *, moats: bool) -> None:
        """Bound all visits, or some beside the whole weight of the others, by prices and then by a search within a share of the time left."""
        if self.ceiling <= self.served or (only is not None and not only):
            return
        if self.stopped() or (not self.steady and self.left() < self.least):
            self.ended = End.TIME
            return
        others = 0 if only is None else trivial(self.problem) - trivial(self.problem, only)
        rows = Relaxation(self.problem, self.pins, moats=moats, only=only).rows
        self.lower(others + by_prices(rows, None if self.steady else max(self.left() * share, 0.1)), Way.ROWS)
        left = STEADY_SECONDS if self.steady else self.left() * share
        if left <= self.least:
            self.ended = End.TIME
        elif self.ceiling > self.served:
            found = by_search(rows, left, steady=self.steady, stop=self.stopped)
            self.lower(others + found.most, Way.BRANCHING)
            if only is None and moats:
                self.searched = found.whole
                self.ended = self.ended if found.whole else End.TIME


def by_prices(rows: Rows, seconds: float | None) -> int:
    """Return the ceiling the linear programme's prices prove, in whole numbers."""
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    if seconds is not None:
        solver.SetTimeLimit(int(seconds * 1000))
    unknowns = [solver.NumVar(0, most, "") for most in rows.most]
    made = [_row(solver, unknowns, *row) for row in rows.rows]
    goal = solver.Objective()
    for unknown, value in zip(unknowns, rows.value, strict=True):
        if value:
            goal.SetCoefficient(unknown, value)
    goal.SetMaximization()
    if solver.Solve() not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return ALWAYS
    return priced(rows, [round(row.dual_value() * SCALE) for row in made])


def _row(solver: Any, unknowns: list[Any], terms: Terms, limit: int, exact: bool) -> Any:  # noqa: ANN401, FBT001
    row = solver.Constraint(limit if exact else -solver.infinity(), limit)
    factors: dict[int, int] = {}
    for unknown, factor in terms:
        factors[unknown] = factors.get(unknown, 0) + factor
    for unknown, factor in factors.items():
        row.SetCoefficient(unknowns[unknown], factor)
    return row


def priced(rows: Rows, prices: list[int]) -> int:
    """Return the ceiling that prices of the rows prove: any prove one, good prices a low one.

    The price of a row that may stay below its limit counts only from 0 up; a row that must be met may have any.
    """
    excess = [value * SCALE for value in rows.value]
    total = 0
    for (terms, limit, exact), price in zip(rows.rows, prices, strict=True):
        if price > 0 or exact:
            total += price * limit
            for unknown, factor in terms:
                excess[unknown] -= price * factor
    total += sum(most * more for most, more in zip(rows.most, excess, strict=True) if more > 0)
    return total // SCALE


class Searched(NamedTuple):
    """What a search proves: the most the rows allow, and whether that is the very most."""

    most: int
    whole: bool


def by_search(rows: Rows, seconds: float, *, steady: bool, stop: Callable[[], bool] | None) -> Searched:
    """Return the ceiling CP-SAT proves for the rows with whole unknowns."""
    from ortools.sat.python import cp_model

    model: Any = cp_model.CpModel()
    unknowns = [model.new_int_var(0, most, "") for most in rows.most]
    for terms, limit, exact in rows.rows:
        total = cp_model.LinearExpr.weighted_sum([unknowns[one] for one, _ in terms], [factor for _, factor in terms])
        model.add(total == limit if exact else total <= limit)
    model.maximize(cp_model.LinearExpr.weighted_sum(unknowns, rows.value))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2
    # The ceiling is what is wanted, soon: what takes long before the first bound is left out.
    solver.parameters.optimize_with_lb_tree_search = True
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    if steady:
        solver.parameters.max_deterministic_time = seconds
    else:
        solver.parameters.max_time_in_seconds = seconds
    reported: list[float] = []

    def hear(ceiling: float) -> None:
        reported.append(ceiling)
        if stop is not None and stop():
            solver.stop_search()

    solver.best_bound_callback = hear
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Searched(int(solver.best_objective_bound + 1e-6), status == cp_model.OPTIMAL)
    # Stopped before a first answer, the solver shows a bound of 0 that nothing stands behind: only what it reported counts.
    return Searched(int(min(reported) + 1e-6) if status == cp_model.UNKNOWN and reported else ALWAYS, whole=False)
