"""Reads of tickets, narrowed to what a reader sees: pages of a list, counts by state, what is due, what one person brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.access.circles import LOCAL
from timebank.access.models import Role, User
from timebank.cases.models import Outcome, Sort, State, Ticket, TicketStep, Topic
from timebank.cases.states import NOT_CLOSED, OPEN
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember
from timebank.leafing import Leaf, leaf
from timebank.places.models import Building, Community, Compound
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Charge, Unit
from timebank.volunteers.queries import units_now
from timebank.volunteers.sight import sight_of

PAGE = 40
MOST_CALLS = 200
IN_LISTS = (joinedload(Ticket.charge), joinedload(Ticket.unit), joinedload(Ticket.compound), joinedload(Ticket.building))
Where = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of the tickets is asked for: a state, a sort, a topic, an outcome, only what is due or in the reader's hands, some words."""

    state: State | None = None
    is_open: bool = False
    sort: Sort | None = None
    topic: Topic | None = None
    outcome: Outcome | None = None
    is_due: bool = False
    is_mine: bool = False
    words: str = ""


def seen_by(community_id: int, user: User) -> list[Where]:
    """Return what narrows tickets to those of a community that somebody sees."""
    mine: list[Where] = [Ticket.community_id == community_id]
    if user.role in LOCAL:
        here = or_(Ticket.building_id.in_(sight_of(user).buildings), Ticket.compound_id.in_(_compounds_of(user)))
        mine.append(or_(here, Ticket.charge_id == user.id, Ticket.received_by == user.id))
    return mine


def _compounds_of(user: User) -> Select[int | None]:
    """Return the statement that reads the compounds a steward looks after."""
    return select(Charge.compound_id).where(Charge.user_id == user.id, Charge.compound_id.is_not(None))


def listed(community_id: int, user: User, asked: Asked, page: int = 1) -> Leaf[Ticket]:
    """Return a page of tickets: what is due first on top, what is closed by its newest."""
    where = [*seen_by(community_id, user), *_narrowed(asked, user)]
    rows = select(Ticket).where(*where).options(*IN_LISTS).order_by(Ticket.due.is_(None), Ticket.due, Ticket.id.desc())
    return leaf(rows, page, PAGE)


def _narrowed(asked: Asked, user: User) -> list[Where]:
    """Return what narrows tickets to those that are asked for."""
    narrowed: list[Where] = []
    if asked.state is not None:
        narrowed.append(Ticket.state == asked.state)
    if asked.is_open:
        narrowed.append(Ticket.state.in_(OPEN))
    for column, wanted in ((Ticket.sort, asked.sort), (Ticket.topic, asked.topic), (Ticket.outcome, asked.outcome)):
        if wanted is not None:
            narrowed.append(column == wanted)
    if asked.is_due:
        narrowed += [Ticket.state.in_(NOT_CLOSED), Ticket.due <= clock.today()]
    if asked.is_mine:
        narrowed.append(Ticket.charge_id == user.id)
    return [*narrowed, *(_holds(word) for word in asked.words.split())]


def _holds(word: str) -> Where:
    """Return whether a ticket's number, or a name or telephone of it or of its elder, holds a word."""
    own = (Ticket.number, Ticket.name, Ticket.sort_key, Ticket.about, Ticket.phone)
    elders = select(Elder.id).where(or_(*(each.icontains(word, autoescape=True) for each in (Elder.name, Elder.sort_key, Elder.phone))))
    return or_(*(each.icontains(word, autoescape=True) for each in own), Ticket.elder_id.in_(elders))


def counts(community_id: int, user: User) -> dict[State, int]:
    """Return how many tickets of each state somebody sees."""
    rows = select(Ticket.state, func.count()).where(*seen_by(community_id, user)).group_by(Ticket.state)
    return {state: int(count) for state, count in db.session.execute(rows)}


def due(community_id: int, user: User, states: Sequence[State] = NOT_CLOSED) -> int:
    """Return of how many tickets in some states the next step is due today or overdue."""
    waiting = (Ticket.state.in_(states), Ticket.due <= clock.today())
    return db.session.scalar(select(func.count()).select_from(Ticket).where(*seen_by(community_id, user), *waiting)) or 0


def to_call(community_id: int, user: User) -> Sequence[Ticket]:
    """Return the tickets whose bringer is to be called back, the one due first on top; as many as a day of calls could ever take."""
    rows = select(Ticket).where(*seen_by(community_id, user), Ticket.state == State.ENDED).options(*IN_LISTS)
    return db.session.scalars(rows.order_by(Ticket.due, Ticket.id).limit(MOST_CALLS)).all()


def ticket_of(community_id: int, ticket_id: int) -> Ticket | None:
    """Return a ticket of a community, whoever sees it."""
    return db.session.scalars(_whole().where(Ticket.community_id == community_id, Ticket.id == ticket_id)).first()


def is_seen(ticket: Ticket, user: User) -> bool:
    """Say whether somebody sees a ticket."""
    return db.session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, *seen_by(ticket.community_id, user))) is not None


@cache
def _whole() -> Select[Ticket]:
    """Return the statement that loads tickets with what their page shows."""
    return select(Ticket).options(
        joinedload(Ticket.charge),
        joinedload(Ticket.unit),
        joinedload(Ticket.elder),
        selectinload(Ticket.steps).joinedload(TicketStep.by),
        selectinload(Ticket.meetings),
        selectinload(Ticket.papers),
        selectinload(Ticket.requests).joinedload(HelpRequest.kind),
    )


def brought_by(user: User) -> Sequence[Ticket]:
    """Return what somebody brought on a phone, or what is about an elder they speak for, mediations of others aside; newest first."""
    elders = select(FamilyMember.elder_id).where(FamilyMember.user_id == user.id, FamilyMember.approved_at.is_not(None))
    theirs = or_(Ticket.brought_by == user.id, and_(Ticket.elder_id.in_(elders), Ticket.sort != Sort.MEDIATION))
    return db.session.scalars(_whole().where(theirs).order_by(Ticket.id.desc())).all()


def brought_one(user: User, ticket_id: int) -> Ticket | None:
    """Return one ticket that somebody may follow."""
    return next((each for each in brought_by(user) if each.id == ticket_id), None)


def hands(community_id: int) -> tuple[Sequence[User], list[Unit]]:
    """Return who can be given a ticket: the office, its stewards and building leads, the officers of its street, and its units."""
    street = select(Community.street_id).where(Community.id == community_id).scalar_subquery()
    here = and_(User.community_id == community_id, User.role.in_((Role.ADMIN, Role.COORDINATOR, *LOCAL)))
    above = and_(User.street_id == street, User.role == Role.STREET_OFFICER)
    users = select(User).where(or_(here, above), User.active).order_by(User.role, User.name, User.id)
    return db.session.scalars(users).all(), units_now(community_id)


def places(community_id: int, user: User) -> tuple[Sequence[Compound], Sequence[Building]]:
    """Return where something can be, as somebody may say: the compounds of a community and their buildings, a lead's own buildings only."""
    here = select(Compound).where(Compound.community_id == community_id).order_by(Compound.name)
    houses = select(Building).join(Compound).where(Compound.community_id == community_id).options(joinedload(Building.compound))
    if user.role in LOCAL:
        own = sight_of(user).buildings
        houses = houses.where(Building.id.in_(own))
        around = Compound.id.in_(select(Building.compound_id).where(Building.id.in_(own)))
        here = here.where(or_(around, Compound.id.in_(_compounds_of(user))))
    return db.session.scalars(here).all(), db.session.scalars(houses.order_by(Compound.name, Building.name)).all()
