"""Offers: a plan asks, it never orders. A volunteer accepts, or declines at no cost; the desk may answer for somebody."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.visits.actions import paying
from timebank.visits.models import Offer, OfferState, Round, Trust, Visit, VisitState
from timebank.volunteers.models import Volunteer

ANSWER_HOURS = 24
LATEST_ANSWER_HOURS = 2
LIVE = (OfferState.SENT, OfferState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When a volunteer is asked to come; for a meal also the window of the round and its first pick-up."""

    day: date
    start: int
    window: int
    pickup: int | None = None
    why_zh: str = ""
    why_en: str = ""


def offer(visit: Visit, volunteer: Volunteer, slot: Slot) -> Offer:
    """Ask a volunteer to serve a visit at a time."""
    if visit.state in {VisitState.DONE, VisitState.CONFIRMED, VisitState.CANCELLED, VisitState.UNDER_WAY}:
        raise Conflict("这一件已经在进行或已经结束，不能再邀请别人。", "This visit is under way or over; nobody else can be asked.")
    sent = clock.now()
    latest = clock.at(slot.day, slot.start) - timedelta(hours=LATEST_ANSWER_HOURS)
    made = Offer(
        visit=visit,
        volunteer_id=volunteer.id,
        round=_round(visit, volunteer, slot),
        day=slot.day,
        start=slot.start,
        why_zh=slot.why_zh,
        why_en=slot.why_en,
        sent_at=sent,
        deadline=max(sent, min(sent + timedelta(hours=ANSWER_HOURS), latest)),
        state=OfferState.SENT,
    )
    db.session.add(made)
    visit.day, visit.start = slot.day, slot.start
    settle_visit(visit)
    db.session.flush()
    audit.record("offer", "offer", made.id, visit=visit.id, volunteer=volunteer.id)
    return made


def _round(visit: Visit, volunteer: Volunteer, slot: Slot) -> Round | None:
    """Return the meal round a visit belongs to, made with its first meal."""
    if visit.canteen_id is None or slot.pickup is None:
        return None
    found = db.session.scalars(
        select(Round).where(Round.volunteer_id == volunteer.id, Round.day == slot.day, Round.window == slot.window)
    ).first()
    if found is None:
        found = Round(
            community_id=visit.community_id,
            volunteer_id=volunteer.id,
            canteen_id=visit.canteen_id,
            day=slot.day,
            window=slot.window,
            pickup=slot.pickup,
        )
        db.session.add(found)
    found.pickup = min(found.pickup, slot.pickup)
    return found


def settle_visit(visit: Visit) -> None:
    """Set a visit's state from its live offers, open without any, accepted when the whole crew has; what it costs follows."""
    live = [each for each in visit.offers if each.state in LIVE]
    accepted = [each for each in live if each.state is OfferState.ACCEPTED]
    if not live:
        visit.state, visit.day, visit.start = VisitState.OPEN, None, None
    elif len(accepted) >= visit.crew:
        visit.state = VisitState.ACCEPTED
    else:
        visit.state = VisitState.OFFERED
    paying.keep(visit)


def withdraw(made: Offer, reason: str) -> None:
    """Take an offer back before the visit has begun."""
    if made.state not in LIVE:
        return
    if made.started_at is not None:
        raise Conflict("这一件已经开始，不能撤回邀约。", "This visit has begun; the offer cannot be taken back.")
    made.state = OfferState.WITHDRAWN
    made.reason = reason
    if made.visit.state in {VisitState.OFFERED, VisitState.ACCEPTED}:
        settle_visit(made.visit)
    audit.record("withdraw", "offer", made.id, visit=made.visit_id)


def accept(made: Offer, trust: Trust = Trust.CODE) -> None:
    """Accept an offer; accepting again changes nothing. What somebody without a phone accepted and did, the desk may enter afterwards."""
    if made.state is OfferState.ACCEPTED:
        return
    if made.state is not OfferState.SENT:
        raise Conflict(
            "这项邀约已经撤回或婉拒了，不用再去。回到今天看最新安排。", "This offer was withdrawn or declined. See today for the latest."
        )
    if clock.at(made.day, made.start) < clock.now() and trust is not Trust.DESK:
        raise Conflict(
            "约定的时间已经过了，不能再接受。请打电话给服务站。",
            "The agreed time is past, so it cannot be accepted. Please call the station.",
        )
    _answer(made, OfferState.ACCEPTED, trust)
    settle_visit(made.visit)
    audit.record("accept", "offer", made.id, visit=made.visit_id)


def decline(made: Offer, reason: str, trust: Trust = Trust.CODE) -> None:
    """Decline an offer, also after having accepted it; the visit goes back to the coordinator."""
    if made.state is OfferState.DECLINED:
        return
    if made.state not in LIVE:
        raise Conflict("这项邀约已经撤回了，不用再答复。", "This offer was withdrawn; no answer is needed.")
    if made.started_at is not None or made.visit.state is VisitState.UNDER_WAY:
        raise Conflict(
            "这一件已经开始了。有情况请点“有情况”，或打电话给服务站。",
            'This visit has begun. Use "Something is wrong", or call the station.',
        )
    _answer(made, OfferState.DECLINED, trust)
    made.reason = reason.strip()
    settle_visit(made.visit)
    audit.record("decline", "offer", made.id, visit=made.visit_id)


def _answer(made: Offer, state: OfferState, trust: Trust) -> None:
    """Note an answer, by whom it was given and when."""
    made.state = state
    made.answered_by = trust
    made.answered_at = clock.now()
