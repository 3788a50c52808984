"""Reads of places; whose rows somebody sees, ``tenancy`` says."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank.db import db
from timebank.errors import NotFound
from timebank.places.models import Building, Canteen, Community, Compound, Station, Street
from timebank.places.tenancy import community_seen_by

__all__ = [
    "buildings",
    "canteens",
    "communities",
    "communities_of",
    "community_named",
    "community_of",
    "community_seen_by",
    "compounds",
    "station",
    "streets",
]


def communities() -> list[Community]:
    """Return every community by name."""
    return list(db.session.scalars(select(Community).order_by(Community.name)))


def streets() -> list[Street]:
    """Return every street by name."""
    return list(db.session.scalars(select(Street).order_by(Street.name)))


def communities_of(street: Street) -> list[Community]:
    """Return the communities of a street by name."""
    return list(db.session.scalars(select(Community).where(Community.street_id == street.id).order_by(Community.name)))


def community_named(slug: str | None) -> Community:
    """Return the community with this code; without a code the only one there is."""
    found = [each for each in communities() if slug is None or each.slug == slug]
    if len(found) != 1:
        known = "、".join(each.slug for each in communities()) or "-"
        raise NotFound("请用 --community 选一个社区：%(known)s。", known=known)
    return found[0]


def community_of(community_id: int) -> Community:
    """Return a community by its number."""
    return db.session.get_one(Community, community_id)


def canteens(community_id: int) -> list[Canteen]:
    """Return the canteens of a community."""
    return list(db.session.scalars(select(Canteen).where(Canteen.community_id == community_id).order_by(Canteen.id)))


def station(community_id: int) -> Station | None:
    """Return the first station of a community: the one whose telephone stands on pages."""
    return db.session.scalars(select(Station).where(Station.community_id == community_id).order_by(Station.id)).first()


def buildings(community_id: int) -> Sequence[Building]:
    """Return the buildings of a community by compound and name."""
    return db.session.scalars(
        select(Building).join(Compound).where(Compound.community_id == community_id).order_by(Compound.name, Building.name)
    ).all()


def compounds(community_id: int) -> Sequence[Compound]:
    """Return the compounds of a community by name."""
    return db.session.scalars(select(Compound).where(Compound.community_id == community_id).order_by(Compound.name)).all()
