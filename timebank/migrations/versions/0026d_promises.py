"""A round of a weekday that is accepted once for every week."""

import sqlalchemy as sa
from alembic import op

revision = "0026d"
down_revision = "0026c"
branch_labels = None
depends_on = None

STANDS = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("canteen_id", sa.Integer(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_promise_weekday")),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= given_at", name=op.f("ck_promise_order")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_promise_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_promise_canteen_id_canteen")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    columns = ["volunteer_id", "weekday", "canteen_id", "window"]
    op.create_index("uq_promise_stands", "promise", columns, unique=True, sqlite_where=STANDS, postgresql_where=STANDS)


def downgrade() -> None:
    op.drop_table("promise")
