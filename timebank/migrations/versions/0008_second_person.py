"""What waits for a second person; who registered and who looked at people, approved a relative, printed the sheet of a sign-in."""

import contextlib
from collections.abc import Generator

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = ("correction", "answer", "credit_rules", "star_rule", "record_rules", "grant", "identity", "family")
STATES = ("pending", "agreed", "refused", "withdrawn", "elapsed")
WAITING = sa.text("state = 'pending'")
PEOPLE = ("volunteer", "elder")
WHO = (("family_member", "approved_by"), ("magic_link", "made_by"), ("session", "sheet_by"))


def _words(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


@contextlib.contextmanager
def changed(table: str) -> Generator[BatchOperations]:
    """SQLite makes the table anew: meanwhile the triggers of other tables that read it must not be looked at."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=ON")
    with op.batch_alter_table(table, schema=None) as batch_op:
        yield batch_op
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=OFF")


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words(KINDS, "kind"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sealed_terms", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", _words(STATES, "state"), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_proposal_two_people")),
        sa.CheckConstraint("(state IN ('agreed', 'refused')) = (decided_by IS NOT NULL)", name=op.f("ck_proposal_decided_by_somebody")),
        sa.CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name=op.f("ck_proposal_decided")),
        sa.CheckConstraint("state <> 'refused' OR length(decision) > 0", name=op.f("ck_proposal_refused_for_a_reason")),
        sa.CheckConstraint("state <> 'elapsed' OR due_at IS NOT NULL", name=op.f("ck_proposal_only_what_has_a_wait_elapses")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_proposal_community_id_community")),
        sa.ForeignKeyConstraint(["proposed_by"], ["user.id"], name=op.f("fk_proposal_proposed_by_user")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_proposal_decided_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_community_id_proposal_state"), "proposal", ["community_id", "state"])
    op.create_index(op.f("ix_proposal_proposed_by"), "proposal", ["proposed_by"])
    op.create_index("uq_proposal_waiting", "proposal", ["kind", "subject"], unique=True, sqlite_where=WAITING, postgresql_where=WAITING)
    for table in PEOPLE:
        with changed(table) as batch_op:
            for column in ("registered_by", "vouched_by"):
                batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
                batch_op.create_foreign_key(batch_op.f(f"fk_{table}_{column}_user"), "user", [column], ["id"])
            batch_op.create_check_constraint(
                batch_op.f(f"ck_{table}_vouched_by_another"), "vouched_by IS NULL OR vouched_by <> registered_by"
            )
    for table, column in WHO:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(batch_op.f(f"fk_{table}_{column}_user"), "user", [column], ["id"])


def downgrade() -> None:
    for table, column in WHO:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_{column}_user"), type_="foreignkey")
            batch_op.drop_column(column)
    for table in PEOPLE:
        with changed(table) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"ck_{table}_vouched_by_another"), type_="check")
            for column in ("vouched_by", "registered_by"):
                batch_op.drop_constraint(batch_op.f(f"fk_{table}_{column}_user"), type_="foreignkey")
                batch_op.drop_column(column)
    op.drop_table("proposal")
