"""What of a month is still open: it does not hold the month's statements up, and stands in the month in which it is settled."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from timebank.db import db
from timebank.proposals import queries as proposals
from timebank.proposals.models import Kind
from timebank.records import queries
from timebank.records.models import Objection
from timebank.visits.actions.correcting import latest
from timebank.visits.closing import MonthClose
from timebank.visits.entries import EntryState, ManualEntry
from timebank.visits.models import ServiceRecord


@dataclass(frozen=True, slots=True)
class StillOpen:
    """How many services are not on record, entries and corrections wait for a second person, objections for an answer."""

    uncleared: int
    entries: int
    corrections: int
    objections: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.uncleared + self.entries + self.corrections + self.objections


def still_open(community_id: int, until: date, known: list[queries.Uncleared] | None = None) -> StillOpen:
    """Return what is open of the days of a community before one; ``known`` is what is not on record, where it has been read already."""
    rows = queries.uncleared(community_id) if known is None else known
    entries = select(func.count()).where(
        ManualEntry.community_id == community_id, ManualEntry.state == EntryState.PENDING, ManualEntry.day < until
    )
    objections = (
        select(func.count())
        .select_from(Objection)
        .join(Objection.record)
        .where(Objection.community_id == community_id, Objection.answered_at.is_(None), ServiceRecord.day < until)
    )
    asked = [each for each in proposals.pending(community_id) if each.kind is Kind.CORRECTION]
    return StillOpen(
        uncleared=sum(1 for row in rows if row.day < until and row.entry is None),
        entries=db.session.scalar(entries) or 0,
        corrections=sum(1 for each in asked if latest(each).day < until),
        objections=db.session.scalar(objections) or 0,
    )


def left_from_closed(community_id: int, known: list[queries.Uncleared]) -> int:
    """Return how many things of closed months are still open; ``known`` is what is not on record."""
    until = db.session.scalar(select(func.max(MonthClose.until)).where(MonthClose.community_id == community_id))
    return still_open(community_id, until, known).count if until is not None else 0
