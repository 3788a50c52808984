"""Objections to a record: within thirty days of its statement, answered within five working days, in a new version where it was wrong."""

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Pair
from timebank.proposals.models import Kind, Proposal
from timebank.records import queries
from timebank.records.hands import refuse_partial
from timebank.records.models import Objection, Origin
from timebank.records.workdays import answer_due
from timebank.visits import registers
from timebank.visits.actions import correcting
from timebank.visits.actions.correcting import may_correct, may_grow, new_version, subject_of
from timebank.visits.actions.telling import tell_answered
from timebank.visits.deadlines import OBJECTION_DAYS, objection_until
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


def object_to(record: ServiceRecord, volunteer: Volunteer, words: str) -> Objection:
    """Say that a record of one's own is wrong; somebody answers within five working days."""
    if record.volunteer_id != volunteer.id:
        raise NotAllowed("只能对自己的记录提出异议。", "You can only object to your own record.")
    if clock.today() > objection_until(record):
        until = objection_until(record)
        raise Conflict(
            f"对账单出来后 {OBJECTION_DAYS} 天内可以提异议，这条记录到 {until.isoformat()} 为止。现在请直接找服务站核对。",
            f"A record can be objected to within {OBJECTION_DAYS} days of its statement, this one until {until.isoformat()}. Ask the station to check it.",
        )
    if any(each.answered_at is None for each in queries.objections_to(record)):
        raise Conflict(
            "这条记录已有一个异议在处理，有答复会告诉你。",
            "An objection to this record is open already; you will hear of the answer.",
        )
    return _open(record, words, Origin.VOLUNTEER)


def question(record: ServiceRecord, words: str, origin: Origin) -> Objection:
    """Open an objection from the office, after a call-back or a finding; one that is open already is joined."""
    current = registers.versions_of(record)[-1]
    still_open = [each for each in queries.objections_to(current) if each.answered_at is None]
    return still_open[0] if still_open else _open(current, words, origin)


def _open(record: ServiceRecord, words: str, origin: Origin) -> Objection:
    """Write an objection down with the day by which it is answered."""
    if not words.strip():
        raise Invalid(
            "请写一句哪里不对。",
            "Say in a sentence what is wrong.",
            fields={"words": ("请写一句哪里不对。", "Say in a sentence what is wrong.")},
        )
    said = Objection(
        community_id=record.community_id,
        record_id=record.id,
        words=words.strip(),
        origin=origin,
        raised_at=clock.now(),
        due=answer_due(),
    )
    db.session.add(said)
    db.session.flush()
    audit.record("object", "service_record", record.id, objection=said.id, origin=origin.value)
    return said


def answer(objection: Objection, words: str, by: User, minutes: int | None = None) -> Proposal | None:
    """Answer an objection; fewer minutes become a new version of the record, more wait for a second person, and the answer with them.

    What the office itself has found is not answered by whoever had a hand in the record: that would clear it after all.
    """
    if objection.answered_at is not None:
        raise Conflict("这个异议已经答复过了。", "This objection has been answered already.")
    if not words.strip():
        raise Invalid("请写明核对的结果。", "Say what was found.", fields={"words": ("请写明核对的结果。", "Say what was found.")})
    current = registers.versions_of(objection.record)[-1]
    if db.session.get_one(Volunteer, current.volunteer_id).user_id == by.id:
        raise Conflict("不能答复对自己记录的异议，请另一位同事来核对。", "You cannot answer about your own record. Ask a colleague.")
    if (why := why_not_answer(objection, by)) is not None:
        raise Conflict(*why)
    if objection.origin is not Origin.VOLUNTEER:
        refuse_partial(by, current)
    if minutes is not None and minutes > current.minutes:
        may_correct(current, minutes, words, by)
        may_grow(current, minutes)
        terms = {"minutes": minutes, "before": current.minutes, "objection": objection.id}
        return proposals.propose(Kind.ANSWER, current.community_id, subject_of(current), terms, by, reason=words)
    if minutes is not None and minutes != current.minutes:
        may_correct(current, minutes, words, by)
        objection.newer_id = new_version(current, minutes, words, by).id
    _answered(objection, words, by)
    return None


def why_not_answer(objection: Objection, by: User) -> Pair | None:
    """Return why somebody does not answer an objection, in both languages: it is to their own correction, made alone or with a colleague."""
    if by.id not in correcting.correctors_of(objection.record, objection.raised_at):
        return None
    return (
        "这条记录是你更正的，对它的异议要由另一位同事答复；没有同事的请管理员答复。",
        "You corrected this record, so somebody else answers about it. Ask a colleague, or the administrator if there is none.",
    )


def _answered(objection: Objection, words: str, by: User) -> None:
    """Note the answer and by whom it was given; the volunteer is told, where no correction has told them already."""
    objection.answer, objection.answered_at, objection.answered_by = words.strip(), clock.now(), by.id
    audit.record("answer", "objection", objection.id, newer=objection.newer_id)
    if objection.newer_id is None:
        tell_answered(registers.versions_of(objection.record)[-1])


def _carry(proposal: Proposal, by: User | None) -> None:
    """Answer as was asked, with the version two people stand for; Conflict when it was answered meanwhile."""
    objection = db.session.get_one(Objection, proposal.terms["objection"])
    if objection.answered_at is not None:
        raise Conflict("这个异议已经答复过了。", "This objection has been answered already.")
    objection.newer_id = correcting.carry(proposal, by).id
    _answered(objection, proposal.reason, proposal.proposer)


carriers.register(Kind.ANSWER, Carrier(_carry, correcting.show, correcting.why_not_decide))
