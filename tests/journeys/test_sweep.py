"""Every page of a volunteer, a family, an elder and a visitor, measured in a real browser in both languages and, for elders, in all three sizes.

The pages of the office are read by axe, at any level, as wide as a phone, a tablet and a desk.
"""

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from tests import builders as make
from tests.access.communities import one_of_each
from tests.house.test_english_pages import STARTS, build, signed_in, walk
from tests.journeys.conftest import PHONE, Site
from tests.journeys.sweeping import Sweep
from tests.journeys.test_week import sign_in
from timebank.access.models import Role, User
from timebank.cases.registers import Speciality
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import Elder, FamilyMember
from timebank.places.models import Community

VISITOR = ("/", "/ask", "/lunch", "/sign-in", "/check", "/check/paper", "/privacy", "/unknown-number")
FAMILY = (
    "/family",
    "/ask",
    "/lunch",
    "/family/away",
    "/family/account",
    "/my/messages",
    "/family/bind",
    "/my/data",
    "/stations/here",
    "/privacy",
)
VOLUNTEER = STARTS[Role.VOLUNTEER]
ELDER = ("/own", "/own/not-today", "/own/unwell", "/family?family=1", *FAMILY)
OFFICE = ("/today", "/plan?week=2026-W48", "/requests", "/elders", "/books", "/confirm", "/group-messages?group=everybody")
SHORT = (
    (Role.VOLUNTEER, None, ("/phone", "/phone/offers")),
    (Role.FAMILY, "largest", ("/own", "/own/not-today", "/ask")),
    (None, None, ("/", "/lunch")),
    (None, "largest", ("/", "/sign-in")),
)
ELSEWHERE = ("/elder-view", "/api")  # the one changes how the window looks, the other is for who writes programs
LONG_TITLE = {"zh": "一年一主题：2026 同一张饭桌，街坊一起吃", "en": "One theme a year: 2026 around one table, the whole street together"}
LEAST = {Role.COORDINATOR: 60, Role.VOLUNTEER: 45, Role.FAMILY: 20, None: 12}
"""How many pages each reader comes to at least: a walk that breaks off would find little amiss."""
AMISS = """<!doctype html><html lang="en"><head><title>Amiss</title><style>body { margin: 0 } .pale { color: #999 } .wide { width: 500px }
.thin { width: 40px; overflow-wrap: anywhere } .pane { width: 100px; overflow-x: auto } .tall { height: 44px; width: 44px }</style></head><body><main><h1>Words</h1><h3>Too deep</h3>
<p class="pale">Pale words</p><button>x</button><input class="tall"><p class="wide">Wide</p><p class="thin">Smartphone</p><p class="thin">13700000007</p><div class="pane"><div class="wide">Inside</div></div></main></body></html>"""


def settle(site: Site, locale: str) -> dict[Role, int]:
    """Build a town with one of each thing, for an English reader the one whose own words are in Latin letters."""
    users = one_of_each(site.app).users if locale == "zh" else {}
    with site.app.app_context(), transaction():
        users = users or build()
        place = db.session.scalars(select(Community).order_by(Community.id).limit(1)).one()
        for kind in db.session.scalars(select(ServiceKind).where(ServiceKind.at_door).limit(2)):
            kind.name_en = "Government counselling"
        db.session.add(Speciality(community_id=place.id, title=LONG_TITLE[locale], sorts=[], doings=[]))
    return users


def become_the_elder(site: Site, user: int) -> None:
    """Let a family's user be the elder."""
    with site.app.app_context(), transaction():
        for link in db.session.scalars(select(FamilyMember).where(FamilyMember.user_id == user)):
            db.session.delete(link)
        db.session.flush()
        elder = db.session.scalars(select(Elder).order_by(Elder.id).limit(1)).one()
        make.make_family(elder, db.session.get_one(User, user)).own = True


def open_window(site: Site, locale: str, user: int | None, size: str | None) -> Sweep:
    """Open a window for a reader, in their language and size."""
    page = site.window(PHONE)
    if user:
        sign_in(site, page, user)
    page.goto("/")
    if locale == "en" and page.get_by_role("button", name="English").count():
        page.get_by_role("button", name="English").first.click()
    if size:
        page.goto(f"/elder-view/{size}")
    return Sweep(page)


def paths(site: Site, user: int | None, starts: tuple[str, ...]) -> list[str]:
    """Return the pages a reader comes to along links, each kind once."""
    browser = signed_in(site.app, user) if user else site.app.test_client()
    with site.app.app_context():
        starts = (*starts, *(f"/honours/{slug}" for slug in db.session.scalars(select(Community.slug).order_by(Community.id).limit(1))))
    return [each for each in walk(site.app, browser, starts) if not each.startswith(ELSEWHERE)]


def test_what_is_amiss_on_a_page_is_found(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(AMISS)
    sweep = Sweep(page)
    sweep.measure("amiss")
    page.close()
    found = "\n".join(sweep.amiss["amiss"])
    for words in (
        "heading-order",
        "label (critical)",
        "contrast 2.85: <p pale>",
        "target 2",
        "320x640: sideways 500 of 320",
        "scrolls inside 500",
        "broken word Smartphone",
        "broken word 13700000007",
    ):
        assert words in found


def test_the_pages_used_most_can_be_read_pressed_and_turned(site: Site) -> None:
    users = settle(site, "zh")
    become_the_elder(site, users[Role.FAMILY])
    for role, size, shown in SHORT:
        sweep = open_window(site, "zh", users[role] if role else None, size)
        for path in shown:
            sweep.look(path)
        assert sweep.amiss == {}


def test_the_pages_an_office_uses_most_are_read_without_eyes(site: Site) -> None:
    sweep = open_window(site, "zh", settle(site, "zh")[Role.COORDINATOR], None)
    for path in OFFICE:
        sweep.read(path)
    assert sweep.amiss == {}


@pytest.mark.long  # some hundred pages in three windows
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_page_of_the_office_is_read_without_eyes(site: Site, locale: str) -> None:
    user = settle(site, locale)[Role.COORDINATOR]
    sweep = open_window(site, locale, user, None)
    for path in paths(site, user, STARTS[Role.COORDINATOR]):
        sweep.read(path)
    assert sweep.amiss == {}
    assert sweep.pages >= LEAST[Role.COORDINATOR]


@pytest.mark.long  # half a minute each: some fifty pages in six windows
@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.FAMILY, None], ids=["volunteer", "family", "visitor"])
def test_every_page_can_be_read_pressed_and_turned(site: Site, role: Role | None, locale: str) -> None:
    users = settle(site, locale)
    user = users[role] if role else None
    sweep = open_window(site, locale, user, None)
    for path in paths(site, user, {Role.VOLUNTEER: VOLUNTEER, Role.FAMILY: FAMILY, None: VISITOR}[role]):
        sweep.look(path)
    assert sweep.amiss == {}
    assert sweep.pages >= LEAST[role]


@pytest.mark.long  # half a minute each: some thirty pages in six windows
@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("size", ["standard", "large", "largest"])
def test_every_page_of_an_elder_can_be_read_pressed_and_turned(site: Site, size: str, locale: str) -> None:
    users = settle(site, locale)
    become_the_elder(site, users[Role.FAMILY])
    sweep = open_window(site, locale, users[Role.FAMILY], size)
    for path in paths(site, users[Role.FAMILY], ELDER):
        sweep.look(path)
    assert sweep.amiss == {}
    assert sweep.pages >= LEAST[Role.FAMILY]


@pytest.mark.long  # a dozen pages in six windows
@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("size", ["standard", "large", "largest"])
def test_every_page_before_sign_in_can_be_read_pressed_and_turned_in_the_elder_view(site: Site, size: str, locale: str) -> None:
    settle(site, locale)
    sweep = open_window(site, locale, None, size)
    for path in paths(site, None, VISITOR):
        sweep.look(path)
    assert sweep.amiss == {}
    assert sweep.pages >= LEAST[None]
