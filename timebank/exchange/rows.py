"""From sheets to rows: headers are found and matched to columns, cells are parsed, and what is wrong is named by row and column."""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from timebank.errors import Invalid, Refusal
from timebank.exchange.cells import CLEAR, is_blank, shown, trimmed
from timebank.exchange.columns import SHEETS, Column, Sheet
from timebank.exchange.report import Fate, Problem, Report
from timebank.exchange.sheets import LOOKED_AT, Line, Merge, RawSheet


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

    def problem(self, error: Refusal, field: str = "") -> Problem:
        """Return a problem of this row, at a column when one is named."""
        column = self.sheet.column(field).header if field else ""
        return Problem(self.file, self.sheet.name, self.number, column, error.zh, error.en)


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
    names = "、".join(SHEETS)
    zh = f"不认识这张表。请把表名改成其中之一：{names}；不需要的表请删掉。"
    en = f"This sheet is not known. Give it one of these names, or delete it: {', '.join(SHEETS)}."
    return Problem(raw.file, raw.name, 0, "", zh, en)


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
    zh = f"没有找到表头。表头应写在第 1 行，至少有：{'、'.join(wanted)}；现在第 {first.row} 行是“{reads}”。"
    en = f"There are no headers. They belong in row 1, at least: {', '.join(wanted)}; row {first.row} reads “{reads}”."
    return Problem(raw.file, sheet.name, first.row, "", zh, en)


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
    zh = f"{'、'.join(f'“{name}”' for name in names)}的格子合并在一起，看不出各填什么。请取消合并，分开填写。"
    en = f"The cells of {', '.join(names)} are merged into one, so it is not clear what each holds. Unmerge them and fill in each."
    return Problem(file, sheet.name, merge.top, names[0], zh, en)


def _columns(raw: RawSheet, head: int, sheet: Sheet, report: Report) -> list[Column | None] | None:
    """Return the column of each position by the header row, or None when the header cannot be used."""
    line = raw.lines[head]
    known = {column.header: column for column in sheet.columns}
    headers = _headers(line)
    wrong: list[tuple[str, str, str]] = []
    for header in headers:
        if header and header not in known:
            near = difflib.get_close_matches(header, known, 1, 0.5)
            hint = (
                (f"是不是“{near[0]}”？", f" Is it “{near[0]}”?") if near else ("如不需要请删掉这一列。", " Delete it if it is not needed.")
            )
            wrong.append((header, f"没有叫“{shown(header)}”的列。{hint[0]}", f"There is no column “{shown(header)}”.{hint[1]}"))
        elif header and headers.count(header) > 1:
            wrong.append((header, "这个表头出现了两次，请删掉一列。", "This header stands twice; delete one column."))
    for column in sheet.columns:
        if column.required and column.header not in headers:
            zh = f"缺少必填的列“{column.header}”，请加上这一列（可下载空白模板对照）。"
            wrong.append((column.header, zh, f"The required column “{column.header}” is missing; add it (see the blank template)."))
    report.problems += [Problem(raw.file, sheet.name, line.row, shown(header), zh, en) for header, zh, en in dict.fromkeys(wrong)]
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
            bad.append(Problem(file, sheet.name, line.row, column.header, error.zh, error.en))
    for column in sheet.columns:
        if column.required and column.field not in given:
            zh, en = "这一格必须填写。", "This cell must be filled in."
            bad.append(Problem(file, sheet.name, line.row, column.header, zh, en))
    if bad:
        report.problems += bad
        report.count(sheet.name, Fate.BAD)
        return None
    empty = frozenset(column.field for column in columns if column) - given
    return Row(file, sheet, line.row, values, frozenset(given), frozenset(cleared), empty)


def _must_be_clearable(column: Column) -> None:
    """Refuse to clear what must be filled in, and what is only taken back by a person, such as a consent."""
    if column.required:
        raise Invalid(f"这一格必须填写，不能写“{CLEAR}”。", "This cell must be filled in and cannot be cleared.")
    if column.stays:
        raise Invalid(f"这一列不能用表“{CLEAR}”。请在这个人的页面上办。", "A file cannot clear this column. Do it on the person's page.")


def _stray(file: str, sheet: Sheet, line: Line) -> Problem:
    """Return the problem of a cell that stands beside the table."""
    zh, en = (
        "表格右边有多出来的内容，没有表头。请移到“备注”或删掉。",
        "Something stands beside the table, without a header. Move or delete it.",
    )
    return Problem(file, sheet.name, line.row, "", zh, en)


def _without_doubles(rows: list[Row], report: Report) -> list[Row]:
    """Return the rows without those whose key has stood before."""
    seen: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row.values[field] for field in row.sheet.key)
        first = seen.setdefault(key, row)
        if first is not row:
            words = " ".join(str(part) for part in key if part)
            zh = f"“{shown(words)}”和第 {first.number} 行重复，请只留一行。"
            error = Invalid(zh, f"“{shown(words)}” stands in row {first.number} already; keep one of them.")
            report.problems.append(row.problem(error, row.sheet.key[-1]))
            report.count(row.sheet.name, Fate.BAD)
    return list(seen.values())
