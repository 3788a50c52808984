"""What anybody may know of a place before signing in: its name, what it is known for, and counts; never a person."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from timebank.cases.registers import Speciality
from timebank.db import Base, db
from timebank.elders.models import Elder, ElderState
from timebank.places.models import Building, Community, Station, Street
from timebank.volunteers.models import Team, Unit, Volunteer

MOST_TITLES = 5


@dataclass(frozen=True, slots=True)
class Front:
    """A place as its front page shows it: street and community, ``communities`` where there are several, its specialities and counts."""

    name: str
    communities: int
    titles: list[str]
    elders: int
    volunteers: int
    teams: int
    stations: int
    buildings: int
    units: int


def front() -> Front | None:
    """Return what the front page shows, nothing before there is a community; a few reads whatever the size of the place."""
    numbers = (
        _count(Elder, Elder.state == ElderState.ACTIVE),
        _count(Volunteer, Volunteer.active.is_(True), Volunteer.staff.is_(False)),
        _count(Team),
        _count(Station),
        _count(Building),
        _count(Unit, Unit.ended.is_(None)),
    )
    known = db.session.execute(select(func.count(), func.min(Community.name), func.min(Street.name), func.max(Street.name)).join(Street))
    communities, name, street, other = known.one()
    if not communities:
        return None
    titles = db.session.scalars(select(Speciality.title).order_by(Speciality.community_id)).all()
    counts = db.session.execute(select(*numbers)).one()
    named = name if communities == 1 or street != other else street
    return Front(named, communities, list(dict.fromkeys(titles))[:MOST_TITLES], *counts)


def _count(table: type[Base], *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the count of a table's rows as part of a wider read."""
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()
