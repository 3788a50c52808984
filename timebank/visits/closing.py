"""Months that are closed: what each held on record at that moment, and the conditions by which every sum of a month reads it so.

A month that was closed stays as it was given. What comes on record or is corrected afterwards stands in the month in which that
is done; so a sum of a month never changes once it was told. Months before the first one closed are closed with it.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ScalarSelect, UniqueConstraint, and_, exists, func, or_, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from timebank import clock
from timebank.access.models import User
from timebank.db import Base, db
from timebank.visits.models import ServiceRecord

STATEMENT_DAY = 5
LATEST_DAY = 28


class MonthClose(Base):
    """月结: one month of a community is closed, with the newest record and the head of the book's chain of that moment.

    ``until`` is the first day after the month, ``issued_on`` the day from which its statements can be objected to,
    ``left_open`` how many things of it were still open; nobody's name stands where the clock closed it.
    """

    __tablename__ = "month_close"
    __table_args__ = (
        UniqueConstraint("community_id", "month"),
        CheckConstraint("until > month AND issued_on >= until", name="order"),
        CheckConstraint("last_record >= 0 AND left_open >= 0 AND weekly >= 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    month: Mapped[date]
    until: Mapped[date]
    issued_on: Mapped[date]
    closed_at: Mapped[datetime]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    last_record: Mapped[int]
    head_seq: Mapped[int]
    head_hash: Mapped[str]
    weekly: Mapped[int]
    left_open: Mapped[int]

    closer: Mapped[User | None] = relationship()


class StatementDay(Base):
    """The day of the month on which the clock closes the month before; without a row the product's own."""

    __tablename__ = "statement_day"
    __table_args__ = (CheckConstraint(f"day BETWEEN 1 AND {LATEST_DAY}", name="day"),)

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    day: Mapped[int]


def statement_day(community_id: int) -> int:
    """Return the day of the month on which a community closes the month before."""
    return db.session.scalar(select(StatementDay.day).where(StatementDay.community_id == community_id)) or STATEMENT_DAY


def close_of(community_id: int, day: date) -> MonthClose | None:
    """Return the close of the very month of a day."""
    return db.session.scalar(select(MonthClose).where(MonthClose.community_id == community_id, MonthClose.month == day.replace(day=1)))


def issue_day(community_id: int, day: date) -> date:
    """Return the day on which the statements of a day's month are, or are to be, issued."""
    close = close_of(community_id, day)
    return close.issued_on if close is not None else clock.next_month(day).replace(day=statement_day(community_id))


def shut(record: type[ServiceRecord] = ServiceRecord) -> ScalarSelect[int]:
    """Return the newest record of when a record's month was closed; nothing while it is open."""
    mine = (MonthClose.community_id == record.community_id, MonthClose.until > record.day)
    return select(func.min(MonthClose.last_record)).where(*mine).correlate(record).scalar_subquery()


def is_shut_for(record: ServiceRecord) -> bool:
    """Say whether a version came after its month was closed, so that it stands in the month in which it was made."""
    return bool(db.session.scalar(select(exists().where(ServiceRecord.id == record.id, ServiceRecord.id > shut()))))


def as_given() -> ColumnElement[bool]:
    """Say that a version is the one its month was closed with; of an open month the newest."""
    return _newest(None)


def as_known_by(end: date) -> ColumnElement[bool]:
    """Say that a version is the newest that statements of the months before a day have told of."""
    return _newest(clock.at(end, 0))


def _newest(end: datetime | None) -> ColumnElement[bool]:
    """Say that a version was told of and none after it."""
    after = aliased(ServiceRecord)
    same = (
        after.volunteer_id == ServiceRecord.volunteer_id,
        after.day == ServiceRecord.day,
        after.version == ServiceRecord.version + 1,
        after.visit_id.is_not_distinct_from(ServiceRecord.visit_id),
        after.round_id.is_not_distinct_from(ServiceRecord.round_id),
        after.entry_id.is_not_distinct_from(ServiceRecord.entry_id),
        after.duty_id.is_not_distinct_from(ServiceRecord.duty_id),
    )
    return and_(_told(ServiceRecord, end), ~exists().where(*same, _told(after, end)).correlate(ServiceRecord))


def _told(record: type[ServiceRecord], end: datetime | None) -> ColumnElement[bool]:
    """Say that a version was on record when its month was closed, or before an instant; of an open month every one is."""
    ways = [shut(record).is_(None), record.id <= shut(record)]
    return or_(*ways) if end is None else or_(*ways, record.created_at < end)
