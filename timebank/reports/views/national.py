"""全国志愿服务信息系统: the records to report as a workbook, and the foreign numbers entered back."""

from datetime import timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import transaction
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.papers.answers import as_excel, scope
from timebank.papers.schemas import SpanArgs
from timebank.places import queries as places
from timebank.records import queries as records
from timebank.reports import national, withdrawals
from timebank.reports.schemas import ExportForm, NumberForm, ReceiptForm
from timebank.reports.views.shared import blueprint
from timebank.web import UNPROCESSABLE, Page, found, submitted

SHOWN = 100


@blueprint.get("/national")
def national_page() -> str:
    """Show what of a period is reported and what is not."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page; without a period it looks at the last whole month."""
    community = places.community_seen_by(this_user())
    asked = args(SpanArgs())
    last = clock.month_of(clock.today()) - timedelta(days=1)
    start, end = asked["start"] or clock.month_of(last), asked["end"] or last
    total, reported = national.counts(community.id, start, end)
    listed = national.records(community.id, start, end, unreported=False)
    return render_template(
        "reports/national.html",
        start=start,
        end=end,
        total=total,
        reported=reported,
        rows=listed[:SHOWN],
        numbers=national.reports_of(listed[:SHOWN]),
        originals=withdrawals.originals_of(listed[:SHOWN]),
        back=withdrawals.pending(community.id),
        most=national.MOST_ROWS,
        errors=errors,
    )


@blueprint.post("/national/export")
def national_export() -> Page:
    """Give the workbook to report, and note that it was taken."""
    try:
        asked: dict[str, Any] = take(ExportForm(), request.form)
        with transaction():
            book = national.export(places.community_seen_by(this_user()), asked["start"], asked["end"], unreported=not asked["reported"])
        return as_excel(book, f"national-{asked['start']}-{asked['end']}.xlsx")
    except Invalid as error:
        return _page(sentences(error)), UNPROCESSABLE


@blueprint.post("/national/answer")
def national_answer() -> Page:
    """Enter the foreign numbers of an answer."""
    try:
        asked = take(ReceiptForm(), request.form)
        with submitted() as taken:
            new = national.acknowledge(places.community_seen_by(this_user()).id, asked["lines"], this_user())
            flash(ngettext("新登记 %(count)s 条已报送。", "新登记 %(count)s 条已报送。", new, count=new), "done")
            return taken.redirect(url_for(".national_page", start=asked["start"], end=asked["end"]))
    except Invalid as error:
        return _page(sentences(error)), UNPROCESSABLE


@blueprint.post("/national/<int:record_id>")
def national_one(record_id: int) -> AnyResponse:
    """Enter the foreign number of one record."""
    number = take(NumberForm(), request.form)["national_no"]
    with submitted() as taken:
        national.acknowledge(places.community_seen_by(this_user()).id, f"R{record_id} {number}", this_user())
        return taken.redirect(url_for("books.hour", record_id=record_id))


@blueprint.post("/national/<int:record_id>/withdrawn")
def national_withdrawn(record_id: int) -> AnyResponse:
    """Note that the national system has taken a number back."""
    found(records.record_in(record_id, scope()))
    with submitted() as taken:
        withdrawals.note(withdrawals.find(places.community_seen_by(this_user()).id, record_id), this_user())
        flash(_("已登记撤销。"), "done")
        return taken.redirect(url_for(".national_page"))
