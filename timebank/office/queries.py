"""Reads of the office: how far its first day has come, and who signs in for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Exists, ScalarSelect, exists, func, or_, select

from timebank import clock
from timebank.access.models import MagicLink, Purpose, Role, Session, User
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, db
from timebank.elders.models import Elder, ElderState
from timebank.notices.models import MessageChannel
from timebank.office.models import SkippedStep
from timebank.places.models import Building, Canteen, Compound, Station
from timebank.planning.models import Plan
from timebank.visits.models import HelpRequest, RequestState
from timebank.volunteers.models import Availability, Team, Unit, Volunteer
from timebank.volunteers.sight import PARTIAL

FEW = 5
"""So many volunteers, and so many elders, make a first week worth planning."""
OF_THE_OFFICE = (Role.ADMIN, Role.COORDINATOR, Role.INSPECTOR, *PARTIAL)


class Step(StrEnum):
    """What an office does on its first day, in the order in which it is easiest."""

    COMMUNITY = "community"
    KINDS = "kinds"
    BUILDINGS = "buildings"
    CANTEEN = "canteen"
    STATION = "station"
    UNITS = "units"
    CHANNELS = "channels"
    COLLEAGUES = "colleagues"
    VOLUNTEERS = "volunteers"
    ELDERS = "elders"
    WEEK = "week"


MAY_BE_LEFT_OUT = frozenset({Step.CANTEEN, Step.STATION, Step.UNITS, Step.CHANNELS, Step.COLLEAGUES})


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything a community has; ``free`` are the volunteers with free time, ``needs`` what was accepted for elders."""

    kinds: int = 0
    compounds: int = 0
    buildings: int = 0
    canteens: int = 0
    stations: int = 0
    units: int = 0
    teams: int = 0
    channels: int = 0
    colleagues: int = 0
    volunteers: int = 0
    free: int = 0
    elders: int = 0
    needs: int = 0
    published: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first day has come; before there is a community nothing is counted and only its own step can be done."""

    counts: Counts
    founded: bool
    skipped: frozenset[str] = frozenset()

    def is_done(self, step: Step) -> bool:
        """Say whether a step holds what it asks for."""
        counts = self.counts
        return {
            Step.COMMUNITY: self.founded,
            Step.KINDS: self.founded and counts.kinds > 0,
            Step.BUILDINGS: counts.buildings > 0,
            Step.CANTEEN: counts.canteens > 0,
            Step.STATION: counts.stations > 0,
            Step.UNITS: counts.units + counts.teams > 0,
            Step.CHANNELS: counts.channels > 0,
            Step.COLLEAGUES: counts.colleagues > 1,
            Step.VOLUNTEERS: counts.free >= FEW,
            Step.ELDERS: counts.elders >= FEW and counts.needs > 0,
            Step.WEEK: counts.published > 0,
        }[step]

    def waits_for(self, step: Step) -> list[Step]:
        """Return the steps without which this one cannot be done yet."""
        if step is Step.COMMUNITY:
            return []
        needed = [Step.COMMUNITY]
        if step in {Step.STATION, Step.VOLUNTEERS, Step.ELDERS}:
            needed.append(Step.BUILDINGS)
        missing = [each for each in needed if not self.is_done(each)]
        if step is Step.WEEK:
            missing += [] if self.counts.free else [Step.VOLUNTEERS]
            missing += [] if self.counts.needs else [Step.ELDERS]
        return missing

    @property
    def next_step(self) -> Step | None:
        """The first step that is neither done nor left out and can be done now; None when all are."""
        left = (each for each in Step if not self.is_done(each) and each not in self.skipped and not self.waits_for(each))
        return next(left, None)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(self.is_done(each) for each in Step)

    @property
    def is_open(self) -> bool:
        """Whether the office has opened: its first week was published."""
        return self.counts.published > 0


def progress(community_id: int | None) -> Progress:
    """Return how far the first day of a community has come, in one read."""
    if community_id is None:
        return Progress(Counts(), founded=False)
    free = select(func.count(func.distinct(Availability.volunteer_id))).join(Volunteer)
    numbers = {
        "kinds": _count(ServiceKind, ServiceKind.enabled.is_(True)),
        "compounds": _count(Compound, Compound.community_id == community_id),
        "buildings": _count(Building, Building.compound_id.in_(select(Compound.id).where(Compound.community_id == community_id))),
        "canteens": _count(Canteen, Canteen.community_id == community_id),
        "stations": _count(Station, Station.community_id == community_id),
        "units": _count(Unit, Unit.community_id == community_id),
        "teams": _count(Team, Team.community_id == community_id),
        "channels": _count(MessageChannel, MessageChannel.community_id == community_id, MessageChannel.active.is_(True)),
        "colleagues": _count(User, *_of(community_id)),
        "volunteers": _count(Volunteer, Volunteer.community_id == community_id, Volunteer.active.is_(True)),
        "free": free.where(Volunteer.community_id == community_id, Volunteer.active).scalar_subquery(),
        "elders": _count(Elder, Elder.community_id == community_id, Elder.state == ElderState.ACTIVE),
        "needs": _count(HelpRequest, HelpRequest.community_id == community_id, HelpRequest.state == RequestState.ACCEPTED),
        "published": _count(Plan, Plan.community_id == community_id, Plan.published_at.is_not(None)),
    }
    counted = db.session.execute(select(*(each.label(name) for name, each in numbers.items()))).one()
    skipped = db.session.scalars(select(SkippedStep.step).where(SkippedStep.community_id == community_id))
    return Progress(Counts(**counted._mapping), founded=True, skipped=frozenset(skipped))  # noqa: SLF001 - a row as names


def is_open(community_id: int) -> bool:
    """Say whether a community has published a week."""
    return bool(db.session.scalar(select(published(community_id))))


def published(community_id: int) -> Exists:
    """Return whether a community has published a week as part of a wider read."""
    return exists().where(Plan.community_id == community_id, Plan.published_at.is_not(None))


def _count(table: type[Base], *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the count of a table's rows as part of a wider read."""
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def _of(community_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return what picks those who sign in for a community's office: an administrator belongs to each."""
    return (User.role.in_(OF_THE_OFFICE), User.active.is_(True), or_(User.community_id == community_id, User.role == Role.ADMIN))


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the office: whether they have ever come in, when they were here last, and until when their link is good."""

    user: User
    seen: datetime | None
    link_until: datetime | None


def colleagues(community_id: int) -> list[Colleague]:
    """Return who signs in for a community's office, by role and name."""
    seen = select(func.max(Session.last_seen_at)).where(Session.user_id == User.id).scalar_subquery()
    usable = (MagicLink.user_id == User.id, MagicLink.purpose == Purpose.INVITATION, MagicLink.uses < MagicLink.use_limit)
    link = select(func.max(MagicLink.expires_at)).where(*usable, MagicLink.expires_at > clock.now()).scalar_subquery()
    rows = db.session.execute(select(User, seen, link).where(*_of(community_id)).order_by(User.name, User.id)).all()
    order = {role: place for place, role in enumerate(OF_THE_OFFICE)}
    return sorted((Colleague(*row) for row in rows), key=lambda each: order[each.user.role])


def colleague(community_id: int, user_id: int) -> User | None:
    """Return somebody who signs in for a community's office."""
    return db.session.scalar(select(User).where(User.id == user_id, *_of(community_id)))


def administrators() -> Sequence[User]:
    """Return the administrators who can sign in."""
    return db.session.scalars(select(User).where(User.role == Role.ADMIN, User.active).order_by(User.id)).all()
