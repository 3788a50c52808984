"""A visit that failed at the door may be tried again, once, as a visit of its own that names the one before."""

import sqlalchemy as sa

from timebank.migrations.anew import changed

revision = "0015b"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with changed("visit") as batch_op:
        batch_op.add_column(sa.Column("again_of", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_visit_again_of_visit"), "visit", ["again_of"], ["id"])
        batch_op.create_unique_constraint(batch_op.f("uq_visit_again_of"), ["again_of"])
        batch_op.create_check_constraint(batch_op.f("ck_visit_again_of_another"), "again_of IS NULL OR again_of <> id")


def downgrade() -> None:
    with changed("visit") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_visit_again_of_another"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_visit_again_of"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_visit_again_of_visit"), type_="foreignkey")
        batch_op.drop_column("again_of")
