"""A post in a cellar without a network: signed in and out on a phone that sends it later, once, in order, and marked late."""

import re

from playwright.sync_api import expect

from tests import builders as make
from tests.journeys.conftest import PHONE, Site
from tests.journeys.test_week import sign_in
from tests.visits.test_duties import Crossing, build
from timebank.db import db, transaction
from timebank.visits.actions import duties
from timebank.visits.duties import Duty, DutyState
from timebank.volunteers.models import Volunteer


def on_duty(site: Site, at: str) -> tuple[Crossing, int, str]:
    """Let somebody have agreed to the turn of the crossing; return it, their user and the code of the day."""
    crossing = build(site.app)
    with site.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        code, number = crossing.duty().code, db.session.get_one(Volunteer, crossing.one).user_id or 0
    make.set_clock(at)
    return crossing, number, code


def test_a_turn_is_signed_in_and_out_without_a_network_and_told_once_when_it_is_back(site: Site) -> None:
    crossing, user, code = on_duty(site, "2026-11-25 11:25")
    page = site.window(PHONE)
    sign_in(site, page, user)
    page.goto("/phone")
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => caches.match('/phone/without-network')).then(Boolean)")
    phone = page.context
    phone.set_offline(True)
    page.get_by_role("link", name="老乡护学岗").click()
    page.get_by_label("4 位到岗码").fill(code)
    page.get_by_role("button", name="到岗", exact=True).click()
    expect(page.locator("#signal")).to_contain_text("已记下 1 次，有信号自动补报")
    page.close()
    page = phone.new_page()
    page.goto(f"/phone/duties/{crossing.seats[0]}")
    page.wait_for_timeout(750)
    page.get_by_role("button", name="离岗", exact=True).click()
    expect(page.locator("#waiting li")).to_have_count(2)
    phone.set_offline(False)
    expect(page.locator("main")).to_contain_text(re.compile(r"11:2\d 到岗，11:2\d 离岗"), timeout=30_000)
    with site.app.app_context():
        duty = db.session.get_one(Duty, crossing.seats[0])
        assert (duty.state, duty.code_ok) == (DutyState.DONE, True)
        assert duty.started_at is not None
        assert duty.ended_at is not None
        assert duty.started_at <= duty.ended_at
    assert [each for each in site.complaints if "ERR_INTERNET_DISCONNECTED" not in each and "Failed to load" not in each] == []
