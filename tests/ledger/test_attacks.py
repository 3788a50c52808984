"""Every way to write a wrong row past the actions, refused by the database itself."""

import itertools
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from tests.ledger.forging import forged, run, stored, write
from timebank.db import db, forget_reads, transaction
from timebank.errors import Conflict
from timebank.ledger import actions, claims, ddl, owing, queries
from timebank.ledger.models import AccountKind, Transfer
from timebank.ledger.verify import verify

ASKED = actions.Asked(idem=("test", "1"), actor="user:1")


@pytest.fixture
def earned(book: SimpleNamespace) -> Transfer:
    """Credit the volunteer with 60 minutes."""
    with transaction():
        return actions.earn(book.volunteer, 60, source="record:1:v1", **ASKED)


@pytest.fixture
def assert_refused(app: Flask, book: SimpleNamespace, earned: Transfer) -> Callable[..., None]:
    """Give a check that a deed is refused and leaves the book as it was."""
    del app

    def check(deed: Callable[[], None], words: str = "") -> None:
        before = (queries.chain_head(1), queries.balance(book.volunteer))
        forget_reads()
        with pytest.raises(DBAPIError) as error:
            deed()
        assert words in str(error.value)
        assert (queries.chain_head(1), queries.balance(book.volunteer)) == before
        assert verify().ok

    assert earned.seq
    return check


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def test_a_row_that_is_right_in_everything_passes(book: SimpleNamespace, earned: Transfer) -> None:
    forget_reads()
    write(forged(debit_id=book.issued, credit_id=book.volunteer))
    assert queries.balance(book.volunteer) == 120
    assert verify().ok
    assert earned.minutes == 60


def test_nothing_is_ever_updated_deleted_or_truncated(assert_refused: Callable[..., None]) -> None:
    for change in ("minutes = 600", "note = 'x'", "hash = prev_hash", "seq = seq + 10"):
        assert_refused(lambda change=change: run(f"UPDATE ledger_transfer SET {change}"), "for ever")
    for table in ("ledger_transfer", "ledger_account"):
        assert_refused(lambda table=table: run(f"DELETE FROM {table}"), "for ever")
        if not _on_sqlite():
            assert_refused(lambda table=table: run(f"TRUNCATE {table} CASCADE"), "for ever")


def test_replace_rewrites_nothing_whatever_the_pragma(book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]) -> None:
    collisions: tuple[dict[str, object], ...] = (
        {"seq": earned.seq, "prev_hash": earned.prev_hash},
        {"idem_scope": earned.idem_scope, "idem_key": earned.idem_key},
        {"source": earned.source},
        {"prev_hash": earned.prev_hash},
    )
    verbs = ("INSERT OR REPLACE INTO", "REPLACE INTO") if _on_sqlite() else ("INSERT INTO",)
    pragmas_off = (False, True) if _on_sqlite() else (False,)
    for same, verb, quietly in itertools.product(collisions, verbs, pragmas_off):
        row = forged(**({"debit_id": book.issued, "credit_id": book.volunteer, "minutes": 600} | same))
        assert_refused(lambda row=row, verb=verb, quietly=quietly: write(row, verb, quietly=quietly))


def test_replace_from_another_community_takes_no_row(book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]) -> None:
    assert book.volunteer == earned.credit_id
    with transaction():
        stranger = actions.open_account(2).id
        issued = actions.system_account(2, AccountKind.ISSUED).id
    row = forged(community_id=2, seq=earned.seq, debit_id=issued, credit_id=stranger)
    assert_refused(lambda: write(row, "REPLACE INTO" if _on_sqlite() else "INSERT INTO", quietly=_on_sqlite()), "seq is taken")


def test_replace_gives_no_second_reversal(book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]) -> None:
    with transaction():
        actions.reverse(earned, "user:1", "wrong")
    row = forged(debit_id=book.volunteer, credit_id=book.issued, kind="reversal", source="transfer:1", reverses=earned.seq)
    for verb, pragma_off in (("REPLACE INTO", True), ("REPLACE INTO", False)) if _on_sqlite() else ():
        assert_refused(lambda verb=verb, off=pragma_off: write(row, verb, quietly=off), "already reversed")
    assert_refused(lambda: write(row), "already reversed")


def test_an_upsert_changes_nothing(book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]) -> None:
    row = stored(earned) | {"minutes": 600}
    assert_refused(lambda: write(row, after="ON CONFLICT (seq) DO UPDATE SET minutes = 600"))
    opening = (
        "INSERT INTO ledger_account (id, community_id, kind, limit_minutes, balance, last_seq, opened_at)"
        " SELECT id, community_id, kind, limit_minutes, 0, 0, opened_at FROM ledger_account WHERE id = :id"
    )
    assert_refused(lambda: run(f"{opening} ON CONFLICT (id) DO UPDATE SET balance = 600", {"id": book.volunteer}))


def test_an_account_is_not_replaced(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    if _on_sqlite():
        again = (
            "REPLACE INTO ledger_account (id, community_id, kind, limit_minutes, balance, last_seq, opened_at)"
            " SELECT id, community_id, kind, 9999, 0, 0, opened_at FROM ledger_account WHERE id = :id"
        )
        assert_refused(lambda: run(again, {"id": book.volunteer}, quietly=True), "account exists")


MALFORMED: tuple[dict[str, object], ...] = (
    {"minutes": 0},
    {"minutes": -60},
    {"minutes": 44_641},
    {"minutes": None},
    {"minutes": "many"},
    {"credit_id": None},
    {"source": None},
    {"source": ""},
    {"source": "visit:1"},
    {"source": "record:1"},
    {"source": "record::v"},
    {"source": "Record:1:v1"},
    {"actor": ""},
    {"approver": "nobody"},
    {"kind": "interest"},
    {"kind": "grant"},
    {"kind": "manual"},
    {"kind": "reversal"},
    {"hold_seq": 1},
    {"reverses": 1},
    {"prev_hash": "f" * 64},
    {"seq": 0},
    {"idem_key": None},
)


def test_a_malformed_credit_is_refused(book: SimpleNamespace, assert_refused: Callable[..., None], subtests: pytest.Subtests) -> None:
    for change in MALFORMED:
        with subtests.test(str(change)):
            row = forged(**({"debit_id": book.issued, "credit_id": book.volunteer} | change))
            assert_refused(lambda row=row: write(row))


def test_a_fraction_of_a_minute_is_never_stored(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    row = forged(debit_id=book.issued, credit_id=book.volunteer, minutes=1.5)
    if _on_sqlite():
        assert_refused(lambda: write(row), "not whole")
    else:  # the column's type has made it whole before any trigger sees it; the seal tells
        write(row)
        assert queries.balance(book.volunteer) == 62
        assert verify().first_bad_seq == row["seq"]


def test_minutes_do_not_go_from_an_account_to_itself(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    row = forged(debit_id=book.volunteer, credit_id=book.volunteer, kind="gift", source="gift:1")
    assert_refused(lambda: write(row))


def test_a_second_credit_of_a_record_is_refused(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    for source in ("record:1:v1", "record:1:v2"):
        row = forged(debit_id=book.issued, credit_id=book.other, source=source)
        assert_refused(lambda row=row: write(row), "credited")
    by_hand = {"kind": "manual", "approver": "user:2", "note": "again"}
    row = forged(debit_id=book.issued, credit_id=book.volunteer, source="record:1:v1", **by_hand)
    assert_refused(lambda: write(row), "credited")


def test_a_source_that_once_had_its_credit_never_gets_another(
    book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]
) -> None:
    with transaction():
        actions.reverse(earned, "user:1", "wrong")
        by_hand = actions.Asked(idem=("test", "2"), actor="user:1", approver="user:2", note="sheet")
        actions.credit_by_hand(book.volunteer, 60, source="manual:1", **by_hand)
    there = {"debit_id": book.issued, "credit_id": book.other, "approver": "user:2", "note": "again"}
    verb = "REPLACE INTO" if _on_sqlite() else "INSERT INTO"
    for kind, source in (("earn", "record:1:v1"), ("manual", "manual:1")):
        row = forged(kind=kind, source=source, **there)
        assert_refused(lambda row=row: write(row, verb, quietly=_on_sqlite()), "source is credited")


def test_only_a_credit_names_a_record(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    row = forged(debit_id=book.volunteer, credit_id=book.elder, kind="gift", source="record:9:v1")
    assert_refused(lambda: write(row), "record_is_a_credit")


def test_a_used_key_is_refused(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    row = forged(debit_id=book.issued, credit_id=book.volunteer, idem_scope="test", idem_key="1")
    assert_refused(lambda: write(row), "idempotency")


def test_nobody_overdraws(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    row = forged(debit_id=book.volunteer, credit_id=book.elder, kind="gift", source="gift:1", minutes=61)
    assert_refused(lambda: write(row), "no_overdraft")


def test_an_earning_comes_from_what_is_issued(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    for debit, credit in (
        (book.volunteer, book.issued),
        (book.pool, book.volunteer),
        (book.redeemed, book.volunteer),
        (book.issued, book.held),
        (book.held, book.pool),
    ):
        row = forged(debit_id=debit, credit_id=credit)
        assert_refused(lambda row=row: write(row), "wrong accounts")


def test_minutes_stay_in_their_community(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    with transaction():
        stranger = actions.open_account(2).id
    assert_refused(lambda: write(forged(debit_id=book.issued, credit_id=stranger)), "wrong accounts")
    assert_refused(lambda: write(forged(seq=50, debit_id=book.issued, credit_id=book.volunteer, community_id=2)), "wrong accounts")


def test_a_reversal_that_is_no_mirror_is_refused(book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]) -> None:
    with transaction():
        actions.earn(book.other, 90, source="record:2:v1", idem=("test", "2"), actor="user:1")
    for debit, credit, minutes in (
        (book.volunteer, book.issued, 59),
        (book.other, book.issued, 60),
        (book.volunteer, book.pool, 60),
        (book.issued, book.volunteer, 60),
    ):
        row = forged(kind="reversal", source=f"transfer:{earned.seq}", reverses=earned.seq)
        row = forged(**(row | {"debit_id": debit, "credit_id": credit, "minutes": minutes}))
        assert_refused(lambda row=row: write(row), "mirror")


def test_a_reversal_is_not_reversed(book: SimpleNamespace, earned: Transfer, assert_refused: Callable[..., None]) -> None:
    with transaction():
        undone = actions.reverse(earned, "user:1", "wrong")
    back = {"debit_id": book.issued, "credit_id": book.volunteer}
    row = forged(kind="reversal", source=f"transfer:{undone.seq}", reverses=undone.seq, **back)
    assert_refused(lambda: write(row), "mirror")


def test_a_hold_is_resolved_once_and_goes_back_to_its_own_elder(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    with transaction():
        for elder in (book.elder, book.other):
            actions.grant(elder, 60, source="grant:1", idem=("grant", str(elder)), actor="user:1")
            actions.hold(elder, 60, source="visit:1", idem=("hold", str(elder)), actor="user:1")
        held = queries.by_key("hold", str(book.elder))
        assert held is not None
        actions.settle(held, 60, idem=("settle", "1"), actor="user:1")
        other = queries.by_key("hold", str(book.other))
        assert other is not None
    spent = {"kind": "settle", "debit_id": book.held, "credit_id": book.redeemed, "source": "visit:1"}
    assert_refused(lambda: write(forged(hold_seq=held.seq, minutes=1, **spent)), "more than the hold")
    assert_refused(lambda: write(forged(hold_seq=None, minutes=1, **spent)))
    freed = {"kind": "release", "debit_id": book.held, "source": "visit:1", "hold_seq": other.seq}
    assert_refused(lambda: write(forged(credit_id=book.elder, **freed)), "more than the hold")
    back = {"kind": "reversal", "debit_id": book.held, "credit_id": book.other, "source": "transfer:0"}
    assert_refused(lambda: write(forged(reverses=other.seq, **back)), "mirror")


def test_a_claim_is_paid_back_once_by_whoever_owes_it_and_given_up_by_two(
    book: SimpleNamespace, assert_refused: Callable[..., None]
) -> None:
    with transaction():
        actions.grant(book.elder, 100, source="grant:1", idem=("grant", "1"), actor="user:1")
        claim = owing.advance(1, book.volunteer, 50, source="correction:1", idem=("correction:1", "1"), actor="user:1")
        owing.repay(claim, 20, idem=("repay", "1"), actor="clock")
    back = {"kind": "repay", "source": "correction:1", "credit_id": book.owed, "hold_seq": claim.seq}
    assert_refused(lambda: write(forged(debit_id=book.volunteer, minutes=31, **back)), "more than the claim")
    assert_refused(lambda: write(forged(debit_id=book.elder, minutes=30, **back)), "more than the claim")
    assert_refused(
        lambda: write(forged(debit_id=book.volunteer, minutes=30, **(back | {"hold_seq": claim.seq + 1}))), "more than the claim"
    )
    given_up = back | {"kind": "write_off", "debit_id": book.issued, "approver": "user:2", "note": "proposal:1"}
    assert_refused(lambda: write(forged(minutes=31, **given_up)), "more than the claim")
    assert_refused(lambda: write(forged(minutes=30, **(given_up | {"approver": None}))), "approved_for_a_reason")
    undone = {"kind": "reversal", "source": f"transfer:{claim.seq}", "reverses": claim.seq, "minutes": 50}
    assert_refused(lambda: write(forged(debit_id=book.volunteer, credit_id=book.owed, **undone)), "mirror")


def test_who_owes_gives_nothing_away_past_the_actions_either(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    with transaction():
        owing.advance(1, book.volunteer, 50, source="correction:1", idem=("correction:1", "1"), actor="user:1")
    for kind, credit in (("gift", book.elder), ("donate", book.pool), ("hold", book.held)):
        row = forged(kind=kind, source="x:1", debit_id=book.volunteer, credit_id=credit, minutes=1)
        assert_refused(lambda row=row: write(row), "owing")
    write(forged(kind="gift", source="x:1", debit_id=book.volunteer, credit_id=book.elder, minutes=1, **_settled(book)))


def _settled(book: SimpleNamespace) -> dict[str, object]:
    """Pay back all the volunteer owes; return nothing to change."""
    with transaction():
        for each in claims.claims(account=book.volunteer, still_open=True):
            owing.repay(each.advance, each.open, idem=("repay", "all"), actor="clock")
    return {}


def test_what_was_given_is_taken_back_once_from_where_it_went(book: SimpleNamespace, assert_refused: Callable[..., None]) -> None:
    with transaction():
        gift = actions.gift(book.volunteer, book.elder, 50, source="gift:1", idem=("gift", "1"), actor="user:1")
        actions.grant(book.elder, 100, source="grant:1", idem=("grant", "1"), actor="user:1")
        actions.grant(book.other, 100, source="grant:1", idem=("grant", "2"), actor="user:1")
        owing.take_back(gift, 20, idem=("correction:1", "1"), actor="user:1")
    back = {"kind": "take_back", "source": f"transfer:{gift.seq}", "debit_id": book.elder, "credit_id": book.volunteer}
    assert_refused(lambda: write(forged(minutes=31, **back)), "more than was passed on")
    assert_refused(lambda: write(forged(minutes=30, **(back | {"debit_id": book.other}))), "more than was passed on")
    assert_refused(lambda: write(forged(minutes=30, **(back | {"credit_id": book.other}))), "more than was passed on")
    assert_refused(lambda: write(forged(minutes=1, **(back | {"source": "transfer:1"}))), "more than was passed on")
    undone = {"kind": "reversal", "source": "x:1", "reverses": gift.seq, "minutes": 50, "debit_id": book.elder, "credit_id": book.volunteer}
    assert_refused(lambda: write(forged(**undone)), "partly taken back")
    with pytest.raises(Conflict, match="correct the record once more"), transaction():
        actions.reverse(gift, "user:1", "wrong")
    write(forged(minutes=30, **back))
    assert verify().ok


HAND_MADE = (
    "balance = balance + 60",
    "balance = 0",
    "balance = balance + 60, last_seq = last_seq + 1",
    "balance = balance + 60, last_seq = (SELECT MAX(seq) FROM ledger_transfer)",
    "last_seq = last_seq - 1",
    "kind = 'pool'",
    "community_id = 2",
    "id = id + 100",
    "limit_minutes = -1",
    "limit_minutes = NULL",
)


def test_an_account_changes_by_a_transfer_only(
    book: SimpleNamespace, assert_refused: Callable[..., None], subtests: pytest.Subtests
) -> None:
    for change in HAND_MADE:
        with subtests.test(change):
            statement = f"UPDATE ledger_account SET {change} WHERE id = :id"
            assert_refused(lambda statement=statement: run(statement, {"id": book.volunteer}))


def test_an_account_opens_empty_and_a_community_has_one_pool(assert_refused: Callable[..., None]) -> None:
    columns = "community_id, kind, limit_minutes, balance, last_seq, opened_at"
    for opening, words in {
        "'member', 0, 60, 0": "opens empty",
        "'member', 0, 0, 1": "opens empty",
        "'pool', 0, 0, 0": "system account exists",
        "'bank', 0, 0, 0": "ck_ledger_account_kind",
    }.items():
        values = f"1, {opening}, '2026-11-23 00:00:00.000000'"
        statement = f"INSERT INTO ledger_account ({columns}) VALUES ({values})"
        assert_refused(lambda statement=statement: run(statement), words)


def test_an_installed_database_has_these_very_guards(both: Flask) -> None:
    with both.app_context(), db.engine.connect() as connection:
        if _on_sqlite():
            found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'")
            assert set(found.scalars()) == set(ddl.create("sqlite"))
        else:
            found = connection.exec_driver_sql("SELECT prosrc FROM pg_proc WHERE starts_with(proname, 'ledger_')")
            meant = (each for each in ddl.create("postgresql") if each.startswith("CREATE FUNCTION"))
            assert set(found.scalars()) == {each.split("$$")[1] for each in meant}
            (count,) = connection.exec_driver_sql("SELECT COUNT(*) FROM pg_trigger WHERE starts_with(tgname, 'ledger_')").one()
            assert count == sum(each.startswith("CREATE TRIGGER") for each in ddl.create("postgresql"))


def test_the_guards_can_be_taken_off_and_put_back_by_a_migration(app: Flask) -> None:
    del app
    dialect = db.engine.dialect.name
    for statement in (*ddl.drop(dialect), *ddl.create(dialect)):
        run(statement)
    assert verify().ok
