"""An office of two, a volunteer who forgot to check in, and a sister nobody may be partial to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser, open_browser
from timebank import clock
from timebank.access import actions, guards
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.visits.actions.entering import Draft
from timebank.visits.models import Offer, ServiceRecord, Trust
from timebank.volunteers.models import Volunteer
from timebank.volunteers.standing import frozen

NOW = "2026-11-25 16:00"
TUESDAY = date(2026, 11, 24)


@dataclass
class Office:
    """The rows tests start from, by number, so that each session reads its own."""

    community: int
    first: int
    second: int
    volunteer: int
    owner: int
    hair: int
    offer: int

    def user(self, name: str) -> User:
        """Return somebody who signs in, by their place here."""
        return db.session.get_one(User, getattr(self, name))

    @property
    def carer(self) -> Volunteer:
        """The volunteer."""
        return db.session.get_one(Volunteer, self.volunteer)

    @property
    def kind(self) -> ServiceKind:
        """Haircuts, planned at 40 minutes."""
        return db.session.get_one(ServiceKind, self.hair)

    @property
    def forgotten(self) -> Offer:
        """The accepted visit of Tuesday 14:30 that has no check-in."""
        return db.session.get_one(Offer, self.offer)

    def draft(self, start: int = 600, end: int = 645, day: date = TUESDAY, **values: Any) -> Draft:
        """Return what somebody would enter: 45 minutes on Tuesday morning unless said otherwise."""
        ordinary: dict[str, Any] = {
            "volunteer": self.carer,
            "kind": self.kind,
            "place": "松坡路服务站",
            "reason": "义诊临时帮忙，没有排班",
            "evidence": "签到表第 3 行，衣晓雯在场",
        }
        return Draft(started=clock.at(day, start), ended=clock.at(day, end), **{**ordinary, **values})

    def back(self, start: int = 872, end: int = 915) -> Draft:
        """Return the back entry of the forgotten visit."""
        return self.draft(start, end, offer=self.forgotten, place="松坡路片", reason="手机没电，没能签到", evidence="给吕奶奶打过电话")


def open_office(app: Flask) -> Office:
    """Build the office on the Wednesday of the builders' week."""
    make.set_clock("2026-11-23 09:00")
    with app.app_context(), transaction():
        community = make.make_community(f"pine-{next(make.NUMBERS)}")
        owner = make.make_user(Role.VOLUNTEER, community)
        carer = make.make_volunteer(community, "郭玉洁", user_id=owner.id, phone=owner.phone)
        hair = make.make_kind("HAIR")
        home = make.make_household(community)
        make.make_elder(home, "吕桂英")
        visit = make.make_visit(make.make_request(community, hair, home, dates=[TUESDAY.isoformat()], first_day=TUESDAY), TUESDAY)
        made = make.make_offer(visit, carer, 870, TUESDAY, accepted=True)
        office = Office(
            community=community.id,
            first=make.make_user(Role.COORDINATOR, community, name="衣晓雯").id,
            second=make.make_user(Role.COORDINATOR, community, name="曲成海").id,
            volunteer=carer.id,
            owner=owner.id,
            hair=hair.id,
            offer=made.id,
        )
    make.set_clock(NOW)
    return office


@pytest.fixture
def office(app: Flask) -> Office:
    """Give the office on SQLite."""
    return open_office(app)


def served(volunteer: Volunteer, kind: ServiceKind, begun: datetime, minutes: int, **values: Any) -> ServiceRecord:
    """Put a served and confirmed visit on record, without its credit; at a new door unless one is given."""
    community = db.session.get_one(Community, volunteer.community_id)
    home = values.pop("home", None) or make.make_household(community)
    visit = make.make_visit(make.make_request(community, kind, home, boxes=0), begun.date())
    ordinary = {"planned_minutes": minutes, "trust": Trust.CODE, "created_at": begun + timedelta(minutes=minutes)}
    return make.add(
        ServiceRecord(
            community_id=community.id,
            volunteer_id=volunteer.id,
            visit_id=visit.id,
            kind_id=kind.id,
            day=begun.date(),
            **frozen(volunteer, begun.date()),
            started_at=begun,
            ended_at=begun + timedelta(minutes=minutes),
            minutes=minutes,
            **{**ordinary, **values},
        )
    )


@pytest.fixture
def sit(app: Flask, office: Office) -> Callable[[str], Browser]:
    """Return a function that gives the browser of somebody of the office, by their place in it."""

    def seated(who: str) -> Browser:
        browser = open_browser(app)
        with app.app_context(), transaction():
            token, _session = actions.sign_in(office.user(who))
        with app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        return browser

    return seated
