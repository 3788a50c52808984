"""Reads of the outbox: the last messages, what waits, what the desk has to pass on, the quiet hours, and the tries of a channel."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from timebank import clock
from timebank.access.models import User
from timebank.db import db
from timebank.notices.models import BY_TELEPHONE, Delivery, MessageChannel, Notice, QuietHours, State, Way

USUAL = (20 * 60, 8 * 60)
"""From which minute of the day to which people are left in peace where an office has said nothing else."""
KEPT = timedelta(days=14)
"""How long a message nobody could be sent stays on the desk's list."""


def latest(community_id: int, *, limit: int = 50) -> list[tuple[Notice, str]]:
    """Return the last messages of a community, each with its reader's name."""
    rows = select(Notice, User.name).outerjoin(User, User.id == Notice.user_id).where(Notice.community_id == community_id)
    rows = rows.order_by(Notice.id.desc()).limit(limit)
    return [(notice, name or "") for notice, name in db.session.execute(rows)]


def told(user_id: int, about: str) -> bool:
    """Say whether somebody has been told of a thing."""
    return db.session.scalar(select(Notice.id).where(Notice.user_id == user_id, Notice.about == about)) is not None


def all_heard(about: str) -> bool:
    """Say whether every message about a thing has left by itself: what failed, waits, or was told by whoever sits at the desk was not heard for sure."""
    left = or_(Notice.state != State.SENT, Notice.channel == BY_TELEPHONE)
    return db.session.scalar(select(Notice.id).where(Notice.about == about, left).limit(1)) is None


def told_and_heard(about: str) -> tuple[int, int]:
    """Return how many were to be told of a thing, and to how many of them a message has left by itself.

    What the robot of a group says reaches nobody for sure: one administrator alone says which robot.
    """
    told = db.session.execute(select(Notice.state, Notice.channel).where(Notice.about == about)).all()
    return len(told), sum(state is State.SENT and channel not in (BY_TELEPHONE, Way.ROBOT.value) for state, channel in told)


def told_of(user_id: int, beginning: str) -> list[str]:
    """Return the names of what somebody has been told whose name begins so."""
    rows = select(Notice.about).where(Notice.user_id == user_id, Notice.about.startswith(beginning, autoescape=True))
    return [about for about in db.session.scalars(rows) if about]


def mine(user_id: int, *, limit: int = 30) -> Sequence[Notice]:
    """Return somebody's own last messages, newest first."""
    return db.session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(limit)).all()


def due(now: datetime) -> Sequence[int]:
    """Return the numbers of the messages that wait for the morning, or whose next try has come."""
    again = and_(Notice.state == State.QUEUED, Notice.next_at <= now)
    return db.session.scalars(select(Notice.id).where(or_(Notice.state == State.HELD, again)).order_by(Notice.id)).all()


def to_pass_on(community_id: int) -> list[tuple[Notice, str]]:
    """Return what the desk has to tell by telephone: what no channel carries and what none has taken on, the newest first."""
    left = or_(Notice.state == State.FAILED, and_(Notice.state == State.QUEUED, Notice.next_at.is_(None)))
    mine = (Notice.community_id == community_id, left, Notice.created_at >= clock.now() - KEPT)
    rows = select(Notice, User.name).outerjoin(User, User.id == Notice.user_id).where(*mine).order_by(Notice.id.desc())
    return [(notice, name or "") for notice, name in db.session.execute(rows)]


def quiet_hours(community_id: int | None) -> tuple[int, int]:
    """Return from which minute of the day to which a community leaves people in peace."""
    row = db.session.get(QuietHours, community_id) if community_id is not None else None
    return (row.starts, row.ends) if row is not None else USUAL


def is_quiet(instant: datetime, community_id: int | None) -> bool:
    """Say whether a community's people are left in peace at this moment."""
    here = instant.astimezone(clock.ZONE)
    minute = here.hour * 60 + here.minute
    starts, ends = quiet_hours(community_id)
    return minute >= starts or minute < ends


def tries(channel: MessageChannel, *, limit: int = 8) -> Sequence[Delivery]:
    """Return the last tries of a channel."""
    return db.session.scalars(select(Delivery).where(Delivery.channel_id == channel.id).order_by(Delivery.id.desc()).limit(limit)).all()
