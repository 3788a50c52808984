"""Ours beside the other solvers on one and the same stripped week: served weight, travel and CPU seconds, in one run."""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from matching.files import read_plan, read_week, week_to_json
from matching.model import Plan, Week
from matching.referee.check import Verdict, check
from tests.benchmarks import engine, peer
from tests.benchmarks.generate import generate
from tests.benchmarks.measure import Run, run, stamp
from tests.benchmarks.store import Row, Store, average, groups, markdown, measured_on, percent
from tests.benchmarks.stripped import strip

TABLE = "peers"
OURS = "ours"
SOLVERS = (OURS, *peer.NAMES)
SECONDS = {"T": 10.0, "S": 30.0, "M": 60.0}
OVERRUN = 4
"""How many times its seconds a peer may take before it is ended: OR-Tools routing looks at the clock rarely."""
LEAST_SECONDS = 3.0
"""What ours has at least on what a peer serves: otherwise it has the CPU seconds of that peer."""


def keys(sizes: Sequence[str], seeds: Sequence[int], solvers: Sequence[str], seconds: float | None) -> Iterator[Row]:
    """Name the rows that are wanted: ours comes first in each week, the peers are compared with it."""
    for size in sizes:
        for seed in seeds:
            for solver in sorted(solvers, key=SOLVERS.index):
                yield {"table": TABLE, "size": size, "seed": seed, "solver": solver, "seconds": seconds or SECONDS[size]}


def measure(store: Store, wanted: Iterable[Row]) -> None:
    """Run what has no row yet, each solver as a process of its own on one core."""
    for key in store.missing(wanted):
        engine.start_up()  # whatever is compiled at the first run is compiled before the clock runs
        week = strip(read_week(generate(key["size"], key["seed"])))
        with tempfile.TemporaryDirectory() as folder:
            row = {**key, **stamp(), "weight": sum(visit.weight for visit in week.visits), **_solved(week, Path(folder), key)}
        store.add(row)


def solved(week: Week, folder: Path, solver: str, seconds: float) -> tuple[Run, Plan | None]:
    """Let ours or a peer plan a week on one core."""
    if solver == OURS:
        return engine.solve(week, folder, seconds=seconds, workers=1, one_core=True)
    source, target = folder / "week.json", folder / "plan.json"
    source.write_text(week_to_json(week), encoding="utf-8")
    command = ["-m", "tests.benchmarks", "peer", solver, str(source), "-o", str(target), "--seconds", str(seconds)]
    ran = run(command, limit=OVERRUN * seconds + engine.GRACE, one_core=True)
    return ran, read_plan(target, week) if ran.code == 0 else None


def costs(ran: Run) -> Row:
    """Give what a run cost."""
    return {"wall": ran.wall, "cpu": ran.cpu, "rss_mib": ran.rss_mib}


def failure(ran: Run) -> Row:
    """Say why there is no plan."""
    said = "ended: far beyond its seconds" if ran.code < 0 else ran.said or f"exit {ran.code}"
    sys.stderr.write(f"{said}\n")
    return {"failed": said}


def _solved(week: Week, folder: Path, key: Row) -> Row:
    ran, plan = solved(week, folder, key["solver"], key["seconds"])
    if plan is None:
        return {**costs(ran), **failure(ran)}
    verdict = check(week, plan)
    row = {**costs(ran), **_figures(verdict)}
    if key["solver"] == OURS:
        return row | {"curve": [[event["at"], event["served_weight"]] for event in engine.curve(ran)]}
    return row | _ours_at_its_service(week, plan, folder, max(ran.cpu, LEAST_SECONDS)) if verdict.ok else row


def _figures(verdict: Verdict) -> Row:
    breach = verdict.breaches[0].en if verdict.breaches else ""
    return {"refused": breach, "served_weight": verdict.score.served_weight, "travel": verdict.score.travel}


def _ours_at_its_service(week: Week, plan: Plan, folder: Path, seconds: float) -> Row:
    """Let ours plan just what the peer serves, in its CPU seconds: only then can the ways be compared."""
    ran, ours = solved(engine.only(week, engine.served_by(plan)), folder, OURS, seconds)
    if ours is None or ours.score is None:
        return {"equal_weight": None, "equal_travel": None, "equal_cpu": ran.cpu}
    return {"equal_weight": ours.score.served_weight, "equal_travel": ours.score.travel, "equal_cpu": ran.cpu}


HEADS = (
    "size",
    "s",
    "solver",
    "seeds",
    "plans",
    "refused",
    "served weight",
    "ours in its CPU time",
    "travel",
    "ours serves the same",
    "our travel to its",
    "CPU s",
    "RSS MiB",
)


def table(store: Store) -> str:
    """Write a line for each size and solver: means over the seeds it could plan, and what it could not."""
    rows = [{**row, "by_then": _ours_by(row, store)} for row in store.table(TABLE)]
    found = groups(rows, "size", "seconds", "solver")
    failed = sorted({f"- {row['size']} {row['seed']}, {row['solver']}: {row['failed']}" for row in rows if "failed" in row})
    return "\n\n".join(
        [markdown(HEADS, (_line(*key, group) for key, group in found)), *(["\n".join(failed)] if failed else []), measured_on(rows)]
    )


def _ours_by(row: Row, store: Store) -> float | None:
    """Give the share of the weight ours served of the same week by the time the peer was done; on one core both clocks agree."""
    same = {"size": row["size"], "seed": row["seed"], "seconds": row["seconds"], "solver": OURS}
    for ours in store.table(TABLE):
        if same.items() <= ours.items() and "curve" in ours and row["solver"] != OURS:
            return max((weight for at, weight in ours["curve"] if at <= row["cpu"]), default=0) / ours["weight"]
    return None


def _line(size: str, seconds: float, solver: str, rows: Sequence[Row]) -> list[object]:
    done = [row for row in rows if "failed" not in row]
    compared = [row for row in done if row.get("equal_weight") is not None]
    same = [row for row in compared if row["equal_weight"] == row["served_weight"]]
    return [
        size,
        f"{seconds:g}",
        solver,
        len(rows),
        len(done),
        sum(bool(row["refused"]) for row in done),
        percent(average(done, lambda row: row["served_weight"] / row["weight"])),
        percent(average(done, "by_then")),
        _whole(average(done, "travel")),
        f"{len(same)} of {len(compared)}" if compared else None,
        percent(average(same, lambda row: row["equal_travel"] / row["travel"]), 1),
        average(rows, "cpu"),
        _whole(average(rows, "rss_mib")),
    ]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
