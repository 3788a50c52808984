"""What the national system has to take back: reported records that say something else now, or count no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict
from timebank.records.reported import NationalReport
from timebank.visits.models import ServiceRecord

Now = aliased(ServiceRecord)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A number of the national system that no longer stands for what is on record: the version it was given, and today's."""

    report: NationalReport
    then: ServiceRecord
    now: ServiceRecord

    @property
    def is_gone(self) -> bool:
        """Whether the record counts no more, so that nothing is reported in its stead."""
        return not self.now.minutes


@dataclass(frozen=True, slots=True)
class Original:
    """Under which number an earlier version of a record was reported last, and whether it says something else now."""

    national_no: str
    corrected: bool


def pending(community_id: int, start: date | None = None, end: date | None = None) -> list[Withdrawal]:
    """Return what is to be withdrawn of a community's days, by day; what was corrected under its old number is done."""
    later, answer = aliased(ServiceRecord), aliased(NationalReport)
    in_place = exists().where(
        answer.record_id == later.id, same(later, ServiceRecord), later.version > ServiceRecord.version,
        answer.national_no == NationalReport.national_no,
    )  # fmt: skip
    elsewhere = exists().where(answer.record_id == Now.id, answer.national_no != NationalReport.national_no)
    rows = (
        select(NationalReport, ServiceRecord, Now)
        .join(ServiceRecord, ServiceRecord.id == NationalReport.record_id)
        .join(Now, and_(Now.current, same(Now, ServiceRecord)))
        .where(
            ServiceRecord.community_id == community_id,
            ServiceRecord.current.is_(False),
            NationalReport.withdrawn_at.is_(None),
            ~in_place,
            or_(Now.minutes != ServiceRecord.minutes, elsewhere),
        )
        .options(joinedload(Now.kind), joinedload(Now.volunteer))
        .order_by(ServiceRecord.day, ServiceRecord.id)
    )
    if start is not None and end is not None:
        rows = rows.where(ServiceRecord.day >= start, ServiceRecord.day <= end)
    return [Withdrawal(*row) for row in db.session.execute(rows)]


def originals_of(listed: Iterable[ServiceRecord]) -> dict[int, Original]:
    """Return under which number an earlier version of each of some records was reported last, where one was."""
    rows = (
        select(Now.id, NationalReport.national_no, Now.minutes != ServiceRecord.minutes)
        .select_from(NationalReport)
        .join(ServiceRecord, ServiceRecord.id == NationalReport.record_id)
        .join(Now, and_(same(Now, ServiceRecord), Now.version > ServiceRecord.version))
        .where(Now.id.in_([record.id for record in listed]))
        .order_by(ServiceRecord.version)
    )
    return {number: Original(national_no, bool(corrected)) for number, national_no, corrected in db.session.execute(rows)}


def note(found: Withdrawal, by: User) -> None:
    """Note that the national system has taken a number back."""
    found.report.withdrawn_at, found.report.withdrawn_by = clock.now(), by.id
    db.session.flush()
    audit.record("withdraw", "national_report", found.report.record_id)


def find(community_id: int, record_id: int) -> Withdrawal:
    """Return what is to be withdrawn of a record, by its reported version or by today's; Conflict when there is nothing."""
    found = next((each for each in pending(community_id) if record_id in (each.then.id, each.now.id)), None)
    if found is None:
        raise Conflict("R%(record_id)s 没有要撤销的编号：没有报送过，没有变，或者已经登记撤销了。请刷新页面再看。", record_id=record_id)
    return found


def same(one: type[ServiceRecord], other: type[ServiceRecord]) -> ColumnElement[bool]:
    """Say that two rows are versions of one record."""
    sources = ("visit_id", "round_id", "entry_id", "duty_id")
    same = [func.coalesce(getattr(one, name), 0) == func.coalesce(getattr(other, name), 0) for name in sources]
    return and_(one.volunteer_id == other.volunteer_id, one.day == other.day, *same)
