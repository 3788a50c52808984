"""Workbooks out: tables as Excel files. Every text is written as text, so a name that begins with "=" is no formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | date | None
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd", "in_memory": True}
NARROWEST, WIDEST = 8, 40
DAY = {"num_format": "yyyy-mm-dd", "align": "left"}
YES_NO = ["是", "否"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its heading row, its rows, a total row when there is one, and lines of explanation under it.

    Rows that are ``struck``, by their place, are written struck through.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    notes: Sequence[str] = ()
    struck: Sequence[int] = ()


class Formats(NamedTuple):
    """How the days and the other values of a row are written."""

    dates: Format
    others: Format | None


def workbook(title: str, sheets: Sequence[Sheet], made_at: datetime) -> bytes:
    """Return the sheets as one Excel file."""
    out = BytesIO()
    with Workbook(out, OPTIONS) as book:
        book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bg_color": "#E8EFEA", "bottom": 1, "text_wrap": True, "valign": "top"})
        summed = book.add_format({"bold": True, "top": 1})
        through = {"font_strikeout": True}
        plain = Formats(book.add_format(DAY), None)
        struck = Formats(book.add_format(DAY | through), book.add_format(through))
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, bold, summed, (plain, struck))
    return out.getvalue()


def write_cell(page: Worksheet, row: int, column: int, value: Cell, dates: Format, style: Format | None = None) -> None:
    """Write one value by its type, and text always as text."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, column, YES_NO[0] if value else YES_NO[1], style)
    elif isinstance(value, int | float):
        page.write_number(row, column, value, style)
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime(value.year, value.month, value.day), dates)  # noqa: DTZ001 - a date
    else:
        page.write_string(row, column, value, style)


def _write(page: Worksheet, sheet: Sheet, bold: Format, summed: Format, rows: tuple[Formats, Formats]) -> None:
    """Write one sheet."""
    page.freeze_panes(1, 1)
    for column, word in enumerate(sheet.head):
        page.set_column(column, column, _width(sheet, column))
        page.write_string(0, column, word, bold)
    for number, row in enumerate(sheet.rows, start=1):
        styles = rows[number - 1 in sheet.struck]
        for column, value in enumerate(row):
            write_cell(page, number, column, value, styles.dates, styles.others)
    after = len(sheet.rows) + 1
    for column, value in enumerate(sheet.total):
        write_cell(page, after, column, value, rows[0].dates, summed)
    for number, note in enumerate(sheet.notes, start=after + 2):
        page.write_string(number, 0, note)


def _width(sheet: Sheet, column: int) -> int:
    """Return a width that shows the widest text of a column, within bounds; a Chinese letter is two wide."""
    texts = [sheet.head[column], *(str(row[column] or "") for row in sheet.rows)]
    widest = max(sum(1 if letter.isascii() else 2 for letter in text) for text in texts)
    return min(max(widest + 2, NARROWEST), WIDEST)
