"""Offers: a plan asks, it never orders. A volunteer accepts, or declines at no cost; the desk may answer for somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict
from timebank.visits.actions import telling
from timebank.visits.actions.elsewhere import must_not_be_on_duty, none_on_duty
from timebank.visits.actions.moving import move, settle
from timebank.visits.models import Offer, OfferState, Round, Trust, Visit
from timebank.visits.promises import covers, promise_for
from timebank.visits.states import ENDED, LIVE, OFFERED, TO_COME, UNDER_WAY, Why
from timebank.volunteers.models import Volunteer

ANSWER_HOURS = 24
LATEST_ANSWER_HOURS = 2
AT_ONCE_MINUTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When a volunteer is asked to come; for a meal also the window it lies in and the pick-up of its trip."""

    day: date
    start: int
    window: int
    pickup: int | None = None
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to ask for which visit, and when."""

    visit: Visit
    volunteer: Volunteer
    slot: Slot

    @property
    def first(self) -> int:
        """The minute it takes the volunteer from."""
        return self.slot.start if self.slot.pickup is None else self.slot.pickup


def offer(visit: Visit, volunteer: Volunteer, slot: Slot, *, asked_by: User | None = None) -> Offer:
    """Ask a volunteer to serve a visit at a time; ``asked_by`` asks for somebody at once.

    Staff on duty need not answer, nor whoever has promised such a round for every week.
    """
    return offer_all([Wanted(visit, volunteer, slot)], asked_by=asked_by)[0]


def offer_all(wanted: Sequence[Wanted], *, asked_by: User | None = None) -> list[Offer]:
    """Ask several people at once, as ``offer`` asks one: what they are asked for is read and written together."""
    if any(each.visit.state not in TO_COME for each in wanted):
        raise Conflict("这一件已经在进行或已经结束，不能再邀请别人。")
    none_on_duty([(each.volunteer, each.slot.day, each.first, each.slot.start + each.visit.minutes) for each in wanted])
    trips = _trips(wanted)
    promised = {key for key, trip in trips.items() if promise_for(trip) is not None}
    agreed = [(key := _trip_key(each)) in promised and covers(trips[key], each.visit) for each in wanted]
    made = [_made(each, trips.get(_trip_key(each)), asked_by, promised=yes) for each, yes in zip(wanted, agreed, strict=True)]
    db.session.add_all(made)
    for each in made:
        each.visit.day, each.visit.start = each.day, each.start
    for visit in dict.fromkeys(each.visit for each in made):
        settle(visit)
    db.session.flush()
    for each in made:
        audit.record("offer", "offer", each.id, visit=each.visit_id, volunteer=each.volunteer_id)
    return made


def _made(wanted: Wanted, trip: Round | None, asked_by: User | None, *, promised: bool) -> Offer:
    """Return a new offer, answered at once where staff on duty are asked or its trip and door are promised for every week."""
    made = Offer(
        visit=wanted.visit,
        volunteer=wanted.volunteer,
        round=trip,
        day=wanted.slot.day,
        start=wanted.slot.start,
        why_zh=wanted.slot.why_zh,
        why_en=wanted.slot.why_en,
        sent_at=clock.now(),
        deadline=answer_until(wanted.slot),
        asked_by=one_hand.maker(asked_by) if asked_by else None,
        state=OfferState.SENT,
    )
    if wanted.volunteer.staff:
        _answer(made, OfferState.ACCEPTED, Trust.DESK)
    elif promised:
        _answer(made, OfferState.ACCEPTED, Trust.CODE)
    return made


def answer_until(slot: Slot) -> datetime:
    """Return until when an answer is waited for: a day, two hours before it begins at the latest; asked later than that, minutes."""
    sent = clock.now()
    begins = clock.at(slot.day, slot.pickup if slot.pickup is not None else slot.start)
    latest = begins - timedelta(hours=LATEST_ANSWER_HOURS)
    if sent < latest:
        return min(sent + timedelta(hours=ANSWER_HOURS), latest)
    return max(sent, min(sent + timedelta(minutes=AT_ONCE_MINUTES), clock.at(slot.day, slot.start)))


def is_at_once(made: Offer) -> bool:
    """Say whether somebody was asked so shortly before that they are to be telephoned now."""
    begins = clock.at(made.day, made.round.pickup if made.round else made.start)
    return made.sent_at > begins - timedelta(hours=LATEST_ANSWER_HOURS)


TripKey = tuple[int, date, int, int]


def _trip_key(wanted: Wanted) -> TripKey | None:
    """Return what names the trip a meal goes with, None for what is no meal."""
    if wanted.visit.canteen_id is None or wanted.slot.pickup is None:
        return None
    return wanted.volunteer.id, wanted.slot.day, wanted.visit.canteen_id, wanted.slot.pickup


def _trips(wanted: Sequence[Wanted]) -> dict[TripKey | None, Round]:
    """Return the trips some meals go with, each made with its first meal."""
    meals = {key: each for each in wanted if (key := _trip_key(each)) is not None}
    if not meals:
        return {}
    mine = (Round.volunteer_id.in_({key[0] for key in meals}), Round.day.in_({key[1] for key in meals}))
    there = {(each.volunteer_id, each.day, each.canteen_id, each.pickup): each for each in db.session.scalars(select(Round).where(*mine))}
    found: dict[TripKey | None, Round] = {}
    for key, each in meals.items():
        volunteer, day, canteen, pickup = key
        trip = there.get(key) or Round(
            community_id=each.visit.community_id,
            window=each.slot.window,
            volunteer_id=volunteer,
            day=day,
            canteen_id=canteen,
            pickup=pickup,
        )
        if trip.picked_up_at is not None:
            raise Conflict("这一趟的餐已经取走了，装不上这一户。请另请人，或者另起一趟。")
        db.session.add(trip)
        found[key] = trip
    return found


def shift(made: Offer, slot: Slot) -> None:
    """Move an offer that stands by a few minutes, its trip with it; the answer stands too."""
    made.start = made.visit.start = slot.start
    wanted = Wanted(made.visit, made.volunteer, slot)
    made.round = _trips([wanted]).get(_trip_key(wanted))
    db.session.flush()
    audit.record("shift", "offer", made.id, visit=made.visit_id, start=slot.start)


def withdraw(made: Offer, reason: str) -> None:
    """Take an offer back before the visit has begun; whoever calls this tells who was asked."""
    if made.state not in LIVE:
        return
    if made.started_at is not None:
        raise Conflict("这一件已经开始，不能撤回邀约。")
    made.state, made.reason, made.over_at = OfferState.WITHDRAWN, reason, clock.now()
    settle(made.visit)
    audit.record("withdraw", "offer", made.id, visit=made.visit_id, why=reason)


def take_back(offers: Iterable[Offer], why: Why, *, tell: bool = True) -> list[Offer]:
    """Take offers back that have not begun and tell whom they were made to, each once; return those that stood.

    A verb that does more than this tells by itself, so that nobody hears twice of one thing.
    """
    live = [each for each in offers if each.state in LIVE and each.started_at is None]
    for made in live:
        withdraw(made, why.value)
    if tell:
        telling.tell_cancelled(live)
    return live


def lapse(community_id: int) -> list[Offer]:
    """Take back what nobody answered until its day was over, where the visit has a later day: it is open again; return what was."""
    return take_back(_unanswered(community_id), Why.NO_ANSWER, tell=False)


def may_lapse(community_id: int) -> bool:
    """Say whether there is anything of that to take back."""
    return bool(_unanswered(community_id))


def _unanswered(community_id: int) -> list[Offer]:
    """Return what nobody answered until its day was over and whose visit has a later day."""
    rows = (
        select(Offer)
        .join(Offer.visit)
        .where(Visit.community_id == community_id, Visit.state == OFFERED, Offer.state == OfferState.SENT, Offer.day < clock.today())
    )
    today = clock.today().isoformat()
    return [made for made in db.session.scalars(rows) if max(made.visit.days) >= today]


def can_still_be_accepted(made: Offer) -> bool:
    """Say whether an offer waits for its answer and there is still time for the visit: until what was agreed with the elder is over."""
    return made.state is OfferState.SENT and clock.now() <= clock.at(made.day, made.visit.window_to)


def accept(made: Offer, trust: Trust = Trust.CODE, *, carried: bool = False) -> None:
    """Accept an offer; accepting again changes nothing. What somebody without a phone accepted and did, the desk may enter afterwards.

    Where more people were asked than are needed, the first yes counts; the others are told that somebody is going. ``carried`` says
    that the box of a meal went along with its trip, answered for or not.
    """
    accept_all([made], trust, carried=carried)


def accept_all(offers: Sequence[Offer], trust: Trust = Trust.CODE, *, carried: bool = False) -> None:
    """Accept offers together; Conflict at the first that cannot be. Whoever else was asked for any of it is told once."""
    others: list[Offer] = []
    for made in [each for each in offers if each.state is not OfferState.ACCEPTED]:
        _may_accept(made, trust)
        along = made.round is not None and made.round.picked_up_at is not None and (carried or not can_still_be_accepted(made))
        if not along:
            _fetch_apart(made)
        _answer(made, OfferState.ACCEPTED, trust)
        if along:
            move(made.visit, UNDER_WAY)
        settle(made.visit)
        audit.record("accept", "offer", made.id, visit=made.visit_id)
        if _going(made.visit) >= made.visit.crew:
            others += [each for each in made.visit.offers if each.state is OfferState.SENT]
    for made in others:
        withdraw(made, Why.ELSEWHERE.value)
    telling.tell_settled(others)


def _fetch_apart(made: Offer) -> None:
    """Give a meal a trip of its own, from this minute on, whose trip's boxes were fetched before it was answered for: its own box stayed there."""
    trip = made.round
    if trip is None or trip.picked_up_at is None:
        return
    mine = (Round.volunteer_id == trip.volunteer_id, Round.day == trip.day, Round.picked_up_at.is_not(None))
    fetched = set(db.session.scalars(select(Round.pickup).where(*mine)))
    pickup = next(minute for minute in count(clock.minute_of(clock.now())) if minute not in fetched)
    shift(made, Slot(day=made.day, start=max(made.start, pickup), window=trip.window, pickup=pickup))


def _may_accept(made: Offer, trust: Trust) -> None:
    """Refuse to accept what was taken back, what is past, and what somebody else is going to already."""
    if made.state is not OfferState.SENT:
        raise Conflict("这项邀约已经撤回或婉拒了，不用再去。回到今天看最新安排。")
    if not can_still_be_accepted(made) and trust is not Trust.DESK:
        raise Conflict("约定的时间已经过了，不能再接受。请打电话给服务站。")
    if trust is not Trust.DESK or clock.now() <= clock.at(made.day, made.visit.window_to):
        must_not_be_on_duty(made.volunteer, made.day, made.round.pickup if made.round else made.start, made.start + made.visit.minutes)
    _hold(made.visit)
    if _going(made.visit) >= made.visit.crew:
        raise Conflict("已经有人去了，谢谢你。")


def _hold(visit: Visit) -> None:
    """Wait for whoever answers for the same visit at this moment, and see what they said; where one person was asked, nobody else does."""
    if len(visit.offers) == 1:
        return
    db.session.execute(select(Visit.id).where(Visit.id == visit.id).with_for_update())
    for each in visit.offers:
        db.session.refresh(each, ["state"])


def _going(visit: Visit) -> int:
    """Return how many people have said that they go."""
    return sum(1 for each in visit.offers if each.state is OfferState.ACCEPTED)


def decline(made: Offer, reason: str, trust: Trust = Trust.CODE) -> None:
    """Decline an offer, also after having accepted it; declining again changes nothing."""
    decline_all([made], reason, trust)


def decline_all(offers: Sequence[Offer], reason: str, trust: Trust = Trust.CODE) -> list[Offer]:
    """Decline offers together, also accepted ones: their visits are open again and the coordinators hear of it once."""
    going = [each for each in offers if each.state is not OfferState.DECLINED]
    for made in going:
        _may_decline(made)
    for made in going:
        _answer(made, OfferState.DECLINED, trust)
        made.reason = reason.strip()
        settle(made.visit)
        audit.record("decline", "offer", made.id, visit=made.visit_id)
    if trust is not Trust.DESK:
        telling.tell_lost(going)
    return going


def _may_decline(made: Offer) -> None:
    """Refuse to decline what was taken back or has begun."""
    if made.state not in LIVE:
        raise Conflict("这项邀约已经撤回了，不用再答复。")
    if made.started_at is not None or made.visit.state in {UNDER_WAY, *ENDED}:
        raise Conflict("这一件已经开始了。有情况请点“有情况”，或打电话给服务站。")


def _answer(made: Offer, state: OfferState, trust: Trust) -> None:
    """Note an answer, by whom it was given and when; by a printed sheet's code whoever printed it could have given it."""
    made.state = state
    made.answered_by = Trust.DESK if audit.printer.get() is not None else trust
    made.answered_at = clock.now()
    if state is OfferState.DECLINED:
        made.over_at = made.answered_at
