"""Files made to hurt whoever reads them: every known way by name, and by seed as many combinations and damages as one likes."""

import gzip
import io
import itertools
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache

from tests.exchange.files import excel

SHEET, BOOK, RELATIONS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, STYLES, TYPES = "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"
MEGABYTE = 1024 * 1024
NUMBERS = ("1000000000", "4294967295", "9223372036854775807", "18446744073709551616", "-1", "1e9", "", "九")
FAR = ("XFD1048576", "A1048576", "XFD1", "ZZZ9999999", "XFD20001", "AAA500000")

Parts = dict[str, bytes]
File = tuple[str, str, bytes]
Damage = Callable[[Parts, random.Random], None]


@cache
def _sound() -> bytes:
    """Return a good workbook, the same bytes every time."""
    header = ["编号", "姓名", "手机", "纬度", "经度", "周三"]
    _name, data = excel({"志愿者": [header, ["V900", "林听涛", "17000009001", 36.056, 120.352, "9:00-11:30"]]})
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        # The one part that tells the hour.
        return packed({name: file.read(name) for name in file.namelist() if name != "docProps/core.xml"})


def parts() -> Parts:
    """Return the parts of a good workbook."""
    with zipfile.ZipFile(io.BytesIO(_sound())) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(made: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as file:
        for name, data in made.items():
            file.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target.getvalue()


def replaced(part: str, old: bytes, new: bytes) -> Damage:
    """Return the damage that puts other bytes into a part."""

    def act(made: Parts, _dice: random.Random) -> None:
        made[part] = made[part].replace(old, new, 1)

    return act


def cells(*xml: bytes, row: bytes = b"<row>") -> Damage:
    """Return the damage of some more cells below the sheet's own."""
    return replaced(SHEET, b"</sheetData>", row + b"".join(xml) + b"</row></sheetData>")


def moved(made: Parts, _dice: random.Random) -> None:
    """Move the sheet to where nobody looks for one; its relation still leads there."""
    made["xl/elsewhere/a.bin"] = made.pop(SHEET)
    made[RELATIONS] = made[RELATIONS].replace(b"worksheets/sheet1.xml", b"elsewhere/a.bin")


def deep(part: str, depth: int) -> Damage:
    """Return the damage of elements inside each other."""
    return replaced(part, b"?>", b"?>" + b"<a>" * depth)


def entities(part: str, outside: str = "") -> Damage:
    """Return the damage of entities that grow when they are told, or that lie outside."""
    told = f'<!ENTITY z SYSTEM "{outside}">' if outside else '<!ENTITY a "aaaaaaaaaa">'
    told += "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    name = "z" if outside else "j"

    def act(made: Parts, _dice: random.Random) -> None:
        root = made[part].split(b"?>", 1)[1]
        made[part] = b'<?xml version="1.0"?><!DOCTYPE x [' + told.encode() + b"]>" + root.replace(b"<v>", f"<v>&{name};".encode())

    return act


def blown_up(part: str, size: int, filling: bytes = b" ") -> Damage:
    """Return the damage of a part that is far larger than it is packed."""

    def act(made: Parts, _dice: random.Random) -> None:
        made[part] = made.get(part, b"<x>") + filling * (size // len(filling))

    return act


def repeated_string(length: int, times: int) -> Damage:
    """Return the damage of one long text that many cells point at."""

    def act(made: Parts, _dice: random.Random) -> None:
        made[STRINGS] = b"<sst><si><t>" + b"x" * length + b"</t></si></sst>"
        row = b"<row>" + b'<c t="s"><v>0</v></c>' * 100 + b"</row>"
        made[SHEET] = b"<worksheet><sheetData>" + row * (times // 100) + b"</sheetData></worksheet>"

    return act


def merges(count: int, ref: bytes) -> Damage:
    """Return the damage of very many merged cells."""
    return replaced(SHEET, b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="' + ref + b'"/>' * count + b"</mergeCells>")


def sheets(count: int) -> Damage:
    """Return the damage of very many sheets that are one and the same."""
    again = "".join(f'<sheet name="表{n}" sheetId="{n + 2}" r:id="rId1"/>' for n in range(count)).encode()
    return replaced(BOOK, b"</sheets>", again + b"</sheets>")


def added(name: str, data: bytes) -> Damage:
    """Return the damage of one part more."""

    def act(made: Parts, _dice: random.Random) -> None:
        made[name] = data

    return act


def without(part: str) -> Damage:
    """Return the damage of a part that is missing."""

    def act(made: Parts, _dice: random.Random) -> None:
        made.pop(part, None)

    return act


def crumbs(made: Parts, dice: random.Random) -> None:
    """Change some bytes of some part."""
    part = dice.choice(sorted(made))
    data = bytearray(made[part])
    for _ in range(dice.randint(1, 8)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    made[part] = bytes(data)


def far_cells() -> dict[str, Damage]:
    """Return the five ways round a guard that looks for cells far away, and the plain one."""
    tags = {
        "plain": '<c r="{}">',
        "blanks": '<c r = "{}">',
        "tab": '<c\tr\n=\t"{}">',
        "small letters": '<c r="{}">',
        "leading zeros": '<c r="{}">',
        "an attribute with >": '<c x=">" r="{}">',
        "an attribute before": "<c r='A1' r='{}'>",
        "a name space": '<x:c r="{}">',
    }
    found = {}
    for (way, tag), spot in itertools.product(tags.items(), FAR):
        letters = spot.rstrip("0123456789")
        where = {"small letters": spot.lower(), "leading zeros": f"{letters}{spot[len(letters) :]:0>12}"}.get(way, spot)
        found[f"a cell at {spot}, {way}"] = cells(f"{tag.format(where)}<v>1</v></c>".encode())
    return found


DAMAGES: dict[str, Damage] = {
    **far_cells(),
    "a sheet moved": moved,
    **{f"a row {n}": cells(b"<c><v>1</v></c>", row=f'<row r="{n}">'.encode()) for n in NUMBERS},
    **{f"{n} shared strings": replaced(STRINGS, b'count="', f'uniqueCount="{n}" count="{n}'.encode()) for n in NUMBERS},
    **{f"string {n}": cells(f'<c t="s"><v>{n}</v></c>'.encode()) for n in NUMBERS},
    **{f"style {n}": cells(f'<c s="{n}"><v>1</v></c>'.encode()) for n in NUMBERS},
    **{f"a day {n}": cells(f'<c s="1"><v>{n}</v></c><c t="d"><v>{n}</v></c>'.encode()) for n in ("1e308", "-1e308", "1e999", "NaN", "-1")},
    **{f"a kind {n}": cells(f'<c t="{n}"><v>\N{BELL}&#0;&#xD800;</v></c>'.encode()) for n in ("e", "b", "str", "inlineStr", "n", "z")},
    "a size up to the end of Excel": replaced(SHEET, b"<dimension", b'<dimension ref="A1:XFD1048576"/><dimension'),
    "a size backwards": replaced(SHEET, b"<dimension", b'<dimension ref="XFD1048576:A1"/><dimension'),
    **{f"deep {part}": deep(part, 200_000) for part in (SHEET, BOOK, STRINGS, STYLES, RELATIONS)},
    **{f"entities in {part}": entities(part) for part in (SHEET, BOOK, STRINGS, RELATIONS)},
    "an entity that is a file": entities(SHEET, "file:///etc/passwd"),
    "an entity that is an address": entities(SHEET, "http://127.0.0.1:9/"),
    **{f"{part} blown up": blown_up(part, 45 * MEGABYTE) for part in (SHEET, STRINGS, STYLES, "docProps/thumbnail.jpeg")},
    "strings that fill the most a file may unpack to": blown_up(STRINGS, 39 * MEGABYTE, b"<si><t>a</t></si>"),
    "cells that fill it": blown_up(SHEET, 39 * MEGABYTE, b"<row>" + b"<c><v>1</v></c>" * 200 + b"</row>"),
    "a long string a hundred thousand times": repeated_string(30_000, 100_000),
    "a megabyte in a thousand cells": repeated_string(MEGABYTE, 1_000),
    "very many merged cells": merges(500_000, b"A1:B1000"),
    "cells merged over everything": merges(1, b"A1:XFD1048576"),
    "cells merged backwards": merges(3, b"F6:A1"),
    "cells merged nowhere": merges(3, b":::"),
    "very many sheets": sheets(50_000),
    "relations that lead nowhere": replaced(RELATIONS, b"worksheets/sheet1.xml", b"worksheets/none.xml"),
    "relations that lead out": replaced(RELATIONS, b"worksheets/sheet1.xml", b"../../../../etc/passwd"),
    "relations that lead to themselves": replaced(RELATIONS, b"worksheets/sheet1.xml", b"_rels/workbook.xml.rels"),
    "relations to an address": replaced(RELATIONS, b'Target="worksheets/sheet1.xml"', b'TargetMode="External" Target="http://127.0.0.1:9/"'),
    "relations under one name": replaced(RELATIONS, b'Id="rId2"', b'Id="rId1"'),
    **{f"without {part}": without(part) for part in (SHEET, BOOK, RELATIONS, STRINGS, STYLES, TYPES)},
    "macros": added("xl/vbaProject.bin", bytes.fromhex("d0cf11e0a1b11ae1") + b"\xff" * 5_000),
    "a link to another book": added("xl/externalLinks/externalLink1.xml", b"<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>"),
    "a formula that starts a program": cells(b"<c t='str'><f>cmd|'/c calc'!A0</f><v>=cmd|'/c calc'!A0</v></c>"),
    "a part outside": added("../../../../tmp/hostile", b"x"),
    "a part named by nothing": added("\x01" * 3_000, b"x"),
    "a tail of junk in the sheet": blown_up(SHEET, 1_000, b"<c r=<<>>&&\xff"),
    "a sheet in UTF-16": lambda made, _dice: made.update({SHEET: made[SHEET].decode().encode("utf-16")}),
    "crumbs": crumbs,
}  # fmt: skip


def _claims(size: int) -> bytes:
    """Return a workbook whose parts claim another size than they have."""
    data = bytearray(_sound())
    for mark, place in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):
        at = data.find(mark)
        while at >= 0:
            struct.pack_into("<II", data, at + place, size, size)
            at = data.find(mark, at + 4)
    return bytes(data)


def _overlapping() -> bytes:
    """Return a zip file in whose list one packed part stands very many times."""
    whole = packed({SHEET: b"0" * 1_000_000})
    begin, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    listed = whole[begin:end] * 150
    return whole[:begin] + listed + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 150, 150, len(listed), begin, 0)


def _locked() -> bytes:
    """Return a workbook whose parts say they are encrypted."""
    data = bytearray(_sound())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def whole_files() -> Iterator[File]:
    """Yield files that are no workbook, or whose zip file itself is hostile, and hostile CSV files."""
    dice = random.Random(7)
    yield from ((f"sizes that claim {size}", "表.xlsx", _claims(size)) for size in (0, 1, 2**31, 2**32 - 1))
    yield "one part listed very often", "表.xlsx", _overlapping()
    yield "very many parts", "表.xlsx", packed({f"part{n}": b"" for n in range(5_000)})
    yield "parts that are encrypted", "表.xlsx", _locked()
    yield "parts packed another way", "表.xlsx", packed(parts(), zipfile.ZIP_LZMA)
    yield "a workbook with a password", "表.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
    yield "an old workbook", "表.xlsx", bytes.fromhex("0908100000060500") + dice.randbytes(2_000)
    yield "a zip file in a zip file", "表.xlsx", packed({"a.zip": packed({"a.zip": packed(parts())})})
    yield "no zip file at all", "表.xlsx", dice.randbytes(10_000)
    yield "five megabytes of nothing", "表.xlsx", b"\0" * 5 * MEGABYTE
    yield "only ends of zip files", "表.xlsx", (b"PK\x05\x06" + b"\xff" * 18) * 10_000
    yield from (
        (f"a {kind} file", "表.xlsx", head + dice.randbytes(300))
        for kind, head in {"picture": b"\x89PNG\r\n\x1a\n", "PDF": b"%PDF-1.7\n", "page": b"<html><table>", "program": b"\x7fELF"}.items()
    )
    yield "packed as gzip", "表.xlsx", gzip.compress(_sound(), mtime=0)
    row = "编号,姓名,手机,纬度,经度\r\n"
    for name, said in {
        "NUL": (row + "V900,林\0涛,17000009001,36,120\r\n").encode(),
        "only NUL": b"\0" * 100_000,
        "lone surrogates": row.encode() + b"V900,\xed\xa0\x80\xed\xbf\xbf,1,36,120\r\n",
        "one line of many megabytes": row.encode() + b"x" * (5 * MEGABYTE - 100),
        "one line of commas": b"," * (5 * MEGABYTE - 1),
        "nothing but line ends": b"\n" * (5 * MEGABYTE - 1),
        "a quote that never ends": row.encode() + b'"' + b"a,\n" * MEGABYTE,
        "nothing but quotes": b'"' * 3 * MEGABYTE,
        "nonsense in GBK": row.encode("gbk") + bytes(dice.randrange(0x81, 0xFF) for _ in range(200_000)),
        "nonsense in no code": dice.randbytes(200_000),
        "UTF-16": row.encode("utf-16"),
        "UTF-32": row.encode("utf-32"),
        "three marks": b"\xef\xbb\xbf" * 3 + row.encode(),
        "returns only": row.replace("\r\n", "\r").encode() * 1_000,
        "a column more on every line": "".join("," * n + "\n" for n in range(2_000)).encode(),
        "formulas": (row + "=cmd|'/c calc'!A0,@SUM(1),+1,-1,\t=1\r\n").encode(),
        "words that run backwards": (row + "V900,\u202e涛听林\u2066,17000009001,36,120\r\n").encode(),
    }.items():
        yield f"CSV: {name}", "志愿者.csv", said


def damaged(names: tuple[str, ...], seed: int) -> File:
    """Return a workbook with these damages, one after the other."""
    dice, made = random.Random(seed), parts()
    for name in names:
        try:
            DAMAGES[name](made, dice)
        except KeyError:
            continue  # the part was moved or taken away before
    return f"{' + '.join(names)} #{seed}", "表.xlsx", packed(made)


def _cut(seed: int) -> File:
    """Return a workbook that is cut off, or in which some bytes are others."""
    dice = random.Random(seed)
    data = bytearray(_sound())
    if seed % 2:
        return f"cut off #{seed}", "表.xlsx", bytes(data[: dice.randrange(4, len(data) - 1)])
    for _ in range(dice.randint(1, 30)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return f"other bytes #{seed}", "表.xlsx", bytes(data)


def every_file(count: int) -> list[File]:
    """Return every known hostile file once, and damages by seed until there are so many; no two are the same."""
    dice = random.Random(20261123)
    by_seed = (
        _cut(seed) if seed % 3 == 0 else damaged(tuple(dice.sample(sorted(DAMAGES), dice.randint(2, 3))), seed)
        for seed in itertools.count()
    )
    found: dict[bytes, File] = {}
    for file in itertools.chain(whole_files(), (damaged((name,), 0) for name in DAMAGES), by_seed):
        found.setdefault(file[2], file)
        if len(found) >= count:
            break
    return list(found.values())
