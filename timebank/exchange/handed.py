"""What somebody hands in, read before any write unit begins: nobody's write waits for a file to be read."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from timebank.errors import Invalid
from timebank.exchange.reading import ENDINGS, File, Outcome, load, read_all
from timebank.exchange.report import Problem
from timebank.exchange.sheets import RawSheet, as_json, from_json

TOGETHER = 8
"""So many files are read by one child."""
KEPT = "handed in 1"
"""The first line of what is kept; what an earlier version kept begins otherwise."""

Source = Path | File


@dataclass(frozen=True, slots=True)
class Handed:
    """Files as they were read: their names, their sheets, and what is wrong with each that could not be read."""

    names: list[str]
    sheets: list[RawSheet]
    problems: list[Problem]

    @property
    def rows(self) -> int:
        """How many rows that are not blank stand in them."""
        return sum(len(sheet.lines) for sheet in self.sheets)

    def as_kept(self) -> str:
        """Return them as they are kept between check and import."""
        head = json.dumps([self.names, [astuple(problem) for problem in self.problems]], ensure_ascii=False)
        return "\n".join((KEPT, head, as_json(self.sheets)))

    @classmethod
    def from_kept(cls, kept: str) -> "Handed | None":
        """Return what was kept, None when it was kept by an earlier version."""
        mark, _, rest = kept.partition("\n")
        if mark != KEPT:
            return None
        head, _, sheets = rest.partition("\n")
        names, problems = json.loads(head)
        return cls(names, from_json(sheets), [Problem(*parts) for parts in problems])


def hand_in(sources: Source | Iterable[Source]) -> Handed:
    """Read every file; a folder stands for the workbooks in it."""
    handed = Handed([], [], [])
    spread = _spread(sources)
    for first in range(0, len(spread), TOGETHER):
        for name, outcome in _read_together(spread[first : first + TOGETHER]):
            handed.names.append(name)
            if isinstance(outcome, Invalid):
                handed.problems.append(Problem.of(name, "", 0, "", outcome.words))
            else:
                handed.sheets.extend(outcome)
    return handed


def _read_together(sources: list[Source]) -> Iterator[tuple[str, Outcome]]:
    """Yield the name of each of some files with what came of it."""
    given = [_loaded(source) for source in sources]
    read = iter(read_all([(name, data) for name, data in given if isinstance(data, bytes)]))
    for name, data in given:
        yield name, next(read) if isinstance(data, bytes) else data


def _loaded(source: Source) -> tuple[str, bytes | Invalid]:
    """Return the name of a file with its bytes, or why they are not to be had."""
    if isinstance(source, tuple):
        return source
    try:
        return source.name, load(source)
    except Invalid as refusal:
        return source.name, refusal


def _spread(sources: Source | Iterable[Source]) -> list[Source]:
    """Return the single files of what was given."""
    given: list[Source] = [sources] if isinstance(sources, Path) or _is_upload(sources) else list(sources)  # type: ignore[list-item, arg-type]
    found: list[Source] = []
    for source in given:
        if isinstance(source, Path) and source.is_dir():
            found += sorted(path for path in source.iterdir() if path.suffix.lower() in ENDINGS and not path.name.startswith(("~", ".")))
        else:
            found.append(source)
    return found


def _is_upload(source: object) -> bool:
    """Say whether this is one uploaded file: its name and its bytes."""
    return isinstance(source, tuple) and len(source) == 2 and isinstance(source[1], bytes)
