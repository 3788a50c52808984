"""办成多少: what came in during a year and how much of it was settled, by sort, topic, month and place, on a page and as a workbook."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import render_template, send_file
from flask_babel import format_date, gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock, excel
from timebank.cases import counting, words
from timebank.cases.counting import Share, Shares
from timebank.cases.models import Outcome, Sort, Topic
from timebank.cases.schemas import SharesArgs
from timebank.cases.views.shared import blueprint, mine
from timebank.db import transaction
from timebank.excel import Cell, Sheet
from timebank.forms import args
from timebank.web import voiced

Table = tuple[str, str, list[tuple[str, Share]]]


def _year() -> int:
    """Return the year that is asked for, else this one."""
    asked: int | None = args(SharesArgs())["year"]
    return asked or clock.today().year


@blueprint.get("/cases/shares")
def shares() -> str:
    """Show the shares of a year."""
    year = _year()
    counted = counting.shares(mine(), year)
    return render_template(
        "cases/shares.html", counted=counted, tables=_tables(counted), years=counting.years(mine()), year=year, cells=_cells
    )


def _tables(counted: Shares) -> list[Table]:
    """Return the tables of a year: each with its name, the word over its first column, and its rows."""
    sorts = [(voiced(words.SORTS[each]), counted.sorts[each.value]) for each in Sort if each.value in counted.sorts]
    topics = [(voiced(words.TOPICS[each]), counted.topics[each.value]) for each in Topic if each.value in counted.topics]
    unsorted = [(str(_("还没有分类")), counted.topics[""])] if "" in counted.topics else []
    months = [(_month(counted.year, month), counted.months[month]) for month in sorted(counted.months)]
    places = [(name or str(_("整个社区或说不清")), counted.places[name]) for name in sorted(counted.places)]
    return [
        (str(_("按来件分")), str(_("来件")), sorts),
        (str(_("按事由分")), str(_("事由")), topics + unsorted),
        (str(_("按月分")), str(_("月份")), months),
        (str(_("按小区分")), str(_("小区")), places),
    ]


def _month(year: int, month: int) -> str:
    """Return what a month is called."""
    return str(format_date(date(year, month, 1), gettext("y年M月")))


def _cells(share: Share) -> list[Cell]:
    """Return the figures of a row: what came in, how it ended, and the two shares."""
    ended = [share.outcomes.get(each, 0) for each in Outcome]
    return [share.received, *ended, share.still_open, share.percent, share.content]


@blueprint.get("/cases/shares.xlsx")
def shares_excel() -> AnyResponse:
    """Answer with the shares of a year as a workbook; it holds no name."""
    year, community_id = _year(), mine()
    with transaction():
        audit.record("export_shares", "community", community_id, year=year)
    counted = counting.shares(community_id, year)
    sheets = [_sheet(table, counted.whole) for table in _tables(counted)]
    book = excel.workbook(_("办成多少"), sheets, clock.now())
    return send_file(BytesIO(book), mimetype=excel.MIME, as_attachment=True, download_name=f"cases-{year}.xlsx")


def _sheet(table: Table, whole: Share) -> Sheet:
    """Return one table as a sheet."""
    name, first, rows = table
    head: list[Any] = [first, _("来了几件"), *(voiced(words.OUTCOMES[each]) for each in Outcome), _("还在办"), _("办成率 %"), _("满意率 %")]
    notes = [str(_("办成率是办成的占来件的；满意率是满意的占联系上的。重新办的只算一件，按现在的结果。"))]
    total = [str(_("合计")), *_cells(whole)]
    return Sheet(name, [str(each) for each in head], [[word, *_cells(share)] for word, share in rows], total, notes)
