"""待命: somebody can be asked right now, for some hours; they say so themselves, and it ends by itself."""

from datetime import datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.volunteers.models import Volunteer

EARLIEST, LATEST = 7 * 60, 20 * 60
"""From and until when people are asked at once: nobody is disturbed at night."""
HOURS = (1, 2, 4)


def begin(volunteer: Volunteer, hours: int) -> datetime:
    """Note that somebody can be asked at once for some hours, until the evening at the latest."""
    now, ends = clock.now(), clock.at(clock.today(), LATEST)
    if not clock.at(clock.today(), EARLIEST) <= now < ends:
        raise Conflict("晚上八点以后、早上七点以前不临时叫人，先休息。急事服务站会打电话。")
    volunteer.standby_until = min(now + timedelta(hours=hours), ends)
    audit.record("stand_by", "volunteer", volunteer.id, until=f"{volunteer.standby_until:%H:%M}")
    return volunteer.standby_until


def end(volunteer: Volunteer) -> None:
    """Note that somebody is not to be asked at once any more."""
    if is_standing_by(volunteer):
        volunteer.standby_until = None
        audit.record("stand_down", "volunteer", volunteer.id)


def is_standing_by(volunteer: Volunteer) -> bool:
    """Say whether somebody can be asked right now, by their own word."""
    return volunteer.active and volunteer.standby_until is not None and volunteer.standby_until > clock.now()


def standing_by(community_id: int) -> list[Volunteer]:
    """Return who of a community can be asked right now, by their own word, longest first."""
    there = (Volunteer.community_id == community_id, Volunteer.active, Volunteer.standby_until > clock.now())
    return list(db.session.scalars(select(Volunteer).where(*there).order_by(Volunteer.standby_until.desc(), Volunteer.id)))
