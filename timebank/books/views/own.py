"""One's own hours: the month in both books, where an hour came from, an objection."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.books import queries
from timebank.books import trail as trails
from timebank.books.schemas import WordsForm
from timebank.books.views.office import hour_page, month_page
from timebank.books.views.shared import blueprint, statement_excel, statement_pdf
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.papers.answers import month_in_address
from timebank.papers.schemas import MonthArgs
from timebank.records.actions import objecting
from timebank.volunteers.own import myself
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.get("/my/hours")
def my_month() -> str:
    """Show one's own month in both books."""
    asked = args(MonthArgs())["month"] or clock.month_of(clock.today())
    return render_template("books/my_month.html", **month_page(queries.statement(myself(), asked)))


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
    return render_template("books/my_hour.html", **hour_page(record_id, errors={}), volunteer=myself())


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
        return render_template("books/my_hour.html", **page, volunteer=myself()), UNPROCESSABLE
