"""A proved ceiling of the served weight: no plan of the week that keeps as many pins can serve more.

Steps, each no higher than the one before. Visits no window fits are lost. A small week is then bounded by columns
(columns.py), which mostly closes it. Otherwise the relaxation (relaxation.py) as a linear programme: its prices are
rounded to whole numbers and the ceiling is worked out from them in whole numbers, so it holds whatever the solver's
tolerances are. Then the same rows with whole unknowns, by CP-SAT, whose own bound is valid even when it stops early;
last the rows with moats (moats.py), in the same way. OR-Tools and numba are loaded only here, and only when there is time.
"""

import time
from collections.abc import Callable
from typing import Any

from matching.facts import ALWAYS
from matching.problem import Problem
from matching.relaxation import Relaxation, Rows, Terms

MOST_CANDIDATES = 20_000
"""Beyond this many (visit, window) pairs the relaxation is not built: building alone would outlast a solve."""
MOST_FOR_COLUMNS = 1_500
"""Beyond this many pairs the exact pricing of trips takes longer than a solve."""
STEADY_LABELS = 4_000_000
COLUMNS_SHARE = 0.7
LEAST_SECONDS = 1.0
STEADY_SECONDS = 2.0
PLAIN_SHARE = 0.5
"""The rows without moats are bounded first: they give less, but soon, and a busy machine may not get further."""
SCALE = 1 << 24
"""Prices are kept in these parts of one."""

Told = Callable[[int], None]


def trivial(problem: Problem) -> int:
    """Return the weight of all visits that fit some window when it serves nothing else."""
    visits = problem.visits
    seats = zip(visits.weight, visits.crew, visits.fits.counts(), visits.seconds.counts(), strict=True)
    return sum(weight for weight, crew, one, two in seats if one and (crew == 1 or two))


def can_prove(problem: Problem) -> bool:
    """Return whether more than the least ceiling can be proved in the time of a solve."""
    return 0 < len(problem.visits.fits.values) <= MOST_CANDIDATES


def prove(
    problem: Problem,
    *,
    seconds: float,
    pins: int = 0,
    steady: bool = False,
    stop: Callable[[], bool] | None = None,
    told: Told | None = None,
) -> int:
    """Return the best ceiling found in the time; `steady` counts work instead of time, so that runs repeat exactly."""
    began = time.monotonic()
    ceiling = trivial(problem)
    if not can_prove(problem) or seconds < LEAST_SECONDS:
        return ceiling
    if len(problem.visits.fits.values) <= MOST_FOR_COLUMNS:
        whole, ceiling = by_columns(problem, pins, ceiling, seconds * COLUMNS_SHARE, steady=steady, stop=stop, told=told)
        if whole:
            return ceiling
    limit = None if steady else max(seconds - (time.monotonic() - began), 0.1)
    plain = Relaxation(problem, pins, moats=False).rows
    ceiling = min(ceiling, by_prices(plain, limit))
    for moats, share in ((False, PLAIN_SHARE), (True, 1.0)):
        if told is not None:
            told(ceiling)
        left = STEADY_SECONDS if steady else seconds - (time.monotonic() - began)
        if left > LEAST_SECONDS:
            rows = Relaxation(problem, pins, moats=True).rows if moats else plain
            ceiling = min(ceiling, by_search(rows, left * share, steady=steady, stop=stop))
    return ceiling


def by_columns(
    problem: Problem,
    pins: int,
    ceiling: int,
    seconds: float,
    *,
    steady: bool,
    stop: Callable[[], bool] | None,
    told: Told | None,
) -> tuple[bool, int]:
    """Return whether the columns have closed the week or can do no more, and the ceiling they prove."""
    from matching.columns import Columns

    columns, until = Columns(problem, pins), time.monotonic() + seconds

    def go_on() -> bool:
        return (columns.spent < STEADY_LABELS if steady else time.monotonic() < until) and not (stop is not None and stop())

    for proved in columns.rounds(go_on):
        ceiling = min(ceiling, proved)
        if told is not None:
            told(ceiling)
    return columns.ended, ceiling


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


def by_search(rows: Rows, seconds: float, *, steady: bool, stop: Callable[[], bool] | None) -> int:
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
        return int(solver.best_objective_bound + 1e-6)
    # Stopped before a first answer, the solver shows a bound of 0 that nothing stands behind: only what it reported counts.
    return int(min(reported) + 1e-6) if status == cp_model.UNKNOWN and reported else ALWAYS
