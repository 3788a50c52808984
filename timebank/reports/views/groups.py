"""Monthly statements of teams and units: on a page, as a PDF, as a workbook."""

from flask import render_template
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.forms import args
from timebank.papers import pdf, tables
from timebank.papers.answers import as_excel, as_pdf, month_in_address, month_words, months_around, scope, speaks
from timebank.papers.schemas import MonthArgs
from timebank.places import queries as places
from timebank.records import changes, totals
from timebank.reports import given, groups
from timebank.reports.issued import PaperSort
from timebank.reports.report_paper import with_changes
from timebank.reports.views.shared import blueprint
from timebank.web import found, settings


@blueprint.get("/groups")
def group_list() -> str:
    """List the teams and units with their month."""
    month = args(MonthArgs())["month"] or clock.month_of(clock.today())
    community = places.community_seen_by(this_user())
    rows = groups.overview(community.id, month)
    return render_template("reports/groups.html", rows=rows, month=month, words=month_words(month), **months_around(month))


@blueprint.get("/groups/<kind>/<int:group_id>")
def group(kind: str, group_id: int) -> str:
    """Show a team's or a unit's month."""
    month = args(MonthArgs())["month"] or clock.month_of(clock.today())
    shown = groups.group_month(*found(groups.group_in(kind, group_id, scope())), month)
    return render_template(
        "reports/group.html",
        shown=shown,
        paper=_given(shown),
        month=month,
        words=month_words(month),
        **months_around(month),
    )


@blueprint.get("/groups/<kind>/<int:group_id>/<month>.pdf")
def group_pdf(kind: str, group_id: int, month: str) -> AnyResponse:
    """Print a team's or a unit's month."""
    paper = _paper(kind, group_id, month)
    return as_pdf(pdf.tables(paper, language=speaks(), font_dir=settings().font_dir), f"{kind}-{group_id}-{month}.pdf")


@blueprint.get("/groups/<kind>/<int:group_id>/<month>.xlsx")
def group_excel(kind: str, group_id: int, month: str) -> AnyResponse:
    """Give a team's or a unit's month as a workbook."""
    return as_excel(tables.as_workbook(_paper(kind, group_id, month), speaks()), f"{kind}-{group_id}-{month}.xlsx")


def _paper(kind: str, group_id: int, month: str) -> tables.TablesPaper:
    """Return a group's month as a paper."""
    which = found(groups.group_in(kind, group_id, scope()))
    return _given(groups.group_month(*which, month_in_address(month)))


def _given(shown: groups.GroupMonth) -> tables.TablesPaper:
    """Return a group's month as a paper: of a closed month what was given, and what has changed since."""
    since = changes.made_to(shown.month, clock.next_month(shown.month), totals.UNPAID, groups.belongs(shown.kind, shown.group))
    kept = given.given_tables(shown.community.id, shown.month, PaperSort(shown.kind), shown.group.id, speaks())
    return with_changes(kept or groups.group_paper(shown, speaks()), since, speaks())
