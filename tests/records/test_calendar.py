"""The holidays of the next year are typed in from the notice: whole or not at all, and the deadlines follow them."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.records.conftest import Office
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.places.models import CalendarDay, DayKind
from timebank.records.actions import calendar
from timebank.records.workdays import unknown_years, workdays_from

NOTICE = """date,kind,name
2027-01-01,off,元旦
2027年2月5日 至 2027年2月11日 放假 春节

2027-02-14 to 2027-02-14 work 春节"""


def test_a_notice_is_taken_in_and_the_deadlines_follow_it(both: Flask) -> None:
    make.set_clock("2026-11-25 10:00")
    with both.app_context():
        with transaction():
            assert calendar.take_in(calendar.read(NOTICE)) == [2027]
        assert db.session.get_one(CalendarDay, date(2027, 2, 11)).kind is DayKind.OFF
        assert db.session.get_one(CalendarDay, date(2027, 2, 14)).kind is DayKind.WORK
        assert 2027 not in unknown_years(date(2026, 11, 25))
        make.set_clock("2027-02-03 10:00")
        assert workdays_from(date(2027, 2, 4)).after(date(2027, 2, 4), 2) == date(2027, 2, 14)
        with transaction():
            calendar.take_in(calendar.read("2027-02-14 放假 春节"))
        assert db.session.get_one(CalendarDay, date(2027, 2, 14)).kind is DayKind.OFF


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "No day is given"),
        ("date,kind,name", "No day is given"),
        ("2027-01-01 off 元旦\n春节放假七天", "Line 2 cannot be read"),
        ("2027-02-30 放假 春节", "Line 1 cannot be read"),
        ("2027-02-11 至 2027-02-05 放假 春节", "Line 1 cannot be read"),
        ("2027-02-05 至 2027-08-05 放假 暑假", "Line 1 cannot be read"),
        ("2027-02-05 放 春节", "Line 1 cannot be read"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_taken_in(lines: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        calendar.read(lines)


def test_today_asks_for_the_next_year_and_an_administrator_types_it_in(
    app: Flask, office: Office, sign_in_as: Callable[..., Browser]
) -> None:
    desk = sign_in_as(Role.COORDINATOR, community_id=office.community)
    admin = sign_in_as(Role.ADMIN, community_id=office.community)
    with app.app_context(), transaction():
        make.add(CalendarDay(day=date(2026, 10, 1), kind=DayKind.OFF, name="国庆节"))
    assert "2027 年的放假安排还没有填" in desk.get("/today").text
    assert "请管理员来填" in desk.get("/calendar").text
    assert desk.send("/calendar", lines=NOTICE).status_code == 403
    wrong = admin.send("/calendar", lines="2027-01-01 off 元旦\n春节放假七天")
    assert (wrong.status_code, "第 2 行看不懂" in wrong.text, "春节放假七天" in wrong.text) == (422, True, True)
    assert admin.send("/calendar", lines=NOTICE).status_code == 303
    assert "2027年2月11日" in admin.get("/calendar").text
    assert "放假安排还没有填" not in desk.get("/today").text
