"""What the pages of planning share: the blueprint, and whose rows a reader sees."""

from flask import Blueprint
from sqlalchemy import select

from timebank.db import db
from timebank.errors import NotFound
from timebank.places.models import Community
from timebank.planning import queries
from timebank.planning.models import Plan
from timebank.visits import queries as visits
from timebank.visits.models import Visit
from timebank.web import current_user, found

blueprint = Blueprint("planning", __name__)


def my_community() -> Community:
    """Return the reader's community; an administrator without one sees the first."""
    user = current_user()
    own = user.community_id if user else None
    every = select(Community).order_by(Community.id)
    mine = db.session.scalars(every.where(Community.id == own) if own else every).first()
    if mine is None:
        raise NotFound("这里还没有社区。先导入一个社区的资料。", "There is no community yet. Import one first.")
    return mine


def my_visit(visit_id: int) -> tuple[Plan, Visit]:
    """Return a visit of the reader's community with the plan of its week."""
    community = my_community()
    visit = found(visits.visit_of(community.id, visit_id))
    return found(queries.plan_of(community.id, visit.week)), visit
