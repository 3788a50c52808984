"""The database: declarative base, column types, pragmas, and ``transaction``, the one place that commits.

SQLite runs in WAL mode only on a version without the WAL-reset fault (fixed in 3.51.3, 3.50.7 and 3.44.6); otherwise
it falls back to ``journal_mode=DELETE`` and says so. Write units open with BEGIN IMMEDIATE, so two writers queue
instead of failing half way; and because SQLite's own queue is no queue but a crowd at a door, the writers of one process
wait in line for their turn, and knock often.
"""

import contextlib
import importlib
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, DateTime, Dialect, Engine, Enum, MetaData, String, and_, case, event, literal
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, QueryContext
from sqlalchemy.types import JSON, TypeDecorator

from timebank import collecting
from timebank.clock import ZONE

CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE = "timebank_write"
AFTERWARDS = "timebank_after_commit"
KEPT = "timebank_kept"
BUSY_MS = 5_000
PATIENCE = 12.0
"""So many seconds a write unit waits to begin, in line and at the door together; then it gives up and nothing is lost."""
BRIEFLY = 1.0
"""So many seconds a page that notes who reads it waits: it stands where the readers are, and must not hold them up."""
KNOCK_SECONDS = 0.005
CONNECTIONS = 20
"""So many connections are kept: one for each thread that serves or does jobs, so that none waits for another's."""
BOUNDS = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
"""How long PostgreSQL lets one statement of the running service wait, work, or leave others waiting; migrations and copies have no bound."""
_turn = threading.RLock()


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC on both databases and given back in the product's zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant must be aware"
            raise ValueError(msg)
        stored = value.astimezone(UTC)
        return stored.replace(tzinfo=None) if dialect.name == "sqlite" else stored

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in the product's zone."""
        del dialect
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(ZONE)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON, str: String}


db = SQLAlchemy(metadata=Base.metadata)
Table = TypeVar("Table", bound=Base)


def sqlite_driver() -> ModuleType:
    """Return the newest SQLite driver at hand: the bundled wheel where there is one, else Python's own."""
    with contextlib.suppress(ImportError):
        return importlib.import_module("pysqlite3")
    return sqlite3


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Say whether this SQLite version is free of the WAL-reset fault."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine options of a database address."""
    if url.startswith("sqlite"):
        arguments = {"timeout": 5, "isolation_level": None, "check_same_thread": False}
        return {"module": sqlite_driver(), "connect_args": arguments, "hide_parameters": True}
    return {"pool_pre_ping": True, "hide_parameters": True}


def pooled_options(url: str) -> dict[str, Any]:
    """Return the engine options of the running service, whose threads share some connections."""
    options = engine_options(url) | {"pool_size": CONNECTIONS}
    return options if url.startswith("sqlite") else options | {"connect_args": {"options": BOUNDS}}


@event.listens_for(Engine, "connect")
def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's own connection
    """Set the pragmas of one SQLite connection."""
    if type(connection).__module__.split(".", maxsplit=1)[0] not in {"sqlite3", "pysqlite3"}:
        return
    mode = "WAL" if wal_is_safe(sqlite_driver().sqlite_version_info) else "DELETE"
    cursor = connection.cursor()
    for pragma in (
        f"journal_mode={mode}",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MS}",
        "trusted_schema=OFF",
        "recursive_triggers=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Open a SQLite transaction: at once for writing in a write unit, deferred for reading."""
    if connection.dialect.name != "sqlite":
        return
    until = connection.get_execution_options().get(WRITE)
    if until is None:
        connection.exec_driver_sql("BEGIN")
    else:
        _begin_to_write(connection, until)


def _begin_to_write(connection: Connection, until: float) -> None:
    """Knock until the file can be written, far more often than SQLite does by itself, so that nobody is passed over for long."""
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > until:
                    raise
                time.sleep(KNOCK_SECONDS)
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")


@contextlib.contextmanager
def _in_turn(dialect: str, patience: float) -> Generator[None]:
    """Let the writers of this process go one after the other where the database is one file."""
    if dialect != "sqlite":
        yield
        return
    if not _turn.acquire(timeout=patience):
        raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("waited in line too long"))
    try:
        yield
    finally:
        _turn.release()


@contextlib.contextmanager
def transaction(*, patience: float = PATIENCE) -> Generator[None]:
    """One write unit: everything inside is committed together, or nothing is; ``patience`` is how many seconds it waits for others.

    RuntimeError inside another of the same session: it would take back what the outer one has not stored yet.
    """
    session = db.session
    if AFTERWARDS in session.info:
        msg = "a write unit was opened inside another: the outer one opens it and commits, what it calls only writes"
        raise RuntimeError(msg)
    session.rollback()
    afterwards: list[Callable[[], None]] = []
    dialect, until = session.get_bind().dialect.name, time.monotonic() + patience
    with _in_turn(dialect, patience):
        connection = session.connection(execution_options={WRITE: until})
        if dialect == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(1000 * patience))}")
        session.info[AFTERWARDS] = afterwards
        try:
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(AFTERWARDS, None)
    collecting.collect_if_due()
    for act in afterwards:
        act()


def after_commit(act: Callable[[], None]) -> None:
    """Do something once the write unit is stored, never when it is not; outside a write unit, now."""
    afterwards = db.session.info.get(AFTERWARDS)
    if afterwards is None:
        act()
    else:
        afterwards.append(act)


def hold(row: Base) -> None:
    """Hold a row against whoever changes it at the same moment, and see it as it is now.

    Of what was read along with it nothing is held: PostgreSQL refuses to hold what may not be there.
    """
    db.session.flush()
    db.session.refresh(row, with_for_update={"of": type(row)})


def kept(table: type[Table]) -> type[Table]:
    """Let a session that has read a row of this table keep it until it is let go, so that one page reads it once.

    SQLAlchemy remembers only what somebody holds. This is for tables of places and of the catalogue: few rows, that everything points at.
    """
    event.listen(table, "load", _keep)
    return table


def _keep(row: Base, context: QueryContext) -> None:
    """Keep a row beside the session it was read by."""
    context.session.info.setdefault(KEPT, set()).add(row)


def forget_reads() -> None:
    """End the session's reading transaction, so that what comes next sees what others have written."""
    db.session.rollback()
    collecting.collect_if_due()


def let_go(_error: BaseException | None) -> None:
    """End what a request still reads; where the database has cut the connection, it ended it itself and there is nothing to end."""
    db.session.expunge_all()  # what was read stays readable to whoever still holds it
    db.session.info.pop(KEPT, None)
    try:
        db.session.rollback()
    except DBAPIError:
        db.session().invalidate()


def which(value: ColumnElement[Any] | InstrumentedAttribute[Any], spans: Iterable[tuple[Any, Any]]) -> ColumnElement[int]:
    """Return the place of the span in which a value lies, the second end not with it: what many spans ask is read at once."""
    return case(*((and_(value >= first, value < after), literal(place)) for place, (first, after) in enumerate(spans)), else_=literal(-1))


def choice(states: type[StrEnum]) -> Enum:
    """Return the column type of a state: its words, checked by the database."""
    return Enum(
        states,
        name=states.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda kind: [member.value for member in kind],
    )
