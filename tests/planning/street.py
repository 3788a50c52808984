"""A small street for the tests of planning: its week, its people, and the coordinator's browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.browser import Browser
from tests.builders import (
    MONDAY,
    WEDNESDAY,
    add,
    make_elder,
    make_household,
    make_kind,
    make_request,
    set_clock,
)
from timebank import clock
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.places.models import Canteen, Community
from timebank.planning import queries
from timebank.planning.actions import weeks
from timebank.planning.models import Plan
from timebank.visits.actions import offering
from timebank.visits.models import HelpRequest, Offer, OfferState, Visit
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Team, TimeOff, Volunteer

WEEK = "2026-W48"


@dataclass
class Street:
    """One community with its week still to plan, and the coordinator's browser."""

    app: Flask
    browser: Browser
    community: int
    wang: int
    zhao: int
    kind: int
    browsers: Callable[..., Browser]

    def sign_in(self, role: Role, community: int | None = None) -> Browser:
        """Return the browser of somebody else with a role, in this community or another."""
        browser = self.browsers(role, community or self.community)
        forget_reads()
        return browser

    def lead(self, role: Role) -> Browser:
        """Return the browser of a lead whose team is Wang's, or of somebody of the canteen."""
        browser = self.sign_in(role)
        with transaction():
            if role is Role.TEAM_LEAD:
                thing: Team | Canteen = volunteers.add_team(self.community, "松坡队")
                volunteers.join_team(thing, self.volunteer(self.wang), clock.today(), "报名")
            else:
                thing = db.session.scalars(select(Canteen)).one()
            volunteers.look_after(db.session.get_one(User, browser.user), [thing])
        return browser

    def at(self, text: str) -> None:
        """Let it be another day, the coordinator signed in anew."""
        set_clock(text)
        self.browser = self.sign_in(Role.COORDINATOR)

    def one_more(self, name: str = "吕桂英", **values: Any) -> int:
        """Let another elder of the street ask for a haircut on Wednesday afternoon; return the request's number."""
        with transaction():
            community, kind = db.session.get_one(Community, self.community), db.session.get_one(ServiceKind, self.kind)
            home = make_household(community)
            make_elder(home, name)
            return make_request(community, kind, home, **values).id

    def meals(self, doors: int) -> None:
        """Let some doors ask for a meal on Wednesday noon."""
        with transaction():
            community = db.session.get_one(Community, self.community)
            kind = make_kind("MEAL", skills=[])
            for place in range(doors):
                home = make_household(community)
                make_elder(home, f"{'郭宋林于孙'[place]}淑贞")
                make_request(community, kind, home)

    def away(self, volunteer: int, start: int = 0, end: int = 1440) -> None:
        """Give a volunteer Wednesday off, or a part of it."""
        with transaction():
            add(TimeOff(volunteer_id=volunteer, day=WEDNESDAY, start=start, end=end))

    def volunteer(self, number: int) -> Volunteer:
        """Return a volunteer as stored now."""
        return db.session.get_one(Volunteer, number)

    def open(self) -> None:
        """Open the week without asking the engine."""
        with transaction():
            weeks.open_week(self.community, MONDAY)

    def plan(self) -> Plan:
        """Return the plan as it is stored now."""
        forget_reads()
        found = queries.plan_of(self.community, MONDAY)
        assert found is not None
        return found

    def visits(self) -> list[int]:
        """Return the visits of the week in the order of their requests."""
        forget_reads()
        return list(db.session.scalars(select(Visit.id).order_by(Visit.request_id)))

    def visit_of(self, request: int) -> int:
        """Return the visit of a request."""
        forget_reads()
        return db.session.get_one(HelpRequest, request).visits[0].id

    def assigned(self) -> list[tuple[int, int]]:
        """Return which visit the plan gives to whom."""
        return sorted((each.visit_id, each.volunteer_id) for each in self.plan().assignments)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Post a form about the plan as it is now."""
        return self.browser.send(path, **{"version": self.plan().version, **fields})

    def assign(self, visit: int, *who: int, **more: Any) -> TestResponse:
        """Give a visit to people by the form."""
        return self.send(f"/plan/visits/{visit}/assign", volunteers=list(who), **more)

    def publish(self, **fields: Any) -> TestResponse:
        """Publish by the form."""
        return self.send("/plan/publish", week=WEEK, **fields)

    def offers(self, *states: OfferState) -> list[tuple[int, int]]:
        """Return who is asked for which visit, in these states or in any."""
        forget_reads()
        rows = db.session.scalars(select(Offer).order_by(Offer.id))
        return [(made.visit_id, made.volunteer_id) for made in rows if not states or made.state in states]

    def answer(self, volunteer: int, *, accept: bool) -> None:
        """Let a volunteer accept or decline everything they are asked for."""
        with transaction():
            for made in db.session.scalars(select(Offer).where(Offer.volunteer_id == volunteer)):
                offering.accept(made) if accept else offering.decline(made, "那天要去医院")

    def page(self, path: str) -> str:
        """Return the text of a page."""
        answer = self.browser.get(path)
        assert answer.status_code == 200
        return answer.text
