"""Communities of three sizes for tests of every page: nothing in it, one of each thing, and far more than any office has."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.attack.town import build_town
from tests.browser import Browser, open_browser
from tests.served import record
from tests.stations.scene import furnish
from timebank import clock
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.books import closing
from timebank.cases.actions import intake, registering
from timebank.cases.actions.intake import Brought
from timebank.cases.actions.registering import Group
from timebank.cases.models import Door, Sort
from timebank.cases.registers import ClubSort, GiftSort
from timebank.catalogue.models import ServiceKind
from timebank.certificates.models import CertificateBatch
from timebank.db import db, transaction
from timebank.elders.models import Elder, Household
from timebank.notices.models import Notice
from timebank.places.models import Building, Community
from timebank.planning.actions import covering, weeks
from timebank.planning.models import Assignment, Plan, PlanRun, Publication, RunKind, RunState, Unserved
from timebank.stations.actions import hosting
from timebank.stations.models import ServiceSession
from timebank.visits.actions.correcting import correct
from timebank.visits.models import HelpRequest, Offer, OfferState, Outcome, ServiceRecord, Trust, Visit, VisitState
from timebank.volunteers import standing
from timebank.volunteers.models import Availability, Team, TeamMember, Unit, Volunteer
from timebank.volunteers.standing import frozen

NOW = "2026-11-25 12:30"
SERVED_DAYS = 2
STATION = ("理发日", "郑国", "剪纸班", "电饭锅", "量血压")


@dataclass(frozen=True)
class Size:
    """How many there are of what grows."""

    volunteers: int
    homes: int
    visits: int
    rounds: int


HUGE = Size(volunteers=200, homes=300, visits=600, rounds=10)
CROWD = Size(volunteers=40, homes=60, visits=120, rounds=4)
"""Enough that a question for each row shows, and as few as are built in a moment."""


@dataclass
class Place:
    """A community, and somebody of each role in it."""

    community: int = 0
    users: dict[Role, int] = field(default_factory=dict)

    def browser(self, app: Flask, role: Role | None) -> Browser:
        """Return the browser of somebody with a role, of a visitor without one."""
        browser = open_browser(app)
        if role is None:
            return browser
        with app.app_context(), transaction():
            token, _session = access.sign_in(db.session.get_one(User, self.users[role]))
        with app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        return browser


def empty(app: Flask) -> Place:
    """Build a community in which there is nothing: its office, a volunteer and a family without an elder; its week was planned."""
    with app.app_context(), transaction():
        make.set_clock(NOW)
        community = make.make_community()
        people = Place(community.id, {role: make.make_user(role, community if role is not Role.ADMIN else None).id for role in Role})
        make.make_volunteer(community, user_id=people.users[Role.VOLUNTEER])
        _runs(_plan(community), needed=0)
    return people


def one_of_each(app: Flask) -> Place:
    """Build the town of the attacks, which holds one of each thing, and what it lacks."""
    town = build_town(app)
    with app.app_context(), transaction():
        people = Place(town.community, {Role(name): number for name, number in town.users.items() if name in set(Role)})
        people.users[Role.VOLUNTEER] = town.users["one"]
        community = db.session.get_one(Community, town.community)
        _groups(community, [db.session.get_one(Volunteer, town.rows["carer_one"])])
        _batch(community, people.users[Role.COORDINATOR])
        _runs(db.session.get_one(Plan, town.rows["plan"]), needed=2)
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "HAIR")).one()
        _closed_month(community, db.session.get_one(Volunteer, town.rows["carer_one"]), kind)
        office = db.session.get_one(User, people.users[Role.COORDINATOR])
        furnish(community, db.session.get_one(Elder, town.rows["elder"]), STATION, "东门")
        session = db.session.get_one(ServiceSession, town.rows["session"])
        hosting.add_host(session, db.session.get_one(Volunteer, town.rows["carer_one"]))
        covering.need_now(db.session.get_one(Elder, town.rows["elder"]), kind, "坐在地上", office)
        _tickets(db.session.get_one(Elder, town.rows["elder"]), people)
    return people


def huge(app: Flask) -> Place:
    """Build a community with far more of everything than any office has."""
    return _full(app, HUGE)


def crowd(app: Flask) -> Place:
    """Build a community with some dozens of everything."""
    return _full(app, CROWD)


def _full(app: Flask, size: Size) -> Place:
    """Build a community of a size: a published week, two days of it lived."""
    with app.app_context(), transaction():
        make.set_clock("2026-11-22 09:00")
        community = make.make_community()
        people = Place(community.id, {role: make.make_user(role, community if role is not Role.ADMIN else None).id for role in Role})
        helpers = _volunteers(community, people, size)
        visits = _visits(community, _homes(community, people, size), size)
        offers = _offers(visits, helpers, size)
        for carrier in helpers[-size.rounds :]:
            make.make_round(community, carrier, doors=8)
        plan = _plan(community)
        _assign(plan, offers)
        _groups(community, helpers)
        _lived(community, offers)
        _batch(community, people.users[Role.COORDINATOR])
        _notices(community, size)
        _runs(plan, needed=size.visits)
        make.set_clock(NOW)
        furnish(community, db.session.scalars(select(Elder).limit(1)).one(), STATION, "东门", crowd=size.visits // 2)
    return people


def _closed_month(community: Community, volunteer: Volunteer, kind: ServiceKind) -> None:
    """Close October, with a statement of a volunteer in it and something corrected since."""
    older = record(volunteer, kind, date(2026, 10, 21), 35)
    closing.close(community, date(2026, 10, 1), None)
    correct(older, 20, "签退晚了", make.make_user(Role.COORDINATOR, community))


def _tickets(elder: Elder, people: Place) -> None:
    """Let the family, the volunteer and the building's lead bring something each."""
    for role in (Role.FAMILY, Role.VOLUNTEER, Role.BUILDING_LEAD):
        brought = Brought(sort=Sort.PROBLEM, door=Door.ONLINE, name="郎秋生", words="楼道灯坏了", building=elder.household.building)
        intake.take_in(elder.community_id, brought, db.session.get_one(User, people.users[role]))
    registering.open_place(elder.community_id, "东门爱心冰箱", GiftSort.FRIDGE)
    registering.add_club(elder.community_id, Group(name="清晨合唱队", sort=ClubSort.ARTS))


def _plan(community: Community) -> Plan:
    """Open the week."""
    return weeks.open_week(community.id, make.MONDAY)


def _runs(plan: Plan, *, needed: int) -> None:
    """Add a run of each kind of end: with a result, under way, waiting, failed; in a week without needs every figure is nought."""
    now = clock.now()
    steps = [
        {"phase": phase, "seconds": at / 2, "served_weight": needed, "cost": 0.0, "bound": needed}
        for at, phase in enumerate(("construct", "improve", "done"))
    ]
    score = {"served": needed, "served_weight": needed, "travel": 0, "touched": 0}
    result = {"score": score, "bound": {"served_weight": needed}, "status": "optimal", "seconds": 1, "routes": [], "unserved": []}
    figures = ("visits", "visits_needed", "homes", "homes_needed", "stops", "familiar", "travel", "busiest", "people", "touched")
    side = dict.fromkeys(figures, needed)
    tried = {"now": side, "then": side, "gained": [], "lost": [], "new_served": 0, "new_asked": 0, "newcomers": [[]]}
    come = {"count": 1, "days": [1], "from": 630, "to": 780, "skills": [], "place": {}}
    ends: list[dict[str, object]] = [
        {"state": RunState.DONE, "result": {"posts": []}, "progress": [], "kind": RunKind.ADVISE},
        {"state": RunState.DONE, "result": tried, "progress": [], "kind": RunKind.WHAT_IF, "supposed": {"come": [come]}},
        {"state": RunState.DONE, "result": result, "progress": steps, "started_at": now, "ended_at": now, "kept": True, "measures": side},
        {"state": RunState.DONE, "result": result, "progress": [], "started_at": now, "ended_at": now, "kind": RunKind.REPLAN},
        {"state": RunState.FAILED, "progress": steps[:1], "started_at": now, "ended_at": now, "fault": "it died"},
        {"state": RunState.RUNNING, "progress": steps[:2], "started_at": now, "heartbeat": now},
        {"state": RunState.QUEUED, "progress": []},
    ]
    for end in ends:
        ordinary = {"kind": RunKind.SOLVE, "input_version": plan.version, "seconds": 15, "asked_at": now}
        make.add(PlanRun(plan_id=plan.id, needed=needed, needed_weight=needed, **{**ordinary, **end}))
    gone = {"changes": 9, "touched": 4, "begun_at": now, "heartbeat": now}
    make.add(Publication(plan_id=plan.id, sent=9, people=[], ended_at=now, **gone))
    make.add(Publication(plan_id=plan.id, sent=4, people=[1], **gone))


def _volunteers(community: Community, people: Place, size: Size) -> list[Volunteer]:
    """Add volunteers who are free every day, the first of them with a phone to sign in with."""
    helpers = [
        make.make_volunteer(community, f"王{number:03d}", people.users[Role.VOLUNTEER] if not number else None)
        for number in range(size.volunteers)
    ]
    free = [Availability(volunteer_id=each.id, weekday=day, start=480, end=1080) for each in helpers for day in range(7)]
    db.session.add_all(free)
    db.session.flush()
    return helpers


def _homes(community: Community, people: Place, size: Size) -> list[Household]:
    """Add doors in a score of buildings, an elder behind each; one family follows thirty of them."""
    buildings = [make.make_building(community, f"松坡路 {number} 号", lat=36.05 + number / 3000) for number in range(20)]
    homes = [_home(community, buildings[number % 20], number) for number in range(size.homes)]
    family = db.session.get_one(User, people.users[Role.FAMILY])
    for home in homes[:30]:
        make.make_family(home.elders[0], family)
    return homes


def _home(community: Community, building: Building, number: int) -> Household:
    """Add a door with its elder."""
    household = Household(community_id=community.id, building=building, number=f"D{number:04d}", entrance="1", floor=3, door=f"{number} 室")
    household.elders.append(Elder(community_id=community.id, number=f"P{number:04d}", name=f"鞠{number:03d}", sort_key="j", gender="F"))
    db.session.add(household)
    db.session.flush()
    return household


def _visits(community: Community, homes: list[Household], size: Size) -> list[Visit]:
    """Add accepted requests with their visits over the week, and as many again that nobody has looked at."""
    kind: ServiceKind = make.make_kind("HAIR", skills=[])
    made = []
    for number in range(size.visits):
        day = make.MONDAY + timedelta(days=number % 7)
        request: HelpRequest = make.make_request(community, kind, homes[number % size.homes], dates=[day.isoformat()], first_day=day)
        made.append(make.make_visit(request, day))
    for _number in range(size.visits // 10):
        make.make_request(community, kind, None, for_name="吕奶奶", for_address="松坡路 9 号")
    return made


def _offers(visits: list[Visit], helpers: list[Volunteer], size: Size) -> list[Offer]:
    """Let nearly every visit be asked of somebody; most have accepted."""
    now = clock.now()
    made = []
    for number, visit in enumerate(visits[: size.visits * 14 // 15]):
        accepted = number % 10 != 1
        offer = Offer(
            visit=visit,
            volunteer=helpers[number % (size.volunteers - size.rounds)],
            day=visit.occurrence,
            start=840 + 40 * (number // 7 % 3),
            state=OfferState.ACCEPTED if accepted else OfferState.SENT,
            sent_at=now,
            deadline=now + timedelta(days=9),
            answered_at=now if accepted else None,
        )
        visit.state = VisitState.ACCEPTED if accepted else VisitState.OFFERED
        visit.day, visit.start = offer.day, offer.start
        made.append(offer)
    db.session.add_all(made)
    db.session.flush()
    return made


def _assign(plan: Plan, offers: list[Offer]) -> None:
    """Let the plan say what was offered, and why some visits are left."""
    rows = [
        Assignment(
            plan_id=plan.id,
            visit_id=each.visit_id,
            volunteer_id=each.volunteer_id,
            day=each.day,
            window=each.day.weekday(),
            start=each.start,
        )
        for each in offers
    ]
    asked = {each.visit_id for each in offers}
    left = [each for each in db.session.query(Visit) if each.id not in asked and each.canteen_id is None]
    db.session.add_all(rows)
    db.session.add_all(
        Unserved(plan_id=plan.id, visit_id=each.id, reason="no_window", who=[], zh="没有人有空", en="nobody is free", fix=None)
        for each in left
    )
    plan.published_at = clock.now()
    db.session.flush()


def _lived(community: Community, offers: list[Offer]) -> None:
    """Let the first days be over: every second visit of them on record, the others waiting for somebody to confirm them."""
    early = [each for each in offers if each.day < make.MONDAY + timedelta(days=SERVED_DAYS) and each.state is OfferState.ACCEPTED]
    for number, each in enumerate(early):
        begun = clock.at(each.day, each.start)
        each.started_at, each.ended_at, each.outcome, each.code_ok = begun, begun + timedelta(minutes=40), Outcome.DONE, True
        each.visit.state = VisitState.DONE if number % 2 else VisitState.CONFIRMED
        if number % 2 == 0:
            db.session.add(
                ServiceRecord(
                    community_id=community.id,
                    volunteer_id=each.volunteer_id,
                    visit_id=each.visit_id,
                    kind_id=each.visit.kind_id,
                    day=each.day,
                    **frozen(each.volunteer, each.day),
                    started_at=begun,
                    ended_at=each.ended_at,
                    minutes=40,
                    planned_minutes=40,
                    trust=Trust.CODE,
                    created_at=clock.now(),
                )
            )
    db.session.flush()


def _groups(community: Community, helpers: list[Volunteer]) -> None:
    """Add a team and a unit that everybody is in."""
    team = make.add(Team(community_id=community.id, name="清晨队"))
    unit = make.add(Unit(community_id=community.id, name="海边中学"))
    for each in helpers:
        day = standing.earliest(each)
        make.make_standing(each, day, unit_id=unit.id)
        db.session.add(TeamMember(team_id=team.id, volunteer_id=each.id, joined=max(day, make.MONDAY)))
    db.session.flush()


def _batch(community: Community, by: int) -> None:
    """Add a batch of certificates that is over."""
    now, first = clock.now(), make.MONDAY - timedelta(days=22)
    about = {"period_from": first, "period_to": make.MONDAY, "language": "zh", "base_url": "http://localhost"}
    make.add(CertificateBatch(community_id=community.id, asked_by=by, asked_at=now, beat_at=now, ended_at=now, **about))


def _notices(community: Community, size: Size) -> None:
    """Fill the outbox."""
    db.session.add_all(
        Notice(community_id=community.id, phone="13700000000", template="offer", text="有一次上门想请你去。", created_at=clock.now())
        for _ in range(size.visits)
    )
    db.session.flush()
