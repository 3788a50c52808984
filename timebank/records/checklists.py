"""Reads of the weekly check: its flags, its call-backs, and what of other weeks is still open."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from timebank.db import db
from timebank.records.models import CallBack, CheckWeek, Finding, Heard
from timebank.visits.models import ServiceRecord

OPEN_CALL = or_(CallBack.heard.is_(None), CallBack.heard == Heard.NOT_REACHED)


def check_of(community_id: int, week: date) -> CheckWeek | None:
    """Return the check of a community's week."""
    return db.session.scalar(select(CheckWeek).where(CheckWeek.community_id == community_id, CheckWeek.week == week))


def has_found(community_id: int, week: date) -> bool:
    """Say whether the check of a week has found or drawn anything."""
    check = check_of(community_id, week)
    return check is not None and bool(findings_of(check) or calls_of(check))


def findings_of(check: CheckWeek) -> Sequence[Finding]:
    """Return the flags of a check, the open ones first."""
    rows = (
        select(Finding)
        .where(Finding.check_id == check.id)
        .options(joinedload(Finding.volunteer), joinedload(Finding.record).joinedload(ServiceRecord.volunteer))
    )
    return db.session.scalars(rows.order_by(Finding.settled_at.is_not(None), Finding.id)).all()


def open_findings(community_id: int) -> Sequence[Finding]:
    """Return the flags of a community that nobody has settled yet, of whatever week."""
    return db.session.scalars(_findings(community_id).where(Finding.settled.is_(None)).order_by(Finding.id)).all()


def settled_findings(community_id: int, limit: int) -> Sequence[Finding]:
    """Return the flags of a community that were settled last."""
    rows = _findings(community_id).where(Finding.settled.is_not(None))
    return db.session.scalars(rows.order_by(Finding.settled_at.desc(), Finding.id.desc()).limit(limit)).all()


def _findings(community_id: int) -> Select[Finding]:
    """Return the statement of a community's flags with whom and what they are about."""
    about = (contains_eager(Finding.check), joinedload(Finding.volunteer), joinedload(Finding.record))
    return select(Finding).join(Finding.check).where(CheckWeek.community_id == community_id).options(*about)


def calls_of(check: CheckWeek) -> Sequence[CallBack]:
    """Return the call-backs of a check, the open ones first."""
    rows = select(CallBack).where(CallBack.check_id == check.id).options(joinedload(CallBack.record).joinedload(ServiceRecord.volunteer))
    return db.session.scalars(rows.order_by(CallBack.called_at.is_not(None), CallBack.id)).all()


def finding_in(community_id: int, finding_id: int) -> Finding | None:
    """Return a flag of a community."""
    return db.session.scalar(select(Finding).join(Finding.check).where(Finding.id == finding_id, CheckWeek.community_id == community_id))


def call_in(community_id: int, call_id: int) -> CallBack | None:
    """Return a call-back of a community."""
    return db.session.scalar(select(CallBack).join(CallBack.check).where(CallBack.id == call_id, CheckWeek.community_id == community_id))


def open_by_week(community_id: int) -> dict[date, int]:
    """Return how many flags and call-backs are still open, by week, the oldest week first."""
    of_community = CheckWeek.community_id == community_id
    rows = [
        *db.session.execute(
            select(CheckWeek.week, func.count()).join(Finding.check).where(of_community, Finding.settled.is_(None)).group_by(CheckWeek.week)
        ),
        *db.session.execute(
            select(CheckWeek.week, func.count()).join(CallBack.check).where(of_community, OPEN_CALL).group_by(CheckWeek.week)
        ),
    ]
    found: dict[date, int] = {}
    for week, count in sorted((week, int(count)) for week, count in rows):
        found[week] = found.get(week, 0) + count
    return found


def open_elsewhere(community_id: int, week: date) -> dict[date, int]:
    """Return what is open in other weeks than this one."""
    return {each: count for each, count in open_by_week(community_id).items() if each != week}
