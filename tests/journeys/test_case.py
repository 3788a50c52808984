"""A neighbour tells of an elder on a phone, the desk sorts it, a visit is made, papers come back, and the return call closes it, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests import builders as make
from tests.cases import scenes
from tests.journeys.conftest import DESKTOP, PHONE, Site
from tests.journeys.test_week import look, sign_in
from timebank.access.models import Role
from timebank.cases.models import Ticket
from timebank.db import db, transaction
from timebank.visits.actions import serving
from timebank.visits.models import HelpRequest


def served(site: Site) -> None:
    """Let a volunteer go there on the day and be done."""
    with site.app.app_context(), transaction():
        request = db.session.query(HelpRequest).one()
        volunteer = make.make_volunteer(db.session.get_one(make.Community, request.community_id))
        visit = make.make_visit(request, request.first_day)
        made = make.make_offer(visit, volunteer, 11 * 60, request.first_day, accepted=True)
        make.set_clock("2026-11-25 10:50")
        serving.check_in(made, visit.code)
        make.set_clock("2026-11-25 11:20")
        serving.check_out(made)


def tell(phone: Page) -> None:
    """Let a neighbour tell of an elder on a phone."""
    phone.goto("/ask")
    phone.get_by_role("link", name="反映问题，提建议").click()
    phone.get_by_text("带材料的代办").click()
    phone.get_by_label(re.compile("什么事")).fill("隔壁臧奶奶想办高龄津贴，下不了楼")
    phone.get_by_text("替邻居说", exact=True).click()
    phone.get_by_text("替邻居说：写下是谁").click()
    phone.get_by_label(re.compile("邻居怎么称呼")).fill("臧玉梅")
    phone.get_by_text("本人愿意").click()
    phone.get_by_role("button", name="告诉社区").click()
    expect(phone.get_by_text("社区收到了，正在定由谁办。")).to_be_visible()


def test_what_a_neighbour_tells_comes_back_to_them_as_done(site: Site) -> None:
    with site.app.app_context(), transaction():
        scene = scenes.build()
        neighbour = make.make_user(Role.FAMILY, db.session.get_one(make.Community, scene.community), name="宫邻居").id
    phone, desk = site.window(PHONE), site.window(DESKTOP)
    sign_in(site, phone, neighbour)
    tell(phone)
    sign_in(site, desk, scene.office)
    desk.goto("/cases")
    desk.get_by_role("link", name="2026-00001").click()
    desk.get_by_role("button", name="就是这位").click()
    desk.locator("#sort-topic").select_option("benefits")
    desk.get_by_role("button", name="分类，交办").click()
    desk.get_by_role("button", name="开始办").click()
    desk.get_by_role("link", name="请志愿者上门").click()
    desk.get_by_label("哪天").fill("2026-11-25")
    desk.get_by_role("button", name="记下求助").click()
    expect(desk.get_by_text("求助记下并接下了")).to_be_visible()
    served(site)
    desk.reload()
    expect(desk.locator(".row-link", has_text="探访关爱").filter(has_text="已完成")).to_be_visible()
    desk.get_by_label("收下材料").fill("身份证")
    desk.locator("form", has=desk.locator("#paper-paper")).get_by_role("button", name="记下").click()
    desk.get_by_text("办成了", exact=True).click()
    desk.get_by_label(re.compile("答复")).fill("津贴下月到账")
    desk.get_by_role("button", name="记下结果").click()
    expect(desk.get_by_text("还有 1 份材料没有还，先还了才能办结。")).to_be_visible()
    desk.locator("#call-words").fill("很满意")
    desk.locator("#call").get_by_text("满意", exact=True).first.click()
    desk.get_by_role("button", name="记下回访，办结").click()
    expect(desk.get_by_text("还有材料没有还：身份证").first).to_be_visible()
    expect(desk.locator("#call-words")).to_have_value("很满意")
    desk.get_by_label("交给了谁").fill("本人")
    desk.get_by_role("button", name="还了").click()

    phone.reload()
    expect(phone.get_by_text("津贴下月到账")).to_be_visible()
    desk.locator("#call").get_by_text("满意", exact=True).first.click()
    desk.get_by_role("button", name="记下回访，办结").click()
    expect(desk.get_by_text("回访，办结")).to_be_visible()
    phone.goto("/family/cases")
    expect(phone.get_by_text("办成了")).to_be_visible()
    assert look(site, lambda: db.session.query(Ticket).one().heard) == "satisfied"
    assert [each for each in site.complaints if "409" not in each] == []
