"""Volunteers without a smartphone may share a telephone; one by which somebody signs in stays one person's."""

import contextlib
from collections.abc import Generator

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SMARTPHONE = sa.text("has_phone")


@contextlib.contextmanager
def changed_volunteers() -> Generator[BatchOperations]:
    """SQLite makes the table anew: meanwhile the triggers of other tables that read it must not be looked at."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=ON")
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        yield batch_op
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=OFF")


def upgrade() -> None:
    with changed_volunteers() as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_volunteer_community_id_phone"), type_="unique")
        batch_op.create_index(
            "uq_volunteer_sign_in_phone", ["community_id", "phone"], unique=True, sqlite_where=SMARTPHONE, postgresql_where=SMARTPHONE
        )


def downgrade() -> None:
    with changed_volunteers() as batch_op:
        batch_op.drop_index("uq_volunteer_sign_in_phone", sqlite_where=SMARTPHONE, postgresql_where=SMARTPHONE)
        batch_op.create_unique_constraint(batch_op.f("uq_volunteer_community_id_phone"), ["community_id", "phone"])
