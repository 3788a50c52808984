"""The triggers that hold the ledger even against raw SQL, for both databases, as plain lists of statements.

Each rule is one name, one predicate over NEW (and OLD) that must not be true, written once for both databases; only the
wrapping differs. Two ideas carry the rest:

* An account remembers the last transfer that moved it (``last_seq``). A balance may change only together with a newer
  transfer that touches the account by exactly that difference. The insert trigger has already used up every existing
  transfer, so no hand-made UPDATE can ever find one.
* A new row must continue its community's chain. REPLACE, which in SQLite deletes without firing DELETE triggers, is
  refused before it gets that far, whatever the connection's pragmas.
"""

# ruff: noqa: S608 - the statements are put together from constants of this room only

from timebank.ledger.chain import GENESIS
from timebank.ledger.models import CREDITS, DIRECTIONS, LASTING, MOST_CREDIT, OF_CLAIM, OF_HOLD, PASSED_ON

_LIVE = "NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = {row}.seq)"
_STEM = "rtrim(NEW.source, '0123456789')"


def _listed(words: tuple[str, ...]) -> str:
    """Return words as the inside of an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


def _directions() -> str:
    """Return the condition under which d may pay c for NEW.kind."""
    return " OR ".join(
        f"(NEW.kind = '{kind}' AND d.kind = '{debit}' AND c.kind = '{credit}')"
        for kind, ways in DIRECTIONS.items()
        for debit, credit in ways
    )


_TRANSFER_INSERT = {
    "seq is taken": "EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.seq)",
    "idempotency key is taken": (
        "EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.idem_scope = NEW.idem_scope AND t.idem_key = NEW.idem_key)"
    ),
    "source is credited": (
        f"NEW.kind IN ({_listed(CREDITS)}) AND EXISTS (SELECT 1 FROM ledger_transfer t"
        f" WHERE t.source = NEW.source AND t.kind IN ({_listed(CREDITS)}))"
    ),
    "an earlier version is still credited": (
        f"NEW.kind IN ({_listed(CREDITS)}) AND substr(NEW.source, 1, 7) = 'record:'"
        " AND EXISTS (SELECT 1 FROM ledger_transfer t"
        f" WHERE t.kind IN ({_listed(CREDITS)}) AND t.source >= {_STEM} AND t.source < {_STEM} || ':'"
        f" AND {_LIVE.format(row='t')})"
    ),
    "already reversed": "EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.reverses = NEW.reverses)",
    "not a mirror": (
        "NEW.kind = 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.seq = NEW.reverses"
        f" AND t.kind NOT IN ({_listed(LASTING)}) AND t.community_id = NEW.community_id AND t.minutes = NEW.minutes"
        " AND t.debit_id = NEW.credit_id AND t.credit_id = NEW.debit_id)"
    ),
    "wrong accounts": (
        "NEW.kind <> 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_account d, ledger_account c"
        " WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id"
        f" AND d.community_id = NEW.community_id AND c.community_id = NEW.community_id AND ({_directions()}))"
    ),
    "more than the hold": (
        f"NEW.kind IN ({_listed(OF_HOLD)}) AND NOT EXISTS (SELECT 1 FROM ledger_transfer h WHERE h.seq = NEW.hold_seq"
        " AND h.kind = 'hold' AND h.community_id = NEW.community_id"
        " AND (NEW.kind = 'settle' OR h.debit_id = NEW.credit_id) AND h.minutes >= NEW.minutes + COALESCE("
        f"(SELECT SUM(s.minutes) FROM ledger_transfer s WHERE s.hold_seq = h.seq AND {_LIVE.format(row='s')}), 0))"
    ),
    "already resolved": (
        f"NEW.kind IN ({_listed(OF_HOLD)}) AND EXISTS (SELECT 1 FROM ledger_transfer s WHERE s.hold_seq = NEW.hold_seq"
        f" AND s.kind = NEW.kind AND {_LIVE.format(row='s')})"
    ),
    "more than the claim": (
        f"NEW.kind IN ({_listed(OF_CLAIM)}) AND NOT EXISTS (SELECT 1 FROM ledger_transfer h WHERE h.seq = NEW.hold_seq"
        " AND h.kind = 'advance' AND h.debit_id = NEW.credit_id AND (NEW.kind = 'write_off' OR h.credit_id = NEW.debit_id)"
        " AND h.minutes >= NEW.minutes + COALESCE((SELECT SUM(s.minutes) FROM ledger_transfer s WHERE s.hold_seq = h.seq), 0))"
    ),
    "more than was passed on": (
        "NEW.kind = 'take_back' AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.debit_id = NEW.credit_id"
        f" AND t.credit_id = NEW.debit_id AND t.kind IN ({_listed(PASSED_ON)}) AND NEW.source = 'transfer:' || t.seq"
        f" AND {_LIVE.format(row='t')} AND t.minutes >= NEW.minutes + COALESCE((SELECT SUM(b.minutes) FROM ledger_transfer b"
        " WHERE b.source = NEW.source AND b.kind = 'take_back'), 0))"
    ),
    "partly taken back": (
        "NEW.kind = 'reversal' AND EXISTS (SELECT 1 FROM ledger_transfer b WHERE b.source = 'transfer:' || NEW.reverses AND b.kind = 'take_back')"
    ),
    "owing": (
        "NEW.kind IN ('gift', 'donate', 'hold') AND EXISTS (SELECT 1 FROM ledger_account o, ledger_transfer h"
        " WHERE o.community_id = NEW.community_id AND o.kind = 'owed' AND h.debit_id = o.id AND h.credit_id = NEW.debit_id"
        " AND h.minutes > COALESCE((SELECT SUM(s.minutes) FROM ledger_transfer s WHERE s.hold_seq = h.seq), 0))"
    ),
    "more than a day": f"NEW.kind IN ({_listed(CREDITS)}) AND NEW.minutes > {MOST_CREDIT}",
    "does not continue the chain": (
        "NEW.prev_hash <> COALESCE((SELECT t.hash FROM ledger_transfer t WHERE t.community_id = NEW.community_id"
        f" ORDER BY t.seq DESC LIMIT 1), '{GENESIS}') OR NEW.seq <= COALESCE((SELECT MAX(t.seq) FROM ledger_transfer t"
        " WHERE t.community_id = NEW.community_id), 0)"
    ),
}
# SQLite keeps a fraction in an INTEGER column; PostgreSQL's type rounds it before any trigger sees it.
_TRANSFER_INSERT_SQLITE = {"minutes are not whole": "typeof(NEW.minutes) <> 'integer'"}
_ACCOUNT_INSERT = {
    "an account opens empty": "NEW.balance <> 0 OR NEW.last_seq <> 0",
    "account exists": "EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = NEW.id)",
    "system account exists": (
        "NEW.kind <> 'member' AND EXISTS (SELECT 1 FROM ledger_account a WHERE a.community_id = NEW.community_id AND a.kind = NEW.kind)"
    ),
}
_ACCOUNT_UPDATE = {
    "an account keeps its identity": (
        "NEW.id <> OLD.id OR NEW.community_id <> OLD.community_id OR NEW.kind <> OLD.kind OR NEW.opened_at <> OLD.opened_at"
    ),
    "a balance moves only by a transfer": (
        "(NEW.balance <> OLD.balance OR NEW.last_seq <> OLD.last_seq) AND NOT EXISTS (SELECT 1 FROM ledger_transfer t"
        " WHERE t.seq = NEW.last_seq AND NEW.last_seq > OLD.last_seq"
        " AND ((t.credit_id = NEW.id AND NEW.balance = OLD.balance + t.minutes)"
        " OR (t.debit_id = NEW.id AND NEW.balance = OLD.balance - t.minutes)))"
    ),
}
_NEVER = {"a ledger row is for ever": "1 = 1"}
_MOVE = (
    "UPDATE ledger_account SET balance = balance - NEW.minutes, last_seq = NEW.seq WHERE id = NEW.debit_id;"
    " UPDATE ledger_account SET balance = balance + NEW.minutes, last_seq = NEW.seq WHERE id = NEW.credit_id;"
)
# name, table, event, rules
_GUARDS = (
    ("ledger_transfer_guard", "ledger_transfer", "INSERT", _TRANSFER_INSERT),
    ("ledger_transfer_no_update", "ledger_transfer", "UPDATE", _NEVER),
    ("ledger_transfer_no_delete", "ledger_transfer", "DELETE", _NEVER),
    ("ledger_account_guard", "ledger_account", "INSERT", _ACCOUNT_INSERT),
    ("ledger_account_keep", "ledger_account", "UPDATE", _ACCOUNT_UPDATE),
    ("ledger_account_no_delete", "ledger_account", "DELETE", _NEVER),
)
_TABLES = ("ledger_transfer", "ledger_account")
_INTEGRITY = "integrity_constraint_violation"  # so that drivers see the same kind of error as from a constraint


def create(dialect: str) -> list[str]:
    """Return the statements that put the guards onto the two tables."""
    return _create_sqlite() if dialect == "sqlite" else _create_postgresql()


def drop(dialect: str) -> list[str]:
    """Return the statements that take the guards off again."""
    names = [(name, table) for name, table, _, _ in _GUARDS] + [("ledger_transfer_move", "ledger_transfer")]
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name, _ in names]
    names += [(f"{table}_no_truncate", table) for table in _TABLES]
    statements = [f"DROP TRIGGER {name} ON {table}" for name, table in names]
    return statements + [f"DROP FUNCTION {name}()" for name, _ in names if not name.endswith("_no_truncate")]


def _create_sqlite() -> list[str]:
    """Return the triggers in SQLite's words."""
    statements = []
    for name, table, event, rules in _GUARDS:
        every = rules | (_TRANSFER_INSERT_SQLITE if rules is _TRANSFER_INSERT else {})
        body = " ".join(f"SELECT RAISE(ABORT, '{table}: {rule}') WHERE {broken};" for rule, broken in every.items())
        statements.append(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN {body} END")
    statements.append(f"CREATE TRIGGER ledger_transfer_move AFTER INSERT ON ledger_transfer FOR EACH ROW BEGIN {_MOVE} END")
    return statements


def _create_postgresql() -> list[str]:
    """Return the functions and triggers in PostgreSQL's words."""
    statements = []
    for name, table, event, rules in _GUARDS:
        checks = " ".join(
            f"IF {broken} THEN RAISE EXCEPTION '{table}: {rule}' USING ERRCODE = '{_INTEGRITY}'; END IF;" for rule, broken in rules.items()
        )
        statements += _postgresql_trigger(name, table, f"BEFORE {event}", f"{checks} RETURN NEW;")
    statements += _postgresql_trigger("ledger_transfer_move", "ledger_transfer", "AFTER INSERT", f"{_MOVE} RETURN NEW;")
    statements += [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_no_delete()"
        for table in _TABLES
    ]
    return statements


def _postgresql_trigger(name: str, table: str, when: str, body: str) -> list[str]:
    """Return a trigger function and its trigger."""
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
