"""Small builders of people, places and visits for tests: each adds one thing to the open write unit and returns it.

Open ``with app.app_context(), transaction():`` first. Every value can be given; what is not given is ordinary. The week
they build for is that of ``MONDAY`` (2026-11-23); ``set_clock("2026-11-25 10:30")`` makes the clock stand in it.
"""

import itertools
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from timebank import clock
from timebank.access.models import Role, User
from timebank.catalogue.models import Evidence, ServiceKind
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember, Household, Said
from timebank.ledger.actions import open_account
from timebank.places.models import Building, Canteen, Community, Compound, Street
from timebank.visits.actions.offering import Slot, accept, offer
from timebank.visits.models import HelpRequest, Offer, Pattern, RequestState, Source, Visit
from timebank.volunteers import standing
from timebank.volunteers.models import BEGINNING, Standing, Travel, Volunteer

MONDAY = date(2026, 11, 23)
WEDNESDAY = MONDAY + timedelta(days=2)
NOON = (11 * 60, 12 * 60 + 15)
AFTERNOON = (14 * 60, 17 * 60)
T = TypeVar("T")
NUMBERS = itertools.count(1)
PHONES = itertools.count(13_700_000_001)


def set_clock(text: str) -> datetime:
    """Make the clock show a local time such as "2026-11-25 10:30" and tick on from it."""
    instant = clock.parse_instant(text)
    clock.clock.start_at(instant)
    return instant


def add(thing: T) -> T:
    """Put a row into the open write unit and give it its number."""
    db.session.add(thing)
    db.session.flush()
    return thing


def make_community(slug: str = "pine-street", **values: Any) -> Community:
    """Add a community, in a street of its own unless one is given."""
    ordinary = {
        "street": values.get("street") or add(Street(name=f"街道{next(NUMBERS)}")),
        "name": "松坡社区",
        "issuer": "松坡社区居委会",
        "issuer_code": "370200",
        "phone": "0532-0000 0123",
        "responsible": "衣晓雯",
    }
    return add(Community(slug=slug, **{**ordinary, **values}))


def make_canteen(community: Community, **values: Any) -> Canteen:
    """Add a canteen whose meals stay hot for 60 minutes."""
    ordinary = {"name": "松坡老年食堂", "address": "松坡路 2 号后门", "lat": 36.056, "lon": 120.352, "ready": 650, "until": 720, "hot": 60}
    return add(Canteen(community_id=community.id, **{**ordinary, **values}))


def make_building(community: Community, name: str = "松坡路 12 号", **values: Any) -> Building:
    """Add a building in a compound of its own."""
    compound = add(Compound(community_id=community.id, name=f"松坡路片{next(NUMBERS)}"))
    return add(Building(compound=compound, name=name, **{"lat": 36.057, "lon": 120.353, "floors": 4, **values}))


def make_kind(code: str = "HAIR", **values: Any) -> ServiceKind:
    """Add a service kind: ``MEAL`` from the canteen with one tap a door, every other code a timed one."""
    meal = code == "MEAL"
    ordinary: dict[str, Any] = {
        "name": "送餐上门" if meal else "上门理发",
        "name_en": "Meal to the door" if meal else "Haircut at home",
        "group": "助餐" if meal else "助洁代办",
        "group_en": "Meals" if meal else "Household and errands",
        "minutes": 3 if meal else 40,
        "windows": [list(NOON)] if meal else [[540, 690], list(AFTERNOON)],
        "skills": ["meal"] if meal else ["hair"],
        "second_skills": [],
        "evidence": Evidence.DOOR_TAP if meal else Evidence.TIMED,
        "from_canteen": meal,
        "workdays_only": meal,
        "weight": 15 if meal else 10,
        "icon": "bowl" if meal else "scissors",
    }
    return add(ServiceKind(code=code, **{**ordinary, **values}))


def make_household(community: Community, building: Building | None = None, **values: Any) -> Household:
    """Add a door."""
    home = building or make_building(community)
    ordinary = {"number": f"H{next(NUMBERS):04d}", "entrance": "2 单元", "floor": 3, "door": "西户"}
    return add(Household(community_id=community.id, building=home, **{**ordinary, **values}))


def make_elder(household: Household, name: str = "鞠淑贞", **values: Any) -> Elder:
    """Add an elder behind a door."""
    ordinary = {"number": f"E{next(NUMBERS):04d}", "sort_key": name, "gender": "F", "phone": "053200001111"}
    return add(Elder(community_id=household.community_id, household=household, name=name, **{**ordinary, **values}))


def make_user(role: Role | str = Role.VOLUNTEER, community: Community | None = None, **values: Any) -> User:
    """Add somebody who can sign in."""
    ordinary = {"phone": str(next(PHONES)), "name": "", "created_at": clock.now(), "active": True, "locale": "zh"}
    of_street = role == Role.STREET_OFFICER
    place = {"street_id" if of_street else "community_id": (community.street_id if of_street else community.id) if community else None}
    return add(User(role=Role(role), **{**ordinary, **place, **values}))


def make_volunteer(community: Community, name: str = "王秀芬", user_id: int | None = None, **values: Any) -> Volunteer:
    """Add a volunteer with an empty time account."""
    account = open_account(community.id)
    ordinary = {
        "number": f"V{next(NUMBERS):04d}",
        "sort_key": name,
        "phone": str(next(PHONES)),
        "lat": 36.055,
        "lon": 120.351,
        "travel": Travel.WALK,
    }
    made = add(Volunteer(community_id=community.id, account_id=account.id, user_id=user_id, name=name, **{**ordinary, **values}))
    standing.begin(made)
    return made


def make_standing(volunteer: Volunteer, from_day: date = BEGINNING, **values: Any) -> Standing:
    """Note what a volunteer is from a day on, as the machine does; what is not given is an ordinary volunteer's."""
    ordinary = {"paid": False, "collective": False, "reason": "招聘", "noted_at": clock.now()}
    made = add(Standing(volunteer_id=volunteer.id, from_day=from_day, **{**ordinary, **values}))
    standing.follow(volunteer)
    return made


def make_family(elder: Elder, user: User, *, approved: bool = True) -> FamilyMember:
    """Let a user speak for an elder, or wait for the approval."""
    agreed = {"approved_at": clock.now(), "elder_said": Said.FILE} if approved else {}
    return add(FamilyMember(elder_id=elder.id, user_id=user.id, relation="女儿", **agreed))


def make_request(community: Community, kind: ServiceKind, household: Household | None = None, **values: Any) -> HelpRequest:
    """Add an accepted request (a new one when there is no door) for Wednesday."""
    meal = kind.from_canteen
    ordinary: dict[str, Any] = {
        "number": f"Q{next(NUMBERS):06d}",
        "asked_at": clock.now(),
        "pattern": Pattern.ONCE,
        "weekdays": [],
        "dates": [WEDNESDAY.isoformat()],
        "first_day": WEDNESDAY,
        "window_from": NOON[0] if meal else AFTERNOON[0],
        "window_to": NOON[1] if meal else AFTERNOON[1],
        "boxes": 1 if meal else 0,
        "source": Source.DESK,
        "state": RequestState.ACCEPTED if household else RequestState.NEW,
    }
    return add(HelpRequest(community_id=community.id, kind=kind, household=household, **{**ordinary, **values}))


def make_visit(request: HelpRequest, day: date = WEDNESDAY, canteen: Canteen | None = None, **values: Any) -> Visit:
    """Add an open visit of a request; a meal needs its canteen."""
    ordinary: dict[str, Any] = {
        "occurrence": day,
        "week": clock.monday_of(day),
        "days": [day.isoformat()],
        "window_from": request.window_from,
        "window_to": request.window_to,
        "minutes": request.minutes or request.kind.minutes,
        "crew": request.kind.crew or 1,
        "weight": request.kind.weight,
        "canteen_id": canteen.id if canteen else None,
        "boxes": request.boxes,
    }
    return add(
        Visit(community_id=request.community_id, request=request, household=request.household, kind=request.kind, **{**ordinary, **values})
    )


def make_offer(
    visit: Visit,
    volunteer: Volunteer,
    start: int,
    day: date = WEDNESDAY,
    *,
    pickup: int | None = None,
    accepted: bool = False,
    why: str = "",
) -> Offer:
    """Ask a volunteer to serve a visit, by the product's own action; ``accepted`` answers at once."""
    slot = Slot(day=day, start=start, window=visit.window_from, pickup=pickup, why_zh=why, why_en=why)
    made = offer(visit, volunteer, slot)
    if accepted:
        accept(made)
    return made


def make_round(
    community: Community, volunteer: Volunteer, *, doors: int = 2, boxes: int = 1, day: date = WEDNESDAY, accepted: bool = True
) -> list[Offer]:
    """Add a whole meal round at noon: its doors 5 minutes apart from 11:00 on, picked up at 10:50."""
    kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "MEAL")).first() or make_kind("MEAL")
    canteen = db.session.scalars(select(Canteen).where(Canteen.community_id == community.id)).first() or make_canteen(community)
    offers = []
    for place in range(doors):
        household = make_household(community, make_building(community, f"松坡路 {place + 1} 号"))
        make_elder(household, f"{'鞠吕郭宋林于孙'[place % 7]}淑贞")
        request = make_request(community, kind, household, boxes=boxes, dates=[day.isoformat()], first_day=day)
        visit = make_visit(request, day, canteen)
        offers.append(make_offer(visit, volunteer, 660 + 5 * place, day, pickup=650, accepted=accepted, why="你常送这一片"))
    return offers
