"""The database's schema: migrations up and down, and whether a database is at the newest one."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from timebank import sealcheck, seals
from timebank.db import db
from timebank.paths import PACKAGE


def _config() -> Config:
    """Return Alembic's settings; the connection is handed over by env.py."""
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations"))
    return config


class OnlyLooked(Exception):  # noqa: N818 - nothing is wrong
    """Ends a migration that was only tried, before anything of it is kept."""


def upgrade() -> None:
    """Bring the database to the newest schema, and seal it anew; rows that were not as they had been sealed stay named."""
    if is_current():
        return
    with db.engine.connect() as connection:
        wrong = sealcheck.check(connection).faults if seals.exist_in(connection) else []
    fresh = _sealed_from_now_on()
    command.upgrade(_config(), "head")
    with db.engine.begin() as connection:
        seals.follow(connection, leave=frozenset((each.table, each.key) for each in wrong if each.table not in fresh))


def _sealed_from_now_on() -> set[str]:
    """Return the tables that migrations still to come put under seal: nothing is known of their rows yet."""
    now = current()
    behind = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions("base", now)} if now else set()
    return {name for revision, names in seals.SEALED_LATER.items() if revision not in behind for name in names}


def downgrade() -> None:
    """Take every table away again."""
    command.downgrade(_config(), "base")


def step_down() -> None:
    """Take the newest migration of the database back."""
    command.downgrade(_config(), "-1")


def try_step_down(look: Callable[[Connection], object]) -> None:
    """Show what the database would be like with its newest migration taken back, and leave it as it is."""
    config = _config()
    config.attributes["look"] = look
    with contextlib.suppress(OnlyLooked):
        command.downgrade(config, "-1")


def revise(message: str) -> None:
    """Write a new migration from the difference between the tables and the database."""
    command.revision(_config(), message, autogenerate=True)


def head() -> str:
    """Return the name of the newest schema."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current() -> str:
    """Return the name of the database's own schema, nothing where there are no tables."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current() -> bool:
    """Say whether the database has the newest schema."""
    return current() == head()


def knows(revision: str) -> bool:
    """Say whether a schema is one of this version's."""
    return revision in {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def title(revision: str) -> str:
    """Return the full name of a migration, such as 0007_shared_telephones."""
    return Path(ScriptDirectory.from_config(_config()).get_revision(revision).path).stem
