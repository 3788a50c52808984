"""What was given when a month was closed stays as it was given: the database refuses everything else."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.books.test_closed_months import NOVEMBER, OCTOBER, close, papers, put_right, the_volunteer
from tests.served import World, served_world
from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.records.actions import objecting
from timebank.visits.closing import MonthClose


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE month_close SET last_record = 0",
        "DELETE FROM month_close",
        "UPDATE issued_statement SET number = 'DZ-1'",
        "UPDATE issued_statement SET content = '{}'",
        "DELETE FROM issued_statement",
        "UPDATE issued_report SET content = '{}'",
        "DELETE FROM issued_report",
    ],
)
def test_the_database_keeps_what_was_given(both: Flask, statement: str) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(statement))


@pytest.mark.parametrize(("month", "said"), [(date(2027, 3, 1), "one after the other"), (date(2026, 11, 2), "first day")])
def test_the_database_closes_whole_months_one_after_the_other(both: Flask, month: date, said: str) -> None:
    world = served_world(both)
    with both.app_context():
        if month.day == 1:
            close(world)
        spring = date(2027, 4, 1)
        values = {"community_id": world.community, "month": month, "until": spring, "issued_on": spring, "closed_at": clock.now()}
        with pytest.raises(IntegrityError, match=said), transaction():
            make.add(MonthClose(**values, last_record=0, head_seq=0, head_hash="", weekly=0, left_open=0))


def test_the_database_takes_the_next_month(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        close(world)
        make.set_clock("2026-12-07 10:00")
        close(world, NOVEMBER)
        assert db.session.scalar(select(func.count()).select_from(MonthClose)) == 2


def test_the_database_lets_nobody_answer_to_their_own_correction(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        newer = put_right(world, OCTOBER, 0, 20)
        with transaction():
            said = objecting.object_to(newer, the_volunteer(world), "不对").id
        with pytest.raises(IntegrityError, match="nobody answers to their own correction"), transaction():
            db.session.execute(
                text("UPDATE objection SET answer = 'x', answered_at = raised_at, answered_by = :who WHERE id = :said"),
                {"who": world.coordinator, "said": said},
            )


def test_a_paper_that_was_tampered_with_is_not_printed(app: Flask, world: World) -> None:
    with app.app_context():
        close(world)
        with transaction():
            db.session.execute(text("DROP TRIGGER issued_statement_keep"))
            db.session.execute(text("UPDATE issued_statement SET content = REPLACE(content, '\"minutes\": 52', '\"minutes\": 520')"))
        with pytest.raises(Conflict, match="differs from what was given"):
            papers(world)
