"""A station with a coordinator, volunteers, elders and a family, on Wednesday morning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.places.models import Community, Station
from timebank.stations.actions import queueing, sessions
from timebank.stations.actions.people import Person, person
from timebank.stations.models import Attendance, Kind, ServiceSession, Source
from timebank.volunteers.models import Volunteer

DAY = make.WEDNESDAY


@dataclass
class Corner:
    """The rows tests start from, by number, and the coordinator's browser."""

    app: Flask
    browser: Browser
    community: int
    station: int
    barber: int
    elder: int
    young: int
    building: int

    def session(self, **values: Any) -> int:
        """Put a session on the calendar, a haircut day of today where nothing else is said."""
        with self.app.app_context(), transaction():
            return hold(self, **values).id

    def count(self, model: type[Any], *where: Any) -> int:
        """Count rows."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def get(self, model: type[Any], number: int) -> Any:
        """Read a row as it is stored now."""
        with self.app.app_context():
            row = db.session.get(model, number)
            db.session.expunge_all()
            return row

    def user(self) -> User:
        """Return the coordinator in the open session."""
        return db.session.get_one(User, self.browser.user)


def hold(corner: Corner, **values: Any) -> ServiceSession:
    """Put a session on the calendar in the open write unit."""
    ordinary: dict[str, Any] = {"kind": Kind.HAIRCUT, "title": "周三理发", "day": DAY, "start": 540, "end": 690, "seats": 60}
    return sessions.hold(corner.community, sessions.Draft(**{**ordinary, "station": db.session.get_one(Station, corner.station), **values}))


def whoever(corner: Corner, name: str, phone: str = "") -> Person:
    """Return somebody by name and telephone."""
    return person(corner.community, name=name, phone=phone)


def sign_up(session: ServiceSession, who: Person, **more: Any) -> Attendance:
    """Sign somebody up at the desk."""
    return queueing.sign_up(session, who, more.pop("source", Source.DESK), **more)


def build_corner(app: Flask, browser: Browser, now: str = "2026-11-25 09:00") -> Corner:
    """Build the corner."""
    make.set_clock(now)
    with app.app_context(), transaction():
        community = make.make_community()
        building = make.make_building(community)
        station = make.add(
            Station(community_id=community.id, name="东门服务站", address="松坡路 2 号东门", lat=36.05, lon=120.35, phone="0532-88880000")
        )
        for code in ("STATION", "STHAIR", "CLASS"):
            make.make_kind(code, name=f"站点{code}", name_en="Station", skills=[], at_door=False)
        barber = make.make_volunteer(community, "王秀芬", make.make_user(community=community).id)
        elder = make.make_elder(make.make_household(community, building), "臧玉梅", birth_year=1940, phone="13812340001")
        young = make.make_elder(make.make_household(community, building), "吕桂英", birth_year=1956, phone="")
        return Corner(app, browser, community.id, station.id, barber.id, elder.id, young.id, building.id)


@pytest.fixture
def corner(app: Flask, sign_in_as: Callable[..., Browser]) -> Corner:
    """Give the corner on SQLite."""
    make.set_clock("2026-11-25 09:00")
    return build_corner(app, sign_in_as(Role.COORDINATOR))


def people(corner: Corner) -> tuple[Community, Station, Volunteer, Elder, Elder]:
    """Return the rows of a corner in the open session."""
    return (
        db.session.get_one(Community, corner.community),
        db.session.get_one(Station, corner.station),
        db.session.get_one(Volunteer, corner.barber),
        db.session.get_one(Elder, corner.elder),
        db.session.get_one(Elder, corner.young),
    )


def tomorrow() -> date:
    """Return Thursday."""
    return date(2026, 11, 26)
