"""Two totals of every sum: the minutes the system signed, and those entered afterwards.

Signed are the minutes of a check-in and check-out, of a phone's taps at doors or of a duty signed in and out, on the volunteer's
own phone. Entered
afterwards is what somebody typed in: by hand, from a paper sheet or under its code, or more than was signed for.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from timebank.db import db
from timebank.visits.duties import Duty
from timebank.visits.models import Offer, OfferState, ServiceRecord, Trust


def typed() -> ColumnElement[bool]:
    """Say that the times of a record's visit, of a door of its round, or of its duty were typed in from paper."""
    theirs = and_(Offer.volunteer_id == ServiceRecord.volunteer_id, Offer.state == OfferState.ACCEPTED, Offer.entered_by.is_not(None))
    return or_(
        exists().where(Offer.visit_id == ServiceRecord.visit_id, theirs).correlate(ServiceRecord),
        exists().where(Offer.round_id == ServiceRecord.round_id, theirs).correlate(ServiceRecord),
        exists().where(Duty.id == ServiceRecord.duty_id, Duty.entered_by.is_not(None)).correlate(ServiceRecord),
    )


def entered() -> ColumnElement[bool]:
    """Say that a record's minutes were entered afterwards."""
    return or_(ServiceRecord.entry_id.is_not(None), ServiceRecord.trust == Trust.TWO_PERSONS, typed())


def entered_minutes(*counts: ColumnElement[bool]) -> ColumnElement[int]:
    """Return the sum of the minutes that were entered afterwards, of the records that meet some conditions."""
    return func.coalesce(func.sum(case((and_(entered(), *counts), ServiceRecord.minutes), else_=0)), 0)


def entered_of(records: Iterable[ServiceRecord]) -> int:
    """Return how many minutes of some records were entered afterwards."""
    numbers = [record.id for record in records]
    return int(db.session.scalar(select(entered_minutes()).where(ServiceRecord.id.in_(numbers))) or 0)


def typed_among(records: Iterable[ServiceRecord]) -> set[int]:
    """Return which of some records have times that were typed in from paper."""
    numbers = [record.id for record in records]
    return set(db.session.scalars(select(ServiceRecord.id).where(ServiceRecord.id.in_(numbers), typed())))
