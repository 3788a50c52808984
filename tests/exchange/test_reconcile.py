"""Our records beside the national system's own export: every difference is found once, and says what to do."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.browser import Browser
from tests.exchange.files import Book
from tests.served import TODAY, World, served_world
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.exchange import reconciling
from timebank.exchange.handed import hand_in
from timebank.exchange.reconciling import Differs, Ours, Theirs, compare
from timebank.reports import national
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord

SignIn = Callable[..., Browser]
YEAR = date(2026, 1, 1)
HEAD = ["序号", "姓名", "日期", "服务时间（小时）", "全国系统编号", "记录编号"]
DAY = date(2026, 10, 21)


def found(ours: list[Ours], theirs: list[Theirs], unreported: dict[int, Ours] | None = None) -> list[Differs]:
    return [each.what for each in compare(ours, theirs, unreported or {})]


OWN = Ours("370200001", 7, "王秀芬", DAY, 35)


@pytest.mark.parametrize(
    ("theirs", "wanted"),
    [
        ([Theirs("370200001", 0.58)], []),
        ([Theirs("370200001", 0.58, 7, "王秀芬", DAY)], []),
        ([Theirs("370200001", 1.58)], [Differs.HOURS]),
        ([Theirs("370200001", 0.58, name="王秀芳")], [Differs.PERSON]),
        ([Theirs("370200001", 0.58, day=date(2026, 10, 22))], [Differs.PERSON]),
        ([], [Differs.MISSING]),
        ([Theirs("370200001", 0.58), Theirs("370200009", 1)], [Differs.UNKNOWN]),
        ([Theirs("370200001", 0.58), Theirs("370200001", 0.58)], [Differs.TWICE, Differs.TWICE]),
    ],
)
def test_each_difference_is_told_by_its_name(theirs: list[Theirs], wanted: list[Differs]) -> None:
    assert found([OWN], theirs) == wanted


def test_what_was_withdrawn_here_is_to_go_there_and_a_number_nobody_entered_is_to_be_entered() -> None:
    gone = Ours("370200001", 7, "王秀芬", DAY, 0, gone=True)
    assert found([gone], [Theirs("370200001", 0.58)]) == [Differs.WITHDRAWN]
    assert found([gone], []) == []
    assert found([], [Theirs("370200002", 0.58, 8)], {8: Ours("", 8, "王秀芬", DAY, 35)}) == [Differs.UNANSWERED]


def test_the_headings_are_found_below_a_title_and_totals_are_passed_over(book: Book) -> None:
    sheet = [
        ["志愿服务记录导出", "", "", "", "", ""],
        HEAD,
        [1, "王秀芬", "2026-10-21", 0.58, "370200001", "R7"],
        ["合计", "", "", 0.58, "", ""],
    ]
    assert reconciling.read(hand_in([book({"记录": sheet})])) == [Theirs("370200001", 0.58, 7, "王秀芬", DAY)]
    with pytest.raises(Invalid, match="headings were not found"):
        reconciling.read(hand_in([book({"记录": [["甲", "乙"], [1, 2]]})]))
    with pytest.raises(Invalid, match="Row 2"):
        reconciling.read(hand_in([book({"记录": [HEAD, [1, "王秀芬", "2026-13-21", 0.58, "370200001", "R7"]]})]))


def reported(app: Flask) -> World:
    """Give an office that has reported two of its three records, and corrected one of these since."""
    world = served_world(app)
    with transaction():
        community, _volunteer, coordinator = world.get()
        national.acknowledge(community.id, "R1 370200001\nR2 370200002", coordinator)
        correct(db.session.get_one(ServiceRecord, 2), 40, "看错了表", coordinator)
    return world


def test_the_page_and_the_workbook_say_the_same_and_the_look_is_on_record(app: Flask, sign_in_as: SignIn, book: Book) -> None:
    with app.app_context():
        world = reported(app)
    browser = sign_in_as(Role.COORDINATOR, community_id=world.community)
    sheet = [HEAD, [1, "王秀芬", "2026-10-21", 0.58, "370200001", "R1"], [2, "王秀芬", "2026-10-28", 0.87, "370200002", "R2"],
             [3, "王秀芬", "2026-11-25", 0.67, "370200003", "R3"]]  # fmt: skip
    name, data = book({"记录": sheet})
    asked = {"start": YEAR.isoformat(), "end": TODAY.isoformat()}
    page = browser.send("/import/national", files=[(io.BytesIO(data), name)], **asked).text
    assert "有 2 处不一样" in page
    assert "时长不一样" in page
    assert "在“报送全国系统”里登记这个编号" in page
    answer = browser.send("/import/national", files=[(io.BytesIO(data), name)], excel="1", **asked)
    assert answer.data.startswith(b"PK")
    assert "请先选择要导入的文件" in browser.send("/import/national", **asked).text
    assert sign_in_as(Role.INSPECTOR, community_id=world.community).get("/import/national").status_code == 403
