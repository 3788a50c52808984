"""A beginning that a phone told of later is marked with how many minutes that was."""

from alembic import op

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None

# Added as it stands: to make the tables anew would cost their triggers.
COLUMN = "late_by INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_{table}_late_by CHECK (late_by >= 0)"
TABLES = ("offer", "duty")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {COLUMN.format(table=table)}")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN late_by")
