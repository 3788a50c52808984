"""The import page: choose, read the check, take in; nobody else's files, and never twice."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.browser import Browser
from tests.exchange.files import Book
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.exchange import uploads
from timebank.exchange.columns import NOTES_SHEET, WORKBOOKS
from timebank.exchange.models import Upload
from timebank.places.models import Community
from timebank.volunteers.models import Unit, Volunteer

SignIn = Callable[..., Browser]


def hand_in(browser: Browser, *files: tuple[str, bytes]) -> TestResponse:
    answer = browser.send("/import", files=[(io.BytesIO(data), name) for name, data in files])
    return browser.get(answer.location) if answer.status_code == 303 else answer


def units(*names: str) -> dict[str, list[list[str]]]:
    return {"单位": [["单位", "联系人"], *([name, ""] for name in names)]}


def token_of(app: Flask) -> str:
    with app.app_context():
        return str(db.session.scalars(select(Upload.token).order_by(Upload.id.desc())).first())


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_coordinator_checks_badaguan_and_takes_it_in(served: Flask, sign_in_as: SignIn, badaguan: list[Path]) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    page = hand_in(browser, *((path.name, path.read_bytes()) for path in badaguan))
    assert page.status_code == 200
    assert "没有问题，可以导入" in page.text
    assert count(served, Elder) == 0
    token = token_of(served)
    browser.send(f"/import/{token}")
    assert "已导入" in browser.get(f"/import/{token}").text
    assert count(served, Elder) == 70
    assert count(served, Volunteer) == 46


def test_a_double_tap_on_import_has_one_effect(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    hand_in(browser, book(units("银杏里")))
    token = token_of(served)
    first = browser.send(f"/import/{token}", key="one-key-for-both")
    second = browser.send(f"/import/{token}", key="one-key-for-both")
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert browser.send(f"/import/{token}").status_code == 409
    assert count(served, Unit) == 1


def test_problems_are_listed_and_bad_rows_left_out_only_when_ticked(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    page = hand_in(browser, book(units("银杏里", "=cmd()", "红瓦")))
    assert "有 1 处要改，什么都还没有导入" in page.text
    assert "像一个公式" in page.text
    assert "上传.xlsx" in page.text
    token = token_of(served)
    browser.send(f"/import/{token}")
    assert count(served, Unit) == 0
    browser.send(f"/import/{token}", skip_bad_rows="1")
    assert count(served, Unit) == 2


def test_the_report_speaks_english_too(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    with browser.session_transaction() as kept:
        kept["locale"] = "en"
    assert "looks like a formula" in hand_in(browser, book(units("=cmd()"))).text


def test_another_coordinator_cannot_see_or_take_in_my_files(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    hand_in(sign_in_as(Role.COORDINATOR), book(units("银杏里")))
    other = sign_in_as(Role.COORDINATOR)
    token = token_of(served)
    assert other.get(f"/import/{token}").status_code == 404
    assert other.send(f"/import/{token}").status_code == 404
    assert count(served, Unit) == 0


def test_a_coordinator_cannot_bring_in_another_community(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    headers = ["代码", "街道", "社区", "记录单位", "负责人", "电话"]
    row = ["elsewhere", "别处街道", "别处社区", "别处居委会", "林听涛", "0532-80000009"]
    page = hand_in(sign_in_as(Role.COORDINATOR), book({"社区": [headers, row]}))
    assert "另一个社区" in page.text
    assert count(served, Community) == 1


def test_a_coordinator_without_a_community_is_told_whom_to_ask(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    page = hand_in(sign_in_as(Role.COORDINATOR, community_id=None), book(units("银杏里")))
    assert page.status_code == 403
    assert "还没有分到社区" in page.text


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.FAMILY, Role.INSPECTOR, Role.CANTEEN])
def test_nobody_else_opens_the_import_page(served: Flask, sign_in_as: SignIn, role: Role) -> None:
    browser = sign_in_as(role)
    assert browser.get("/import").status_code == 403
    assert browser.get("/import/templates/places.xlsx").status_code == 403


def test_choosing_nothing_is_said_on_the_same_page(served: Flask, sign_in_as: SignIn) -> None:
    page = sign_in_as(Role.COORDINATOR).send("/import")
    assert page.status_code == 422
    assert "请先选择要导入的文件" in page.text


def test_too_many_files_or_rows_are_refused(served: Flask, sign_in_as: SignIn, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    assert hand_in(browser, *[book(units("银杏里"))] * 9).status_code == 422
    monkeypatch.setattr(uploads, "MOST_ROWS_ONLINE", 2)
    assert "一次最多检查 2 行" in hand_in(browser, book(units("一", "二"))).text


def test_files_are_kept_sealed_and_forgotten_after_a_day(served: Flask, sign_in_as: SignIn, book: Book) -> None:
    hand_in(sign_in_as(Role.COORDINATOR), book(units("银杏里")))
    with served.app_context():
        stored = db.session.connection().exec_driver_sql("SELECT content FROM upload").scalar()
        assert "上传" not in str(stored)
        clock.clock.shift += timedelta(days=2)
        with transaction():
            assert uploads.forget_old_uploads() == 1


@pytest.mark.parametrize("workbook", WORKBOOKS, ids=lambda workbook: workbook.stem)
def test_blank_templates_come_back_clean(served: Flask, sign_in_as: SignIn, workbook: object) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    each = next(book for book in WORKBOOKS if book is workbook)
    answer = browser.get(f"/import/templates/{each.stem}.xlsx")
    with CalamineWorkbook.from_filelike(io.BytesIO(answer.data)) as read:
        assert read.sheet_names == [*(sheet.name for sheet in each.sheets), NOTES_SHEET]
        for sheet in each.sheets:
            assert read.get_sheet_by_name(sheet.name).to_python() == [sheet.headers]


def test_there_is_no_other_template(served: Flask, sign_in_as: SignIn) -> None:
    assert sign_in_as(Role.COORDINATOR).get("/import/templates/secrets.xlsx").status_code == 404
