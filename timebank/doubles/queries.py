"""Reads of doubles: who may be in a register twice and why one thinks so, and what was merged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import or_, select

from timebank.db import db
from timebank.doubles.models import Merger
from timebank.elders.models import Elder, ElderState, Household
from timebank.volunteers.models import Volunteer

MOST_ALIKE = 6
"""A name that more people of a community share says nothing."""
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """What of somebody is compared."""

    number: int
    name: str
    sound: str
    phone: str
    born: int | None
    place: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that may be one person, and why: of ``name``, ``sound``, ``phone``, ``place``, ``born``, what is the same."""

    one: int
    other: int
    same: tuple[str, ...]


def pairs(community_id: int, kind: type[Elder] | type[Volunteer]) -> list[Pair]:
    """Return who may be in a register twice, the surest first: one name and something more, or one number and one sound."""
    rows = _elders(community_id) if kind is Elder else _volunteers(community_id)
    found: dict[tuple[int, int], Pair] = {}
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.name,), []).append(row)
        if row.phone:
            groups.setdefault((row.phone, row.sound), []).append(row)
    for group in groups.values():
        if 1 < len(group) <= MOST_ALIKE:
            found |= {(one.number, other.number): _pair(one, other) for one, other in combinations(group, 2)}
    sure = [each for each in found.values() if len(each.same) > 1]
    return sorted(sure, key=lambda each: (-len(each.same), each.one, each.other))[:SHOWN]


def _pair(one: Row, other: Row) -> Pair:
    """Say what two rows have in common."""
    alike = {
        "name": one.name == other.name,
        "sound": one.name != other.name and one.sound == other.sound,
        "phone": bool(one.phone) and one.phone == other.phone,
        "place": bool(one.place) and one.place == other.place,
        "born": one.born is not None and one.born == other.born,
    }
    return Pair(one.number, other.number, tuple(name for name, is_so in alike.items() if is_so))


def _elders(community_id: int) -> list[Row]:
    """Return the elders of a community as they are compared."""
    columns = (Elder.id, Elder.name, Elder.sort_key, Elder.phone, Elder.birth_year, Household.building_id)
    rows = select(*columns).join(Elder.household).where(Elder.community_id == community_id, Elder.state == ElderState.ACTIVE)
    return [Row(number, name, sound, phone, born, str(place)) for number, name, sound, phone, born, place in _in_order(rows, Elder)]


def _volunteers(community_id: int) -> list[Row]:
    """Return the volunteers of a community as they are compared."""
    columns = (Volunteer.id, Volunteer.name, Volunteer.sort_key, Volunteer.phone, Volunteer.birth_year, Volunteer.lat, Volunteer.lon)
    rows = select(*columns).where(Volunteer.community_id == community_id, Volunteer.active)
    return [
        Row(number, name, sound, phone, born, f"{lat},{lon}") for number, name, sound, phone, born, lat, lon in _in_order(rows, Volunteer)
    ]


def _in_order(rows: Any, kind: type[Elder] | type[Volunteer]) -> Iterable[Any]:  # noqa: ANN401 - statements of several shapes
    """Return the rows of a statement in the order of their numbers."""
    return db.session.execute(rows.order_by(kind.id)).all()


def person(kind: type[Elder] | type[Volunteer], community_id: int, number: int) -> Elder | Volunteer | None:
    """Return somebody of a community's register."""
    if kind is Elder:
        return db.session.scalars(select(Elder).where(Elder.community_id == community_id, Elder.id == number)).first()
    return db.session.scalars(select(Volunteer).where(Volunteer.community_id == community_id, Volunteer.id == number)).first()


def people(kind: type[Elder] | type[Volunteer], numbers: Iterable[int]) -> dict[int, Elder | Volunteer]:
    """Return the people of a register that have these numbers."""
    if kind is Elder:
        return {each.id: each for each in db.session.scalars(select(Elder).where(Elder.id.in_(list(numbers))))}
    return {each.id: each for each in db.session.scalars(select(Volunteer).where(Volunteer.id.in_(list(numbers))))}


def mergers(community_id: int) -> Sequence[Merger]:
    """Return what was merged in a community, newest first."""
    return db.session.scalars(select(Merger).where(Merger.community_id == community_id).order_by(Merger.id.desc()).limit(SHOWN)).all()


def merger_in(community_id: int, number: int) -> Merger | None:
    """Return a merger of a community."""
    return db.session.scalars(select(Merger).where(Merger.community_id == community_id, Merger.id == number)).first()


def standing(someone: Elder | Volunteer) -> Merger | None:
    """Return the merger that somebody has a part in, while it stands."""
    mine = (
        or_(Merger.kept_elder_id == someone.id, Merger.gone_elder_id == someone.id)
        if isinstance(someone, Elder)
        else or_(Merger.kept_volunteer_id == someone.id, Merger.gone_volunteer_id == someone.id)
    )
    return db.session.scalars(select(Merger).where(mine, Merger.undone_at.is_(None))).first()
