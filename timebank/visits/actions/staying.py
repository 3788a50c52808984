"""Alone in a home: until when somebody said they stay, a little longer, and what happens when the time is over and nobody has left.

The deadline lives here, not on the phone: the volunteer hears first, then the coordinators, each once for every deadline.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import Role
from timebank.access.queries import users_with
from timebank.db import db
from timebank.errors import Conflict
from timebank.notices.actions import notify
from timebank.visits.actions import lengths, telling
from timebank.visits.models import Offer, OfferState

STEP = 15
MOST = 120
REMIND_AFTER = timedelta(minutes=5)
ALARM_AFTER = timedelta(minutes=15)


def until(made: Offer) -> datetime | None:
    """Return until when somebody in a home said they stay, nothing before they are there and after they have left."""
    if made.started_at is None or made.ended_at is not None or made.round_id is not None:
        return None
    return made.started_at + timedelta(minutes=lengths.expected(made.visit) + made.longer)


def over_by(made: Offer) -> int:
    """Return by how many minutes somebody in a home is over their time, 0 while they are not."""
    ends = until(made)
    return 0 if ends is None else max(0, int((clock.now() - ends).total_seconds() // 60))


def stay_longer(made: Offer) -> None:
    """Note that somebody stays a quarter of an hour more, counted from now where their time is over; nobody is alarmed meanwhile."""
    ends = until(made)
    if ends is None:
        raise Conflict("还没有签到，或者已经签退了。")
    more = STEP + over_by(made)
    if made.longer + more > MOST:
        raise Conflict("已经延了很久。请打电话给服务站说一声，再接着做。")
    made.longer += more
    made.missed = 0
    audit.record("stay", "offer", made.id, longer=made.longer)


def overdue(community_id: int) -> list[Offer]:
    """Return whose time in a home has been over for a quarter of an hour, longest first."""
    late = [each for each in _under_way() if each.visit.community_id == community_id and over_by(each) * 60 >= ALARM_AFTER.total_seconds()]
    return sorted(late, key=over_by, reverse=True)


def _under_way() -> list[Offer]:
    """Return the timed visits at which somebody is now."""
    there = (Offer.state == OfferState.ACCEPTED, Offer.started_at.is_not(None), Offer.ended_at.is_(None), Offer.round_id.is_(None))
    return [each for each in db.session.scalars(select(Offer).where(*there, Offer.day >= clock.today() - timedelta(days=1))) if until(each)]


def watch() -> int:
    """Tell whose time is over, the volunteer first, then the coordinators; say how many were told."""
    told = 0
    for made in _under_way():
        over = timedelta(minutes=over_by(made))
        if over >= REMIND_AFTER and made.missed == 0:
            made.missed, told = 1, told + 1
            if made.volunteer.user_id is not None:
                notify(made.volunteer.user_id, "still_there", what=telling.first_words([made]))
        if over >= ALARM_AFTER and made.missed == 1:
            made.missed, told = 2, told + 1
            for user in users_with(Role.COORDINATOR, made.visit.community_id):
                notify(user.id, "not_out", by=telling.masked(made), what=telling.first_words([made]))
            audit.record("miss", "offer", made.id, over=over_by(made))
    return told
