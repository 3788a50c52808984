"""Papers made of tables: the same figures on a page, in a PDF and in a workbook, one of their columns drawn as bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from timebank.excel import Cell, Sheet, workbook
from timebank.papers.facts import Language
from timebank.sentences import Pair, Sentence, to

SHEET_NAME = 31
WIDE_FROM = "\u2e80"
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its unit; two units never share a figure."""

    label: str
    value: str
    unit: str

    @classmethod
    def of(cls, label: Pair, count: int, unit: Pair, language: Language) -> "Figure":
        """Return a count with its unit, the sentence of so many."""
        return cls(to(label, language), str(count), to(unit, language))


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the first column names a row, ``drawn`` is the column shown as bars (0 = none)."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    drawn: int = 0
    note: str = ""

    @property
    def shares(self) -> list[float]:
        """How long each row's bar is, as a part of the longest."""
        lengths = [max(0.0, float(row[self.drawn] or 0)) for row in self.rows] if self.drawn else []  # type: ignore[arg-type]
        longest = max(lengths, default=0)
        return [length / longest if longest > 0 else 0 for length in lengths]

    @property
    def numbers(self) -> list[bool]:
        """Which columns hold nothing but numbers."""
        return [all(isinstance(row[place], int | float) for row in self.rows) for place in range(len(self.head))]

    @property
    def widest(self) -> int:
        """Which column of words holds the longest one, and takes the room that is left: the first of several, never one of days."""
        columns = [[row[place] for row in self.rows] for place in range(len(self.head))]
        words = [place for place, column in enumerate(columns) if all(isinstance(each, str) for each in column)] or [0]
        return max(words, key=lambda place: max((_width(str(each)) for each in columns[place]), default=0))


@dataclass(frozen=True, slots=True)
class TablesPaper:
    """A titled paper of figures and tables about one unit and one time."""

    title: str
    when: str
    unit: str
    dated: date
    printed_at: datetime
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    demo: bool = field(default=False, kw_only=True)


def as_workbook(paper: TablesPaper, language: Language) -> bytes:
    """Return a paper as a workbook: a sheet of figures, then a sheet a table."""
    title, *head = (
        to(each, language) for each in (Sentence("总数"), Sentence("项目"), Sentence.of("papers", "数"), Sentence.of("papers", "单位"))
    )
    rows = [(each.label, _number(each.value), each.unit) for each in paper.figures]
    sheets = [Sheet(title, tuple(head), rows, notes=(f"{paper.unit} · {paper.title} · {paper.when}", *paper.notes))]
    names = _sheet_names([each.title for each in paper.tables])
    sheets += [
        Sheet(name, each.head, each.rows, each.total, (each.note,) if each.note else ())
        for name, each in zip(names, paper.tables, strict=True)
    ]
    return workbook(f"{paper.title} {paper.when}", sheets, paper.printed_at)


def shown(value: Cell, day: Callable[[date], str] = date.isoformat) -> str:
    """Return a cell as it is read: a day in words, nothing as nothing, less than nothing with a true minus."""
    if value is None:
        return ""
    if isinstance(value, date):
        return day(value)
    return str(value).replace("-", "−") if isinstance(value, int | float) else str(value)


def _width(text: str) -> int:
    """Return how wide words are printed, in Latin letters: a Chinese one is two."""
    return sum(2 if letter > WIDE_FROM else 1 for letter in text)


def _number(text: str) -> Cell:
    """Return a figure as a number when it is one."""
    bare = text.removeprefix("-")
    return float(text) if bare.replace(".", "", 1).isdecimal() and "." in bare else int(text) if bare.isdecimal() else text


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Return names that sheets may have; the paper's titles differ from each other by their beginnings."""
    return [title.translate(FORBIDDEN)[:SHEET_NAME] for title in titles]
