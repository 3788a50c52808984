"""A volunteer's week on a phone: offers, a round in stairwells without a network, a haircut with a code, a standing round, and the hours on record."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests import builders as make
from tests.journeys.conftest import PHONE, Site
from tests.journeys.test_week import look, sign_in
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.visits.actions import confirming
from timebank.visits.models import Offer, Outcome, Round, ServiceRecord, Trust, Visit

A_THUMB = 750
"""Milliseconds between two presses of one thumb."""


def before_the_week(site: Site) -> tuple[int, int, int]:
    """Ask a volunteer for a round and a haircut on Wednesday; return their sign-in, the coordinator's and the haircut's offer."""
    make.set_clock("2026-11-23 18:00")
    with site.app.app_context(), transaction():
        community = make.make_community(name="松坡社区")
        community.phone = "053200000123"
        office = make.make_user(Role.COORDINATOR, community, name="衣晓雯").id
        user = make.make_user(community=community)
        volunteer = make.make_volunteer(community, "王秀芬", user.id)
        make.make_round(community, volunteer, doors=3, accepted=False)
        home = make.make_household(community)
        make.make_elder(home, "吕桂英")
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR", skills=[]), home), code="4827")
        return user.id, office, make.make_offer(visit, volunteer, 14 * 60 + 30).id


def press(page: Page, word: str) -> None:
    """Press a button, no sooner after the last one than a thumb can."""
    page.wait_for_timeout(A_THUMB)
    page.get_by_role("button", name=word, exact=True).click()


def fits(page: Page) -> bool:
    """Say whether nothing runs out of the window sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def confirmed(site: Site, office: int, haircut: int) -> None:
    """Confirm the round and the haircut at the desk, and look what is on record of each door."""
    with site.app.app_context(), transaction():
        by = db.session.get_one(User, office)
        confirming.confirm_round(db.session.scalars(select(Round)).one(), Trust.DESK, by)
        confirming.confirm(db.session.get_one(Visit, db.session.get_one(Offer, haircut).visit_id), Trust.DESK, by)
    records = look(site, lambda: db.session.scalars(select(ServiceRecord)).all())
    assert len(records) == 2
    outcomes = look(site, lambda: [each.outcome for each in db.session.scalars(select(Offer).order_by(Offer.id))])
    assert outcomes == [Outcome.DONE, Outcome.DONE, Outcome.NO_ANSWER, Outcome.DONE]


def test_a_volunteers_week_from_the_offers_to_the_hours_on_record(site: Site) -> None:
    user, office, haircut = before_the_week(site)
    page = site.window(PHONE)
    sign_in(site, page, user)
    page.goto("/phone/offers")
    page.get_by_role("button", name="接受这 2 项").click()
    expect(page.get_by_text("已接受 2 项")).to_be_visible()
    page.locator("summary").filter(has_text="送餐 3 户").click()
    page.get_by_role("button", name="以后每周这样都接").click()
    expect(page.get_by_role("heading", name="长期约定")).to_be_visible()
    assert fits(page)

    make.set_clock("2026-11-25 10:50")
    page.goto("/phone")
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => caches.match('/phone/without-network')).then(Boolean)")
    page.context.set_offline(True)
    page.locator(".counts .pick").filter(has_text=re.compile("^3$")).click()
    press(page, "数过了，取好了")
    for door in (1, 2):
        expect(page.get_by_role("heading", name=f"第 {door} 户，共 3 户")).to_be_visible()
        press(page, "送到了")
    expect(page.locator("#signal")).to_contain_text("已记下 3 次，有信号自动补报")
    assert fits(page)
    page.context.set_offline(False)
    expect(page.locator("#signal")).to_contain_text("有信号了，补报了 3 次。", timeout=30_000)
    page.wait_for_timeout(A_THUMB)
    page.get_by_role("link", name="没人应门").click()
    press(page, "没人应门，告诉协调员")
    expect(page.get_by_text("还没有人说由谁打")).to_be_visible()
    expect(page.get_by_text("全部到过了")).to_be_visible()

    make.set_clock("2026-11-25 14:30")
    page.goto(f"/phone/visits/{haircut}")
    page.get_by_label("4 位到访码").fill("4827")
    press(page, "签到")
    expect(page.get_by_role("button", name="做完了，签退")).to_be_visible()
    expect(page.get_by_text("到访码已核对")).to_be_visible()
    make.set_clock("2026-11-25 15:05")
    press(page, "做完了，签退")
    expect(page.get_by_text("已签退")).to_be_visible()

    confirmed(site, office, haircut)
    page.goto("/phone/me")
    page.get_by_role("link", name=re.compile("我的服务记录和对账单")).click()
    expect(page.get_by_text("理发").first).to_be_visible()
    page.goto("/phone/card")
    expect(page.locator("svg.qr")).to_be_visible()
    assert fits(page)
    assert [said for said in site.complaints if "ERR_INTERNET_DISCONNECTED" not in said] == []
