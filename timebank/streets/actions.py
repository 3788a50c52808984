"""Verbs of a street: who works for it."""

from timebank import audit
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.models import Role, User
from timebank.places.models import Street


def add_officer(street: Street, phone: str, name: str) -> User:
    """Let somebody sign in for a street, a former officer again: they read all its communities and change nothing in them."""
    former = users.user_of(phone)
    if former is not None and former.role is Role.STREET_OFFICER and not former.active:
        with audit.changing("let_in", former):
            former.active, former.name, former.street_id, former.looks_at = True, name, street.id, None
        return former
    access.must_be_free(phone)
    return access.add_user(phone, name, Role.STREET_OFFICER, street_id=street.id)
