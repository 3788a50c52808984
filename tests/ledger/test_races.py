"""Many at once: the same credit, the same key, the last minutes of an account."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest
from flask import Flask

from timebank.db import forget_reads, transaction
from timebank.errors import Conflict
from timebank.ledger import actions, queries
from timebank.ledger.models import AccountKind, Transfer
from timebank.ledger.verify import verify

AT_ONCE = 8


def _race(app: Flask, deed: Callable[[int], Transfer]) -> list[int | None]:
    """Let everybody do it at the same moment; give each one's transfer, or nothing where it was refused."""
    forget_reads()
    start = threading.Barrier(AT_ONCE)

    def run(number: int) -> int | None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    return deed(number).seq
            except Conflict:
                return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_one_record_is_credited_once_by_many_at_once(app: Flask, book: SimpleNamespace) -> None:
    def credit(number: int, source: str) -> Transfer:
        return actions.earn(book.volunteer, 60, source=source, idem=(f"user:{number}", source), actor=f"user:{number}")

    for turn in range(1, 6):
        seqs = _race(app, partial(credit, source=f"record:{turn}:v1"))
        assert len([seq for seq in seqs if seq is not None]) == 1
        assert queries.balance(book.volunteer) == 60 * turn
    assert verify().transfers == 5


def test_one_request_sent_many_times_at_once_gives_everybody_the_same_transfer(app: Flask, book: SimpleNamespace) -> None:
    def credit(_number: int, source: str) -> Transfer:
        return actions.earn(book.volunteer, 60, source=source, idem=("record", source), actor="user:1")

    for turn in range(1, 6):
        seqs = _race(app, partial(credit, source=f"record:{turn}:v1"))
        assert len(set(seqs)) == 1
        assert queries.by_key("record", f"record:{turn}:v1") is not None
    assert verify().transfers == 5


def test_without_the_lock_the_constraints_alone_keep_the_book(app: Flask, book: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "lock", lambda _community_id: None)

    def same(_number: int) -> Transfer:
        return actions.earn(book.volunteer, 60, source="record:1:v1", idem=("record", "1"), actor="user:1")

    def other(number: int) -> Transfer:
        return actions.earn(book.other, 60, source="record:2:v1", idem=("record", f"2:{number}"), actor="user:1")

    assert len({seq for seq in _race(app, same) if seq is not None}) == 1
    assert len([seq for seq in _race(app, other) if seq is not None]) == 1
    assert queries.balance(book.volunteer) == queries.balance(book.other) == 60
    assert verify().transfers == 2
    assert verify().ok


def test_the_last_minutes_are_spent_once(app: Flask, book: SimpleNamespace) -> None:
    with transaction():
        actions.earn(book.volunteer, 100, source="record:1:v1", idem=("record", "1"), actor="user:1")
    seqs = _race(
        app,
        lambda number: actions.donate(book.volunteer, 60, source="donation:1", idem=("donate", str(number)), actor="user:2"),
    )
    assert len([seq for seq in seqs if seq is not None]) == 1
    assert queries.balance(book.volunteer) == 40


def test_a_new_community_opens_its_own_accounts_once(app: Flask) -> None:
    with transaction():
        first = actions.open_account(2).id
    seqs = _race(
        app,
        lambda number: actions.earn(first, 60, source=f"record:{number}:v1", idem=("record", str(number)), actor="user:1"),
    )
    assert None not in seqs
    assert queries.totals(2)[AccountKind.ISSUED] == -60 * AT_ONCE
    assert queries.chain_head(2).seq == max(seq for seq in seqs if seq)
    assert verify(2).ok
