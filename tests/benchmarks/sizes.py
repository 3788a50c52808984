"""Our engine over sizes, seeds and scarcity: one row a week, and the table of contract section 7."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from matching.files import read_week
from matching.model import Plan, Week
from matching.referee.check import check
from tests.benchmarks import engine
from tests.benchmarks.faces import known_share
from tests.benchmarks.generate import generate
from tests.benchmarks.greedy import greedy
from tests.benchmarks.measure import stamp
from tests.benchmarks.store import Row, Store, average, groups, markdown, measured_on, percent

TABLE = "sizes"
SECONDS = {"T": 5.0, "S": 30.0, "M": 60.0, "L": 60.0, "XL": 180.0}
SCARCE_SECONDS = {**SECONDS, "L": 120.0}
NEAR = 0.99


def keys(sizes: Sequence[str], seeds: Sequence[int], scarce: Sequence[bool], seconds: float | None, workers: int) -> Iterator[Row]:
    """Name the rows that are wanted."""
    for size in sizes:
        for lean in scarce:
            for seed in seeds:
                budget = seconds or (SCARCE_SECONDS if lean else SECONDS)[size]
                yield {"table": TABLE, "size": size, "scarce": lean, "seed": seed, "seconds": budget, "workers": workers}


def measure(store: Store, wanted: Iterable[Row], *, equal_service: Sequence[str]) -> None:
    """Run what has no row yet; for sizes in `equal_service` also the greedy, and ours on what the greedy serves."""
    for key in store.missing(wanted):
        engine.start_up()
        week = read_week(generate(key["size"], key["seed"], scarce=key["scarce"]))
        with tempfile.TemporaryDirectory() as folder:
            row = {**key, **stamp(), **_solved(week, Path(folder), key)}
            if key["size"] in equal_service:
                row |= _against_greedy(week, Path(folder), key)
        store.add(row)


def _solved(week: Week, folder: Path, key: Row) -> Row:
    ran, plan = engine.solve(week, folder, seconds=key["seconds"], workers=key["workers"])
    cost = {"wall": ran.wall, "cpu": ran.cpu, "rss_mib": ran.rss_mib, "start_up": engine.start_up()}
    if plan is None or plan.score is None or plan.bound is None:
        return {**cost, "failed": ran.said or f"exit {ran.code}"}
    events = engine.curve(ran)
    return {
        **cost,
        **_figures(week, plan),
        "refused": engine.judged(folder),
        "first_plan": events[0]["at"] if events else None,
        "near_bound": next((event["at"] for event in events if event["served_weight"] >= NEAR * plan.bound), None),
        "curve": events,
    }


def _figures(week: Week, plan: Plan) -> Row:
    score, bound = plan.score, plan.bound
    if score is None or bound is None:
        return {}
    return {
        "visits": len(week.visits),
        "weight": sum(visit.weight for visit in week.visits),
        "served": score.served,
        "served_weight": score.served_weight,
        "bound": bound,
        "gap": 1 - score.served_weight / bound if bound else 0.0,
        "status": plan.status,
        "travel": score.travel,
        "new_faces": score.new_faces,
        "fairness": score.fairness,
        "cost": score.cost,
        "known": known_share(week, plan),
    }


def _against_greedy(week: Week, folder: Path, key: Row) -> Row:
    """Compare costs where both serve the same: the week is cut down to what the greedy serves."""
    first = greedy(week)
    verdict = check(week, first)
    if not verdict.ok:
        raise RuntimeError(f"the greedy breaks a rule: {verdict.breaches[0].en}")
    _, plan = engine.solve(engine.only(week, engine.served_by(first)), folder, seconds=key["seconds"], workers=key["workers"])
    same = plan is not None and plan.score is not None and plan.score.served_weight == verdict.score.served_weight
    return {
        "greedy_weight": verdict.score.served_weight,
        "greedy_cost": verdict.score.cost,
        "equal_cost": plan.score.cost if same and plan is not None and plan.score is not None else None,
    }


def table(store: Store) -> str:
    """Write a line for each size, scarcity and budget: means over the seeds, or the worst of them."""
    rows = store.table(TABLE)
    lines = [_line(key, group) for key, group in groups(rows, "size", "scarce", "seconds", "workers")]
    return f"{markdown(HEADS, lines)}\n\n{measured_on(rows)}"


HEADS = (
    "size",
    "s",
    "workers",
    "seeds",
    "clean",
    "served of all",
    "gap mean",
    "gap worst",
    "served_optimal",
    "optimal",
    "first plan s",
    "to 99 % s",
    "wall s",
    "CPU s",
    "RSS MiB",
    "travel",
    "new faces",
    "fairness",
    "known faces",
    "cost to greedy's",
)


def _line(key: tuple[Any, ...], rows: Sequence[Row]) -> list[object]:
    size, scarce, seconds, workers = key
    done = [row for row in rows if "failed" not in row]
    return [
        f"{size} scarce" if scarce else size,
        f"{seconds:g}",
        workers,
        len(rows),
        sum(not row["refused"] for row in done),
        percent(average(done, lambda row: row["served_weight"] / row["weight"])),
        percent(average(done, "gap")),
        percent(max((row["gap"] for row in done), default=None)),
        sum(row["status"] in {"served_optimal", "optimal"} for row in done),
        sum(row["status"] == "optimal" for row in done),
        max((row["first_plan"] for row in done), default=None),
        average(done, "near_bound"),
        average(rows, "wall"),
        average(rows, "cpu"),
        f"{max(row['rss_mib'] for row in rows):.0f}",
        *(_round(average(done, name)) for name in ("travel", "new_faces", "fairness")),
        percent(average(done, "known"), 0),
        percent(average(done, lambda row: row["equal_cost"] / row["greedy_cost"] if row.get("equal_cost") else None), 0),
    ]


def _round(value: float | None) -> int | None:
    return None if value is None else round(value)
