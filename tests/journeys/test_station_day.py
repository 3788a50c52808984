"""A station's day in a real browser: a kettle left, mended and fetched with its paper; the tables for those of eighty; a class with its register."""

import re

from playwright.sync_api import Page, expect

from tests import builders as make
from tests.journeys.conftest import DESKTOP, Site
from tests.journeys.test_week import look, sign_in
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Station
from timebank.stations.actions import sessions
from timebank.stations.models import Attendance, Course, Item, Kind, Learner, Progress, Turn


def station(site: Site) -> tuple[Page, int]:
    """Build a station with a table for one of eighty and more at noon; return the coordinator's window and the sitting."""
    make.set_clock("2026-11-25 10:40")
    with site.app.app_context(), transaction():
        community = make.make_community(name="松坡社区")
        place = make.add(Station(community_id=community.id, name="东门服务站", address="松坡路 2 号", lat=36.05, lon=120.35))
        make.make_kind("CLASS", name="上课", name_en="Class", skills=[], at_door=False)
        make.make_volunteer(community, "王秀芬", make.make_user(community=community).id)
        for name, year in (("臧玉梅", 1940), ("康玉兰", 1938), ("吕桂英", 1956)):
            make.make_elder(make.make_household(community), name, birth_year=year)
        noon = sessions.Draft(
            kind=Kind.SITTING, title="第一轮堂食", day=make.WEDNESDAY, start=660, end=705, seats=1, min_age=80, station=place
        )
        sitting = sessions.hold(community.id, noon).id
        office = make.make_user(Role.COORDINATOR, community, name="衣晓雯").id
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    return page, sitting


def test_a_kettle_is_left_mended_and_fetched_with_its_paper(site: Site) -> None:
    page, _sitting = station(site)
    page.goto("/stations")
    page.get_by_role("link", name="收下东西").click()
    page.get_by_label("什么东西").fill("白色电水壶")
    page.get_by_label("收在哪个服务站").select_option(label="东门服务站")
    page.locator("form.fields").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_role("button", name="收下，给一个号").click()
    expect(page.locator("main .error").first).to_be_visible()
    expect(page.get_by_label("什么东西")).to_have_value("白色电水壶")
    page.get_by_label("姓名", exact=False).last.fill("柯国良")
    page.get_by_label("电话").last.fill("13800138000")
    page.get_by_role("button", name="收下，给一个号").click()
    expect(page.get_by_text("收下了，单号")).to_be_visible()
    page.get_by_role("button", name="开始修").click()
    page.get_by_label("谁修的").select_option(label="王秀芬")
    page.get_by_role("button", name="修好了，叫人来取").click()
    page.get_by_role("button", name="交给他").click()
    expect(page.locator("main .error").first).to_be_visible()
    page.get_by_label("带了取件单，单号对上了").check()
    page.get_by_role("button", name="交给他").click()
    expect(page.get_by_text("由柯国良取走。")).to_be_visible()
    item = look(site, lambda: db.session.query(Item).one())
    assert (item.progress, item.had_ticket, item.handed_to) == (Progress.COLLECTED, True, "柯国良")


def test_the_tables_are_for_those_of_eighty_and_one_seat_is_taken_once(site: Site) -> None:
    page, sitting = station(site)
    for name in ("吕桂英", "臧玉梅", "康玉兰"):
        page.goto(f"/stations/sessions/{sitting}?q={name}")
        page.get_by_role("button", name="电话报名").click()
        if name == "吕桂英":
            expect(page.locator("main .error, main .banner").first).to_contain_text("80")
    expect(page.get_by_role("heading", name="候补 1 位")).to_be_visible()
    rows = look(site, lambda: [(each.name, each.turn) for each in db.session.query(Attendance).order_by(Attendance.number)])
    assert rows == [("臧玉梅", Turn.SIGNED_UP), ("康玉兰", Turn.WAITING)]


def test_a_class_wants_a_teacher_and_its_register_comes_to_each_class(site: Site) -> None:
    page, _sitting = station(site)
    page.goto("/stations/courses/new")
    page.get_by_label("课名").fill("书法班")
    page.get_by_label("名额").fill("20")
    page.get_by_label("在哪个服务站").select_option(label="东门服务站")
    page.get_by_role("button", name="建课程").click()
    expect(page.get_by_text("没有老师，课开不了。请选一位志愿者，或者写老师的姓名。").first).to_be_visible()
    expect(page.get_by_label("课名")).to_have_value("书法班")
    page.get_by_label("或者写老师姓名").fill("宫映秋")
    page.get_by_role("button", name="建课程").click()
    expect(page.get_by_text("老师：宫映秋")).to_be_visible()
    page.get_by_label("第一次").fill("2026-11-25")
    page.locator("#start").fill("14:30")
    page.locator("#end").fill("16:00")
    page.get_by_label("连着几周").fill("2")
    page.get_by_role("button", name="排课").click()
    page.goto(page.url.split("?")[0].split("#")[0] + "?q=臧玉梅")
    page.get_by_role("button", name="登记", exact=True).first.click()
    expect(page.get_by_role("heading", name="名册 1 位")).to_be_visible()
    page.get_by_role("link", name=re.compile("周三")).first.click()
    page.get_by_role("button", name="来了").click()
    expect(page.get_by_role("heading", name="来了的 1 位")).to_be_visible()
    assert look(site, lambda: (db.session.query(Course).count(), db.session.query(Learner).count())) == (1, 1)
