"""A community in which corrections meet credit that is gone: records credited as confirming does, a mother, a priority elder, an office."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import Flask

from tests import builders as make
from timebank import clock
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.credit import actions as credit
from timebank.credit import queries as purses
from timebank.credit.models import GiftLink, Relation
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.ledger import queries as book
from timebank.ledger.models import AccountKind
from timebank.places.models import Community
from timebank.visits.actions.confirming import credit as credited
from timebank.visits.models import ServiceRecord, Trust
from timebank.volunteers.models import Volunteer
from timebank.volunteers.standing import frozen

TUESDAY = date(2026, 11, 24)
WHY = "签退晚了"


@dataclass
class Town:
    """The rows tests start from, by number, so that each session reads its own."""

    community: int
    volunteer: int
    mother: int
    alone: int
    first: int
    second: int
    hair: int

    @property
    def me(self) -> Volunteer:
        """The volunteer."""
        return db.session.get_one(Volunteer, self.volunteer)

    @property
    def by(self) -> User:
        """One coordinator."""
        return db.session.get_one(User, self.first)

    @property
    def colleague(self) -> User:
        """The other coordinator."""
        return db.session.get_one(User, self.second)

    def elder(self, number: int) -> Elder:
        """Return an elder."""
        return db.session.get_one(Elder, number)

    def balance(self) -> int:
        """Return what the volunteer has."""
        return book.balance(self.me.account_id)

    def purse(self, number: int) -> int:
        """Return what an elder has."""
        return purses.balance_of(self.elder(number))

    def pool(self) -> int:
        """Return what the pool has."""
        return book.totals(self.community)[AccountKind.POOL]

    def served(self, minutes: int, day: date = TUESDAY, start: int = 540, who: int | None = None) -> ServiceRecord:
        """Put a visit on record and credit it by the rules, as confirming does."""
        volunteer = db.session.get_one(Volunteer, who or self.volunteer)
        kind = db.session.get_one(ServiceKind, self.hair)
        home = make.make_household(db.session.get_one(Community, self.community))
        asked = make.make_request(home_community(home.community_id), kind, home, dates=[day.isoformat()], first_day=day, boxes=0)
        begun = clock.at(day, start)
        record = make.add(
            ServiceRecord(
                community_id=self.community,
                volunteer_id=volunteer.id,
                visit_id=make.make_visit(asked, day).id,
                kind_id=kind.id,
                day=day,
                **frozen(volunteer, day),
                started_at=begun,
                ended_at=clock.at(day, start + minutes),
                minutes=minutes,
                planned_minutes=minutes,
                activity=kind.name,
                trust=Trust.CODE,
                created_at=clock.now(),
            )
        )
        credited(record, volunteer, kind, None)
        return record

    def link(self) -> GiftLink:
        """Return a checked link from the volunteer to their mother."""
        link = credit.ask_link(self.me, Relation.PARENT, "鞠淑贞")
        credit.decide_link(link, self.elder(self.mother), self.by)
        return link

    def gives(self, minutes: int, key: str = "gift") -> None:
        """Let the volunteer give minutes to their mother."""
        link = purses.links_of(self.me)
        credit.give(link[0] if link else self.link(), minutes, key=key, actor="user:1")

    def donates(self, minutes: int, key: str = "donation") -> None:
        """Let the volunteer give minutes to the pool."""
        credit.donate(self.me, minutes, key=key, actor="user:1")

    def pool_is_used(self, minutes: int, key: str = "used") -> None:
        """Let the pool help the priority elder."""
        credit.grant(self.elder(self.alone), minutes, key=key, actor="user:1")


def home_community(number: int) -> Community:
    """Return a community."""
    return db.session.get_one(Community, number)


def town(app: Flask) -> Iterator[Town]:
    """Build the community and stay in its application's context."""
    with app.app_context():
        with transaction():
            make.set_clock("2026-11-25 09:00")
            community = make.make_community()
            home = make.make_household(community)
            names = Town(
                community=community.id,
                volunteer=make.make_volunteer(community, "王秀芬").id,
                mother=make.make_elder(home, "鞠淑贞", birth_year=1948).id,
                alone=make.make_elder(make.make_household(community), "吕桂英", birth_year=1940, lives_alone=True).id,
                first=make.make_user(Role.COORDINATOR, community, name="衣晓雯").id,
                second=make.make_user(Role.COORDINATOR, community, name="曲成海").id,
                hair=make.make_kind("HAIR", minutes=60).id,
            )
        yield names
