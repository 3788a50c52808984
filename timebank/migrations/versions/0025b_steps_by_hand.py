"""Each step by hand in a plan is kept with its author and the lines before and after, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0025b"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_plan_edit_undone")),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name=op.f("fk_plan_edit_by_user")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_edit_plan_id_plan")),
        sa.ForeignKeyConstraint(["undone_by"], ["user.id"], name=op.f("fk_plan_edit_undone_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_edit")),
    )
    with op.batch_alter_table("plan_edit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_edit_plan_id_plan_edit_sent"), ["plan_id", "sent"], unique=False)


def downgrade() -> None:
    op.drop_table("plan_edit")
