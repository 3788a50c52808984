"""Webhooks: addresses that are called about what happens, and each call with what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0028c"
down_revision = "0028b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(url) BETWEEN 8 AND 500", name=op.f("ck_webhook_url")),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name=op.f("ck_webhook_ended")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_webhook_community_id_community")),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_webhook_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_community_id"), "webhook", ["community_id"])
    op.create_index(op.f("ix_webhook_made_by"), "webhook", ["made_by"])
    states = sa.Enum("waiting", "taken", "given_up", name="callstate", native_enum=False, create_constraint=True, length=24)
    op.create_table(
        "webhook_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(), nullable=False),
        sa.CheckConstraint("tries BETWEEN 0 AND 20", name=op.f("ck_webhook_call_tries")),
        sa.CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name=op.f("ck_webhook_call_waits")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_call_webhook_id_webhook")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_call")),
        sa.UniqueConstraint("number", name=op.f("uq_webhook_call_number")),
    )
    op.create_index(op.f("ix_webhook_call_webhook_id"), "webhook_call", ["webhook_id"])
    op.create_index(op.f("ix_webhook_call_state_webhook_call_next_at"), "webhook_call", ["state", "next_at"])


def downgrade() -> None:
    op.drop_table("webhook_call")
    op.drop_table("webhook")
