"""What the pages of recognition share: the blueprint, whose rows a reader sees, papers as answers, months in words."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, request, send_file, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.models import Role, User
from timebank.errors import Invalid
from timebank.recognition import pdf, queries
from timebank.recognition.actions import is_whole
from timebank.recognition.hours import hours_text
from timebank.recognition.models import Certificate
from timebank.recognition.papers import CertificatePaper, Issuer, KindTotal, Language
from timebank.recognition.queries import next_month
from timebank.web import current_user, found, invalid_fields, language, says, settings

blueprint = Blueprint("recognition", __name__)
UNPROCESSABLE = 422


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


def me() -> User:
    """Return who is signed in."""
    user: User = found(current_user())
    return user


def scope() -> int | None:
    """Return the community whose rows the reader sees; None for an administrator, who sees all."""
    user = me()
    return None if user.role is Role.ADMIN else user.community_id or 0


def speaks() -> Language:
    """Return the language a paper is asked for in, else the reader's."""
    asked = request.args.get("lang", language())
    return "en" if asked == "en" else "zh"


def args(schema: Schema) -> dict[str, Any]:
    """Return the arguments of an address; refuse what cannot be read."""
    try:
        loaded: dict[str, Any] = schema.load(request.args)
    except ValidationError as error:
        raise Invalid("地址里的内容不对，请从页面上的按钮进来。", "The address is not right; come in by the page's buttons.") from error
    return loaded


def month_in_address(words: str) -> date:
    """Return the month named in an address such as 2026-10."""
    try:
        return date.fromisoformat(f"{words}-01")
    except ValueError as error:
        raise Invalid("月份请写成 2026-10 这样。", "Write the month like 2026-10.") from error


def form(schema: Schema) -> dict[str, Any]:
    """Return what a form says; refuse it with a sentence for each field that is wrong."""
    try:
        loaded: dict[str, Any] = schema.load(request.form)
    except ValidationError as error:
        said = {name: _(text) for name, text in invalid_fields(error.messages_dict).items()}
        first = next(iter(said.values()))
        raise Invalid(first, first, fields={name: (text, text) for name, text in said.items()}) from error
    return loaded


def refused(error: Invalid) -> dict[str, str]:
    """Return the sentence of each field a refusal names."""
    return {name: says(*pair) for name, pair in error.fields.items()} or {"form": says(error.zh, error.en)}


def month_words(month: date) -> str:
    """Return a month in the reader's words."""
    return says(f"{month.year}年{month.month}月", f"{month:%B %Y}")


def months_around(month: date) -> dict[str, date | None]:
    """Return the month before, and the month after unless it has not begun."""
    after = next_month(month)
    return {"before": queries.months_until(month, 2)[0], "after": after if after <= clock.today() else None}


def as_pdf(paper: bytes, name: str) -> AnyResponse:
    """Return a paper as an answer that the browser shows and saves under a name without a person in it."""
    return send_file(BytesIO(paper), mimetype="application/pdf", download_name=name)


def certificate_pdf(certificate: Certificate) -> AnyResponse:
    """Print a certificate of the register."""
    if not certificate.is_valid:
        raise Invalid(
            "这份证明已经失效，不能再打印。请开具新的。",
            "This certificate no longer holds and is not printed; issue a new one.",
        )
    if not is_whole(certificate):
        raise Invalid(
            "登记簿里的内容和出具时的指纹不一致，不能打印。请联系管理员核对。",
            "What the register holds differs from what was sealed at issue; it is not printed. Ask the administrator.",
        )
    made = pdf.certificate(certificate_paper(certificate), language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"{certificate.number}.pdf")


def certificate_paper(certificate: Certificate) -> CertificatePaper:
    """Return a certificate of the register as its paper."""
    said = certificate.content
    base = (settings().base_url or request.url_root).rstrip("/")
    check = base + url_for("recognition.check")
    return CertificatePaper(
        number=certificate.number,
        check_code=certificate.check_code,
        check_url=base + url_for("recognition.check_link", number=certificate.number, code=certificate.check_code),
        check_page=check.split("://", 1)[-1],
        issued_on=date.fromisoformat(said["issued_on"]),
        volunteer_name=said["volunteer_name"],
        volunteer_no=said["volunteer_no"],
        period_from=certificate.period_from,
        period_to=certificate.period_to,
        total_minutes=said["total_minutes"],
        visit_count=said["visit_count"],
        by_kind=tuple(KindTotal(**kind) for kind in said["by_kind"]),
        issuer=Issuer(**{name: said[name] for name in ("unit", "unit_code", "responsible", "handler", "phone")}),
        content_sha256=certificate.content_sha256,
        id_type=said["id_type"],
        id_last4=said["id_last4"],
        national_no=certificate.national_no,
        reported=certificate.reported_at is not None,
        seal_required=said["seal_required"],
        remarks=said["remarks"],
        demo=clock.clock.is_demo,
    )


def statement_pdf(volunteer_month: queries.Month) -> AnyResponse:
    """Print a volunteer's month."""
    paper = queries.statement_paper(volunteer_month, speaks())
    name = f"statement-{volunteer_month.volunteer.number}-{volunteer_month.month:%Y-%m}.pdf"
    return as_pdf(pdf.statement(paper, language=speaks(), font_dir=settings().font_dir), name)
