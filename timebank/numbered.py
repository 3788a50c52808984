"""Numbers set aside: while many rows come in, each has its number before it is written, so that many are written at once.

Otherwise the database gives a row its number when it is written, and whoever needs the number has to have the row written first:
one journey for each. SQLite's numbers follow the highest, which nobody else moves while a write unit is open; PostgreSQL's come
from the table's own sequence, many at a time.
"""

import contextlib
import functools
import itertools
from collections.abc import Generator, Iterator
from typing import Any, cast

from sqlalchemy import Column, Table, event, func, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction, _SaveUpdateAll

from timebank.db import Base, db

AHEAD = "timebank_numbers_ahead"
TOGETHER = 100
"""So many numbers are taken from a sequence at once."""

Numbers = dict[str, Iterator[int]]


def add(row: Base) -> None:
    """Add a row and give it its number: one set aside where many come in, else by writing it now."""
    db.session.add(row)
    if AHEAD in db.session.info:
        _number(db.session(), row)
    else:
        db.session.flush()


@contextlib.contextmanager
def ahead() -> Generator[None]:
    """Set numbers aside for every row that is added while it is open; what it points at is written before it."""
    session = db.session()
    session.info[AHEAD] = Numbers()
    event.listen(session, "before_flush", _before)
    try:
        yield
        session.flush()
    finally:
        event.remove(session, "before_flush", _before)
        del session.info[AHEAD]


def _before(session: Session, context: UOWTransaction, _instances: object) -> None:
    """Number what has no number yet, and have what is pointed at written first: a bare number tells the session of no order."""
    for row in session.new:
        _number(session, row)
    tables = {_table(row): inspect(row).mapper.base_mapper for row in session.new}
    saving = {table: _SaveUpdateAll(context, mapper) for table, mapper in tables.items()}  # type: ignore[no-untyped-call]
    for table, save in saving.items():
        others = {key.column.table for key in table.foreign_keys} & saving.keys() - {table}
        context.dependencies.update((saving[each], save) for each in others)


def _number(session: Session, row: Base) -> None:
    """Give a row of a table that counts by itself the next number, and what its columns say where nothing is said."""
    table = _table(row)
    column = table.autoincrement_column
    if column is None or getattr(row, column.key) is not None:
        return
    numbers: Numbers = session.info[AHEAD]
    if table.name not in numbers:
        numbers[table.name] = _numbers(session.connection(), table.name, column)
    setattr(row, column.key, next(numbers[table.name]))
    said = inspect(row).dict
    for name, default in _defaults(table):
        if name not in said:
            setattr(row, name, default.arg(None) if default.is_callable else default.arg)


@functools.cache
def _defaults(table: Table) -> list[tuple[str, Any]]:
    """Return what the columns of a table say where nothing is said."""
    return [(each.key, each.default) for each in table.columns if each.default is not None]


def _table(row: Base) -> Table:
    """Return the table of a row."""
    return cast("Table", row.__table__)


def _numbers(here: Connection, table: str, column: Column[int]) -> Iterator[int]:
    """Yield the numbers that are next in a table."""
    if here.dialect.name == "sqlite":
        highest = here.execute(select(func.max(column))).scalar()
        yield from itertools.count((highest or 0) + 1)
    sequence = func.pg_get_serial_sequence(here.dialect.identifier_preparer.quote(table), column.name)
    while True:
        yield from here.execute(select(func.nextval(sequence)).select_from(func.generate_series(1, TOGETHER))).scalars()
