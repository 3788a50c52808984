"""Reads of the certificate register, and of the records behind a certificate as they stood and as they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from timebank.certificates.models import Certificate, CertificateState
from timebank.db import db
from timebank.places.tenancy import of_community
from timebank.records.totals import VOLUNTARY, _between
from timebank.visits import registers
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


def register(community_id: int | None, search: str = "") -> Select[Certificate]:
    """Return the statement that reads the certificates of a community (None = all), newest first."""
    rows = _certificates().where(*of_community(Certificate.community_id, community_id))
    if search:
        rows = rows.join(Volunteer).where(
            Volunteer.name.contains(search, autoescape=True) | Certificate.number.contains(search.upper(), autoescape=True)
        )
    return rows.order_by(Certificate.id.desc())


def certificates_of(volunteer: Volunteer) -> Sequence[Certificate]:
    """Return a volunteer's own certificates, newest first."""
    return db.session.scalars(_certificates().where(Certificate.volunteer_id == volunteer.id).order_by(Certificate.id.desc())).all()


def certificate_in(certificate_id: int, community_id: int | None) -> Certificate | None:
    """Return a certificate of a community (None = all)."""
    return db.session.scalar(_certificates().where(Certificate.id == certificate_id, *of_community(Certificate.community_id, community_id)))


def valid_for(volunteer: Volunteer, start: date, end: date) -> Certificate | None:
    """Return the certificate that holds for exactly this period."""
    return db.session.scalar(
        select(Certificate)
        .where(
            Certificate.volunteer_id == volunteer.id,
            Certificate.period_from == start,
            Certificate.period_to == end,
            Certificate.state == CertificateState.VALID,
        )
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def with_national_no(number: str) -> Certificate | None:
    """Return the certificate in force that the national system has under a number."""
    return db.session.scalar(_certificates().where(Certificate.national_no == number, Certificate.state == CertificateState.VALID))


def others_in_force(certificate: Certificate) -> Sequence[Certificate]:
    """Return the other certificates of the same person and community that hold and share a day with this one, oldest first."""
    rows = select(Certificate).where(
        Certificate.id != certificate.id,
        Certificate.volunteer_id == certificate.volunteer_id,
        Certificate.community_id == certificate.community_id,
        Certificate.state == CertificateState.VALID,
        Certificate.period_from <= certificate.period_to,
        Certificate.period_to >= certificate.period_from,
    )
    return db.session.scalars(rows.order_by(Certificate.id)).all()


def certificates_with(record: ServiceRecord) -> Sequence[Certificate]:
    """Return the certificates whose period holds a record that was there, in any version, when they were issued; newest first.

    What was done on duty stands on none.
    """
    if record.paid:
        return []
    rows = _certificates().where(
        Certificate.volunteer_id == record.volunteer_id,
        Certificate.period_from <= record.day,
        Certificate.period_to >= record.day,
        Certificate.issued_at >= registers.versions_of(record)[0].created_at,
    )
    return db.session.scalars(rows.order_by(Certificate.id.desc())).all()


def records_in(certificate: Certificate) -> Sequence[ServiceRecord]:
    """Return the records of a certificate's period as they stand now, by day."""
    period = _between(certificate.period_from, certificate.period_to + timedelta(days=1))
    mine = ServiceRecord.volunteer_id == certificate.volunteer_id
    rows = select(ServiceRecord).where(mine, VOLUNTARY, period).options(joinedload(ServiceRecord.kind), joinedload(ServiceRecord.entry))
    return db.session.scalars(rows.order_by(ServiceRecord.day, ServiceRecord.started_at, ServiceRecord.id)).all()


@dataclass(frozen=True, slots=True)
class Correction:
    """A record that stood on a certificate and says something else now: its version of then, and the current one."""

    then: ServiceRecord
    now: ServiceRecord


def corrections_since(certificate: Certificate) -> list[Correction]:
    """Return what was corrected of a certificate's records since it was issued and differs now, by the day of the service."""
    pairs = [(as_issued(each, certificate), each) for each in db.session.scalars(_corrected_after(certificate))]
    return [Correction(then, now) for then, now in pairs if then is not None and then.minutes not in (0, now.minutes)]


def corrected_among(certificates: Iterable[Certificate]) -> set[int]:
    """Return which of some certificates still hold although a record behind them was corrected since they were issued."""
    valid = [each.id for each in certificates if each.is_valid]
    touched = select(Certificate).where(Certificate.id.in_(valid), _corrected_in(Certificate).exists())
    return {each.id for each in db.session.scalars(touched) if corrections_since(each)}


def _corrected_after(certificate: Certificate) -> Select[ServiceRecord]:
    """Return the select of a certificate's records whose current version is a correction made after it was issued."""
    rows = _corrected_in(certificate).options(joinedload(ServiceRecord.kind))
    return rows.order_by(ServiceRecord.day, ServiceRecord.started_at, ServiceRecord.id)


def _corrected_in(certificate: Certificate | type[Certificate]) -> Select[ServiceRecord]:
    """Return the select of records corrected after a certificate of their period was issued: of one, or of that of a query."""
    return select(ServiceRecord).where(
        ServiceRecord.volunteer_id == certificate.volunteer_id,
        ServiceRecord.day >= certificate.period_from,
        ServiceRecord.day <= certificate.period_to,
        ServiceRecord.current,
        ServiceRecord.version > 1,
        ServiceRecord.paid.is_(False),
        ServiceRecord.created_at > certificate.issued_at,
    )


def as_issued(record: ServiceRecord, certificate: Certificate) -> ServiceRecord | None:
    """Return the version of a record that a certificate was issued from, None when it came on record later."""
    versions = [each for each in registers.versions_of(record) if each.created_at <= certificate.issued_at]
    return versions[-1] if versions else None


def successor_of(certificate: Certificate) -> Certificate | None:
    """Return the certificate that replaced this one."""
    return db.session.scalar(select(Certificate).where(Certificate.replaces_id == certificate.id))


def by_number(number: str) -> Certificate | None:
    """Return the certificate with this number."""
    return db.session.scalar(_certificates().where(Certificate.number == number))


def _certificates() -> Select[Certificate]:
    """Return the select of certificates with the names a page shows."""
    return select(Certificate).options(joinedload(Certificate.volunteer), joinedload(Certificate.community))
