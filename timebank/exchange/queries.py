"""Reads of exchange: a reader's own uploads, and the community they may import into."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import NotAllowed
from timebank.exchange.models import ImportBatch, Upload
from timebank.places.models import Community

SHOWN = 10


def upload_of(token: str, user: User) -> Upload | None:
    """Return an upload of this user's own; nobody sees another's files."""
    return db.session.scalar(select(Upload).where(Upload.token == token, Upload.user_id == user.id))


def community_of(user: User) -> Community | None:
    """Return the community a user imports into: their own, or for an administrator whichever the files name."""
    own = db.session.get(Community, user.community_id) if user.community_id else None
    if own is None and user.role is not Role.ADMIN:
        raise NotAllowed("您还没有分到社区，不能导入。请联系管理员。")
    return own


def imports(community: Community | None) -> Sequence[ImportBatch]:
    """Return the last imports of a community, or of all of them, newest first."""
    rows = select(ImportBatch).order_by(ImportBatch.id.desc()).limit(SHOWN)
    return db.session.scalars(rows if community is None else rows.where(ImportBatch.community_id == community.id)).all()


def import_of(batch_id: int, community: Community | None) -> ImportBatch | None:
    """Return an import of a community, or of any."""
    rows = select(ImportBatch).where(ImportBatch.id == batch_id)
    return db.session.scalar(rows if community is None else rows.where(ImportBatch.community_id == community.id))
