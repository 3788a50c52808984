"""Every page in English: a town whose own data is in Latin letters, walked by each role along its links."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.stations.scene import furnish
from timebank import clock
from timebank.access import actions, guards
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind, Skill
from timebank.certificates.actions import issue_certificate
from timebank.db import db, transaction
from timebank.elders.models import Elder, Household
from timebank.places.models import Building, Canteen, Community, Compound, Street
from timebank.planning.actions import runs, weeks
from timebank.planning.models import Assignment, PlanRun, RunKind, RunState, Unserved
from timebank.posts import actions as posts
from timebank.posts.actions import About
from timebank.records.actions.objecting import object_to
from timebank.visits import on_duty as turns
from timebank.visits.actions import confirming, duties, serving, telling
from timebank.visits.models import HelpRequest, Offer, Outcome, Source, Trust
from timebank.visits.swaps import Hand
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Availability, HeldSkill, TimeOff, Unit, Volunteer

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
PAPER = re.compile(r"\.(pdf|xlsx|csv)\b")
BUTTON = "中文"  # the one word that is meant to be Chinese: the way back to it
HIDDEN = re.compile(r"<script.*?</script>|<!--.*?-->|(?<=<option) value=\"[^\"]*\"", re.DOTALL)
STARTS = {
    Role.ADMIN: ("/today", "/import", "/notices"),
    Role.COORDINATOR: (
        "/today",
        "/plan",
        "/requests",
        "/elders",
        "/volunteers",
        "/books",
        "/notices",
        "/confirm",
        "/calls",
        "/desk",
        "/posts",
        "/posts/new",
        "/posts/bookings",
        "/posts?show=over",
        "/duties?day=2026-11-25",
        "/duties?day=2026-11-27",
        "/search?q=W",
        "/credit",
        "/credit/rules",
        "/stations",
        "/stations/items/new?q=J",
        "/stations/check-ups/new",
    ),
    Role.TEAM_LEAD: ("/today",),
    Role.BUILDING_LEAD: ("/today",),
    Role.CANTEEN: ("/today",),
    Role.INSPECTOR: ("/report", "/today"),
    Role.VOLUNTEER: (
        "/phone",
        "/phone/offers",
        "/phone/week",
        "/phone/me",
        "/my/hours",
        "/phone/account",
        "/phone/posts",
        "/phone/posts/all",
        "/stations/here",
    ),
    Role.FAMILY: ("/family", "/ask", "/family/away", "/family/account", "/stations/here"),
}
VISITOR = ("/", "/ask", "/sign-in", "/check", "/nowhere", "/today")


class Town:
    """One community with a bit of everything, its people and places named in Latin letters."""

    def __init__(self) -> None:
        """Build it on the Monday of its week."""
        make.set_clock("2026-11-23 09:00")
        street = make.add(Street(name="Harbour Street"))
        self.community = make.add(
            Community(
                slug="pine",
                street=street,
                name="Pine Slope",
                issuer="Pine Slope Office",
                issuer_code="370200",
                phone="0532-0000 0123",
                responsible="Yi",
            )
        )
        self.compound = make.add(Compound(community_id=self.community.id, name="Pine Court"))
        self.canteen = make.make_canteen(self.community, name="Pine Canteen", address="Pine Road 2")
        self.hair = self.kind("HAIR")
        self.meal = self.kind("MEAL")
        self.skill = make.add(Skill(code="hair", name="理发", name_en="hairdressing", needs_proof=True))
        make.add(Skill(code="meal", name="送餐培训", name_en="meal delivery training", needs_proof=True))
        self.people()

    def kind(self, code: str) -> ServiceKind:
        """Return a service kind."""
        return make.make_kind(code, second_skills=[])

    def user(self, role: Role) -> User:
        """Return somebody who can sign in."""
        return make.make_user(role, self.community, name="", locale="en")

    def people(self) -> None:
        """Add volunteers: one with everything, one to be asked, one without a phone."""
        self.volunteer = make.make_volunteer(
            self.community, "Wang Xiufen", self.user(Role.VOLUNTEER).id, insured_until=make.MONDAY + timedelta(days=9)
        )
        self.other = make.make_volunteer(self.community, "Zhao Qiang", self.user(Role.VOLUNTEER).id)
        self.silent = make.make_volunteer(self.community, "Yu Shuzhen", has_phone=False)
        self.coordinator = self.user(Role.COORDINATOR)
        make.add(HeldSkill(volunteer_id=self.volunteer.id, skill_id=self.skill.id, expires=make.MONDAY + timedelta(days=5)))
        make.add(TimeOff(volunteer_id=self.volunteer.id, day=make.MONDAY + timedelta(days=6), start=0, end=1440))
        for weekday in range(5):
            for each in (self.volunteer, self.other, self.silent):
                make.add(Availability(volunteer_id=each.id, weekday=weekday, start=480, end=1080))

    def home(self, name: str) -> tuple[Household, Elder]:
        """Return a door and who lives behind it."""
        building = make.add(Building(compound=self.compound, name=f"House of {name}", lat=36.057, lon=120.353, floors=4))
        household = make.make_household(self.community, building, entrance="2", door="W")
        return household, make.make_elder(household, name, birth_year=1940, gender="F")

    def asked(self, kind: ServiceKind, household: Household | None, **values: object) -> HelpRequest:
        """Return a request."""
        return make.make_request(self.community, kind, household, **values)

    def offered(self, kind: ServiceKind, home: Household, whom: Volunteer, start: int, days: int = 2, *, accepted: bool = False) -> Offer:
        """Return an offer of a visit, by default on Wednesday."""
        day = make.MONDAY + timedelta(days=days)
        request = self.asked(kind, home, dates=[day.isoformat()], first_day=day)
        canteen: Canteen | None = self.canteen if kind.from_canteen else None
        pickup = 650 if kind.from_canteen else None
        return make.make_offer(make.make_visit(request, day, canteen), whom, start, day, pickup=pickup, accepted=accepted)


def planned(town: Town, offers: list[Offer], left: list[HelpRequest]) -> None:
    """Give the week its plan: what was offered stands in it, the rest is not served for a reason each, a run tells how it came about."""
    plan = weeks.open_week(town.community.id, make.MONDAY)
    plan.published_at = clock.now()
    for made in offers:
        make.add(
            Assignment(
                plan_id=plan.id,
                visit_id=made.visit_id,
                volunteer_id=made.volunteer_id,
                day=made.day,
                window=made.day.weekday(),
                start=made.start,
                pickup=650 if made.round_id else None,
            )
        )
    who = f"v{town.volunteer.id}"
    fixes: list[dict[str, object] | None] = [
        None,
        {"change": "visit.window", "visit": "", "window": [840, 1050]},
        {"change": "recruit", "skills": ["hair"], "window": [2, 840, 1020], "count": 1},
    ]
    for request, fix in zip(left, fixes, strict=True):
        make.add(
            Unserved(
                plan_id=plan.id, visit_id=request.visits[0].id, reason="taken", who=[who], zh="都没有空", en="everyone is busy", fix=fix
            )
        )
    progress = [
        {"phase": phase, "seconds": at, "served_weight": 6, "cost": 10.0, "bound": 9}
        for at, phase in enumerate(("construct", "improve"), 1)
    ]
    make.add(
        PlanRun(
            plan_id=plan.id,
            kind=RunKind.SOLVE,
            state=RunState.FAILED,
            input_version=plan.version,
            seconds=20,
            asked_at=clock.now(),
            progress=progress,
            needed=5,
            needed_weight=9,
        )
    )
    runs.queue_run(plan, RunKind.REPLAN, 20, send=False)


def build() -> dict[Role, int]:
    """Build the town with its week half done and return the users who walk through it."""
    town = Town()
    first, elder = town.home("Ju Shuzhen")
    second, _ = town.home("Lu Guiying")
    for number, home in enumerate((first, second)):
        town.offered(town.meal, home, town.volunteer, 660 + 10 * number, accepted=True)
    served = town.offered(town.hair, first, town.volunteer, 15 * 60, 0, accepted=True)
    waiting = town.offered(town.hair, second, town.other, 14 * 60, 0, accepted=True)
    coming = [
        town.offered(town.hair, first, town.volunteer, 14 * 60, accepted=True),
        town.offered(town.hair, second, town.volunteer, 16 * 60, 4),
        town.offered(town.hair, first, town.silent, 15 * 60),
        town.offered(town.hair, second, town.other, 9 * 60 + 30, accepted=True),
    ]
    given = town.offered(town.hair, second, town.other, 13 * 60, 3, accepted=True)
    make.add(Hand(offer_id=given.id, from_id=town.other.id, to_id=town.volunteer.id, asked_at=clock.now()))
    left = [town.asked(town.hair, home) for home in (first, second, first)]
    for request in left:
        make.make_visit(request)
    planned(town, coming, left)
    family = town.user(Role.FAMILY)
    link = make.make_family(elder, family)
    link.relation = "daughter"
    town.asked(town.hair, None, for_name="Granny Sun", for_address="House 3", source=Source.FAMILY, asked_by=family.id)
    on_duty(town)
    make.set_clock("2026-11-24 18:00")
    for made in (served, waiting):
        began = clock.at(made.day, made.start)
        serving.enter_from_sheet(made, began, began + timedelta(minutes=40))
    records = confirming.confirm(served.visit, Trust.DESK, town.coordinator)
    issue_certificate(town.volunteer, make.MONDAY, make.MONDAY, town.coordinator)
    object_to(records[0], town.volunteer, "It took longer")
    telling.tell_thanks(served.visit, records)
    telling.tell_cancelled([coming[0]])
    make.set_clock("2026-11-25 10:30")
    alert = serving.alarm(_unwell(coming[3]))
    assert alert is not None
    telling.tell_coordinators(alert)
    walkers = {Role.VOLUNTEER: town.volunteer.user_id or 0, Role.FAMILY: family.id, Role.COORDINATOR: town.coordinator.id}
    others = {role: town.user(role) for role in STARTS if role not in walkers}
    team = volunteers.add_team(town.community.id, "Pine Team")
    furnish(town.community, elder, ("Haircuts", "Zheng Guo", "Paper cutting", "Rice cooker", "Blood pressure"), "East Gate")
    volunteers.join_team(team, town.volunteer, clock.today(), "Asked to")
    for role, thing in ((Role.TEAM_LEAD, team), (Role.BUILDING_LEAD, first.building), (Role.CANTEEN, town.canteen)):
        volunteers.look_after(others[role], [thing])
    return walkers | {role: user.id for role, user in others.items()}


def on_duty(town: Town) -> None:
    """Let a post have turns: taken for every week, asked for, booked by a unit, offered to a colleague, nobody's."""
    town.hair.skills = []
    about = About(name="Library corner", kind=town.hair, place="Second floor", first_day=make.MONDAY, workdays_only=True, note="Bring keys")
    post = posts.add_post(town.community.id, about, town.coordinator)
    first, between, second = posts.add_shifts(post, [2, 3, 4], (480, 540), 2, 4)
    unit = make.add(Unit(community_id=town.community.id, name="Pine Bank", contact=""))
    for shift in (first, second):
        posts.claim_shift(shift, town.volunteer)
    posts.claim_shift(between, town.other, town.coordinator)
    seats = [each for each in turns.duties_of_part("post", post.id, make.MONDAY, make.MONDAY + timedelta(days=4)) if each.volunteer is None]
    duties.ask(seats[0], town.other, town.coordinator)
    posts.book(seats[1], unit, 1, town.coordinator)
    mine = turns.duties_of(town.volunteer, make.MONDAY + timedelta(days=4), make.MONDAY + timedelta(days=4))
    posts.offer_swap(mine[0], town.volunteer, None)
    theirs = turns.duties_of(town.other, make.MONDAY + timedelta(days=3), make.MONDAY + timedelta(days=3))
    posts.offer_swap(theirs[0], town.other, town.volunteer)


def _unwell(made: Offer) -> Offer:
    """Let a volunteer have found somebody unwell."""
    made.started_at = made.ended_at = clock.now()
    made.outcome = Outcome.UNWELL
    return made


def signed_in(app: Flask, user: int) -> Browser:
    """Return the browser of a user of the town."""
    browser = open_browser(app)
    with app.app_context(), transaction():
        token, _session = actions.sign_in(db.session.get_one(User, user))
    with app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def walk(app: Flask, browser: Browser, starts: tuple[str, ...]) -> dict[str, str]:
    """Return the pages a reader comes to, each kind of page once, as they are sent."""
    seen: dict[str, str] = {}
    kinds: set[str] = set()
    to_see = list(starts)
    while to_see:
        path = to_see.pop(0)
        kind = _kind(app, path) + ("?" if "?" in path else "")
        if path in seen or (kind in kinds and path not in starts):
            continue
        kinds.add(kind)
        answer = browser.get(path, follow_redirects=True)
        if not answer.content_type.startswith("text/html"):
            continue
        assert answer.status_code < 500, path
        seen[path] = answer.text
        to_see += [
            unescape(link)
            for link in re.findall(r'href="(/[^"#]*)', answer.text)
            if not link.startswith(("/static", "/vendor")) and not PAPER.search(link)
        ]
    return seen


def _kind(app: Flask, path: str) -> str:
    """Return which kind of page an address names."""
    try:
        endpoint, _values = app.url_map.bind("localhost").match(urlsplit(path).path)
    except HTTPException:
        return path
    return str(endpoint)


def chinese_in(pages: dict[str, str]) -> dict[str, list[str]]:
    """Return what is Chinese on each page, the button that leads back to it aside."""
    found = {path: CHINESE.findall(HIDDEN.sub("", page).replace(BUTTON, "")) for path, page in pages.items()}
    return {path: words for path, words in found.items() if words}


@pytest.fixture
def town(app: Flask) -> dict[Role, int]:
    """Give the town and its users."""
    with app.app_context(), transaction():
        return build()


# Who sees much of what a coordinator sees is for the long run: the third language's walk looks at every role in every run.
IN_CI = (Role.COORDINATOR, Role.VOLUNTEER, Role.FAMILY)


@pytest.mark.parametrize("role", [pytest.param(role, marks=[] if role in IN_CI else pytest.mark.long) for role in STARTS])
def test_every_page_a_role_comes_to_is_english_for_an_english_reader(role: Role, app: Flask, town: dict[Role, int]) -> None:
    browser = signed_in(app, town[role])
    assert browser.send("/language", locale="en").status_code == 303
    pages = walk(app, browser, STARTS[role])
    assert all('<html lang="en"' in page for page in pages.values())
    assert chinese_in(pages) == {}


@pytest.mark.parametrize("role", [Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN])
def test_who_looks_after_nothing_yet_is_told_so_in_english(role: Role, app: Flask, town: dict[Role, int]) -> None:
    with app.app_context(), transaction():
        volunteers.look_after(db.session.get_one(User, town[role]), [])
    browser = signed_in(app, town[role])
    browser.send("/language", locale="en")
    page = browser.get("/today").text
    assert "Ask the community office" in page
    assert chinese_in({"/today": page}) == {}


def test_every_page_of_a_visitor_is_english(app: Flask, town: dict[Role, int]) -> None:
    browser = open_browser(app)
    browser.send("/language", locale="en")
    pages = walk(app, browser, VISITOR)
    assert len(pages) >= len(VISITOR)
    assert chinese_in(pages) == {}


def test_a_refused_form_is_refused_in_english(app: Flask, town: dict[Role, int]) -> None:
    browser = signed_in(app, town[Role.FAMILY])
    browser.send("/language", locale="en")
    assert chinese_in({"/ask/HAIR": browser.send("/ask/HAIR", elder="0", window="").text}) == {}
    assert chinese_in({"/today": browser.get("/today").text}) == {}
