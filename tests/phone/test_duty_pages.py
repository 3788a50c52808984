"""The pages of duties: a turn on the phone, the sign-in sheet at the desk, confirming, and the places nobody has on Today."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.visits.test_duties import Crossing, build
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.visits.actions import duties
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


@pytest.fixture
def crossing(app: Flask) -> Crossing:
    return build(app)


@pytest.fixture
def phone(crossing: Crossing, sign_in_as: Callable[..., Browser]) -> Browser:
    browser = sign_in_as(Role.VOLUNTEER, crossing.community)
    with crossing.app.app_context(), transaction():
        db.session.get_one(Volunteer, crossing.one).user_id = browser.user
    return browser


def state(crossing: Crossing, place: int = 0) -> DutyState:
    with crossing.app.app_context():
        return db.session.get_one(Duty, crossing.seats[place]).state


def claimed(crossing: Crossing) -> str:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        return crossing.duty().code


def test_the_phone_shows_the_turn_and_signs_in_and_out(crossing: Crossing, phone: Browser, sign_in_as: Callable[..., Browser]) -> None:
    code = claimed(crossing)
    assert "老乡护学岗" in phone.get("/phone").text
    assert "11:00 起可以点到岗" in phone.get(f"/phone/duties/{crossing.seats[0]}").text
    make.set_clock("2026-11-25 11:25")
    typed = phone.send(f"/phone/duties/{crossing.seats[0]}/sign-in", code="12")
    assert typed.status_code == 422
    assert "到岗码是 4 位数字" in typed.text
    assert 'value="12"' in typed.text
    wrong = "0000" if code != "0000" else "1111"
    answer = phone.send(f"/phone/duties/{crossing.seats[0]}/sign-in", code=wrong)
    assert "还可以试 4 次" in phone.get(answer.location).text
    phone.send(f"/phone/duties/{crossing.seats[0]}/sign-in", code=code)
    assert state(crossing) is DutyState.THERE
    make.set_clock("2026-11-25 12:00")
    answer = phone.send(f"/phone/duties/{crossing.seats[0]}/sign-out")
    assert "已记离岗" in phone.get(answer.location).text
    office = sign_in_as(Role.COORDINATOR, crossing.community)
    assert "老乡护学岗" in office.get("/confirm").text
    assert office.send("/confirm", what="duty", number=crossing.seats[0], trust="desk").status_code == 303
    assert state(crossing) is DutyState.CONFIRMED
    with crossing.app.app_context():
        assert [each.minutes for each in db.session.scalars(select(ServiceRecord))] == [35]
    month = phone.get("/my/hours?month=2026-11").text
    assert "护学值守 · 老乡护学岗" in month


def test_a_turn_of_somebody_else_is_not_found(crossing: Crossing, phone: Browser) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person("other"))
    assert phone.get(f"/phone/duties/{crossing.seats[0]}").status_code == 404
    assert phone.send(f"/phone/duties/{crossing.seats[0]}/give-up").status_code == 404


def test_who_is_asked_reads_it_under_offers_and_says_yes(crossing: Crossing, phone: Browser) -> None:
    with crossing.app.app_context(), transaction():
        duties.ask(crossing.duty(), crossing.person(), crossing.user())
    assert "请你来值守" in phone.get("/phone/offers").text
    phone.send(f"/phone/duties/{crossing.seats[0]}/accept")
    assert state(crossing) is DutyState.AGREED
    answer = phone.send(f"/phone/duties/{crossing.seats[0]}/give-up", reason="感冒")
    assert "没有任何影响" in phone.get(answer.location).text
    assert state(crossing) is DutyState.GIVEN_UP


def test_time_off_over_a_turn_is_shown_first_and_gives_it_back(crossing: Crossing, phone: Browser) -> None:
    claimed(crossing)
    asked = phone.send("/phone/time-off", day="2026-11-25")
    assert asked.status_code == 422
    assert "记下请假并退掉这 1 件" in asked.text
    assert "老乡护学岗" in asked.text
    answer = phone.send("/phone/time-off", day="2026-11-25", give_back="1")
    assert "空出 1 班值守" in phone.get(answer.location).text
    assert state(crossing) is DutyState.GIVEN_UP


def test_today_shows_the_places_nobody_has_and_the_desk_fills_them(crossing: Crossing, sign_in_as: Callable[..., Browser]) -> None:
    office = sign_in_as(Role.COORDINATOR, crossing.community)
    shown = office.get("/today").text
    assert "岗位缺人" in shown
    assert "2 个名额" in shown
    page = office.get(f"/duties/{crossing.seats[0]}").text
    assert "丁守田" in page
    refused = office.send(f"/duties/{crossing.seats[0]}/fill")
    assert refused.status_code == 422
    assert "请选一位志愿者" in refused.text
    office.send(f"/duties/{crossing.seats[0]}/fill", volunteer=crossing.one, how="agreed")
    office.send(f"/duties/{crossing.seats[1]}/fill", volunteer=crossing.other, how="ask")
    assert (state(crossing), state(crossing, 1)) == (DutyState.AGREED, DutyState.ASKED)
    office.send(f"/duties/{crossing.seats[1]}/agree")
    assert state(crossing, 1) is DutyState.AGREED
    assert "岗位缺人" not in office.get("/today").text


def test_who_cannot_come_today_is_picked_with_their_turns_too(crossing: Crossing, sign_in_as: Callable[..., Browser]) -> None:
    claimed(crossing)
    office = sign_in_as(Role.COORDINATOR, crossing.community)
    assert "老乡护学岗" in office.get("/today/cannot-come").text
    assert "1 班值守也空出来" in office.get(f"/today/cannot-come?who={crossing.one}").text
    answer = office.send("/today/cannot-come", who=crossing.one, until="today", then="note")
    assert "空出 1 班值守" in office.get(answer.location).text
    assert state(crossing) is DutyState.GIVEN_UP


def test_the_sheet_is_typed_in_a_grid_and_a_refused_line_keeps_what_was_typed(
    crossing: Crossing, sign_in_as: Callable[..., Browser]
) -> None:
    claimed(crossing)
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(1), crossing.person("other"))
    make.set_clock("2026-11-25 14:00")
    office, colleague = (sign_in_as(Role.COORDINATOR, crossing.community) for _who in range(2))
    one, other = crossing.seats
    answer = office.send(
        "/duties",
        day="2026-11-25",
        **{f"started-{one}": "1130", f"ended-{one}": "1200", f"started-{other}": "11:30", f"ended-{other}": "13:30"},
    )
    assert answer.status_code == 422
    assert "多太多了" in answer.text
    assert 'value="13:30"' in answer.text
    assert (state(crossing), state(crossing, 1)) == (DutyState.DONE, DutyState.AGREED)
    again = office.send(
        "/duties", day="2026-11-25", **{f"started-{other}": "11:30", f"ended-{other}": "13:30", f"reason-{other}": "家长会散得晚"}
    )
    assert "你自己不能确认" in office.get(again.location).text
    assert office.send("/confirm", what="duty", number=one, trust="desk").status_code == 409
    assert colleague.send("/confirm", what="duty", number=one, trust="desk").status_code == 303
    assert state(crossing) is DutyState.CONFIRMED


def test_a_turn_is_called_off_only_with_a_reason(crossing: Crossing, sign_in_as: Callable[..., Browser]) -> None:
    claimed(crossing)
    office = sign_in_as(Role.COORDINATOR, crossing.community)
    refused = office.send(f"/duties/{crossing.seats[0]}/call-off", reason=" ")
    assert refused.status_code == 422
    assert "请写为什么取消" in refused.text
    office.send(f"/duties/{crossing.seats[0]}/call-off", reason="学校放假")
    assert state(crossing) is DutyState.CALLED_OFF


def test_a_turn_that_is_over_can_still_be_given_the_name_on_the_sheet(crossing: Crossing, sign_in_as: Callable[..., Browser]) -> None:
    make.set_clock("2026-11-25 14:00")
    office = sign_in_as(Role.COORDINATOR, crossing.community)
    assert "签到表上是谁" in office.get(f"/duties/{crossing.seats[0]}").text
    office.send(f"/duties/{crossing.seats[0]}/fill", volunteer=crossing.one)
    assert state(crossing) is DutyState.AGREED
    office.send(f"/duties/{crossing.seats[0]}/miss")
    assert state(crossing) is DutyState.MISSED


@pytest.mark.parametrize(("now", "ago", "taken"), [("12:30", 3600, True), ("12:30", 5, False), ("15:30", 4 * 3600, False)])
def test_a_turn_that_is_told_later_counts_while_the_tap_was_in_time_and_is_marked_late(
    now: str, ago: int, taken: bool, crossing: Crossing, phone: Browser
) -> None:
    code = claimed(crossing)
    make.set_clock(f"2026-11-25 {now}")
    answer = phone.send(f"/phone/duties/{crossing.seats[0]}/sign-in", code=code, _ago=str(ago))
    assert answer.status_code == (303 if taken else 409)
    assert state(crossing) is (DutyState.THERE if taken else DutyState.AGREED)
    with crossing.app.app_context():
        assert (crossing.duty().late_by > 0) is taken


def test_a_code_of_too_few_digits_is_told_to_a_phone_that_shows_no_page(crossing: Crossing, phone: Browser) -> None:
    claimed(crossing)
    make.set_clock("2026-11-25 11:25")
    told = phone.post(
        f"/phone/duties/{crossing.seats[0]}/sign-in",
        data={"csrf_token": phone.token(), "_key": "kept-tap-01", "code": "12", "_ago": "60"},
        headers={"Accept": "application/json"},
    )
    assert told.status_code == 422
    assert told.is_json
