"""The yearly summary of an office's records, and what an inspector takes along of a period."""

from datetime import timedelta

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.circles import STAFF
from timebank.access.guards import this_user
from timebank.db import transaction
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.papers import pdf, tables
from timebank.papers.answers import as_excel, as_pdf, speaks
from timebank.papers.schemas import PeriodForm, SpanArgs
from timebank.places import queries as places
from timebank.reports import inspection, yearly
from timebank.reports.schemas import YearArgs
from timebank.reports.views.shared import blueprint
from timebank.reports.yearly import Year
from timebank.web import UNPROCESSABLE, Page, found, settings

FIRST_YEAR = 2000


@blueprint.get("/report/year")
def year_report() -> str:
    """Show the yearly summary of the reader's community."""
    shown = _year(args(YearArgs())["year"] or yearly.last_year_with_report())
    return render_template("reports/year.html", shown=shown, paper=yearly.yearly_paper(shown, speaks()), this_year=clock.today().year)


@blueprint.get("/report/year/<int:year>.pdf")
def year_pdf(year: int) -> AnyResponse:
    """Print a yearly summary."""
    paper = yearly.yearly_paper(_year(year), speaks())
    return as_pdf(pdf.tables(paper, language=speaks(), font_dir=settings().font_dir), f"year-{year}.pdf")


@blueprint.get("/report/year/<int:year>.xlsx")
def year_excel(year: int) -> AnyResponse:
    """Give a yearly summary as a workbook."""
    return as_excel(tables.as_workbook(yearly.yearly_paper(_year(year), speaks()), speaks()), f"year-{year}.xlsx")


def _year(year: int) -> Year:
    """Return a year of the reader's community that has begun."""
    return yearly.yearly(places.community_seen_by(this_user()), found(year if FIRST_YEAR <= year <= clock.today().year else None))


@blueprint.get("/inspection")
def inspect() -> str:
    """Show what can be taken along of a period."""
    return _inspection({})


def _inspection(errors: dict[str, str]) -> str:
    """Return the page; without a period it means the last whole month."""
    asked = args(SpanArgs())
    last = clock.month_of(clock.today()) - timedelta(days=1)
    given = request.form if errors else {}
    return render_template(
        "reports/inspection.html",
        start=given.get("start") or asked["start"] or clock.month_of(last),
        end=given.get("end") or asked["end"] or last,
        masked=this_user().role not in STAFF,
        most=inspection.MOST_ROWS,
        errors=errors,
    )


@blueprint.post("/inspection")
def take_along() -> Page:
    """Give records, register, objections and corrections of a period as a workbook, and note that it was taken."""
    try:
        asked = take(PeriodForm(), request.form)
        with transaction():
            book = inspection.export(places.community_seen_by(this_user()), asked["start"], asked["end"], this_user())
        return as_excel(book, f"records-{asked['start']}-{asked['end']}.xlsx")
    except Invalid as error:
        return _inspection(sentences(error)), UNPROCESSABLE
