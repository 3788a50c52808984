"""After an alarm at a door: who rings back, whether the volunteer can carry on, what is left of the round, and a slip of the finger."""

from collections.abc import Sequence
from datetime import timedelta

from timebank import audit, clock
from timebank.access.models import User
from timebank.errors import Conflict
from timebank.visits.actions import telling
from timebank.visits.actions.moving import move
from timebank.visits.actions.offering import withdraw
from timebank.visits.models import Alert, Offer, OfferState, Outcome, Round, VisitState
from timebank.visits.states import Why

SLIP = timedelta(minutes=10)


def take(alert: Alert, by: User) -> None:
    """Say that one rings the volunteer; whoever says so first does, and they are told who."""
    _must_be_open(alert)
    if alert.taken_by is None:
        alert.taken_by, alert.taken_at = by.id, clock.now()
        audit.record("take", "alert", alert.id)


def go_on(alert: Alert) -> None:
    """Note that the volunteer can carry on with what is left."""
    if alert.goes_on_at is None:
        alert.goes_on_at = clock.now()
        audit.record("go_on", "alert", alert.id)


def mistaken(alert: Alert, by: User) -> None:
    """Take an alarm back that was a slip of the finger: the door is to be served as before, the coordinators hear of it."""
    made = alert.offer
    _must_be_open(alert)
    if alert.kind is not Outcome.UNWELL or made.visit.state is not VisitState.DONE or clock.now() - alert.raised_at > SLIP:
        raise Conflict("这一条已经在办，不能自己收回了。请打电话给服务站说一声。")
    alert.closed_at, alert.closed_by, alert.result = clock.now(), by.id, "志愿者点错了"
    made.outcome = made.ended_at = made.outcome_note = None
    if made.round is not None:
        made.started_at, made.late_by = None, 0
    move(made.visit, VisitState.UNDER_WAY)
    audit.record("mistaken", "alert", alert.id, visit=made.visit_id)
    telling.tell_mistaken(alert)


def rest_of(meals: Round) -> list[Offer]:
    """Return the doors of a round that nobody has been at."""
    return [each for each in meals.offers if each.state is OfferState.ACCEPTED and each.outcome is None]


def hand_back(meals: Round) -> list[Offer]:
    """Give back the doors of a round that its carrier cannot reach: they stand open at once, and the coordinators hear of it."""
    rest = rest_of(meals)
    if not rest:
        raise Conflict("这一趟已经没有剩下的户了。")
    for made in rest:
        withdraw(made, Why.ILL.value)
    audit.record("hand_back", "round", meals.id, offers=[each.id for each in rest])
    telling.tell_lost(rest)
    return rest


def asked_instead(meals: Round) -> Sequence[Offer]:
    """Return who has been asked, or goes, for the doors of a round that were given back."""
    gone = [each for each in meals.offers if each.state is OfferState.WITHDRAWN]
    live = (OfferState.SENT, OfferState.ACCEPTED)
    return [other for each in gone for other in each.visit.offers if other.state in live and other.volunteer_id != meals.volunteer_id]


def _must_be_open(alert: Alert) -> None:
    """Refuse what concerns an alarm that has its result."""
    if alert.closed_at is not None:
        raise Conflict("这一条已经处理完毕了。")
