"""At the door with a phone in the hand: the drawing on the door's card fills the code in, and how far one is stays one's own affair."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests import builders as make
from tests.journeys.conftest import PHONE, Site
from tests.journeys.test_week import sign_in
from timebank.db import db, transaction
from timebank.visits.distances import distances_of
from timebank.visits.models import Offer


@dataclass(frozen=True)
class Stop:
    """The numbers of a visit, of its offer and of its volunteer's user."""

    visit: int
    offer: int
    user: int


def at_a_door(site: Site) -> Stop:
    """Put a volunteer in front of the door of a haircut, ten minutes early; its code is 4729."""
    make.set_clock("2026-11-25 14:20")
    with site.app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community, make.make_building(community, lat=36.057, lon=120.353))
        make.make_elder(home)
        user = make.make_user(community=community)
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR", skills=[]), home), code="4729")
        made = make.make_offer(visit, make.make_volunteer(community, "郭玉洁", user.id), 870, accepted=True)
        return Stop(visit.id, made.id, user.id)


def test_the_code_of_the_card_is_filled_in_and_leaves_the_address(site: Site) -> None:
    stop = at_a_door(site)
    page = site.window(PHONE)
    sign_in(site, page, stop.user)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/phone/at-door/{stop.visit}#4729")
    expect(page.get_by_label("4 位到访码")).to_have_value("4729")
    expect(page).to_have_url(f"{site.base}/phone/visits/{stop.offer}")
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator("main")).to_contain_text("到访码已核对")
    assert not any("4729" in each.split("#")[0] for each in asked)
    with site.app.app_context():
        assert db.session.get_one(Offer, stop.offer).code_ok


def test_a_code_of_too_few_digits_is_told_on_the_page_it_was_typed_on(site: Site) -> None:
    stop = at_a_door(site)
    page = site.window(PHONE)
    sign_in(site, page, stop.user)
    page.goto(f"/phone/visits/{stop.offer}")
    page.get_by_label("4 位到访码").fill("47")
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator("#signal")).to_contain_text("到访码是 4 位数字")
    expect(page.get_by_label("4 位到访码")).to_be_visible()
    page.reload()
    expect(page.locator("#signal")).to_have_text("")


@pytest.mark.parametrize(("latitude", "allowed"), [(36.0571, True), (36.5, False)])
def test_how_far_the_phone_is_is_worked_out_on_it_and_noted_only_when_ticked_and_allowed(
    site: Site, latitude: float, allowed: bool
) -> None:
    stop = at_a_door(site)
    page = site.window(PHONE)
    if allowed:
        page.context.grant_permissions(["geolocation"], origin=site.base)
        page.context.set_geolocation({"latitude": latitude, "longitude": 120.353, "accuracy": 20})
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    sign_in(site, page, stop.user)
    page.goto(f"/phone/visits/{stop.offer}")
    page.get_by_label(re.compile("记一下离门多远")).click()
    expect(page.locator("[data-told]")).to_contain_text("签到时一起记下" if allowed else "不影响签到")
    page.get_by_label("4 位到访码").fill("4729")
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator("main")).to_contain_text("到访码已核对")
    with site.app.app_context():
        assert distances_of([stop.offer]).get(stop.offer, (None,))[0] == (11 if allowed else None)
    assert not any(str(latitude) in each for each in sent)
