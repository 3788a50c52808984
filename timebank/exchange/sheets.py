"""Sheets as they were read: lines of plain cells and what is merged; and the same as JSON, between processes and from check to import."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

LOOKED_AT = 10
"""Among so many first lines of a sheet its headers are looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet that is not blank, with the number Excel shows for it."""

    row: int
    cells: list[Any]


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells joined into one: its first and last row as Excel numbers them, its columns from 0."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet as it was read; cells merged downwards are filled, those merged sideways are told."""

    file: str
    name: str
    lines: list[Line]
    wide: list[Merge] = field(default_factory=list)


def as_json(sheets: Sequence[RawSheet]) -> str:
    """Return sheets as JSON; days and times are kept as what they are."""
    plain = [
        [each.file, each.name, [[line.row, line.cells] for line in each.lines], [[m.top, m.bottom, m.left, m.right] for m in each.wide]]
        for each in sheets
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=_named)


def from_json(text: str | bytes) -> list[RawSheet]:
    """Return the sheets of such JSON."""
    return [
        RawSheet(file, name, [Line(row, cells) for row, cells in lines], [Merge(*merge) for merge in wide])
        for file, name, lines, wide in json.loads(text, object_hook=_meant)
    ]


def _named(cell: date | time | timedelta) -> dict[str, Any]:
    """Return a cell JSON has no word for under the name of its kind."""
    said = [cell.days, cell.seconds, cell.microseconds] if isinstance(cell, timedelta) else cell.isoformat()
    return {type(cell).__name__: said}


def _meant(named: dict[str, Any]) -> object:
    """Return the cell that stands under the name of its kind."""
    ((kind, said),) = named.items()
    return _KINDS[kind](said)


_KINDS: dict[str, Callable[[Any], object]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
}
