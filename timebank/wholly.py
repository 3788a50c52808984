"""Every table as plain rows: read in one order, put into another database of either kind, and compared line by line.

A row is told as one line of JSON, the same on SQLite and on PostgreSQL: instants in UTC, days as ISO text, a field that holds
nothing is left out, and words under seal stay the sealed words they are, so that nobody needs a key to carry them. The digest of
a table is taken over its lines in the order of its key; two databases that agree in it hold the same rows.

Tables whose ``info`` says ``SECRET`` hold what lets somebody in (sessions, sign-in codes, links) or what lives for a day; a copy
that stays in the office carries them, what leaves the office does not.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, cast, delete, func, insert, inspect, or_, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import JSON, Date, Enum, LargeBinary, TypeDecorator, TypeEngine, UserDefinedType

from timebank import seals
from timebank.db import Base, Instant
from timebank.sealed import Sealed
from timebank.seals import Seal

SECRET = {"secret": True}
AT_A_TIME = 1000

Row = dict[str, Any]
Turned = Callable[[Any], Any]


class JsonWords(UserDefinedType[str]):
    """A JSON column as the words that stand in it, so that nothing and ``null`` stay two things."""

    cache_ok = True

    def get_col_spec(self, **_more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own arguments
        """Return the name of the type."""
        return "JSON"

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        """Read the words themselves."""
        return cast(column, Text)


def tables(*, secrets: bool) -> list[Table]:
    """Return every table, each after those it points at; ``secrets`` says whether those that let somebody in are among them.

    The chain of seals is no such table: each database has its own.
    """
    carried = [table for table in Base.metadata.sorted_tables if table.name != Seal.__tablename__]
    return [table for table in carried if secrets or not table.info.get("secret")]


def lines_of(connection: Connection, table: Table) -> Iterator[str]:
    """Yield the rows of a table as lines of JSON, in the order of its key."""
    return (line_of(row) for row in rows_of(connection, table))


def line_of(row: Row) -> str:
    """Return a row as its line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def rows_of(connection: Connection, table: Table, having: Sequence[tuple[str, Any]] = ()) -> Iterator[Row]:
    """Yield the rows of a table in the order of its key, their values as JSON knows them.

    With ``having``, columns and values, only those of which one column at least has its value, or one of several.
    """
    plain, out = _plain(table), [_out(column.type) for column in table.columns]
    names = [column.name for column in table.columns]
    asked = select(plain).order_by(*plain.primary_key.columns)
    if having:
        asked = asked.where(or_(*(_has(plain.columns[name], value) for name, value in having)))
    for values in connection.execute(asked, execution_options={"yield_per": AT_A_TIME}):
        yield {name: turn(value) for name, value, turn in zip(names, values, out, strict=True) if value is not None}


def in_parts(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Yield numbers, so many at a time as one statement takes."""
    left = iter(numbers)
    while some := list(islice(left, AT_A_TIME)):
        yield some


def pointing(connection: Connection, table: Table, column: str, numbers: Iterable[int], *, but: Collection[int]) -> set[int]:
    """Return those of some numbers that a column of a table holds, in other rows than ``but``."""
    plain = _plain(table)
    keys = [each for each in plain.primary_key.columns if each.name == "id"] or [plain.columns[column]]
    found: set[int] = set()
    for some in in_parts(numbers):
        asked = select(keys[0], plain.columns[column]).where(plain.columns[column].in_(some))
        found |= {value for number, value in connection.execute(asked) if keys[0].name != "id" or number not in but}
    return found


def take_away(connection: Connection, table: Table, numbers: Iterable[int]) -> None:
    """Take rows away by number."""
    plain = _plain(table)
    for some in in_parts(numbers):
        connection.execute(delete(plain).where(plain.columns["id"].in_(some)))


def change_row(connection: Connection, table: Table, row: Row) -> None:
    """Make a row what it is told to be."""
    plain = _plain(table)
    said = {column.name: _into(column.type)(row[column.name]) if column.name in row else None for column in table.columns}
    connection.execute(update(plain).where(plain.columns["id"] == row["id"]).values(said))


def digest_of(lines: Iterable[str]) -> tuple[int, str]:
    """Return how many lines there are and the SHA-256 over them, each with its line's end."""
    count, digest = 0, hashlib.sha256()
    for line in lines:
        count += 1
        digest.update(line.encode() + b"\n")
    return count, digest.hexdigest()


def put_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Put rows into a table inside ``filling``; return how many."""
    plain, into = _plain(table), {column.name: _into(column.type) for column in table.columns}
    nothing = dict.fromkeys(into)
    count, batch = 0, []
    for row in rows:
        batch.append(nothing | {name: into[name](value) for name, value in row.items()})
        if len(batch) == AT_A_TIME:
            connection.execute(insert(plain), batch)
            count, batch = count + len(batch), []
    if batch:
        connection.execute(insert(plain), batch)
    return count + len(batch)


@contextmanager
def filling(connection: Connection) -> Generator[None]:
    """Let rows come in as they are: the triggers rest, and what points somewhere is looked at when all is in.

    It belongs into one write unit with everything that is put in: at its end every trigger stands again as it was, and rows that
    point nowhere are refused by the database. What came in is sealed then.
    """
    resting = _sqlite_triggers_resting if connection.dialect.name == "sqlite" else _postgresql_triggers_resting
    with resting(connection):
        yield
    seals.follow(connection)


def next_numbers(connection: Connection) -> dict[str, int]:
    """Return the last number each table of PostgreSQL has given, so that no number of a row that is gone comes again."""
    if connection.dialect.name == "sqlite":
        return {}
    found = {}
    for table, column, sequence in _sequences(connection):
        last = connection.execute(text(f"SELECT last_value FROM {sequence}")).scalar_one()  # noqa: S608 - the database's own name
        found[f"{table}.{column}"] = int(last)
    return found


def go_on_counting(connection: Connection, last: Mapping[str, int] | None = None) -> None:
    """Let every table that counts its rows itself go on after the highest number, or after ``last`` where that is higher."""
    for table, column, sequence in _sequences(connection):
        key = Base.metadata.tables[table].columns[column]
        highest = connection.execute(select(func.max(key))).scalar_one_or_none() or 0
        highest = max(highest, (last or {}).get(f"{table}.{column}", 0))
        if highest:
            connection.execute(select(func.setval(sequence, highest)))


@contextmanager
def _sqlite_triggers_resting(connection: Connection) -> Generator[None]:
    """Take SQLite's triggers away for a while, and look at what points where only at the end."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


@contextmanager
def _postgresql_triggers_resting(connection: Connection) -> Generator[None]:
    """Let PostgreSQL's triggers rest for a while, and look at what points where only at the end."""
    quoted = connection.dialect.identifier_preparer.quote
    keys = [(quoted(table.name), quoted(str(key.name))) for table in tables(secrets=True) for key in table.foreign_key_constraints]
    for table in tables(secrets=True):
        connection.exec_driver_sql(f"ALTER TABLE {quoted(table.name)} DISABLE TRIGGER USER")
    for name, key in keys:
        connection.exec_driver_sql(f"ALTER TABLE {name} ALTER CONSTRAINT {key} DEFERRABLE INITIALLY DEFERRED")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for name, key in keys:
        connection.exec_driver_sql(f"ALTER TABLE {name} ALTER CONSTRAINT {key} NOT DEFERRABLE")
    for table in tables(secrets=True):
        connection.exec_driver_sql(f"ALTER TABLE {quoted(table.name)} ENABLE TRIGGER USER")


def _sequences(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and sequence of every column that PostgreSQL counts by itself."""
    if connection.dialect.name == "sqlite":
        return
    quoted = connection.dialect.identifier_preparer.quote
    known = set(inspect(connection).get_table_names())
    for table in tables(secrets=True):
        if table.name in known and (column := table.autoincrement_column) is not None:
            asked = select(func.pg_get_serial_sequence(quoted(table.name), column.name))
            if sequence := connection.execute(asked).scalar_one_or_none():
                yield table.name, column.name, sequence


def _has(column: Column[Any], value: Any) -> ColumnElement[bool]:  # noqa: ANN401 - whatever a column holds
    """Say that a column has a value, or one of several."""
    return column.in_(value) if isinstance(value, list) else column == value


def _plain(table: Table) -> Table:
    """Return a table whose columns hold what is stored: choices as words, JSON as its text, what is sealed as it stands sealed."""
    columns = [Column(each.name, _stored(each.type), primary_key=each.primary_key) for each in table.columns]
    return Table(table.name, MetaData(), *columns)


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type in which a column is read and written as it stands."""
    if isinstance(kind, Sealed | Enum):
        return Text()
    if isinstance(kind, JSON):
        return JsonWords()
    if isinstance(kind, TypeDecorator) and not isinstance(kind, Instant):
        msg = f"a column of {type(kind).__name__} cannot be told as a line yet"
        raise TypeError(msg)
    return kind


def _out(kind: TypeEngine[Any]) -> Turned:
    """Return what turns a stored value into one that JSON knows."""
    if isinstance(kind, Instant):
        return _instant_out
    if isinstance(kind, Date):
        return date.isoformat
    if isinstance(kind, JSON):
        return json.loads
    return _bytes_out if isinstance(kind, LargeBinary) else _same


def _into(kind: TypeEngine[Any]) -> Turned:
    """Return what turns a value of a line into one that can be stored."""
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, JSON):
        return json.dumps
    return base64.b64decode if isinstance(kind, LargeBinary) else _same


def _instant_out(at: datetime) -> str:
    """Return an instant in UTC."""
    return at.astimezone(UTC).isoformat()


def _bytes_out(stored: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(stored).decode()


def _same(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a value that JSON knows as it is."""
    return value
