"""What counts as voluntary service, and its sums: by volunteer, month and kind."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from timebank.catalogue.models import ServiceKind
from timebank.clock import next_month
from timebank.db import db, which
from timebank.papers.facts import KindTotal
from timebank.places.models import Community
from timebank.visits import afterwards
from timebank.visits.closing import as_given
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

COUNTS = and_(ServiceRecord.current, ServiceRecord.minutes > 0)
# What counts in a month: once it is closed, what it was closed with; what was changed since counts where it was changed.
GIVEN = and_(as_given(), ServiceRecord.minutes > 0)
# On-duty staff are planned and recorded like everybody, but their time is paid work and never voluntary service. What somebody was
# on the day of a service stands on the record itself.
UNPAID = ServiceRecord.paid.is_(False)
VOLUNTARY = and_(COUNTS, UNPAID)
ON_DUTY = and_(GIVEN, ServiceRecord.paid)
STRUCK = and_(as_given(), ServiceRecord.minutes < 1, ServiceRecord.version > 1)
FIRST_DAY = date(1, 1, 1)


def records_of(volunteer: Volunteer, start: date, end: date) -> Sequence[ServiceRecord]:
    """Return a volunteer's voluntary service on the days from ``start`` up to, but not with, ``end``, with what was set to nothing since."""
    return _records_of(volunteer, start, end, and_(or_(GIVEN, STRUCK), UNPAID))


def _records_of(volunteer: Volunteer, start: date, end: date, which: ColumnElement[bool]) -> Sequence[ServiceRecord]:
    """Return such records of a volunteer on the days from ``start`` up to, but not with, ``end``."""
    mine = select(ServiceRecord).where(ServiceRecord.volunteer_id == volunteer.id, which, _between(start, end))
    return db.session.scalars(
        mine.options(joinedload(ServiceRecord.kind), joinedload(ServiceRecord.entry)).order_by(
            ServiceRecord.day, ServiceRecord.started_at, ServiceRecord.id
        )
    ).all()


def minutes_of(volunteer: Volunteer, start: date, end: date, counts: ColumnElement[bool] = COUNTS) -> int:
    """Return the minutes of voluntary service recorded for a volunteer on the days from ``start`` up to, but not with, ``end``."""
    total = select(func.coalesce(func.sum(ServiceRecord.minutes), 0))
    return int(db.session.scalar(total.where(ServiceRecord.volunteer_id == volunteer.id, counts, UNPAID, _between(start, end))) or 0)


def was_on_duty(volunteer: Volunteer, start: date, end: date) -> bool:
    """Say whether a volunteer worked as paid staff on the days from ``start`` through ``end``."""
    mine = (ServiceRecord.volunteer_id == volunteer.id, COUNTS, ServiceRecord.paid, _between(start, end + timedelta(days=1)))
    return db.session.scalar(select(ServiceRecord.id).where(*mine).limit(1)) is not None


def entered_of(volunteer: Volunteer, start: date, end: date, counts: ColumnElement[bool]) -> int:
    """Return how many of a volunteer's minutes of voluntary service in some days, ``end`` not with them, were entered afterwards."""
    total = select(afterwards.entered_minutes()).where(ServiceRecord.volunteer_id == volunteer.id, counts, UNPAID, _between(start, end))
    return int(db.session.scalar(total) or 0)


def minutes_by(volunteers: Iterable[int]) -> dict[int, int]:
    """Return the minutes of voluntary service recorded for some volunteers up to now, by number; 0 for who has none."""
    found = dict.fromkeys(volunteers, 0)
    rows = select(ServiceRecord.volunteer_id, func.sum(ServiceRecord.minutes)).group_by(ServiceRecord.volunteer_id)
    for number, minutes in db.session.execute(rows.where(ServiceRecord.volunteer_id.in_(found), VOLUNTARY)):
        found[number] = int(minutes)
    return found


def minutes_between(community_id: int, start: date, end: date) -> dict[int, int]:
    """Return the minutes of voluntary service on record of a community's volunteers, wherever lent, from ``start`` through ``end``."""
    rows = db.session.execute(
        select(ServiceRecord.volunteer_id, func.sum(ServiceRecord.minutes))
        .join(ServiceRecord.volunteer)
        .where(Volunteer.community_id == community_id, VOLUNTARY, _between(start, end + timedelta(days=1)))
        .group_by(ServiceRecord.volunteer_id)
    )
    return {volunteer_id: int(minutes) for volunteer_id, minutes in rows}


def totals_by_kind(volunteer: Volunteer, start: date, end: date) -> tuple[KindTotal, ...]:
    """Return what is on record of a volunteer's service from ``start`` through ``end``, most minutes first.

    What was done for another community that they were lent to stands apart, by its name.
    """
    minutes = func.sum(ServiceRecord.minutes)
    where = case((ServiceRecord.community_id == volunteer.community_id, ""), else_=Community.name)
    rows = db.session.execute(
        select(ServiceKind.name, ServiceKind.name_en, where, func.count(), minutes, afterwards.entered_minutes())
        .join(ServiceKind, ServiceKind.id == ServiceRecord.kind_id)
        .join(Community, Community.id == ServiceRecord.community_id)
        .where(ServiceRecord.volunteer_id == volunteer.id, VOLUNTARY, _between(start, end + timedelta(days=1)))
        .group_by(ServiceKind.id, where)
        .order_by(minutes.desc(), ServiceKind.id, where)
    )
    return tuple(
        KindTotal(name, name_en, visits, int(sum_of), int(later))
        if not place
        else KindTotal(f"{name}（{place}）", f"{name_en} ({place})", visits, int(sum_of), int(later))
        for name, name_en, place, visits, sum_of, later in rows
    )


def minutes_by_month(volunteer: Volunteer, months: Sequence[date]) -> list[tuple[date, int]]:
    """Return the minutes recorded for a volunteer in each of some months."""
    month = which(ServiceRecord.day, [(each, next_month(each)) for each in months]).label("month")
    mine = (ServiceRecord.volunteer_id == volunteer.id, GIVEN, UNPAID, _between(months[0], next_month(months[-1])))
    found = {
        place: int(minutes)
        for place, minutes in db.session.execute(select(month, func.sum(ServiceRecord.minutes)).where(*mine).group_by("month"))
    }
    return [(each, found.get(place, 0)) for place, each in enumerate(months)]


def _between(start: date, end: date) -> ColumnElement[bool]:
    """Say that a record's day lies from ``start`` up to, but not with, ``end``."""
    return and_(ServiceRecord.day >= start, ServiceRecord.day < end)
