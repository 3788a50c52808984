"""Correcting a service record: a new version stands beside the old one, which nobody edits, and its credit follows.

The record never waits for the credit: minutes that are no longer on the account are taken back from where they went, else owed.
Fewer minutes take effect at once, with a reason; more of them wait for a second person, whoever asks and on whatever form.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.credit.actions import after_credit
from timebank.credit.owing import Correction, make_available
from timebank.db import db
from timebank.errors import Conflict, Invalid, wrong
from timebank.hours import DAY_AT_MOST
from timebank.ledger import actions as ledger
from timebank.ledger import claims
from timebank.ledger.models import Transfer, correction_source
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import agreed_on
from timebank.sentences import Pair, Sentence, the_day
from timebank.visits.actions.confirming import credit, credited_minutes, must_fit_day, source_of
from timebank.visits.actions.kin import why_not
from timebank.visits.actions.particulars import must_be_apart, second_person
from timebank.visits.actions.telling import tell_corrected, tell_owing
from timebank.visits.models import ServiceRecord, Trust
from timebank.visits.registers import versions_of
from timebank.volunteers.models import Volunteer

KEPT = (
    "community_id", "volunteer_id", "visit_id", "round_id", "entry_id", "duty_id", "kind_id", "day", "started_at",
    "planned_minutes", "doors", "activity", "place", "unit", "responsible", "paid", "collective", "unit_id", "teams",
)  # fmt: skip


corrected: list[Callable[[ServiceRecord], None]] = []
"""What else is done when a record has a new version; a room above that builds on hours adds itself here."""


def correct(record: ServiceRecord, minutes: int, reason: str, by: User) -> ServiceRecord | Proposal:
    """Correct a record's minutes; return its new version, or for more minutes than stand what now waits for a second person."""
    may_correct(record, minutes, reason, by)
    if minutes <= record.minutes:
        return new_version(record, minutes, reason, by)
    may_grow(record, minutes)
    terms = {"minutes": minutes, "before": record.minutes}
    return proposals.propose(Kind.CORRECTION, record.community_id, subject_of(record), terms, by, reason=reason)


def subject_of(record: ServiceRecord) -> str:
    """Return how a proposal names a record: by its first version, so that two about one record never wait at once."""
    return f"record:{versions_of(record)[0].id}"


def correctors_of(record: ServiceRecord, before: datetime) -> set[int]:
    """Return who had corrected a record before an instant, alone or as one of two."""
    alone = {each.confirmed_by for each in versions_of(record) if each.version > 1 and each.created_at <= before}
    together = {each.proposed_by for each in agreed_on(subject_of(record)) if each.decided_at is not None and each.decided_at <= before}
    return {who for who in alone if who is not None} | together


def latest(proposal: Proposal) -> ServiceRecord:
    """Return the version that stands now of the record a proposal is about."""
    return versions_of(db.session.get_one(ServiceRecord, proposal.about))[-1]


def carry(proposal: Proposal, by: User | None) -> ServiceRecord:
    """Write the version that two people stand for; Conflict when the record has changed since it was asked for."""
    record, terms = latest(proposal), proposal.terms
    if record.minutes != terms["before"]:
        raise Conflict(
            "提请以后这条记录改过了，现在是 %(record_minutes)s 分钟。请不同意这一件，按现在的再提。", record_minutes=record.minutes
        )
    may_correct(record, terms["minutes"], proposal.reason, by)
    may_grow(record, terms["minutes"])
    return new_version(record, terms["minutes"], proposal.reason, proposal.proposer, second=by)


def new_version(record: ServiceRecord, minutes: int, reason: str, by: User, second: User | None = None) -> ServiceRecord:
    """Write the new version and tell the volunteer: the old one stays, its credit is reversed, the new one is credited.

    Its end moves with its minutes.
    """
    approver = f"user:{second.id}" if second is not None else second_person(record, minutes, by.id)
    record.current = False
    db.session.flush()
    newer = ServiceRecord(
        **{name: getattr(record, name) for name in KEPT},
        ended_at=_end(record, minutes),
        version=record.version + 1,
        minutes=minutes,
        trust=_trust(record, second),
        confirmed_by=one_hand.maker(second or by),
        word_of=record.word_of if second is None else None,
        created_at=clock.now(),
        reason=reason.strip(),
    )
    db.session.add(newer)
    db.session.flush()
    _credit_again(record, newer, by, approver)
    audit.record("correct", "service_record", newer.id, before=record.minutes, after=minutes)
    tell_corrected(record, newer)
    if (left := owed_for(newer)) > 0:
        tell_owing(newer, left)
    for follow in corrected:
        follow(newer)
    return newer


def owed_for(record: ServiceRecord) -> int:
    """Return the minutes that its volunteer still owes because of this version of a record."""
    mine = claims.claims(account=record.volunteer.account_id, sources=[correction_source(record.id)])
    return sum(each.open for each in mine)


def _trust(record: ServiceRecord, second: User | None) -> Trust:
    """Return the mark of a new version: two people's for ever once there were two, as of an entry; else the desk's."""
    return Trust.TWO_PERSONS if second is not None or record.trust is Trust.TWO_PERSONS else Trust.DESK


def _end(record: ServiceRecord, minutes: int) -> datetime:
    """Return when a record ends that has other minutes: as much later or earlier; what counts for nothing keeps its times."""
    if minutes < 1:
        return record.ended_at
    moved = record.ended_at + timedelta(minutes=minutes - record.minutes)
    return max(moved, record.started_at + timedelta(minutes=minutes))


def _credit_again(older: ServiceRecord, newer: ServiceRecord, by: User, approver: str | None) -> None:
    """Make a corrected record's credit what it should be: reversed and posted anew, also when it is gone.

    Fewer minutes of what was never credited are not credited either, nor ever with more than before, whatever the rules have become.
    """
    if older.transfer_seq is None and newer.minutes <= older.minutes:
        return
    volunteer = db.session.get_one(Volunteer, newer.volunteer_id)
    kind = db.session.get_one(ServiceKind, newer.kind_id)
    if older.transfer_seq is None:
        credit(newer, volunteer, kind, by)
        return
    posted, minutes = db.session.get_one(Transfer, older.transfer_seq), credited_minutes(newer, kind)
    if newer.minutes <= older.minutes:
        minutes = min(minutes, posted.minutes)
    source, actor, reason = source_of(newer), f"user:{by.id}", f"record:{older.id}"
    if minutes < posted.minutes:
        credits_ = tuple(each.transfer_seq for each in versions_of(newer) if each.transfer_seq is not None)
        make_available(posted, posted.minutes - minutes, Correction(correction_source(newer.id), credits_, actor, reason))
    if minutes < 1:
        ledger.reverse(posted, actor, reason)
        return
    transfer = ledger.correct(posted, minutes, source=source, reason=reason, idem=("record", source), actor=actor, approver=approver)
    newer.transfer_seq = transfer.seq
    after_credit(volunteer, transfer)


def may_grow(record: ServiceRecord, minutes: int) -> None:
    """Refuse more minutes than a day holds, than there is time before the next record, midnight or now, and of what was entered by hand."""
    second_person(record, minutes, 0)
    ends = _end(record, minutes)
    if ends > clock.at(record.day, 24 * 60) or ends > clock.now():
        raise wrong("minutes", "这样要到 %(ends)s 才结束，过了零点或者还没到。请核对分钟数。", ends=f"{ends:%H:%M}")
    volunteer = db.session.get_one(Volunteer, record.volunteer_id)
    rides = None if record.duty_id is not None else record.round_id is not None
    must_be_apart(volunteer, record.started_at, ends, is_round=rides, but=record)
    must_fit_day(volunteer, record.day, minutes - record.minutes, Trust.TWO_PERSONS)


def may_correct(record: ServiceRecord, minutes: int, reason: str, by: User | None) -> None:
    """Refuse a correction that is late, wordless, out of bounds, or by somebody with a part in it; of two at one moment the second."""
    db.session.execute(select(ServiceRecord.id).where(ServiceRecord.id == record.id).with_for_update())
    db.session.refresh(record)
    if not record.current:
        raise Conflict("这条记录已经更正过了，请打开最新的一版。")
    if not reason.strip():
        raise Invalid("请写更正的原因，它会一直留在记录上。", fields={"reason": Sentence("请写原因")})
    if not 0 <= minutes <= DAY_AT_MOST:
        raise wrong("minutes", "分钟数要在 0 到 %(day_at_most)s 之间。", day_at_most=DAY_AT_MOST)
    if by is not None and (why := bar(record, by)) is not None:
        raise Conflict(why)


def bar(record: ServiceRecord, by: User) -> Pair | None:
    """Return why somebody has no say about a record, in both languages: it is their own, or their family's."""
    owner = db.session.get_one(Volunteer, record.volunteer_id)
    if owner.user_id == by.id:
        return Sentence("不能更正自己的服务记录，请另一位同事来改。")
    if why_not(by, owner, record.visit, but_by=(record.confirmed_by, record.word_of)) is not None:
        return Sentence("不能更正亲属的服务记录，请另一位同事来改。")
    return None


def show(proposal: Proposal) -> Shown:
    """Return a correction in words."""
    record, terms = latest(proposal), proposal.terms
    name, day = record.volunteer.name, record.day
    return Shown(
        Sentence("%(name)s %(day)s %(activity)s：多记分钟", name=name, day=the_day(day), activity=(record.activity, record.kind.name_en)),
        (Change(Sentence.of("visits", "分钟"), *((str(terms[key]), str(terms[key])) for key in ("before", "minutes"))),),
    )


def why_not_decide(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide on a correction."""
    return bar(latest(proposal), by)


def _carried(proposal: Proposal, by: User | None) -> None:
    """Carry a correction out."""
    carry(proposal, by)


carriers.register(Kind.CORRECTION, Carrier(_carried, show, why_not_decide))
