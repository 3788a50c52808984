"""Verbs of a street: who works for it."""

from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.places.models import Street


def add_officer(street: Street, phone: str, name: str) -> User:
    """Let somebody sign in for a street: they read all its communities and change nothing in them."""
    access.must_be_free(phone)
    return access.add_user(phone, name, Role.STREET_OFFICER, street_id=street.id)
