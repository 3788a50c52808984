"""Rosters as they really come: partial sheets, shared telephones, merged cells, titles, two roles of one person, people who move."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from xlsxwriter import Workbook

from tests.browser import Browser
from tests.exchange.files import Book, look_at, take_in
from tests.exchange.lookup import elder, request, volunteer
from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders.consents import withdraw
from timebank.elders.models import CareLevel, Consent, Elder, FamilyMember, Household, Purpose
from timebank.elders.queries import consents
from timebank.errors import Invalid
from timebank.exchange import reader
from timebank.exchange.columns import ELDERS
from timebank.exchange.report import Fate, Report
from timebank.places.models import Building, Community
from timebank.visits.actions.kin import is_kin
from timebank.visits.models import HelpRequest, Pairing, Pattern, Tie
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import standings

NEW = ["编号", "姓名", "手机", "纬度", "经度"]
RELATIVE = ["老人编号", "姓名", "手机", "关系", "可代办", "共用手机"]
DOOR = ["编号", "姓名", "性别", "出生年份", "户号", "小区", "楼栋", "楼层", "门牌"]


def user(phone: str) -> User:
    return db.session.scalars(select(User).where(User.phone == phone)).one()


def links(number: str) -> list[FamilyMember]:
    return list(db.session.scalars(select(FamilyMember).where(FamilyMember.elder_id == elder(number).id).order_by(FamilyMember.id)))


def people(name: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Elder).where(Elder.name == name)) or 0


def row_of(known: Volunteer, **more: Any) -> list[list[Any]]:
    """Return a sheet with only what must be there of a volunteer, and some more columns."""
    return [[*NEW, *more], [known.number, known.name, known.phone, known.lat, known.lon, *more.values()]]


def door_of(known: Elder, **more: Any) -> list[list[Any]]:
    """Return a sheet with only what must be there of an elder, changed or with some more columns."""
    home = known.household
    own = [known.number, known.name, "女" if known.gender == "F" else "男", known.birth_year]
    there = [home.number, home.building.compound.name, home.building.name, home.floor, home.door]
    said = dict(zip(DOOR, [*own, *there], strict=True)) | more
    return [list(said), list(said.values())]


def refused(book: tuple[str, bytes]) -> list[str]:
    """Check and import a file that is refused; return its sentences."""
    seen, done = look_at(book), take_in(book)
    assert not done.applied
    assert seen.problems == done.problems
    return [problem.zh for problem in done.problems]


def taken(book: tuple[str, bytes], **options: Any) -> Report:
    """Check and import a file that is fine: the check has said the same."""
    seen, done = look_at(book), take_in(book, **options)
    assert done.applied, [str(problem) for problem in done.problems]
    assert options or (seen.fates, seen.remarks, seen.cleared) == (done.fates, done.remarks, done.cleared)
    return done


# A telephone and whose it is


def test_a_relatives_number_that_carries_another_name_is_refused_in_words(lived: Flask, book: Book) -> None:
    daughter = db.session.scalars(select(User).where(User.role == Role.FAMILY).order_by(User.id)).first()
    assert daughter is not None
    for phone, known in (
        (volunteer("V005").phone, volunteer("V005").name),
        (volunteer("V003").phone, volunteer("V003").name),
        (daughter.phone, daughter.name),
    ):
        (said,) = refused(book({"家属": [RELATIVE, ["E010", "鲍采薇", phone, "女儿", "是", ""]]}))
        assert known in said
        assert "共用手机" in said
    assert "鲍采薇" not in list(db.session.scalars(select(User.name)))


def test_the_second_of_two_relatives_with_one_number_is_refused(lived: Flask, book: Book) -> None:
    rows = [RELATIVE, ["E010", "鲍采薇", "17000090001", "女儿", "是", ""], ["E011", "万海生", "17000090001", "儿子", "是", ""]]
    (said,) = refused(book({"家属": rows}))
    assert "鲍采薇" in said


def test_a_number_shared_knowingly_is_linked_and_waits_for_the_elders_word(lived: Flask, book: Book) -> None:
    shared = volunteer("V005")
    before = len(links("E010"))
    sheet = {"家属": [RELATIVE, ["E010", "鲍采薇", shared.phone, "女儿", "是", "是"]]}
    report = taken(book(sheet))
    assert shared.name in report.remarks[0].zh
    link = links("E010")[before]
    assert (link.user_id, link.approved_at, link.relation) == (shared.user_id, None, "女儿（鲍采薇）")
    assert user(shared.phone).name == shared.name
    assert taken(book(sheet)).changes == 0


def test_a_name_is_the_same_however_it_is_spaced(lived: Flask, book: Book) -> None:
    known = volunteer("V005")
    name = f"{known.name[0]} {known.name[1:]}"
    before = len(links("E010"))
    taken(book({"家属": [RELATIVE, ["E010", name, known.phone, "女儿", "是", ""]]}))
    assert links("E010")[before].approved_at is not None


def test_who_signed_in_before_anybody_knew_the_name_gets_it_from_the_sheet(lived: Flask, book: Book) -> None:
    with transaction():
        db.session.add(User(phone="17000090002", role=Role.FAMILY, created_at=volunteer("V005").user.created_at))  # type: ignore[union-attr]
    taken(book({"家属": [RELATIVE, ["E010", "鲍采薇", "17000090002", "女儿", "是", ""]]}))
    assert user("17000090002").name == "鲍采薇"


# One person, several roles


def test_a_relative_becomes_a_volunteer_with_the_same_sign_in(lived: Flask, book: Book) -> None:
    link = db.session.scalars(select(FamilyMember).order_by(FamilyMember.id)).first()
    assert link is not None
    relative = db.session.get_one(User, link.user_id)
    taken(book({"志愿者": [NEW, ["V901", relative.name, relative.phone, 36.0585, 120.3492]]}))
    assert volunteer("V901").user is relative
    assert relative.role is Role.VOLUNTEER
    assert db.session.get_one(FamilyMember, link.id).approved_at is not None
    assert is_kin(relative, volunteer("V901"))


def test_a_volunteer_becomes_a_relative_with_the_same_sign_in(lived: Flask, book: Book) -> None:
    known = volunteer("V005")
    before = len(links("E010"))
    taken(book({"家属": [RELATIVE, ["E010", known.name, known.phone, "女儿", "是", ""]]}))
    assert links("E010")[before].user_id == known.user_id
    assert user(known.phone).role is Role.VOLUNTEER


def test_both_roles_may_come_in_one_file(lived: Flask, book: Book) -> None:
    sheets = {
        "志愿者": [NEW, ["V901", "鲍采薇", "17000090003", 36.0585, 120.3492]],
        "家属": [RELATIVE, ["E010", "鲍采薇", "17000090003", "女儿", "是", ""]],
    }
    taken(book(sheets))
    assert volunteer("V901").user_id in {link.user_id for link in links("E010")}


def test_a_volunteer_of_another_name_does_not_get_a_familys_sign_in(lived: Flask, book: Book) -> None:
    relative = db.session.scalars(select(User).where(User.role == Role.FAMILY).order_by(User.id)).first()
    assert relative is not None
    (said,) = refused(book({"志愿者": [NEW, ["V901", "林听涛", relative.phone, 36.0585, 120.3492]]}))
    assert relative.name in said


def test_a_number_by_which_staff_signs_in_is_not_a_volunteers(lived: Flask, book: Book) -> None:
    with transaction():
        created = volunteer("V005").user.created_at  # type: ignore[union-attr]
        db.session.add(User(phone="17000090004", name="闻松", role=Role.COORDINATOR, created_at=created))
    (said,) = refused(book({"志愿者": [NEW, ["V901", "闻松", "17000090004", 36.0585, 120.3492]]}))
    assert "工作人员" in said


@pytest.fixture
def couple(lived: Flask, book: Book) -> Book:
    """Give a couple of volunteers without smartphones who share a telephone."""
    rows = [["V971", "伏念之", "17000090071", 36.0585, 120.3492, "否"], ["V972", "令狐素", "17000090071", 36.0585, 120.3492, "否"]]
    taken(book({"志愿者": [[*NEW, "智能手机"], *rows]}))
    return book


def test_volunteers_without_a_smartphone_may_share_a_telephone(couple: Book) -> None:
    assert volunteer("V971").phone == volunteer("V972").phone == "17000090071"
    assert volunteer("V971").user is None


@pytest.mark.parametrize(("number", "name"), [("V971", "伏念之"), ("V973", "林听涛")])
def test_a_shared_telephone_is_nobodys_sign_in(couple: Book, number: str, name: str) -> None:
    (said,) = refused(couple({"志愿者": [[*NEW, "智能手机"], [number, name, "17000090071", 36.0585, 120.3492, "是"]]}))
    assert "不能共用" in said


def test_a_number_somebody_signs_in_by_is_not_shared(lived: Flask, book: Book) -> None:
    known = volunteer("V002")
    (said,) = refused(book({"志愿者": [[*NEW, "智能手机"], ["V973", "林听涛", known.phone, 36.0585, 120.3492, "否"]]}))
    assert "V002" in said


def test_one_person_is_not_two_although_a_telephone_may_be_shared(couple: Book) -> None:
    (said,) = refused(couple({"志愿者": [[*NEW, "智能手机"], ["V973", "伏念之", "17000090071", 36.0585, 120.3492, "否"]]}))
    assert "V971" in said


def test_both_databases_let_a_telephone_be_shared_but_no_sign_in(either: Flask, badaguan: list[Path], book: Book) -> None:
    assert take_in(badaguan).applied
    rows = [["V971", "伏念之", "17000090071", 36.0585, 120.3492, "否"], ["V972", "令狐素", "17000090071", 36.0585, 120.3492, "否"]]
    assert take_in(book({"志愿者": [[*NEW, "智能手机"], *rows]})).applied


# A sheet changes what it holds


def test_columns_that_are_not_there_leave_a_volunteer_as_he_is(lived: Flask, book: Book) -> None:
    known = volunteer("V002")
    facts = ("unit_id", "insured_until", "max_day", "max_week", "boxes", "radius", "travel", "address", "gender", "birth_year", "staff")
    before = [getattr(known, name) for name in facts]
    free = [(slot.weekday, slot.start, slot.end) for slot in known.availability]
    assert known.unit_id
    assert free
    report = taken(book({"志愿者": [NEW, [known.number, known.name, "17000090002", known.lat, known.lon]]}))
    assert known.phone == "17000090002"
    assert [getattr(known, name) for name in facts] == before
    assert [(slot.weekday, slot.start, slot.end) for slot in known.availability] == free
    assert (report.cleared, report.remarks) == (0, [])


def test_empty_cells_leave_a_volunteer_as_he_is_too(lived: Flask, book: Book) -> None:
    known = volunteer("V002")
    assert taken(book({"志愿者": row_of(known, 单位="", 每天上限="", 每周上限=" ", 周一="", 保险有效期至="", 智能手机="")})).changes == 0


def test_empty_cells_over_something_known_are_counted(lived: Flask, book: Book) -> None:
    known = volunteer("V002")
    report = taken(book({"志愿者": row_of(known, 单位="", 保险有效期至="", 服务半径="", 周日="")}))
    facts = [known.unit_id, known.insured_until, known.radius, any(slot.weekday == 6 for slot in known.availability)]
    assert report.kept == sum(map(bool, facts))
    assert report.kept


def test_what_is_to_be_cleared_is_written_and_counted_before(lived: Flask, book: Book) -> None:
    known = volunteer("V002")
    day = next(iter(known.availability)).weekday
    name = "周" + "一二三四五六日"[day]
    others = [slot for slot in known.availability if slot.weekday != day]
    sheet = book({"志愿者": row_of(known, 单位="清空", 保险有效期至="Clear", 服务半径="清空", **{name: "无"})})
    seen = look_at(sheet)
    known = volunteer("V002")
    assert known.unit_id
    assert seen.cleared == 3
    assert seen.remarks[0].zh == f"会清空：单位、{name}、保险有效期至。"
    assert taken(sheet).cleared == 3
    known = volunteer("V002")
    assert (known.unit_id, known.insured_until) == (None, None)
    assert len(known.availability) == len(others)


def test_another_standing_in_a_sheet_holds_from_today_and_what_was_before_stays(lived: Flask, book: Book) -> None:
    before = standings(volunteer("V002"))[-1]
    sheet = book({"志愿者": row_of(volunteer("V002"), 单位="清空", 身份="专职")})
    report = taken(sheet)
    first, now = standings(volunteer("V002"))
    assert (first.id, first.paid, first.unit_id) == (before.id, False, before.unit_id)
    assert (now.from_day, now.paid, now.unit_id, now.reason) == (clock.today(), True, None, "名单导入")
    assert any("起改，以前的记录不变" in each.zh for each in report.remarks)
    assert taken(sheet).changes == 0


def test_skills_without_a_proof_can_be_cleared(lived: Flask, book: Book) -> None:
    taken(book({"志愿者": row_of(volunteer("V012"), 其他技能="代购代办")}))
    proved = [held.proof for held in volunteer("V012").skills if held.proof]
    taken(book({"志愿者": row_of(volunteer("V012"), 其他技能="清空")}))
    assert [held.proof for held in volunteer("V012").skills] == proved


def fragile() -> Elder:
    """Return an elder of whom everything is known."""
    found = db.session.scalars(select(Elder).join(Elder.household).where(Household.door_note.is_not(None))).all()
    alone = [each for each in found if len(each.household.elders) == 1 and len(consents(each)) == len(Purpose)]
    return next(each for each in alone if each.diet and each.care_note and each.level is not CareLevel.UNKNOWN)


def test_columns_that_are_not_there_leave_an_elder_as_she_is(lived: Flask, book: Book) -> None:
    known = fragile()
    facts = (known.diet, known.care_note, known.level, known.lives_alone, known.household.door_note, known.household.entrance)
    report = taken(book({"老人": door_of(known, 电话="0532-88880001")}))
    known = db.session.get_one(Elder, known.id)
    assert known.phone == "0532-88880001"
    assert (known.diet, known.care_note, known.level, known.lives_alone, known.household.door_note, known.household.entrance) == facts
    assert report.rows(Fate.CHANGED) == 1


def test_an_elders_notes_are_cleared_by_the_word_only(lived: Flask, book: Book) -> None:
    number = fragile().number
    report = taken(book({"老人": door_of(elder(number), 饮食="清空", 照护提示="清空", 上门提示="清空", 自理程度="")}))
    known = elder(number)
    assert report.cleared == 3
    assert (known.diet, known.care_note, known.household.door_note) == (None, None, None)
    assert known.level is not CareLevel.UNKNOWN


def test_a_new_note_needs_no_date_where_the_consent_holds(lived: Flask, book: Book) -> None:
    number = fragile().number
    taken(book({"老人": door_of(elder(number), 饮食="半流质")}))
    assert elder(number).diet == "半流质"
    with transaction():
        for given in db.session.scalars(select(Consent).where(Consent.elder_id == elder(number).id, Consent.purpose == Purpose.HEALTH)):
            given.withdrawn_at = given.given_at
    (said,) = refused(book({"老人": door_of(elder(number), 饮食="软食")}))
    assert "先征得同意" in said


def test_an_old_file_does_not_bring_back_the_note_of_a_door_whose_consent_is_withdrawn(
    lived: Flask, book: Book, badaguan: list[Path]
) -> None:
    number = fragile().number
    with transaction():
        withdraw(elder(number), Purpose.DOOR)
    assert take_in(badaguan).applied
    assert elder(number).household.door_note is None


def test_a_consent_given_anew_on_the_day_it_was_withdrawn_holds(lived: Flask, book: Book) -> None:
    number = fragile().number
    diet = elder(number).diet
    with transaction():
        for purpose in (Purpose.HEALTH, Purpose.DOOR):
            held = consents(elder(number))[purpose]
            held.withdrawn_at = held.given_at
            db.session.add(
                Consent(elder_id=held.elder_id, purpose=purpose, given_by="elder", channel="desk", version="1", given_at=held.given_at)
            )
    taken(book({"老人": door_of(elder(number), 电话="0532-88880001")}))
    assert elder(number).diet == diet


def test_who_is_usual_at_a_door_can_be_cleared(lived: Flask, book: Book) -> None:
    tied = db.session.scalars(select(Pairing).where(Pairing.tie == Tie.USUAL)).first()
    assert tied is not None
    home = db.session.get_one(Household, tied.household_id)
    assert taken(book({"老人": door_of(home.elders[0], 熟悉的送餐人="清空")})).cleared == 1
    assert db.session.scalars(select(Pairing).where(Pairing.household_id == home.id, Pairing.tie == Tie.USUAL)).all() == []


def test_a_consent_is_not_taken_back_by_a_file(lived: Flask, book: Book) -> None:
    (said,) = refused(book({"老人": door_of(fragile(), 同意记录健康="清空")}))
    assert "这个人的页面" in said


def test_columns_that_are_not_there_leave_a_need_as_it_is(lived: Flask, book: Book) -> None:
    noted = (HelpRequest.note.is_not(None), HelpRequest.elder_id.is_not(None), HelpRequest.number.startswith("N"))
    known = db.session.scalars(select(HelpRequest).where(*noted)).first()
    assert known is not None
    who = db.session.get_one(Elder, known.elder_id)
    facts = (known.window_from, known.window_to, known.minutes, known.boxes, known.gender, known.note, known.pattern, known.last_day)
    days = ",".join("一二三四五六日"[day] for day in known.weekdays)
    every = {1: "每周", 2: "隔周", 3: "每3周", 4: "每4周", 8: "每8周"}[known.every_weeks]
    headers = ["编号", "老人编号", "服务项目", "频次", "星期", "起始日期"]
    row = [known.number, who.number, known.kind.name, every, days, known.first_day]
    assert taken(book({"固定需求": [headers, row]})).changes == 0
    taken(book({"固定需求": [[*headers, "备注"], [*row, "清空"]]}))
    known = request(known.number)
    assert known.note is None
    facts = (*facts[:5], None, *facts[6:])
    assert (
        known.window_from,
        known.window_to,
        known.minutes,
        known.boxes,
        known.gender,
        known.note,
        known.pattern,
        known.last_day,
    ) == facts


def test_another_service_takes_its_own_hours(lived: Flask, book: Book) -> None:
    headers = ["编号", "老人编号", "服务项目", "可选日期", "希望时段"]
    taken(book({"单次需求": [headers, ["S900", "E020", "上门理发", "2026-12-02", "9:00-11:00"]]}))
    taken(book({"单次需求": [headers[:4], ["S900", "E020", "送餐上门", "2026-12-02"]]}))
    assert request("S900").window_from == request("S900").kind.windows[0][0]


def test_a_need_that_is_no_longer_for_once_goes_on(lived: Flask, book: Book) -> None:
    headers = ["编号", "老人编号", "服务项目"]
    taken(book({"单次需求": [[*headers, "可选日期"], ["S900", "E020", "上门理发", "2026-12-02"]]}))
    taken(book({"固定需求": [[*headers, "频次", "星期", "起始日期"], ["S900", "E020", "上门理发", "每4周", "三", date(2026, 12, 2)]]}))
    assert (request("S900").pattern, request("S900").last_day) == (Pattern.EACH_DAY, None)


def test_columns_that_are_not_there_leave_places_as_they_are(lived: Flask, book: Book) -> None:
    house = db.session.scalars(select(Building).where(Building.access > 1).order_by(Building.id)).first()
    assert house is not None
    facts = (house.lift, house.access)
    sheet = [["小区", "楼栋", "层数", "纬度", "经度"], [house.compound.name, house.name, house.floors, house.lat, house.lon]]
    assert taken(book({"小区楼栋": sheet})).changes == 0
    assert (house.lift, house.access) == facts


@pytest.mark.parametrize("datum", ["WGS-84", "GCJ-02", "BD-09"])
def test_a_point_stays_where_a_sheet_no_longer_says_by_which_map(lived: Flask, book: Book, datum: str) -> None:
    rows = [[*NEW, "坐标系"], ["V901", "林听涛", "17000090001", 36.0585, 120.3492, datum]]
    taken(book({"志愿者": rows}))
    before = (volunteer("V901").lat, volunteer("V901").lon)
    assert taken(book({"志愿者": [row[:5] for row in rows]})).changes == 0
    taken(book({"志愿者": [NEW, ["V901", "林听涛", "17000090001", 36.0575, 120.3492]]}))
    assert before != (volunteer("V901").lat, volunteer("V901").lon) == (36.0575, 120.3492)


# Sheets as people lay them out


def merged(*merges: tuple[int, int, int, int, Any], sheet: str = "志愿者", rows: Sequence[Sequence[Any]]) -> tuple[str, bytes]:
    """Write an Excel file in which some cells are merged: first row, first column, last row, last column, words."""
    target = io.BytesIO()
    with Workbook(target) as workbook:
        page = workbook.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        for top, left, bottom, right, words in merges:
            page.merge_range(top, left, bottom, right, words)
    return "合并.xlsx", target.getvalue()


def three(*headers: str) -> list[list[Any]]:
    """Return a sheet of three new volunteers with some empty columns more."""
    rows = [
        [f"V91{n}", name, f"1700009001{n}", 36.0585, 120.3492, *[""] * len(headers)]
        for n, name in enumerate(("辛木兰", "师怀瑾", "席慕云"))
    ]
    return [[*NEW, *headers], *rows]


def test_a_cell_merged_downwards_holds_for_each_of_its_rows(lived: Flask) -> None:
    rows = [*three("单位", "周一"), ["", "", "", "", "", "", ""]]
    taken(merged((1, 5, 3, 5, "银杏里居民互助社"), (1, 6, 4, 6, "9:00-11:00"), rows=rows))
    for number in ("V910", "V911", "V912"):
        found = volunteer(number)
        assert found.unit is not None
        assert found.unit.name == "银杏里居民互助社"
        assert [(slot.weekday, slot.start, slot.end) for slot in found.availability] == [(0, 540, 660)]


def test_free_times_merged_sideways_hold_for_each_of_their_days(lived: Flask) -> None:
    taken(merged((1, 5, 3, 7, "9:00-11:00"), rows=three("周一", "周二", "周三")))
    assert [slot.weekday for slot in volunteer("V912").availability] == [0, 1, 2]


def test_a_cell_merged_over_different_columns_is_refused_by_name(lived: Flask) -> None:
    (said,) = refused(merged((1, 5, 1, 6, "银杏里居民互助社"), rows=three("单位", "住址")))
    assert "“单位”、“住址”" in said
    assert "取消合并" in said


def test_very_many_merged_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_MERGED", 1)
    with pytest.raises(Invalid, match="too many merged cells"):
        reader.read(*merged((1, 5, 1_000_000, 5, "银杏里居民互助社"), rows=three("单位")))


def test_a_number_merged_over_two_people_is_refused(lived: Flask) -> None:
    assert "重复" in refused(merged((1, 0, 2, 0, "V910"), rows=three()))[0]


def test_headers_are_found_below_a_title(lived: Flask) -> None:
    sheet = three()
    rows = [["八大关社区志愿者花名册"], ["填表人：王主任"], [], *sheet]
    taken(merged((0, 0, 0, 4, "八大关社区志愿者花名册"), rows=rows))
    assert volunteer("V912").name == "席慕云"


def test_headers_of_two_rows_are_read_by_the_lower_one(lived: Flask) -> None:
    sheet = three("周一", "周二")
    rows = [[*NEW, "空闲时段", ""], ["", "", "", "", "", "周一", "周二"], *([*row[:5], "9:00-11:00", ""] for row in sheet[1:])]
    taken(merged(*((0, n, 1, n, name) for n, name in enumerate(NEW)), (0, 5, 0, 6, "空闲时段"), rows=rows))
    assert [slot.weekday for slot in volunteer("V910").availability] == [0]


def test_a_problem_below_a_title_is_named_by_the_row_one_sees(lived: Flask, book: Book) -> None:
    report = take_in(book({"志愿者": [["花名册"], NEW, ["V921", "古月明", "1", 36.0585, 120.3492]]}))
    assert [(problem.row, problem.column) for problem in report.problems] == [(3, "手机")]


def test_a_sheet_without_headers_is_answered_by_one_sentence(lived: Flask, book: Book) -> None:
    (said,) = refused(book({"志愿者": [["八大关社区志愿者花名册"], ["V921", "古月明", "17000090021", 36.0585, 120.3492]]}))
    assert "第 1 行是“八大关社区志愿者花名册”" in said
    assert "编号、姓名、手机" in said


def test_a_csv_file_is_known_by_its_headers_below_a_title_and_whatever_its_name(lived: Flask) -> None:
    text = "八大关社区花名册,,,,\n编号,姓名,手机,纬度,经度\nV921,古月明,17000090021,36.0585,120.3492\n"
    taken(("八大关社区志愿者.csv", text.encode()))
    assert volunteer("V921").name == "古月明"


def test_a_csv_file_without_headers_is_known_by_the_word_that_says_most(lived: Flask) -> None:
    report = take_in(("八大关社区老人.csv", "花名册\n鲍大爷\n".encode()))
    assert [problem.sheet for problem in report.problems] == ["老人"]


def test_empty_sheets_are_passed_over(lived: Flask, book: Book) -> None:
    report = taken(book({"志愿者": three(), "Sheet2": [], "Sheet3": [["", "　", "\u00a0"]], "老人": []}))
    assert report.rows(Fate.NEW) == 3
    assert "没有内容" in refused(book({"Sheet1": [], "Sheet2": []}))[0]


@pytest.mark.parametrize(
    "phone",
    [
        "1700009００３４",
        "１７００００９００３４",
        "\t17000090034",
        "17000090034\u00a0",
        "\u200b170 0009\t0034\ufeff",
        "(+86)170-0009-0034",
        '="17000090034"',
        "'17000090034",
    ],
)
def test_one_number_written_in_two_ways_is_one_number(lived: Flask, book: Book, phone: str) -> None:
    taken(book({"志愿者": [NEW, ["V934", "计安宁", phone, 36.0585, 120.3492]]}))
    assert volunteer("V934").phone == "17000090034"
    assert "V934" in refused(book({"志愿者": [NEW, ["V935", "计安和", "17000090034", 36.0585, 120.3492]]}))[0]


def test_a_number_in_full_width_is_the_same_number(lived: Flask, book: Book) -> None:
    known = volunteer("V002")
    assert (
        taken(book({"志愿者": [[*NEW, "每天上限"], ["Ｖ００２", known.name, known.phone, known.lat, known.lon, "１８０"]]})).rows(Fate.NEW)
        == 0
    )


@pytest.mark.parametrize("sign", ["=", "@", "\t=", " =", "\u00a0@", '="="'])
def test_a_formula_behind_a_blank_is_still_a_formula(lived: Flask, book: Book, sign: str) -> None:
    assert "像一个公式" in refused(book({"志愿者": [NEW, ["V934", f"{sign}cmd()", "17000090034", 36.0585, 120.3492]]}))[0]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("0532-88880000转801", "0532-88880000-801"),
        ("(0532)88880000", "0532-88880000"),
        ("（0532）8888 0000 转 801", "0532-88880000-801"),
        ("053288880000", "0532-88880000"),
        ("138 0013 8000", "13800138000"),
    ],
)
def test_a_telephone_is_read_as_people_write_it(lived: Flask, book: Book, words: str, number: str) -> None:
    taken(book({"老人": door_of(elder("E010"), 电话=words)}))
    assert elder("E010").phone == number


@pytest.mark.parametrize("words", ["88880000", "0532-88880000/88880001", "女儿 13800138000", "400-800-8888"])
def test_a_telephone_that_cannot_be_read_is_answered_with_the_form_that_is_meant(words: str) -> None:
    with pytest.raises(Exception, match="extension") as refusal:
        ELDERS.column("phone").parse(words)
    for form in ("11 位数字", "0532-88880000", "0532-88880000-801"):
        assert form in refusal.value.zh  # type: ignore[attr-defined]


# The same person again, and people who move


def again(number: str = "E921", home: str = "H921", **more: Any) -> dict[str, list[list[Any]]]:
    """Return a sheet that names E010 by another number."""
    return {"老人": door_of(elder("E010"), 编号=number, 户号=home, **more)}


def test_somebody_of_the_same_name_and_door_is_asked_about(lived: Flask, book: Book) -> None:
    name = elder("E010").name
    seen = look_at(book(again()))
    assert (seen.alike, seen.clean) == (1, True)
    assert "E010" in seen.remarks[0].zh
    assert "编号改成 E010" in seen.remarks[0].zh
    assert people(name) == 1
    taken(book(again(姓名=f"{name[0]} {name[1:]}")), same_people=True)
    assert people(name) + people(f"{name[0]} {name[1:]}") == 1


def test_the_same_person_is_changed_and_what_names_the_other_number_finds_her(lived: Flask, book: Book) -> None:
    known = elder("E010")
    home = known.household_id
    need = [["编号", "老人编号", "服务项目", "可选日期"], ["S900", "E921", "上门理发", "2026-12-02"]]
    report = taken(book({**again(电话="0532-88880001"), "单次需求": need}), same_people=True)
    known = elder("E010")
    assert (known.phone, known.household_id, report.rows(Fate.CHANGED)) == ("0532-88880001", home, 1)
    assert request("S900").elder_id == known.id
    assert db.session.scalar(select(Household.id).where(Household.number == "H921")) is None


@pytest.mark.parametrize("more", [{"姓名": "林听涛"}, {"出生年份": 1950}, {"门牌": "别处", "电话": ""}])
def test_somebody_else_is_added_without_a_word(lived: Flask, book: Book, more: dict[str, Any]) -> None:
    assert taken(book(again(**more))).remarks == []


@pytest.mark.parametrize("fact", ["出生年份", "住址"])
def test_a_volunteer_of_the_same_name_is_asked_about_too(lived: Flask, book: Book, fact: str) -> None:
    known = volunteer("V005")
    known_fact = {"出生年份": known.birth_year, "住址": known.address}[fact]
    assert known_fact
    rows = [[*NEW, fact], ["V980", known.name, "17000090080", known.lat, known.lon, known_fact]]
    proofs = [["志愿者编号", "技能", "证明"], ["V980", "理发", "理发师证"]]
    sheet = book({"志愿者": rows, "技能证明": proofs})
    assert "V005" in look_at(sheet).remarks[0].zh
    taken(sheet, same_people=True)
    assert volunteer("V005").phone == "17000090080"
    assert "理发师证" in {held.proof for held in volunteer("V005").skills}
    assert db.session.scalar(select(Volunteer.id).where(Volunteer.number == "V980")) is None


def test_a_second_household_at_one_door_is_asked_about(lived: Flask, book: Book) -> None:
    known = elder("E010")
    entrance = known.household.entrance
    report = taken(book({"老人": door_of(known, 编号="E922", 姓名="林听涛", 户号="H922", 单元=entrance)}))
    assert known.household.number in report.remarks[0].zh


def test_who_moves_because_a_household_gets_another_address_is_named(lived: Flask, book: Book) -> None:
    who, _shared = mover()
    (other,) = [each.name for each in who.household.elders if each is not who]
    report = taken(book({"老人": door_of(who, 门牌="别处")}))
    assert other in report.remarks[0].zh


def test_the_first_community_comes_in_without_a_remark(empty: Flask, badaguan: list[Path]) -> None:
    report = take_in(badaguan)
    assert (report.applied, report.remarks, report.cleared, report.alike) == (True, [], 0, 0)


def mover() -> tuple[Elder, HelpRequest]:
    """Return one of a couple with a need of her own, and what was asked for both."""
    for shared in db.session.scalars(select(HelpRequest).where(HelpRequest.elder_id.is_(None), HelpRequest.household_id.is_not(None))):
        for each in shared.household.elders if shared.household else ():
            if db.session.scalar(select(HelpRequest.id).where(HelpRequest.elder_id == each.id)):
                return each, shared
    raise LookupError


def test_who_moves_alone_takes_her_own_needs_along_and_is_asked_about_shared_ones(lived: Flask, book: Book) -> None:
    who, shared = mover()
    number, old = who.number, who.household_id
    others = [each.id for each in db.session.scalars(select(HelpRequest).where(HelpRequest.household_id == old)) if each.elder_id != who.id]
    new = elder("E010").household
    door = {"户号": "H951", "小区": new.building.compound.name, "楼栋": new.building.name, "楼层": 1, "门牌": "101"}
    report = taken(book({"老人": door_of(who, **door)}))
    who = elder(number)
    assert who.id not in {each.id for each in db.session.get_one(Household, old).elders}
    assert who.household.number == "H951"
    own = db.session.scalars(select(HelpRequest.household_id).where(HelpRequest.elder_id == who.id)).all()
    assert set(own) == {who.household_id}
    assert {db.session.get_one(HelpRequest, each).household_id for each in others} == {old}
    assert [shared.number in remark.zh for remark in report.remarks] == [True]


# The page


@pytest.fixture
def served_roster(app: Flask, sign_in_as: Callable[..., Browser], book: Book) -> Browser:
    """Give a coordinator's browser in a community with one elder and one unit."""
    sheets = {
        "社区": [
            ["代码", "街道", "社区", "记录单位", "负责人", "电话"],
            ["small", "八大关街道", "八大关社区", "居委会", "闻松", "0532-80000001"],
        ],
        "小区楼栋": [["小区", "楼栋", "层数", "纬度", "经度"], ["正阳关路9号院", "东楼", 3, 36.056, 120.352]],
        "单位": [["单位", "联系人"], ["红瓦", "闻松"]],
        "老人": [DOOR, ["E001", "鲍大爷", "男", 1940, "H001", "正阳关路9号院", "东楼", 2, "201"]],
    }
    with app.app_context():
        assert take_in(book(sheets)).applied
        own = db.session.scalars(select(Community.id)).one()
    return sign_in_as(Role.COORDINATOR, community_id=own)


def test_a_long_name_keeps_its_ending(served_roster: Browser, book: Book) -> None:
    name = "八大关社区2026年11月志愿者花名册（最终版-王主任改）.xlsx"
    answer = served_roster.send("/import", files=[(io.BytesIO(book({"单位": [["单位"], ["银杏里"]]})[1]), name)])
    page = served_roster.get(answer.location).text
    assert "没有问题，可以导入" in page
    assert "八大关社区2026年11月志" in page
    assert "王主任改）.xlsx" in page


def test_the_page_counts_what_is_cleared_and_offers_to_change_the_same_person(served_roster: Browser, book: Book) -> None:
    sheets = {"老人": [[*DOOR, "电话"], ["E921", "鲍大爷", "男", 1940, "H921", "正阳关路9号院", "东楼", 2, "201", "清空"]]}
    sheets["单位"] = [["单位", "联系人"], ["红瓦", "清空"]]
    data = book(sheets)[1]
    answer = served_roster.send("/import", files=[(io.BytesIO(data), "名册.xlsx")])
    page = served_roster.get(answer.location).text
    assert "会清空 1 格原来的内容" in page
    assert "就是同一个人" in page
    served_roster.send(answer.location, same_people="1")
    assert "清空了" in served_roster.get(answer.location).text
    with served_roster.application.app_context():
        assert db.session.scalars(select(Elder.number)).all() == ["E001"]


def test_a_station_with_an_extension_is_dialled_with_a_pause(served_roster: Browser) -> None:
    with served_roster.application.app_context(), transaction():
        db.session.scalars(select(Community)).one().phone = "0532-80000001-801"
    assert "tel:053280000001,801" in served_roster.get("/ask").text
