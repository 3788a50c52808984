"""A small town for tests of the office's pages: a community with a coordinator, a meal round and a haircut on Wednesday."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Session
from timebank.catalogue.models import Skill
from timebank.db import db, transaction
from timebank.visits.models import Offer


@dataclass
class Town:
    """The rows tests start from, by number, and the coordinator's browser."""

    app: Flask
    browser: Browser
    community: int
    building: int
    elder: int
    volunteer: int
    silent: int
    round: int
    doors: list[int]
    haircut: int
    visit: int
    request: int

    def at(self, text: str) -> None:
        """Make the clock show a time; the coordinator has been at work meanwhile."""
        now = make.set_clock(text)
        with self.app.app_context(), transaction():
            db.session.execute(update(Session).values(last_seen_at=now))

    def get(self, model: type[Any], number: int) -> Any:
        """Read a row as it is stored now."""
        with self.app.app_context():
            row = db.session.get(model, number)
            db.session.expunge_all()
            return row

    def all(self, model: type[Any], *where: Any) -> list[Any]:
        """Read the rows of a table as they are stored now."""
        with self.app.app_context():
            rows = list(db.session.scalars(select(model).where(*where)))
            db.session.expunge_all()
            return rows

    def count(self, model: type[Any], *where: Any) -> int:
        """Count rows."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def build_town(app: Flask, browser: Browser) -> Town:
    """Build the town at 10:30 on Wednesday: meals accepted by one volunteer, a haircut asked of one without a phone."""
    with app.app_context(), transaction():
        community = make.make_community()
        make.make_canteen(community)
        hair = make.make_kind("HAIR")
        building = make.make_building(community, "松坡路 12 号")
        home = make.make_household(community, building, door_note="耳背，多敲一会儿")
        elder = make.make_elder(home, "臧玉梅", birth_year=1942)
        carrier = make.make_volunteer(community, "王秀芬")
        silent = make.make_volunteer(community, "于淑珍", has_phone=False)
        doors = make.make_round(community, carrier)
        request = make.make_request(community, hair, home, elder=elder)
        visit = make.make_visit(request)
        haircut = make.make_offer(visit, silent, 14 * 60)
        make.add(Skill(code="hair", name="理发", name_en="Haircuts", needs_proof=True))
        return Town(
            app=app,
            browser=browser,
            community=community.id,
            building=building.id,
            elder=elder.id,
            volunteer=carrier.id,
            silent=silent.id,
            round=doors[0].round_id or 0,
            doors=[made.id for made in doors],
            haircut=haircut.id,
            visit=visit.id,
            request=request.id,
        )


def offer_of(number: int) -> Offer:
    """Return an offer in the open session."""
    return db.session.get_one(Offer, number)
