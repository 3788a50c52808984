"""How often a page asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from timebank.db import db


@contextmanager
def counted(engine: Engine | None = None) -> Iterator[list[str]]:
    """Give the questions that are put to the database meanwhile, to the one of the app at hand where no other is named."""
    asked = engine if engine is not None else db.engine
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":  # SQLite is told where a transaction begins; that asks nothing
            seen.append(statement)

    event.listen(asked, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(asked, "before_cursor_execute", note)
