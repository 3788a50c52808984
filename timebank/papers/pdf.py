"""Papers as PDF: pure functions from frozen facts to bytes, laid out by typst from ``templates/pdf``.

Facts travel as JSON and are shown as strings, so no name is ever read as markup. Every file is PDF/A-2a and PDF/UA-1:
that standard also makes the compiler refuse a letter no font can draw, instead of printing an empty box.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import segno
import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

from timebank.clock import ZONE
from timebank.errors import Invalid, NotAvailable
from timebank.hours import hours_text, signed_text
from timebank.papers.facts import CanteenSheet, CertificatePaper, DaySheet, Language, Moved, StatementPaper, TurnSheet
from timebank.papers.seal import hours_of_kinds
from timebank.papers.station import SignInSheet, Ticket
from timebank.papers.tables import TablesPaper, shown
from timebank.papers.words import signed_hours
from timebank.paths import find
from timebank.sentences import CHINESE, WRITTEN

SERIF = "Noto Serif SC"
SANS = "Noto Sans SC"
SERIF_WORDS = ("serif", "song", "sung", "ming", "宋", "明")
DELETE = 0x7F


def certificate(paper: CertificatePaper, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print a certificate, in Chinese or in English."""
    return certificates([paper], language=language, font_dir=font_dir)


def certificates(papers: Sequence[CertificatePaper], *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print certificates one after the other in one file, each with pages of its own."""
    first, last = papers[0], max(paper.issued_on for paper in papers)
    facts: dict[str, object] = {
        "certificates": [_certificate(paper) for paper in papers],
        "title": first.number if len(papers) == 1 else f"{first.number} – {papers[-1].number}",
        "author": first.issuer.unit,
        "dated": last,
        "demo": first.demo,
    }
    return _compile("certificate", facts, language, font_dir, datetime.combine(last, time(), ZONE))


def _certificate(paper: CertificatePaper) -> dict[str, object]:
    """Return one certificate's facts with its sums and its code."""
    shares = hours_of_kinds([kind.minutes for kind in paper.by_kind], paper.entered_minutes)
    return asdict(paper) | {
        **asdict(paper.issuer),
        "check_code": grouped(paper.check_code),
        "digest": grouped(paper.content_sha256, 8),
        "identity": _identity(paper),
        "total_hours": hours_text(paper.total_minutes),
        "older_hours": hours_text(paper.older_minutes),
        "two_totals": _two_totals(paper.total_minutes, paper.entered_minutes),
        "by_kind": [asdict(kind) | {"hours": hours} for kind, hours in zip(paper.by_kind, shares, strict=True)],
        "qr": _qr(paper.check_url),
    }


def statement(paper: StatementPaper, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print one volunteer's month."""
    return statements([paper], language=language, font_dir=font_dir)


def statements(papers: Sequence[StatementPaper], *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print the months of volunteers one after the other in one file, each with pages of its own."""
    first, month = papers[0], f"{papers[0].month:%Y-%m}"
    facts: dict[str, object] = {
        "statements": [_statement(paper) for paper in papers],
        "title": f"{month} {first.volunteer_no}" if len(papers) == 1 else f"{month} {first.unit}",
        "author": first.unit,
        "dated": first.printed_at,
        "printed_at": first.printed_at,
        "demo": first.demo,
    }
    return _compile("statement", facts, language, font_dir, first.printed_at)


def _statement(paper: StatementPaper) -> dict[str, object]:
    """Return one volunteer's month with its sums."""
    return asdict(paper) | {
        "record_minutes": paper.record_minutes,
        "record_visits": paper.visits,
        "record_hours": hours_text(paper.record_minutes),
        "lifetime_hours": hours_text(paper.lifetime_minutes),
        "older_hours": hours_text(paper.older_minutes),
        "two_totals": _two_totals(paper.record_minutes, paper.entered_minutes),
        "lifetime_two_totals": _two_totals(paper.lifetime_minutes, paper.lifetime_entered),
        "opening_minutes": paper.opening,
        "opening_hours": hours_text(paper.opening),
        "sums": _sums(paper.moved),
        "closing_minutes": paper.closing,
        "closing_hours": hours_text(paper.closing),
        "account_lines": [asdict(line) | {"signed": signed_text(line.minutes)} for line in paper.account_lines],
        "corrections": [asdict(line) | {"signed": signed_text(line.after - line.before)} for line in paper.corrections],
        "corrected": [_corrected(month, paper) for month in sorted({line.month for line in paper.corrections})],
        "chain_words": grouped(paper.chain_head, 8),
    }


def _corrected(month: date, paper: StatementPaper) -> dict[str, object]:
    """Return what was corrected of one earlier month in both books, in hours with their sign."""
    mine = [line for line in paper.corrections if line.month == month]
    minutes, credit = sum(line.after - line.before for line in mine), sum(line.credit for line in mine)
    return {"month": month, "hours": signed_hours(minutes), "minutes": signed_text(minutes), "account": signed_hours(credit)}


def day_sheets(
    sheets: Sequence[DaySheet],
    printed_at: datetime,
    *,
    language: Language = "zh",
    font_dir: str = "",
    demo: bool = False,
) -> bytes:
    """Print the day sheets of volunteers without a phone, one after the other in one file."""
    if not sheets:
        raise Invalid("这一天没有要打印的日单。请换一天，或先发布计划。")
    facts = {
        "sheets": [_sheet(sheet) for sheet in sheets],
        "demo": demo,
        "author": sheets[0].community,
        "dated": sheets[0].on,
        "printed_at": printed_at,
    }
    return _compile("day_sheet", facts, language, font_dir, printed_at)


def canteen_sheet(paper: CanteenSheet, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print the kitchen's count, the rounds that fetch boxes, and the labels of the boxes."""
    facts = asdict(paper) | {
        "totals": [asdict(each) for each in paper.totals],
        "total": sum(each.count for each in paper.totals),
        "author": paper.canteen,
        "dated": paper.on,
    }
    return _compile("canteen", facts, language, font_dir, paper.printed_at)


def sign_in_sheet(paper: SignInSheet, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print the sheet people sign at a session."""
    facts = asdict(paper) | {"author": paper.unit, "dated": paper.on}
    return _compile("sign_in", facts, language, font_dir, paper.printed_at)


def ticket(paper: Ticket, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print the ticket of a thing that was left."""
    facts = asdict(paper) | {"author": paper.unit, "dated": paper.brought}
    return _compile("ticket", facts, language, font_dir, paper.printed_at)


def turn_sheet(paper: TurnSheet, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print the sign-in sheet of one turn of duty, with the code to be shown at the place on a page of its own."""
    facts = asdict(paper) | {"author": paper.community, "dated": paper.on}
    return _compile("turn_sheet", facts, language, font_dir, paper.printed_at)


def tables(paper: TablesPaper, *, language: Language = "zh", font_dir: str = "") -> bytes:
    """Print a paper of figures and tables, one column of a table as bars beside its figures."""
    facts = asdict(paper) | {
        "tables": [
            asdict(table)
            | {
                "rows": [[shown(cell) for cell in row] for row in table.rows],
                "total": [shown(cell) for cell in table.total],
                "numbers": table.numbers,
                "widest": table.widest,
                "shares": table.shares,
            }
            for table in paper.tables
        ],
        "author": paper.unit,
    }
    return _compile("tables", facts, language, font_dir, paper.printed_at)


def _sums(moved: Moved) -> list[dict[str, str]]:
    """Return what moved on an account, in both languages, as signed minutes and hours."""
    return [{"zh": zh, "en": en, "minutes": f"{sign}{part}", "hours": f"{sign}{hours_text(part)}"} for (zh, en), sign, part in moved.terms]


def grouped(code: str, size: int = 4) -> str:
    """Return a code in groups, as people read it aloud."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def _two_totals(minutes: int, entered: int | None) -> dict[str, object] | None:
    """Return a sum as what the system signed and what was entered afterwards; None when the paper does not say."""
    if entered is None:
        return None
    signed = minutes - entered
    return {"signed": hours_text(signed), "entered": hours_text(entered), "signed_minutes": signed, "entered_minutes": entered}


def _identity(paper: CertificatePaper) -> list[dict[str, str]]:
    """Return what tells the person from a namesake, in both languages; a document only when one is on record."""
    found = []
    if paper.id_last4:
        found.append({"zh": f"{paper.id_type}尾号 {paper.id_last4}", "en": f"identity document ({paper.id_type}) ending {paper.id_last4}"})
    found.append({"zh": f"志愿者编号 {paper.volunteer_no}", "en": f"volunteer no. {paper.volunteer_no}"})
    return found


def _sheet(sheet: DaySheet) -> dict[str, object]:
    """Return one day sheet's facts with its sums and its code."""
    return asdict(sheet) | {
        "portions": [asdict(each) for each in sheet.portions],
        "stops": [asdict(stop) | {"boxes": sum(each.count for each in stop.portions)} for stop in sheet.stops],
        "qr": _qr(sheet.sign_in_url) if sheet.sign_in_url else "",
    }


def _qr(address: str) -> str:
    """Return an address as a QR code in SVG, without a quiet zone: the paper around it is white."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, scale=4, xmldecl=False)
    return out.getvalue().decode()


def _compile(template: str, facts: dict[str, object], language: Language, font_dir: str, stamped: datetime) -> bytes:
    """Lay out one paper; anything the compiler warns of is refused, so a paper is whole or is not printed."""
    folder = find("templates") / "pdf"
    _refuse_control_characters(facts.values())
    fonts, serif, sans = _fonts(font_dir)
    inputs = {
        "facts": json.dumps(facts | {"language": language if language in WRITTEN else CHINESE}, default=_iso),
        "serif": serif,
        "sans": sans,
    }
    try:
        out, warnings = typst.compile_with_warnings(
            folder / f"{template}.typ",
            root=folder,
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=["a-2a", "ua-1"],
            timestamp=stamped.astimezone(UTC).replace(microsecond=0),
        )
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        raise NotAvailable("有一个字现有的字体印不出来。请管理员用 TIMEBANK_FONT_DIR 指定一套更全的字体。") from error
    if warnings:
        raise RuntimeError("; ".join(warning.message for warning in warnings))
    return out


@lru_cache(maxsize=4)
def _fonts(font_dir: str) -> tuple[typst.Fonts, str, str]:
    """Return the fonts and, as JSON, the order in which serif and sans families are tried; own fonts come first."""
    own = typst.Fonts(False, False, [font_dir]).families() if font_dir else []
    packaged = sorted({str(Path(path).parent) for path in (serif_path(), sans_path())})
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[*([font_dir] if font_dir else []), *packaged],
    )
    serif = [name for name in own if any(word in name.lower() for word in SERIF_WORDS)]
    sans = [name for name in own if name not in serif]
    return fonts, json.dumps([*serif, SERIF, *sans, SANS]), json.dumps([*sans, SANS, *serif, SERIF])


def _iso(value: object) -> str:
    """Return dates and instants as the templates read them, instants in the product's zone."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    msg = f"{type(value).__name__} does not belong on paper"
    raise TypeError(msg)


def _refuse_control_characters(values: Iterable[object]) -> None:
    """Refuse text that cannot stand on paper, such as NUL from a damaged import."""
    for value in values:
        if isinstance(value, str):
            if any((ord(letter) < ord(" ") and letter != "\n") or ord(letter) == DELETE for letter in value):
                raise Invalid("文字里有看不见的控制字符，不能打印。请改正后再打印。")
        elif isinstance(value, dict):
            _refuse_control_characters(value.values())
        elif isinstance(value, (list, tuple)):
            _refuse_control_characters(value)
