"""How long something may have lasted before its minutes are a doubt, and who may not settle that doubt.

Minutes far over the plan are never taken by a batch, by the clock or by a family's word alone: somebody of the station looks
at them first, and never whoever typed them in.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from timebank import clock
from timebank.visits.models import Offer, OfferState, Round, Visit

GRACE_MINUTES = 15
IN_TIME_MINUTES = 5
"""A phone that tells of a beginning later than this was not heard when it happened: that is marked, and shows no time by itself."""


def too_long(minutes: int, planned: int) -> bool:
    """Say whether minutes are far over their plan: more than half again as many, and a quarter of an hour besides."""
    return 2 * minutes > 3 * planned + 2 * GRACE_MINUTES


def expected(visit: Visit) -> int:
    """Return how long a visit is to last: as planned, but where somebody planned far more than its kind takes, as long as that takes."""
    return visit.kind.minutes if too_long(visit.minutes, visit.kind.minutes) else visit.minutes


def outgrew(made: Offer) -> bool:
    """Say whether a visit that was planned far longer than its kind takes has lasted far longer, too."""
    if made.started_at is None or made.ended_at is None or expected(made.visit) == made.visit.minutes:
        return False
    return too_long(*of_row(made, made.started_at, made.ended_at))


def minutes_between(started: datetime, ended: datetime) -> int:
    """Return whole minutes of real time, at least one."""
    return max(1, round((ended - started).total_seconds() / 60))


def late_by(begun: datetime) -> int:
    """Return how many minutes ago something began that is told of now, 0 where that is as good as at once."""
    minutes = int((clock.now() - begun).total_seconds() // 60)
    return minutes if minutes > IN_TIME_MINUTES else 0


def planned_for(meals: Round, doors: Sequence[Offer]) -> int:
    """Return the minutes planned for a meal round to some of its doors: from the pick-up until the last one is served."""
    last = max(doors, key=lambda each: each.start)
    return last.start + expected(last.visit) - meals.pickup


def of_row(made: Offer, started: datetime, ended: datetime) -> tuple[int, int]:
    """Return the real and the planned minutes that a row of a day sheet comes to; a meal's are those of its round so far."""
    meals = made.round
    if meals is None:
        return minutes_between(started, ended), expected(made.visit)
    live = [each for each in meals.offers if each.state in (OfferState.SENT, OfferState.ACCEPTED)]
    return minutes_between(meals.picked_up_at or started, ended), planned_for(meals, live)


def typed_by(offers: Iterable[Offer]) -> set[int]:
    """Return who typed the times of some accepted offers in from paper."""
    return {each.entered_by for each in offers if each.state is OfferState.ACCEPTED and each.entered_by is not None}
