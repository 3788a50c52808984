"""Papers as answers to a request: in whose language, of which month, as a PDF or a workbook; and what templates say of hours on paper."""

from datetime import date
from io import BytesIO

from flask import Flask, request, send_file
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock, excel
from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.papers import seal, words
from timebank.papers.facts import Language
from timebank.papers.schemas import Month
from timebank.places import tenancy
from timebank.sentences import CHINESE, WRITTEN, languages
from timebank.web import language


def signed_hours(minutes: int) -> str:
    """Return minutes as hours with their sign."""
    return words.signed_hours(minutes)


def hours_of_kinds(parts: list[int], entered: int | None) -> list[str]:
    """Return the hours of a certificate's kinds as the paper has them."""
    return seal.hours_of_kinds(parts, entered)


def two_totals(minutes: int, entered: int) -> str:
    """Return a sum of minutes as its two totals: signed by the system, and entered afterwards."""
    return words.two_totals(minutes, entered, language())


def scope() -> int:
    """Return the community whose rows the reader sees."""
    return tenancy.community_seen_by(this_user()).id


def speaks() -> Language:
    """Return the language a paper is asked for in, else the reader's; what is taken along is Chinese or English, as papers are kept."""
    asked = request.args.get("lang", language())
    known = WRITTEN if request.path.endswith((".pdf", ".xlsx")) else languages()
    return asked if asked in known else CHINESE


def month_in_address(words: str) -> date:
    """Return the month named in an address such as 2026-10."""
    try:
        month: date = Month().deserialize(words)
    except ValidationError as error:
        raise Invalid("月份请写成 2026-10 这样。") from error
    return month


def month_words(month: date) -> str:
    """Return a month in the reader's words."""
    return words.month_words(month, language())


def months_around(month: date) -> dict[str, date | None]:
    """Return the month before, and the month after unless it has not begun."""
    after = clock.next_month(month)
    return {"before": clock.months_until(month, 2)[0], "after": after if after <= clock.today() else None}


def as_pdf(paper: bytes, name: str) -> AnyResponse:
    """Return a paper as an answer that the browser shows and saves under a name without a person in it."""
    return send_file(BytesIO(paper), mimetype="application/pdf", download_name=name)


def as_excel(book: bytes, name: str) -> AnyResponse:
    """Return a workbook as a file to save, under a name without a person in it."""
    return send_file(BytesIO(book), mimetype=excel.MIME, as_attachment=True, download_name=name)


def register(app: Flask) -> None:
    """Give what is said of hours on paper to every template."""
    for each in (signed_hours, hours_of_kinds, two_totals):
        app.add_template_filter(each)
