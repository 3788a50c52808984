"""Reads of the outbox."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank.access.models import User
from timebank.db import db
from timebank.notices.models import Notice, State


def latest(community_id: int, *, limit: int = 50) -> list[tuple[Notice, str]]:
    """Return the last messages of a community, each with its reader's name."""
    rows = select(Notice, User.name).outerjoin(User, User.id == Notice.user_id).where(Notice.community_id == community_id)
    rows = rows.order_by(Notice.id.desc()).limit(limit)
    return [(notice, name or "") for notice, name in db.session.execute(rows)]


def held() -> Sequence[Notice]:
    """Return the messages that wait for the morning."""
    return db.session.scalars(select(Notice).where(Notice.state == State.HELD).order_by(Notice.id)).all()
