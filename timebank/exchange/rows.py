"""From sheets to rows: headers are found and matched to columns, cells are parsed, and what is wrong is named by row and column."""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from timebank.errors import Invalid
from timebank.exchange.cells import CLEAR, is_blank, shown, trimmed
from timebank.exchange.columns import SHEETS, Column, Sheet
from timebank.exchange.report import Fate, Problem, Report
from timebank.exchange.sheets import LOOKED_AT, Line, Merge, RawSheet
from timebank.sentences import Pair, Sentence


@dataclass(frozen=True, slots=True)
class Row:
    """One row whose every cell could be read: its values, which of them the file gives, bids to be cleared, or leaves empty."""

    file: str
    sheet: Sheet
    number: int
    values: dict[str, Any]
    given: frozenset[str] = field(default_factory=frozenset)
    cleared: frozenset[str] = field(default_factory=frozenset)
    empty: frozenset[str] = field(default_factory=frozenset)

    def over(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values over what is stored: what the file does not give stays as it is."""
        return self.values | {name: value for name, value in stored.items() if name not in self.given}

    def lost(self, stored: Mapping[str, Any]) -> list[str]:
        """Return the headers of what is stored and bidden to be cleared."""
        return [column.header for column in self._holding(stored) if column.field in self.cleared]

    def kept(self, stored: Mapping[str, Any]) -> int:
        """Return how many cells are empty where something is stored, which stays."""
        return sum(column.field in self.empty for column in self._holding(stored))

    def _holding(self, stored: Mapping[str, Any]) -> list[Column]:
        """Return the columns for which something is stored."""
        return [column for column in self.sheet.columns if stored.get(column.field, column.default) not in (column.default, None)]

    def problem(self, words: Pair, field: str = "") -> Problem:
        """Return a problem of this row, at a column when one is named."""
        column = self.sheet.column(field).header if field else ""
        return Problem.of(self.file, self.sheet.name, self.number, column, words)


def parse_sheets(sheets: Sequence[RawSheet], report: Report) -> dict[str, list[Row]]:
    """Return the good rows by sheet name; everything else goes into the report."""
    found: dict[str, list[Row]] = {}
    for raw in sheets:
        sheet = SHEETS.get(raw.name.strip())
        if not raw.lines:
            continue
        if sheet is None:
            report.problems.append(_unknown_sheet(raw))
            continue
        head = _head(raw, sheet, report)
        columns = _columns(raw, head, sheet, report) if head is not None else None
        if head is not None and columns is not None:
            report.fates.setdefault(sheet.name, Counter())
            rows = found.setdefault(sheet.name, [])
            below = _spread(raw, head, sheet, columns, report)
            rows += [row for line in below if (row := _row(raw.file, sheet, columns, line, report))]
    return {name: _without_doubles(rows, report) for name, rows in found.items()}


def _unknown_sheet(raw: RawSheet) -> Problem:
    """Return the problem of a sheet nobody knows."""
    words = Sentence("不认识这张表。请把表名改成其中之一：%(names)s；不需要的表请删掉。", names=list(SHEETS))
    return Problem.of(raw.file, raw.name, 0, "", words)


def _headers(line: Line) -> list[str]:
    """Return a line's cells as headers: without blanks, and without the mark of what must be filled in."""
    return ["" if is_blank(cell) else "".join(trimmed(str(cell)).split()).rstrip("＊*") for cell in line.cells]


def _head(raw: RawSheet, sheet: Sheet, report: Report) -> int | None:
    """Return the place of the line that holds the headers: the first one, or below a title the one that holds most of them."""
    known = set(sheet.headers)
    shared = [len(known.intersection(_headers(line))) for line in raw.lines[:LOOKED_AT]]
    if not any(shared):
        report.problems.append(_headless(raw, sheet))
        return None
    below = [place for place in range(1, len(shared)) if shared[place] > 1 or known.issuperset(filter(None, _headers(raw.lines[place])))]
    return max([0, *below], key=lambda place: shared[place])


def _headless(raw: RawSheet, sheet: Sheet) -> Problem:
    """Return the problem of a sheet in whose first lines no header stands."""
    first = raw.lines[0]
    reads = shown("、".join(filter(None, _headers(first))))
    wanted = [column.header for column in sheet.columns if column.required]
    words = Sentence(
        "没有找到表头。表头应写在第 1 行，至少有：%(wanted)s；现在第 %(row)s 行是“%(reads)s”。", wanted=wanted, row=first.row, reads=reads
    )
    return Problem.of(raw.file, sheet.name, first.row, "", words)


def _spread(raw: RawSheet, head: int, sheet: Sheet, columns: list[Column | None], report: Report) -> list[Line]:
    """Return the lines below the headers, with the cells merged over columns of one kind filled; other such merges are refused."""
    lines = {line.row: line for line in raw.lines[head + 1 :]}
    for merge in raw.wide:
        under = [column for column in columns[merge.left : merge.right + 1] if column]
        rows = [lines[row] for row in range(max(merge.top, raw.lines[head].row + 1), merge.bottom + 1) if row in lines]
        if len(under) < 2 or not rows or all(is_blank(line.cells[merge.left]) for line in rows):
            continue
        if len({column.parse for column in under}) == 1:
            for line in rows:
                line.cells[merge.left : merge.right + 1] = [line.cells[merge.left]] * (merge.right + 1 - merge.left)
        else:
            report.problems.append(_merged(raw.file, sheet, merge, under))
            for line in rows:
                report.count(sheet.name, Fate.BAD)
                del lines[line.row]
    return list(lines.values())


def _merged(file: str, sheet: Sheet, merge: Merge, under: list[Column]) -> Problem:
    """Return the problem of a cell merged over columns that hold different things."""
    names = [column.header for column in under]
    words = Sentence("%(names)s的格子合并在一起，看不出各填什么。请取消合并，分开填写。", names=[f"“{name}”" for name in names])
    return Problem.of(file, sheet.name, merge.top, names[0], words)


def _columns(raw: RawSheet, head: int, sheet: Sheet, report: Report) -> list[Column | None] | None:
    """Return the column of each position by the header row, or None when the header cannot be used."""
    line = raw.lines[head]
    known = {column.header: column for column in sheet.columns}
    headers = _headers(line)
    wrong: list[tuple[str, Sentence]] = []
    for header in headers:
        if header and header not in known:
            near = difflib.get_close_matches(header, known, 1, 0.5)
            hint = Sentence("是不是“%(near)s”？", near=near[0]) if near else Sentence("如不需要请删掉这一列。")
            wrong.append((header, Sentence("没有叫“%(header)s”的列。%(hint)s", header=shown(header), hint=hint)))
        elif header and headers.count(header) > 1:
            wrong.append((header, Sentence("这个表头出现了两次，请删掉一列。")))
    missing = [column.header for column in sheet.columns if column.required and column.header not in headers]
    wrong += [(header, Sentence("缺少必填的列“%(header)s”，请加上这一列（可下载空白模板对照）。", header=header)) for header in missing]
    report.problems += [Problem.of(raw.file, sheet.name, line.row, shown(header), words) for header, words in dict.fromkeys(wrong)]
    return None if wrong else [known.get(header) for header in headers]


def _row(file: str, sheet: Sheet, columns: list[Column | None], line: Line, report: Report) -> Row | None:
    """Return one parsed row, or None with its problems in the report."""
    values = {column.field: column.default for column in sheet.columns}
    bad: list[Problem] = []
    given = set()
    cleared = set()
    for column, cell in zip_longest(columns, line.cells):
        if is_blank(cell):
            continue
        if column is None:
            bad.append(_stray(file, sheet, line))
            continue
        given.add(column.field)
        try:
            if column.clears(cell):
                _must_be_clearable(column)
                cleared.add(column.field)
            else:
                values[column.field] = column.parse(cell)
        except Invalid as error:
            bad.append(Problem.of(file, sheet.name, line.row, column.header, error.words))
    missing = [column.header for column in sheet.columns if column.required and column.field not in given]
    bad += [Problem.of(file, sheet.name, line.row, header, Sentence("这一格必须填写。")) for header in missing]
    if bad:
        report.problems += bad
        report.count(sheet.name, Fate.BAD)
        return None
    empty = frozenset(column.field for column in columns if column) - given
    return Row(file, sheet, line.row, values, frozenset(given), frozenset(cleared), empty)


def _must_be_clearable(column: Column) -> None:
    """Refuse to clear what must be filled in, and what is only taken back by a person, such as a consent."""
    if column.required:
        raise Invalid("这一格必须填写，不能写“%(clear)s”。", clear=CLEAR)
    if column.stays:
        raise Invalid("这一列不能用表“%(clear)s”。请在这个人的页面上办。", clear=CLEAR)


def _stray(file: str, sheet: Sheet, line: Line) -> Problem:
    """Return the problem of a cell that stands beside the table."""
    return Problem.of(file, sheet.name, line.row, "", Sentence("表格右边有多出来的内容，没有表头。请移到“备注”或删掉。"))


def _without_doubles(rows: list[Row], report: Report) -> list[Row]:
    """Return the rows without those whose key has stood before."""
    seen: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row.values[field] for field in row.sheet.key)
        first = seen.setdefault(key, row)
        if first is not row:
            words = " ".join(str(part) for part in key if part)
            again = Sentence("“%(words)s”和第 %(number)s 行重复，请只留一行。", words=shown(words), number=first.number)
            report.problems.append(row.problem(again, row.sheet.key[-1]))
            report.count(row.sheet.name, Fate.BAD)
    return list(seen.values())
