"""What the doors share: in whose name, in which community, and one of its rows."""

from typing import Any, TypeVar

from marshmallow import Schema

from timebank.access.guards import this_user
from timebank.places import tenancy
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteer_of
from timebank.web import found

T = TypeVar("T")


def here() -> int:
    """Return the number of the community that the token sees."""
    return my_community().id


def my_community() -> Community:
    """Return the community that the token sees."""
    return tenancy.community_seen_by(this_user())


def me() -> Volunteer:
    """Return the volunteer in whose name a program asks."""
    return found(volunteer_of(this_user()))


def columns(schema: type[Schema], row: object) -> dict[str, Any]:
    """Return what a shape reads of a row, to be joined with what else is known of it."""
    names = (field.attribute or name for name, field in schema().fields.items())
    return {name: getattr(row, name) for name in names}
