"""Our engine as any user runs it: `python -m matching` as a child process, its progress heard, its plan judged."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from matching.files import read_plan, read_week, week_to_json
from matching.model import Plan, VisitStop, Week
from tests.benchmarks.generate import generate
from tests.benchmarks.measure import Run, run

GRACE = 120.0
"""Seconds a child may be late before it is ended: a late answer is a figure too, an endless one is not."""
START_SECONDS = 5.0


def solve(
    week: Week,
    folder: Path,
    *,
    seconds: float,
    workers: int = 2,
    one_core: bool = False,
    surroundings: Mapping[str, str] | None = None,
) -> tuple[Run, Plan | None]:
    """Solve a week and give what it cost and the plan, or None if there is none."""
    source, target = folder / "week.json", folder / "plan.json"
    source.write_text(week_to_json(week), encoding="utf-8")
    target.unlink(missing_ok=True)
    command = ["-m", "matching", "solve", str(source), "-o", str(target), "--progress"]
    options = ["--seconds", str(seconds), "--workers", str(workers)]
    ran = run([*command, *options], limit=2 * seconds + GRACE, one_core=one_core, surroundings=surroundings)
    return ran, read_plan(target, week) if ran.code == 0 else None


def judged(folder: Path) -> str:
    """Check the plan just made with everything it claims; an empty string if the referee is content."""
    ran = run(["-m", "matching", "check", str(folder / "week.json"), str(folder / "plan.json"), "--full"], limit=600)
    return "" if ran.code == 0 else (ran.lines[0][1] if ran.lines else ran.said or f"exit {ran.code}")


@cache
def start_up() -> float:
    """Measure the wall seconds from the start of the process to the first plan of a week of one visit: the least of three."""
    return min(_started(1, workers=1)[0] for _ in range(3))


def first_run() -> tuple[float, float]:
    """Measure where nothing has been compiled yet, as after an installation: seconds to a week's first plan, and in all."""
    with tempfile.TemporaryDirectory() as empty:
        return _started(None, surroundings={"NUMBA_CACHE_DIR": empty})


def later_run() -> tuple[float, float]:
    """Measure the same where everything has been compiled."""
    return _started(None)


def _started(visits: int | None, **how: Any) -> tuple[float, float]:
    """Solve a small week, or so many visits of it, and give the seconds to the first plan and in all."""
    week = read_week(generate("T", 1))
    with tempfile.TemporaryDirectory() as folder:
        ran, _ = solve(replace(week, visits=week.visits[:visits]), Path(folder), seconds=START_SECONDS, **how)
    return (ran.events()[0][0] if ran.events() else ran.wall), ran.wall


def served_by(plan: Plan) -> set[str]:
    """Give the visits a plan serves."""
    return {stop.visit for route in plan.routes for stop in route.stops if isinstance(stop, VisitStop)}


def only(week: Week, names: set[str]) -> Week:
    """Leave only these visits in a week: what one plan serves is what the other must serve too."""
    return replace(week, visits=tuple(visit for visit in week.visits if visit.id in names))


def curve(ran: Run) -> list[dict[str, Any]]:
    """Give the progress events with `at`, the wall seconds since the process began."""
    return [{"at": at, **event} for at, event in ran.events()]
