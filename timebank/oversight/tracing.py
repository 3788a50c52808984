"""Whose rows of the audit trail are whose: from the thing a row names to its community and to the people it is about.

The trail keeps a kind of thing and a number. The way from there is the database's own: along foreign keys, the shortest first.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import Column, FromClause, Select, Table, select

from timebank.audit import AuditRow
from timebank.db import Base, db

OTHER_NAMES = {
    "transfer": "ledger_transfer",
    "account": "ledger_account",
    "national_report": "community",
    "honour_consent": "volunteer",
    "star_rule": "community",
}
USERS = "user"
STEPS = 4
Way = tuple[tuple[Table, ...], FromClause]
Found = dict[tuple[str, str], int]


def communities(rows: Iterable[AuditRow]) -> Found:
    """Return the community of each thing that some rows name, as far as it has one."""
    found = {key: int(key[1]) for key in _keys(rows) if table_name(key[0]) == "community" and key[1].isdecimal()}
    return found | _reach(rows, "community_id")


def people(rows: Iterable[AuditRow], kind: str) -> dict[int, int]:
    """Return the volunteer, elder or household behind each row: named in it, the thing itself, or what the thing belongs to."""
    found = _reach(rows, f"{kind}_id")
    numbers = {row.id: _named(row, kind) or found.get((row.subject, row.subject_id)) for row in rows}
    return {row: number for row, number in numbers.items() if number is not None}


def _named(row: AuditRow, kind: str) -> int | None:
    """Return the number of a volunteer, elder or household that a row names itself."""
    if table_name(row.subject) == kind and row.subject_id.isdecimal():
        return int(row.subject_id)
    number = row.detail.get(kind)
    return number if isinstance(number, int) else None


def table_name(subject: str) -> str:
    """Return the table that a kind of thing stands in."""
    return OTHER_NAMES.get(subject, subject)


def _keys(rows: Iterable[AuditRow]) -> set[tuple[str, str]]:
    """Return the things that some rows name, each once."""
    return {(row.subject, row.subject_id) for row in rows}


def _reach(rows: Iterable[AuditRow], column: str) -> Found:
    """Return the number in a column of each thing, or of what it belongs to; asked once for each kind of thing."""
    by_subject: dict[str, set[str]] = {}
    for subject, number in _keys(rows):
        if number.isdecimal():
            by_subject.setdefault(subject, set()).add(number)
    found: Found = {}
    for subject, numbers in by_subject.items():
        read = _read(table_name(subject), column, [int(each) for each in numbers])
        found |= {(subject, str(number)): value for number, value in read.items()}
    return found


def _read(name: str, column: str, numbers: Sequence[int]) -> Mapping[int, int]:
    """Return the number in a column for some rows of a table, or of the nearest table they point to."""
    way = _way(name, column)
    if way is None:
        return {}
    key, reached, joined = way
    rows: Select[int, int] = select(key, reached).select_from(joined).where(key.in_(numbers), reached.is_not(None))
    return dict(db.session.execute(rows).all())


@cache
def _way(name: str, column: str) -> tuple[Column[int], Column[int], FromClause] | None:
    """Return the shortest way from a table to a column: its key, the column, and the tables between joined."""
    start = Base.metadata.tables.get(name)
    if start is None or len(start.primary_key.columns) != 1:
        return None
    (key,) = start.primary_key.columns
    ways: list[Way] = [((start,), start)]
    for _step in range(STEPS):
        for tables, joined in ways:
            if column in tables[-1].columns:
                return key, tables[-1].columns[column], joined
        ways = [further for way in ways for further in _on(way, through_users=column == "community_id")]
    return None


def _on(way: Way, *, through_users: bool) -> list[Way]:
    """Return the ways one table further along the last one's foreign keys; by who did something only where nothing else leads on."""
    tables, joined = way
    keys = sorted(tables[-1].foreign_keys, key=lambda each: (each.column.table.name == USERS, str(each.parent)))
    ways: list[Way] = []
    for each in keys:
        parent = each.column.table
        if parent not in tables and (through_users or parent.name != USERS):
            ways.append(((*tables, parent), joined.outerjoin(parent, each.parent == each.column)))
    return ways
