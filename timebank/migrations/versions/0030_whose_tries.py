"""A code belongs to a device of its user's or to strangers, and every wrong try says where it came from: nobody uses up another's."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "wrong_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["sign_in_code.id"], name=op.f("fk_wrong_try_code_id_sign_in_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_try")),
    )
    op.create_index(op.f("ix_wrong_try_at"), "wrong_try", ["at"])
    op.create_index(op.f("ix_wrong_try_code_id_wrong_try_at"), "wrong_try", ["code_id", "at"])
    with op.batch_alter_table("plan_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("runner", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("plan_run", schema=None) as batch_op:
        batch_op.drop_column("runner")
    op.drop_table("wrong_try")
    with op.batch_alter_table("sign_in_code", schema=None) as batch_op:
        batch_op.drop_column("device")
