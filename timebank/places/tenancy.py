"""The tree in force, street > community > compound > building > team: which communities are open to whom, and which one is looked at.

Nobody else answers this. An administrator sees every community, a street's officer those of the street, one at a time and chosen by
hand; everybody else their own. What of a community a steward, a lead or a kitchen then sees, ``volunteers.sight`` says.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select

from timebank import audit
from timebank.access import tokens
from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import NotFound
from timebank.places.models import Community, Street
from timebank.sentences import Sentence

SEVERAL = (Role.ADMIN, Role.STREET_OFFICER)
"""To whom more than one community is open."""
NONE_YET = Sentence("这里还没有社区。请先写下社区的名字。")
START_HERE = (Sentence.of("places", "从头开张"), "/office/first-day")
NOT_YOURS = Sentence("您还没有分到社区或街道。请联系管理员，分好以后再打开这一页。")


def is_open_to(user: User, community: Community) -> bool:
    """Say whether the rows of a community are open to somebody at all."""
    if user.role is Role.ADMIN:
        return True
    if user.role is Role.STREET_OFFICER:
        return community.street_id == user.street_id
    return community.id == user.community_id


def communities_open_to(user: User) -> Sequence[Community]:
    """Return every community that is open to somebody, by name."""
    return db.session.scalars(_open_to(user).order_by(Community.name, Community.id)).all()


def streets_open_to(user: User) -> Sequence[Street]:
    """Return the streets somebody sees as a whole, by name: an administrator every one, an officer their own."""
    rows = select(Street).order_by(Street.name)
    if user.role is Role.ADMIN:
        return db.session.scalars(rows).all()
    own = user.street_id if user.role is Role.STREET_OFFICER else None
    return db.session.scalars(rows.where(Street.id == own)).all()


def community_seen_by(user: User) -> Community:
    """Return the one community whose rows somebody sees now: their token's, the one chosen, their own, else the first open to them."""
    for number in (tokens.place.get(), user.looks_at, user.community_id):
        known = db.session.get(Community, number) if number is not None else None
        if known is not None and is_open_to(user, known):
            return known
    first = db.session.scalars(_open_to(user).order_by(Community.id)).first()
    if first is None:
        if user.role is Role.ADMIN:
            raise NotFound(NONE_YET, way=START_HERE)
        raise NotFound(NOT_YOURS)
    return first


def look_at(user: User, community: Community) -> None:
    """Let somebody to whom several communities are open look at this one from now on, on every device."""
    with audit.changing("look_at", user):
        user.looks_at = community.id


def _open_to(user: User) -> Select[Community]:
    """Return the select of the communities open to somebody."""
    rows = select(Community)
    if user.role is Role.ADMIN:
        return rows
    if user.role is Role.STREET_OFFICER:
        return rows.where(Community.street_id == user.street_id)
    return rows.where(Community.id == user.community_id)


def of_community(column: object, community_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that keeps a reader to their community; none for who sees all."""
    return () if community_id is None else (column == community_id,)  # type: ignore[return-value]
