"""月结: closing a month, printing and handing over its statements, who was told; and one's own statements."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.books import closing, queries
from timebank.books.schemas import CloseForm, PrintArgs, StatementDayForm
from timebank.books.views.shared import blueprint, statement_pdf
from timebank.errors import Conflict, Invalid
from timebank.forms import args, sentences, take
from timebank.papers.answers import as_pdf, month_in_address, month_words, speaks
from timebank.places import queries as places
from timebank.places.models import Community
from timebank.records.still_open import still_open
from timebank.visits.closing import MonthClose, close_of, issue_day, statement_day
from timebank.visits.deadlines import until_after
from timebank.volunteers.own import myself
from timebank.web import UNPROCESSABLE, Page, found, settings, submitted, voiced


@blueprint.get("/months")
def months() -> str:
    """List the closed months, what of the next one is still open, and the day on which the clock closes it."""
    return _months_page({})


def _months_page(errors: dict[str, str]) -> str:
    """Return the page of closed months."""
    community = _community()
    month = closing.next_to_close(community.id)
    day = issue_day(community.id, month)
    return render_template(
        "books/months.html",
        rows=closing.closed_months(community.id),
        month=month,
        words=month_words,
        is_over=clock.next_month(month) <= clock.today(),
        day=day,
        is_due=day <= clock.today(),
        still=still_open(community.id, clock.next_month(month)),
        statement_day=statement_day(community.id),
        until=until_after,
        given=request.form,
        errors=errors,
    )


@blueprint.post("/months/close")
def close_month() -> Page:
    """Close a month by hand."""
    try:
        asked = take(CloseForm(), request.form)
        with submitted() as taken:
            made = closing.close(_community(), asked["month"], this_user(), anyway=asked["anyway"])
            flash(_("已月结，对账单都出了。"), "done")
            return taken.redirect(url_for(".closed_month", month=f"{made.month:%Y-%m}"))
    except Conflict as error:
        return _months_page({"form": voiced(error.words)}), error.status


@blueprint.post("/months/day")
def set_statement_day() -> Page:
    """Say on which day of a month the clock closes the month before."""
    try:
        asked = take(StatementDayForm(), request.form)
        with submitted() as taken:
            closing.set_day(_community(), asked["day"])
            flash(_("存好了。"), "done")
            return taken.redirect(url_for(".months"))
    except Invalid as error:
        return _months_page(sentences(error)), UNPROCESSABLE


@blueprint.get("/months/<month>")
def closed_month(month: str) -> str:
    """Show the statements of a closed month and who was told."""
    made = _close(month)
    return render_template(
        "books/closed_month.html",
        close=made,
        words=month_words(made.month),
        rows=closing.statements_of(made),
        left=still_open(made.community_id, made.until),
        until=until_after(made.issued_on),
    )


@blueprint.get("/months/<month>.pdf")
def closed_month_pdf(month: str) -> AnyResponse:
    """Print the statements of a closed month in one file: all of them, or those of whoever no message tells."""
    made = _close(month)
    paper = closing.print_all(made, language=speaks(), font_dir=settings().font_dir, on_paper=args(PrintArgs())["paper"])
    return as_pdf(paper, f"statements-{made.month:%Y-%m}.pdf")


@blueprint.post("/months/<month>/handed")
def hand_over(month: str) -> AnyResponse:
    """Note that the papers of a month were handed over."""
    with submitted() as taken:
        count = closing.hand_over(_close(month), this_user())
        flash(_("记下了：%(count)s 份已交给本人。", count=count), "done")
        return taken.redirect(url_for(".closed_month", month=month))


@blueprint.get("/my/statements")
def my_statements() -> str:
    """List one's own statements by month, each as it was given."""
    return render_template("books/my_statements.html", rows=closing.own_statements(myself()), words=month_words)


@blueprint.get("/my/statements/<int:statement_id>.pdf")
def my_statement_pdf(statement_id: int) -> AnyResponse:
    """Open one of one's own statements as it was given."""
    mine = found(next((each for each in closing.own_statements(myself()) if each.id == statement_id), None))
    return statement_pdf(queries.statement(myself(), mine.close.month))


def _community() -> Community:
    """Return the reader's community."""
    return places.community_seen_by(this_user())


def _close(month: str) -> MonthClose:
    """Return a closed month of the reader's community."""
    return found(close_of(_community().id, month_in_address(month)))
