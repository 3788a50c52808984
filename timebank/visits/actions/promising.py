"""A round accepted once for every week, and the end of that."""

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.visits.actions.offering import accept_all
from timebank.visits.models import OfferState, Round
from timebank.visits.promises import Promise, promise_for


def promise(meals: Round) -> Promise:
    """Accept a round for every week; promising it again changes nothing."""
    accept_all([each for each in meals.offers if each.state is OfferState.SENT])
    if not any(each.state is OfferState.ACCEPTED for each in meals.offers):
        raise Conflict("这一轮已经收回了，约不了。")
    known = promise_for(meals)
    if known is not None:
        return known
    given = Promise(
        volunteer_id=meals.volunteer_id,
        weekday=meals.day.weekday(),
        canteen_id=meals.canteen_id,
        window=meals.window,
        given_at=clock.now(),
    )
    db.session.add(given)
    db.session.flush()
    audit.record("promise", "promise", given.id, volunteer=given.volunteer_id, weekday=given.weekday)
    return given


def end(given: Promise) -> None:
    """End a promise: from now on each week is asked for again; what is accepted already stands."""
    if given.ended_at is None:
        given.ended_at = clock.now()
        audit.record("end", "promise", given.id)
