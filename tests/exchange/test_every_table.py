"""Nothing is lost by leaving: every table goes out or is named here with its reason, and each row of each comes in as it was, on either kind of database."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, Table, func, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from tests import databases
from tests.api.conftest import whole_town
from tests.conftest import migrated
from tests.exchange.test_whole import PASSPHRASE, office
from timebank import wholly
from timebank.books.booklets import CODE_LENGTH
from timebank.db import Instant, db, transaction
from timebank.exchange import going_out, unpacking
from timebank.exchange.resealing import opened
from timebank.exchange.whole import Order
from timebank.ledger.verify import verify
from timebank.sealed import Sealed, sealer

STAYS_BEHIND = {
    "alembic_version": "says which schema the database has; the new one has its own",
    "seal": "each database chains its own rows under its own key; what comes in is sealed as it comes",
    "lease": "which process does what at this moment",
    "session": "lets a browser in: everybody signs in again",
    "sign_in_code": "lets somebody in, for some minutes",
    "wrong_try": "belongs to a sign-in code that stays behind",
    "magic_link": "lets somebody in",
    "second_factor": "lets somebody in: the second step is set up again",
    "api_token": "lets a program in: its owner makes another",
    "submission": "remembers forms for a day, so that a second tap counts once",
    "upload": "files that are being looked at before an import, for an hour",
    "webhook": "has the key its calls are signed with, and an address that need not be the new office's",
    "webhook_call": "belongs to a webhook",
    "feed": "its address is its secret: whoever follows a calendar makes another",
}
DRAWN_ANEW = {
    "visit": {"code"},
    "check_week": {"seed"},
    "family_code": {"code_hash"},
    "notice": {"text"},
    "message_channel": {"sealed_settings"},
    "proposal": {"sealed_terms"},
}
"""What opens something is drawn anew or left out; everything else of these rows is as it was (test_whole reads what becomes of them)."""
AUDITED = 1
"""That everything came in is on record where it came in."""
DAY, MOMENT = "2026-11-23", "2026-11-24T04:00:00+00:00"


def test_every_table_goes_out_or_stands_here_with_its_reason(both: Flask) -> None:
    with both.app_context():
        known = set(inspect(db.engine).get_table_names())
    assert known - {table.name for table in wholly.tables(secrets=False)} == set(STAYS_BEHIND)


def test_nothing_that_goes_out_points_at_what_stays_behind() -> None:
    """Such a row would have no place to come in: a mistyped sign-in code once kept a whole office from coming back."""
    pointing = {
        (table.name, there.parent.name): there.column.table.name for table in wholly.tables(secrets=False) for there in table.foreign_keys
    }
    assert {each: there for each, there in pointing.items() if there in STAYS_BEHIND} == {}


def some_row(connection: Connection, table: Table, number: int, *, whole: bool) -> dict[str, Any]:
    """Return a row that a table could have; ``whole`` fills what may be empty too."""
    row = {column.name: value_of(connection, column, number) for column in table.columns if whole or not column.nullable}
    return {name: value for name, value in (row | SHAPES.get(table.name, {})).items() if value is not None}


def value_of(connection: Connection, column: Column[Any], number: int) -> Any:
    """Return a value of a column: the number of a row it points at, a word of its choices, or anything of its kind."""
    kind = column.type
    if column.foreign_keys:
        there = next(iter(column.foreign_keys)).column
        return (
            connection.execute(select(there).order_by(there).offset(number - 1).limit(1)).scalar()
            or connection.execute(select(func.min(there))).scalar()
        )
    if isinstance(kind, Enum):
        return kind.enums[0]
    if isinstance(kind, Sealed):
        return sealer.fernet.encrypt('{"words": "封好的字"}'.encode()).decode()
    if isinstance(kind, JSON):
        return ["1"] if "list" in str(column.info) else {"1": 2}
    for of, value in ((Boolean, True), (Integer, number), (Date, DAY), (Instant, MOMENT)):
        if isinstance(kind, of):
            return value
    return f"字{number}" if kind.python_type is str else b"x"


SHAPES: dict[str, dict[str, Any]] = {
    "month_close": {"month": "2026-10-01", "until": "2026-11-01", "issued_on": "2026-11-02"},
    "quiet_hours": {"starts": 1320, "ends": 420},
    "star_rule": {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "days": 5},
    "lending": {"lender_id": 1, "borrower_id": 2, "state": "asked", "decided_by": None, "over_at": None},
    "star_review": {"carried": 0, "level": 1, "verdict": None, "decided_at": None, "decided_by": None, "second_by": None, "until": None},
    "passbook_line": {"code": "ABCDEFGH"[:CODE_LENGTH].ljust(CODE_LENGTH, "7")},
    "merger": {"kept_volunteer_id": 1, "gone_volunteer_id": 2, "kept_elder_id": None, "gone_elder_id": None},
    "issued_report": {"content_sha256": "a" * 64},
    "issued_statement": {"content_sha256": "a" * 64},
    "visit_hand": {"from_id": 1, "to_id": 2, "state": "asked", "over_at": None},
    "desk_act": {"what": "star", "objection_id": None, "link_id": None, "proposal_id": None},
}
"""What a table asks of its rows beyond their kinds."""


def fill() -> list[tuple[str, list[str]]]:
    """Give every table that has none a row; return those that take none, and why."""
    left = []
    with transaction():
        connection = db.session.connection()
        with wholly.filling(connection):
            for table in wholly.tables(secrets=True):
                if connection.execute(select(func.count()).select_from(table)).scalar():
                    continue
                errors = []
                for number, whole in itertools.product((1, 2, 3), (True, False)):
                    try:
                        with connection.begin_nested():
                            wholly.put_rows(connection, table, [some_row(connection, table, number, whole=whole)])
                        break
                    except (DBAPIError, ValueError, TypeError) as error:
                        errors.append(str(error).splitlines()[0][:160])
                else:
                    left.append((table.name, errors))
    return left


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row that goes out, what is under seal as the office reads it."""
    rows = {}
    connection = db.session.connection()
    for table in wholly.tables(secrets=False):
        skip = DRAWN_ANEW.get(table.name, set())
        rows[table.name] = [
            {name: value for name, value in opened(table, row).items() if name not in skip} for row in wholly.rows_of(connection, table)
        ]
    return rows


def balances() -> list[tuple[Any, ...]]:
    """Return every account as it stands."""
    return [tuple(row) for row in db.session.execute(text("SELECT id, kind, balance, last_seq FROM ledger_account ORDER BY id"))]


@pytest.mark.parametrize("kinds", [("sqlite", "postgresql"), ("postgresql", "sqlite")], ids=" to ".join)
def test_every_row_of_every_table_comes_in_as_it_went_out(kinds: tuple[str, str], tmp_path: Path, folder: Path, server: str) -> None:
    """Two towns with one of everything, and a row in each table that they leave empty: none is missing, none has changed, no minute is elsewhere."""
    here, there = (databases.fresh_database(kind, migrated, folder=folder, server=server) for kind in kinds)
    with office(here, tmp_path / "old", "the old office's own key, long enough") as app:
        for mark in "甲乙":
            whole_town(app, mark)
        assert fill() == []
        file, made = going_out.export_to(tmp_path, Order(PASSPHRASE))
        before, had = everything(), balances()
    assert [name for name, rows in before.items() if not rows] == []
    assert {name: said["rows"] for name, said in made.tables.items()} == {name: len(rows) for name, rows in before.items()}
    with office(there, tmp_path / "new", "another key that the new office has made"):
        with transaction():
            unpacking.take_in_whole(file, unpacking.look_into(file), PASSPHRASE)
        after = everything()
        assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()} | {
            "audit": len(before["audit"]) + AUDITED
        }
        assert [name for name, rows in before.items() if after[name][: len(rows)] != rows] == []
        assert balances() == had
        assert verify().ok
