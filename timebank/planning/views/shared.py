"""What the pages of planning share: the blueprint and whose rows a reader sees."""

from flask import Blueprint
from sqlalchemy import select

from timebank.db import db
from timebank.errors import NotFound
from timebank.places.models import Community
from timebank.web import current_user

blueprint = Blueprint("planning", __name__)


def my_community() -> Community:
    """Return the reader's community; an administrator without one sees the first."""
    user = current_user()
    own = user.community_id if user else None
    every = select(Community).order_by(Community.id)
    found = db.session.scalars(every.where(Community.id == own) if own else every).first()
    if found is None:
        raise NotFound("这里还没有社区。先导入一个社区的资料。", "There is no community yet. Import one first.")
    return found
