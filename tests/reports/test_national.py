"""Reporting to the national system: the columns of the order, whose rows, and foreign numbers entered back once and right."""

import dataclasses
import io
from datetime import date

import pytest
import python_calamine
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.records.conftest import open_office
from tests.served import TODAY, World, record, served_world
from tests.stars.test_stars import through
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.places.models import Community
from timebank.records import totals as queries
from timebank.records.actions import keeping
from timebank.records.models import Grade
from timebank.records.reported import NationalReport
from timebank.reports import monthly as reports
from timebank.reports import national
from timebank.stars import awards
from timebank.stars import standing as stars
from timebank.visits.actions import entering
from timebank.visits.actions.correcting import correct
from timebank.visits.evidence import first_unfounded

YEAR = date(2026, 1, 1)
Rows = list[list[object]]


def read(book: bytes) -> dict[str, Rows]:
    """Read a workbook back, by sheet."""
    opened = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names}


def exported(world: World, *, unreported: bool = True) -> dict[str, Rows]:
    """Export the year."""
    return read(national.export(world.get()[0], YEAR, TODAY, unreported=unreported))


def test_the_columns_are_named_as_the_order_names_them(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        book = exported(world)
        assert list(book) == ["个人基本信息", "志愿服务情况", "培训情况", "表彰奖励", "评价情况", "要撤销的编号"]
        wanted = {
            "个人基本信息": ("姓名", "性别", "出生日期", "身份证件号码", "居住区域", "联系方式", "专业技能", "服务类别"),
            "志愿服务情况": (
                "活动名称",
                "日期",
                "地点",
                "服务内容",
                "服务时间（小时）",
                "活动组织单位",
                "活动负责人",
                "原编号",
                "更正",
                "撤销",
            ),
            "培训情况": ("培训名称", "主要内容", "学习时长", "举办单位", "日期"),
            "表彰奖励": ("名称", "日期", "授予单位"),
            "评价情况": ("服务质量评价", "评价日期", "星级"),
        }
        for name, columns in wanted.items():
            assert set(columns) <= set(book[name][0]), name


def test_an_export_holds_each_voluntary_record_once_in_its_latest_version(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        paid = make.make_volunteer(community, "专职送餐员", staff=True)
        record(paid, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 9), 200)
        first = queries.records_of(volunteer, YEAR, TODAY)[0]
        newer = correct(first, 20, "签退晚了", coordinator)
        rows = exported(world)["志愿服务情况"]
        assert [row[0] for row in rows[1:]] == [f"R{newer.id}", "R2", "R3"]
        assert [row[7] for row in rows[1:]] == [0.33, 0.87, 0.67]
        assert {row[8] for row in rows[1:]} == {"松坡社区居委会"}


def test_names_that_look_like_formulas_stay_text(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        world.get()[1].name = "=1+1"
        assert exported(world)["个人基本信息"][1][1] == "=1+1"


def test_awards_and_stars_go_with_the_records(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        kept = awards.note_award(volunteer, "最美志愿者", date(2026, 10, 1), "街道", coordinator)
        wrong = awards.note_award(volunteer, "登记错的", date(2026, 10, 2), "街道", coordinator)
        awards.withdraw_award(wrong, "登记错人")
        stars.set_rule(community.id, (1, 2, 3, 4, 5), 3)
        user = make.make_user(Role.VOLUNTEER, community)
        volunteer.user_id = user.id
        through(stars.ask(volunteer, user), world)
        book = exported(world)
        assert [row[2] for row in book["表彰奖励"][1:]] == [kept.name]
        assert {row[5] for row in book["评价情况"][1:]} == {1}


def test_trainings_and_evaluations_go_with_the_records_as_they_stand(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        course = keeping.Course(name="急救入门", content="心肺复苏", minutes=90, held_by="区红十字会", day=date(2026, 9, 5))
        keeping.add_training(volunteer, course, coordinator)
        wrong = keeping.add_training(volunteer, dataclasses.replace(course, name="登记错的"), coordinator)
        keeping.withdraw_training(wrong, "登记错人", coordinator)
        first = queries.records_of(volunteer, YEAR, TODAY)[0]
        keeping.evaluate(first, Grade.FAIR, "来得晚", coordinator)
        keeping.evaluate(first, Grade.GOOD, "", coordinator)
        newer = correct(first, 20, "签退晚了", coordinator)
        book = exported(world)
        assert [row[2:6] for row in book["培训情况"][1:]] == [["急救入门", "心肺复苏", 1.5, "区红十字会"]]
        assert {row[0]: row[3] for row in book["评价情况"][1:]} == {f"R{newer.id}": "满意", "R2": "", "R3": ""}
        assert [bool(row[4]) for row in book["评价情况"][1:]] == [True, False, False]


def test_service_entered_by_two_people_counts_in_the_export_the_report_and_the_check_of_the_books(app: Flask) -> None:
    office = open_office(app)
    with app.app_context(), transaction():
        community = db.session.get_one(Community, office.community)
        for start in (600, 700):
            entering.post(entering.enter(office.draft(start, start + 45), office.user("first")), office.user("second"))
        community.responsible = "后来换的人"
        book = read(national.export(community, YEAR, TODAY, unreported=True))
        assert [row[3:9] for row in book["志愿服务情况"][1:]] == [
            ["上门理发", office.forgotten.day, "松坡路服务站", "上门理发", 0.75, community.issuer]
        ] * 2
        assert {row[9] for row in book["志愿服务情况"][1:]}.isdisjoint({"后来换的人"})
        report = reports.monthly(reports.of_community(community), date(2026, 11, 1))
        assert (report.visits, report.doors, report.minutes, report.by_hand.minutes) == (2, 0, 90, 90)
        assert [(row.name_en, row.visits, row.doors, row.minutes) for row in report.buildings] == [("Not in a building", 2, 0, 90)]
        assert first_unfounded() is None
        national.acknowledge(community.id, "R1 370200001", office.user("first"))
        with pytest.raises(Invalid, match="is the number of R1"):
            national.acknowledge(community.id, "R2 370200001", office.user("first"))


def test_what_is_reported_is_left_out_until_it_is_corrected(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        assert national.acknowledge(community.id, "R1\t370200001\n\nr2  370200002\n", coordinator) == 2
        assert national.acknowledge(community.id, "R1 370200001", coordinator) == 0
        assert national.counts(community.id, YEAR, TODAY) == (3, 2)
        assert [row[0] for row in exported(world)["志愿服务情况"][1:]] == ["R3"]
        everything = exported(world, unreported=False)["志愿服务情况"]
        assert [(row[10], row[11]) for row in everything[1:]] == [("是", "370200001"), ("是", "370200002"), ("否", "")]
        newer = correct(queries.records_of(volunteer, YEAR, TODAY)[0], 20, "签退晚了", coordinator)
        assert [row[0] for row in exported(world)["志愿服务情况"][1:]] == [f"R{newer.id}", "R3"]
        assert national.acknowledge(community.id, f"R{newer.id} 370200001", coordinator) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "Paste"),
        ("R1", "Line 1"),
        ("R1 370200001\nR2 ", "Line 2"),
        ("R1 370200001\nR999 370200002", "R999"),
        ("R1 370200001\nR1 370200002", "two different"),
        ("R1 370200001\nR2 370200001", "same foreign number"),
        ("R1 " + "9" * 41, "Line 1"),
        ("R1 370200001 extra words", "Line 1"),
    ],
)
def test_an_answer_with_one_wrong_line_enters_nothing(app: Flask, world: World, answer: str, said: str) -> None:
    with app.app_context():
        with pytest.raises(Invalid, match=said), transaction():
            national.acknowledge(world.community, answer, world.get()[2])
        assert db.session.scalars(select(NationalReport)).all() == []


def test_a_number_on_record_is_neither_changed_nor_given_to_another(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, _, coordinator = world.get()
        national.acknowledge(community.id, "R1 370200001", coordinator)
        with pytest.raises(Invalid, match="differs"):
            national.acknowledge(community.id, "R1 370200009", coordinator)
        with pytest.raises(Invalid, match="is the number of R1"):
            national.acknowledge(community.id, "R2 370200001", coordinator)


def test_a_community_enters_numbers_of_its_own_records_only(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        other = make.make_community("sea-street")
        with pytest.raises(Invalid, match="R1"):
            national.acknowledge(other.id, "R1 370200001", world.get()[2])


def test_too_many_rows_and_empty_periods_are_refused(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context(), transaction():
        community = world.get()[0]
        for start, end in ((TODAY, YEAR), (YEAR, date(2026, 2, 1))):
            with pytest.raises(Invalid):
                national.export(community, start, end, unreported=True)
        monkeypatch.setattr(national, "MOST_ROWS", 2)
        with pytest.raises(Invalid, match="At most 2"):
            national.export(community, YEAR, TODAY, unreported=True)


def test_the_desk_exports_on_record_and_enters_the_answer(app: Flask, desk: Browser, world: World) -> None:
    period = {"start": "2026-01-01", "end": "2026-11-25"}
    answer = desk.send("/national/export", **period)
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert len(read(answer.data)["志愿服务情况"]) == 4
    with app.app_context():
        row = db.session.scalars(select(AuditRow).where(AuditRow.verb == "export")).one()
        assert (row.actor, row.detail["records"]) == (f"user:{desk.user}", 3)
    assert desk.send("/national/export", start="2026-01-01", end="2026-01-02").status_code == 422
    assert desk.send("/national/answer", lines="R1", **period).status_code == 422
    assert desk.send("/national/answer", lines="R1 370200001", **period).status_code == 303
    assert "370200001" in desk.get("/national?start=2026-01-01&end=2026-11-25").text
    assert desk.send("/national/2", national_no="370200002").status_code == 303
    assert "370200002" in desk.get("/books/hours/2").text


def test_only_the_office_takes_the_export(app: Flask, desk: Browser, phone: Browser, world: World, sign_in_as: object) -> None:
    period = {"start": "2026-01-01", "end": "2026-11-25"}
    inspector = sign_in_as(Role.INSPECTOR, community_id=world.community)  # type: ignore[operator]
    assert inspector.get("/national").status_code == 200
    for browser in (inspector, phone):
        assert browser.send("/national/export", **period).status_code == 403
        assert browser.send("/national/answer", lines="R1 370200001").status_code == 403


def test_the_export_says_the_same_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        assert [row[7] for row in exported(world)["志愿服务情况"][1:]] == [0.58, 0.87, 0.67]
        assert national.acknowledge(world.community, "R1 370200001", world.get()[2]) == 1
        assert national.counts(world.community, YEAR, TODAY) == (3, 1)
