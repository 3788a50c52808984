"""Taps that came late and did not fit: kept with both sides, insisted on by whoever made them, settled by a coordinator."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.masking import mask_name
from timebank.db import db
from timebank.errors import Conflict, Invalid, Refusal
from timebank.sentences import Sentence
from timebank.visits.actions import telling
from timebank.visits.mismatches import Deed, Mismatch, mismatches_of
from timebank.visits.models import Offer, OfferState, Outcome
from timebank.visits.states import LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """One tap as a phone kept it: its own key, what it said and when it was made."""

    key: str
    deed: Deed
    at: datetime
    outcome: Outcome | None = None
    note: str = ""


def keep(made: Offer, tap: Tap, refused: Refusal) -> Mismatch:
    """Keep a tap that was refused when it came, once; the coordinators hear of the first that waits of somebody."""
    known = db.session.scalar(select(Mismatch).where(Mismatch.volunteer_id == made.volunteer_id, Mismatch.key == tap.key))
    if known is not None:
        return known
    first = not any(each.settled_at is None for each in mismatches_of(made.volunteer))
    zh, en = _why(made, refused)
    kept = Mismatch(
        community_id=made.visit.community_id,
        volunteer_id=made.volunteer_id,
        offer_id=made.id,
        key=tap.key,
        deed=tap.deed,
        outcome=tap.outcome,
        note=tap.note.strip() or None,
        at=tap.at,
        told_at=clock.now(),
        why_zh=zh,
        why_en=en,
    )
    db.session.add(kept)
    db.session.flush()
    audit.record("keep", "mismatch", kept.id, offer=made.id, deed=tap.deed.value)
    if first:
        telling.tell_mismatch(made)
    return kept


def _why(made: Offer, refused: Refusal) -> tuple[str, str]:
    """Return why a tap does not fit: since when it is whose, where it is not the volunteer's any more, else the refusal's own words."""
    if made.state in LIVE or made.over_at is None:
        return refused.zh, refused.en
    since = made.over_at.strftime("%H:%M" if made.over_at.date() == made.day else "%m-%d %H:%M")
    others = [each for each in made.visit.offers if each.state in LIVE and each.volunteer_id != made.volunteer_id]
    if not others:
        return Sentence("%(since)s 已经收回，不用去了。", since=since)
    who = mask_name(others[0].volunteer.name)
    if others[0].state is OfferState.ACCEPTED:
        return Sentence("%(since)s 已经改给%(who)s。", since=since, who=who)
    return Sentence("%(since)s 已经改请%(who)s。", since=since, who=who)


def insist(mismatch: Mismatch) -> None:
    """Say that a tap is true all the same; saying it again changes nothing."""
    if mismatch.settled_at is not None:
        raise Conflict("这一条已经有结果了。还有不对，请打电话给服务站。")
    if mismatch.insisted_at is None:
        mismatch.insisted_at = clock.now()
        audit.record("insist", "mismatch", mismatch.id)


def settle(mismatch: Mismatch, by: int, result: str) -> None:
    """Close a mismatch with what was found; what was really done is entered by hand, as ever by two people."""
    if not result.strip():
        raise Invalid("请写一句结果，再点办完了。", fields={"result": Sentence("请写结果")})
    if mismatch.settled_at is None:
        mismatch.settled_at, mismatch.settled_by, mismatch.result = clock.now(), by, result.strip()
        audit.record("settle", "mismatch", mismatch.id)
