"""Workbooks out: blank templates and filled files, byte for byte the same whenever they are written again.

Every text goes through ``write_string`` and the workbook never turns text into formulas, so a name that begins with "="
stays a name in Excel.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from timebank.excel import OPTIONS, YES_NO, write_cell
from timebank.exchange import cells
from timebank.exchange.columns import NOTES_SHEET, Column, Sheet, Workbook

CREATED = datetime(2026, 11, 16, 8, 0)  # noqa: DTZ001 - a file property without a zone; constant, so that bytes repeat
GENERAL_NOTES = (
    "表头不要改名；列的次序可以变。星号（＊）标的列必须填写。",
    "编号、小区加楼栋、名称是各行的身份：再次导入同一份表，不会多出一份。",
    "先点“检查”，看清每一行的问题，再导入。",
    "从表里删掉一行，不会删掉系统里的人。没有的列、空着的格子都保留原来的内容；要清掉，请在格子里写“清空”，检查时会数出来。",
    "电话可以带分机，如 0532-88880000-801；合并的单元格按每一行都写了同样的内容处理。",
)
Row = Mapping[str, Any]


def write_workbook(target: str | Path | IO[bytes], workbook: Workbook, rows: Mapping[str, Sequence[Row]], *, mark: str = "") -> None:
    """Write one of the workbooks with these rows, by sheet name and field; a blank template when there are none.

    ``mark`` is written under the notes and into the file's properties: it tells which export a copy comes from.
    """
    with XlsxWorkbook(target if not isinstance(target, Path) else str(target), OPTIONS) as book:
        book.set_properties({"title": workbook.title, "created": CREATED} | ({"comments": mark} if mark else {}))
        bold = book.add_format({"bold": True, "bg_color": "#E8EFEA", "bottom": 1, "text_wrap": True, "valign": "top"})
        dates = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        for sheet in workbook.sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, rows.get(sheet.name, ()), bold, dates)
        _write_notes(book.add_worksheet(NOTES_SHEET), workbook, bold, mark)


def _write_sheet(page: Worksheet, sheet: Sheet, rows: Sequence[Row], bold: Format, dates: Format) -> None:
    """Write the header row and the rows of one sheet."""
    page.freeze_panes(1, 1)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
        page.write_string(0, index, column.header, bold)
        _offer_choices(page, index, column)
    fields = [column.field for column in sheet.columns]
    for number, row in enumerate(rows, start=1):
        unknown = set(row) - set(fields)
        if unknown:
            msg = f"sheet {sheet.name} has no column for {sorted(unknown)}"
            raise ValueError(msg)
        for index, field in enumerate(fields):
            write_cell(page, number, index, row.get(field), dates)


def _offer_choices(page: Worksheet, index: int, column: Column) -> None:
    """Give a column of few possible words a list to pick from."""
    options = YES_NO if column.parse is cells.yes_no else list(column.parse.options) if isinstance(column.parse, cells.Choice) else []
    if options:
        page.data_validation(1, index, 2000, index, {"validate": "list", "source": options, "error_type": "warning"})


def _write_notes(page: Worksheet, workbook: Workbook, bold: Format, mark: str) -> None:
    """Write the sheet that explains every column."""
    page.set_column(0, 1, 14)
    page.set_column(2, 2, 8)
    page.set_column(3, 3, 70)
    for number, line in enumerate(GENERAL_NOTES):
        page.write_string(number, 0, line)
    head = len(GENERAL_NOTES) + 1
    for index, word in enumerate(("工作表", "列", "必填", "怎么填")):
        page.write_string(head, index, word, bold)
    lines = [(sheet, column) for sheet in workbook.sheets for column in sheet.columns]
    for number, (sheet, column) in enumerate(lines, start=head + 1):
        page.write_string(number, 0, sheet.name)
        page.write_string(number, 1, column.header)
        page.write_string(number, 2, "＊" if column.required else "")
        page.write_string(number, 3, column.help)
    if mark:
        page.write_string(head + len(lines) + 2, 0, mark)
