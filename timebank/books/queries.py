"""Reads of both books: a volunteer's month, and everybody of a community with both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from timebank import clock
from timebank.books.movements import moved
from timebank.clock import month_of, next_month
from timebank.db import db
from timebank.leafing import Leaf, leaf
from timebank.ledger import queries as ledger
from timebank.ledger.models import Account
from timebank.papers.facts import Moved
from timebank.places.models import Community
from timebank.places.tenancy import of_community
from timebank.proposals import carriers
from timebank.proposals import queries as proposals
from timebank.proposals.models import Kind
from timebank.records import changes
from timebank.records.changes import Change
from timebank.records.older import NONE, Older, accepted
from timebank.records.totals import COUNTS, FIRST_DAY, GIVEN, ON_DUTY, UNPAID, _between, _records_of, entered_of, minutes_of, records_of
from timebank.sentences import Pair, Sentence, the_day
from timebank.visits import afterwards, registers
from timebank.visits.closing import MonthClose, as_known_by, close_of, issue_day
from timebank.visits.deadlines import until_after
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

RULES = (Kind.CREDIT_RULES, Kind.STAR_RULE, Kind.RECORD_RULES)


@dataclass(frozen=True, slots=True)
class Month:
    """One volunteer's month in both books; ``was`` says what records that count for nothing any more once counted for.

    ``corrections`` are those made in it of months that were closed before, ``since`` those of its own made since it was closed.
    What was done ``on_duty``, as paid staff, and what ``older`` systems recorded, stands beside and in no sum.
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
    older: Older = NONE

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
        older=accepted(volunteer, FIRST_DAY, end),
    )


def rules_changed(community_id: int, start: date, end: date) -> tuple[Pair, ...]:
    """Return which rules two people changed on the days from ``start`` up to, but not with, ``end``, and the grants above the usual one."""
    done = proposals.carried_out(community_id, (*RULES, Kind.GRANT), clock.at(start, 0), clock.at(end, 0))
    said = []
    for each in (row for row in done if row.kind in RULES):
        shown = carriers.of(each.kind).show(each)
        changes = [
            Sentence("%(name)s %(before)s → %(after)s", name=each.name, before=each.before, after=each.after) for each in shown.changes
        ]
        day = (each.decided_at or each.proposed_at).astimezone(clock.ZONE)
        said.append(Sentence("%(day)s起改了%(title)s：%(changes)s", day=the_day(day.date()), title=shown.title, changes=changes))
    grants = sum(1 for row in done if row.kind is Kind.GRANT)
    if grants:
        said.append(Sentence("本月有 %(grants)s 笔超过默认数的补助，都经两人核准", grants=grants))
    return tuple(said)


def _once_counted(record: ServiceRecord) -> int:
    """Return the minutes a record counted for before it was set to nothing."""
    return next((each.minutes for each in reversed(registers.versions_of(record)) if each.minutes > 0 and each.id < record.id), 0)


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
    return [Standing(*row) for row in db.session.execute(_standings(community_id, month, search))]


def standings_on(page: int, community_id: int | None, month: date, search: str = "") -> Leaf[Standing]:
    """Return one page of them."""
    found = leaf(_standings(community_id, month, search), page)
    return replace(found, rows=[Standing(*row) for row in found.rows])


def _standings(community_id: int | None, month: date, search: str) -> Select[Any]:
    """Return the statement that reads them."""
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
        .where(*of_community(Volunteer.community_id, community_id))
        .group_by(Volunteer.id, Account.balance)
        .order_by(Volunteer.sort_key, Volunteer.id)
    )
    if search:
        rows = rows.where(Volunteer.name.contains(search, autoescape=True) | Volunteer.number.contains(search, autoescape=True))
    return rows


def hours_behind(lines: Sequence[ledger.Line]) -> dict[int, int]:
    """Return which record each credit of an account belongs to, by the number of the transfer; what was done elsewhere is not ours."""
    behind = (ServiceRecord.transfer_seq.in_([line.seq for line in lines]), ServiceRecord.community_id == Volunteer.community_id)
    rows = db.session.execute(select(ServiceRecord.transfer_seq, ServiceRecord.id).join(ServiceRecord.volunteer).where(*behind))
    return {seq: record for seq, record in rows if seq is not None}


def with_service(community_id: int, month: date) -> Sequence[Volunteer]:
    """Return who has service on record in a month, in the order of a register."""
    return db.session.scalars(_served(community_id, month).order_by(Volunteer.sort_key, Volunteer.id)).all()


def how_many_served(community_id: int, month: date) -> int:
    """Return how many they are."""
    return db.session.scalar(select(func.count()).select_from(_served(community_id, month).subquery())) or 0


def _served(community_id: int, month: date) -> Select[Volunteer]:
    """Return the statement that reads who has service on record in a month."""
    inside = (GIVEN, ServiceRecord.day >= month_of(month), ServiceRecord.day < next_month(month))
    served = select(ServiceRecord.volunteer_id).where(*inside)
    return select(Volunteer).where(Volunteer.community_id == community_id, Volunteer.id.in_(served))
