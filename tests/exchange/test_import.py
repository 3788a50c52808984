"""Imports: twice changes nothing, a changed row changes only itself, what people decided since stays decided."""

import io
import itertools
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from tests.exchange.files import Book, look_at, take_in
from tests.exchange.lookup import elder, request, volunteer
from timebank import clock
from timebank.access.models import Role, User
from timebank.access.sorting import sort_key
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.elders.models import CareLevel, Consent, Elder, FamilyMember, Household, Purpose
from timebank.exchange.columns import UNITS, VOLUNTEERS, WORKBOOKS
from timebank.exchange.report import Fate
from timebank.exchange.writing import write_workbook
from timebank.ledger.models import Account
from timebank.places.models import Building
from timebank.visits.models import Pairing, Pattern, RequestState, Source, Tie
from timebank.volunteers.models import Availability, HeldSkill, Volunteer


def test_the_same_files_twice_change_nothing(lived: Flask, badaguan: list[Path]) -> None:
    rows = db.session.scalar(select(func.count()).select_from(AuditRow))
    report = take_in(badaguan)
    assert report.applied
    assert report.changes == 0
    assert report.rows(Fate.SAME) > 500
    assert db.session.scalar(select(func.count()).select_from(AuditRow)) == (rows or 0) + 1


def test_a_dry_run_says_what_an_import_would_do_and_does_none_of_it(empty: Flask, badaguan: list[Path]) -> None:
    seen = look_at(badaguan)
    assert db.session.scalar(select(func.count()).select_from(Volunteer)) == 0
    assert db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.verb != "seed")) == 0
    done = take_in(badaguan)
    assert seen.fates == done.fates
    assert not seen.applied
    assert done.applied


def test_files_may_come_one_after_the_other(empty: Flask, badaguan: list[Path]) -> None:
    assert [take_in(path).applied for path in badaguan] == [True] * 4


def test_a_changed_row_changes_only_itself(lived: Flask, book: Book) -> None:
    rows = [["编号", "姓名", "手机", "纬度", "经度", "周三", "周五"], ["V012", "林听涛", "17000000012", 36.06, 120.35, "9:00-10:00", ""]]
    before = [(slot.weekday, slot.start, slot.end) for slot in volunteer("V012").availability]
    report = take_in(book({"志愿者": rows}))
    assert report.rows(Fate.CHANGED) == 1
    changed = volunteer("V012")
    assert (changed.name, changed.sort_key) == ("林听涛", "lin ting tao")
    slots = [(slot.weekday, slot.start, slot.end) for slot in changed.availability]
    assert [slot for slot in slots if slot[0] == 2] == [(2, 540, 600)]
    assert [slot for slot in slots if slot[0] != 2] == [slot for slot in before if slot[0] != 2]
    assert changed.skills  # a skill is never taken away by a file that does not name it


def test_free_times_change_in_place(lived: Flask, book: Book) -> None:
    headers = ["编号", "姓名", "手机", "纬度", "经度", "周三"]
    for wanted in ("9:00-10:00", "9:00-11:30,14:00-16:00", "9:00-11:00，１４:00-15:00".replace("１４", "14"), "上午"):
        assert take_in(book({"志愿者": [headers, ["V012", "林听涛", "17000000012", 36.06, 120.35, wanted]]})).applied
    assert [(slot.start, slot.end) for slot in volunteer("V012").availability if slot.weekday == 2] == [(480, 720)]
    orphans = select(func.count()).select_from(Availability).where(Availability.volunteer_id.is_(None))
    assert db.session.scalar(orphans) == 0


def test_a_volunteer_gets_an_account_and_a_sign_in(lived: Flask) -> None:
    found = volunteer("V002")
    assert db.session.get(Account, found.account_id) is not None
    assert found.user is not None
    assert (found.user.role, found.user.phone, found.user.community_id) == (Role.VOLUNTEER, found.phone, found.community_id)
    assert volunteer("V003").user is None
    assert volunteer("V001").staff


def test_a_new_mobile_moves_the_sign_in_along(lived: Flask, book: Book) -> None:
    rows = [["编号", "姓名", "手机", "纬度", "经度"], ["V002", "林听涛", "17000009999", 36.056, 120.352]]
    users = db.session.scalar(select(func.count()).select_from(User))
    assert take_in(book({"志愿者": rows})).applied
    assert volunteer("V002").user.phone == "17000009999"  # type: ignore[union-attr]
    assert db.session.scalar(select(func.count()).select_from(User)) == users


def test_consents_are_written_down_once_and_a_withdrawn_one_does_not_come_back(lived: Flask, badaguan: list[Path]) -> None:
    consent = db.session.scalars(select(Consent).where(Consent.purpose == Purpose.HEALTH).order_by(Consent.id)).first()
    assert consent is not None
    person = db.session.get_one(Elder, consent.elder_id)
    with transaction():
        db.session.get_one(Consent, consent.id).withdrawn_at = clock.now()
        person.level, person.diet, person.care_note = CareLevel.UNKNOWN, None, None
    before = db.session.scalar(select(func.count()).select_from(Consent))
    assert take_in(badaguan).applied
    again = db.session.get_one(Elder, person.id)
    assert (again.level, again.diet, again.care_note) == (CareLevel.UNKNOWN, None, None)
    assert db.session.scalar(select(func.count()).select_from(Consent)) == before


def test_doors_and_care_notes_are_sealed_at_rest(lived: Flask) -> None:
    home = db.session.scalars(select(Household).where(Household.door_note.is_not(None))).first()
    assert home is not None
    stored = db.session.connection().exec_driver_sql(f"SELECT door_note FROM household WHERE id = {home.id}").scalar()
    assert home.door_note
    assert home.door_note not in str(stored)


def test_pairings_follow_the_sheet_and_others_stay(lived: Flask, badaguan: list[Path]) -> None:
    ties = db.session.scalars(select(Pairing.tie)).all()
    assert ties.count(Tie.EXCLUDED) == 5
    assert ties.count(Tie.USUAL) > 40
    with transaction():
        db.session.add(Pairing(household_id=elder("E030").household_id, volunteer_id=volunteer("V044").id, tie=Tie.EXCLUDED))
    assert take_in(badaguan).changes == 0
    assert db.session.scalars(select(Pairing.tie)).all().count(Tie.EXCLUDED) == 6


def test_a_family_of_two_elders_has_one_sign_in(lived: Flask, book: Book) -> None:
    rows = [
        ["老人编号", "姓名", "手机", "关系", "可代办"],
        *([number, "林听涛", "17000008888", "女儿", "是"] for number in ("E001", "E002")),
    ]
    assert take_in(book({"家属": rows})).applied
    users = db.session.scalars(select(User).where(User.phone == "17000008888")).all()
    assert [user.role for user in users] == [Role.FAMILY]
    links = db.session.scalars(select(FamilyMember).where(FamilyMember.user_id == users[0].id)).all()
    assert len(links) == 2
    assert all(link.approved_at for link in links)


def test_needs_become_accepted_requests(lived: Flask) -> None:
    meal = request("N001")
    assert (meal.kind.code, meal.boxes, meal.pattern, meal.weekdays) == ("MEAL", 2, Pattern.EACH_DAY, [0, 1, 2, 3, 4])
    assert (meal.state, meal.source, meal.elder_id) == (RequestState.ACCEPTED, Source.IMPORT, None)
    assert (meal.window_from, meal.window_to) == (660, 735)
    once = request("S005")
    assert (once.pattern, once.dates, once.minutes) == (Pattern.ONCE, ["2026-11-24", "2026-11-26"], 150)


def test_what_was_decided_about_a_request_stays_decided(lived: Flask, badaguan: list[Path]) -> None:
    with transaction():
        request("S001").state = RequestState.DECLINED
    assert take_in(badaguan).changes == 0
    assert request("S001").state is RequestState.DECLINED


def test_a_requests_number_of_somebody_else_is_left_alone(lived: Flask, book: Book) -> None:
    with transaction():
        request("S001").source = Source.FAMILY
    rows = [["编号", "老人编号", "服务项目", "可选日期"], ["S001", "E001", "上门理发", "2026-11-25"]]
    report = take_in(book({"单次需求": rows}))
    assert [problem.column for problem in report.problems] == ["编号"]


@pytest.mark.parametrize(("datum", "metres"), [("WGS-84", 0), ("GCJ-02", 459), ("BD-09", 1300)])
def test_points_of_other_maps_are_shifted(lived: Flask, book: Book, datum: str, metres: int) -> None:
    rows = [["小区", "楼栋", "层数", "纬度", "经度", "坐标系"], ["测试院", "1号楼", 3, 36.056, 120.352, datum]]
    take_in(book({"小区楼栋": rows}))
    built = db.session.scalars(select(Building).where(Building.name == "1号楼").order_by(Building.id.desc())).first()
    assert built is not None
    north, east = (built.lat - 36.056) * 111_200, (built.lon - 120.352) * 89_900
    assert (north**2 + east**2) ** 0.5 == pytest.approx(metres, rel=0.1, abs=1)


def test_proofs_keep_their_end(lived: Flask) -> None:
    held = {each.skill.code: each.expires for each in volunteer("V037").skills}
    assert held == {"meal": date(2026, 11, 10)}
    assert db.session.scalars(select(HeldSkill.proof).where(HeldSkill.proof != "")).first()


def test_every_change_is_audited_in_the_same_transaction(lived: Flask, book: Book) -> None:
    take_in(book({"单位": [["单位", "联系人"], ["新来的单位", ""]]}))
    newest = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(2)).all()
    assert [row.verb for row in newest] == ["import", "import_new"]
    assert newest[1].subject == "unit"


def test_an_import_that_is_interrupted_leaves_nothing(empty: Flask, badaguan: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("timebank.exchange.load_needs.kind_named", broken)
    with pytest.raises(KeyboardInterrupt):
        take_in(badaguan)
    assert db.session.scalar(select(func.count()).select_from(Elder)) == 0


FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-1+1", "\t=1", '=HYPERLINK("http://x","y")', "{=1}", "http://x.example"]


@pytest.mark.parametrize("words", FORMULAS)
def test_a_name_that_looks_like_a_formula_is_written_as_text(words: str) -> None:
    target = io.BytesIO()
    write_workbook(target, WORKBOOKS[1], {UNITS.name: [{"name": words, "contact": words}]})
    with zipfile.ZipFile(target) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)
    target.seek(0)
    with CalamineWorkbook.from_filelike(target) as read:
        assert read.get_sheet_by_name(UNITS.name).to_python()[1][:2] == [words, words]


def test_a_column_nobody_knows_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no column"):
        write_workbook(io.BytesIO(), WORKBOOKS[1], {VOLUNTEERS.name: [{"salary": 1}]})


def test_names_sort_as_in_a_register() -> None:
    names = ["曾若溪", "单立新", "仇海燕", "安琪", "尉迟敬", "长孙明", "区晓岚"]
    assert sorted(names, key=sort_key) == ["安琪", "区晓岚", "仇海燕", "单立新", "尉迟敬", "曾若溪", "长孙明"]


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda w: w[0] < w[1]), min_size=1, max_size=4))
def test_free_times_come_back_as_written(windows: list[tuple[int, int]]) -> None:
    ordered = sorted(windows)
    apart = all(before[1] <= after[0] for before, after in itertools.pairwise(ordered))
    words = ", ".join(f"{start // 60}:{start % 60:02d} - {end // 60}:{end % 60:02d}" for start, end in windows)
    parse = VOLUNTEERS.column("free_0").parse
    if apart:
        assert parse(words) == ordered
    else:
        with pytest.raises(Exception, match="overlap"):
            parse(words)


@pytest.mark.parametrize(
    ("words", "found"),
    [("工作日", [0, 1, 2, 3, 4]), ("周一、周三", [0, 2]), ("星期日", [6]), ("一三五", [0, 2, 4]), ("每天", [0, 1, 2, 3, 4, 5, 6])],
)
def test_weekdays_are_read_as_people_write_them(words: str, found: list[int]) -> None:
    column = next(sheet for book in WORKBOOKS for sheet in book.sheets if sheet.name == "固定需求").column("weekdays")
    assert column.parse(words) == found


@pytest.mark.parametrize("words", ["2026-11-25", "2026/11/25", "2026.11.25", "2026年11月25日", date(2026, 11, 25)])
def test_dates_are_read_as_people_write_them(words: object) -> None:
    assert VOLUNTEERS.column("insured_until").parse(words) == date(2026, 11, 25)


@pytest.mark.parametrize(
    "words",
    [
        "+86 138 0013 8000",
        "138-0013-8000",
        13800138000,
        13800138000.0,
        "008613800138000",
        "１３８００１３８０００",
        "1380013８０００",
        "\t13800138000\u00a0",
    ],
)
def test_mobiles_are_read_as_people_write_them(words: object) -> None:
    assert VOLUNTEERS.column("phone").parse(words) == "13800138000"


def test_a_day_is_as_long_as_its_minutes() -> None:
    assert timedelta(minutes=VOLUNTEERS.column("free_0").parse("0:00-24:00")[0][1]) == timedelta(days=1)
