"""What several migrations do: change a table that SQLite can only make anew, and read which words a column takes."""

import contextlib
import re
from collections.abc import Generator

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations


@contextlib.contextmanager
def changed(table: str) -> Generator[BatchOperations]:
    """SQLite makes the table anew: its triggers are put back afterwards, and those of other tables are not looked at meanwhile."""
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    triggers: list[str] = []
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=ON")
        found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
        triggers = list(bind.scalars(found, {"table": table}))
    with op.batch_alter_table(table, schema=None) as batch_op:
        yield batch_op
    for trigger in triggers:
        op.execute(trigger)
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=OFF")


def words(table: str, column: str) -> list[str]:
    """Return the words the database takes in a column now, whoever added them."""
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    (listed,) = (each["sqltext"] for each in checks if each["name"] == f"ck_{table}_{column}")
    return re.findall(r"'([a-z_-]+)'", listed)
