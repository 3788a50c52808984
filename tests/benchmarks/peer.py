"""The other solvers by name, and one of them on one week: `python -m tests.benchmarks peer vroom week.json -o plan.json`."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

from matching.files import plan_to_json, read_week
from matching.model import Plan, Week
from tests.benchmarks.greedy import greedy
from tests.benchmarks.stripped import CannotSay, Day, Tours, days_of, plan_of

Solver = Callable[[Day, float], Tours]

GREEDY = "greedy"
PACKAGES = {"ortools": "ortools", "vroom": "pyvroom", "pyvrp": "pyvrp"}
ORTOOLS = ("ortools-savings", "ortools-insertion", "ortools-annealing", "ortools-tabu", "ortools-ils")
NAMES = (GREEDY, "vroom", "pyvrp", *ORTOOLS)


def missing(name: str) -> str:
    """Say which package a solver lacks, or nothing."""
    if name == GREEDY or importlib.util.find_spec(package := name.partition("-")[0]) is not None:
        return ""
    return f"{PACKAGES[package]} is not installed: pip install -e '.[bench]'"


def plan_by(name: str, week: Week, seconds: float) -> Plan:
    """Plan a week by one solver: the days one after the other, each with its share of the seconds by its tasks."""
    if name == GREEDY:
        return greedy(week)
    if missing(name):
        raise CannotSay(missing(name))
    package, _, setting = name.partition("-")
    module = importlib.import_module(f"tests.benchmarks.with_{package}")
    solver: Solver = (lambda day, left: module.solve(day, left, setting)) if setting else module.solve
    days = list(days_of(week))
    tasks = sum(len(day.tasks) for day in days)
    return plan_of(week, [(day, solver(day, seconds * len(day.tasks) / tasks)) for day in days])


def write(name: str, source: Path, target: Path, seconds: float) -> None:
    """Read a week, plan it by one solver and write the plan."""
    target.write_text(plan_to_json(plan_by(name, read_week(source), seconds)), encoding="utf-8")
