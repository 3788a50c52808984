"""Reads of the audit trail: the rows of a community that a reader asks for, and those about one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import joinedload, load_only

from timebank import clock
from timebank.access.models import Role, User
from timebank.access.policy import READERS
from timebank.audit import AuditRow
from timebank.db import db
from timebank.elders.models import Elder, Household
from timebank.elders.queries import elders as find_elders
from timebank.oversight import tracing, words
from timebank.places.models import Building
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteers as find_volunteers

MOST = 20_000
KEPT_DAYS = 366
SYSTEM = "system"
OFFICE = (*READERS, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: a period of days, and within it one actor, one kind of thing, or the people that some words name."""

    first: date
    last: date
    who: str = ""
    thing: str = ""
    words: str = ""


@dataclass(slots=True)
class Behind:
    """Who did the deeds of some rows, and whom they are about."""

    actors: dict[str, User] = field(default_factory=dict)
    volunteers: dict[tuple[str, str], Volunteer] = field(default_factory=dict)
    elders: dict[tuple[str, str], Elder] = field(default_factory=dict)
    homes: dict[tuple[str, str], Household] = field(default_factory=dict)


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
    """Return the rows about a community's things; of what belongs to none, those that its own people did."""
    found = tracing.communities(rows)
    actors = actors_of(rows)
    return [
        row
        for row in rows
        if found.get((row.subject, row.subject_id), actors[row.actor].community_id if row.actor in actors else None) == community_id
    ]


def actors_of(rows: Iterable[AuditRow]) -> dict[str, User]:
    """Return the users who did the deeds of some rows."""
    numbers = {int(row.actor.removeprefix("user:")) for row in rows if row.actor.startswith("user:")}
    return {f"user:{each.id}": each for each in db.session.scalars(select(User).where(User.id.in_(numbers)))}


def behind(rows: Sequence[AuditRow]) -> Behind:
    """Return the people behind some rows, read in one go for each kind."""
    volunteers, elders, homes = (tracing.people(rows, column) for column in ("volunteer_id", "elder_id", "household_id"))
    known = {each.id: each for each in db.session.scalars(select(Volunteer).where(Volunteer.id.in_(set(volunteers.values()))))}
    lean = load_only(Elder.id, Elder.name, Elder.household_id)
    people = {each.id: each for each in db.session.scalars(select(Elder).options(lean).where(Elder.id.in_(set(elders.values()))))}
    places = db.session.scalars(
        select(Household)
        .options(load_only(Household.id, Household.building_id), joinedload(Household.building).joinedload(Building.compound))
        .where(Household.id.in_({*homes.values(), *(each.household_id for each in people.values())}))
    )
    doors = {each.id: each for each in places}
    at = homes | {key: people[number].household_id for key, number in elders.items() if number in people}
    return Behind(
        actors=actors_of(rows),
        volunteers={key: known[number] for key, number in volunteers.items() if number in known},
        elders={key: people[number] for key, number in elders.items() if number in people},
        homes={key: doors[number] for key, number in at.items() if number in doors},
    )


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
