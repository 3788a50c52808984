"""Each wall stands by itself: the constraints without the triggers, and the check without either."""

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from tests.ledger.forging import forged, run, write
from timebank.db import db, forget_reads, transaction
from timebank.ledger import actions, chain, ddl, owing, queries
from timebank.ledger.models import Transfer
from timebank.ledger.verify import verify


@pytest.fixture
def bare(app: Flask, book: SimpleNamespace) -> SimpleNamespace:
    """Give a book with credits, one reversal, one hold, one gift and one claim of 60 minutes, all triggers gone."""
    del app
    with transaction():
        for number in (1, 2, 3, 4):
            source = f"record:{number}:v1"
            actions.earn(book.volunteer, 60, source=source, idem=("record", source), actor="user:1")
        first = queries.by_key("record", "record:1:v1")
        assert first is not None
        book.its_reversal = actions.reverse(first, "user:1", "wrong").seq
        book.its_hold = actions.hold(book.volunteer, 60, source="visit:1", idem=("hold", "1"), actor="user:1").seq
        book.its_gift = actions.gift(book.volunteer, book.elder, 60, source="gift:9", idem=("gift", "9"), actor="user:1").seq
        claim = owing.advance(1, book.other, 60, source="correction:1", idem=("correction:1", "1"), actor="user:1")
        book.its_claim, book.its_source = claim.seq, f"transfer:{book.its_gift}"
    book.its_first = first.seq
    for statement in ddl.drop(db.engine.dialect.name):
        run(statement)
    return book


# What breaks each constraint and nothing else, with the words by which the database names it (SQLite | PostgreSQL).
TRANSFERS: dict[str, tuple[dict[str, object], str, str]] = {
    "minutes, too few": ({"minutes": 0}, "ck_ledger_transfer_minutes", ""),
    "minutes, too many": ({"minutes": 44_641}, "ck_ledger_transfer_minutes", ""),
    "two accounts": ({"debit_id": "volunteer", "kind": "gift", "source": "gift:1"}, "ck_ledger_transfer_two_accounts", ""),
    "a reversal's target": ({"kind": "reversal", "source": "x:1"}, "ck_ledger_transfer_reversal_names_its_target", ""),
    "no other's target": ({"reverses": 2}, "ck_ledger_transfer_reversal_names_its_target", ""),
    "a settlement's hold": ({"kind": "settle", "source": "x:1"}, "ck_ledger_transfer_names_its_hold", ""),
    "two people": ({"approver": "nobody"}, "ck_ledger_transfer_two_people", ""),
    "a manual's approver": ({"kind": "manual"}, "ck_ledger_transfer_approved_for_a_reason", ""),
    "a claim's part": ({"kind": "repay", "source": "x:1"}, "ck_ledger_transfer_names_its_hold", ""),
    "a write-off's approver": (
        {"kind": "write_off", "source": "x:1", "hold_seq": "its_hold"},
        "ck_ledger_transfer_approved_for_a_reason",
        "",
    ),
    "evidence": ({"kind": "grant", "source": ""}, "ck_ledger_transfer_evidence", ""),
    "an actor": ({"actor": ""}, "ck_ledger_transfer_evidence", ""),
    "a record is a credit": ({"kind": "gift"}, "ck_ledger_transfer_record_is_a_credit", ""),
    "a credit names a record": ({"source": "visit:1"}, "ck_ledger_transfer_earn_names_a_record", ""),
    "a known kind": ({"kind": "interest", "source": "x:1"}, "ck_ledger_transfer_kind", ""),
    "one key": ({"idem_scope": "record", "idem_key": "record:1:v1"}, "ledger_transfer.idem_scope", "uq_ledger_transfer_idem"),
    "one reversal": (
        {"kind": "reversal", "source": "x:1", "reverses": "its_first"},
        "ledger_transfer.reverses",
        "uq_ledger_transfer_reverses",
    ),
    "one successor": ({"prev_hash": "0" * 64}, "ledger_transfer.prev_hash", "uq_ledger_transfer_community_id_prev_hash"),
    "one credit": ({"source": "record:2:v1"}, "ledger_transfer.source", "uq_ledger_transfer_credit"),
    "a known account": ({"credit_id": 9_999}, "FOREIGN KEY", "fk_ledger_transfer_credit_id"),
    "a known payer": ({"debit_id": 9_999}, "FOREIGN KEY", "fk_ledger_transfer_debit_id"),
    "a known hold": ({"kind": "settle", "source": "x:1", "hold_seq": 9_999}, "FOREIGN KEY", "fk_ledger_transfer_hold_seq"),
    "a number": ({"seq": 2}, "ledger_transfer.seq", "pk_ledger_transfer"),
}
ACCOUNTS: dict[str, tuple[str, str, str]] = {
    "no overdraft": ("UPDATE ledger_account SET balance = -1 WHERE id = :volunteer", "ck_ledger_account_no_overdraft", ""),
    "no negative limit": ("UPDATE ledger_account SET limit_minutes = -1 WHERE id = :volunteer", "ck_ledger_account_limit", ""),
    "only issued and owed are unlimited": (
        "UPDATE ledger_account SET limit_minutes = NULL WHERE id = :volunteer",
        "ck_ledger_account_unlimited",
        "",
    ),
    "what is owed is never above zero": (
        "UPDATE ledger_account SET balance = 1 WHERE id = :owed",
        "ck_ledger_account_owed_is_a_debt",
        "",
    ),
    "a known kind": ("UPDATE ledger_account SET kind = 'bank' WHERE id = :volunteer", "ck_ledger_account_kind", ""),
    "one pool": (
        "UPDATE ledger_account SET kind = 'pool' WHERE id = :volunteer",
        "ledger_account.community_id",
        "uq_ledger_account_system",
    ),
}


def _words(sqlite: str, postgresql: str) -> str:
    return sqlite if db.engine.dialect.name == "sqlite" else postgresql or sqlite


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_constraint_refuses_a_transfer_without_any_trigger(bare: SimpleNamespace, name: str) -> None:
    change, *words = TRANSFERS[name]
    named = {column: getattr(bare, value) if isinstance(value, str) and hasattr(bare, value) else value for column, value in change.items()}
    row = forged(**({"debit_id": bare.issued, "credit_id": bare.volunteer} | named))
    with pytest.raises(DBAPIError) as error:
        write(row)
    assert _words(*words) in str(error.value.orig)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_constraint_refuses_a_change_of_an_account_without_any_trigger(bare: SimpleNamespace, name: str) -> None:
    statement, *words = ACCOUNTS[name]
    with pytest.raises(DBAPIError) as error:
        run(statement, vars(bare))
    assert _words(*words) in str(error.value.orig)


BROKEN_RULES: dict[str, dict[str, object]] = {
    "a reversal of other minutes": {"kind": "reversal", "source": "x:1", "reverses": 2, "minutes": 1, "debit_id": "volunteer", "credit_id": "issued"},
    "a reversal the other way": {"kind": "reversal", "source": "x:1", "reverses": 2, "debit_id": "issued", "credit_id": "volunteer"},
    "a reversed reversal": {"kind": "reversal", "source": "x:1", "reverses": "its_reversal", "debit_id": "issued", "credit_id": "volunteer"},
    "a reversed hold": {"kind": "reversal", "source": "x:1", "reverses": "its_hold", "debit_id": "held", "credit_id": "volunteer"},
    "a second version": {"source": "record:2:v2"},
    "more than the hold": {"kind": "settle", "source": "x:1", "hold_seq": "its_hold", "minutes": 61, "debit_id": "held", "credit_id": "redeemed"},
    "a reversed claim": {"kind": "reversal", "source": "x:1", "reverses": "its_claim", "debit_id": "other", "credit_id": "owed"},
    "more than was given": {"kind": "take_back", "source": "its_source", "minutes": 61, "debit_id": "elder", "credit_id": "volunteer"},
    "what nobody gave": {"kind": "take_back", "source": "its_source", "debit_id": "elder", "credit_id": "other"},
    "a claim settled as a hold": {"kind": "settle", "source": "x:1", "hold_seq": "its_claim", "debit_id": "held", "credit_id": "redeemed"},
    "a hold paid back as a claim": {"kind": "repay", "source": "x:1", "hold_seq": "its_hold", "debit_id": "other", "credit_id": "owed"},
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_RULES)
def test_the_check_names_a_rightly_sealed_row_that_breaks_a_rule(bare: SimpleNamespace, name: str) -> None:
    assert verify().ok
    change = {column: getattr(bare, str(value), value) for column, value in BROKEN_RULES[name].items()}
    row = forged(**({"debit_id": bare.issued, "credit_id": bare.volunteer} | change))
    write(row)
    assert verify().first_bad_seq == row["seq"]


def test_the_check_finds_what_is_owed_that_is_not_the_sum_of_the_claims(bare: SimpleNamespace) -> None:
    row = forged(kind="grant", source="x:1", debit_id=bare.owed, credit_id=bare.elder, minutes=1)
    write(row)
    for account, minutes in ((bare.owed, -1), (bare.elder, 1)):
        run(f"UPDATE ledger_account SET balance = balance + {minutes}, last_seq = {row['seq']} WHERE id = :id", {"id": account})
    assert (verify().first_bad_seq, verify().bad_account) == (None, bare.owed)


def test_the_check_finds_a_second_reversal_where_its_constraint_is_gone(bare: SimpleNamespace) -> None:
    if db.engine.dialect.name == "sqlite":  # whose own table cannot lose a constraint: it is still there
        return
    run("ALTER TABLE ledger_transfer DROP CONSTRAINT uq_ledger_transfer_reverses")
    row = forged(kind="reversal", source="x:1", reverses=bare.its_first, debit_id=bare.volunteer, credit_id=bare.issued)
    write(row)
    assert verify().first_bad_seq == row["seq"]


def test_the_check_finds_a_second_credit_by_hand_where_its_index_is_gone(bare: SimpleNamespace) -> None:
    run("DROP INDEX uq_ledger_transfer_credit")
    by_hand = {"kind": "manual", "source": "manual:1", "approver": "user:2", "note": "sheet"}
    for place in (1, 2):
        write(forged(debit_id=bare.issued, credit_id=bare.volunteer, idem_key=f"hand-{place}", **by_hand))
    assert verify().first_bad_seq == queries.chain_head(1).seq


@pytest.mark.parametrize("name", chain.SEALED)
def test_a_seal_covers_every_value_also_the_one_before_it(name: str) -> None:
    values = [f"value {each}" for each in chain.SEALED]
    changed = [f"{each}!" if each == f"value {name}" else each for each in values]
    assert chain.digest(values) != chain.digest(changed)


def test_a_hold_is_settled_once_and_released_once_until_it_is_reversed(book: SimpleNamespace) -> None:
    with transaction():
        actions.grant(book.elder, 60, source="grant:1", idem=("grant", "1"), actor="user:1")
        held = actions.hold(book.elder, 60, source="visit:1", idem=("hold", "1"), actor="user:1")
        settled = actions.settle(held, 20, idem=("settle", "1"), actor="user:1")
    row = forged(kind="settle", source="visit:1", hold_seq=held.seq, minutes=20, debit_id=book.held, credit_id=book.redeemed)
    with pytest.raises(DBAPIError, match="already resolved"):
        write(row)
    with pytest.raises(actions.refusals.Conflict, match="not resolved twice"), transaction():
        actions.settle(held, 20, idem=("settle", "2"), actor="user:1")
    with transaction():
        actions.reverse(db.session.get_one(Transfer, settled.seq), "user:1", "wrong")
        actions.settle(held, 40, idem=("settle", "3"), actor="user:1")
        actions.release(held, 20, idem=("release", "1"), actor="user:1")
    forget_reads()
    assert (queries.open_minutes(held.seq), queries.balance(book.elder), queries.balance(book.redeemed)) == (0, 20, 40)


def test_nobody_is_credited_with_more_than_twelve_hours_for_one_record(book: SimpleNamespace) -> None:
    with pytest.raises(actions.refusals.Invalid, match="12 h"), transaction():
        actions.earn(book.volunteer, 721, source="record:1:v1", idem=("record", "1"), actor="user:1")
    with pytest.raises(DBAPIError, match="more than a day"):
        write(forged(debit_id=book.issued, credit_id=book.volunteer, minutes=721))
    with transaction():
        actions.earn(book.volunteer, 720, source="record:1:v1", idem=("record", "1"), actor="user:1")
