"""Rows of figures in a JSON-lines file, and tables made of them: a run that was cut short goes on where it stopped."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

Row = dict[str, Any]
NOTHING = "–"


class Store:
    """The rows of one folder; a row is known by the values of its key."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / "rows.jsonl"
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        self.rows: list[Row] = [json.loads(line) for line in lines]

    def table(self, name: str) -> list[Row]:
        """Give the rows of one table."""
        return [row for row in self.rows if row["table"] == name]

    def missing(self, keys: Iterable[Row]) -> Iterator[Row]:
        """Give the keys that have no row yet, each when its turn comes."""
        for key in keys:
            if not any(key.items() <= row.items() for row in self.rows if row["table"] == key["table"]):
                yield key

    def add(self, row: Row) -> None:
        """Append a row at once, so that nothing measured is lost."""
        self.rows.append(row)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def markdown(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Write a table; what was not measured is a dash."""
    cells = [list(heads), ["---"] * len(heads), *([shown(cell) for cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def shown(value: object) -> str:
    """Write one cell."""
    if value is None:
        return NOTHING
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def percent(part: float | None, digits: int = 2) -> str | None:
    """Write a share as a percentage."""
    return None if part is None else f"{100 * part:.{digits}f} %"


def average(rows: Iterable[Mapping[str, Any]], value: str | Callable[[Mapping[str, Any]], float | None]) -> float | None:
    """Give the mean over the rows that have the value, or None."""
    found = [value(row) if callable(value) else row.get(value) for row in rows]
    known = [one for one in found if one is not None]
    return mean(known) if known else None


def groups(rows: Iterable[Row], *names: str) -> list[tuple[tuple[Any, ...], list[Row]]]:
    """Group rows by some of their values, in the order in which they come."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return list(found.items())


def measured_on(rows: Iterable[Row]) -> str:
    """Say when and where the rows of a table were measured."""
    found = list(rows)
    if not found:
        return "Not measured yet."
    dates = sorted({row["date"] for row in found})
    span = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"Measured {span} on {'; '.join(sorted({row['machine'] for row in found}))}."
