"""What the tests of exchange share: importing in a write unit, and small Excel files."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook

from timebank.db import transaction
from timebank.exchange import actions
from timebank.exchange.handed import hand_in
from timebank.exchange.report import Report

Rows = Sequence[Sequence[Any]]
Book = Callable[[Mapping[str, Rows]], tuple[str, bytes]]
BADAGUAN = ("places", "volunteers", "elders", "needs")


def take_in(sources: Any, **options: Any) -> Report:
    """Import in a write unit."""
    handed = hand_in(sources)
    with transaction():
        return actions.import_files(handed, **options)


def look_at(sources: Any) -> Report:
    """Check in a write unit, as the pages do."""
    handed = hand_in(sources)
    with transaction():
        return actions.check_workbook(handed)


def excel(sheets: Mapping[str, Rows], name: str = "上传.xlsx") -> tuple[str, bytes]:
    """Write an Excel file of plain cells by sheet name."""
    target = io.BytesIO()
    with Workbook(target, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as workbook:
        for title, rows in sheets.items():
            page = workbook.add_worksheet(title)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return name, target.getvalue()
