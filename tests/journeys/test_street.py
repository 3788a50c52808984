"""A street in a browser: its officer signs in, sees three communities and opens the report; one community lends to another."""

import re

from playwright.sync_api import Page, expect

from tests import builders as make
from tests.journeys.conftest import DESKTOP, PHONE, Site
from tests.streets.test_street_page import three_towns
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.volunteers.lent import LentWeek
from timebank.volunteers.models import Volunteer


def sign_in(site: Site, page: Page, user: int) -> None:
    """Let somebody be signed in in a window."""
    with site.app.app_context(), transaction():
        token, _session = access.sign_in(db.session.get_one(User, user))
    with site.app.test_request_context():
        page.context.add_cookies([{"name": guards.cookie_name(), "value": token, "url": site.base}])


def test_an_officer_reads_the_street_and_one_community_lends_to_another(site: Site) -> None:
    first, second, _third = three_towns(site.app)
    with site.app.app_context(), transaction():
        make.set_clock("2026-11-25 12:30")
        here = db.session.get_one(Community, first)
        officer = make.make_user(Role.STREET_OFFICER, here, name="蔺主任").id
        lends, borrows = (
            make.make_user(Role.COORDINATOR, here).id,
            make.make_user(Role.COORDINATOR, db.session.get_one(Community, second)).id,
        )
        who = make.make_volunteer(here, "于爱华", make.make_user(Role.VOLUNTEER, here).id)
        number, user = who.number, who.user_id
    page = site.window(DESKTOP)
    sign_in(site, page, officer)
    page.goto(site.base)
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="乙坡社区").last.click()
    page.wait_for_url("**/today")
    expect(page.locator(".chooser summary")).to_have_text(re.compile(r"^\s*乙坡社区"))
    page.get_by_role("link", name="街道").first.click()
    page.get_by_role("link", name="街道月报").click()
    expect(page.get_by_role("heading", name="各社区", exact=True)).to_be_visible()

    page = site.window(DESKTOP)
    sign_in(site, page, borrows)
    page.goto(site.base + "/lending")
    page.get_by_label("哪个社区").select_option(label="甲坡社区")
    page.get_by_label("志愿者编号").fill(number)
    page.get_by_label("姓名").fill("于爱华")
    page.get_by_label("从哪一周起").select_option("2026-W49")
    page.get_by_label("借几周").fill("2")
    page.get_by_label("为什么要借").fill("送餐的人住院了")
    page.get_by_role("button", name="请对方借").click()
    expect(page.get_by_text("等对方定")).to_be_visible()

    page = site.window(DESKTOP)
    sign_in(site, page, lends)
    page.goto(site.base + "/today")
    page.get_by_text("1 个社区想借人").click()
    page.get_by_role("button", name="同意借").click()
    expect(page.get_by_text("借定了")).to_be_visible()
    with site.app.app_context():
        assert db.session.query(LentWeek).count() == 2
        assert db.session.get_one(Volunteer, db.session.query(LentWeek.volunteer_id).first()[0]).number == number

    page = site.window(PHONE)
    assert user is not None
    sign_in(site, page, user)
    page.goto(site.base + "/phone/me")
    page.get_by_text("借到别的社区").click()
    expect(page.get_by_role("heading", name="乙坡社区")).to_be_visible()
    assert page.get_by_role("button", name="不方便，婉拒").bounding_box()["height"] >= 44
