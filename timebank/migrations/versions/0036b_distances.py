"""How far a phone was from the door at sign-in, where its volunteer let it be noted."""

import sqlalchemy as sa
from alembic import op

revision = "0036b"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "distance",
        sa.Column("offer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("metres BETWEEN 0 AND 1000000", name=op.f("ck_distance_metres")),
        sa.CheckConstraint("accuracy BETWEEN 0 AND 1000000", name=op.f("ck_distance_accuracy")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_distance_offer_id_offer")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_distance")),
    )


def downgrade() -> None:
    op.drop_table("distance")
