"""Correcting a service record: a new version stands beside the old one, which nobody edits, and its credit follows."""

from timebank import audit, clock
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.credit.actions import keep_cap
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.ledger import actions as ledger
from timebank.ledger.models import Transfer
from timebank.visits.actions.confirming import credit, credited_minutes, source_of
from timebank.visits.actions.kin import is_kin
from timebank.visits.actions.particulars import DAY_AT_MOST, second_person
from timebank.visits.models import ServiceRecord, Trust
from timebank.volunteers.models import Volunteer

KEPT = (
    "community_id", "volunteer_id", "visit_id", "round_id", "entry_id", "kind_id", "day", "started_at", "ended_at", "planned_minutes",
    "doors", "activity", "place", "unit", "responsible",
)  # fmt: skip


def correct(record: ServiceRecord, minutes: int, reason: str, by: User) -> ServiceRecord:
    """Correct a record's minutes: the old version stays, its credit is reversed, a new version is credited."""
    _may_correct(record, minutes, reason, by)
    approver = second_person(record, minutes, by.id)
    record.current = False
    db.session.flush()
    newer = ServiceRecord(
        **{name: getattr(record, name) for name in KEPT},
        version=record.version + 1,
        minutes=minutes,
        trust=record.trust if record.entry_id else Trust.DESK,
        confirmed_by=by.id,
        created_at=clock.now(),
        reason=reason.strip(),
    )
    db.session.add(newer)
    db.session.flush()
    _credit_again(record, newer, by, approver)
    audit.record("correct", "service_record", newer.id, before=record.minutes, after=minutes)
    return newer


def _credit_again(older: ServiceRecord, newer: ServiceRecord, by: User, approver: str | None) -> None:
    """Make a corrected record's credit what it should be: reversed and posted anew, also when it is partly spent."""
    volunteer = db.session.get_one(Volunteer, newer.volunteer_id)
    kind = db.session.get_one(ServiceKind, newer.kind_id)
    minutes = credited_minutes(newer, kind)
    if older.transfer_seq is None or minutes < 1:
        if older.transfer_seq is not None:
            ledger.reverse(db.session.get_one(Transfer, older.transfer_seq), actor=f"user:{by.id}", reason=f"record:{older.id}")
        credit(newer, volunteer, kind, by)
        return
    source = source_of(newer)
    posted = db.session.get_one(Transfer, older.transfer_seq)
    asked = ledger.Asked(idem=("record", source), actor=f"user:{by.id}", approver=approver)
    transfer = ledger.correct(posted, minutes, source=source, reason=f"record:{older.id}", **asked)
    newer.transfer_seq = transfer.seq
    keep_cap(volunteer, transfer)


def _may_correct(record: ServiceRecord, minutes: int, reason: str, by: User) -> None:
    """Refuse a correction that is late, wordless, out of bounds or of one's own hours."""
    if not record.current:
        raise Conflict("这条记录已经更正过了，请打开最新的一版。", "This record has been corrected already. Open its latest version.")
    if not reason.strip():
        raise Invalid(
            "请写更正的原因，它会一直留在记录上。",
            "Give the reason; it stays on the record.",
            fields={"reason": ("请写原因", "Give a reason")},
        )
    if not 0 <= minutes <= DAY_AT_MOST:
        raise Invalid(
            f"分钟数要在 0 到 {DAY_AT_MOST} 之间。",
            f"Minutes must be from 0 to {DAY_AT_MOST}.",
            fields={"minutes": ("超出范围", "Out of range")},
        )
    owner = db.session.get_one(Volunteer, record.volunteer_id)
    if owner.user_id == by.id:
        raise Conflict("不能更正自己的服务记录，请另一位同事来改。", "You cannot correct your own record. Ask a colleague.")
    if is_kin(by, owner):
        raise Conflict("不能更正亲属的服务记录，请另一位同事来改。", "You cannot correct your family's record. Ask a colleague.")
