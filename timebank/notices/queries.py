"""Reads of the outbox."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank.access.models import User
from timebank.db import db
from timebank.notices.models import Notice, State


def latest(community_id: int | None, *, limit: int = 50) -> list[tuple[Notice, str]]:
    """Return the last messages of a community, of all communities for None, each with its reader's name."""
    rows = select(Notice, User.name).outerjoin(User, User.id == Notice.user_id).order_by(Notice.id.desc()).limit(limit)
    if community_id is not None:
        rows = rows.where(Notice.community_id == community_id)
    return [(notice, name or "") for notice, name in db.session.execute(rows)]


def held() -> Sequence[Notice]:
    """Return the messages that wait for the morning."""
    return db.session.scalars(select(Notice).where(Notice.state == State.HELD).order_by(Notice.id)).all()
