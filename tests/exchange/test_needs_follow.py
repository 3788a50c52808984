"""A need that is imported anew with other days, another hour or another door: its visits follow, nobody comes twice or to the old door."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.exchange.files import Book, take_in
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.planning.actions.weeks import open_week
from timebank.visits.actions.scheduling import schedule_week
from timebank.visits.models import HelpRequest, OfferState, Visit, VisitState
from timebank.volunteers.models import Volunteer

MONDAY = date(2026, 11, 30)
STANDING = ["编号", "老人编号", "服务项目", "频次", "星期", "起始日期", "希望时段"]
ONCE = ["编号", "老人编号", "服务项目", "可选日期", "希望时段"]
GOING = {VisitState.OPEN, VisitState.OFFERED, VisitState.ACCEPTED}


@pytest.fixture(autouse=True)
def _in_the_week_before(lived: Flask) -> None:
    make.set_clock("2026-11-25 10:30")


def standing(days: str, window: str) -> dict[str, Sequence[Sequence[Any]]]:
    return {"固定需求": [STANDING, ["N911", "E020", "买菜代购", "每周", days, MONDAY, window]]}


def once(day: date) -> dict[str, Sequence[Sequence[Any]]]:
    return {"单次需求": [ONCE, ["S911", "E020", "上门理发", day, "9:00-11:00"]]}


def plan_the_week() -> None:
    """Open the week as planning does, and make its visits."""
    with transaction():
        open_week(1, MONDAY)
        schedule_week(1, MONDAY)


def going(number: str) -> list[tuple[str, int, int]]:
    """Return the visits of a need that are still to come."""
    rows = db.session.scalars(select(Visit).join(Visit.request).where(HelpRequest.number == number, Visit.week == MONDAY))
    return sorted((each.days[0], each.window_from, each.window_to) for each in rows if each.state in GOING)


def ask(number: str, who: str, day: date, start: int) -> None:
    """Ask a volunteer for the visit of a need on a day."""
    with transaction():
        visits = db.session.scalars(select(Visit).join(Visit.request).where(HelpRequest.number == number, Visit.week == MONDAY))
        visit = next(each for each in visits if day.isoformat() in each.days)
        make.make_offer(visit, db.session.scalars(select(Volunteer).where(Volunteer.number == who)).one(), start, day)


def test_a_need_with_fewer_and_other_days_has_only_the_visits_it_asks_for(lived: Flask, book: Book) -> None:
    assert take_in(book(standing("一,三,五", "9:00-11:00"))).applied
    plan_the_week()
    assert len(going("N911")) == 3
    assert take_in(book(standing("二", "14:00-16:00"))).applied
    plan_the_week()
    assert going("N911") == [("2026-12-01", 840, 960)]


def test_a_one_time_need_that_moves_has_one_visit(lived: Flask, book: Book) -> None:
    assert take_in(book(once(date(2026, 12, 2)))).applied
    plan_the_week()
    assert take_in(book(once(date(2026, 12, 3)))).applied
    plan_the_week()
    assert [day for day, _from, _to in going("S911")] == ["2026-12-03"]


def test_whoever_was_asked_for_what_changes_is_named_in_the_report(lived: Flask, book: Book) -> None:
    take_in(book(standing("一,三,五", "9:00-11:00")))
    plan_the_week()
    ask("N911", "V002", date(2026, 12, 2), 9 * 60)
    report = take_in(book(standing("二", "14:00-16:00")))
    who = db.session.scalars(select(Volunteer).where(Volunteer.number == "V002")).one()
    assert any(who.name in remark.zh for remark in report.remarks)
    rows = db.session.scalars(select(Visit).join(Visit.request).where(HelpRequest.number == "N911"))
    assert [made.state for each in rows for made in each.offers] == [OfferState.WITHDRAWN]


def test_the_same_need_again_changes_no_visit_and_says_nothing(lived: Flask, book: Book) -> None:
    take_in(book(standing("一,三,五", "9:00-11:00")))
    plan_the_week()
    ask("N911", "V002", date(2026, 12, 2), 9 * 60)
    report = take_in(book(standing("一,三,五", "9:00-11:00")))
    assert (report.changes, report.remarks, len(going("N911"))) == (0, [], 3)


def test_the_visits_of_who_moves_alone_are_at_the_new_door(lived: Flask, book: Book) -> None:
    plan_the_week()
    row = ["E020", "丁爱莲", "女", 1940, "H951", "武胜关路6号院", "1号楼", 1, "101"]
    assert take_in(book({"老人": [["编号", "姓名", "性别", "出生年份", "户号", "小区", "楼栋", "楼层", "门牌"], row]})).applied
    who = db.session.scalars(select(Elder).where(Elder.number == "E020")).one()
    rows = db.session.scalars(select(Visit).join(Visit.request).where(HelpRequest.elder_id == who.id, Visit.week == MONDAY)).all()
    assert rows
    assert {each.household_id for each in rows} == {who.household_id}
