"""这次别来: a family or the elder calls one visit off by a press, without a reason, and takes it back while there is still time."""

from collections.abc import Sequence

from timebank import audit, clock
from timebank.access.models import User
from timebank.elders.queries import family_of
from timebank.errors import Conflict
from timebank.notices.actions import notify
from timebank.visits.actions import telling
from timebank.visits.actions.calling_off import call_off, reopen
from timebank.visits.actions.homes import offer_again
from timebank.visits.models import Offer, RequestState, Visit, VisitState
from timebank.visits.states import BEFORE_DOOR, Why


def may_be_called_off(visit: Visit) -> bool:
    """Say whether one visit can still be called off: nobody has begun it, and its day is not over."""
    last = visit.day or visit.occurrence
    begun = any(each.started_at is not None or (each.round is not None and each.round.picked_up_at is not None) for each in visit.offers)
    return visit.state in BEFORE_DOOR and last >= clock.today() and not begun


def may_come_after_all(visit: Visit) -> bool:
    """Say whether one visit that its family called off can still take place: its day has come or is to come, its window is not over."""
    day = max(visit.days)
    late = day == clock.today().isoformat() and clock.minute_of(clock.now()) + visit.minutes > visit.window_to
    fell = visit.state is VisitState.CANCELLED and visit.ended_why == Why.FAMILY.value and visit.request.state is RequestState.ACCEPTED
    return fell and day >= clock.today().isoformat() and not late


def not_coming(visits: Sequence[Visit], by: User) -> list[Offer]:
    """Call some visits of one door off: whoever was to come is told, and so is the rest of the family."""
    for visit in visits:
        if not may_be_called_off(visit):
            raise Conflict("来的人已经出门或者到了，不能再取消。请打服务站电话。")
    gone = call_off(visits, Why.FAMILY)
    for visit in visits:
        audit.record("not_coming", "visit", visit.id)
    _tell_family(visits, "family_not_coming", by)
    return gone


def after_all(visit: Visit, by: User) -> list[Offer]:
    """Let a visit take place after all: the same people come where they are still free, else it waits to be planned; each is told."""
    if not may_come_after_all(visit):
        raise Conflict("已经来不及了，请打服务站电话。")
    back = offer_again(reopen([visit], Why.FAMILY), Why.FAMILY)
    audit.record("after_all", "visit", visit.id)
    telling.tell_door(again=back)
    _tell_family([visit], "family_after_all", by)
    return back


def _tell_family(visits: Sequence[Visit], template: str, by: User) -> None:
    """Tell the rest of the family, each once."""
    if not visits:
        return
    what = telling.visit_words(visits)
    people = {user.id: user for elder in visits[0].household.elders for link, user in family_of(elder) if link.approved_at is not None}
    for user in people.values():
        if user.id != by.id:
            notify(user.id, template, what=what)
