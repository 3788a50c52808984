"""Two kinds of plots from the rows of `sizes`: how seconds grow with visits, and how a plan gets better over time."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from tests.benchmarks import sizes
from tests.benchmarks.store import Row, Store, markdown, measured_on
from tests.benchmarks.stripped import CannotSay

LEAST = 0.05
"""Seconds below which a time says nothing: the clock of a progress line is no finer."""
PANELS = {
    "served_weight": "served weight, and its bound dotted",
    "travel": "travel minutes",
    "new_faces": "new faces",
    "fairness": "fairness",
    "cost": "cost",
}


def growth_points(store: Store, names: Sequence[str]) -> list[tuple[int, float, Row]]:
    """Give, for each normal week that reached 99 % of its bound, its visits and the seconds it took without the start-up."""
    rows = [row for row in store.table(sizes.TABLE) if row["size"] in names and not row["scarce"] and row.get("near_bound") is not None]
    return [(row["visits"], max(row["near_bound"] - row["start_up"], LEAST), row) for row in rows]


def exponent(points: Sequence[tuple[int, float, Row]]) -> float | None:
    """Fit seconds = c * visits^e over the median of each number of visits; None for fewer than two numbers."""
    fit = _fit(points)
    return fit[0] if fit else None


def _fit(points: Sequence[tuple[int, float, Row]]) -> tuple[float, float] | None:
    counts = sorted({visits for visits, _, _ in points})
    if len(counts) < 2:
        return None
    middles = [median(seconds for visits, seconds, _ in points if visits == count) for count in counts]
    fit = linear_regression([math.log(count) for count in counts], [math.log(middle) for middle in middles])
    return fit.slope, fit.intercept


def growth_table(store: Store, names: Sequence[str]) -> str:
    """Write the seconds to 99 % of the bound by size and the exponent."""
    points = growth_points(store, names)
    lines = []
    for name in names:
        wanted = [row for row in store.table(sizes.TABLE) if row["size"] == name and not row["scarce"]]
        seconds = [taken for _, taken, row in points if row["size"] == name]
        visits = next((row["visits"] for row in wanted if "visits" in row), None)
        lines.append([name, visits, f"{len(seconds)} of {len(wanted)}", median(seconds) if seconds else None, max(seconds, default=None)])
    found = exponent(points)
    said = "" if found is None else f"Exponent {found:.2f}, fitted to the medians. "
    heads = ("size", "visits", "reached 99 %", "median s", "worst s")
    return f"{markdown(heads, lines)}\n\n{said}{measured_on([row for _, _, row in points])}"


def growth(store: Store, names: Sequence[str]) -> Path:
    """Plot seconds against visits, both by their logarithm."""
    points = growth_points(store, names)
    figure, (axis,) = _canvas(1)
    axis.loglog([visits for visits, _, _ in points], [seconds for _, seconds, _ in points], "o", markersize=4)
    if fit := _fit(points):
        slope, base = fit
        ends = [min(visits for visits, _, _ in points), max(visits for visits, _, _ in points)]
        axis.loglog(ends, [math.exp(base) * visits**slope for visits in ends], "--", label=f"exponent {slope:.2f}")
        axis.legend()
    axis.set(xlabel="visits", ylabel="seconds to 99 % of the bound")
    return _saved(figure, store.folder / "growth.svg")


def curves(store: Store, names: Sequence[str]) -> list[Path]:
    """Plot one picture for each size and scarcity: a line for each seed."""
    paths = []
    for name in names:
        for scarce in (False, True):
            rows = [row for row in store.table(sizes.TABLE) if (row["size"], row["scarce"]) == (name, scarce) and row.get("curve")]
            if rows:
                paths.append(_curve(rows, store.folder / f"curves-{name}{'-scarce' if scarce else ''}.svg"))
    return paths


def _curve(rows: Sequence[Row], path: Path) -> Path:
    there = [key for key in PANELS if any(key in event for row in rows for event in row["curve"])]
    figure, axes = _canvas(len(there))
    for axis, key in zip(axes, there, strict=True):
        for number, row in enumerate(rows):
            _steps(axis, row, key, color=f"C{number}", label=str(row["seed"]))
            if key == "served_weight":
                _steps(axis, row, "bound", color=f"C{number}", linestyle=":")
        axis.set(xlabel="seconds since the process began", ylabel=PANELS[key])
    axes[0].legend(title="seed", fontsize="small")
    return _saved(figure, path)


def _steps(axis: Any, row: Row, key: str, **look: Any) -> None:
    events = [event for event in row["curve"] if key in event]
    axis.step([event["at"] for event in events], [event[key] for event in events], where="post", linewidth=1, **look)


def _canvas(panels: int) -> tuple[Any, Sequence[Any]]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise CannotSay("matplotlib is not installed: pip install -e '.[bench]'") from None
    figure = Figure(figsize=(4.6 * panels, 3.8), layout="constrained")
    return figure, figure.subplots(1, panels, squeeze=False)[0]


def _saved(figure: Any, path: Path) -> Path:
    figure.savefig(path, metadata={"Date": None})
    return path
