"""What the pages of recognition share: the blueprint, whose rows a reader sees, papers as answers, months in words."""

from datetime import date
from io import BytesIO

from flask import Blueprint, request, send_file
from flask_babel import format_date
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock, excel
from timebank.access.models import User
from timebank.errors import Invalid
from timebank.hours import hours_text, short_text
from timebank.outside import outside
from timebank.places import tenancy
from timebank.recognition import queries, seal, words
from timebank.recognition.models import Certificate
from timebank.recognition.papers import Language
from timebank.recognition.printing import print_certificate, print_statement, statement_workbook
from timebank.recognition.queries import next_month
from timebank.recognition.schemas import Month
from timebank.web import current_user, found, language, settings

blueprint = Blueprint("recognition", __name__)
UNPROCESSABLE = 422


@blueprint.app_template_filter("signed_hours")
def signed_hours(minutes: int) -> str:
    """Return minutes as hours with their sign."""
    return words.signed_hours(minutes)


@blueprint.app_template_filter("weekday")
def weekday(day: date) -> str:
    """Return a date with its weekday, such as 10月28日 周三."""
    return str(format_date(day, "M月d日 EEE" if language() == "zh" else "EEE d MMM"))


@blueprint.app_template_filter("fullday")
def fullday(day: date) -> str:
    """Return a date with its year, such as 2026年10月28日."""
    return str(format_date(day, "y年M月d日" if language() == "zh" else "d MMMM y"))


@blueprint.app_template_filter("hours")
def hours(minutes: int) -> str:
    """Return minutes as hours with one decimal."""
    return hours_text(minutes)


@blueprint.app_template_filter("short_hours")
def short_hours(minutes: int) -> str:
    """Return a ceiling in minutes as hours, whole ones without a decimal."""
    return short_text(minutes)


@blueprint.app_template_filter("hours_of_kinds")
def hours_of_kinds(parts: list[int], entered: int | None) -> list[str]:
    """Return the hours of a certificate's kinds as the paper has them."""
    return seal.hours_of_kinds(parts, entered)


@blueprint.app_template_filter("two_totals")
def two_totals(minutes: int, entered: int) -> str:
    """Return a sum of minutes as its two totals: signed by the system, and entered afterwards."""
    return words.two_totals(minutes, entered, "zh" if language() == "zh" else "en")


def me() -> User:
    """Return who is signed in."""
    user: User = found(current_user())
    return user


def scope() -> int:
    """Return the community whose rows the reader sees."""
    return tenancy.community_seen_by(me()).id


def speaks() -> Language:
    """Return the language a paper is asked for in, else the reader's."""
    asked = request.args.get("lang", language())
    return "en" if asked == "en" else "zh"


def month_in_address(words: str) -> date:
    """Return the month named in an address such as 2026-10."""
    try:
        month: date = Month().deserialize(words)
    except ValidationError as error:
        raise Invalid("月份请写成 2026-10 这样。", "Write the month like 2026-10.") from error
    return month


def month_words(month: date) -> str:
    """Return a month in the reader's words."""
    return words.month_words(month, "zh" if language() == "zh" else "en")


def months_around(month: date) -> dict[str, date | None]:
    """Return the month before, and the month after unless it has not begun."""
    after = next_month(month)
    return {"before": queries.months_until(month, 2)[0], "after": after if after <= clock.today() else None}


def as_pdf(paper: bytes, name: str) -> AnyResponse:
    """Return a paper as an answer that the browser shows and saves under a name without a person in it."""
    return send_file(BytesIO(paper), mimetype="application/pdf", download_name=name)


def as_excel(book: bytes, name: str) -> AnyResponse:
    """Return a workbook as a file to save, under a name without a person in it."""
    return send_file(BytesIO(book), mimetype=excel.MIME, as_attachment=True, download_name=name)


def certificate_pdf(certificate: Certificate) -> AnyResponse:
    """Answer with a certificate of the register."""
    made = print_certificate(certificate, outside.address, language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"{certificate.number}.pdf")


def statement_pdf(month: queries.Month) -> AnyResponse:
    """Answer with a volunteer's month."""
    made = print_statement(month, language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"statement-{month.volunteer.number}-{month.month:%Y-%m}.pdf")


def statement_excel(month: queries.Month) -> AnyResponse:
    """Answer with a volunteer's month as a workbook."""
    book = statement_workbook(month, language=speaks())
    return as_excel(book, f"statement-{month.volunteer.number}-{month.month:%Y-%m}.xlsx")
