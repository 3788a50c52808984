"""A family who asks for an elder we do not know says the elder's own telephone and what they are to each other."""

from alembic import op

revision = "0027c"
down_revision = "0028c"
branch_labels = None
depends_on = None

# Added as they stand: to make the table anew would cost its triggers.
COLUMNS = ("for_phone TEXT", "for_relation VARCHAR DEFAULT '' NOT NULL")


def upgrade() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE help_request ADD COLUMN {column}")


def downgrade() -> None:
    for column in ("for_relation", "for_phone"):
        op.execute(f"ALTER TABLE help_request DROP COLUMN {column}")
