"""Reads of the audit trail: the rows of a community that a reader asks for, and those about one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only

from timebank import clock
from timebank.access.circles import OFFICE
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import Base, db
from timebank.elders.models import Elder, Household
from timebank.elders.queries import elders as find_elders
from timebank.oversight import tracing, words
from timebank.places.models import Building
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteers as find_volunteers

T = TypeVar("T", bound=Base)
MOST = 20_000
KEPT_DAYS = 366
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: a period of days, and within it one actor, one kind of thing, or the people that some words name."""

    first: date
    last: date
    who: str = ""
    thing: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """Who did the deeds of some rows, and by each row's number whom it is about."""

    actors: dict[str, User]
    users: dict[int, User]
    volunteers: dict[int, Volunteer]
    elders: dict[int, Elder]
    homes: dict[int, Household]


def trail(community_id: int, asked: Asked) -> list[AuditRow]:
    """Return the rows of a community that are asked for, the newest first."""
    rows = select(AuditRow).where(
        AuditRow.at >= clock.at(asked.first, 0), AuditRow.at < clock.at(asked.last + timedelta(days=1), 0), *_narrowed(community_id, asked)
    )
    found = db.session.scalars(rows.order_by(AuditRow.id.desc()).limit(MOST)).all()
    return _of_community(community_id, found)


def _narrowed(community_id: int, asked: Asked) -> list[ColumnElement[bool]]:
    """Return what narrows the rows to an actor, a kind of thing or the people that are named."""
    narrowed: list[ColumnElement[bool]] = []
    if asked.who:
        narrowed.append(AuditRow.actor == asked.who)
    if asked.thing:
        narrowed.append(AuditRow.subject == asked.thing)
    if asked.words:
        narrowed.append(tuple_(AuditRow.subject, AuditRow.subject_id).in_(_named(community_id, asked.words) or [("", "")]))
    return narrowed


def _named(community_id: int, said: str) -> list[tuple[str, str]]:
    """Return the things that belong to the elders and volunteers whom some words name."""
    found: list[tuple[str, str]] = []
    for gone in (False, True):
        for elder in find_elders(community_id, said, gone=gone):
            found += things_of_elder(elder)
        for volunteer in find_volunteers(community_id, said, gone=gone):
            found += things_of_volunteer(volunteer)
    return found


def things_of_elder(elder: Elder) -> list[tuple[str, str]]:
    """Return what in the trail is about an elder: the person, the door, the needs."""
    needs = db.session.scalars(select(HelpRequest.id).where(HelpRequest.household_id == elder.household_id))
    return [("elder", str(elder.id)), ("household", str(elder.household_id)), *(("help_request", str(each)) for each in needs)]


def things_of_volunteer(volunteer: Volunteer) -> list[tuple[str, str]]:
    """Return what in the trail is about a volunteer: the person and the sign-in."""
    return [("volunteer", str(volunteer.id)), *([("user", str(volunteer.user_id))] if volunteer.user_id else [])]


def _of_community(community_id: int, rows: Sequence[AuditRow]) -> list[AuditRow]:
    """Return the rows about a community's things; of what belongs to none, those that its own people did, or who may act in every one."""
    found = tracing.communities(rows)
    actors = actors_of(rows)
    return [row for row in rows if found.get((row.subject, row.subject_id), _home(actors.get(row.actor), community_id)) == community_id]


def _home(actor: User | None, community_id: int) -> int | None:
    """Return the community that somebody's own deeds stand under: an administrator of all communities hides under none of them."""
    if actor is not None and actor.role is Role.ADMIN and actor.community_id is None:
        return community_id
    return actor.community_id if actor is not None else None


def actors_of(rows: Iterable[AuditRow]) -> dict[str, User]:
    """Return the users who did the deeds of some rows."""
    numbers = {int(row.actor.removeprefix("user:")) for row in rows if row.actor.startswith("user:")}
    return {f"user:{each.id}": each for each in db.session.scalars(select(User).where(User.id.in_(numbers)))}


def behind(rows: Sequence[AuditRow]) -> Behind:
    """Return the people behind some rows, read in one go for each kind."""
    volunteers, elders, homes = (tracing.people(rows, kind) for kind in ("volunteer", "elder", "household"))
    people = _by_id(select(Elder).options(load_only(Elder.id, Elder.name, Elder.household_id)), Elder.id, elders.values())
    at = homes | {row: people[number].household_id for row, number in elders.items() if number in people}
    address = joinedload(Household.building).joinedload(Building.compound)
    doors = _by_id(select(Household).options(load_only(Household.id, Household.building_id), address), Household.id, at.values())
    carers = _by_id(select(Volunteer), Volunteer.id, volunteers.values())
    signed = {row.id: int(row.subject_id) for row in rows if row.subject == "user" and row.subject_id.isdecimal()}
    users = _by_id(select(User), User.id, signed.values())
    return Behind(
        actors=actors_of(rows),
        users={row: users[number] for row, number in signed.items() if number in users},
        volunteers={row: carers[number] for row, number in volunteers.items() if number in carers},
        elders={row: people[number] for row, number in elders.items() if number in people},
        homes={row: doors[number] for row, number in at.items() if number in doors},
    )


def _by_id(rows: Select[T], key: InstrumentedAttribute[int], numbers: Iterable[int]) -> dict[int, T]:
    """Return the rows with some numbers, by number."""
    return {int(getattr(each, key.key)): each for each in db.session.scalars(rows.where(key.in_(set(numbers))))}


def staff(community_id: int) -> Sequence[User]:
    """Return who of the office may have done something, by name."""
    mine = (User.community_id == community_id, User.role.in_(OFFICE))
    return db.session.scalars(select(User).where(*mine).order_by(User.role, User.name, User.id)).all()


def about(things: Sequence[tuple[str, str]]) -> list[AuditRow]:
    """Return the rows of a year about some things that have to do with a person's data, the newest first."""
    since = clock.now() - timedelta(days=KEPT_DAYS)
    rows = select(AuditRow).where(tuple_(AuditRow.subject, AuditRow.subject_id).in_(things), AuditRow.at >= since)
    found = db.session.scalars(rows.order_by(AuditRow.id.desc()))
    return [row for row in found if words.group(row.verb, row.subject) in {words.PEOPLE, words.LOOKED, words.MINUTES}]
