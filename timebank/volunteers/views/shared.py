"""What the pages about volunteers share: the blueprint and whose rows a reader sees."""

from flask import Blueprint

from timebank.access.guards import this_user
from timebank.places import queries as places
from timebank.volunteers import queries
from timebank.volunteers.models import Volunteer
from timebank.web import found

blueprint = Blueprint("volunteers", __name__, url_prefix="/volunteers")


def community_id() -> int:
    """Return the community whose volunteers the reader sees."""
    return places.community_seen_by(this_user()).id


def volunteer_or_404(volunteer_id: int) -> Volunteer:
    """Return a volunteer the reader may see."""
    return found(queries.volunteer_in(community_id(), volunteer_id))
