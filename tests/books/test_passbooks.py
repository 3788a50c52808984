"""The paper passbook: a running balance, a code a line, lost and replaced; what was printed stays printed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.browser import Browser
from tests.served import World, served_world
from timebank.access.models import Role
from timebank.books import passbooks
from timebank.books.booklets import Ended, Passbook, PassbookLine
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.ledger import actions as ledger


def donate(world: World, minutes: int, key: str) -> None:
    """Move minutes off the volunteer's account."""
    _, volunteer, _ = world.get()
    ledger.donate(volunteer.account_id, minutes, source=f"test:{key}", idem=("test", key), actor="test")


def test_a_book_begins_with_the_balance_and_every_line_runs_on_from_the_one_before(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        _, volunteer, by = world.get()
        book = passbooks.open_book(volunteer, by)
        assert (book.carried, passbooks.waiting(book)) == (127, [])
        with pytest.raises(Conflict):
            passbooks.bring_up(book, by)
        donate(world, 30, "1")
        donate(world, 7, "2")
        lines = passbooks.bring_up(book, by)
        assert [(line.place, line.minutes, line.balance) for line in lines] == [(1, -30, 97), (2, -7, 90)]
        assert book.balance == 90
        assert lines[0].code != lines[1].code
        paper = passbooks.paper(book, 2, "zh")
        assert [row[3:] for row in paper.tables[0].rows] == [(-7, 90, lines[1].code)]
        assert [figure.value for figure in paper.figures] == ["97", "90"]


def test_a_lost_book_is_void_and_the_next_one_goes_on_from_its_last_line(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, by = world.get()
        book = passbooks.open_book(volunteer, by)
        with pytest.raises(Conflict):
            passbooks.open_book(volunteer, by)
        donate(world, 30, "1")
        first = passbooks.bring_up(book, by)[0]
        donate(world, 7, "2")
        newer = passbooks.replace(book, Ended.LOST, by)
        assert (newer.number, newer.carried, [line.minutes for line in passbooks.waiting(newer)]) == (f"{volunteer.number}-2", 97, [-7])
        assert passbooks.in_use(volunteer) is newer
        for gone in (lambda: passbooks.bring_up(book, by), lambda: passbooks.replace(book, Ended.FULL, by)):
            with pytest.raises(Conflict):
                gone()
        assert passbooks.line_with(volunteer, book.number.lower(), 1, f" {first.code.lower()} ") is first
        assert passbooks.line_with(volunteer, book.number, 1, "AAAAAA") is None
        assert passbooks.line_with(volunteer, newer.number, 1, first.code) is None


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE passbook_line SET balance = 999",
        "DELETE FROM passbook_line",
        (
            "INSERT INTO passbook_line (passbook_id, place, transfer_seq, minutes, balance, code, printed_at, printed_by)"
            " SELECT passbook_id, 2, 1, 10, 999, 'ABCDEF', printed_at, printed_by FROM passbook_line"
        ),
        (
            "INSERT INTO passbook (community_id, volunteer_id, serial, number, carried, after_seq, opened_at, opened_by)"
            " SELECT community_id, volunteer_id, 2, 'X-2', 0, 0, opened_at, opened_by FROM passbook"
        ),
        "UPDATE passbook SET ended = 'lost'",
    ],
    ids=["changed", "deleted", "balance_jumps", "two_in_use", "ended_by_nobody"],
)
def test_the_database_keeps_what_was_printed(both: Flask, broken: str) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            book = passbooks.open_book(world.get()[1], world.get()[2])
            donate(world, 30, "1")
            passbooks.bring_up(book, world.get()[2])
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(text(broken))
        with transaction():
            assert [line.balance for line in db.session.scalars(db.select(PassbookLine))] == [97]
            assert [book.ended for book in db.session.scalars(db.select(Passbook))] == [None]


def test_the_desk_opens_brings_up_prints_checks_and_replaces_a_book(desk: Browser, world: World, app: Flask) -> None:
    page = f"/books/{world.volunteer}/passbook"
    assert "还没有存折" in desk.get(page).text
    assert desk.send(page).status_code == 303
    with app.app_context(), transaction():
        donate(world, 30, "1")
    assert "还有 1 笔没有登" in desk.get(page).text
    assert desk.send(f"{page}/lines").status_code == 303
    shown = " ".join(re.sub(r"<[^>]+>", " ", desk.get(page).text).split())
    assert "−30 97" in shown
    assert desk.get(f"{page}.pdf?first=1").data.startswith(b"%PDF")
    assert desk.get(f"{page}.pdf?lang=en").data.startswith(b"%PDF")
    with app.app_context():
        line = db.session.scalars(db.select(PassbookLine)).one()
        number, code = line.passbook.number, line.code
    assert "是这里登的：第 1 行" in desk.get(f"{page}?number={number}&place=1&code={code}").text
    assert "对不上" in desk.get(f"{page}?number={number}&place=1&code=AAAAAA").text
    assert desk.send(f"{page}/replace", why="lost").status_code == 303
    again = desk.get(page).text
    assert f"{number} · 丢了" in again
    assert "这本存折已经作废" in desk.get(f"{page}?number={number}&place=1&code={code}").text
    assert desk.send(f"{page}/replace", why="eaten").status_code == 422


def test_an_inspector_reads_the_book_and_cannot_print_in_it(world: World, sign_in_as: Callable[..., Browser]) -> None:
    inspector = sign_in_as(Role.INSPECTOR, community_id=world.community)
    page = f"/books/{world.volunteer}/passbook"
    assert inspector.get(page).status_code == 200
    assert inspector.send(page).status_code == 403
    assert inspector.get(f"/books/{world.volunteer + 900}/passbook").status_code == 404
