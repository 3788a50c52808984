"""Years of service from an older system come in beside the hours signed here, once a second person has accepted them, and credit nothing."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.exchange.files import Book, take_in
from tests.served import TODAY, World, served_world
from timebank import audit
from timebank.access.models import Role, User
from timebank.books import queries
from timebank.certificates import actions as papers
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.exchange import undoing
from timebank.exchange.models import ImportBatch
from timebank.exchange.report import Fate, Report
from timebank.papers import seal
from timebank.records import older
from timebank.records.actions import older as verbs
from timebank.records.models import OlderBatch, OlderService
from timebank.volunteers.models import Volunteer

HEAD = ["原系统", "原编号", "志愿者编号", "日期", "分钟", "服务内容", "地点", "原标记"]
SignIn = Callable[..., Browser]


@pytest.fixture
def world(app: Flask) -> World:
    """Give a community in which one volunteer served in October and in November."""
    return served_world(app)


def sheet(number: str, *rows: tuple[str, str, int]) -> dict[str, list[list[object]]]:
    """Return a workbook of an older system's rows of one volunteer."""
    lines = [["市志愿者网", each, number, day, minutes, "助老", "", "扫码"] for each, day, minutes in rows]
    return {"历史服务": [HEAD, *lines]}


def handed_in(world: World, book: Book, *rows: tuple[str, str, int]) -> Report:
    """Import rows as a coordinator does."""
    _, volunteer, coordinator = world.get()
    mark = audit.actor.set(f"user:{coordinator.id}")
    try:
        return take_in(book(sheet(volunteer.number, *rows)))
    finally:
        audit.actor.reset(mark)


def accepted() -> None:
    """Let another coordinator accept the one batch there is."""
    batch = db.session.scalars(select(OlderBatch)).one()
    verbs.accept(batch, colleague(), older.digest_of(batch))


def colleague() -> User:
    """Return another coordinator."""
    return make.make_user(Role.COORDINATOR, db.session.scalars(select(make.Community)).first(), name="另一位")


def test_it_counts_once_a_second_person_has_accepted_it_and_is_in_no_sum(both: Flask, book: Book) -> None:
    world = served_world(both)
    with both.app_context():
        before = db.session.scalar(text("SELECT COUNT(*) FROM ledger_transfer"))
        report = handed_in(world, book, ("A1", "2024-03-05", 90), ("A2", "2026-10-01", 60))
        assert report.applied, [str(each) for each in report.problems]
        _, volunteer, coordinator = world.get()
        assert queries.statement(volunteer, date(2026, 10, 1)).older.minutes == 0
        batch = db.session.scalars(select(OlderBatch)).one()
        with pytest.raises(Conflict, match="You imported this"), transaction():
            verbs.accept(batch, coordinator, older.digest_of(batch))
        with transaction():
            verbs.accept(batch, colleague(), older.digest_of(batch))
        month = queries.statement(volunteer, date(2026, 10, 1))
        assert (month.older.minutes, month.older.systems, month.lifetime) == (150, "市志愿者网", 87)
        assert db.session.scalar(text("SELECT COUNT(*) FROM ledger_transfer")) == before
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text("UPDATE older_service SET minutes = 999"))
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text("DELETE FROM older_service"))


def test_a_certificate_says_it_apart_under_its_seal(app: Flask, world: World, book: Book) -> None:
    with app.app_context():
        handed_in(world, book, ("A1", "2024-03-05", 90), ("A2", "2026-10-01", 60))
        with transaction():
            accepted()
        with transaction():
            _, volunteer, coordinator = world.get()
            paper = papers.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
        assert (paper.content["total_minutes"], paper.content["older_minutes"]) == (127, 60)
        assert seal.lines(paper.content)[-1] == "19=60/1.0/市志愿者网"
        assert papers.is_whole(paper)
        assert seal.digest(seal.lines(paper.content | {"older_minutes": 600})) != paper.content_sha256


def test_the_same_file_again_changes_nothing_and_what_was_accepted_is_not_rewritten(app: Flask, world: World, book: Book) -> None:
    with app.app_context():
        handed_in(world, book, ("A1", "2024-03-05", 90))
        assert handed_in(world, book, ("A1", "2024-03-05", 90)).rows(Fate.SAME) == 1
        assert handed_in(world, book, ("A1", "2024-03-05", 95)).rows(Fate.CHANGED) == 1
        with transaction():
            accepted()
        assert handed_in(world, book, ("A1", "2024-03-05", 95)).rows(Fate.SAME) == 1
        assert "已经收下" in handed_in(world, book, ("A1", "2024-03-05", 500)).problems[0].zh
        assert "还没有到" in handed_in(world, book, ("A3", "2030-03-05", 60)).problems[0].zh


def test_an_import_taken_back_does_not_bring_back_what_nobody_has_accepted(app: Flask, world: World, book: Book) -> None:
    """First 600 minutes, then 60 for the colleague to accept, then back to 600 by taking the second import back."""
    with app.app_context():
        handed_in(world, book, ("A1", "2024-03-05", 600))
        second = handed_in(world, book, ("A1", "2024-03-05", 60))
        with transaction():
            accepted()
        with transaction():
            done = undoing.undo(db.session.get_one(ImportBatch, second.batch), None)
        assert (done.back, [table for table, _ in done.kept]) == (0, ["older_service"])
        assert db.session.scalars(select(OlderService.minutes)).all() == [60]


def test_what_is_refused_goes_for_a_reason_and_may_come_again(app: Flask, world: World, book: Book) -> None:
    with app.app_context():
        handed_in(world, book, ("A1", "2024-03-05", 90))
        batch = db.session.scalars(select(OlderBatch)).one()
        with pytest.raises(Invalid), transaction():
            verbs.refuse(batch, colleague(), " ")
        with transaction():
            verbs.refuse(batch, colleague(), "没有原件")
        assert db.session.scalar(select(func.count()).select_from(OlderService)) == 0
        assert handed_in(world, book, ("A1", "2024-03-05", 90)).applied
        assert len(older.batches(world.community)) == 2


def test_the_pages_lead_a_second_person_to_it_and_the_books_show_it_apart(app: Flask, world: World, book: Book, sign_in_as: SignIn) -> None:
    with app.app_context():
        handed_in(world, book, ("A1", "2024-03-05", 90))
        batch = db.session.scalars(select(OlderBatch.id)).one()
        volunteer = db.session.get_one(Volunteer, world.volunteer).id
    browser = sign_in_as(Role.COORDINATOR, community_id=world.community)
    assert "旧系统的服务记录：市志愿者网" in browser.get("/proposals").text
    assert "市志愿者网" in browser.get("/older").text
    assert "看过，收下" in browser.get(f"/older/{batch}").text
    assert browser.send(f"/older/{batch}/refuse", reason="").status_code == 422
    seen = re.findall(r'name="seen" value="(\w+)"', browser.get(f"/older/{batch}").text)[0]
    assert browser.send(f"/older/{batch}/accept", seen=seen).status_code == 303
    assert "已收下" in browser.get(f"/older/{batch}").text
    page = browser.get(f"/books/{volunteer}").text
    assert "另有旧系统（市志愿者网）记录 1.5 小时" in page
