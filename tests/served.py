"""A small community with a volunteer whose hours are on record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from timebank import clock
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.ledger import actions as ledger
from timebank.places.models import Community
from timebank.visits.models import ServiceRecord, Trust
from timebank.volunteers import actions
from timebank.volunteers.models import Volunteer
from timebank.volunteers.standing import frozen

TODAY = date(2026, 11, 25)


@dataclass
class World:
    """The rows tests start from, by number, so that each session reads its own."""

    community: int
    volunteer: int
    coordinator: int
    hair: int
    meal: int

    def get(self) -> tuple[Community, Volunteer, User]:
        """Return community, volunteer and coordinator in the open session."""
        session = db.session
        return (
            session.get_one(Community, self.community),
            session.get_one(Volunteer, self.volunteer),
            session.get_one(User, self.coordinator),
        )


def record(
    volunteer: Volunteer,
    kind: ServiceKind,
    day: date,
    minutes: int,
    trust: Trust = Trust.CODE,
    *,
    start: int = 870,
    by: int | None = None,
    word: int | None = None,
) -> ServiceRecord:
    """Put a confirmed visit on record and credit it, as confirming does."""
    community = db.session.get_one(Community, volunteer.community_id)
    home = make.make_household(community)
    make.make_elder(home)
    visit = make.make_visit(make.make_request(community, kind, home, dates=[day.isoformat()], first_day=day, boxes=0), day)
    begun = clock.at(day, start)
    made = make.add(
        ServiceRecord(
            community_id=community.id,
            volunteer_id=volunteer.id,
            visit_id=visit.id,
            kind_id=kind.id,
            day=day,
            **frozen(volunteer, day),
            started_at=begun,
            ended_at=begun + timedelta(minutes=minutes),
            minutes=minutes,
            planned_minutes=minutes,
            trust=trust,
            confirmed_by=by,
            word_of=word,
            created_at=clock.now(),
        )
    )
    source = f"record:{made.id}:v1"
    made.transfer_seq = ledger.earn(volunteer.account_id, minutes, source=source, idem=("record", source), actor="clock").seq
    return made


@pytest.fixture
def noted_first() -> Callable[[Volunteer], object]:
    """Return what is noted of the volunteer before anything is on record: nothing, unless a file of tests says so."""
    return lambda _: None


@pytest.fixture
def world(app: Flask, noted_first: Callable[[Volunteer], object]) -> World:
    """Give a community in which one volunteer served in October and in November."""
    return served_world(app, noted_first)


def in_team(joined: date, name: str = "松坡送餐队") -> Callable[[Volunteer], object]:
    """Let a volunteer be in a team, before anything is on record."""

    def join(volunteer: Volunteer) -> object:
        return actions.join_team(actions.add_team(volunteer.community_id, name), volunteer, joined, "报名")

    return join


def served_world(app: Flask, before: Callable[[Volunteer], object] = lambda _: None) -> World:
    """Put a volunteer's October and November on record in an app's database; ``before`` is what is noted of them first."""
    with app.app_context():
        make.set_clock("2026-10-30 12:00")
        with transaction():
            community = make.make_community()
            hair, meal = make.make_kind("HAIR"), make.make_kind("SHOP", name="买菜代购", name_en="Shopping")
            volunteer = make.make_volunteer(community)
            before(volunteer)
            coordinator = make.make_user(Role.COORDINATOR, community, name="衣晓雯")
            record(volunteer, hair, date(2026, 10, 21), 35)
            record(volunteer, meal, date(2026, 10, 28), 52, Trust.AUTO, start=600)
            found = World(community.id, volunteer.id, coordinator.id, hair.id, meal.id)
        make.set_clock("2026-11-25 10:30")
        with transaction():
            record(db.session.get_one(Volunteer, volunteer.id), db.session.get_one(ServiceKind, hair.id), TODAY, 40)
    return found


@pytest.fixture
def desk(world: World, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give the browser of a coordinator of the community."""
    return sign_in_as(Role.COORDINATOR, community_id=world.community)


@pytest.fixture
def phone(world: World, sign_in_as: Callable[..., Browser], app: Flask) -> Browser:
    """Give the browser of the volunteer."""
    browser = sign_in_as(Role.VOLUNTEER, community_id=world.community)
    with app.app_context(), transaction():
        db.session.get_one(Volunteer, world.volunteer).user_id = browser.user
    return browser
