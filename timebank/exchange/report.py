"""What a dry run or an import found: problems by file, sheet, row and column, and how many rows are new, changed, the same."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any

from timebank.exchange.codes import OTHER, code_of
from timebank.sentences import Pair

MOST_SHOWN = 300
LONGEST_NAME = 30


class Fate(StrEnum):
    """What an import does with one row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    BAD = "bad"


def short_name(name: str) -> str:
    """Return a file's name as it is shown: a long one loses its middle and keeps its ending."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 13]}…{name[-12:]}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or worth knowing, where it stands, in both languages what to do, and the word programs tell it by."""

    file: str
    sheet: str
    row: int
    column: str
    zh: str
    en: str
    code: str = OTHER

    @classmethod
    def of(cls, file: str, sheet: str, row: int, column: str, words: Pair) -> "Problem":
        """Return a sentence as a problem at its place, with its word."""
        return cls(file, sheet, row, column, *words, code=code_of(words))

    @property
    def words(self) -> Pair:
        """Both sentences."""
        return self.zh, self.en

    @property
    def shown_file(self) -> str:
        """The file's name as it is shown."""
        return short_name(self.file)

    @property
    def place_zh(self) -> str:
        """Where it stands, in Chinese."""
        parts = [
            self.shown_file,
            self.sheet and f"“{self.sheet}”表",
            self.row and f"第 {self.row} 行",
            self.column and f"“{self.column}”列",
        ]
        return " ".join(part for part in parts if part)

    @property
    def place_en(self) -> str:
        """Where it stands, in English."""
        parts = [
            self.shown_file,
            self.sheet and f"sheet {self.sheet}",
            self.row and f"row {self.row}",
            self.column and f"column {self.column}",
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        """Both sentences on one line, for a terminal."""
        return f"{self.place_zh}：{self.zh} ({self.place_en}: {self.en})"


@dataclass(slots=True)
class Report:
    """The outcome of reading some files: ``problems`` stop it, ``remarks`` do not; ``applied`` says whether anything was kept.

    ``batch`` is the number under which it can be taken back. ``cleared`` counts the cells that clear what is known, ``kept`` the empty ones that leave it, ``alike`` the new people who
    may be known already.
    """

    files: list[str] = field(default_factory=list)
    fates: dict[str, Counter[Fate]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    cleared: int = 0
    kept: int = 0
    alike: int = 0
    applied: bool = False
    batch: int = 0
    community: str = ""

    def count(self, sheet: str, fate: Fate) -> None:
        """Count one row of a sheet."""
        self.fates.setdefault(sheet, Counter())[fate] += 1

    def rows(self, *fates: Fate) -> int:
        """Return how many rows met one of these fates, over all sheets."""
        return sum(counter[fate] for counter in self.fates.values() for fate in fates)

    @property
    def names(self) -> list[str]:
        """The names of the files as they are shown."""
        return [short_name(name) for name in self.files]

    def odd(self, sheet: str) -> int:
        """Return how many things of a sheet a person should look at: the same name and door, a shared telephone, what is cleared."""
        return sum(1 for each in self.remarks if each.sheet == sheet)

    @property
    def clean(self) -> bool:
        """Say whether nothing is wrong and there was something to read."""
        return not self.problems and bool(self.fates)

    @property
    def changes(self) -> int:
        """How many rows are new or changed."""
        return self.rows(Fate.NEW, Fate.CHANGED)

    @property
    def bad(self) -> int:
        """How many rows cannot be taken in."""
        return self.rows(Fate.BAD)

    def lines(self) -> Iterable[tuple[str, int, int, int, int]]:
        """Yield per sheet: its name and the new, changed, same and bad rows."""
        for sheet, counter in self.fates.items():
            yield sheet, counter[Fate.NEW], counter[Fate.CHANGED], counter[Fate.SAME], counter[Fate.BAD]

    def as_kept(self) -> dict[str, Any]:
        """Return the report as it is kept for its page: counts, and the first problems of very many."""
        return {
            "files": self.files,
            "fates": {sheet: {fate.value: count for fate, count in counter.items()} for sheet, counter in self.fates.items()},
            "problems": [astuple(problem) for problem in self.problems[:MOST_SHOWN]],
            "all_problems": len(self.problems),
            "remarks": [astuple(remark) for remark in self.remarks[:MOST_SHOWN]],
            "cleared": self.cleared,
            "kept": self.kept,
            "alike": self.alike,
            "applied": self.applied,
            "batch": self.batch,
        }

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> "Report":
        """Return a kept report."""
        fates = {sheet: Counter({Fate(fate): count for fate, count in counts.items()}) for sheet, counts in kept["fates"].items()}
        problems = [Problem(*parts) for parts in kept["problems"]]
        # Reports kept by an earlier version say nothing of these.
        remarks = [Problem(*parts) for parts in kept.get("remarks", ())]
        counts = {name: kept.get(name, 0) for name in ("cleared", "kept", "alike", "batch")}
        return cls(files=kept["files"], fates=fates, problems=problems, remarks=remarks, applied=kept["applied"], **counts)
