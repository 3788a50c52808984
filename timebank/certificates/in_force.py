"""Certificates that hold: which of them no longer say what is on record, which overlap, and who has one for a period."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from timebank.certificates.models import Certificate, CertificateState
from timebank.certificates.queries import corrected_among
from timebank.db import db
from timebank.records.totals import VOLUNTARY
from timebank.visits.models import ServiceRecord


def stale_among(certificates: Iterable[Certificate]) -> set[int]:
    """Return which of some certificates hold although the record of their period is another now."""
    valid = {each.id: each for each in certificates if each.is_valid}
    behind = and_(
        ServiceRecord.volunteer_id == Certificate.volunteer_id,
        ServiceRecord.day >= Certificate.period_from,
        ServiceRecord.day <= Certificate.period_to,
        VOLUNTARY,
    )
    rows = db.session.execute(
        select(Certificate.id, func.count(ServiceRecord.id), func.coalesce(func.sum(ServiceRecord.minutes), 0))
        .outerjoin(ServiceRecord, behind)
        .where(Certificate.id.in_(valid))
        .group_by(Certificate.id)
    )
    changed = {number for number, visits, minutes in rows if (visits, int(minutes)) != _totals(valid[number])}
    return changed | corrected_among(valid.values())


def _totals(certificate: Certificate) -> tuple[int, int]:
    """Return the visits and minutes a certificate states."""
    return certificate.content["visit_count"], certificate.content["total_minutes"]


def overlaps_among(certificates: Iterable[Certificate]) -> dict[int, list[str]]:
    """Return of those of some certificates that hold the numbers of the others of the same person that share a day with them."""
    other = aliased(Certificate)
    shared = and_(
        other.id != Certificate.id,
        other.volunteer_id == Certificate.volunteer_id,
        other.community_id == Certificate.community_id,
        other.state == CertificateState.VALID,
        other.period_from <= Certificate.period_to,
        other.period_to >= Certificate.period_from,
    )
    rows = (
        select(Certificate.id, other.number)
        .join(other, shared)
        .where(Certificate.id.in_([each.id for each in certificates if each.is_valid]))
    )
    found: dict[int, list[str]] = {}
    for number, overlapping in db.session.execute(rows.order_by(Certificate.id, other.id)):
        found.setdefault(number, []).append(overlapping)
    return found


def of_period(community_id: int, start: date, end: date) -> dict[int, Certificate]:
    """Return the certificates of a community in force for exactly this period, by volunteer."""
    rows = select(Certificate).where(
        Certificate.community_id == community_id,
        Certificate.state == CertificateState.VALID,
        Certificate.period_from == start,
        Certificate.period_to == end,
    )
    return {each.volunteer_id: each for each in db.session.scalars(rows)}
