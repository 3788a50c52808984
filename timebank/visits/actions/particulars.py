"""What a record says besides its minutes, what it may not overlap, and the credit of one that was entered by hand."""

from datetime import datetime

from sqlalchemy import or_, select

from timebank.credit.actions import after_credit
from timebank.db import db
from timebank.errors import Conflict
from timebank.ledger import actions as ledger
from timebank.visits.entries import ManualEntry
from timebank.visits.models import Round, ServiceRecord, Visit
from timebank.volunteers.models import Volunteer

"""Minutes: nobody serves for more than twelve hours a day (rulebook T5); a community may allow less (R7)."""
ROUNDED = 2
"""Minutes that are rounded up may be so many more than there were."""


def place_of(visit: Visit | None, meals: Round | None, entry: ManualEntry | None) -> str:
    """Return where something took place, never closer than the compound: the record outlives the visit and is passed on."""
    if visit is not None:
        return visit.household.building.compound.name
    if meals is not None:
        return meals.canteen.name
    return entry.place if entry is not None else ""


def overlapping(
    volunteer: Volunteer, started: datetime, ended: datetime, *, is_round: bool | None = None, but: ServiceRecord | None = None
) -> ServiceRecord | None:
    """Return a record of the same volunteer at the same time; a visit made wholly inside a meal round is part of it."""
    rows = select(ServiceRecord).where(
        ServiceRecord.volunteer_id == volunteer.id,
        ServiceRecord.current,
        ServiceRecord.minutes > 0,
        ServiceRecord.started_at < ended,
        ServiceRecord.ended_at > started,
    )
    if but is not None:
        rows = rows.where(ServiceRecord.id != but.id)
    if is_round is True:
        rows = rows.where(or_(ServiceRecord.visit_id.is_(None), ServiceRecord.started_at < started, ServiceRecord.ended_at > ended))
    elif is_round is False:
        rows = rows.where(or_(ServiceRecord.round_id.is_(None), ServiceRecord.started_at > started, ServiceRecord.ended_at < ended))
    return db.session.scalar(rows.order_by(ServiceRecord.started_at).limit(1))


def must_be_apart(
    volunteer: Volunteer, started: datetime, ended: datetime, *, is_round: bool | None, but: ServiceRecord | None = None
) -> None:
    """Refuse to put on record what overlaps another record than ``but``; wrong times are entered anew by two people."""
    if (other := overlapping(volunteer, started, ended, is_round=is_round, but=but)) is not None:
        span = f"{other.started_at:%H:%M}–{other.ended_at:%H:%M}"
        raise Conflict(
            "%(started)s–%(ended)s 和 %(volunteer)s %(span)s 的另一条记录重叠，一个人不能同时在两处，没有入账。签到签退的时间不对，就用补录写下真实时间。",
            started=f"{started:%H:%M}",
            ended=f"{ended:%H:%M}",
            volunteer=volunteer.name,
            span=span,
        )


def must_fit_round(volunteer: Volunteer, started: datetime, ended: datetime, minutes: int) -> None:
    """Refuse a visit made inside a meal round that is on record already with those very minutes: nobody's minute counts twice."""
    mine = (ServiceRecord.volunteer_id == volunteer.id, ServiceRecord.current, ServiceRecord.minutes > 0)
    around = (ServiceRecord.round_id.is_not(None), ServiceRecord.started_at <= started, ServiceRecord.ended_at >= ended)
    for meals in db.session.scalars(select(ServiceRecord).where(*mine, *around)):
        inside = (
            ServiceRecord.visit_id.is_not(None),
            ServiceRecord.started_at >= meals.started_at,
            ServiceRecord.ended_at <= meals.ended_at,
        )
        others = db.session.scalars(select(ServiceRecord.minutes).where(*mine, *inside)).all()
        span = (meals.ended_at - meals.started_at).total_seconds() / 60
        if meals.minutes + sum(others) + minutes > span + len(others) + ROUNDED:
            raise Conflict(
                "%(started)s–%(ended)s 已经算在 %(volunteer)s 这一趟送餐的 %(meals_minutes)s 分钟里，没有再记一次。先把送餐那一条更正到 %(started)s 为止（以后的另行补录），再确认这一次。",
                started=f"{started:%H:%M}",
                ended=f"{ended:%H:%M}",
                volunteer=volunteer.name,
                meals_minutes=meals.minutes,
            )


def credit_by_hand(record: ServiceRecord, entry: ManualEntry, volunteer: Volunteer, minutes: int, source: str) -> None:
    """Credit what was entered by hand: the ledger keeps both people and shows it as what it is; staff are never credited."""
    if record.paid or minutes < 1:
        return
    transfer = ledger.credit_by_hand(
        volunteer.account_id,
        minutes,
        source=source,
        idem=("record", source),
        actor=f"user:{entry.entered_by}",
        approver=f"user:{entry.decided_by}",
        note=f"entry:{entry.id}",
    )
    record.transfer_seq = transfer.seq
    after_credit(volunteer, transfer)


def second_person(record: ServiceRecord, minutes: int, by: int) -> str | None:
    """Return who stands behind a corrected entry besides whoever corrects it; there is nobody for minutes they never saw."""
    entry = record.entry
    if entry is None or entry.decided_by is None:
        return None
    if minutes > record.minutes:
        raise Conflict("手工和补录的时间只能往下更正。少记了的，请另录一条，由另一位同事核准。")
    return f"user:{entry.decided_by if entry.entered_by == by else entry.entered_by}"
