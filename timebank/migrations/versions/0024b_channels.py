"""The ways messages leave the machine, each try by one of them, the quiet hours of a community, and whose mail goes where."""

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed

revision = "0024b"
down_revision = "0025b"
branch_labels = None
depends_on = None

WAYS = ("sms", "mail", "robot")
RESULTS = ("waiting", "sent", "failed", "refused")


def upgrade() -> None:
    op.add_column("user", sa.Column("mail", sa.Text(), nullable=True))
    with changed("notice") as batch_op:
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_notice_tries"), "tries >= 0")
    op.create_table(
        "message_channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.Enum(*WAYS, name="way", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("sealed_settings", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("daily BETWEEN 1 AND 100000", name=op.f("ck_message_channel_daily")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_message_channel_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_channel")),
        sa.UniqueConstraint("community_id", "way", name=op.f("uq_message_channel_community_id_way")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("sealed_to", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.Enum(*RESULTS, name="result", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.CheckConstraint("parts BETWEEN 0 AND 20", name=op.f("ck_delivery_parts")),
        sa.ForeignKeyConstraint(["channel_id"], ["message_channel.id"], name=op.f("fk_delivery_channel_id_message_channel")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_channel_id_delivery_at"), "delivery", ["channel_id", "at"])
    op.create_index(op.f("ix_delivery_notice_id"), "delivery", ["notice_id"])
    op.create_table(
        "quiet_hours",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts BETWEEN 720 AND 1440 AND ends BETWEEN 0 AND 720", name=op.f("ck_quiet_hours_around_midnight")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_quiet_hours_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_quiet_hours")),
    )


def downgrade() -> None:
    op.drop_table("quiet_hours")
    op.drop_table("delivery")
    op.drop_table("message_channel")
    with changed("notice") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_notice_tries"), type_="check")
        batch_op.drop_column("next_at")
        batch_op.drop_column("tries")
    with changed("user") as batch_op:
        batch_op.drop_column("mail")
