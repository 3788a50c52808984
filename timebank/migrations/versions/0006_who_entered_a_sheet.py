"""Who typed a day sheet in at the desk, and why its times are far over the plan."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("entered_reason", sa.Text(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_offer_entered_by_user"), "user", ["entered_by"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_offer_entered_by_user"), type_="foreignkey")
        batch_op.drop_column("entered_reason")
        batch_op.drop_column("entered_by")
