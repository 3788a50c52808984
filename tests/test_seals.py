"""The chain of seals: what is edited, added, taken away or cut off in the database by hand is named, without the key nobody seals it anew."""

import contextlib
import random
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.pool import NullPool

from tests import builders as make
from timebank import audit, clock, schema, sealcheck, seals
from timebank.access.models import Role, User
from timebank.cli import main
from timebank.config import Settings
from timebank.credit.models import CreditSetting
from timebank.db import db, sqlite_driver, transaction
from timebank.ledger import actions as ledger
from timebank.ledger import chain
from timebank.ledger.verify import verify
from timebank.sealed import sealer

SAMPLE, ALL = 60, 500


def live(app: Flask) -> None:
    """Let some things happen in a community: people, visits, offers, records, minutes."""
    with app.app_context():
        with transaction():
            community = make.make_community()
            office = make.make_user(Role.COORDINATOR, community)
            people = [make.make_volunteer(community, user_id=make.make_user(Role.VOLUNTEER, community).id) for _ in range(3)]
            kind, home = make.make_kind("HAIR"), make.make_household(community)
            make.make_elder(home)
            for number, person in enumerate(people):
                ledger.grant(person.account_id, 500 + number, source="test", idem=("test", str(number)), actor=f"user:{office.id}")
                request = make.make_request(community, kind, home, dates=[])
                visit = make.make_visit(request, make.WEDNESDAY)
                make.make_offer(visit, person, 600)
            db.session.add(CreditSetting(community_id=community.id, name="R5", value="1", changed_by=office.id, changed_at=clock.now()))
        for number in range(10):
            with transaction():
                audit.record("try", "thing", number)


@pytest.fixture
def lived(both: Flask) -> Flask:
    """Give a service, on either database, in which something has happened."""
    live(both)
    return both


def faults(app: Flask) -> list[str]:
    """Return what the check finds, by table and key."""
    with app.app_context():
        db.session.remove()
        return [f"{each.table} {each.key}" for each in sealcheck.check_now().faults]


def shell_of(app: Flask) -> Engine:
    """Return the way in of somebody who has the database and not the key."""
    url = app.extensions["timebank"].database
    driver = {"module": sqlite_driver()} if url.startswith("sqlite") else {}
    return create_engine(url, poolclass=NullPool, **driver)


@pytest.fixture
def shell(lived: Flask) -> Engine:
    """Give the way in of somebody who has the database and not the key."""
    return shell_of(lived)


def unguarded(engine: Engine, *statements: str, **values: Any) -> None:
    """Run statements with the database's guards away, and put them back as they were."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement), values)
        return
    with contextlib.closing(sqlite_driver().connect(engine.url.database, isolation_level=None)) as hand:
        hand.execute("PRAGMA ignore_check_constraints=ON")
        triggers = hand.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            hand.execute(f"DROP TRIGGER {name}")
        try:
            for statement in statements:
                hand.execute(statement, values)
        finally:
            for _, sql in triggers:
                hand.execute(sql)


def test_what_was_done_by_the_service_is_whole(lived: Flask) -> None:
    assert faults(lived) == []
    with lived.app_context():
        found = sealcheck.check_now()
    assert found.ok
    assert found.rows > 30
    assert found.seals > 11
    assert seals.head.noted() == (found.seals, found.head)


def test_what_was_rolled_back_leaves_no_seal(lived: Flask) -> None:
    with lived.app_context():
        with contextlib.suppress(ZeroDivisionError), transaction():
            audit.record("never", "thing", 1)
            db.session.flush()
            raise ZeroDivisionError
        with transaction():
            audit.record("afterwards", "thing", 1)
    assert faults(lived) == []


def test_a_step_that_is_refused_inside_a_deed_leaves_the_deed_sealed(lived: Flask) -> None:
    with lived.app_context(), transaction():
        audit.record("before", "thing", 1)
        with contextlib.suppress(ZeroDivisionError), db.session.begin_nested():
            audit.record("never", "thing", 2)
            db.session.flush()
            raise ZeroDivisionError
        audit.record("after", "thing", 3)
    assert faults(lived) == []


def test_a_deed_of_many_steps_is_sealed_once_and_what_was_only_tried_leaves_no_mark(lived: Flask) -> None:
    with lived.app_context():
        before = sealcheck.check_now().seals
        with transaction():
            for number in range(3):
                with db.session.begin_nested():
                    audit.record("step", "thing", number)
        with transaction(), db.session.begin_nested() as whole:
            with db.session.begin_nested():
                audit.record("tried", "thing", 1)
            whole.rollback()
        found = sealcheck.check_now()
        assert found.ok
        assert found.seals == before + 1
        assert seals.head.noted() == (found.seals, found.head)


def test_a_row_that_is_deleted_by_the_service_is_gone_for_good(lived: Flask, shell: Engine) -> None:
    with lived.app_context(), transaction():
        user = make.make_user(Role.FAMILY)
        number = user.id
    with lived.app_context(), transaction():
        db.session.delete(db.session.get_one(User, number))
    assert faults(lived) == []
    columns = "phone, name, role, active, locale, created_at"
    unguarded(
        shell,
        f'INSERT INTO "user" (id, {columns}) SELECT {number}, \'13700000001\', name, role, active, locale, created_at FROM "user" LIMIT 1',
    )
    assert faults(lived) == [f"user {number}"]


EDITS = {
    "ledger_transfer 1": "UPDATE ledger_transfer SET minutes = minutes * 10 WHERE seq = 1",
    "ledger_account 1": "UPDATE ledger_account SET limit_minutes = 99999 WHERE id = 1",
    "audit 3": "UPDATE audit SET actor = 'user:9' WHERE id = 3",
    "visit 1": "UPDATE visit SET minutes = minutes + 30 WHERE id = 1",
    "offer 2": "UPDATE offer SET volunteer_id = 1 WHERE id = 2",
    "user 1": "UPDATE \"user\" SET role = 'admin' WHERE id = 1",
    "volunteer 1": "UPDATE volunteer SET phone = '13700000000' WHERE id = 1",
    "elder 1": "UPDATE elder SET phone = '13700000000' WHERE id = 1",
    "seal 5": "UPDATE seal SET at = '2020-01-01 00:00:00' WHERE id = 5",
}


@pytest.mark.parametrize("named", EDITS)
def test_an_edit_by_hand_is_named(lived: Flask, shell: Engine, named: str) -> None:
    unguarded(shell, EDITS[named])
    assert faults(lived) == [named]


def test_a_row_that_is_taken_away_or_slipped_in_is_named(lived: Flask, shell: Engine) -> None:
    unguarded(
        shell,
        "DELETE FROM offer WHERE id = 2",
        "INSERT INTO audit (id, at, actor, verb, subject, subject_id, detail) SELECT 9999, at, actor, verb, subject, subject_id, detail FROM audit WHERE id = 1",
    )
    assert sorted(faults(lived)) == ["audit 9999", "offer 2"]


def test_the_newest_rows_cut_off_with_their_seals_are_missed(lived: Flask, shell: Engine) -> None:
    """Whoever goes back to an earlier state by hand leaves a database that is whole in itself; the note beside the key knows better."""
    with lived.app_context(), db.engine.connect() as connection:
        last = seals.newest(connection)[0]
    unguarded(shell, "DELETE FROM audit WHERE id > (SELECT MAX(id) - 3 FROM audit)", f"DELETE FROM seal WHERE id > {last - 3}")
    assert faults(lived) == [f"seal {last - 3}"]


def test_public_hashes_worked_out_anew_help_nobody(lived: Flask, shell: Engine) -> None:
    """The first credit times ten, with every hash after it made to fit, verifies in the book and not under the key."""
    with shell.begin() as connection:
        rows = [
            dict(row._mapping) for row in connection.execute(text(f"SELECT {', '.join(chain.SEALED)} FROM ledger_transfer ORDER BY seq"))
        ]
    head, statements = chain.GENESIS, []
    for place, row in enumerate(rows):
        row |= {"prev_hash": head, "minutes": row["minutes"] * (10 if place == 0 else 1)}
        values = [chain.sealed_instant(value) if hasattr(value, "astimezone") else value for value in row.values()]
        head = chain.digest(values)
        statements.append(
            f"UPDATE ledger_transfer SET minutes = {row['minutes']}, prev_hash = '{row['prev_hash']}', hash = '{head}' WHERE seq = {row['seq']}"
        )
    statements.append("UPDATE ledger_account SET balance = balance * 10 WHERE id = 1")
    unguarded(shell, *statements)
    assert {"ledger_transfer 1", "ledger_transfer 2"} <= set(faults(lived))


def test_seals_made_with_another_key_are_named(lived: Flask) -> None:
    own = dict(sealer.seal_keys), sealer.mark
    sealer.use("a key that somebody else has drawn")
    with lived.app_context(), transaction():
        audit.record("forge", "thing", 1)
    sealer.seal_keys, sealer.mark = own
    with lived.app_context(), db.engine.connect() as connection:
        last = seals.newest(connection)[0]
    assert faults(lived) == [f"seal {last}"]


def test_guards_that_were_taken_away_are_named(lived: Flask, shell: Engine) -> None:
    with shell.begin() as connection:
        table = " ON ledger_transfer" if shell.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER ledger_transfer_no_update{table}"))
        connection.execute(text("DROP INDEX ix_audit_at"))
    assert faults(lived) == ["schema index ix_audit_at", "schema trigger ledger_transfer_no_update"]


def test_a_change_of_the_schema_is_sealed_anew_and_hides_no_earlier_edit(lived: Flask, shell: Engine) -> None:
    """One step down and up again: what was wrong before stays named."""
    unguarded(shell, EDITS["offer 2"])
    with lived.app_context():
        wrong = frozenset((each.table, each.key) for each in sealcheck.check_now().faults)
        with db.engine.begin() as connection:
            seals.follow(connection, leave=wrong)
    assert faults(lived) == ["offer 2"]


def test_what_stood_in_a_table_before_it_was_sealed_is_whole_afterwards_and_hides_no_other_edit(app: Flask) -> None:
    """A database of an earlier version, in which two rows were edited: in one table that was under seal and in one that was not."""
    live(app)
    with app.app_context():
        while schema.is_current() or schema._sealed_from_now_on() == set():
            schema.step_down()
        db.session.remove()
    unguarded(shell_of(app), EDITS["offer 2"], EDITS["elder 1"])
    with app.app_context():
        schema.upgrade()
    assert faults(app) == ["offer 2"]
    unguarded(shell_of(app), EDITS["elder 1"].replace("13700000000", "13700000001"))
    assert sorted(faults(app)) == ["elder 1", "offer 2"]


def test_the_command_says_what_is_wrong_and_ends_with_one(app: Flask) -> None:
    live(app)
    settings: Settings = app.extensions["timebank"]
    env = {"TIMEBANK_INSTANCE": settings.instance, "TIMEBANK_DATABASE_URL": settings.database}
    with app.app_context():
        db.session.remove()
    done = CliRunner().invoke(main, ["verify"], env=env)
    assert (done.exit_code, "封印完好" in done.output) == (0, True), done.output
    with shell_of(app).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
    for command in (["verify"], ["doctor"]):
        done = CliRunner().invoke(main, command, env=env)
        assert "audit_no_update" in done.output
    assert CliRunner().invoke(main, ["verify"], env=env).exit_code == 1


def test_a_head_printed_on_a_statement_is_compared_with_the_book(app: Flask) -> None:
    """The paper is out of reach of whoever has the database and the key."""
    live(app)
    settings: Settings = app.extensions["timebank"]
    env = {"TIMEBANK_INSTANCE": settings.instance, "TIMEBANK_DATABASE_URL": settings.database}
    with app.app_context():
        row, printed = db.session.execute(text("SELECT seq, hash FROM ledger_transfer ORDER BY seq DESC LIMIT 1")).one()
        db.session.remove()
    groups = " ".join(printed[at : at + 8] for at in range(0, len(printed), 8))
    for said, ends in ((groups, 0), (printed[:32].upper(), 0), ("0" * 64, 1), (printed[:8], 1)):
        done = CliRunner().invoke(main, ["verify", "--head", str(row), said], env=env)
        assert (done.exit_code, "as the statement says" in done.output) == (ends, bool(ends)), done.output
    assert CliRunner().invoke(main, ["verify", "--head", str(row + 1), printed], env=env).exit_code == 1


def sabotage(app: Flask, times: int, at_once: int) -> None:
    """Edit one value of one row after another, anywhere in the sealed tables, and see every one named; each is put back."""
    dice, shell = random.Random(times), shell_of(app)
    with app.app_context(), db.engine.connect() as connection:
        tables = [table for table in seals.as_it_stands(connection) if connection.execute(select(func.count()).select_from(table)).scalar()]
        db.session.remove()
    for _ in range(times // at_once):
        done: dict[str, tuple[str, object, object]] = {}
        while len(done) < at_once:
            table = dice.choice(tables)
            key = next(iter(table.primary_key.columns)).name
            column = dice.choice([each.name for each in seals.columns_of(table) if each.name != key])
            with shell.begin() as connection:
                number, before = dice.choice(connection.execute(text(f'SELECT "{key}", "{column}" FROM "{table.name}"')).all())
            if (name := f"{table.name} {number}") in done:
                continue
            change = f'UPDATE "{table.name}" SET "{column}" = :value WHERE "{key}" = :number'
            try:
                unguarded(shell, change, number=number, value=other_than(before))
            except sqlite_driver().IntegrityError:
                continue  # what must be there once, or be there at all, not even this hand can change
            done[name] = change, number, before
        assert done.keys() <= {said.split(":")[0] for said in faults(app)}
        for change, number, before in done.values():
            unguarded(shell, change, number=number, value=before)
    assert faults(app) == []


def other_than(before: object) -> object:
    """Return a value that an attacker might put in another's place."""
    if isinstance(before, int | float):
        return before + 1
    return "2" if before is None else f"{before[:-1]}{'1' if before[-1:] != '1' else '2'}" if isinstance(before, str) else None


def test_a_balance_that_is_edited_is_named_by_the_book(app: Flask) -> None:
    """A trigger moves balances, so they are held against the transfers, which are sealed."""
    live(app)
    for change in ("balance = balance + 1", "last_seq = last_seq + 1"):
        unguarded(shell_of(app), f"UPDATE ledger_account SET {change} WHERE id = 2")
        with app.app_context():
            db.session.remove()
            assert verify().bad_account == 2
        unguarded(shell_of(app), f"UPDATE ledger_account SET {change.replace('+', '-')} WHERE id = 2")


def test_every_one_of_sixty_edits_anywhere_is_named(app: Flask) -> None:
    live(app)
    sabotage(app, SAMPLE, at_once=15)


@pytest.mark.long
def test_every_one_of_five_hundred_edits_anywhere_is_named(app: Flask) -> None:
    """Minutes: each edit is followed by a check of everything."""
    live(app)
    sabotage(app, ALL, at_once=1)
