"""A phone without a network: a tap that came late and did not fit is kept with both sides; a round says how late its pick-up was told."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0028"
branch_labels = None
depends_on = None

DEEDS = ("pick_up", "deliver", "check_in", "check_out", "problem")
OUTCOMES = ("done", "no_answer", "refused", "wrong_address", "not_ready", "unwell", "other")
# Added as it stands: to make the table anew would cost its triggers.
LATE = "late_by INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_round_late_by CHECK (late_by >= 0)"


def _instant(name: str, *, empty: bool) -> sa.Column[object]:
    """Return a column of an instant."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=empty)


def upgrade() -> None:
    op.execute(f"ALTER TABLE round ADD COLUMN {LATE}")
    op.create_table(
        "mismatch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("deed", sa.Enum(*DEEDS, name="deed", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("outcome", sa.Enum(*OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=24), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        _instant("at", empty=False),
        _instant("told_at", empty=False),
        sa.Column("why_zh", sa.String(), nullable=False),
        sa.Column("why_en", sa.String(), nullable=False),
        _instant("insisted_at", empty=True),
        _instant("settled_at", empty=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name=op.f("ck_mismatch_settled_by_somebody")),
        sa.CheckConstraint("settled_at IS NULL OR result <> ''", name=op.f("ck_mismatch_settled_with_a_result")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_mismatch_community_id_community")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_mismatch_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_mismatch_offer_id_offer")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_mismatch_settled_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mismatch")),
        sa.UniqueConstraint("volunteer_id", "key", name=op.f("uq_mismatch_volunteer_id_key")),
    )
    op.create_index(op.f("ix_mismatch_community_id"), "mismatch", ["community_id"], unique=False)
    op.create_index(op.f("ix_mismatch_offer_id"), "mismatch", ["offer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("mismatch")
    op.execute("ALTER TABLE round DROP COLUMN late_by")
