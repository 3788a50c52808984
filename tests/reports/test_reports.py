"""The monthly report: persons, visits and hours apart, each table making the same total, and the health of the promise."""

import io
import re
from datetime import date, timedelta

import python_calamine
from flask import Flask

from tests import builders as make
from tests.books.test_statements import meal_round
from tests.browser import Browser
from tests.served import TODAY, World, record, served_world
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.ledger import actions as ledger
from timebank.papers import tables
from timebank.places.models import Community
from timebank.reports import counting, redemption
from timebank.reports import monthly as reports
from timebank.reports import report_paper as reporting
from timebank.visits.models import Trust, VisitState
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Availability, Volunteer

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)


def place(world: World) -> reports.Place:
    """Return the community as the place of a report."""
    return reports.of_community(world.get()[0])


def test_every_table_of_a_month_makes_the_same_total(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        meal_round(world)
        found = reports.monthly(place(world), NOVEMBER)
        assert (found.volunteers, found.visits, found.doors, found.minutes) == (1, 2, 4, 70)
        assert sum(row.minutes for row in found.buildings) == 70
        assert sum(row.doors for row in found.buildings) == 4
        assert sum(each.minutes for each in found.weekdays) == 70
        assert [row.minutes for row in found.communities] == [70]
        assert found.weekdays[2].visits == 2
        assert found.elders == 4


def test_a_rounds_minutes_are_shared_out_to_its_doors(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        meal_round(world)
        shares = {row.name.split(" ", 1)[1]: row.minutes for row in reports.monthly(place(world), NOVEMBER).buildings}
        assert [shares[f"松坡路 {number} 号"] for number in (1, 2, 3)] == [10, 10, 10]
        assert counting.shared_out([7, 8, 7], 32) == [(7, 2, 21), (8, 1, 11)]
        assert counting.shared_out([], 32) == []


def test_somebody_in_two_teams_counts_for_both_and_once_for_the_community(app: Flask) -> None:
    def in_two(volunteer: Volunteer) -> None:
        for name in ("送餐队", "理发队"):
            volunteers.join_team(volunteers.add_team(volunteer.community_id, name), volunteer, date(2026, 10, 25), "报名")

    world = served_world(app, in_two)
    with app.app_context(), transaction():
        found = reports.monthly(place(world), OCTOBER)
        assert [(row.name, row.volunteers, row.minutes) for row in found.teams] == [("理发队", 1, 52), ("送餐队", 1, 52)]
        assert (found.volunteers, found.minutes) == (1, 87)


def test_paid_staff_stand_beside_the_report_and_not_in_it(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, _, _ = world.get()
        paid = make.make_volunteer(community, "专职送餐员", staff=True)
        record(paid, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 9), 200)
        found = reports.monthly(place(world), OCTOBER)
        assert (found.volunteers, found.minutes, found.staff.visits, found.staff.minutes) == (1, 87, 1, 200)


def test_a_street_is_the_sum_of_its_communities(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        other = make.add(
            Community(slug="sea", street=community.street, name="海边社区", issuer="x", issuer_code="", phone="", responsible="")
        )
        helper = make.make_volunteer(other, "丛树立")
        record(helper, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 9), 33)
        elsewhere = make.make_community("far-street")
        record(make.make_volunteer(elsewhere, "仇立新"), db.session.get_one(ServiceKind, world.hair), date(2026, 10, 9), 500)
        found = reports.monthly(reports.of_street([community, other]), OCTOBER)
        assert (found.volunteers, found.minutes) == (2, 120)
        assert [(row.name, row.minutes) for row in found.communities] == [("松坡社区", 87), ("海边社区", 33)]
        assert volunteer.id != helper.id


def test_what_is_stored_is_held_against_what_is_used_and_who_can_come(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        volunteer.max_week = 100
        for weekday in range(2):
            make.add(Availability(volunteer_id=volunteer.id, weekday=weekday, start=540, end=620))
        hold = ledger.hold(volunteer.account_id, 40, source="visit:1", idem=("test", "hold"), actor="test")
        ledger.settle(hold, 30, idem=("test", "settle"), actor="test")
        found = redemption.health([community.id], NOVEMBER)
        assert (found.stored, found.held, found.used, found.weekly) == (87, 10, 30, 100)
        assert found.weeks == 1.0
        assert [(each.month.month, each.earned, each.used) for each in found.flows[-2:]] == [(10, 87, 0), (11, 40, 30)]
        assert found.oldest_credit == date(2026, 10, 30)


def test_the_oldest_hour_is_the_one_nobody_has_used(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        assert redemption.health([community.id], NOVEMBER).oldest_credit == date(2026, 10, 30)
        ledger.donate(volunteer.account_id, 87, source="test:1", idem=("test", "some"), actor="test")
        assert redemption.health([community.id], NOVEMBER).oldest_credit == TODAY
        ledger.donate(volunteer.account_id, 40, source="test:2", idem=("test", "rest"), actor="test")
        assert redemption.health([community.id], NOVEMBER).oldest_credit is None


def test_a_bank_without_volunteers_says_so_instead_of_dividing(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        volunteer.active = False
        found = redemption.health([community.id], NOVEMBER)
        assert (found.weekly, found.weeks) == (0, None)
        paper = reporting.report_paper(reports.monthly(place(world), NOVEMBER), found, redemption.clearing([community.id], NOVEMBER), "zh")
        assert ("存着的全部用完要", "—", "周") in next(each for each in paper.tables if "好不好用" in each.title).rows


def test_done_visits_wait_by_age_until_they_are_confirmed(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, _, _ = world.get()
        kind, home = db.session.get_one(ServiceKind, world.hair), make.make_household(community)
        for days in (1, 5, 30):
            day = TODAY - timedelta(days=days)
            request = make.make_request(community, kind, home, dates=[day.isoformat()], first_day=day, boxes=0)
            make.make_visit(request, day, state=VisitState.DONE).day = day
        found = redemption.clearing([community.id], NOVEMBER)
        assert (found.counts, found.waiting, found.days) == ((1, 1, 1), 3, 30)
        assert redemption.clearing([community.id + 1], NOVEMBER).oldest is None


def confirmed_month(world: World) -> None:
    """Let a coordinator, a colleague, a daughter and the clock confirm an October, some of it on nothing but a word."""
    volunteer, kind = db.session.get_one(Volunteer, world.volunteer), db.session.get_one(ServiceKind, world.hair)
    colleague, daughter = make.make_user(Role.COORDINATOR, name="曲成海"), make.make_user(Role.FAMILY, name="鲁敏")
    said = (
        (Trust.CALL, 120, world.coordinator, None),
        (Trust.CALL, 60, world.coordinator, world.coordinator),
        (Trust.DESK, 60, world.coordinator, None),
        (Trust.TWO_PERSONS, 30, colleague.id, None),
        (Trust.FAMILY, 90, daughter.id, None),
    )
    for day, (trust, minutes, by, word) in enumerate(said, start=1):
        record(volunteer, kind, date(2026, 10, day), minutes, trust, by=by, word=word)


def test_who_confirmed_a_month_and_how_it_was_known_stands_on_page_paper_and_in_the_workbook(
    desk: Browser, world: World, app: Flask
) -> None:
    with app.app_context(), transaction():
        confirmed_month(world)
        found = [
            (each.who[0], each.trust.value, each.minutes, each.percent, each.alone) for each in reports.monthly(place(world), OCTOBER).marks
        ]
        assert found == [
            ("衣晓雯", "call", 180, 75, 60),
            ("衣晓雯", "desk", 60, 25, 0),
            ("家属", "family", 90, 100, 0),
            ("没有人", "auto", 52, 60, 0),
            ("没有人", "code", 35, 40, 0),
            ("曲成海", "two_persons", 30, 100, 0),
        ]
    page = " ".join(re.sub(r"<[^>]+>", " ", desk.get("/report?month=2026-10").text).split())
    assert "衣晓雯 电话回访 180 3.0 75 60" in page
    assert "合计 447 7.5 60" in page
    for language in ("zh", "en"):
        assert desk.get(f"/report/2026-10.pdf?lang={language}").data.startswith(b"%PDF")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(desk.get("/report/2026-10.xlsx").data))
    rows = book.get_sheet_by_name("谁确认的、凭什么").to_python()
    assert rows[1] == ["衣晓雯", "电话回访", 180, 3.0, 75, 60]
    assert sum(float(row[2]) for row in rows[1:7]) == rows[7][2] == 447


def test_page_pdf_and_workbook_say_the_same(desk: Browser, world: World, app: Flask) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", desk.get("/report?month=2026-10").text).split())
    assert "买菜代购 1 1 1 52 0.9" in page
    assert "上门理发 1 1 1 35 0.6" in page
    assert desk.get("/report/2026-10.pdf").data.startswith(b"%PDF")
    assert desk.get("/report/2026-10.pdf?lang=en").data.startswith(b"%PDF")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(desk.get("/report/2026-10.xlsx").data))
    kinds = book.get_sheet_by_name("各项服务").to_python()
    assert kinds[1:] == [["买菜代购", 1, 1, 1, 52, 0.9, 0], ["上门理发", 1, 1, 1, 35, 0.6, 0], ["合计", 1, 2, 2, 87, 1.5, 0]]
    assert len(book.get_sheet_by_name("近 12 个月").to_python()) == 14


def test_only_an_administrator_sees_a_street(desk: Browser, world: World, app: Flask, sign_in_as: object) -> None:
    with app.app_context():
        street = world.get()[0].street_id
    assert desk.get(f"/report?street={street}").status_code == 404
    admin = sign_in_as(Role.ADMIN, community_id=None)  # type: ignore[operator]
    assert "各社区" not in admin.get(f"/report?street={street}").text
    assert admin.get(f"/report/2026-10.xlsx?street={street}").status_code == 200
    assert admin.get("/report?street=9999").status_code == 404


def test_the_report_says_the_same_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        meal_round(world)
        found = reports.monthly(place(world), NOVEMBER)
        assert (found.visits, found.doors, found.minutes, sum(row.minutes for row in found.buildings)) == (2, 4, 70, 70)
        health, clearing = redemption.health([world.community], NOVEMBER), redemption.clearing([world.community], NOVEMBER)
        assert health.oldest_credit == date(2026, 10, 30)
        assert tables.as_workbook(reporting.report_paper(found, health, clearing, "en"), "en").startswith(b"PK")
        assert db.session.get_one(Volunteer, world.volunteer).active
