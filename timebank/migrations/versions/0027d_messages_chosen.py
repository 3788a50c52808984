"""A message says where it leads and what it is about, so that nobody hears of one change twice; each kind can be refused."""

import sqlalchemy as sa
from alembic import op

revision = "0027d"
down_revision = "0027c"
branch_labels = None
depends_on = None

TOLD = sa.text("about IS NOT NULL")


def upgrade() -> None:
    op.execute("ALTER TABLE notice ADD COLUMN path VARCHAR DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE notice ADD COLUMN about VARCHAR")
    op.create_index("uq_notice_about", "notice", ["user_id", "about"], unique=True, sqlite_where=TOLD, postgresql_where=TOLD)
    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_choice_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_choice")),
    )


def downgrade() -> None:
    op.drop_table("notice_choice")
    op.drop_index("uq_notice_about", "notice")
    op.execute("ALTER TABLE notice DROP COLUMN about")
    op.execute("ALTER TABLE notice DROP COLUMN path")
