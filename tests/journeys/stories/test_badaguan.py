"""S1, the noon meals of Badaguan: seventy elders, a couple of 91, a paid deliverer beside the volunteers, 38 units; played and looked at."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.stories.played import count, played, shows_itself, town
from tests.test_seals import sabotage
from timebank.access.models import Role
from timebank.app import create_app
from timebank.db import db
from timebank.demo.week import SERVED
from timebank.elders.models import Elder
from timebank.places.models import Canteen
from timebank.stations.models import ServiceSession, SessionState
from timebank.visits.models import Offer, OfferState, Round, ServiceRecord, Visit
from timebank.visits.states import LIVE
from timebank.volunteers.models import Unit, Volunteer


@pytest.fixture(scope="module")
def badaguan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Play the demo once for all who look at it."""
    app = played(tmp_path_factory.mktemp("demos"), "badaguan")
    yield app
    with app.app_context():
        db.engine.dispose()


def test_the_demo_plays_a_week_of_whole_rounds_that_arrive_hot(badaguan: Flask) -> None:
    with badaguan.app_context():
        rows = db.session.execute(
            select(func.sum(Visit.boxes), Volunteer.boxes, func.max(Offer.start + Visit.minutes) - Round.pickup, Canteen.hot)
            .select_from(Round)
            .join(Round.offers)
            .join(Offer.visit)
            .join(Round.volunteer)
            .join(Round.canteen)
            .where(Offer.state.in_(LIVE))
            .group_by(Round.id, Volunteer.boxes, Round.pickup, Canteen.hot)
        ).all()
        assert len(rows) > 30
        assert [row for row in rows if row[0] > row[1] or row[2] > row[3]] == []


@pytest.mark.long  # a check of everything after every fifty
def test_every_one_of_five_hundred_edits_of_the_played_weeks_database_is_named(badaguan: Flask) -> None:
    app = create_app(badaguan.extensions["timebank"])
    sabotage(app, 500, at_once=50)
    with app.app_context():
        db.engine.dispose()


def test_badaguan_works_with_38_units_in_more_than_seventy_projects(badaguan: Flask) -> None:
    with badaguan.app_context():
        shows_itself(badaguan, "badaguan")
        assert count(Unit) == 38
        held = list(db.session.scalars(select(ServiceSession).where(ServiceSession.state == SessionState.CLOSED)))
        assert len(held) == 76
        assert {each.unit_id for each in held} == set(db.session.scalars(select(Unit.id)))
        assert all(each.head_count for each in held)
        assert {"义诊", "浒苔清理"} <= {each.title for each in held}
        staff = select(ServiceRecord).join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id).where(Volunteer.staff)
        paid = list(db.session.scalars(staff))
        assert paid
        assert [each for each in paid if each.transfer_seq is not None] == [], "the paid deliverer is planned and recorded, never credited"


def noon_of_the_couple(app: Flask) -> tuple[int, int]:
    """Return who carries Wednesday's meals to the couple of 91, and how many boxes there are for the one stop; the paid one is their usual face."""
    with app.app_context():
        eldest = select(Elder.household_id).where(Elder.birth_year == 2026 - 91).group_by(Elder.household_id).having(func.count() == 2)
        meals = select(Offer).join(Offer.visit).where(Visit.household_id.in_(eldest), Visit.boxes > 0, Offer.state.in_(LIVE))
        by_the_paid = [each.volunteer.staff for each in db.session.scalars(meals)]
        assert sum(by_the_paid) > len(by_the_paid) / 2, "a plan of two seconds keeps to the one they know most days"
        (made,) = db.session.scalars(meals.where(Offer.day == SERVED.date(), Offer.state == OfferState.ACCEPTED))
        assert made.volunteer.user_id is not None
        return made.volunteer.user_id, made.visit.boxes


def test_seventy_eat_at_noon_two_boxes_go_up_to_one_door_and_a_unit_names_its_people_later(badaguan: Flask, chromium: Browser) -> None:
    carrier, boxes = noon_of_the_couple(badaguan)
    assert boxes == 2
    with town(badaguan, chromium) as here:
        visitor = here.site.window(PHONE)
        here.reads(visitor, "/", "八大关社区", "一年一主题：2026 同一张饭桌", "70 位老人", "45 位志愿者", "38 家共建单位", "31 栋楼")
        desk = here.of(Role.COORDINATOR)
        here.reads(desk, "/today", "食堂", "专职")
        meals = int(re.findall(r"今天要 (\d+) 份", " ".join(desk.locator("main").inner_text().split()))[0])
        assert 60 <= meals <= 70, "nearly seventy at noon, two of them behind one door"
        here.reads(desk, "/report", "位老人", "户次")
        persons = int(desk.locator(".figures-row, main").first.inner_text().split("位老人")[0].split()[-1])
        assert 55 <= persons <= 70, "three days of a month in which some seventy are served"
        here.reads(desk, "/report/year?year=2026", "各月服务的老人", f"2026-11 {persons}")
        here.reads(desk, "/stations/year", "38 个单位办了 76 场", "7月", "11月")
        with badaguan.app_context():
            eldest = db.session.scalars(select(Elder.id).where(Elder.birth_year == 2026 - 91).order_by(Elder.id)).first()
            (paid,) = db.session.scalars(select(Volunteer).where(Volunteer.staff))
        here.reads(desk, f"/elders/{eldest}", "91 岁", "送餐上门 · 2 份", "无电梯")
        visits = desk.locator("section", has=desk.get_by_role("heading", name="来过、要来的")).locator("tr", has_text="送餐上门")
        expect(visits.filter(has_text=paid.name)).not_to_have_count(0)
        here.reads(desk, f"/volunteers/{paid.id}", "专职", "不计时")
        here.reads(desk, "/posts/bookings", "海水浴场清洁岗", "还差 4 个")
        desk.get_by_role("link", name=re.compile("周六")).click()
        expect(desk.get_by_text("订了 6 个，填了 2 个名字")).to_be_visible()
        phone = here.somebody(carrier, PHONE)
        here.reads(phone, "/phone", "先在食堂取餐", "合计", "楼")
        kitchen = here.of(Role.CANTEEN, size=DESKTOP)
        here.reads(kitchen, "/today", f"今天要 {meals} 份")
