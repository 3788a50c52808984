"""A tie ends with what waits about it: another tie may get its number, and what was asked of one is no word about the other."""

from timebank.db import db
from timebank.elders import queries
from timebank.elders.models import FamilyMember
from timebank.proposals import actions as proposals
from timebank.proposals.models import Kind
from timebank.proposals.queries import waiting_on


def drop(link: FamilyMember) -> None:
    """Take a tie away, and lay down what waits about it."""
    _lay_down(link)
    db.session.delete(link)
    db.session.flush()


def lay_down_stale(link: FamilyMember) -> None:
    """Lay down what still waits about an earlier tie that had this one's number."""
    if not queries.awaits_second(link):
        _lay_down(link)


def _lay_down(link: FamilyMember) -> None:
    """Lay down what waits about the number of a tie."""
    if (waiting := waiting_on(Kind.FAMILY, queries.tie_named(link))) is not None:
        proposals.lay_down(waiting)
