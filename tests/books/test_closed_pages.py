"""The pages of closed months, as the office closes, prints and hands out, and as a volunteer opens her own statements."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.books.test_closed_months import OCTOBER, close, put_right
from tests.browser import Browser
from tests.figures import reading
from tests.served import World, record
from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.records.models import CallBack, CheckWeek, Heard
from timebank.reports.issued import IssuedStatement
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


def test_the_office_closes_a_month_and_sees_who_is_told(app: Flask, world: World, desk: Browser, phone: Browser) -> None:
    with app.app_context(), transaction():
        community = world.get()[0]
        other = make.make_volunteer(community, "于淑珍", has_phone=False)
        record(other, db.session.get_one(ServiceKind, world.hair), date(2026, 10, 20), 30)
    assert "下一个：2026年10月" in desk.get("/months").text
    assert "凡有记录或有结余的，那时每人出一份对账单，登录过的都收到短信" in desk.get("/months").text
    assert desk.get("/months/2026-10").status_code == 404
    assert desk.send("/months/close", month="2026-10").status_code == 303
    page = desk.get("/months/2026-10").text
    assert ("DZ-PINE-STREET-2026-10-0001" in page, "短信等发" in page, "要打印交给本人" in page) == (True, True, True)
    assert desk.send("/months/2026-10/handed").status_code == 303
    assert "要打印交给本人" not in desk.get("/months/2026-10").text
    assert desk.get("/months/2026-10.pdf").data.startswith(b"%PDF")
    assert desk.get("/months/2026-10.pdf?paper=1").data.startswith(b"%PDF")
    assert "这个月还没有过完" in desk.get("/months").text
    assert "这个月已月结：对账单 DZ-PINE-STREET-2026-10-000" in phone.get("/my/hours?month=2026-10").text


def test_what_cannot_be_closed_is_refused_in_words_and_nothing_is_written(app: Flask, world: World, desk: Browser, phone: Browser) -> None:
    assert phone.send("/my/hours/1/objection", words="少记了").status_code == 303
    refused = desk.send("/months/close", month="2026-10")
    assert refused.status_code == 409
    assert "10月还有 1 件没有办完" in refused.text
    assert "等答复的异议" in refused.text
    assert desk.send("/months/close", month="2026-11").status_code == 409
    with app.app_context():
        assert db.session.scalars(select(IssuedStatement)).all() == []
    assert desk.send("/months/close", month="2026-10", anyway="1").status_code == 303
    assert desk.send("/months/close", month="2026-10").status_code == 409
    assert "已月结的月份还有 1 件没有办完" in desk.get("/today").text


def test_the_day_of_closing_is_a_setting(world: World, desk: Browser) -> None:
    assert desk.send("/months/day", day="8").status_code == 303
    assert "月结的日子 2026年11月8日 已到" in desk.get("/months").text
    assert desk.send("/months/close", month="2026-10", anyway="1").status_code == 303
    assert "2026年12月8日 自动月结" in desk.get("/months").text
    assert desk.send("/months/day", day="31").status_code == 422


def test_a_volunteer_opens_her_statements_by_month(app: Flask, world: World, phone: Browser) -> None:
    assert "还没有出过对账单" in phone.get("/my/statements").text
    with app.app_context():
        close(world)
        (number,) = db.session.scalars(select(IssuedStatement.id))
    assert "DZ-PINE-STREET-2026-10-0001" in phone.get("/my/statements").text
    given = phone.get(f"/my/statements/{number}.pdf").data
    with app.app_context():
        put_right(world, OCTOBER, 0, 0, "人没有去")
        with transaction():
            db.session.get_one(Volunteer, world.volunteer).name = "改了名"
    assert phone.get(f"/my/statements/{number}.pdf").data == phone.get("/my/hours/2026-10.pdf").data == given
    assert phone.get("/my/statements/99.pdf").status_code == 404
    assert "月结以后更正的" in phone.get("/my/hours?month=2026-10").text
    assert "更正以前的月份" in phone.get("/my/hours?month=2026-11").text


def test_report_and_group_pages_of_a_closed_month_show_what_changed_since(app: Flask, world: World, desk: Browser) -> None:
    with app.app_context():
        close(world)
        put_right(world, OCTOBER, 1, 16)
    page = desk.get("/report?month=2026-10").text
    assert "月结以后更正的" in page
    assert "−0.6 小时" in page
    assert "本月更正的以前月份" in desk.get("/report?month=2026-11").text
    assert desk.get("/report/2026-10.pdf").data.startswith(b"%PDF")
    assert desk.get("/report/2026-10.xlsx").data.startswith(b"PK")


def test_calls_made_after_the_month_was_closed_stand_beside_those_it_was_closed_with(app: Flask, world: World, desk: Browser) -> None:
    with app.app_context():
        close(world)
        assert "算上月结以后打的" not in desk.get("/report?month=2026-10").text
        with transaction():
            check = make.add(CheckWeek(community_id=world.community, week=date(2026, 10, 26), seed=1, percent=5, checked_at=clock.now()))
            record = db.session.scalars(
                select(ServiceRecord.id).where(ServiceRecord.day < date(2026, 11, 1)).order_by(ServiceRecord.id)
            ).first()
            made = CallBack(check_id=check.id, record_id=record, heard=Heard.AS_RECORDED, score=4, words="")
            made.called_at, made.called_by = clock.now(), world.get()[2].id
            make.add(made)
    shown = reading.tables(desk.get("/report?month=2026-10").text)
    assert shown.get("回访满意度", [[]])[1:] == []
    assert shown["回访满意度，算上月结以后打的"][-1] == ["合计", "1", "1", "1", "1", "100", "4.0"]
    assert reading.sheets(desk.get("/report/2026-10.xlsx").data)["回访满意度，算上月结以后打的"][-2][1:] == [1, 1, 1, 1, 100, 4]
    desk.send("/language", locale="en")
    assert "Call-backs, with those made since the month was closed" in desk.get("/report?month=2026-10").text
