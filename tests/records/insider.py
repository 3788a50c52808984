"""One coordinator alone: an invented volunteer and elder a colleague was talked into, and check-ins without a code confirmed by a call."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date

from tests import builders as make
from tests.records.conftest import TUESDAY, Office
from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db, transaction
from timebank.elders import actions as elders
from timebank.elders.models import Elder
from timebank.places.models import Building, Community
from timebank.proposals import vouching
from timebank.visits.actions import confirming, offering, serving
from timebank.visits.models import Offer, ServiceRecord, Trust, Visit
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Volunteer

ELEVEN = 11 * 60


@contextlib.contextmanager
def acting(user: User) -> Generator[None]:
    """Do something in the name of somebody who is signed in."""
    token = audit.actor.set(f"user:{user.id}")
    try:
        with transaction():
            yield
    finally:
        audit.actor.reset(token)


@dataclass
class Invented:
    """Whom somebody has made up, by number."""

    volunteer: int
    elder: int

    @property
    def carer(self) -> Volunteer:
        """The volunteer nobody has ever seen."""
        return db.session.get_one(Volunteer, self.volunteer)

    @property
    def home(self) -> Elder:
        """The elder nobody has ever seen."""
        return db.session.get_one(Elder, self.elder)


def invent(office: Office, by: User, *, elder_phone: str = "13733334444", has_phone: bool = True) -> Invented:
    """Register a volunteer and an elder, both at the desk."""
    with acting(by):
        community = db.session.get_one(Community, office.community)
        building: Building = make.make_building(community, f"松坡路 {next(make.NUMBERS)} 号")
        who = volunteers.Person(name="仇立新", phone="13711112222", home=building, has_phone=has_phone)
        person = volunteers.add_volunteer(community.id, who)
        elder = elders.register(community.id, elders.Door(building=building), elders.Person(name="丛桂兰", phone=elder_phone))
        return Invented(person.id, elder.id)


def colleague(office: Office, by: User) -> User:
    """Return the other coordinator."""
    return office.user("second" if by.id == office.first else "first")


def vouched(office: Office, whom: Invented, by: User) -> Invented:
    """Let somebody vouch for the invented two, so that whoever registered them may confirm their hours."""
    with acting(by):
        vouching.vouch(office.community, [f"volunteer-{whom.volunteer}", f"elder-{whom.elder}"], by)
    return whom


def known(office: Office, by: User, *, elder_phone: str = "13733334444") -> Invented:
    """Register a volunteer and an elder for whom the colleague vouches."""
    return vouched(office, invent(office, by, elder_phone=elder_phone), colleague(office, by))


def asked(office: Office, whom: Invented, day: date, start: int) -> Offer:
    """Plan a visit for the invented two and ask the volunteer."""
    community = db.session.get_one(Community, office.community)
    request = make.make_request(community, office.kind, whom.home.household, dates=[day.isoformat()], first_day=day)
    return make.make_offer(make.make_visit(request, day, window_from=480, window_to=1200), whom.carer, start, day)


def typed_visit(office: Office, whom: Invented, by: User, day: date = TUESDAY, *, start: int = ELEVEN, minutes: int = 40) -> int:
    """Plan a visit for the invented two, say yes for the volunteer and type its times in from "paper"; return its number."""
    with acting(by):
        made = asked(office, whom, day, start)
        offering.accept(made, Trust.DESK)
        serving.enter_from_sheet(made, clock.at(day, start), clock.at(day, start + minutes), by=by)
        return made.visit_id


def checked_in_visit(office: Office, whom: Invented, day: date = TUESDAY, *, start: int = ELEVEN, minutes: int = 40) -> int:
    """Plan a visit for the invented two whose phone checks in without the elder's code; return its number. The clock stands as before."""
    now = clock.now()
    with transaction():
        clock.clock.start_at(clock.at(day, start))
        made = asked(office, whom, day, start)
        offering.accept(made)
        serving.check_in(made, None)
        clock.clock.start_at(clock.at(day, start + minutes))
        serving.check_out(made)
        number = made.visit_id
    clock.clock.start_at(now)
    return number


def confirmed(visit_id: int, by: User, trust: Trust = Trust.CALL) -> ServiceRecord:
    """Confirm a visit, by a call unless another mark is given."""
    with acting(by):
        return confirming.confirm(db.session.get_one(Visit, visit_id), trust, by)[0]


def alone(
    office: Office, by: User, day: date = TUESDAY, *, start: int = ELEVEN, minutes: int = 40, whom: Invented | None = None
) -> ServiceRecord:
    """Confirm by a call nobody heard what no code shows, for people of one's own, and return what stands on record."""
    return confirmed(checked_in_visit(office, whom or known(office, by), day, start=start, minutes=minutes), by)
