"""The pages of the trail: who may read it, what a search finds, what stays masked, and each person's own page."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from tests import builders as make
from tests.attack import town as attacked
from tests.browser import Browser, open_browser
from tests.small_town import Town, build_town
from timebank import audit, clock, excel
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.elders import actions as elders
from timebank.elders.models import Elder
from timebank.exchange import actions as imports
from timebank.exchange.columns import VOLUNTEERS
from timebank.exchange.handed import hand_in
from timebank.oversight import words
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Volunteer


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    found = build_town(app, sign_in_as(Role.COORDINATOR))
    with app.app_context(), transaction():
        db.session.get_one(User, found.browser.user).community_id = found.community
        db.session.get_one(User, found.browser.user).name = "衣晓雯"
    return found


def edited(town: Town, phone: str = "17000001234") -> None:
    """Let the coordinator change the elder's telephone and the volunteer's week."""
    with town.app.app_context(), transaction():
        audit.actor.set(f"user:{town.browser.user}")
        elder = db.session.get_one(Elder, town.elder)
        elders.edit_elder(elder, elders.Person(name=elder.name, gender="F", birth_year=1942, phone=phone))
        carer = db.session.get_one(Volunteer, town.volunteer)
        volunteers.edit_volunteer(carer, volunteers.Person(name=carer.name, phone=carer.phone, max_week=480))
        audit.actor.set("system")


def rows(page: str) -> str:
    """Return the table of a page."""
    return page.split("<tbody>", 1)[1].split("</tbody>", 1)[0] if "<tbody>" in page else ""


@pytest.mark.parametrize("role", [Role.ADMIN, Role.INSPECTOR])
def test_an_overseer_reads_what_was_and_what_is_and_no_name_in_full(town: Town, sign_in_as: Callable[..., Browser], role: Role) -> None:
    edited(town)
    page = sign_in_as(role, town.community).get("/trail").text
    for word in ("改了老人的资料", "170****1234", "衣晓雯", "协调员", "臧**", "改了志愿者的资料", "每周上限（分钟）", "360", "480", "王**"):
        assert word in rows(page)
    for secret in ("臧玉梅", "17000001234", "王秀芬", "松坡路 12 号"):
        assert secret not in page


def test_nobody_else_of_the_office_reads_it(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    for role in (Role.COORDINATOR, Role.TEAM_LEAD, Role.VOLUNTEER, Role.FAMILY):
        browser = sign_in_as(role, town.community)
        assert browser.get("/trail").status_code == 403
        assert browser.get("/trail.xlsx").status_code == 403
    assert "/trail" not in town.browser.get("/today").text


def test_it_is_found_by_who_did_it_by_whom_it_is_about_and_by_day(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    edited(town)
    inspector = sign_in_as(Role.INSPECTOR, town.community)
    by_actor = rows(inspector.get(f"/trail?who=user:{town.browser.user}").text)
    assert by_actor.count("<tr") == by_actor.count("衣晓雯") > 2
    assert "改了老人的资料" in by_actor
    by_name = rows(inspector.get("/trail?words=臧玉梅").text)
    assert "改了老人的资料" in by_name
    assert "改了志愿者的资料" not in by_name
    by_number = rows(inspector.get(f"/trail?words={town.get(Volunteer, town.volunteer).number}").text)
    assert "改了志愿者的资料" in by_number
    assert "改了老人的资料" not in by_number
    assert "改了志愿者的资料" in rows(inspector.get("/trail?thing=volunteer&group=people").text)
    assert "这几天没有这样的记录" in inspector.get("/trail?first=2026-11-20&last=2026-11-24").text
    assert "这几天没有这样的记录" in inspector.get("/trail?words=没有这个人").text


def test_another_communitys_deeds_are_not_told(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    edited(town)
    with town.app.app_context(), transaction():
        other = make.make_community("other", name="别处社区")
        elder = make.make_elder(make.make_household(other), "褚淑贞")
        audit.actor.set("system")
        elders.edit_elder(elder, elders.Person(name="褚桂英", gender="F", birth_year=1940, phone="17000005555"))
        number = other.id
    mine = sign_in_as(Role.INSPECTOR, town.community).get("/trail").text
    assert "170****5555" not in mine
    assert "褚" not in mine
    theirs = rows(sign_in_as(Role.INSPECTOR, number).get("/trail").text)
    assert "170****5555" in theirs
    assert "170****1234" not in theirs


def test_the_workbook_holds_the_same_and_that_it_left_the_house_is_noted(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    edited(town)
    inspector = sign_in_as(Role.INSPECTOR, town.community)
    answer = inspector.get("/trail.xlsx?thing=elder&group=people")
    lines = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert lines[1][1:4] == ["衣晓雯", "协调员", "改了老人的资料"]
    assert lines[1][5:8] == ["电话", "**********11", "170****1234"]
    text = str(lines)
    assert "臧玉梅" not in text
    assert [row.actor for row in town.all(AuditRow, AuditRow.verb == "export", AuditRow.subject == "audit")] == [f"user:{inspector.user}"]


@pytest.mark.parametrize("group", ["", *words.GROUPS])
def test_everything_a_town_has_done_is_told_in_words(app: Flask, group: str) -> None:
    found = attacked.build_town(app)
    browser = found.browser(app, "inspector")
    page = browser.get(f"/trail?first=2026-11-20&last=2026-11-25&group={group}")
    assert page.status_code == 200
    assert "做了一处改动" not in page.text
    book = browser.get(f"/trail.xlsx?first=2026-11-20&last=2026-11-25&group={group}")
    lines = CalamineWorkbook.from_filelike(BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert len(lines) > 2 or group == words.LOOKED
    assert not [secret for secret in found.secrets.values() if secret in str(lines)]


def test_a_row_says_whom_it_is_about_also_where_the_thing_is_a_team(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    with town.app.app_context(), transaction():
        team = volunteers.add_team(town.community, "松坡队")
        volunteers.join_team(team, db.session.get_one(Volunteer, town.silent), make.MONDAY, "报名")
    page = rows(sign_in_as(Role.INSPECTOR, town.community).get("/trail?thing=team&group=people").text)
    assert "加了队员" in page
    assert "于**" in page


def test_an_import_names_the_fields_it_changed(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    with town.app.app_context(), transaction():
        number = db.session.get_one(Volunteer, town.silent).number
        head = [column.header for column in VOLUNTEERS.columns if column.required] + ["每周上限"]
        row = [number, "于淑珍", db.session.get_one(Volunteer, town.silent).phone, 36.055, 120.351, 400]
        sheet = excel.workbook("x", [excel.Sheet("志愿者", head, [row])], clock.now())
        imports.import_files(hand_in([("volunteers.xlsx", sheet)]), db.session.get_one(make.Community, town.community))
    page = rows(sign_in_as(Role.INSPECTOR, town.community).get("/trail?group=people").text)
    assert "导入时改了志愿者" in page
    assert "每周上限（分钟） 360" in page


def test_a_volunteer_reads_who_looked_and_what_was_changed(town: Town) -> None:
    edited(town)
    town.browser.get(f"/volunteers/{town.volunteer}")
    town.browser.get(f"/elders/{town.elder}")
    with town.app.app_context(), transaction():
        carer = db.session.get_one(Volunteer, town.volunteer)
        user = make.make_user(Role.VOLUNTEER, db.session.get_one(make.Community, town.community), name=carer.name)
        carer.user_id = user.id
        number = user.id
    page = signed_in(town, number).get("/my/trail").text
    for word in ("看了志愿者的页面", "改了志愿者的资料", "每周上限（分钟）：360 → 480", "协调员 衣**"):
        assert word in page
    for word in ("衣晓雯", "老人的", "look", "user:"):
        assert word not in page


def test_a_family_reads_of_its_own_elder_only(town: Town) -> None:
    edited(town)
    town.browser.get(f"/elders/{town.elder}?door=1")
    with town.app.app_context(), transaction():
        daughter = make.make_user(Role.FAMILY, None, name="臧家属")
        make.make_family(db.session.get_one(Elder, town.elder), daughter)
        stranger = make.make_user(Role.FAMILY, None, name="别人")
        numbers = daughter.id, stranger.id
    page = signed_in(town, numbers[0]).get("/family/trail").text
    for word in ("看了门牌和备注", "看了老人的页面", "改了老人的资料", "170****1234", "协调员 衣**"):
        assert word in page
    assert "志愿者的页面" not in page
    assert "臧玉梅" not in signed_in(town, numbers[1]).get("/family/trail").text
    assert "/family/trail" in signed_in(town, numbers[0]).get("/my/data").text


def signed_in(town: Town, number: int) -> Browser:
    """Return the browser of a user."""
    browser = open_browser(town.app)
    with town.app.app_context(), transaction():
        token, _session = access.sign_in(db.session.get_one(User, number))
    with town.app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def test_a_search_for_somebody_and_every_sheet_that_is_printed_leave_a_row_without_a_name(
    town: Town, sign_in_as: Callable[..., Browser]
) -> None:
    inspector = sign_in_as(Role.INSPECTOR, town.community)
    inspector.get("/trail")
    with town.app.app_context():
        assert db.session.scalar(select(func.count()).where(AuditRow.verb == "search")) == 0
    inspector.get(f"/trail?who=user:{town.browser.user}&words=臧玉梅")
    town.browser.send("/sheets/2026-11-25/volunteers.pdf", volunteer=[str(town.volunteer)])
    with town.app.app_context():
        rows_ = {
            f"{row.verb} {row.subject}": row
            for row in db.session.scalars(select(AuditRow).where(AuditRow.verb.in_(["search", "print_sheets"])))
        }
        assert rows_.keys() == {"search audit", "print_sheets community"}
        assert rows_["search audit"].detail == {"who": f"user:{town.browser.user}", "thing": "", "by_name": True}
        assert rows_["search audit"].actor == f"user:{inspector.user}"
        assert rows_["print_sheets community"].actor == f"user:{town.browser.user}"
