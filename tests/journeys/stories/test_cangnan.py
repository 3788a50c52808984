"""S3, the supermarket of services of Cangnan: its canteen in two sittings, clinic, courses, stewards, a burst pipe; played and looked at.

The demo takes half a minute, so this is for the long run; sittings, courses and receipts are tried in every run, in the journeys.
"""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.journeys.conftest import PHONE
from tests.journeys.stories.played import count, played, shows_itself, town
from timebank.access.models import Role
from timebank.cases.registers import Club
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.stations.models import Attendance, Course, Kind, ServiceSession, Turn
from timebank.visits.models import HelpRequest
from timebank.visits.shopping import ShoppingList, ShoppingReceipt
from timebank.volunteers.models import Team


def holds_what_the_article_says(app: Flask) -> tuple[int, int]:
    """Look the story up in the database; return an errand with a list, and the burst pipe."""
    with app.app_context():
        shows_itself(app, "cangnan")
        sittings = list(db.session.scalars(select(ServiceSession).where(ServiceSession.kind == Kind.SITTING)))
        assert {(each.seats, each.min_age) for each in sittings} == {(40, 80)}
        assert count(Attendance, Attendance.turn == Turn.SERVED, Attendance.session_id.in_([each.id for each in sittings])) > 40
        assert count(Course, Course.kind == Kind.CRAFT) == 15
        assert count(ServiceSession, ServiceSession.title == "老干部坐诊") == 1
        (urgent,) = db.session.scalars(select(HelpRequest).where(HelpRequest.urgent))
        assert urgent.closed_at is not None
        assert count(Team) == 6
        assert count(Club) == 9
        kinds = set(db.session.scalars(select(ServiceKind.name).join(HelpRequest)))
        assert {"买菜代购", "代交水电费", "上门理发", "剪指甲", "代取药", "陪同就医"} <= kinds
        assert len(kinds) >= 10
        receipts = list(db.session.scalars(select(ShoppingReceipt)))
        assert len(receipts) > 5
        assert all(each.change >= 0 for each in receipts)
        bought = select(HelpRequest.id).join(ShoppingList, ShoppingList.request_id == HelpRequest.id)
        wanted = db.session.scalars(bought.order_by(HelpRequest.id)).first()
        assert wanted is not None
        return wanted, urgent.id


@pytest.mark.long
def test_cangnan_seats_those_over_eighty_teaches_fifteen_crafts_and_answers_a_call_for_help_at_once(
    tmp_path: Path, chromium: Browser
) -> None:
    app = played(tmp_path, "cangnan")
    wanted, burst = holds_what_the_article_says(app)
    with town(app, chromium) as here:
        here.reads(here.site.window(PHONE), "/", "仓南街社区", "暖巢志愿服务超市 · 爱老食堂", "68 位老人", "48 位志愿者", "6 支服务队")
        asked = here.site.window(PHONE)
        asked.goto("/ask")
        menu = re.findall("约 \\d+ 分钟", asked.locator("main").inner_text())
        assert len(menu) >= 10, "the menu of the supermarket, beside the meals"
        desk = here.of(Role.COORDINATOR)
        here.reads(desk, f"/requests/{burst}", "水管爆了", "应急处理队 20 分钟到")
        here.reads(desk, "/stations/served", "托老托幼", "手工课", "食堂堂食")
        here.reads(desk, "/stations", "托老托幼", "老干部坐诊", "第一轮堂食", "第二轮堂食", "/ 40 位", "四点半课堂")
        here.reads(desk, "/stations/courses", "15 门课", "风筝扎制课", "木版年画课")
        here.reads(desk, f"/requests/{wanted}", "清单", "预算")
        here.reads(desk, "/cases/groups", "9号楼邻里微信群")
        desk.goto("/cases/shares")
        settled, came = map(int, re.findall(r"办成了 (\d+) / (\d+)", " ".join(desk.locator("main").inner_text().split()))[0])
        assert settled / came > 0.80, "more than eighty in a hundred"
        here.reads(here.of(Role.CANTEEN), "/today", "另有堂食")
        family = here.of(Role.FAMILY, size=PHONE)
        family.goto("/stations/here")
        family.get_by_role("button", name=re.compile("^给.*报名$")).first.click()
        expect(family.get_by_text(re.compile("报上了，\\d+ 号"))).to_be_visible()
        for role in (Role.TEAM_LEAD, Role.BUILDING_LEAD):
            here.reads(here.of(role, size=PHONE), "/today", "只看：")
        inspector = here.of(Role.INSPECTOR)
        here.reads(inspector, "/elders", "68 位")
        expect(inspector.get_by_text("登记一位老人")).to_have_count(0)
        steward = here.of(Role.STEWARD, size=PHONE)
        here.reads(steward, "/today", "只看：")
        here.reads(steward, "/stations", "暖巢志愿服务超市", "堂食")
    with app.app_context():
        db.engine.dispose()
