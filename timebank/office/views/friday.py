"""周五看一遍: what is new and open before next week is planned, what runs out, how the weeks go, and the button that plans."""

from datetime import timedelta
from typing import Any

from flask import render_template
from flask_babel import format_date, gettext

from timebank import clock
from timebank.office import friday as reads
from timebank.office.views.shared import blueprint, mine
from timebank.planning.queries import plan_of
from timebank.records.queries import uncleared
from timebank.reports import redemption

SHOWN = 6
"""So many rows of a list stand on the page."""


@blueprint.get("/friday")
def friday() -> str:
    """Show the page of the week's end."""
    community_id, today = mine().id, clock.today()
    monday = clock.monday_of(today) + timedelta(weeks=1)
    weeks, open_records = reads.trend(community_id), uncleared(community_id)
    return render_template(
        "office/friday.html",
        new=reads.new_needs(community_id),
        unanswered=reads.unanswered(community_id),
        pauses=reads.pauses_ending(community_id),
        endings=reads.endings(community_id),
        waiting=reads.waiting(community_id),
        late=[each for each in open_records if each.is_late],
        soon=[each for each in open_records if not each.is_late],
        health=redemption.health([community_id], today.replace(day=1)),
        weeks=weeks,
        bars=[_bar(each, weeks[-1].monday) for each in weeks],
        plan=plan_of(community_id, monday),
        monday=monday,
        week_name=clock.week_name(monday),
        today=today,
        shown=SHOWN,
        yesterday=clock.now() - timedelta(days=1),
    )


def _bar(week: reads.Week, this: object) -> dict[str, Any]:
    """Return a week as a bar of the chart."""
    label = format_date(week.monday, gettext("M月d日"))
    return {"label": label, "value": week.visits, "current": week.monday == this, "second": None, "words": {}}
