"""Reads of exchange: a reader's own uploads, and the community they may import into."""

from sqlalchemy import select

from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import NotAllowed
from timebank.exchange.models import Upload
from timebank.places.models import Community


def upload_of(token: str, user: User) -> Upload | None:
    """Return an upload of this user's own; nobody sees another's files."""
    return db.session.scalar(select(Upload).where(Upload.token == token, Upload.user_id == user.id))


def community_of(user: User) -> Community | None:
    """Return the community a user imports into: their own, or for an administrator whichever the files name."""
    own = db.session.get(Community, user.community_id) if user.community_id else None
    if own is None and user.role is not Role.ADMIN:
        raise NotAllowed(
            "您还没有分到社区，不能导入。请联系管理员。", "You have no community yet, so you cannot import. Ask your administrator."
        )
    return own
