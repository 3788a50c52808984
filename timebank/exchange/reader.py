"""What reads foreign files: a process of its own that takes them on standard input and answers with plain cells.

``python -m timebank.exchange.reader`` is started by ``reading.py`` for every upload and every import. Before it looks at a byte it
bounds its own memory, time and output, and shuts itself in: it can open no file, no socket and no database any more. Whatever
a file does to the libraries that lay it out, it does to this process.

Input: a line of JSON with name and length of each file, then their bytes. Output: a line for each file, as it is done: its
sheets, or the two sentences of a refusal. Excel is read through calamine, CSV in UTF-8, GBK or marked UTF-16. A workbook is measured before it
is opened, so that most of what is too large is refused in its own words: its bytes, what they unpack to (counted, not as the
file claims), and how far its cells seem to reach, for calamine lays a sheet out as one dense rectangle.
"""

import codecs
import contextlib
import csv
import io
import itertools
import json
import os
import re
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from timebank.errors import Invalid
from timebank.exchange.cells import is_blank, trimmed
from timebank.exchange.columns import NOTES_SHEET, SHEETS
from timebank.exchange.sheets import LOOKED_AT, Line, Merge, RawSheet, as_json

MEGABYTE = 1024 * 1024
MOST_MEMORY = 512 * MEGABYTE
MOST_SECONDS = 8
"""Processor time for one file."""
MOST_ANSWER = 24 * MEGABYTE
"""So long the answer for one file may be."""
MOST_UNPACKED = 40 * MEGABYTE
MOST_PARTS = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_MERGED = 10 * MOST_ROWS
CHUNK = 65_536
SHEETS_AT = "xl/worksheets/"
ENCODINGS = ("utf-8-sig", "gb18030")
WIDE = "utf-16"
# A cell that holds something; empty ones that only carry a format close themselves and are not laid out.
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]*(?<!/)>")


# What calamine takes for an empty cell: a formula that went wrong, and one whose result nobody has stored. One that gives no text is empty.
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]|\st=[\"']e[\"']")
_WENT_WRONG = re.compile(rb"(<(?:\w+:)?c\s[^>]*?\st=[\"'])e(?=[\"'])")
_NOT_WORKED_OUT = re.compile(
    rb"<(?P<p>\w+:)?c(?P<said>(?![^>]*\st=)[^>]*)>\s*(?P<f><(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def main() -> None:
    """Read what is handed in and answer, file by file."""
    files = [(name, sys.stdin.buffer.read(length)) for name, length in json.loads(sys.stdin.buffer.readline())]
    shut_in(len(files) * (MOST_ANSWER + MEGABYTE))
    for name, data in files:
        give_time()
        sys.stdout.buffer.write(answer(name, data) + b"\n")
        sys.stdout.buffer.flush()


def shut_in(most_written: int) -> None:
    """Bound what reading may take; from here on nothing can be opened: no file, no socket, no database."""
    # Found now, for Python looks for a codec in a file when it is first asked for it; zip names are in cp437.
    for encoding in (*ENCODINGS, WIDE, "cp437"):
        codecs.lookup(encoding)
    if os.name != "posix":
        return
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, most_written),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        # Some systems know a limit by name only, or keep a stricter one.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))


def give_time() -> None:
    """Let the next file have its share of the processor; who uses more is ended by the system."""
    if os.name == "posix":
        import resource

        until = int(time.process_time()) + 1 + MOST_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def answer(name: str, data: bytes) -> bytes:
    """Return one file's sheets as JSON, or the sentences of its refusal."""
    try:
        said = as_json(read(name, data)).encode("utf-8", "surrogatepass")
        if len(said) > MOST_ANSWER:
            raise _too_much()
    except MemoryError:
        return _refused(_too_much())
    except Invalid as refusal:
        return _refused(refusal)
    return said


def _refused(refusal: Invalid) -> bytes:
    """Return a refusal as an answer."""
    return json.dumps({"refused": [refusal.said, refusal.gaps]}).encode()


def _too_much() -> Invalid:
    """Return the refusal of a file that holds more than can be handed on."""
    return Invalid("文件里的内容太多，请拆成几份再导入。")


def _too_many_parts() -> Invalid:
    """Return the refusal of a workbook of too many parts or sheets."""
    return Invalid("文件里的部件太多，不像一份普通表格。请把要导入的表复制到一个新文件，另存为 .xlsx 再试。")


def _too_large() -> Invalid:
    """Return the refusal of a sheet that reaches too far."""
    return Invalid(
        "表格太大：最多 %(most_rows)s 行、%(most_columns)s 列。请删掉多余的行列或拆开。", most_rows=MOST_ROWS, most_columns=MOST_COLUMNS
    )


def read(name: str, data: bytes) -> list[RawSheet]:
    """Read one file's bytes by the ending of its name."""
    return _read_xlsx(data, name) if PurePath(name).suffix.lower() == ".xlsx" else [_read_csv(data, name)]


def _read_xlsx(data: bytes, name: str) -> list[RawSheet]:
    """Read a workbook that was measured first."""
    try:
        whole = _with_results(data) if _measure(data) else data
        with CalamineWorkbook.from_filelike(io.BytesIO(whole)) as book:
            # As many names may stand for one and the same part.
            if len(book.sheet_names) > MOST_PARTS:
                raise _too_many_parts()
            return [_sheet(name, title, book.get_sheet_by_name(title)) for title in book.sheet_names if title != NOTES_SHEET]
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise Invalid("这不是完好的 Excel 文件（可能加了密码或已损坏），请另存一份再试。") from error


def _with_results(data: bytes) -> bytes:
    """Return a workbook in which a formula that went wrong, or was never worked out, stands as text, so that its cell is not taken for empty."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(made, "w") as whole:
        for entry in parts.infolist():
            part = b"".join(_unpacked(data, entry))
            if entry.filename.startswith(SHEETS_AT):
                part = _WENT_WRONG.sub(rb"\1str", part)
                part = _NOT_WORKED_OUT.sub(rb'<\g<p>c\g<said> t="str">\g<f><\g<p>v>=</\g<p>v></\g<p>c>', part)
            whole.writestr(zipfile.ZipInfo(entry.filename), part)
    return made.getvalue()


def _measure(data: bytes) -> bool:
    """Refuse a workbook that would unpack to too much or reach too far; say whether it has formulas."""
    left, formulas = MOST_UNPACKED, False
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        entries = parts.infolist()
        if len(entries) > MOST_PARTS:
            raise _too_many_parts()
        for entry in entries:
            reach = _Reach() if entry.filename.startswith(SHEETS_AT) else None
            for chunk in _unpacked(data, entry):
                left -= len(chunk)
                if left < 0:
                    most = MOST_UNPACKED // MEGABYTE
                    raise Invalid("文件解开后超过 %(most)s MB。请删掉多余的内容和图片，或拆成几份再导入。", most=most)
                if reach:
                    reach.look(chunk)
            formulas = formulas or (reach is not None and reach.formulas)
    return formulas


def _unpacked(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what one part really unpacks to, whatever size the file claims for it."""
    # The local header: 30 bytes, then name and extra field, whose lengths stand at 26 and 28.
    head = data[entry.header_offset : entry.header_offset + 30]
    begin = entry.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    packed = data[begin : begin + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(entry.filename)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    piece = b"start"
    # The last of a stream may still be inside when all of it has been taken in.
    while (piece or packed) and not inflate.eof:
        piece = inflate.decompress(packed, CHUNK)
        packed = inflate.unconsumed_tail
        yield piece


class _Reach:
    """Looks how far the filled cells of a sheet reach, and whether formulas are among them."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._tail = b""
        self.formulas = False

    def look(self, chunk: bytes) -> None:
        """Look at the next piece; a tag cut in two is looked at again with the rest of it."""
        text = self._tail + chunk
        for letters, row in _CELL.findall(text):
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            if int(row) > MOST_ROWS or column > MOST_COLUMNS:
                raise _too_large()
        self.formulas = self.formulas or _FORMULA.search(text) is not None
        self._tail = text[-200:]


def _sheet(file: str, name: str, sheet: CalamineSheet) -> RawSheet:
    """Return one sheet with its blank rows left out and its merged cells filled downwards."""
    if sheet.total_height > MOST_ROWS or sheet.total_width > MOST_COLUMNS:
        raise _too_large()
    lines = [Line(number, cells) for number, cells in _numbered(sheet.to_python(skip_empty_area=False))]
    last = lines[-1].row if lines else 0
    found = [Merge(top + 1, min(bottom + 1, last), left, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    merges = [merge for merge in found if merge.top <= last]
    _fill_down(lines, merges)
    return RawSheet(file, name, lines, [merge for merge in merges if merge.right > merge.left])


def _fill_down(lines: Sequence[Line], merges: Sequence[Merge]) -> None:
    """Let every row of a merged cell hold what the eye sees in it; rows that are blank but for it stay out."""
    by_row = {line.row: line.cells for line in lines}
    if sum(merge.bottom - merge.top for merge in merges) > MOST_MERGED:
        raise Invalid("表里合并的单元格太多，请取消合并后再试。")
    for merge in merges:
        seen = by_row.get(merge.top, [])[merge.left : merge.left + 1]
        for row in range(merge.top + 1, merge.bottom + 1):
            if seen and row in by_row:
                by_row[row][merge.left : merge.left + 1] = seen


def _numbered(rows: list[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows that hold something with their numbers."""
    for number, cells in enumerate(rows, start=1):
        if not all(is_blank(cell) for cell in cells):
            yield number, cells


def _read_csv(data: bytes, name: str) -> RawSheet:
    """Read a CSV file; which sheet it is, its name says, or else its headers."""
    text = _decoded(data)
    head = "".join(text.splitlines(keepends=True)[:LOOKED_AT])
    dialect = "excel-tab" if head.count("\t") > head.count(",") else "excel"
    try:
        # csv refuses NUL by itself in some versions only; the cell's own parser names row and column.
        rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), dialect), MOST_ROWS + 1))
    except csv.Error as error:
        raise Invalid("这个 CSV 文件的引号或换行不完整，请另存一份再试。") from error
    if len(rows) > MOST_ROWS or max(map(len, rows), default=0) > MOST_COLUMNS:
        raise _too_large()
    return RawSheet(name, _csv_sheet(PurePath(name).stem, rows), [Line(number, cells) for number, cells in _numbered(list(rows))])


def _decoded(data: bytes) -> str:
    """Return the text of a CSV file: in UTF-8 with or without a mark, in GBK as Excel in China saves it, or in UTF-16 with its mark.

    Without its mark UTF-16 would be read as GBK, as words that nobody wrote; it is full of zeros, which no other text is.
    """
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not data.startswith(codecs.BOM_UTF32_LE)
    wide = data.count(0) * 4 > len(data)
    for encoding in (WIDE,) if marked else () if wide else ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("文件的编码认不出来，请另存为“CSV UTF-8”或 .xlsx。")


def _csv_sheet(stem: str, rows: list[list[str]]) -> str:
    """Return which sheet a CSV file is: the one that shares most headers, of several the one its name says, else by its name."""
    named = [sheet for sheet in SHEETS if sheet in stem]
    shared = {name: max((_shared(row, sheet.headers) for row in rows[:LOOKED_AT]), default=0) for name, sheet in SHEETS.items()}
    best = max(SHEETS, key=lambda name: (shared[name], name in named))
    # Most files carry the name of their community, which is a sheet's as well: the longer, then the later word says what they are.
    return best if shared[best] else max(named, key=lambda name: (len(name), stem.rfind(name)), default=stem)


def _shared(row: Sequence[str], headers: Sequence[str]) -> int:
    """Return how many words of a row are headers of a sheet, none where most are not."""
    words = {trimmed(cell) for cell in row if not is_blank(cell)}
    known = len(words & set(headers))
    return known if known * 2 >= len(words) else 0


if __name__ == "__main__":
    main()
