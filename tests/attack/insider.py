"""One coordinator alone with one sign-in, a small office around them, and what they would press."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import func, select, update

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.served import record
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import MagicLink, Purpose, Role, Session, User
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.ledger import actions as ledger
from timebank.ledger.models import Account
from timebank.places.models import Community
from timebank.proposals.models import Proposal, State
from timebank.visits.models import Offer, ServiceRecord
from timebank.volunteers.models import Volunteer

TUESDAY, WEDNESDAY = date(2026, 11, 24), make.WEDNESDAY
SECONDS = (Role.COORDINATOR, Role.ADMIN)
OTHERS = (Role.INSPECTOR, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN, Role.VOLUNTEER, Role.FAMILY)


@dataclass
class Office:
    """A small office on a Wednesday at 16:00: the insider, a way to fetch colleagues, and what there is to gain by."""

    app: Flask
    insider: Browser
    colleague: Callable[..., Browser]
    community: int
    volunteer: int
    elder: int
    record: int
    building: int
    kind: int

    def minutes(self) -> int:
        """Return the minutes on record."""
        forget_reads()
        return db.session.scalar(select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(ServiceRecord.current)) or 0

    def credit(self) -> int:
        """Return the minutes on all accounts of people."""
        forget_reads()
        return db.session.scalar(select(func.coalesce(func.sum(Account.balance), 0)).where(Account.kind == "member")) or 0

    def at(self, text: str) -> None:
        """Make the clock show a time; everybody has been at work meanwhile."""
        now = make.set_clock(text)
        with transaction():
            db.session.execute(update(Session).values(last_seen_at=now, expires_at=now + timedelta(hours=12)))

    def gained(self) -> tuple[int, int]:
        """Return both."""
        return self.minutes(), self.credit()

    def waiting(self) -> list[Proposal]:
        """Return what waits for a second person."""
        forget_reads()
        return list(db.session.scalars(select(Proposal).where(Proposal.state == State.PENDING).order_by(Proposal.id)))

    def decide(self, browser: Browser, verb: str = "agree", **fields: str) -> int:
        """Let somebody press a button of the last thing that waits, and return what they were answered."""
        return browser.send(f"/proposals/{self.waiting()[-1].id}/{verb}", **fields).status_code

    def visit(self, minutes: int = 30, start: int = 14 * 60, volunteer: Volunteer | None = None, elder: Elder | None = None) -> Offer:
        """Return an accepted visit of this Wednesday."""
        elder = elder or db.session.get_one(Elder, self.elder)
        request = make.make_request(
            db.session.get_one(Community, self.community), make.make_kind(f"ERRAND{start}"), elder.household, minutes=minutes, elder=elder
        )
        return make.make_offer(make.make_visit(request), volunteer or db.session.get_one(Volunteer, self.volunteer), start, accepted=True)


@contextlib.contextmanager
def opened_office(app: Flask, sign_in_as: Callable[..., Browser]) -> Iterator[Office]:
    """Build the office."""
    make.set_clock("2026-11-23 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        make.make_canteen(community)
        building = make.make_building(community)
        home = make.make_household(community, building)
        elder = make.make_elder(home, "臧玉梅", birth_year=1936, lives_alone=True)
        volunteer = make.make_volunteer(community, has_phone=True)
        user = make.make_user(Role.VOLUNTEER, community, phone=volunteer.phone, name=volunteer.name)
        volunteer.user_id = user.id
        kind = make.make_kind("HAIR")
        made = record(volunteer, kind, TUESDAY, 187)
        numbers = (community.id, volunteer.id, elder.id, made.id, building.id, kind.id)
    make.set_clock("2026-11-25 16:00")
    insider = sign_in_as(Role.COORDINATOR, community_id=numbers[0])

    def colleague(role: Role = Role.COORDINATOR) -> Browser:
        browser = sign_in_as(role, community_id=numbers[0])
        forget_reads()
        return browser

    with app.app_context():
        yield Office(app, insider, colleague, *numbers)


def typed(office: Office, made: Offer, started: str, ended: str) -> None:
    """Let the insider type one line of a day sheet in."""
    path = f"/desk?day={WEDNESDAY.isoformat()}&everybody=1"
    fields = {f"started-{made.id}": started, f"ended-{made.id}": ended, f"outcome-{made.id}": "done"}
    assert office.insider.send(path, day=WEDNESDAY.isoformat(), everybody="1", **fields).status_code == 303
    forget_reads()


def invented(office: Office) -> tuple[Volunteer, Elder]:
    """Let the insider register a volunteer and an elder."""
    office.insider.send(
        "/volunteers/new", name="于海宁", phone="13711112222", home=office.building, travel="walk", boxes="6", max_day="180", max_week="360",
        has_phone="1",
    )  # fmt: skip
    office.insider.send(
        "/elders/new", name="宋桂兰", building=office.building, floor="2", door="201", birth_year="1936", lives_alone="1", agrees="1",
        level="unknown", agrees_service="1",
    )  # fmt: skip
    forget_reads()
    volunteer = db.session.scalars(select(Volunteer).where(Volunteer.name == "于海宁")).one()
    elder = db.session.scalars(select(Elder).where(Elder.name == "宋桂兰")).one()
    return volunteer, elder


def identity(office: Office, name: str, phone: str) -> int:
    """Let the insider change who a volunteer is."""
    return office.insider.send(
        f"/volunteers/{office.volunteer}/edit", name=name, phone=phone, home="", travel="walk", boxes="6", max_day="180", max_week="360",
        has_phone="1", active="1",
    ).status_code  # fmt: skip


def edited(office: Office, volunteer: int, **more: str) -> int:
    """Let the insider send the form of a volunteer; an empty field is a box that is not ticked."""
    person = db.session.get_one(Volunteer, volunteer)
    given = {"name": person.name, "phone": person.phone, "travel": "walk", "boxes": "6", "max_day": "180", "max_week": "360"}
    fields = given | {"has_phone": "1", "active": "1"} | more
    answered = office.insider.send(f"/volunteers/{volunteer}/edit", **{name: value for name, value in fields.items() if value}).status_code
    forget_reads()
    return answered


def fill_pool(office: Office) -> None:
    """Put something into the pool."""
    ledger.fill_pool(office.community, 500, source="opening", idem=("test", "pool"), actor="clock")


def sheet_of(office: Office, user: int) -> Browser:
    """Return a browser that came in by the code of a sheet the insider printed."""
    with transaction():
        token = access.make_link(db.session.get_one(User, user), Purpose.DAY_SHEET, clock.at(date(2026, 11, 26), 0), limit=3)
        db.session.scalars(select(MagicLink)).one().made_by = office.insider.user
    sheet = open_browser(office.app)
    assert sheet.send(f"/link/{token}").status_code == 303
    return sheet


def elder_edited(office: Office, number: int, **more: str) -> int:
    """Let the insider send the form of an elder."""
    elder = db.session.get_one(Elder, number)
    given = {"name": elder.name, "building": str(elder.household.building_id), "floor": "1", "birth_year": str(elder.birth_year)}
    answered = office.insider.send(f"/elders/{number}/edit", **(given | more)).status_code
    forget_reads()
    return answered
