"""How migrations reach the database: through the running app's engine, in one transaction.

SQLite changes a table by making it anew. While that happens its foreign keys are not enforced, or dropping the old table
would count as deleting every row that others point at; before the end they are checked.

Whoever only wants to see what a migration would do hands over ``look``: it is shown the changed database, and then
everything is as it was.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator

from timebank.db import Base, db
from timebank.schema import OnlyLooked


def plain_types(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's words
    """Write our own column types as the types they store, so that a migration stands by itself."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}" if "DateTime" in repr(thing.impl) else f"sa.{type(thing.impl).__name__}()"
    return False


def pragma(connection: Connection, words: str) -> list[Any]:
    """Ask SQLite outside of any transaction; other databases have no pragmas."""
    if connection.dialect.name != "sqlite":
        return []
    cursor = connection.connection.cursor()
    try:
        return list(cursor.execute(words))
    finally:
        cursor.close()


with db.engine.connect() as connection:
    pragma(connection, "PRAGMA foreign_keys=OFF")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=plain_types,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if orphans := pragma(connection, "PRAGMA foreign_key_check"):
                msg = f"rows that point nowhere: {orphans[:3]}"
                raise RuntimeError(msg)
            if look := context.config.attributes.get("look"):
                look(connection)
                raise OnlyLooked
        connection.commit()
    finally:
        connection.rollback()
        pragma(connection, "PRAGMA foreign_keys=ON")
