"""Colleagues come in by an invitation, and the session remembers who made it; the steps of the first day that an office leaves out."""

from collections.abc import Collection

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed, words

revision = "0024"
down_revision = "0027"
branch_labels = None
depends_on = None

PURPOSE, KIND = "invitation", "service_kind"


def take(table: str, column: str, some: Collection[str]) -> None:
    """Let the database take these words in a column."""
    listed = ", ".join(f"'{each}'" for each in some)
    with changed(table) as batch_op:
        batch_op.drop_constraint(batch_op.f(f"ck_{table}_{column}"), type_="check")
        batch_op.create_check_constraint(batch_op.f(f"ck_{table}_{column}"), f"{column} IN ({listed})")


def upgrade() -> None:
    take("magic_link", "purpose", [*words("magic_link", "purpose"), PURPOSE])
    take("proposal", "kind", [*words("proposal", "kind"), KIND])
    with changed("session") as batch_op:
        batch_op.add_column(sa.Column("invited_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_session_invited_by_user"), "user", ["invited_by"], ["id"])
    op.create_table(
        "skipped_step",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_skipped_step_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", "step", name=op.f("pk_skipped_step")),
    )


def downgrade() -> None:
    op.drop_table("skipped_step")
    with changed("session") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_session_invited_by_user"), type_="foreignkey")
        batch_op.drop_column("invited_by")
    op.execute("DELETE FROM magic_link WHERE purpose = 'invitation'")
    op.execute("DELETE FROM proposal WHERE kind = 'service_kind'")
    take("proposal", "kind", [each for each in words("proposal", "kind") if each != KIND])
    take("magic_link", "purpose", [each for each in words("magic_link", "purpose") if each != PURPOSE])
