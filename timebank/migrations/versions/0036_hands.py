"""A visit that somebody gives to a colleague by name."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0037"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")
STATES = ("asked", "taken", "declined", "withdrawn")


def upgrade() -> None:
    op.create_table(
        "visit_hand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="handstate", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("to_id <> from_id", name=op.f("ck_visit_hand_another")),
        sa.CheckConstraint("(state = 'asked') = (over_at IS NULL)", name=op.f("ck_visit_hand_over")),
        sa.CheckConstraint("over_at IS NULL OR over_at >= asked_at", name=op.f("ck_visit_hand_order")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_visit_hand_offer_id_offer")),
        sa.ForeignKeyConstraint(["from_id"], ["volunteer.id"], name=op.f("fk_visit_hand_from_id_volunteer")),
        sa.ForeignKeyConstraint(["to_id"], ["volunteer.id"], name=op.f("fk_visit_hand_to_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_hand")),
    )
    for column in ("offer_id", "from_id", "to_id"):
        op.create_index(op.f(f"ix_visit_hand_{column}"), "visit_hand", [column], unique=False)
    op.create_index("uq_visit_hand_asked", "visit_hand", ["offer_id"], unique=True, sqlite_where=ASKED, postgresql_where=ASKED)


def downgrade() -> None:
    op.drop_table("visit_hand")
