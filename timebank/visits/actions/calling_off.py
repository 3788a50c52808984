"""Visits that are not needed any more: cancelled with everything that hangs on them, and opened again when they are."""

from collections.abc import Iterable
from datetime import date

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.errors import Conflict, Invalid
from timebank.sentences import Sentence, the_day
from timebank.visits.actions import kitchen, paying, telling
from timebank.visits.actions.moving import move
from timebank.visits.actions.offering import withdraw
from timebank.visits.models import HelpRequest, Offer, RequestState, Visit
from timebank.visits.registers import state_of
from timebank.visits.states import BEFORE_DOOR, CANCELLED, LIVE, OPEN, Why


def call_off(visits: Iterable[Visit], why: Why, *, tell: bool = True) -> list[Offer]:
    """Cancel visits that nobody has been at: offers are taken back, people told once, minutes given back, the kitchen noted.

    Whoever was as good as on the way is made up to (R15). Returns the offers that stood. A verb that does more tells by itself.
    """
    gone: list[Offer] = []
    for visit in visits:
        if visit.state not in BEFORE_DOOR or any(each.state in LIVE and each.started_at is not None for each in visit.offers):
            continue
        for made in [each for each in visit.offers if each.state in LIVE]:
            paying.make_up(made)
            gone.append(made)
        kitchen.note_change(visit, -visit.boxes)
        move(visit, CANCELLED, why=why.value)
    for made in gone:
        withdraw(made, why.value)
    if tell:
        telling.tell_cancelled(gone)
    return gone


def reopen(visits: Iterable[Visit], why: Why) -> list[Visit]:
    """Open visits again that were called off for one reason and still have a day to come; return those."""
    back = [each for each in visits if each.state is CANCELLED and each.ended_why == why.value and _last_day(each) >= clock.today()]
    for visit in back:
        move(visit, OPEN)
        kitchen.note_change(visit, visit.boxes)
    return back


def _last_day(visit: Visit) -> date:
    """Return the last day a visit may fall on."""
    return date.fromisoformat(max(visit.days))


def give_up(visits: Iterable[Visit], by: User, reason: str) -> list[Offer]:
    """Decide that nobody goes to some visits after all; who decided and why is kept, and the elder is told by telephone."""
    if not reason.strip():
        raise Invalid("请写一句为什么这次不去了。", fields={"reason": Sentence("请写一句原因")})
    chosen = list(visits)
    gone = call_off(chosen, Why.NOBODY)
    for visit in chosen:
        audit.record("give_up", "visit", visit.id, by=by.id)
    return gone


def cancel_request(request: HelpRequest, last_day: date, by: User, why: Why = Why.FAMILY) -> list[Visit]:
    """End a need after a day, for its family or at the desk; return the later visits, which are called off.

    A need that still has days to come is kept until then and only knows its last day.
    """
    if state_of(request) not in {RequestState.NEW, RequestState.ACCEPTED}:
        raise Conflict("这件求助已经结束了，不用再取消。")
    if request.last_day is not None and last_day > request.last_day:
        raise Invalid(
            "已经记下做到 %(day)s为止。要做得更久，请用“修改”。",
            day=the_day(request.last_day),
            fields={"last_day": Sentence("比原来的最后一天晚")},
        )
    request.last_day = last_day
    if request.state is RequestState.NEW or last_day < clock.today():
        request.state = RequestState.ENDED
    request.decided_by, request.decided_at = one_hand.maker(by), clock.now()
    later = [each for each in request.visits if each.state in BEFORE_DOOR and _first_day_after(each, last_day)]
    for visit in (each for each in request.visits if each.state in BEFORE_DOOR and each not in later):
        visit.days = [day for day in visit.days if day <= last_day.isoformat()]
    call_off(later, why)
    called = [each for each in later if each.state is CANCELLED]
    audit.record("end_request", "help_request", request.id, last_day=last_day.isoformat(), visits=[each.id for each in called])
    return called


def _first_day_after(visit: Visit, last: date) -> bool:
    """Say whether a visit can only be after a day: it is agreed for later, or none of its days is left."""
    return visit.day > last if visit.day else min(visit.days) > last.isoformat()
