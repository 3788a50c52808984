"""Everything that is kept about one person, as JSON or as a workbook: for whoever asks what is known of them.

The rows are found by what points at the person: their own row, their sign-in, door and time account, and every row that names them.
Other people stand in them as numbers only; what lets somebody in is not among them.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from timebank import audit, clock, wholly
from timebank.db import Base, db
from timebank.elders.models import Elder
from timebank.excel import Cell, Sheet, workbook
from timebank.exchange.left_behind import readable
from timebank.volunteers.models import Volunteer

Told = dict[str, list[wholly.Row]]
UPWARD = {"volunteer": ("user_id", "account_id"), "elder": ("household_id",)}
"""Which of a person's columns lead to a row that is theirs as well."""
LONGEST_CELL = 2000


def export(person: Volunteer | Elder) -> Told:
    """Return every row about somebody by its table; belongs into a write unit, for it is on record."""
    audit.record("export_person", "elder" if isinstance(person, Elder) else "volunteer", person.id)
    here = db.session.connection()
    told: Told = {}
    for table, asked in _conditions(person):
        rows = [readable(table, row) for row in wholly.rows_of(here, table, asked)]
        if rows:
            told[table.name] = rows
    return told


def _conditions(person: Volunteer | Elder) -> Iterator[tuple[Table, list[tuple[str, int]]]]:
    """Yield each table with the columns and values that make one of its rows the person's."""
    own = {(person.__tablename__, "id"): person.id}
    for name in UPWARD[person.__tablename__]:
        column = Base.metadata.tables[person.__tablename__].columns[name]
        (key,) = column.foreign_keys
        if getattr(person, name) is not None:
            own[key.column.table.name, key.column.name] = getattr(person, name)
    for table in wholly.tables(secrets=False):
        asked = [(column.name, own[table.name, column.name]) for column in table.columns if (table.name, column.name) in own]
        asked += [
            (column.name, own[place])
            for column in table.columns
            for key in column.foreign_keys
            if (place := (key.column.table.name, key.column.name)) in own and _is_theirs(place[0], column.name)
        ]
        if asked:
            yield table, asked


def _is_theirs(table: str, column: str) -> bool:
    """Say whether a column names whom a row is about; of a sign-in, most name who did something to somebody else."""
    return {"user": column == "user_id", "household": False}.get(table, True)


def as_json(told: Told) -> bytes:
    """Return the rows as JSON."""
    said = {"made_at": clock.now().isoformat(timespec="seconds"), "tables": told}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def as_workbook(told: Told) -> bytes:
    """Return the rows as a workbook, a sheet a table."""
    sheets = []
    for table, rows in told.items():
        head = list(dict.fromkeys(name for row in rows for name in row))
        sheets.append(Sheet(table[:31], head, [[_cell(row.get(name)) for name in head] for row in rows]))
    return workbook("个人资料 / one person's data", sheets, clock.now())


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever JSON knows
    """Return a value as it stands in a cell."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:LONGEST_CELL]
