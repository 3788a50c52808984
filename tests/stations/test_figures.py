"""Persons and times apart by month and kind; meals at the canteen beside those carried home, none twice."""

from datetime import date

from flask import Flask

from tests import builders as make
from tests.stations.conftest import DAY, Corner, hold, people, sign_up, whoever
from timebank.db import db, transaction
from timebank.stations import figures
from timebank.stations.actions import check_ups, sessions
from timebank.stations.actions.people import person
from timebank.stations.models import Kind, Outcome
from timebank.volunteers.models import Unit


def test_one_person_of_two_kinds_is_one_in_the_total_and_every_coming_is_a_time(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        lecture, children = hold(corner, kind=Kind.OTHER, title="讲座"), hold(corner, kind=Kind.CHILDREN, title="四点半")
        for session in (lecture, children):
            sign_up(session, whoever(corner, "孙甲", "13800138000"), here=True)
        sessions.count(lecture, 30, 0)
        row = check_ups.begin(corner.community, check_ups.Rhythm(what="量血压", every_weeks=4, due=DAY), whoever(corner, "孙甲"))
        check_ups.note(row, Outcome.DONE, "", corner.user())
        every = figures.served(corner.community, DAY, DAY)
        assert (every.persons, every.times, every.unnamed) == (1, 32, 30)
        assert [figures.served(corner.community, DAY, DAY, kind).persons for kind in (Kind.OTHER, Kind.CHILDREN)] == [1, 1]
        assert figures.checked(corner.community, DAY, DAY) == 1
    page = corner.browser.get("/stations/served?month=2026-11").text
    assert "讲座" not in page
    assert "其他活动" in page
    assert "这个月还没有场次" in corner.browser.get("/stations/served?month=2026-10").text
    assert corner.browser.get("/stations/served?month=x").status_code == 422


def test_todays_kitchen_says_who_eats_there_beside_what_is_carried(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        community, _station, _barber, elder, young = people(corner)
        canteen = make.make_canteen(community)
        sitting = hold(corner, kind=Kind.SITTING, title="午饭", canteen=canteen, start=660, end=720)
        sign_up(sitting, person(corner.community, elder=elder))
        sign_up(sitting, person(corner.community, elder=young), boxes=1)
        sessions.count(sitting, 5, 2)
        found = figures.dining(canteen.id, DAY)
        assert (found.seats, found.boxes, figures.boxes_carried(canteen.id, DAY)) == (4, 3, 0)
    page = corner.browser.get("/today").text
    assert "另有堂食 4 位" in page
    assert "当场打包 3 份" in page


def test_a_meal_ordered_after_the_sign_up_is_shown_on_the_sitting(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        community, _station, _barber, elder, _young = people(corner)
        canteen = make.make_canteen(community)
        sitting = hold(corner, kind=Kind.SITTING, title="午饭", canteen=canteen)
        sign_up(sitting, person(corner.community, elder=elder))
        number = sitting.id
        meal = make.make_request(community, make.make_kind("MEAL"), elder.household, elder=elder)
        make.make_visit(meal, canteen=canteen)
        db.session.flush()
    assert "这天又排了送餐" in corner.browser.get(f"/stations/sessions/{number}").text


def test_a_year_is_counted_by_month_and_by_the_units_that_provided_it(corner: Corner) -> None:
    form = {
        "kind": "other",
        "title": "浒苔清理",
        "day": "2026-11-25",
        "start": "09:00",
        "end": "11:00",
        "seats": "50",
        "chairs": "1",
        "place": "浴场",
    }
    with corner.app.app_context(), transaction():
        unit = make.add(Unit(community_id=corner.community, name="海洋研究所", contact="")).id
        sessions.count(hold(corner, kind=Kind.OTHER, title="自己办的"), 4, 0)
    assert "海洋研究所" in corner.browser.get("/stations/sessions/new").text
    made = corner.browser.send("/stations/sessions/new", **form, unit=unit)
    assert "海洋研究所" in corner.browser.get(made.location).text
    assert corner.browser.send("/stations/sessions/new", **form, unit=999_999).status_code == 404
    corner.browser.send(f"{made.location}/count", heads="30")
    page = corner.browser.get("/stations/year").text
    assert "1 个单位办了 1 场，来了 30 人次。" in page
    assert "这一年还没有场次" in corner.browser.get("/stations/year?year=2025").text


def test_months_and_units_are_counted_on_either_database(both: Flask) -> None:
    make.set_clock("2026-11-25 12:00")
    with both.app_context(), transaction():
        community = make.make_community()
        unit = make.add(Unit(community_id=community.id, name="海洋研究所", contact=""))
        for day, whose, heads in ((date(2026, 7, 4), unit, 30), (DAY, unit, 5), (DAY, None, 4)):
            make.set_clock(f"{day} 12:00")
            draft = sessions.Draft(kind=Kind.OTHER, title="浒苔清理", day=day, start=540, end=660, seats=50, place="浴场", unit=whose)
            sessions.count(sessions.hold(community.id, draft), heads, 0)
        ((found, served),) = figures.served_by_unit(community.id, 2026)
        assert (found, served.sessions, served.times, served.persons) == (unit, 2, 35, 0)
        assert [(month, row.times) for month, row in sorted(figures.served_by_month(community.id, 2026).items())] == [(7, 30), (11, 9)]
        assert figures.served_by_month(community.id, 2025) == {}
