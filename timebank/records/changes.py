"""What was corrected, or came on record, after its month was closed: it stands in the month in which it was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.db import db
from timebank.ledger.models import Transfer
from timebank.ledger.queries import Line
from timebank.visits import registers
from timebank.visits.closing import shut
from timebank.visits.models import ServiceRecord


@dataclass(frozen=True, slots=True)
class Change:
    """A version that came after its month was closed, the one before it where there is one, and what the account moved by."""

    older: ServiceRecord | None
    newer: ServiceRecord
    credit: int

    @property
    def month(self) -> date:
        """The month of the service."""
        return self.newer.day.replace(day=1)

    @property
    def before(self) -> int:
        """The minutes that stood."""
        return self.older.minutes if self.older is not None else 0

    @property
    def minutes(self) -> int:
        """What the record moved by, signed."""
        return self.newer.minutes - self.before


@dataclass(frozen=True, slots=True)
class Moved:
    """What the changes of one month add up to in both books, signed."""

    month: date
    count: int
    minutes: int
    credit: int


def made_in(start: date, end: date, *conditions: ColumnElement[bool]) -> list[Change]:
    """Return what was changed of closed months on the days from ``start`` up to, but not with, ``end``."""
    return _changes(ServiceRecord.created_at >= clock.at(start, 0), ServiceRecord.created_at < clock.at(end, 0), *conditions)


def made_to(start: date, end: date, *conditions: ColumnElement[bool]) -> list[Change]:
    """Return what was changed, after they were closed, of the days from ``start`` up to, but not with, ``end``."""
    return _changes(ServiceRecord.day >= start, ServiceRecord.day < end, *conditions)


def by_month(changes: Iterable[Change]) -> list[Moved]:
    """Return what some changes add up to, the earliest month first."""
    months: dict[date, list[Change]] = {}
    for each in changes:
        months.setdefault(each.month, []).append(each)
    return [
        Moved(month, len(rows), sum(row.minutes for row in rows), sum(row.credit for row in rows)) for month, rows in sorted(months.items())
    ]


def month_of(line: Line, changes: Iterable[Change]) -> date | None:
    """Return of which earlier month a movement of the account corrects the service; nothing when it is this month's own."""
    for each in changes:
        taken_back = each.older is not None and line.source == f"transfer:{each.older.transfer_seq}"
        if taken_back or line.seq == each.newer.transfer_seq:
            return each.month
    return None


def _changes(*conditions: ColumnElement[bool]) -> list[Change]:
    """Return the versions that meet some conditions and came after their month was closed, each with the one before it."""
    rows = select(ServiceRecord).where(ServiceRecord.id > shut(), *conditions)
    whole = (joinedload(ServiceRecord.kind), joinedload(ServiceRecord.volunteer), joinedload(ServiceRecord.entry))
    pairs = [(_before(each), each) for each in db.session.scalars(rows.options(*whole).order_by(ServiceRecord.day, ServiceRecord.id))]
    return [Change(older, newer, _credit(newer) - (_credit(older) if older is not None else 0)) for older, newer in pairs]


def _before(record: ServiceRecord) -> ServiceRecord | None:
    """Return the version before one."""
    return next((each for each in registers.versions_of(record) if each.version == record.version - 1), None)


def _credit(record: ServiceRecord) -> int:
    """Return what a version was credited with."""
    return db.session.get_one(Transfer, record.transfer_seq).minutes if record.transfer_seq is not None else 0
