"""A photo on a volunteer's card, given and taken back by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0035b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "badge_photo",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_badge_photo_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_badge_photo")),
    )


def downgrade() -> None:
    op.drop_table("badge_photo")
