"""Minutes by road stay with the plan they were asked for, and each run says by which it was planned."""

from alembic import op

revision = "0037b"
down_revision = "0036b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added as they stand: to make the tables anew would touch whatever names them.
    op.execute("ALTER TABLE plan ADD COLUMN roads JSON")
    op.execute("ALTER TABLE plan_run ADD COLUMN roads VARCHAR DEFAULT '' NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE plan_run DROP COLUMN roads")
    op.execute("ALTER TABLE plan DROP COLUMN roads")
