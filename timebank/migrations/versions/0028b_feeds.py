"""Addresses of calendars, each with a secret, for a volunteer, a team or a station."""

import sqlalchemy as sa
from alembic import op

revision = "0028b"
down_revision = "0026b"
branch_labels = None
depends_on = None

POINTS = (("community", "community_id"), ("user", "made_by"), ("volunteer", "volunteer_id"), ("team", "team_id"), ("station", "station_id"))


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN volunteer_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN station_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_feed_one_thing"),
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name=op.f("ck_feed_ended")),
        *(sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_feed_{column}_{table}")) for table, column in POINTS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_feed_secret_hash")),
    )
    for _table, column in POINTS:
        op.create_index(op.f(f"ix_feed_{column}"), "feed", [column])


def downgrade() -> None:
    op.drop_table("feed")
