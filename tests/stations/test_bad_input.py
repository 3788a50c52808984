"""What goes wrong at a station, a post, a desk: each in a sentence that says how to go on, nothing of it lost, two at the same moment as well.

Everything goes through the pages, from two browsers of the office or two phones; where two press at once it does so on both databases.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.family import test_shopping as errands
from tests.posts import test_posts as corners
from tests.stations.conftest import Corner, build_corner
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.cases.models import TicketStep
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.posts import actions as posts
from timebank.posts.models import Claim
from timebank.stations.models import SEATED, Attendance, Course, Item, Progress, Turn
from timebank.visits import on_duty
from timebank.visits.actions.shopping import set_list
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Offer
from timebank.visits.shopping import ShoppingReceipt
from timebank.volunteers import actions as volunteers


def browser_of(app: Flask, user: int) -> Browser:
    """Return a browser in which somebody is signed in."""
    browser = open_browser(app)
    with app.app_context(), transaction():
        token, _session = access.sign_in(db.session.get_one(User, user))
    with app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    browser.user = user
    return browser


def at_once(*presses: Callable[[], TestResponse]) -> list[TestResponse]:
    """Press some buttons at the same moment; return the answers, whoever was taken first."""
    ready, answers = threading.Barrier(len(presses)), list[TestResponse]()

    def press(one: Callable[[], TestResponse]) -> None:
        ready.wait()
        answers.append(one())

    threads = [threading.Thread(target=press, args=(each,)) for each in presses]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == len(presses)
    return sorted(answers, key=lambda answer: answer.status_code)


def refused(answers: list[TestResponse]) -> TestResponse:
    """Return the one refusal of two answers: the other one was taken."""
    assert [each.status_code for each in answers] == [303, 409]
    return answers[1]


@dataclass
class Office:
    """A station, and two browsers of its office."""

    corner: Corner
    one: Browser
    two: Browser

    @property
    def app(self) -> Flask:
        return self.corner.app


@pytest.fixture
def office(both: Flask) -> Office:
    """Give a station on each database."""
    corner = build_corner(both, open_browser(both))
    with both.app_context(), transaction():
        here = db.session.get_one(Community, corner.community)
        one, two = (make.make_user(Role.COORDINATOR, here, name=name).id for name in ("衣晓雯", "曲明"))
    corner.browser.user = one
    return Office(corner, browser_of(both, one), browser_of(both, two))


def test_who_comes_when_a_session_is_full_waits_with_a_number_and_moves_up_when_a_seat_is_given_back(office: Office) -> None:
    page = f"/stations/sessions/{office.corner.session(seats=1)}"
    office.one.send(f"{page}/sign-up", name="孙甲", phone="13800138001", source="desk")
    waits = office.two.send(f"{page}/sign-up", name="孙乙", phone="13800138002", source="desk")
    assert "孙乙排在候补，2 号" in office.two.get(waits.location).text
    fewer = office.one.send(f"{page}/change", seats="0", start="9:00", end="10:00")
    assert (fewer.status_code, "请填 1 到 2000 之间的整数" in fewer.text, 'value="10:00"' in fewer.text) == (422, True, True)
    office.one.send("/stations/attendances/1", turn="cancelled")
    assert office.corner.get(Attendance, 2).turn in SEATED, "who waited moves up, and keeps the number"
    assert office.corner.get(Attendance, 2).number == 2


def test_of_two_who_sign_up_for_the_last_seat_at_once_one_sits_and_one_waits(office: Office) -> None:
    page = f"/stations/sessions/{office.corner.session(seats=1)}"
    answers = at_once(
        lambda: office.one.send(f"{page}/sign-up", name="孙甲", phone="13800138001", source="desk"),
        lambda: office.two.send(f"{page}/sign-up", name="孙乙", phone="13800138002", source="phone"),
    )
    assert [each.status_code for each in answers] == [303, 303], "nobody is sent away"
    with office.app.app_context():
        rows = db.session.scalars(select(Attendance).order_by(Attendance.number)).all()
        assert [(row.number, row.turn in SEATED) for row in rows] == [(1, True), (2, False)]
        assert {row.name for row in rows} == {"孙甲", "孙乙"}
        assert rows[1].turn is Turn.WAITING


def test_one_person_signed_up_at_two_desks_at_once_stands_once_and_the_second_desk_reads_the_number(office: Office) -> None:
    page = f"/stations/sessions/{office.corner.session(seats=5)}"
    said = {"name": "孙甲", "phone": "13800138001", "source": "desk"}
    second = refused(at_once(*[lambda desk=desk: desk.send(f"{page}/sign-up", **said) for desk in (office.one, office.two)]))
    assert "孙甲已经报过名了，1 号" in second.text
    assert office.corner.count(Attendance) == 1


def test_without_its_ticket_a_thing_is_found_by_name_and_leaves_with_a_note_of_how_one_knew(office: Office) -> None:
    brought: dict[str, Any] = {"sort": "repair", "station": office.corner.station, "what": "收音机", "name": "郑国", "phone": "13800138000"}
    page = office.one.send("/stations/items/new", **brought).location
    office.one.send(f"{page}/finish", mended="1", mender=office.corner.barber, result="换了电池盒")
    for words in ("郑国", "收音机", "8000"):
        assert page in office.two.get(f"/stations/items?q={words}").text
    bare = office.two.send(f"{page}/hand-out", to="郑国的儿子")
    assert (bare.status_code, "没有取件单，请写怎么核对的" in bare.text, 'value="郑国的儿子"' in bare.text) == (422, True, True)
    assert office.corner.get(Item, 1).progress is Progress.READY
    presses = [
        lambda desk=desk, to=to: desk.send(f"{page}/hand-out", to=to, check_note="说对了电话")
        for desk, to in ((office.one, "郑国"), (office.two, "郑国的儿子"))
    ]
    late = refused(at_once(*presses))
    gone = office.corner.get(Item, 1)
    assert f"已经由{gone.handed_to}在" in late.text
    assert "不能再取。请问清楚是哪一件" in late.text
    assert (gone.had_ticket, gone.check_note) == (False, "说对了电话")


def test_a_parcel_for_nobody_is_asked_after_and_what_was_typed_stays(office: Office) -> None:
    form: dict[str, Any] = {"sort": "parcel", "station": office.corner.station, "what": "纸箱一件"}
    nobody = office.one.send("/stations/items/new", **form, name="", phone="")
    assert (nobody.status_code, "从名册里选一位，或者写姓名" in nobody.text, 'value="纸箱一件"' in nobody.text) == (422, True, True)
    strange = office.one.send("/stations/items/new", **form, name="郑国", phone="12")
    assert (strange.status_code, "没有电话就空着" in strange.text, 'value="郑国"' in strange.text) == (422, True, True)
    assert office.corner.count(Item) == 0
    answers = at_once(*[lambda desk=desk: desk.send("/stations/items/new", **form, name="郑国") for desk in (office.one, office.two)])
    assert [each.status_code for each in answers] == [303, 303]
    with office.app.app_context():
        assert set(db.session.scalars(select(Item.number))) == {"B0001", "B0002"}, "two parcels, each with a number of its own"


def test_a_course_without_a_teacher_is_not_founded_and_says_what_is_missing_and_of_two_alike_one_is(office: Office) -> None:
    form: dict[str, Any] = {"kind": "course", "title": "书法班", "seats": "20", "station": office.corner.station}
    alone = office.one.send("/stations/courses/new", **form)
    assert (alone.status_code, "没有老师，课开不了" in alone.text, 'value="书法班"' in alone.text) == (422, True, True)
    both = [lambda desk=desk: desk.send("/stations/courses/new", **form, teacher_name="周老师") for desk in (office.one, office.two)]
    second = refused(at_once(*both))
    assert "请换个名字，例如加上学期" in second.text
    assert 'value="周老师"' in second.text
    assert office.corner.count(Course) == 1


def test_of_two_phones_that_take_the_last_place_of_a_post_at_once_one_has_it_and_the_other_reads_where_to_look(both: Flask) -> None:
    corner = corners.build(both, wanted=1)
    with both.app_context():
        users = [corner.person(place).user_id or 0 for place in (0, 1)]
        shift = corner.shifts()[0].id
    phones = [browser_of(both, user) for user in users]
    late = refused(at_once(*[lambda phone=phone: phone.send(f"/phone/posts/{corner.post}/shifts/{shift}/claim") for phone in phones]))
    assert "这一班刚刚有人认领满了。看看别的班，或者认领缺人的某一次" in late.text
    with both.app_context():
        assert len(db.session.scalars(select(Claim)).all()) == 1


def test_who_signs_in_to_a_turn_twice_at_once_has_begun_once(both: Flask) -> None:
    corner = corners.build(both, wanted=1)
    corners.claim_all(corner)
    with both.app_context():
        turn = on_duty.duties_of(corner.person(), make.MONDAY, make.MONDAY)[0]
        number, code, user = turn.id, turn.code, corner.person().user_id or 0
    make.set_clock("2026-11-23 11:25")
    phones = [browser_of(both, user) for _ in range(2)]
    answers = at_once(*[lambda phone=phone: phone.send(f"/phone/duties/{number}/sign-in", code=code) for phone in phones])
    assert [each.status_code for each in answers] == [303, 303], "the second tap changes nothing and is no mistake"
    with both.app_context():
        begun = db.session.get_one(Duty, number)
        assert (begun.state, begun.code_ok) == (DutyState.THERE, True)


def test_a_turn_offered_to_two_colleagues_goes_to_whoever_is_first_and_the_other_reads_so(both: Flask) -> None:
    corner = corners.build(both)
    with both.app_context(), transaction():
        monday, _tuesday, wednesday, *_ = corner.shifts()
        posts.claim_shift(wednesday, corner.person())
        for place in (1, 2):
            posts.claim_shift(monday, corner.person(place))
        turn = on_duty.duties_of(corner.person(), make.WEDNESDAY, make.WEDNESDAY)[0]
        swap = posts.offer_swap(turn, corner.person(), None).id
        number = turn.id
        giver, *users = [corner.person(place).user_id or 0 for place in (0, 1, 2)]
    phones = [browser_of(both, user) for user in users]
    late = refused(at_once(*[lambda phone=phone: phone.send(f"/phone/posts/swaps/{swap}/take") for phone in phones]))
    assert "这一班已经有人接了、收回去了，或者已经开始。回到“我的岗位”看最新情况" in late.text
    back = browser_of(both, giver).send(f"/phone/posts/turns/{number}/swap/withdraw")
    assert (back.status_code, "这一班已经有人接了" in back.text) == (409, True), "what a colleague has taken does not come back"


def test_a_receipt_above_the_budget_says_whom_to_ring_and_is_noted_once_by_two_taps(both: Flask) -> None:
    with both.app_context(), transaction():
        made = errands.errand(user=make.make_user(Role.VOLUNTEER).id)
        number, user = made.id, made.volunteer.user_id or 0
        set_list(made.visit.request, "白菜一棵、鸡蛋一斤", 3000, errands.office(made))
    one, two = (browser_of(both, user) for _ in range(2))
    path = f"/phone/visits/{number}/receipt"
    over = one.send(path, cash="50", spent="32.5")
    assert (over.status_code, 'value="32.5"' in over.text) == (422, True)
    assert "超过预算 2.50 元。先打电话问老人或家属" in over.text
    own = one.send(path, cash="30", spent="32.5", agreed="女儿")
    assert (own.status_code, "不要自己垫" in own.text, 'value="女儿"' in own.text) == (422, True, True)
    late = refused(at_once(*[lambda phone=phone: phone.send(path, cash="50", spent="32.5", agreed="女儿") for phone in (one, two)]))
    assert "记错了请打电话给服务站" in late.text
    with both.app_context():
        (receipt,) = db.session.scalars(select(ShoppingReceipt))
        assert (receipt.spent, receipt.agreed, receipt.offer_id) == (3250, "女儿", db.session.get_one(Offer, number).id)


def test_a_steward_of_another_compound_is_told_whose_it_is_and_changes_nothing(office: Office) -> None:
    form = {"sort": "problem", "door": "desk", "name": "郎秋生", "phone": "13812345678", "words": "楼道灯坏了"}
    case = office.one.send("/cases/new", **form, place=f"b{office.corner.building}").location
    with office.app.app_context(), transaction():
        here = db.session.get_one(Community, office.corner.community)
        steward = make.make_user(Role.STEWARD, here, name="邢师傅")
        volunteers.look_after(steward, [make.make_building(here, "海棠路 9 号").compound])
        number = steward.id
    their = browser_of(office.app, number)
    for answer in (their.get(case), their.send(f"{case}/note", note="我来看看")):
        assert answer.status_code == 403
        assert "不在您负责的小区或楼栋，由社区办公室和那边的负责人办。您那边的接件在列表里" in answer.text
    with office.app.app_context():
        assert "我来看看" not in {step.note for step in db.session.scalars(select(TicketStep))}
    session = office.corner.session()
    assert their.send(f"/stations/sessions/{session}/sign-up", name="孙甲", source="desk").status_code == 403
    assert office.corner.count(Attendance) == 0
