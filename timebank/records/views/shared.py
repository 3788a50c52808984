"""What the pages of records share: the blueprint, whose rows a reader sees, and the words of its states."""

from flask import Blueprint

from timebank.access.guards import this_user
from timebank.places import queries as places
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import found

blueprint = Blueprint("records", __name__)


def mine() -> int:
    """Return the community whose records the reader sees."""
    return places.community_seen_by(this_user()).id


def volunteer_or_404(volunteer_id: int) -> Volunteer:
    """Return a volunteer the reader may see."""
    return found(volunteers.volunteer_in(mine(), volunteer_id))
