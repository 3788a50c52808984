"""The chain of seals: every write unit seals the rows it wrote, under a key that is not in the database.

Of each sealed row a digest of all its values stands in the seal of the write unit that last wrote it; each seal continues the one
before it and carries a MAC. So whoever edits the database's file by hand, takes a row away, slips one in or cuts the newest ones
off cannot make the chain whole again without the office's key, and ``checking`` names the rows. What the database's own guards
are (triggers, constraints, columns) is sealed when the schema changes.

A seal is written last in its write unit (``db.transaction`` commits, the session tells us just before), from the rows as the
database gives them back. The newest one is noted in a small file beside the key, so that an old copy put in the database's place
is noticed.
"""

import hashlib
import hmac
import json
import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask_sqlalchemy.session import Session
from sqlalchemy import Column, MetaData, Table, event, func, insert, inspect, select, text, tuple_
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.session import Session as AnySession
from sqlalchemy.orm.session import SessionTransaction

from timebank import clock
from timebank.db import Base
from timebank.sealed import sealer

GENESIS = "0" * 64
SEALED_LATER = {
    "0037": (
        "attendance",
        "call_back",
        "community",
        "elder",
        "evaluation",
        "family_claim",
        "family_member",
        "finding",
        "help_request",
        "held_skill",
        "honour_consent",
        "household",
        "lending",
        "message_channel",
        "post_claim",
        "promise",
        "round",
        "second_factor",
        "service_session",
        "standing",
        "star_objection",
        "star_review",
        "star_rule",
        "training",
        "unmasking",
        "volunteer",
        "webhook",
    ),
}
"""Tables that are sealed since a migration: what stands in them when it comes is sealed as it is found."""
SEALED = (
    "audit",
    "award",
    "certificate",
    "charge",
    "confirmation",
    "consent",
    "credit_setting",
    "desk_act",
    "duty",
    "elder_account",
    "issued_report",
    "issued_statement",
    "kinship",
    "ledger_account",
    "ledger_transfer",
    "manual_entry",
    "month_close",
    "objection",
    "offer",
    "older_batch",
    "older_service",
    "passbook",
    "passbook_line",
    "proposal",
    "record_rules",
    "service_record",
    "star_application",
    "user",
    "visit",
    *(name for names in SEALED_LATER.values() for name in names),
)
"""The tables whose rows are sealed: what was done, counted, certified and decided, whom it is about, and who may do what."""
MOVED_BY_TRANSFERS = {"ledger_account": ("balance", "last_seq")}
"""Columns that a trigger moves; they are checked against the transfers, which are sealed."""
SHAPE = "(shape)"
SLICE = 500
HEAD = "seal-{}.head"
TOUCHED = "timebank_touched"
WRITTEN = "timebank_written_seal"
_LOCK = 0x7463

log = logging.getLogger(__name__)
Key = int | str


class Seal(Base):
    """The seal of one write unit: ``rows`` has each table's rows with their digests, none for a row that is gone."""

    __tablename__ = "seal"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    key_mark: Mapped[str]
    rows: Mapped[dict[str, Any]]
    prev: Mapped[str]
    mac: Mapped[str]


class Head:
    """The file beside the key in which this process notes the newest seal it has stored."""

    def __init__(self) -> None:
        """Start without a file."""
        self._file: Path | None = None
        self._lock = threading.Lock()
        self._newest = 0

    def keep_in(self, instance: Path, database: str) -> None:
        """Note the heads of a database in an instance folder from now on; each database has a file of its own there."""
        mark = hashlib.sha256(make_url(database).render_as_string(hide_password=True).encode()).hexdigest()[:8]
        self._file, self._newest = instance / HEAD.format(mark), 0

    def note(self, number: int, mac: str) -> None:
        """Note a seal that is stored; a disk that refuses loses no more than the note."""
        with self._lock:
            if self._file is None or number <= self._newest:
                return
            self._newest = number
            try:
                handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
                try:
                    os.pwrite(handle, f"{number:>20} {mac}\n".encode(), 0)
                finally:
                    os.close(handle)
            except OSError as error:
                log.warning("the newest seal was not noted beside the key: %s", error.strerror)

    def noted(self) -> tuple[int, str] | None:
        """Return the newest seal that was noted."""
        try:
            number, mac = self._file.read_text(encoding="ascii").split() if self._file is not None else ("", "")
        except (OSError, ValueError):
            return None
        return (int(number), mac) if number else None


head = Head()


def canonical(value: object) -> object:
    """Return a value of the database as it is sealed."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def digest(values: Iterable[tuple[str, object]]) -> str:
    """Return the digest of a row's values by the names of their columns; a column without a value does not count."""
    said = {name: canonical(value) for name, value in values if value is not None}
    text_of = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=canonical)
    return hashlib.blake2b(text_of.encode("ascii"), digest_size=16).hexdigest()


def mac_of(number: int, at: datetime, rows: object, prev: str, key: bytes) -> str:
    """Return the MAC of a seal."""
    said = json.dumps([number, canonical(at), rows, prev], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, said.encode("ascii"), hashlib.sha256).hexdigest()


def columns_of(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that are sealed."""
    return [each for each in table.columns if each.name not in MOVED_BY_TRANSFERS.get(table.name, ())]


def key_of(table: Table, row: Sequence[Any]) -> Key:
    """Return the key of a row as it is sealed; ``row`` begins with the columns of its primary key."""
    parts = row[: len(table.primary_key.columns)]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], int) else ":".join(map(str, parts))


def read(connection: Connection, table: Table, *where: Any) -> Iterator[tuple[Key, str]]:  # noqa: ANN401 - SQLAlchemy's conditions
    """Yield the key and the digest of rows as the database gives them."""
    keys, sealed = list(table.primary_key.columns), columns_of(table)
    width, names = len(keys), [each.name for each in sealed]
    for row in connection.execute(select(*keys, *(each.label(f"sealed_{each.name}") for each in sealed)).where(*where)):
        yield key_of(table, row), digest(zip(names, row[width:], strict=True))


def add(connection: Connection, rows: dict[str, Any]) -> tuple[int, str]:
    """Continue the chain by one seal; return its number and its MAC."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK, 0)))
    newest = connection.execute(select(Seal.id, Seal.mac).order_by(Seal.id.desc()).limit(1)).first()
    last, prev = (0, GENESIS) if newest is None else (newest.id, newest.mac)
    number, at = last + 1, clock.now()
    mac = mac_of(number, at, rows, prev, sealer.seal_key)
    connection.execute(insert(Seal).values(id=number, at=at, key_mark=sealer.mark, rows=rows, prev=prev, mac=mac))
    return number, mac


def _touched(session: AnySession) -> list[set[tuple[str, tuple[Any, ...]]]]:
    """Return the sealed rows this write unit has written: its own, and those of each savepoint that is open inside it."""
    layers: list[set[tuple[str, tuple[Any, ...]]]] = session.info.setdefault(TOUCHED, [set()])
    return layers


@event.listens_for(Session, "after_transaction_create")
def _open_savepoint(session: AnySession, made: SessionTransaction) -> None:
    """Remember apart what a savepoint writes."""
    if made.nested:
        _touched(session).append(set())


@event.listens_for(Session, "after_transaction_end")
def _close_savepoint(session: AnySession, ended: SessionTransaction) -> None:
    """Hand what a savepoint wrote to the write unit around it; of one that was rolled back nothing is left."""
    layers = _touched(session)
    if ended.nested and len(layers) > 1:
        kept = layers.pop()
        layers[-1] |= kept


@event.listens_for(Session, "after_flush")
def _note_touched(session: AnySession, _context: object) -> None:
    """Remember which sealed rows a flush writes."""
    touched = _touched(session)[-1]
    for row in (*session.new, *session.dirty, *session.deleted):
        if row.__tablename__ in SEALED:
            touched.add((row.__tablename__, tuple(inspect(row).mapper.primary_key_from_instance(row))))


def touch(session: AnySession, table: str, numbers: Iterable[int]) -> None:
    """Say that rows are written past the session, so that this write unit seals them as well."""
    if table in SEALED:
        _touched(session)[-1].update((table, (number,)) for number in numbers)


@event.listens_for(Session, "before_commit")
def _seal(session: AnySession) -> None:
    """Seal what the write unit has written, once for all its savepoints: what they did is not stored before the whole is."""
    if session.in_nested_transaction():
        return
    session.flush()
    touched = set[tuple[str, tuple[Any, ...]]]().union(*session.info.pop(TOUCHED, ()))
    if not touched:
        return
    connection = session.connection()
    rows: dict[str, Any] = {}
    for name in sorted({name for name, _key in touched}):
        rows[name] = sealed_now(connection, _as_known(name), sorted(key for each, key in touched if each == name))
    session.info[WRITTEN] = add(connection, rows)


@event.listens_for(Session, "after_commit")
def _note_head(session: AnySession) -> None:
    """Note beside the key how far the chain has come."""
    written = session.info.pop(WRITTEN, None)
    if written is not None:
        head.note(*written)


@event.listens_for(Session, "after_rollback")
def _forget(session: AnySession) -> None:
    """Forget what was not stored after all: with a savepoint only its own."""
    if session.in_nested_transaction():
        _touched(session)[-1].clear()
        return
    session.info.pop(TOUCHED, None)
    session.info.pop(WRITTEN, None)


def sealed_now(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Return the keys and digests of some rows; those that are gone without a digest."""
    found: dict[Key, str | None] = {key_of(table, key): None for key in keys}
    columns = list(table.primary_key.columns)
    for start in range(0, len(keys), SLICE):
        part = keys[start : start + SLICE]
        mine = columns[0].in_([key[0] for key in part]) if len(columns) == 1 else tuple_(*columns).in_(part)
        found |= dict(read(connection, table, mine))
    return [list(each) for each in found.items()]


def as_it_stands(connection: Connection) -> list[Table]:
    """Return the sealed tables a database has, with its own columns, read as they stand there."""
    seen = inspect(connection)
    names = set(seen.get_table_names())
    return [
        _raw(name, [each["name"] for each in seen.get_columns(name)], seen.get_pk_constraint(name)["constrained_columns"])
        for name in SEALED
        if name in names
    ]


def _raw(name: str, columns: Iterable[str], keys: Iterable[str]) -> Table:
    """Return a table whose values are read as the database gives them, whatever somebody has put there."""
    of_key = set(keys)
    return Table(name, MetaData(), *(Column(each, primary_key=each in of_key) for each in columns))


@cache
def _as_known(name: str) -> Table:
    """Return a table of this version's, read as it stands."""
    known = Base.metadata.tables[name]
    return _raw(name, [each.name for each in known.columns], [each.name for each in known.primary_key.columns])


def shape_of(connection: Connection) -> dict[str, str]:
    """Return a digest of each of the database's own guards: its triggers, constraints, indexes and columns, by name."""
    statements = _SQLITE_SHAPE if connection.dialect.name == "sqlite" else _POSTGRESQL_SHAPE
    found: dict[str, str] = {}
    for statement in statements:
        for name, said in connection.execute(text(statement)):
            plain = _as_meant(str(said)) if connection.dialect.name == "postgresql" else " ".join(str(said).split())
            found[str(name)] = hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()
    return found


def _as_meant(said: str) -> str:
    """Return what a guard of PostgreSQL says without casts, brackets and blanks: a dump and its return set those otherwise."""
    return "".join(_CAST.sub("", said).translate(_BRACKETS).split())


_CAST = re.compile(r"::[a-z]+(?: varying| precision| with(?:out)? time zone)?(?:\[\])?")
_BRACKETS = str.maketrans("", "", "()")
_SQLITE_SHAPE = ("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY 1",)
_POSTGRESQL_SHAPE = (
    """SELECT 'trigger ' || t.tgname, CAST(t.tgenabled AS text) || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND NOT t.tgisinternal""",
    "SELECT 'function ' || p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()",
    """SELECT 'constraint ' || CAST(CAST(c.conrelid AS regclass) AS text) || ' ' || c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = current_schema()""",
    "SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    """SELECT 'table ' || table_name, string_agg(column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, ''), ', '
    ORDER BY column_name) FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name""",
)


def exist_in(connection: Connection) -> bool:
    """Say whether a database has a chain of seals."""
    return inspect(connection).has_table(Seal.__tablename__)


def follow(connection: Connection, *, leave: frozenset[tuple[str, Key]] = frozenset()) -> None:
    """Seal a database anew after its schema has changed: its guards, and every row but those that were wrong before."""
    seal_guards(connection)
    for table in as_it_stands(connection):
        part: list[list[Any]] = []
        for key, found in read(connection, table):
            if (table.name, key) not in leave:
                part.append([key, found])
            if len(part) == SLICE * 4:
                add(connection, {table.name: part})
                part = []
        if part:
            add(connection, {table.name: part})
    head.note(*newest(connection))


def seal_guards(connection: Connection) -> None:
    """Seal the database's own guards as they are now."""
    add(connection, {SHAPE: [list(each) for each in sorted(shape_of(connection).items())]})


def newest(connection: Connection) -> tuple[int, str]:
    """Return the number and the MAC of the newest seal."""
    found = connection.execute(select(Seal.id, Seal.mac).order_by(Seal.id.desc()).limit(1)).first()
    return (0, GENESIS) if found is None else (found.id, found.mac)
