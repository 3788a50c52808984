"""The volunteer who is signed in, for pages of their own hours."""

from timebank.access.guards import this_user
from timebank.volunteers import queries
from timebank.volunteers.models import Volunteer
from timebank.web import found


def myself() -> Volunteer:
    """Return the volunteer who is signed in, also after they left; NotFound for who never was one."""
    return found(queries.ever(this_user()))
