"""Two trips of one volunteer in a row: from when the second one counts, so that no minute counts twice and the way back is not lost."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from timebank.db import db
from timebank.visits.models import Offer, OfferState, Round


def counts_from(meals: Round) -> tuple[datetime | None, int]:
    """Return from when a trip counts, and how many of those minutes were planned before its own pick-up.

    The way back to the kitchen belongs to the trip it is walked for, as far as the plan had it; where the boxes of two trips were
    on their way together, the later one begins when the earlier one ended.
    """
    before = _trip_before(meals)
    ended = max((each.ended_at for each in before if each.ended_at is not None), default=None)
    if meals.picked_up_at is None or ended is None:
        return meals.picked_up_at, 0
    planned = max(0, meals.pickup - max(each.start + each.visit.minutes for each in before))
    return max(ended, meals.picked_up_at - timedelta(minutes=planned)), planned


def _trip_before(meals: Round) -> list[Offer]:
    """Return the doors of the trip that the same volunteer made last in the same window before this one."""
    rounds = db.session.scalars(
        select(Round)
        .where(
            Round.volunteer_id == meals.volunteer_id,
            Round.day == meals.day,
            Round.window == meals.window,
            Round.id != meals.id,
            Round.pickup <= meals.pickup,
            Round.picked_up_at.is_not(None),
        )
        .order_by(Round.pickup.desc(), Round.id.desc())
    )
    earlier = (each for each in rounds if (each.pickup, each.id) < (meals.pickup, meals.id))
    return next(filter(None, (_doors(each.offers) for each in earlier)), [])


def _doors(offers: Iterable[Offer]) -> list[Offer]:
    """Return the doors of a trip that were walked."""
    return [each for each in offers if each.state is OfferState.ACCEPTED]
