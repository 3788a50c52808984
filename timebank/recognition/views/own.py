"""One's own hours: the month in both books, where an hour came from, an objection, one's own certificates."""

from datetime import date

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.errors import Conflict, Invalid
from timebank.forms import args, sentences, take
from timebank.recognition import actions, queries
from timebank.recognition import trail as trails
from timebank.recognition.models import Certificate
from timebank.recognition.refusals import WouldReplace
from timebank.recognition.schemas import MonthArgs, OwnForm, WordsForm
from timebank.recognition.views.office import Page, doubts_of, hour_page, month_page, records_page
from timebank.recognition.views.shared import (
    UNPROCESSABLE,
    blueprint,
    certificate_pdf,
    me,
    month_in_address,
    statement_excel,
    statement_pdf,
)
from timebank.records.actions import objecting
from timebank.volunteers.models import Volunteer
from timebank.web import found, says, submitted


@blueprint.get("/my/hours")
def my_month() -> str:
    """Show one's own month in both books."""
    asked = args(MonthArgs())["month"] or queries.month_of(clock.today())
    return render_template("recognition/my_month.html", **month_page(queries.statement(myself(), asked)))


@blueprint.get("/my/hours/<month>.pdf")
def my_month_pdf(month: str) -> AnyResponse:
    """Print one's own month."""
    return statement_pdf(queries.statement(myself(), month_in_address(month)))


@blueprint.get("/my/hours/<month>.xlsx")
def my_month_excel(month: str) -> AnyResponse:
    """Give one's own month as a workbook."""
    return statement_excel(queries.statement(myself(), month_in_address(month)))


@blueprint.get("/my/hours/<int:record_id>")
def my_hour(record_id: int) -> str:
    """Show where one of one's own hours came from."""
    found(trails.record_of(record_id, myself()))
    return render_template("recognition/my_hour.html", **hour_page(record_id, errors={}), volunteer=myself())


@blueprint.post("/my/hours/<int:record_id>/objection")
def object_to_hour(record_id: int) -> Page:
    """Say that one of one's own hours is wrong."""
    record = found(trails.record_of(record_id, myself()))
    try:
        said = take(WordsForm(), request.form)["words"]
        with submitted() as taken:
            objecting.object_to(record, myself(), said)
            return taken.redirect(url_for(".my_hour", record_id=record_id))
    except Invalid as error:
        page = hour_page(record_id, errors=sentences(error))
        return render_template("recognition/my_hour.html", **page, volunteer=myself()), UNPROCESSABLE


@blueprint.route("/my/certificates", methods=["GET", "POST"])
def my_certificates() -> Page:
    """List one's own certificates and issue a new one."""
    if request.method == "GET":
        return _certificates_page({})
    try:
        asked = take(OwnForm(), request.form)
        with submitted() as taken:
            made = actions.issue_certificate(myself(), asked["start"], asked["end"], me(), replaces=asked["replaces"])
            return taken.redirect(url_for(".my_certificates") + f"#c{made.id}")
    except Invalid as error:
        return _certificates_page(sentences(error)), UNPROCESSABLE
    except WouldReplace as warning:
        return _certificates_page({}, warning), warning.status
    except Conflict as error:
        return _certificates_page({"start": says(error.zh, error.en)}), error.status


@blueprint.get("/my/certificates/<int:certificate_id>.pdf")
def print_my_certificate(certificate_id: int) -> AnyResponse:
    """Print one of one's own certificates."""
    return certificate_pdf(_mine(certificate_id))


@blueprint.get("/my/certificates/<int:certificate_id>/records")
def my_certificate_records(certificate_id: int) -> str:
    """List the records behind one of one's own certificates."""
    return render_template("recognition/my_certificate_records.html", **records_page(_mine(certificate_id)))


def _certificates_page(errors: dict[str, str], warning: WouldReplace | None = None) -> str:
    """Return the page of one's own certificates; ``warning`` says which one in force would be replaced."""
    today = clock.today()
    rows = queries.certificates_of(myself())
    return render_template(
        "recognition/my_certificates.html",
        rows=rows,
        **doubts_of(rows),
        warning=warning,
        entered=request.form or {"start": date(today.year, 1, 1).isoformat(), "end": today.isoformat()},
        errors=errors,
    )


def myself() -> Volunteer:
    """Return the volunteer who is signed in."""
    return found(queries.volunteer_of(me().id))


def _mine(certificate_id: int) -> Certificate:
    """Return a certificate of one's own."""
    return found(next((each for each in queries.certificates_of(myself()) if each.id == certificate_id), None))
