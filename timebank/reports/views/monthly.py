"""The monthly report of a community and of a street: on a page, as a PDF, as a workbook."""

from flask import render_template
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.forms import args
from timebank.papers import pdf, tables
from timebank.papers.answers import as_excel, as_pdf, month_in_address, month_words, months_around, speaks
from timebank.places import queries as places
from timebank.places import tenancy
from timebank.places.models import Street
from timebank.records import changes, totals
from timebank.reports import given, redemption
from timebank.reports import monthly as reports
from timebank.reports.issued import PaperSort
from timebank.reports.report_paper import report_paper, with_calls, with_changes
from timebank.reports.schemas import ReportArgs
from timebank.reports.views.shared import blueprint
from timebank.web import found, settings


@blueprint.get("/report")
def report() -> str:
    """Show a month of the community, or of a street: persons, visits and hours apart."""
    asked = args(ReportArgs())
    month = asked["month"] or clock.month_of(clock.today())
    shown = reports.monthly(_place(asked["street"]), month)
    return render_template(
        "reports/report.html",
        report=shown,
        paper=_paper(shown),
        words=month_words(month),
        street=asked["street"],
        streets=tenancy.streets_open_to(this_user()),
        **months_around(month),
    )


@blueprint.get("/report/<month>.pdf")
def report_pdf(month: str) -> AnyResponse:
    """Print a month's report."""
    paper = _paper(reports.monthly(_place(args(ReportArgs())["street"]), month_in_address(month)))
    return as_pdf(pdf.tables(paper, language=speaks(), font_dir=settings().font_dir), f"report-{month}.pdf")


@blueprint.get("/report/<month>.xlsx")
def report_excel(month: str) -> AnyResponse:
    """Give a month's report as a workbook."""
    paper = _paper(reports.monthly(_place(args(ReportArgs())["street"]), month_in_address(month)))
    return as_excel(tables.as_workbook(paper, speaks()), f"report-{month}.xlsx")


def _paper(shown: reports.Report) -> tables.TablesPaper:
    """Return a report as a paper: of a closed month what was given, and what has changed since."""
    start, end = shown.month, clock.next_month(shown.month)
    since = changes.made_to(start, end, totals.UNPAID, reports.of(shown.place))
    paper = with_changes(_given(shown) or _as_it_stands(shown), since, speaks())
    return with_calls(paper, shown.satisfaction, speaks())


def _given(shown: reports.Report) -> tables.TablesPaper | None:
    """Return a community's report as it was given; that of a street is added up anew, from what its communities closed with."""
    if args(ReportArgs())["street"] is not None:
        return None
    (community_id,) = shown.place.communities
    return given.given_tables(community_id, shown.month, PaperSort.REPORT, community_id, speaks())


def _as_it_stands(shown: reports.Report) -> tables.TablesPaper:
    """Return a report with the health of its time accounts at the month's end, or now while it goes on."""
    communities = shown.place.communities
    health, clearing = redemption.health(communities, shown.month), redemption.clearing(communities, shown.month)
    return report_paper(shown, health, clearing, speaks())


def _place(street_id: int | None) -> reports.Place:
    """Return the reader's community, or a whole street that is open to them."""
    if street_id is None:
        return reports.of_community(tenancy.community_seen_by(this_user()))
    street: Street | None = next((each for each in tenancy.streets_open_to(this_user()) if each.id == street_id), None)
    return reports.of_street(found(places.communities_of(found(street)) or None))
