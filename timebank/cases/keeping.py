"""Reads of the registers: what is at hand at a place of gifts, how many came and went, the groups, a community's speciality."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from timebank.cases.registers import Club, GiftEntry, GiftPlace, GiftWay, Speciality
from timebank.db import db

LATEST = 100


@dataclass(slots=True)
class Tally:
    """How much came in, went out and how many heads were counted in a span of days, and what is at hand now."""

    came: int = 0
    went: int = 0
    heads: int = 0
    at_hand: dict[str, int] = field(default_factory=dict)


def places(community_id: int, *, ended: bool = False) -> Sequence[GiftPlace]:
    """Return the places of gifts of a community by sort and name, those that are there or those that were."""
    rows = select(GiftPlace).where(GiftPlace.community_id == community_id, GiftPlace.ended.is_not(None) == ended)
    return db.session.scalars(rows.order_by(GiftPlace.sort, GiftPlace.name)).all()


def place_in(community_id: int, place_id: int) -> GiftPlace | None:
    """Return a place of gifts of a community."""
    return db.session.scalars(select(GiftPlace).where(GiftPlace.community_id == community_id, GiftPlace.id == place_id)).first()


def place_named(community_id: int, name: str) -> GiftPlace | None:
    """Return the place of gifts with a name, one that is no more as well."""
    return db.session.scalars(select(GiftPlace).where(GiftPlace.community_id == community_id, GiftPlace.name == name)).first()


def entries(place: GiftPlace) -> Sequence[GiftEntry]:
    """Return the latest lines of a place's register, the newest first."""
    rows = select(GiftEntry).where(GiftEntry.place_id == place.id).options(joinedload(GiftEntry.noter))
    return db.session.scalars(rows.order_by(GiftEntry.day.desc(), GiftEntry.id.desc()).limit(LATEST)).all()


def entry_of(place: GiftPlace, entry_id: int) -> GiftEntry | None:
    """Return a line of this very place's register."""
    return db.session.scalars(select(GiftEntry).where(GiftEntry.place_id == place.id, GiftEntry.id == entry_id)).first()


def at_hand(place: GiftPlace, what: str) -> int:
    """Return how many of a thing are at a place by its register."""
    signed = func.sum(case((GiftEntry.way == GiftWay.IN, GiftEntry.count), (GiftEntry.way == GiftWay.OUT, -GiftEntry.count), else_=0))
    return (
        db.session.scalar(select(signed).where(GiftEntry.place_id == place.id, GiftEntry.what == what, GiftEntry.withdrawn_at.is_(None)))
        or 0
    )


def tallies(community_id: int, first: date, last: date) -> dict[int, Tally]:
    """Return the tally of every place of a community for a span of days, by the place's number; two questions however many there are."""
    mine = (GiftPlace.community_id == community_id, GiftEntry.withdrawn_at.is_(None))
    counted = select(GiftEntry.place_id, GiftEntry.way, func.sum(GiftEntry.count)).join(GiftEntry.place).where(*mine)
    span = counted.where(GiftEntry.day >= first, GiftEntry.day <= last).group_by(GiftEntry.place_id, GiftEntry.way)
    made: dict[int, Tally] = {}
    for place_id, way, count in db.session.execute(span):
        tally = made.setdefault(place_id, Tally())
        tally.came += count if way is GiftWay.IN else 0
        tally.went += count if way is GiftWay.OUT else 0
        tally.heads += count if way is GiftWay.HEADS else 0
    ever = select(GiftEntry.place_id, GiftEntry.what, GiftEntry.way, func.sum(GiftEntry.count)).join(GiftEntry.place)
    things = ever.where(*mine, GiftEntry.way != GiftWay.HEADS).group_by(GiftEntry.place_id, GiftEntry.what, GiftEntry.way)
    for place_id, what, way, count in db.session.execute(things.order_by(GiftEntry.what)):
        here = made.setdefault(place_id, Tally()).at_hand
        here[what] = here.get(what, 0) + (count if way is GiftWay.IN else -count)
    return made


def clubs(community_id: int, words: str = "", *, ended: bool = False) -> Sequence[Club]:
    """Return the groups of a community whose name or lead holds some words, by sort and name, those that are or those that were."""
    rows = select(Club).where(Club.community_id == community_id, Club.ended.is_not(None) == ended)
    for word in words.split():
        rows = rows.where(Club.name.icontains(word, autoescape=True) | Club.lead.icontains(word, autoescape=True))
    return db.session.scalars(rows.order_by(Club.sort, Club.name)).all()


def club_in(community_id: int, club_id: int) -> Club | None:
    """Return a group of a community."""
    return db.session.scalars(select(Club).where(Club.community_id == community_id, Club.id == club_id)).first()


def club_named(community_id: int, name: str) -> Club | None:
    """Return the group with a name, one that is no more as well."""
    return db.session.scalars(select(Club).where(Club.community_id == community_id, Club.name == name)).first()


def speciality(community_id: int) -> Speciality | None:
    """Return what a community is known for, nothing before it has said so."""
    return db.session.scalars(select(Speciality).where(Speciality.community_id == community_id)).first()
