"""Ours and the other solvers on the published sets, on one core: how far each is from the best known travel."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from matching.model import Plan
from matching.referee.check import check
from tests.benchmarks import engine, peer, peers
from tests.benchmarks.measure import stamp
from tests.benchmarks.sets import Published
from tests.benchmarks.store import Row, Store, average, groups, markdown, measured_on, percent
from tests.benchmarks.stripped import days_of, loaded, plan_of

TABLE = "published"
SETS = ("solomon", "mtvrptwr")
SECONDS = (10.0, 30.0)
SOLVERS = tuple(name for name in peers.SOLVERS if name != peer.GREEDY)


def keys(instances: Iterable[Published], solvers: Sequence[str], seconds: Sequence[float]) -> Iterator[Row]:
    """Name the rows that are wanted."""
    for one in instances:
        for budget in seconds:
            for solver in solvers:
                yield {"table": TABLE, "instance": one.name, "class": one.kind, "solver": solver, "seconds": budget}


def measure(store: Store, instances: Mapping[str, Published], wanted: Iterable[Row]) -> None:
    """Run what has no row yet, each solver as a process of its own on one core."""
    for key in store.missing(wanted):
        engine.start_up()  # whatever is compiled at the first run is compiled before the clock runs
        one = instances[key["instance"]]
        _refuse_inexact(one)
        with tempfile.TemporaryDirectory() as folder:
            store.add({**key, **stamp(), **_solved(one, Path(folder), key)})


def _refuse_inexact(one: Published) -> None:
    """Refuse to measure on a week that the published solution does not fit minute for minute."""
    if not one.routes:
        return
    verdict = check(one.week, known_plan(one))
    if not verdict.ok or verdict.score.served < len(one.week.visits) or verdict.score.travel != one.best:
        raise RuntimeError(f"{one.name}: the published solution costs {verdict.score.travel} here, not {one.best}: {verdict.breaches[:1]}")


def known_plan(one: Published) -> Plan:
    """Turn the published solution into a plan."""
    (day,) = days_of(one.week)
    trips = {
        vehicle: [[customer - 1 for customer in trip] for away, trip in groupby(route, bool) if away]
        for vehicle, route in enumerate(one.routes)
    }
    return plan_of(one.week, [(day, {vehicle: [step for trip in all_ for step in loaded(day, trip)] for vehicle, all_ in trips.items()})])


def _solved(one: Published, folder: Path, key: Row) -> Row:
    ran, plan = peers.solved(one.week, folder, key["solver"], key["seconds"])
    if plan is None:
        return {**peers.costs(ran), **peers.failure(ran)}
    verdict = check(one.week, plan)
    row = {**peers.costs(ran), "refused": verdict.breaches[0].en if verdict.breaches else "", "best": one.best}
    row |= {"travel": verdict.score.travel, "left_out": len(one.week.visits) - verdict.score.served}
    whole = verdict.ok and verdict.score.served == len(one.week.visits)
    return {**row, "gap": verdict.score.travel / one.best - 1 if whole else None}


def table(store: Store) -> str:
    """Write two tables: the mean gap of each class by solver, and every instance."""
    rows = store.table(TABLE)
    if not rows:
        return measured_on(rows)
    kinds = sorted({row["class"] for row in rows})
    means = [
        [solver, f"{seconds:g}", *(_mean([row for row in group if row["class"] == kind]) for kind in kinds), average(group, "cpu")]
        for (solver, seconds), group in sorted(groups(rows, "solver", "seconds"), key=lambda one: (one[0][1], SOLVERS.index(one[0][0])))
    ]
    columns = sorted({(row["seconds"], SOLVERS.index(row["solver"])) for row in rows})
    heads = ["instance", "best known", *(f"{SOLVERS[solver]} {seconds:g} s" for seconds, solver in columns)]
    lines = [[name, _best(group), *(_cell(group, *column) for column in columns)] for (name,), group in groups(rows, "instance")]
    return "\n\n".join([markdown(["solver", "s", *kinds, "CPU s"], means), markdown(heads, lines), measured_on(rows)])


def _mean(rows: Sequence[Row]) -> str | None:
    """Write the mean gap, and how many instances were not wholly or not lawfully served."""
    whole = [row for row in rows if row.get("gap") is not None]
    mean = percent(average(whole, "gap"))
    return mean if len(whole) == len(rows) else f"{mean or 'none'} ({len(rows) - len(whole)} of {len(rows)} not whole)"


def _best(rows: Sequence[Row]) -> str | None:
    return next((f"{row['best'] / 10:.1f}" for row in rows if "best" in row), None)


def _cell(rows: Sequence[Row], seconds: float, solver: int) -> str | None:
    """Write one gap, or why there is none."""
    for row in rows:
        if row["seconds"] == seconds and row["solver"] == SOLVERS[solver]:
            if "failed" in row:
                return "failed"
            return percent(row["gap"]) or ("refused" if row["refused"] else f"{row['left_out']} left out")
    return None
