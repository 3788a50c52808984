"""A haircut day in a real browser: somebody walks in, three presses each, who is next stands in large figures."""

import os
import re
import time

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests import builders as make
from tests.journeys.conftest import DESKTOP, PHONE, Site
from tests.journeys.test_week import look, sign_in
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Station
from timebank.stations.actions import queueing, sessions
from timebank.stations.actions.people import person
from timebank.stations.models import Attendance, Kind, Source, Turn

PEOPLE = 60


def haircut_day(site: Site) -> tuple[int, int, int]:
    """Build a station on Wednesday at 9:00 where sixty people signed up; return the coordinator, a daughter and the session."""
    make.set_clock("2026-11-25 09:00")
    with site.app.app_context(), transaction():
        community = make.make_community(name="松坡社区")
        station = make.add(Station(community_id=community.id, name="东门服务站", address="松坡路 2 号", lat=36.05, lon=120.35))
        elder = make.make_elder(make.make_household(community), "臧玉梅", phone="13812340001")
        daughter = make.make_user(Role.FAMILY, community, name="臧丽")
        make.make_family(elder, daughter)
        day = sessions.Draft(kind=Kind.HAIRCUT, title="周三理发", day=make.WEDNESDAY, start=540, end=690, seats=PEOPLE + 2, station=station)
        session = sessions.hold(community.id, day)
        for number in range(PEOPLE):
            queueing.sign_up(session, person(community.id, name=f"孙{number:02d}", phone=f"138001380{number:02d}"), Source.PHONE)
        return make.make_user(Role.COORDINATOR, community, name="衣晓雯").id, daughter.id, session.id


def test_three_presses_a_person_and_the_board_says_who_is_next(site: Site) -> None:
    office, _daughter, session = haircut_day(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    page.goto(f"/stations/sessions/{session}")
    for name in ("孙00", "孙01"):
        page.locator("#queue .line", has_text=name).get_by_role("button", name="人到了").click()
    board = page.locator("section", has=page.get_by_text("下一位")).first
    expect(board).to_contain_text("孙00")
    for name, after in (("孙00", "孙01"), ("孙01", "还没有人在等")):
        row = page.locator("#queue .line", has_text=name).first
        row.get_by_role("button", name="叫号").click()
        expect(board).to_contain_text(after)
        page.locator("#queue .line", has_text=name).first.get_by_role("button", name="做完").click()
    expect(page.get_by_role("heading", name="做完的 2 位")).to_be_visible()
    served = select(Attendance).where(Attendance.turn == Turn.SERVED)
    assert len(look(site, lambda: db.session.scalars(served).all())) == 2
    assert site.complaints == []


@pytest.mark.long  # 180 presses
def test_all_sixty_are_done_by_three_presses_each(site: Site) -> None:
    office, _daughter, session = haircut_day(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    page.goto(f"/stations/sessions/{session}")
    begun = time.monotonic()
    for number in range(PEOPLE):
        for press in ("人到了", "叫号", "做完"):
            page.locator("#queue .line", has_text=f"孙{number:02d}").get_by_role("button", name=press).click()
    expect(page.get_by_role("heading", name=f"做完的 {PEOPLE} 位")).to_be_visible()
    print(f"{3 * PEOPLE} presses in {time.monotonic() - begun:.0f} s; load {os.getloadavg()[0]:.1f}")  # noqa: T201 - run with -s
    served = select(Attendance).where(Attendance.turn == Turn.SERVED)
    assert len(look(site, lambda: db.session.scalars(served).all())) == PEOPLE
    assert site.complaints == []


def test_who_walks_in_is_found_by_name_and_one_press_puts_them_in_the_queue(site: Site) -> None:
    office, _daughter, session = haircut_day(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    page.goto(f"/stations/sessions/{session}")
    page.get_by_role("searchbox").fill("臧")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="人到了").first.click()
    expect(page.get_by_text("臧玉梅到了，61 号。")).to_be_visible()
    page.get_by_role("searchbox").fill("37")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="这一场里的")).to_be_visible()
    expect(page.locator("#find .line", has_text="孙36").first).to_be_visible()


def test_a_daughter_signs_her_mother_up_on_her_phone(site: Site) -> None:
    _office, daughter, _session = haircut_day(site)
    page = site.window(PHONE)
    sign_in(site, page, daughter)
    page.goto("/family")
    page.get_by_role("link", name="服务站和报名").click()
    page.get_by_role("button", name="给臧玉梅报名").click()
    expect(page.get_by_text(re.compile("报上了，61 号"))).to_be_visible()
    page.get_by_role("button", name="不去了，取消").click()
    expect(page.get_by_text("取消了，位子让给别人。")).to_be_visible()
    assert site.complaints == []
