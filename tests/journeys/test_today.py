"""Ill this morning, in a real browser: from Today to the last message sent in a few clicks, and an emergency asked at once."""

import re
import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from tests import builders as make
from tests.journeys.conftest import DESKTOP, PHONE, Site
from tests.journeys.test_week import look, sign_in
from timebank.access.models import Role
from timebank.access.sorting import sort_key
from timebank.db import db, transaction
from timebank.notices.models import Notice
from timebank.planning.actions import covering
from timebank.visits.actions.offering import accept
from timebank.visits.models import HelpRequest, Offer, OfferState
from timebank.volunteers.models import Availability

NAMES = ("王秀芬", "赵志强", "孙立", "迟丽华", "于淑珍")
MOST_CLICKS = 6
MOST_SECONDS = 20


@dataclass
class Hand:
    """A coordinator's hand: it counts its clicks."""

    page: Page
    clicks: int = 0
    pressed: list[str] = field(default_factory=list)

    def press(self, what: Locator) -> None:
        """Click one thing."""
        self.pressed.append(what.inner_text())
        what.click()
        self.clicks += 1


def town(site: Site) -> tuple[int, int]:
    """Build a small town on Wednesday at 10:00: a round of six, a haircut, five people; return the coordinator and who falls ill."""
    make.set_clock("2026-11-25 10:00")
    with site.app.app_context(), transaction():
        community = make.make_community(name="松坡社区")
        make.make_canteen(community)
        hair = make.make_kind("HAIR", skills=[])
        make.make_kind("MEAL", skills=[])
        make.make_kind("VISIT", name="探访关爱", name_en="Friendly visit", skills=[], minutes=30, icon="heart")
        people = []
        for name in NAMES:
            user = make.make_user(community=community)
            person = make.make_volunteer(community, name, user.id, sort_key=sort_key(name), boxes=8)
            for weekday in range(7):
                make.add(Availability(volunteer_id=person.id, weekday=weekday, start=480, end=1080))
            people.append(person)
        covering.plan_for(community.id, make.WEDNESDAY)
        make.make_round(community, people[3], doors=6)
        home = make.make_household(community)
        make.make_elder(home, "吕桂英")
        visit = make.make_visit(make.make_request(community, hair, home))
        accept(make.make_offer(visit, people[3], 14 * 60))
        return make.make_user(Role.COORDINATOR, community, name="衣晓雯").id, people[3].id


def test_ill_this_morning_is_handed_over_in_six_clicks_and_twenty_seconds(site: Site) -> None:
    office, ill = town(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    page.goto("/today")
    hand, began = Hand(page), time.monotonic()
    hand.press(page.get_by_role("link", name="谁今天来不了"))
    page.get_by_role("searchbox", name="谁").fill("chi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="迟丽华今天来不了")).to_be_visible()
    hand.press(page.get_by_text("病了"))
    expect(page.locator("[data-hears]")).to_have_text(re.compile("[23]"))
    hand.press(page.get_by_role("button", name=re.compile("^请这 .* 位接 2 件")))
    expect(page.get_by_text(re.compile("迟丽华来不了。已请"))).to_be_visible()
    seconds = time.monotonic() - began
    assert hand.clicks <= MOST_CLICKS, hand.pressed
    assert seconds <= MOST_SECONDS
    asked = select(func.count()).select_from(Offer).where(Offer.asked_by == office, Offer.state == OfferState.SENT)
    assert look(site, lambda: db.session.scalar(asked)) == 7
    gone = select(func.count()).select_from(Offer).where(Offer.volunteer_id == ill, Offer.state == OfferState.WITHDRAWN)
    assert look(site, lambda: db.session.scalar(gone)) == 7
    assert look(site, lambda: db.session.scalar(select(func.count()).select_from(Notice).where(Notice.template == "handed_over"))) == 1
    assert site.complaints == []


def test_the_messages_and_the_count_follow_what_is_chosen(site: Site) -> None:
    office, ill = town(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    page.goto(f"/today/cannot-come?who={ill}")
    sends = page.locator("[data-sends]")
    expect(sends).to_have_text(re.compile("接 2 件"))
    things = page.locator("fieldset.thing")
    things.nth(1).get_by_text("先不请人").click()
    expect(sends).to_have_text("请 1 位接 1 件，另 1 件没人")
    expect(page.locator("[data-hears]")).to_have_text("2")
    things.nth(0).get_by_text(re.compile("^分给两位")).click()
    expect(sends).to_have_text("请 2 位接 1 件，另 1 件没人")
    expect(page.locator("[data-said]:visible")).to_have_count(2)
    things.nth(0).get_by_text("先不请人").click()
    expect(sends).to_have_text("只记下她来不了")
    expect(page.locator("[data-said]:visible")).to_have_count(0)
    assert site.complaints == []


def test_the_page_lives_without_folding_what_is_unfolded_or_moving_the_focus(site: Site) -> None:
    office, ill = town(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    with site.app.app_context(), transaction():
        for made in db.session.scalars(select(Offer).where(Offer.volunteer_id == ill)):
            made.state, made.over_at, made.reason = OfferState.DECLINED, made.sent_at, "去不了"
            covering.offering.settle(made.visit)
    page.goto("/today")
    expect(page).to_have_title(re.compile(r"^\(2\) 今天"))
    page.locator(".open-row").nth(1).get_by_text("这次不去了…").click()
    held = page.locator(".open-row").nth(0).get_by_role("link", name="分成两半")
    held.focus()
    page.evaluate("refresh(document.getElementById('today'))")
    page.wait_for_function("!document.getElementById('today').dataset.busy")
    expect(page.locator(".open-row").nth(1).locator("details[open]")).to_have_count(1)
    expect(page.locator(".open-row").nth(0).get_by_role("link", name="分成两半")).to_be_focused()
    with site.app.app_context(), transaction():
        covering.need_now(
            db.session.scalars(select(HelpRequest)).first().household.elders[0],
            db.session.scalars(select(covering.ServiceKind).where(covering.ServiceKind.code == "VISIT")).one(),
            "坐在地上",
            db.session.get_one(covering.User, office),
        )
    page.evaluate("refresh(document.getElementById('today'))")
    expect(page).to_have_title(re.compile(r"^\(3\) 今天"))
    expect(page.get_by_role("alert").filter(has_text="3 处没人去")).to_be_visible()
    expect(page.locator(".places .count.urgent")).to_contain_text("3")
    assert site.complaints == []


def test_an_emergency_is_asked_on_a_phone_in_a_few_presses(site: Site) -> None:
    office, _ill = town(site)
    page = site.window(PHONE)
    sign_in(site, page, office)
    page.goto("/today")
    hand = Hand(page)
    hand.press(page.get_by_role("link", name="现在要人"))
    page.get_by_label(re.compile("^谁")).fill("吕桂英")
    page.keyboard.press("Enter")
    hand.press(page.get_by_role("link", name=re.compile("吕桂英")))
    page.get_by_label(re.compile("怎么说的")).fill("坐在地上起不来，能说话")
    hand.press(page.get_by_role("button", name="记下，看谁能马上去"))
    hand.press(page.get_by_role("button", name=re.compile("现在去")).first)
    expect(page.get_by_text("刚问").first).to_be_visible()
    assert hand.clicks <= MOST_CLICKS
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert site.complaints == []
