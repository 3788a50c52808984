"""What a week is planned for in words, and tries that are never a plan: whom to recruit, and what if."""

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed, words

revision = "0035"
down_revision = "0032c"
branch_labels = None
depends_on = None

TRIES = ("advise", "what_if")
ONLY_TRIED = "kind IN ('solve', 'replan') OR NOT kept"


def take(some: list[str]) -> None:
    """Let the database take these kinds of runs."""
    listed = ", ".join(f"'{each}'" for each in some)
    with changed("plan_run") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_plan_run_runkind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_plan_run_runkind"), f"kind IN ({listed})")


def upgrade() -> None:
    take([*words("plan_run", "runkind"), *TRIES])
    with changed("plan_run") as batch_op:
        batch_op.add_column(sa.Column("goals", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("supposed", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("measures", sa.JSON(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_plan_run_tried"), ONLY_TRIED)


def downgrade() -> None:
    op.execute("DELETE FROM plan_run WHERE kind IN ('advise', 'what_if')")
    with changed("plan_run") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_plan_run_tried"), type_="check")
        for name in ("measures", "supposed", "goals"):
            batch_op.drop_column(name)
    take([each for each in words("plan_run", "runkind") if each not in TRIES])
