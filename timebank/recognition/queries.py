"""Reads of both books: a volunteer's month, totals by kind, the overview of a community, the certificate register."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.ledger import queries as ledger
from timebank.ledger.models import Account
from timebank.places.models import Community
from timebank.proposals import carriers
from timebank.proposals import queries as proposals
from timebank.proposals.carriers import Pair
from timebank.proposals.models import Kind
from timebank.recognition import changes
from timebank.recognition.changes import Change
from timebank.recognition.models import Certificate, CertificateState
from timebank.recognition.movements import moved
from timebank.recognition.papers import KindTotal, Moved
from timebank.visits import afterwards, registers
from timebank.visits.closing import MonthClose, as_given, as_known_by, close_of, issue_day, month_after
from timebank.visits.deadlines import until_after
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


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return month_after(month)


def months_until(month: date, count: int) -> list[date]:
    """Return so many months in order, ending with this one."""
    found = [month]
    while len(found) < count:
        found.append(month_of(found[-1] - timedelta(days=1)))
    return found[::-1]


RULES = (Kind.CREDIT_RULES, Kind.STAR_RULE, Kind.RECORD_RULES)


@dataclass(frozen=True, slots=True)
class Month:
    """One volunteer's month in both books; ``was`` says what records that count for nothing any more once counted for.

    ``corrections`` are those made in it of months that were closed before, ``since`` those of its own made since it was closed.
    What was done ``on_duty``, as paid staff, stands beside and in no sum.
    """

    volunteer: Volunteer
    community: Community
    month: date
    records: Sequence[ServiceRecord]
    typed: frozenset[int]
    on_duty: Sequence[ServiceRecord]
    account: ledger.Lines
    lifetime: int
    entered: int
    lifetime_entered: int
    object_until: date | None
    head: ledger.Head
    was: dict[int, int]
    issued_on: date
    closed: MonthClose | None
    corrections: Sequence[Change]
    since: Sequence[Change]
    rules: tuple[Pair, ...] = ()

    @property
    def minutes(self) -> int:
        """The minutes recorded in the month."""
        return sum(record.minutes for record in self.records)

    @property
    def visits(self) -> int:
        """The visits and rounds that count."""
        return sum(1 for record in self.records if record.minutes > 0)

    @property
    def moved(self) -> Moved:
        """What the account's movements add up to."""
        return moved(self.account.lines)


def statement(volunteer: Volunteer, month: date) -> Month:
    """Return a volunteer's month: each record in its latest version, or in that which the month was closed with, and the account."""
    start, end = month_of(month), next_month(month)
    records, mine = records_of(volunteer, start, end), and_(ServiceRecord.volunteer_id == volunteer.id, UNPAID)
    issued, known = issue_day(volunteer.community_id, start), and_(as_known_by(end), ServiceRecord.minutes > 0)
    return Month(
        volunteer=volunteer,
        community=db.session.get_one(Community, volunteer.community_id),
        month=start,
        records=records,
        typed=frozenset(afterwards.typed_among(records)),
        on_duty=_records_of(volunteer, start, end, ON_DUTY),
        account=ledger.lines(volunteer.account_id, start, end),
        lifetime=minutes_of(volunteer, FIRST_DAY, end, known),
        entered=entered_of(volunteer, start, end, GIVEN),
        lifetime_entered=entered_of(volunteer, FIRST_DAY, end, known),
        object_until=until_after(issued) if end <= clock.today() else None,
        head=ledger.chain_head(volunteer.community_id),
        was={each.id: _once_counted(each) for each in records if each.minutes < 1},
        issued_on=issued,
        closed=close_of(volunteer.community_id, start),
        corrections=changes.made_in(start, end, mine),
        since=changes.made_to(start, end, mine),
        rules=rules_changed(volunteer.community_id, start, end),
    )


def rules_changed(community_id: int, start: date, end: date) -> tuple[Pair, ...]:
    """Return which rules two people changed on the days from ``start`` up to, but not with, ``end``, and the grants above the usual one."""
    done = proposals.carried_out(community_id, (*RULES, Kind.GRANT), clock.at(start, 0), clock.at(end, 0))
    said = []
    for each in (row for row in done if row.kind in RULES):
        shown = carriers.of(each.kind).show(each)
        zh = "；".join(f"{change.name[0]} {change.before[0]} → {change.after[0]}" for change in shown.changes)
        en = "; ".join(f"{change.name[1]} {change.before[1]} → {change.after[1]}" for change in shown.changes)
        day = (each.decided_at or each.proposed_at).astimezone(clock.ZONE)
        said.append((f"{day.month}月{day.day}日起改了{shown.title[0]}：{zh}", f"{shown.title[1]} changed on {day:%Y-%m-%d}: {en}"))
    grants = sum(1 for row in done if row.kind is Kind.GRANT)
    if grants:
        said.append(
            (f"本月有 {grants} 笔超过默认数的补助，都经两人核准", f"{grants} grants above the usual one this month, each by two people")
        )
    return tuple(said)


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


def _once_counted(record: ServiceRecord) -> int:
    """Return the minutes a record counted for before it was set to nothing."""
    return next((each.minutes for each in reversed(registers.versions_of(record)) if each.minutes > 0 and each.id < record.id), 0)


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
    return [(month, minutes_of(volunteer, month, next_month(month), GIVEN)) for month in months]


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the office's list: a volunteer, this month, all voluntary minutes and those entered afterwards, and the account."""

    volunteer: Volunteer
    month_visits: int
    month_minutes: int
    lifetime: int
    entered: int
    balance: int


def standings(community_id: int | None, month: date, search: str = "") -> list[Standing]:
    """Return the volunteers of a community (None = all) with both books, by name."""
    inside = and_(_between(month_of(month), next_month(month)), GIVEN)
    rows = (
        select(
            Volunteer,
            func.coalesce(func.sum(case((inside, 1), else_=0)), 0),
            func.coalesce(func.sum(case((inside, ServiceRecord.minutes), else_=0)), 0),
            func.coalesce(func.sum(case((COUNTS, ServiceRecord.minutes), else_=0)), 0),
            afterwards.entered_minutes(COUNTS),
            Account.balance,
        )
        .join(Account, Account.id == Volunteer.account_id)
        .outerjoin(ServiceRecord, and_(ServiceRecord.volunteer_id == Volunteer.id, UNPAID, or_(COUNTS, inside)))
        .where(*_of_community(Volunteer.community_id, community_id))
        .group_by(Volunteer.id, Account.balance)
        .order_by(Volunteer.sort_key, Volunteer.id)
    )
    if search:
        rows = rows.where(Volunteer.name.contains(search, autoescape=True) | Volunteer.number.contains(search, autoescape=True))
    return [Standing(*row) for row in db.session.execute(rows)]


def volunteer_in(volunteer_id: int, community_id: int | None) -> Volunteer | None:
    """Return a volunteer of a community (None = all)."""
    return db.session.scalar(select(Volunteer).where(Volunteer.id == volunteer_id, *_of_community(Volunteer.community_id, community_id)))


def volunteer_of(user_id: int) -> Volunteer | None:
    """Return the volunteer who signs in as this user."""
    return db.session.scalar(select(Volunteer).where(Volunteer.user_id == user_id))


def register(community_id: int | None, search: str = "", limit: int = 200) -> Sequence[Certificate]:
    """Return the certificates of a community (None = all), newest first."""
    rows = _certificates().where(*_of_community(Certificate.community_id, community_id))
    if search:
        rows = rows.join(Volunteer).where(
            Volunteer.name.contains(search, autoescape=True) | Certificate.number.contains(search.upper(), autoescape=True)
        )
    return db.session.scalars(rows.order_by(Certificate.id.desc()).limit(limit)).all()


def certificates_of(volunteer: Volunteer) -> Sequence[Certificate]:
    """Return a volunteer's own certificates, newest first."""
    return db.session.scalars(_certificates().where(Certificate.volunteer_id == volunteer.id).order_by(Certificate.id.desc())).all()


def certificate_in(certificate_id: int, community_id: int | None) -> Certificate | None:
    """Return a certificate of a community (None = all)."""
    return db.session.scalar(
        _certificates().where(Certificate.id == certificate_id, *_of_community(Certificate.community_id, community_id))
    )


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


def hours_behind(lines: Sequence[ledger.Line]) -> dict[int, int]:
    """Return which record each credit of an account belongs to, by the number of the transfer; what was done elsewhere is not ours."""
    behind = (ServiceRecord.transfer_seq.in_([line.seq for line in lines]), ServiceRecord.community_id == Volunteer.community_id)
    rows = db.session.execute(select(ServiceRecord.transfer_seq, ServiceRecord.id).join(ServiceRecord.volunteer).where(*behind))
    return {seq: record for seq, record in rows if seq is not None}


def successor_of(certificate: Certificate) -> Certificate | None:
    """Return the certificate that replaced this one."""
    return db.session.scalar(select(Certificate).where(Certificate.replaces_id == certificate.id))


def by_number(number: str) -> Certificate | None:
    """Return the certificate with this number."""
    return db.session.scalar(_certificates().where(Certificate.number == number))


def _certificates() -> Select[Certificate]:
    """Return the select of certificates with the names a page shows."""
    return select(Certificate).options(joinedload(Certificate.volunteer), joinedload(Certificate.community))


def _between(start: date, end: date) -> ColumnElement[bool]:
    """Say that a record's day lies from ``start`` up to, but not with, ``end``."""
    return and_(ServiceRecord.day >= start, ServiceRecord.day < end)


def _of_community(column: object, community_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that keeps a reader to their community; none for who sees all."""
    return () if community_id is None else (column == community_id,)  # type: ignore[return-value]
