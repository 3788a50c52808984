"""Verbs of what an older system recorded: rows are noted, then a second person accepts or refuses them together."""

from sqlalchemy import delete, select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.records import older
from timebank.records.models import OlderBatch, OlderService
from timebank.sentences import Pair, Sentence
from timebank.visits.actions import kin
from timebank.volunteers.models import Volunteer


def open_batch(community_id: int, system: str) -> OlderBatch:
    """Return the batch that rows of a system go into: the one of the same person that still waits, else a new one."""
    by = audit.first_hand()
    whose = OlderBatch.noted_by.is_(None) if by is None else OlderBatch.noted_by == by
    waiting = select(OlderBatch).where(
        OlderBatch.community_id == community_id, OlderBatch.system == system, OlderBatch.decided_by.is_(None), whose
    )
    found = db.session.scalars(waiting).first()
    if found is None:
        found = OlderBatch(community_id=community_id, system=system, noted_at=clock.now(), noted_by=by)
        db.session.add(found)
        db.session.flush()
    return found


def accept(batch: OlderBatch, by: User, seen: str) -> None:
    """Accept the rows of a batch as they were ``seen``, by their digest: they stand from now on, and nobody changes them any more."""
    _must_wait(batch)
    _may_decide(batch, by)
    if seen != older.digest_of(batch):
        raise Conflict("您看过以后，这一批又变了，还没有收下。请回到这一批的页面，重新看一遍再收。")
    batch.accepted_at, batch.decided_by = clock.now(), by.id
    db.session.flush()
    audit.record("accept", "older_batch", batch.id)


def refuse(batch: OlderBatch, by: User, reason: str) -> None:
    """Refuse the rows of a batch, for a reason that stays; the rows go, and may be handed in again."""
    _must_wait(batch)
    _may_decide(batch, by)
    if not reason.strip():
        raise wrong("reason", "请写为什么不收。")
    db.session.execute(delete(OlderService).where(OlderService.batch_id == batch.id))
    batch.refused_at, batch.decided_by, batch.reason = clock.now(), by.id, reason.strip()
    audit.record("refuse", "older_batch", batch.id)


def why_not(batch: OlderBatch, by: User) -> Pair | None:
    """Return why somebody may not decide on a batch, in both languages; None when they may."""
    if batch.noted_by == by.id:
        return Sentence("是你导入的，要由另一位同事来收。")
    if (no_two := one_hand.why_one(batch.noted_by, by)) is not None:
        return no_two
    whose = select(Volunteer).where(Volunteer.id.in_(select(OlderService.volunteer_id).where(OlderService.batch_id == batch.id)))
    return next((why for each in db.session.scalars(whose) if (why := kin.why_not(by, each)) is not None), None)


def _must_wait(batch: OlderBatch) -> None:
    """Refuse to decide twice, also when somebody else decided a moment ago."""
    db.session.execute(select(OlderBatch.id).where(OlderBatch.id == batch.id).with_for_update())
    db.session.refresh(batch)
    if not batch.waits:
        raise Conflict("这一批已经有人定过了，请刷新页面再看。")


def _may_decide(batch: OlderBatch, by: User) -> None:
    """Refuse to decide on what one handed in oneself, or has a part in."""
    if (why := why_not(batch, by)) is not None:
        raise Conflict(why)
