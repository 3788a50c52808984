"""Until when a volunteer may object to a record."""

from datetime import date, timedelta

from timebank.visits.closing import is_shut_for, issue_day
from timebank.visits.models import ServiceRecord

OBJECTION_DAYS = 30


def objection_until(record: ServiceRecord) -> date:
    """Return the last day for an objection: thirty days from the statement a version stands on, or from when it came on record."""
    stands_in = record.created_at.date() if is_shut_for(record) else record.day
    return until_after(issue_day(record.community_id, stands_in), record)


def until_after(issued: date, record: ServiceRecord | None = None) -> date:
    """Return the last day for an objection to what statements of a day say, of a record that may have come after them."""
    return max(issued, record.created_at.date() if record is not None else issued) + timedelta(days=OBJECTION_DAYS - 1)
