"""Teams and units: who is in them, what counts for them, and their statements on a page, as a PDF and as a workbook."""

import io
from datetime import date, timedelta

import pytest
import python_calamine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, in_team, record, served_world
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.papers import tables
from timebank.reports import groups
from timebank.volunteers import actions
from timebank.volunteers.models import Team, TeamMember, Unit, Volunteer

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)


def the_team() -> Team:
    """Return the only team there is."""
    return db.session.scalars(select(Team)).one()


def read(book: bytes) -> dict[str, list[list[object]]]:
    """Read a workbook back, by sheet."""
    opened = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names}


def test_only_the_days_in_the_team_count_for_it(app: Flask) -> None:
    served_world(app, in_team(date(2026, 10, 25)))
    with app.app_context(), transaction():
        team = the_team()
        found = groups.group_month("team", team, OCTOBER)
        assert [(each.volunteer.name, each.visits, each.minutes) for each in found.shares] == [("王秀芬", 1, 52)]
        assert groups.group_month("team", team, NOVEMBER).minutes == 40


def test_who_has_left_keeps_counting_for_what_is_on_record(app: Flask) -> None:
    world = served_world(app, in_team(OCTOBER))
    with app.app_context(), transaction():
        team, hair = the_team(), db.session.get_one(ServiceKind, world.hair)
        with pytest.raises(Invalid):
            actions.leave_team(team.members[0], " ")
        actions.leave_team(team.members[0], "搬家")
        assert team.members[0].left == TODAY + timedelta(days=1)
        make.set_clock("2026-11-26 10:30")
        record(world.get()[1], hair, TODAY + timedelta(days=1), 30)
        assert groups.group_month("team", team, OCTOBER).minutes == 87
        assert groups.group_month("team", team, NOVEMBER).minutes == 40
        with pytest.raises(Conflict):
            actions.leave_team(team.members[0], "又搬家")


def test_nobody_is_in_a_team_twice_at_once_or_before_the_day_comes_or_for_what_is_on_record(app: Flask) -> None:
    world = served_world(app, in_team(OCTOBER))
    with app.app_context(), transaction():
        team, (_, volunteer, _) = the_team(), world.get()
        hair_team = actions.add_team(team.community_id, "理发队")
        with pytest.raises(Invalid, match="already"):
            actions.join_team(team, volunteer, TODAY, "报名")
        with pytest.raises(Invalid, match="not come yet"):
            actions.join_team(hair_team, volunteer, TODAY + timedelta(days=1), "报名")
        with pytest.raises(Invalid, match="2026-11-26 or later"):
            actions.join_team(hair_team, volunteer, TODAY, "报名")
        actions.leave_team(team.members[0], "搬家")
        make.set_clock("2026-11-26 10:30")
        with pytest.raises(Invalid, match="earlier membership"):
            actions.join_team(team, volunteer, TODAY, "回来了")
        actions.join_team(team, volunteer, TODAY + timedelta(days=1), "回来了")
        assert groups.group_month("team", team, NOVEMBER).minutes == 40


def test_the_database_refuses_a_second_open_membership_and_days_turned_round(app: Flask) -> None:
    world, tomorrow = served_world(app, in_team(OCTOBER)), TODAY + timedelta(days=1)
    with app.app_context():
        team = the_team().id
        for joined, left in ((tomorrow, None), (tomorrow, OCTOBER)):
            with pytest.raises(IntegrityError), transaction():
                make.add(TeamMember(team_id=team, volunteer_id=world.volunteer, joined=joined, left=left))


def test_a_team_takes_neither_a_taken_name_nor_people_from_elsewhere(app: Flask) -> None:
    served_world(app, in_team(OCTOBER))
    with app.app_context(), transaction():
        team = the_team()
        with pytest.raises(Invalid):
            actions.add_team(team.community_id, "松坡送餐队")
        stranger = make.make_volunteer(make.make_community("sea-street"))
        with pytest.raises(Invalid):
            actions.join_team(team, stranger, TODAY, "报名")


def test_a_unit_counts_its_people_and_paid_staff_never(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, hair = world.get()[0], db.session.get_one(ServiceKind, world.hair)
        unit = make.add(Unit(community_id=community.id, name="松坡小学"))
        paid = make.make_volunteer(community, "专职送餐员", staff=True, unit_id=unit.id)
        helper = make.make_volunteer(community, "丛树立", unit_id=unit.id)
        record(paid, hair, date(2026, 10, 9), 200)
        record(helper, hair, date(2026, 10, 9), 35)
        found = groups.group_month("unit", unit, OCTOBER)
        assert (found.visits, found.minutes, [kind.minutes for kind in found.kinds]) == (1, 35, [35])


def test_the_paper_says_the_same_as_page_and_workbook_and_its_minutes_add_up(app: Flask) -> None:
    world = served_world(app, in_team(OCTOBER))
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        volunteer.name = "=cmd()"
        team = the_team()
        for number in range(3):
            other = make.make_volunteer(community, f"丛{number}")
            actions.join_team(team, other, OCTOBER, "报名")
            record(other, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 12), 62)
        paper = groups.group_paper(groups.group_month("team", team, OCTOBER), "zh")
        book = read(tables.as_workbook(paper, "zh"))
        people = book["每个人"]
        assert "=cmd()" in [row[0] for row in people]
        assert sum(float(str(row[3])) for row in people[1:5]) == people[5][3] == 273
        assert [row[4] for row in people[1:6]] == [1.0, 1.0, 1.0, 1.5, 4.6]
        assert [each.value for each in paper.figures] == ["4", "5", "4.6"]
        assert any("2026-12-04" in note for note in paper.notes)


def test_the_office_founds_a_team_and_prints_its_month(desk: Browser, world: World, app: Flask) -> None:
    made = desk.send("/volunteers/teams", name="松坡送餐队")
    assert made.status_code == 303
    assert desk.send("/volunteers/teams", name="松坡送餐队").status_code == 422
    with app.app_context(), transaction():
        helper = make.make_volunteer(world.get()[0], "丛树立").id
    page, joins = made.location, {"volunteer": str(helper), "joined": "2026-11-25"}
    assert desk.send(f"{page}/members", **joins).status_code == 422
    assert "2026-11-26 或以后" in desk.send(f"{page}/members", **joins | {"volunteer": str(world.volunteer), "reason": "报名"}).text
    assert desk.send(f"{page}/members", **joins, reason="报名").status_code == 303
    assert desk.send(f"{page}/members", **joins, reason="报名").status_code == 422
    with app.app_context(), transaction():
        record(db.session.get_one(Volunteer, helper), db.session.get_one(ServiceKind, world.hair), TODAY, 90)
    assert "丛树立" in desk.get(page).text
    assert "1.5" in desk.get("/groups?month=2026-11").text
    assert "丛树立" in desk.get("/groups/team/1?month=2026-11").text
    assert desk.get("/groups/team/1/2026-11.pdf").data.startswith(b"%PDF")
    assert read(desk.get("/groups/team/1/2026-11.xlsx").data)["每个人"][1][0] == "丛树立"
    assert desk.get("/groups/team/1/2026-13.pdf").status_code == 422
    assert desk.get("/groups/club/1").status_code == 404
    leaves = f"{page}/members/1/leave"
    assert "11月26日" in desk.get(leaves).text
    assert desk.send(leaves).status_code == 422
    assert desk.send(leaves, reason="搬家").status_code == 303
    assert "搬家" in desk.get(f"/volunteers/{helper}/standing").text


def test_another_community_sees_no_team_of_this_one(desk: Browser, world: World, app: Flask, sign_in_as: object) -> None:
    desk.send("/volunteers/teams", name="松坡送餐队")
    with app.app_context(), transaction():
        other = make.make_community("sea-street").id
    stranger = sign_in_as(Role.COORDINATOR, community_id=other)  # type: ignore[operator]
    for path in ("/groups/team/1", "/groups/team/1/2026-10.xlsx", "/volunteers/teams/1"):
        assert stranger.get(path).status_code == 404, path
    assert "松坡送餐队" not in stranger.get("/volunteers/teams").text


def test_a_volunteers_month_is_a_workbook_of_two_books(desk: Browser, phone: Browser, world: World) -> None:
    for browser, path in ((desk, f"/books/{world.volunteer}/2026-10.xlsx"), (phone, "/my/hours/2026-10.xlsx")):
        book = read(browser.get(path).data)
        assert [book["服务记录"][-4][-1], book["服务记录"][-2][0]] == [87, "系统签到 87 分钟（1.5 小时），事后录入 0 分钟（0.0 小时）"]
        assert book["时间账户"][-1][-1] == 87
        assert browser.get(path.replace("2026-10", "2026-13")).status_code == 422


def test_teams_count_the_same_on_both_databases(both: Flask) -> None:
    world = served_world(both, in_team(date(2026, 10, 25)))
    with both.app_context(), transaction():
        found = groups.group_month("team", the_team(), OCTOBER)
        assert (found.visits, found.minutes) == (1, 52)
        assert [each.minutes for each in groups.overview(world.community, OCTOBER)] == [52]
