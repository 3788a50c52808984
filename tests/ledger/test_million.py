"""A book of a million transfers is checked in a minute of one processor, and in little memory; a changed one is named."""

import itertools
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from tests.ledger.forging import COLUMNS, run
from timebank.db import db, forget_reads
from timebank.ledger import chain, ddl
from timebank.ledger.verify import verify

SECONDS = 60
IN_CI, LONG = 5_000, 1_000_000
AT = "2026-11-23 01:00:00.000000"


def _moves(book: SimpleNamespace, count: int) -> Iterator[dict[str, Any]]:
    """Yield rows of a busy community: credits, gifts, holds that are settled, and a reversal now and then."""
    for turn in itertools.count(1):
        first = (turn - 1) * 5 + 1
        earned = {"debit_id": book.issued, "credit_id": book.volunteer, "kind": "earn", "source": f"record:x{turn}.1:v1"}
        yield earned
        yield {"debit_id": book.volunteer, "credit_id": book.elder, "kind": "gift", "source": "link:1"}
        yield {"debit_id": book.elder, "credit_id": book.held, "kind": "hold", "source": f"visit:{turn}"}
        yield {"debit_id": book.held, "credit_id": book.redeemed, "kind": "settle", "source": f"visit:{turn}", "hold_seq": first + 2}
        yield {
            "debit_id": book.redeemed,
            "credit_id": book.held,
            "kind": "reversal",
            "source": f"transfer:{first + 3}",
            "reverses": first + 3,
        }
        if first + 5 > count:
            return


def fill(book: SimpleNamespace, count: int) -> None:
    """Write the rows with right seals, the guards off, as a restored backup would bring them."""
    dialect = db.engine.dialect.name
    balances: Counter[int] = Counter()
    newest: dict[int, int] = {}
    head, rows = chain.GENESIS, []
    for seq, move in enumerate(_moves(book, count), start=1):
        row = dict.fromkeys(chain.SEALED) | move
        row |= {"seq": seq, "community_id": 1, "minutes": 1, "idem_scope": "fill", "idem_key": str(seq), "actor": "user:1", "at": AT}
        row |= {"prev_hash": head}
        head = row["hash"] = chain.digest([row[name] for name in chain.SEALED])
        balances[move["credit_id"]] += 1
        balances[move["debit_id"]] -= 1
        newest |= {move["credit_id"]: seq, move["debit_id"]: seq}
        rows.append(tuple(row[name] for name in COLUMNS))
    forget_reads()
    with db.engine.begin() as connection:
        for statement in ddl.drop(dialect):
            connection.exec_driver_sql(statement)
        names, marks = ", ".join(COLUMNS), ", ".join("?" if dialect == "sqlite" else "%s" for _ in COLUMNS)
        connection.exec_driver_sql(f"INSERT INTO ledger_transfer ({names}) VALUES ({marks})", rows)
        for account, minutes in balances.items():
            connection.exec_driver_sql(f"UPDATE ledger_account SET balance = {minutes}, last_seq = {newest[account]} WHERE id = {account}")
        for statement in ddl.create(dialect):
            connection.exec_driver_sql(statement)


def test_a_check_reads_a_slice_at_a_time(app: Flask, book: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory follows the slice, not the book."""
    del app
    fill(book, IN_CI)
    assert verify().ok, "or the long test would check a book that is none"
    most = {}
    for size in (100, IN_CI):
        monkeypatch.setattr("timebank.ledger.verify._SLICE", size)
        verify()
        tracemalloc.start()
        assert verify().transfers == IN_CI
        most[size] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most[100] < most[IN_CI] / 4


@pytest.mark.long
def test_a_million_transfers_are_checked_in_a_minute(app: Flask, book: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    fill(book, LONG)
    began = time.process_time()
    report = verify()
    spent = time.process_time() - began
    with capsys.disabled():
        sys.stdout.write(f" {app.config['SQLALCHEMY_DATABASE_URI'].split(':')[0]}: {report.transfers} transfers checked in {spent:.1f} s ")
    assert report.ok, report.en
    assert report.transfers == LONG
    assert spent <= SECONDS
    bad = LONG // 2 + 1
    for statement in (each for each in ddl.drop(db.engine.dialect.name) if "TRIGGER ledger_transfer_no_update" in each):
        run(statement)
    run("UPDATE ledger_transfer SET actor = 'user:2' WHERE seq = :seq", {"seq": bad})
    assert verify().first_bad_seq == bad
