"""Reading figures back from what people see: the tables of a page, the sheets of a workbook, the text of a PDF."""

import re
import subprocess
from html import unescape
from io import BytesIO
from pathlib import Path

import python_calamine

Rows = list[list[str]]


def bare(text: str) -> str:
    """Return the text of a piece of a page, white space as one blank."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL))).split())


def tables(page: str) -> dict[str, Rows]:
    """Return the tables of a page by the heading above each, rows of cells as text, the row of totals last."""
    found: dict[str, Rows] = {}
    for before, table in re.findall(
        r"<h2[^>]*>((?:(?!<h2).)*?)</h2>(?:(?!<h2|</section>).)*?<table[^>]*>(.*?)</table>", page, flags=re.DOTALL
    ):
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, flags=re.DOTALL)
        found[bare(before)] = [[bare(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in rows]
    return found


def first_table(page: str) -> Rows:
    """Return the first table of a page."""
    table = re.findall(r"<table[^>]*>(.*?)</table>", page, flags=re.DOTALL)[0]
    return [
        [bare(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, flags=re.DOTALL)
    ]


def by_head(rows: Rows) -> list[dict[str, str]]:
    """Return the rows of a table by the words above each cell."""
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]


def sheets(book: bytes) -> dict[str, list[list[object]]]:
    """Return the sheets of a workbook, rows of values."""
    opened = python_calamine.CalamineWorkbook.from_filelike(BytesIO(book))
    return {name: opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names}


def printed(paper: bytes, folder: Path) -> str:
    """Return the text of a PDF in the order of its lines, without white space."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    out = subprocess.run(["pdftotext", "-layout", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=60)
    return out.stdout.decode()


def squeezed(text: str) -> str:
    """Return text without white space."""
    return "".join(text.split())
