"""The database's schema: migrations up and down, and whether a database is at the newest one."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from timebank.db import db
from timebank.paths import PACKAGE


def _config() -> Config:
    """Return Alembic's settings; the connection is handed over by env.py."""
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations"))
    return config


def upgrade() -> None:
    """Bring the database to the newest schema."""
    command.upgrade(_config(), "head")


def downgrade() -> None:
    """Take every table away again."""
    command.downgrade(_config(), "base")


def revise(message: str) -> None:
    """Write a new migration from the difference between the tables and the database."""
    command.revision(_config(), message, autogenerate=True)


def head() -> str:
    """Return the name of the newest schema."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_current() -> bool:
    """Say whether the database has the newest schema."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()
