"""What the pages of planning share: the blueprint, and whose rows a reader sees."""

from flask import Blueprint

from timebank.access.guards import this_user
from timebank.places import tenancy
from timebank.places.models import Community
from timebank.planning import queries
from timebank.planning.models import Plan
from timebank.visits import queries as visits
from timebank.visits.models import Visit
from timebank.web import found

blueprint = Blueprint("planning", __name__)


def my_community() -> Community:
    """Return the community the reader sees."""
    return tenancy.community_seen_by(this_user())


def my_visit(visit_id: int) -> tuple[Plan, Visit]:
    """Return a visit of the reader's community with the plan of its week."""
    community = my_community()
    visit = found(visits.visit_of(community.id, visit_id))
    return found(queries.plan_of(community.id, visit.week)), visit
