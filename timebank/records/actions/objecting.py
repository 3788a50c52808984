"""Objections to a record: within thirty days of its statement, answered within five working days, in a new version where it was wrong."""

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.audit import AuditRow, hand_in
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier
from timebank.proposals.models import Kind, Proposal
from timebank.records import queries
from timebank.records.hands import Hands
from timebank.records.models import Objection, Origin
from timebank.records.workdays import answer_due
from timebank.sentences import Pair, Sentence
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
        raise NotAllowed("只能对自己的记录提出异议。")
    if clock.today() > objection_until(record):
        until = objection_until(record)
        raise Conflict(
            "对账单出来后 %(objection_days)s 天内可以提异议，这条记录到 %(isoformat)s 为止。现在请直接找服务站核对。",
            objection_days=OBJECTION_DAYS,
            isoformat=until.isoformat(),
        )
    if any(each.answered_at is None for each in queries.objections_to(record)):
        raise Conflict("这条记录已有一个异议在处理，有答复会告诉你。")
    return _open(record, words, Origin.VOLUNTEER)


def question(record: ServiceRecord, words: str, origin: Origin) -> Objection:
    """Open an objection from the office, after a call-back or a finding; one that is open already is joined.

    What is joined holds these words too and is the office's from now on, so that whoever may not answer this may not answer it there.
    """
    current = registers.versions_of(record)[-1]
    still_open = [each for each in queries.objections_to(current) if each.answered_at is None]
    if not still_open:
        return _open(current, words, origin)
    joined = still_open[0]
    _must_be_open(joined)
    joined.words = f"{joined.words}\n{words.strip()}"
    if joined.origin is Origin.VOLUNTEER:
        joined.origin = origin
    db.session.flush()
    audit.record("join", "objection", joined.id, origin=origin.value)
    return joined


def _open(record: ServiceRecord, words: str, origin: Origin) -> Objection:
    """Write an objection down with the day by which it is answered."""
    if not words.strip():
        raise wrong("words", "请写一句哪里不对。")
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

    What the office has found, or has written in the volunteer's name, is not answered by whoever had a hand in the record: that would
    clear it after all.
    """
    _must_be_open(objection)
    if not words.strip():
        raise wrong("words", "请写明核对的结果。")
    current = registers.versions_of(objection.record)[-1]
    if db.session.get_one(Volunteer, current.volunteer_id).user_id == by.id:
        raise Conflict("不能答复对自己记录的异议，请另一位同事来核对。")
    if (why := why_not_answer(objection, by)) is not None:
        raise Conflict(why)
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
    """Return why somebody does not answer an objection, in both languages; None when they may.

    It is to their own correction, made alone or with a colleague; or they had a hand in the record, and it is not the volunteer's own word.
    """
    if any(one_hand.is_one(each, by) for each in correcting.correctors_of(objection.record, objection.raised_at)):
        return Sentence("这条记录是你更正的，对它的异议要由另一位同事答复；没有同事的请管理员答复。")
    if objection.origin is Origin.VOLUNTEER and not _is_by_the_desk(objection):
        return None
    current = registers.versions_of(objection.record)[-1]
    return Hands(current.community_id, [current]).way(by, current)


def _is_by_the_desk(objection: Objection) -> bool:
    """Say whether somebody else than its volunteer wrote an objection down."""
    rows = select(AuditRow).where(
        AuditRow.verb == "object", AuditRow.subject == "service_record", AuditRow.subject_id == str(objection.record_id)
    )
    writers = [hand_in(each) for each in db.session.scalars(rows) if each.detail.get("objection") == objection.id]
    return any(each is not None and each != objection.record.volunteer.user_id for each in writers)


def _must_be_open(objection: Objection) -> None:
    """Refuse to answer twice, also when somebody answered, or a call-back joined, a moment ago."""
    db.session.execute(select(Objection.id).where(Objection.id == objection.id).with_for_update())
    db.session.refresh(objection)
    if objection.answered_at is not None:
        raise Conflict("这个异议已经答复过了。")


def _answered(objection: Objection, words: str, by: User) -> None:
    """Note the answer and by whom it was given; the volunteer is told, where no correction has told them already."""
    objection.answer, objection.answered_at, objection.answered_by = words.strip(), clock.now(), by.id
    audit.record("answer", "objection", objection.id, newer=objection.newer_id)
    if objection.newer_id is None:
        tell_answered(registers.versions_of(objection.record)[-1])


def _carry(proposal: Proposal, by: User | None) -> None:
    """Answer as was asked, with the version two people stand for.

    Conflict when it was answered meanwhile, or a call-back has joined it that whoever asked may not answer.
    """
    objection = db.session.get_one(Objection, proposal.terms["objection"])
    _must_be_open(objection)
    if (why := why_not_answer(objection, proposal.proposer)) is not None:
        raise Conflict(why)
    objection.newer_id = correcting.carry(proposal, by).id
    _answered(objection, proposal.reason, proposal.proposer)


carriers.register(Kind.ANSWER, Carrier(_carry, correcting.show, correcting.why_not_decide))
