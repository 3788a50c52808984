"""From sheets to rows: headers are matched to columns, cells are parsed, and what is wrong is named by row and column."""

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from timebank.errors import Invalid, Refusal
from timebank.exchange.cells import is_blank, shown
from timebank.exchange.columns import SHEETS, Column, Sheet
from timebank.exchange.reading import Line, RawSheet
from timebank.exchange.report import Fate, Problem, Report


@dataclass(frozen=True, slots=True)
class Row:
    """One row whose every cell could be read."""

    file: str
    sheet: Sheet
    number: int
    values: dict[str, Any]

    def problem(self, error: Refusal, field: str = "") -> Problem:
        """Return a problem of this row, at a column when one is named."""
        column = self.sheet.column(field).header if field else ""
        return Problem(self.file, self.sheet.name, self.number, column, error.zh, error.en)


def parse_sheets(sheets: Sequence[RawSheet], report: Report) -> dict[str, list[Row]]:
    """Return the good rows by sheet name; everything else goes into the report."""
    found: dict[str, list[Row]] = {}
    for raw in sheets:
        sheet = SHEETS.get(raw.name)
        if sheet is None:
            report.problems.append(_unknown_sheet(raw))
            continue
        if not raw.lines:
            continue
        columns = _columns(raw, sheet, report)
        if columns is not None:
            report.fates.setdefault(sheet.name, Counter())
            rows = found.setdefault(sheet.name, [])
            rows += [row for line in raw.lines[1:] if (row := _row(raw.file, sheet, columns, line, report))]
    return {name: _without_doubles(rows, report) for name, rows in found.items()}


def _unknown_sheet(raw: RawSheet) -> Problem:
    """Return the problem of a sheet nobody knows."""
    names = "、".join(SHEETS)
    zh = f"不认识这张表。请把表名改成其中之一：{names}；不需要的表请删掉。"
    en = f"This sheet is not known. Give it one of these names, or delete it: {', '.join(SHEETS)}."
    return Problem(raw.file, raw.name, 0, "", zh, en)


def _columns(raw: RawSheet, sheet: Sheet, report: Report) -> list[Column | None] | None:
    """Return the column of each position by the header row, or None when the header cannot be used."""
    line = raw.lines[0]
    known = {column.header: column for column in sheet.columns}
    headers = ["" if is_blank(cell) else str(cell).strip().rstrip("＊*") for cell in line.cells]
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
    for column, cell in zip_longest(columns, line.cells):
        if is_blank(cell):
            continue
        if column is None:
            bad.append(_stray(file, sheet, line))
            continue
        given.add(column.field)
        try:
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
    return Row(file, sheet, line.row, values)


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
            words = " ".join(map(str, key))
            zh = f"“{shown(words)}”和第 {first.number} 行重复，请只留一行。"
            error = Invalid(zh, f"“{shown(words)}” stands in row {first.number} already; keep one of them.")
            report.problems.append(row.problem(error, row.sheet.key[-1]))
            report.count(row.sheet.name, Fate.BAD)
    return list(seen.values())
