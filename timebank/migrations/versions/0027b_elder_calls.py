"""An elder calls for help on their own telephone; a call goes away only when somebody closes it with a result."""

import sqlalchemy as sa
from alembic import op

revision = "0027b"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "elder_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fine_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_elder_call_closed_by_somebody")),
        sa.CheckConstraint("closed_at IS NULL OR length(result) > 0", name=op.f("ck_elder_call_closed_with_a_result")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_elder_call_community_id_community")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_elder_call_elder_id_elder")),
        sa.ForeignKeyConstraint(["raised_by"], ["user.id"], name=op.f("fk_elder_call_raised_by_user")),
        sa.ForeignKeyConstraint(["closed_by"], ["user.id"], name=op.f("fk_elder_call_closed_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elder_call")),
    )
    op.create_index(op.f("ix_elder_call_community_id"), "elder_call", ["community_id"], unique=False)
    is_open = sa.text("closed_at IS NULL")
    op.create_index("uq_elder_call_open", "elder_call", ["elder_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    op.drop_table("elder_call")
