"""Imports that can be taken back for a day; what was noted of somebody goes with them while nothing of theirs is on record."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0030b"
branch_labels = None
depends_on = None

SAYS = {"standing": "standing: what was noted stays", "team_member": "team_member: a membership that was stays"}
SERVED = "EXISTS (SELECT 1 FROM service_record r WHERE r.volunteer_id = OLD.volunteer_id)"


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("journal", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (outcome IS NULL)", name=op.f("ck_import_batch_undone")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_import_batch_community_id_community")),
        sa.ForeignKeyConstraint(["undone_by"], ["user.id"], name=op.f("fk_import_batch_undone_by_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_import_batch_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_community_id"), "import_batch", ["community_id"])
    for table, says in SAYS.items():
        _guard(table, SERVED, says)


def downgrade() -> None:
    for table, says in SAYS.items():
        _guard(table, "1 = 1", says)
    op.drop_table("import_batch")


def _guard(table: str, broken: str, says: str) -> None:
    """Refuse to take a row away, in another case than before."""
    name = f"{table}_no_delete"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        op.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{says}') WHERE {broken}; END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN OLD; END $$")
