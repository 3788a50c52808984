"""What was tapped by the code of a printed sheet is told from what a colleague typed in: the paper's holder is nobody's second pair of eyes."""

from alembic import op

revision = "0031"
down_revision = "0018"
branch_labels = None
depends_on = None

# Added as it stands: to make the tables anew would cost their triggers.
COLUMN = "by_sheet BOOLEAN DEFAULT {false} NOT NULL CONSTRAINT ck_{table}_by_sheet CHECK (NOT by_sheet OR entered_by IS NOT NULL)"
TABLES = ("offer", "duty")


def upgrade() -> None:
    false = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {COLUMN.format(table=table, false=false)}")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN by_sheet")
