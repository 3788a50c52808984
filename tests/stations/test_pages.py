"""The pages of stations: everything by its form, what is refused keeps what was typed, families see and sign up their own only."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import builders as make
from tests.browser import Browser
from tests.stations.conftest import Corner, hold, sign_up, whoever
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.places.models import Community, Station
from timebank.stations.models import Attendance, CheckUp, Course, Item, Learner, Offered, Opening, ServiceSession, Source, Turn


def test_a_station_is_added_opened_and_furnished_on_its_pages(corner: Corner) -> None:
    browser = corner.browser
    answer = browser.send("/stations/new", name="西门服务站", address="松坡路 9 号", building=corner.building, phone="")
    assert answer.status_code == 303
    path = answer.location
    refused = browser.send(path, d0_morning_from="8:30", service=["haircut", "repair"])
    assert refused.status_code == 422
    assert "开门和关门都要填" in refused.text
    assert 'value="8:30"' in refused.text
    browser.send(
        path, d0_morning_from="8:30", d0_morning_to="11：30", d1_morning_from="830", d1_morning_to="1130", service=["haircut", "repair"]
    )
    assert corner.count(Opening) == 2
    assert corner.count(Offered) == 2
    page = browser.get("/stations").text
    assert "周一至周二 08:30-11:30" in page
    again = browser.send("/stations/new", name="西门服务站", address="松坡路 9 号", building=corner.building)
    assert again.status_code == 409
    assert "已经有一个叫" in again.text
    assert 'value="松坡路 9 号"' in again.text


def test_a_session_is_held_signed_up_to_and_worked_through_on_its_page(corner: Corner) -> None:
    browser = corner.browser
    form = {"kind": "haircut", "title": "周三理发", "day": "2026-11-25", "start": "9:00", "seats": "2", "station": corner.station}
    refused = browser.send("/stations/sessions/new", **form, end="8:00")
    assert refused.status_code == 422
    assert "结束要晚于开始" in refused.text
    assert 'value="周三理发"' in refused.text
    page = browser.send("/stations/sessions/new", **form, end="11:30").location
    assert "臧玉梅" in browser.get(f"{page}?q=臧").text
    browser.send(f"{page}/sign-up", elder=corner.elder, source="phone")
    twice = browser.send(f"{page}/sign-up", elder=corner.elder, source="phone")
    assert twice.status_code == 409
    assert "已经报过名了，1 号" in twice.text
    nobody = browser.send(f"{page}/sign-up", name="", phone="13900000000", source="desk")
    assert nobody.status_code == 422
    assert 'value="13900000000"' in nobody.text
    browser.send(f"{page}/sign-up", name="孙立", source="desk", here="1")
    full = browser.send(f"{page}/sign-up", name="孙甲", source="desk")
    assert "排在候补，3 号" in browser.get(full.location).text
    for turn in ("arrived", "called", "served"):
        assert browser.send("/stations/attendances/1", turn=turn).status_code == 303
    browser.send(f"{page}/count", heads="12")
    closed = browser.send(f"{page}/close")
    assert closed.status_code == 303
    assert corner.get(ServiceSession, 1).head_count == 12
    assert [corner.get(Attendance, number).turn for number in (1, 2, 3)] == [Turn.SERVED, Turn.ARRIVED, Turn.WAITING]
    late = browser.send("/stations/attendances/2", turn="called")
    assert late.status_code == 409
    assert "已经结束了" in late.text


def test_hosts_changes_and_calling_off_have_their_forms(corner: Corner) -> None:
    browser, page = corner.browser, f"/stations/sessions/{corner.session()}"
    assert "请选一位志愿者" in browser.send(f"{page}/hosts", volunteer="999").text
    browser.send(f"{page}/hosts", volunteer=corner.barber)
    assert "王秀芬" in browser.get(page).text
    browser.send(f"{page}/hosts/1/drop")
    browser.send(f"{page}/sign-up", name="孙立", source="desk")
    assert "请填 1 到 2000 之间的整数" in browser.send(f"{page}/change", seats="0", start="9:00", end="10:00").text
    browser.send(f"{page}/change", seats="5", chairs="2", start="9:00", end="10:00")
    assert (corner.get(ServiceSession, 1).seats, corner.get(ServiceSession, 1).chairs) == (5, 2)
    assert "请写为什么取消" in browser.send(f"{page}/call-off", reason="").text
    gone = browser.send(f"{page}/call-off", reason="停电")
    assert "还要打电话告诉：孙立" in browser.get(gone.location).text


def test_a_course_is_founded_filled_and_scheduled_on_its_pages(corner: Corner) -> None:
    browser = corner.browser
    form = {"kind": "course", "title": "书法班", "seats": "2", "station": corner.station}
    refused = browser.send("/stations/courses/new", **form)
    assert "没有老师，课开不了" in refused.text
    page = browser.send("/stations/courses/new", **form, teacher_name="周老师").location
    browser.send(f"{page}/learners", elder=corner.elder)
    assert "已经在这门课的名册上" in browser.send(f"{page}/learners", elder=corner.elder).text
    browser.send(f"{page}/classes", first="2026-11-26", start="14:00", end="15:30", times="2")
    assert "臧玉梅" in browser.get(page).text
    assert corner.count(Attendance, Attendance.source == Source.REGISTER) == 2
    assert "还有没上的课" in browser.send(f"{page}/end").text
    browser.send("/stations/learners/1/leave")
    assert corner.get(Learner, 1).left is not None
    browser.send(f"{page}/seats", seats="30")
    assert corner.get(Course, 1).seats == 30


def test_a_thing_is_taken_in_mended_and_handed_out_on_its_pages(corner: Corner) -> None:
    browser = corner.browser
    form = {"sort": "repair", "station": corner.station, "what": "电饭锅"}
    refused = browser.send("/stations/items/new", **form, name="")
    assert refused.status_code == 422
    assert 'value="电饭锅"' in refused.text
    page = browser.send("/stations/items/new", **form, elder=corner.elder).location
    browser.send(f"{page}/take-up")
    assert "请选是谁修好的" in browser.send(f"{page}/finish", mended="1", result="换了插头").text
    browser.send(f"{page}/finish", mended="1", mender=corner.barber, result="换了插头")
    assert "怎么核对的" in browser.send(f"{page}/hand-out", to="臧玉梅").text
    browser.send(f"{page}/hand-out", to="臧玉梅", ticket="1")
    again = browser.send(f"{page}/hand-out", to="臧玉梅", ticket="1")
    assert again.status_code == 409
    assert "不能再取" in again.text
    assert corner.get(Item, 1).handed_to == "臧玉梅"
    assert "W0001" in browser.get("/stations/items?gone=1&q=臧").text


def test_the_recall_list_notes_calls_and_keeps_what_was_typed(corner: Corner) -> None:
    browser = corner.browser
    form = {"what": "量血压", "every_weeks": "4", "due": "2026-11-25"}
    assert browser.send("/stations/check-ups/new", **form, elder=corner.elder).status_code == 303
    assert "臧玉梅" in browser.get("/stations/check-ups").text
    refused = browser.send("/stations/check-ups/1/note", outcome="coming", note="说下周来")
    assert "请选下次是哪一天" in refused.text
    assert 'value="说下周来"' in refused.text
    browser.send("/stations/check-ups/1/note", outcome="done", note="128/76")
    assert corner.get(CheckUp, 1).due.isoformat() == "2026-12-23"
    browser.send("/stations/check-ups/1/end")
    assert corner.get(CheckUp, 1).ended is not None


def text_of(paper: bytes, folder: Path) -> str:
    """Return what a paper says."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    return subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=20).stdout.decode()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the papers back")
def test_the_papers_carry_numbers_names_and_lines_for_who_walks_in(corner: Corner, tmp_path: Path) -> None:
    session = corner.session()
    with corner.app.app_context(), transaction():
        sign_up(db.session.get_one(ServiceSession, session), whoever(corner, "孙立", "13800138765"))
    corner.browser.send("/stations/items/new", sort="repair", station=corner.station, what="电饭锅", name="郑国", phone="")
    sheet = text_of(corner.browser.get(f"/stations/sessions/{session}/sheet.pdf").data, tmp_path)
    assert all(words in sheet for words in ("周三理发", "孙立", "8765", "签名"))
    assert "13800138765" not in sheet
    ticket = text_of(corner.browser.get("/stations/items/1/ticket.pdf").data, tmp_path)
    assert all(words in ticket for words in ("W0001", "电饭锅", "东门服务站", "0532-88880000"))
    english = text_of(corner.browser.get("/stations/items/1/ticket.pdf?lang=en").data, tmp_path)
    assert "It costs nothing" in english


@pytest.fixture
def daughter(corner: Corner, sign_in_as: Callable[..., Browser]) -> Browser:
    """Give the browser of a daughter of the elder."""
    browser = sign_in_as(Role.FAMILY, None)
    with corner.app.app_context(), transaction():
        user = db.session.get_one(User, browser.user)
        make.make_family(db.session.get_one(Elder, corner.elder), user)
    return browser


def test_a_family_signs_its_elder_up_on_a_phone_and_calls_off(corner: Corner, daughter: Browser) -> None:
    session = corner.session(seats=1)
    page = daughter.get("/stations/here").text
    assert "给臧玉梅报名" in page
    assert "东门服务站" in page
    daughter.send(f"/stations/here/{session}", elder=corner.elder)
    page = daughter.get("/stations/here").text
    assert "1 号" in page
    assert "给臧玉梅报名" not in page
    assert "已经报过名了" in daughter.send(f"/stations/here/{session}", elder=corner.elder).text
    daughter.send("/stations/here/sign-ups/1/call-off")
    assert corner.get(Attendance, 1).turn is Turn.CANCELLED


def test_a_family_signs_up_nobody_elses_elder_and_sees_no_other_names(corner: Corner, daughter: Browser) -> None:
    session = corner.session()
    with corner.app.app_context(), transaction():
        row = sign_up(db.session.get_one(ServiceSession, session), whoever(corner, "孙立")).id
    assert daughter.send(f"/stations/here/{session}", elder=corner.young).status_code == 404
    assert daughter.send(f"/stations/here/sign-ups/{row}/call-off").status_code == 404
    assert "孙立" not in daughter.get("/stations/here").text
    assert daughter.get(f"/stations/sessions/{session}").status_code == 403


def test_a_volunteer_signs_up_too_and_a_family_without_an_elder_is_told_what_to_do(
    corner: Corner, sign_in_as: Callable[..., Browser]
) -> None:
    session = corner.session()
    helper, stranger = sign_in_as(Role.VOLUNTEER, corner.community), sign_in_as(Role.FAMILY, None)
    with corner.app.app_context(), transaction():
        community = db.session.get_one(Community, corner.community)
        make.make_volunteer(community, "赵志强", helper.user, phone="13700009999")
    assert "我自己来" in helper.get("/stations/here").text
    helper.send(f"/stations/here/{session}", elder="0")
    assert corner.get(Attendance, 1).name == "赵志强"
    assert "连上您家的老人" in stranger.get("/stations/here").text


def test_another_communitys_station_is_nobodys_business(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    session = corner.session()
    with corner.app.app_context(), transaction():
        other = make.make_community("elsewhere").id
        sign_up(db.session.get_one(ServiceSession, session), whoever(corner, "孙立"))
        hold(corner)
    browser = sign_in_as(Role.COORDINATOR, other)
    for path in (f"/stations/{corner.station}", f"/stations/sessions/{session}", f"/stations/sessions/{session}/sheet.pdf"):
        assert browser.get(path).status_code == 404
    assert browser.send("/stations/attendances/1", turn="arrived").status_code == 404
    assert "东门服务站" not in browser.get("/stations").text
    assert corner.count(Station) == 1
