"""Until when a volunteer may object to a record."""

from datetime import date, timedelta

from timebank.visits.models import ServiceRecord

OBJECTION_DAYS = 30


def objection_until(record: ServiceRecord) -> date:
    """Return the last day for an objection: thirty days from the statement of the month, or of its last change."""
    month_ends = (record.day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return max(month_ends, record.created_at.date()) + timedelta(days=OBJECTION_DAYS - 1)
