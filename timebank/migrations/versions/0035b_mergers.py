"""One person twice in a register: two rows become one when two people agree, and can be taken apart again."""

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed, words

revision = "0035b"
down_revision = "0037b"
branch_labels = None
depends_on = None

STANDS = sa.text("undone_at IS NULL")
CHECKS = {
    "two_elders": "(kept_elder_id IS NULL) = (gone_elder_id IS NULL)",
    "two_volunteers": "(kept_volunteer_id IS NULL) = (gone_volunteer_id IS NULL)",
    "one_sort": "(kept_elder_id IS NULL) <> (kept_volunteer_id IS NULL)",
    "another_elder": "kept_elder_id IS NULL OR kept_elder_id <> gone_elder_id",
    "another_volunteer": "kept_volunteer_id IS NULL OR kept_volunteer_id <> gone_volunteer_id",
    "undone": "(undone_at IS NULL) = (undone_by IS NULL)",
}
KEYS = {
    "community_id": "community.id",
    "kept_elder_id": "elder.id",
    "gone_elder_id": "elder.id",
    "kept_volunteer_id": "volunteer.id",
    "gone_volunteer_id": "volunteer.id",
    "by": "user.id",
    "transfer_seq": "ledger_transfer.seq",
    "undone_by": "user.id",
}


def take(some: list[str]) -> None:
    """Let the database take these kinds of proposals."""
    listed = ", ".join(f"'{each}'" for each in some)
    with changed("proposal") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_proposal_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    take([*words("proposal", "kind"), "merger"])
    op.create_table(
        "merger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kept_elder_id", sa.Integer(), nullable=True),
        sa.Column("gone_elder_id", sa.Integer(), nullable=True),
        sa.Column("kept_volunteer_id", sa.Integer(), nullable=True),
        sa.Column("gone_volunteer_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("transfer_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        *(sa.CheckConstraint(check, name=op.f(f"ck_merger_{name}")) for name, check in CHECKS.items()),
        *(sa.ForeignKeyConstraint([name], [to], name=op.f(f"fk_merger_{name}_{to.split('.')[0]}")) for name, to in KEYS.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merger")),
    )
    for name in ("community_id", "kept_elder_id", "kept_volunteer_id"):
        op.create_index(op.f(f"ix_merger_{name}"), "merger", [name])
    for kind in ("elder", "volunteer"):
        column = f"gone_{kind}_id"
        op.create_index(f"uq_merger_{kind}", "merger", [column], unique=True, sqlite_where=STANDS, postgresql_where=STANDS)


def downgrade() -> None:
    op.drop_table("merger")
    op.execute("DELETE FROM proposal WHERE kind = 'merger'")
    take([each for each in words("proposal", "kind") if each != "merger"])
