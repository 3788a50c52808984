"""还没入账的: what has to come on record, with the last day the law gives for it."""

from flask import render_template

from timebank import clock
from timebank.records import queries
from timebank.records.views.shared import blueprint, mine
from timebank.records.workdays import RECORD_DAYS, unknown_years


@blueprint.get("/overdue")
def overdue() -> str:
    """List what is not on record yet, what is over its ten working days first."""
    rows = queries.uncleared(mine())
    first = min((row.day for row in rows), default=clock.today())
    return render_template(
        "records/overdue.html",
        late=[row for row in rows if row.is_late],
        in_time=[row for row in rows if not row.is_late],
        days=RECORD_DAYS,
        oldest=min((row.day for row in rows), default=None),
        unknown=unknown_years(first),
        today=clock.today(),
    )
