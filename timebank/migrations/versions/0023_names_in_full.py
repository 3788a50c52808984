"""Names shown in full on the trail, each with the reason that was written for it; what was written stays."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmasking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_reason", sa.Text(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_unmasking_asked_by_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_unmasking_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmasking")),
    )
    op.create_index(op.f("ix_unmasking_community_id"), "unmasking", ["community_id"])


def downgrade() -> None:
    op.drop_table("unmasking")
