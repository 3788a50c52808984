"""The lived week: rounds of one trip, why a visit ended, who was asked at once, heads of a shared meal, meals changed too late."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FATES = ("kitchen", "kept", "back", "thrown")
# An offer that is over already ended when it was answered, else when it was sent; nobody knows better today.
OVER = "UPDATE offer SET over_at = COALESCE(answered_at, sent_at) WHERE state IN ('declined', 'withdrawn')"


def upgrade() -> None:
    op.add_column("help_request", sa.Column("eaters", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("help_request", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("help_request", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visit", sa.Column("ended_why", sa.String(), nullable=False, server_default=""))
    op.add_column("offer", sa.Column("over_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(OVER)
    op.add_column("assignment", sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE assignment SET made_at = '2000-01-01 00:00:00.000000'")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.alter_column("made_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_offer_asked_by_user"), "user", ["asked_by"], ["id"])
    with op.batch_alter_table("canteen", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closes", sa.Integer(), nullable=False, server_default="960"))
        batch_op.create_check_constraint(batch_op.f("ck_canteen_closes"), "closes BETWEEN 0 AND 1440")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_constraint("uq_round_volunteer_id_day_window", type_="unique")
        batch_op.create_unique_constraint("uq_round_volunteer_id_day_canteen_id_pickup", ["volunteer_id", "day", "canteen_id", "pickup"])
    op.create_table(
        "late_meal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("canteen_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fate", sa.Enum(*FATES, name="boxfate", native_enum=False, create_constraint=True, length=24), nullable=True),
        sa.Column("kept_for", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("boxes <> 0", name=op.f("ck_late_meal_boxes")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_late_meal_canteen_id_canteen")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_late_meal_community_id_community")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_late_meal_settled_by_user")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_late_meal_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_meal")),
    )
    with op.batch_alter_table("late_meal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_late_meal_community_id_late_meal_day"), ["community_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_late_meal_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("late_meal")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_constraint("uq_round_volunteer_id_day_canteen_id_pickup", type_="unique")
        batch_op.create_unique_constraint("uq_round_volunteer_id_day_window", ["volunteer_id", "day", "window"])
    with op.batch_alter_table("canteen", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_canteen_closes"), type_="check")
        batch_op.drop_column("closes")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_offer_asked_by_user"), type_="foreignkey")
        batch_op.drop_column("asked_by")
        batch_op.drop_column("over_at")
    op.drop_column("assignment", "made_at")
    op.drop_column("visit", "ended_why")
    op.drop_column("help_request", "closed_at")
    op.drop_column("help_request", "urgent")
    op.drop_column("help_request", "eaters")
