"""What an import does to each row, watched while it does it: how the row was before, and a mark of how it is afterwards.

Only rows that a roster speaks of are watched; accounts, messages and the trail are never taken back.
"""

import contextlib
import hashlib
import json
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from sqlalchemy import Table, event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from timebank import wholly
from timebank.db import Base, db

WATCHED = frozenset({
    "street", "community", "compound", "building", "canteen", "station", "unit", "team", "user", "volunteer", "standing", "availability",
    "held_skill", "team_member", "household", "elder", "consent", "pairing", "family_member", "help_request", "older_batch", "older_service",
})  # fmt: skip
Entry = tuple[wholly.Row | None, str]
"""How a row was, nothing where it is new; and the mark of how it is, nothing where it is gone."""
Entries = dict[str, dict[int, Entry]]


class Journal:
    """What is being done to rows: those that came in, and how those that were there had been."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.new: set[tuple[str, int]] = set()
        self.before: dict[tuple[str, int], wholly.Row] = {}

    def note_new(self, session: Session) -> None:
        """Note what has just come in; its number is kept, not the row, so that a long import needs little memory."""
        self.new |= {(row.__tablename__, row.id) for row in session.new if row.__tablename__ in WATCHED}

    def note_before(self, session: Session) -> None:
        """Note how rows are that are about to be written over."""
        for row in [*session.dirty, *session.deleted]:
            watched = row.__tablename__ in WATCHED and (row.__tablename__, *(inspect(row).identity or ())) not in self.new
            if watched and (row in session.deleted or session.is_modified(row)):
                self._keep(session.connection(), row)
            for gone in _let_go(row) if watched else ():
                self._keep(session.connection(), gone)

    def _keep(self, here: Connection, row: Base) -> None:
        """Keep how a row was before the first time it is written."""
        (number,) = inspect(row).identity or (0,)
        key = (row.__tablename__, number)
        if key not in self.before:
            (self.before[key],) = wholly.rows_of(here, Base.metadata.tables[key[0]], [("id", number)])

    def entries(self, here: Connection) -> Entries:
        """Return what was done to which row, once all is written; what came to nothing is left out."""
        touched: dict[str, dict[int, wholly.Row | None]] = {}
        for table, number in self.new:
            touched.setdefault(table, {})[number] = None
        for (table, number), before in self.before.items():
            touched.setdefault(table, {})[number] = before
        found: Entries = {}
        for table, rows in touched.items():
            now = rows_now(here, Base.metadata.tables[table], rows)
            marked = {number: (before, mark(now.get(number))) for number, before in rows.items()}
            found[table] = {number: entry for number, entry in marked.items() if entry[1] != mark(entry[0])}
        return found


def _let_go(row: Base) -> Iterator[Base]:
    """Yield the rows that go with a write because this row lets go of them, such as a free time."""
    state = inspect(row)
    for relation in state.mapper.relationships:
        if relation.cascade.delete_orphan:
            yield from (gone for gone in state.attrs[relation.key].history.deleted if inspect(gone).has_identity)


@contextlib.contextmanager
def watching() -> Generator[Journal]:
    """Watch what is written while it is open."""
    journal = Journal()
    session = db.session()

    def before(flushed: Session, _context: object, _instances: object) -> None:
        journal.note_before(flushed)

    def after(flushed: Session, _context: object) -> None:
        journal.note_new(flushed)

    event.listen(session, "before_flush", before)
    event.listen(session, "after_flush", after)
    try:
        yield journal
        session.flush()
    finally:
        event.remove(session, "before_flush", before)
        event.remove(session, "after_flush", after)


def rows_now(here: Connection, table: Table, numbers: Iterable[int]) -> dict[int, wholly.Row]:
    """Return some rows of a table as they stand, by number."""
    return {row["id"]: row for some in wholly.in_parts(numbers) for row in wholly.rows_of(here, table, [("id", some)])}


def mark(row: wholly.Row | None) -> str:
    """Return a short mark that is another for a row that differs; nothing for no row."""
    return "" if row is None else hashlib.sha256(wholly.line_of(row).encode()).hexdigest()[:20]


def as_kept(entries: Entries) -> str:
    """Return the entries as they are kept."""
    return json.dumps(entries, ensure_ascii=False)


def from_kept(kept: str) -> Entries:
    """Return what was kept."""
    told: dict[str, dict[str, Any]] = json.loads(kept)
    return {table: {int(number): (entry[0], entry[1]) for number, entry in rows.items()} for table, rows in told.items()}
