"""Redemption health: what is stored against what is used, what is promised against who can come, and how old it all is.

A time bank dies of hours that can only be saved. These figures say early whether that is happening, and how long a visit
waits until its minutes are cleared, that is confirmed and on record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from timebank import clock
from timebank.clock import month_of, months_until, next_month
from timebank.db import db, which
from timebank.ledger import queries as ledger
from timebank.ledger.models import CREDITS, Account, AccountKind, Transfer, TransferKind
from timebank.visits.closing import close_of
from timebank.visits.models import Confirmation, Visit, VisitState
from timebank.volunteers.models import Availability, Volunteer

WEEKS_AHEAD = 4
MONTHS_SHOWN = 12
AGES = (3, 10)


@dataclass(frozen=True, slots=True)
class Flow:
    """One month: the minutes earned by service, issued to the pool without any, and used for visits, less what was taken back in it."""

    month: date
    earned: int
    issued: int
    used: int


@dataclass(frozen=True, slots=True)
class Health:
    """How sound the promise is: minutes stored, held, used, in the pool, owed back; minutes volunteers can give a week; ages."""

    stored: int
    held: int
    used: int
    pool: int
    owed: int
    weekly: int
    oldest_credit: date | None
    flows: list[Flow]

    @property
    def weeks(self) -> float | None:
        """How many weeks of all volunteers' time the stored minutes are; nothing when nobody can come."""
        return round((self.stored + self.held) / self.weekly, 1) if self.weekly else None


@dataclass(frozen=True, slots=True)
class Clearing:
    """Visits that are done and not confirmed on a day: how many by age in days, and the oldest."""

    counts: tuple[int, int, int]
    oldest: date | None
    on: date

    @property
    def days(self) -> int:
        """How many days the oldest has waited."""
        return (self.on - self.oldest).days if self.oldest else 0

    @property
    def waiting(self) -> int:
        """How many wait altogether."""
        return sum(self.counts)


def health(communities: Sequence[int], month: date) -> Health:
    """Return the redemption health of some communities at a month's end, or now while it goes on, with the flows of its year."""
    before = _over(month)
    totals = [ledger.totals(each, before) for each in communities]
    standing = {kind: sum(each[kind] for each in totals) for kind in AccountKind}
    return Health(
        stored=standing[AccountKind.MEMBER],
        held=standing[AccountKind.HELD],
        used=standing[AccountKind.REDEEMED],
        pool=standing[AccountKind.POOL],
        owed=-standing[AccountKind.OWED],
        weekly=sum(_weekly_then(each, month) for each in communities),
        oldest_credit=_oldest_credit(communities, before),
        flows=_flows(communities, months_until(month_of(month), MONTHS_SHOWN)),
    )


def clearing(communities: Sequence[int], month: date) -> Clearing:
    """Return how long done visits had waited for their confirmation at a month's end, or have now while it goes on."""
    before = _over(month)
    on = clock.today() if before is None else next_month(month) - timedelta(days=1)
    day = func.coalesce(Visit.day, Visit.occurrence)
    waits = Visit.state == VisitState.DONE
    if before is not None:
        later = exists().where(Confirmation.visit_id == Visit.id, Confirmation.at >= before)
        waits = and_(or_(waits, and_(Visit.state == VisitState.CONFIRMED, later)), day <= on)
    days = db.session.scalars(select(day).where(Visit.community_id.in_(communities), waits)).all()
    ages = [(on - each).days for each in days]
    within = [sum(age <= bound for age in ages) for bound in AGES]
    counts = (within[0], within[1] - within[0], len(ages) - within[1])
    return Clearing(counts, min(days, default=None), on)


def _over(month: date) -> datetime | None:
    """Return the instant at which a month ended, nothing while it goes on."""
    ends = next_month(month)
    return clock.at(ends, 0) if ends <= clock.today() else None


def _weekly_then(community_id: int, month: date) -> int:
    """Return the minutes a community's volunteers could give in a week when a month was closed, else can give now."""
    close = close_of(community_id, month)
    return weekly(community_id) if close is None else close.weekly


def weekly(community_id: int) -> int:
    """Return the minutes a community's volunteers can give in an ordinary week: their free time, up to their own ceiling."""
    free = (
        select(func.coalesce(func.sum(Availability.end - Availability.start), 0))
        .where(Availability.volunteer_id == Volunteer.id)
        .scalar_subquery()
    )
    people = select(free, Volunteer.max_week).where(Volunteer.community_id == community_id, Volunteer.active, Volunteer.staff.is_(False))
    return sum(min(int(minutes), ceiling) for minutes, ceiling in db.session.execute(people))


def _oldest_credit(communities: Sequence[int], before: datetime | None) -> date | None:
    """Return the day of the oldest minute that stands, or stood before an instant, on a member's account, the newest kept longest."""
    stands = (Account.balance if before is None else ledger.folded(before)).label("balance")
    known = true() if before is None else Transfer.at < before
    newer = func.sum(Transfer.minutes).over(partition_by=Transfer.credit_id, order_by=Transfer.seq.desc())
    credits_ = (
        select(Transfer.at, Transfer.minutes, stands, newer.label("newer"))
        .join(Account, Account.id == Transfer.credit_id)
        .where(Account.community_id.in_(communities), Account.kind == AccountKind.MEMBER, known, ~_is_reversed(before))
        .subquery()
    )
    oldest: datetime | None = db.session.scalar(
        select(func.min(credits_.c.at, type_=Transfer.at.type)).where(credits_.c.newer - credits_.c.minutes < credits_.c.balance)
    )
    return oldest.date() if oldest else None


def _flows(communities: Sequence[int], months: Sequence[date]) -> list[Flow]:
    """Return what moved in each of some months, read at once."""
    spans = [(clock.at(each, 0), clock.at(next_month(each), 0)) for each in months]
    month, meant = which(Transfer.at, spans).label("month"), aliased(Transfer)
    taken_back = Transfer.reverses.is_not(None)
    signed = func.sum(case((taken_back, -Transfer.minutes), else_=Transfer.minutes))
    rows = db.session.execute(
        select(month, meant.kind, Account.kind, signed)
        .join(meant, meant.seq == func.coalesce(Transfer.reverses, Transfer.seq))
        .join(Account, Account.id == meant.debit_id)
        .where(Transfer.community_id.in_(communities), Transfer.at >= spans[0][0], Transfer.at < spans[-1][1])
        .group_by("month", meant.kind, Account.kind)
    )
    moved: list[dict[tuple[TransferKind, AccountKind], int]] = [{} for _ in months]
    for place, kind, payer, minutes in rows:
        moved[place][kind, payer] = int(minutes)
    return [_flow(each, moved[place]) for place, each in enumerate(months)]


def _flow(month: date, moved: Mapping[tuple[TransferKind, AccountKind], int]) -> Flow:
    """Return what was earned, issued and used in a month; what was taken back in it counts against it, whenever it had been posted."""
    return Flow(
        month=month,
        earned=sum(minutes for (kind, _), minutes in moved.items() if kind in CREDITS),
        issued=sum(moved.get((kind, AccountKind.ISSUED), 0) for kind in (TransferKind.GRANT, TransferKind.WRITE_OFF)),
        used=sum(minutes for (kind, _), minutes in moved.items() if kind is TransferKind.SETTLE),
    )


def _is_reversed(before: datetime | None) -> ColumnElement[bool]:
    """Say that a transfer was taken back, before an instant where one is given."""
    mirror = aliased(Transfer)
    return exists().where(mirror.reverses == Transfer.seq, true() if before is None else mirror.at < before)
