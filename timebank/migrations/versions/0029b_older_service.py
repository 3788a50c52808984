"""What older systems recorded: batches that a second person accepts, and rows that then stay as they came."""

import sqlalchemy as sa
from alembic import op

revision = "0029b"
down_revision = "0029"
branch_labels = None
depends_on = None

ACCEPTED = "EXISTS (SELECT 1 FROM older_batch b WHERE b.id = {row}.batch_id AND b.decided_by IS NOT NULL)"
# name, table, event, what must not be, in what words it is refused
GUARDS = (
    ("older_service_late", "older_service", "INSERT", ACCEPTED.format(row="NEW"), "older_service: the batch is decided"),
    ("older_service_keep", "older_service", "UPDATE", ACCEPTED.format(row="OLD"), "older_service: what was accepted stays"),
    ("older_service_no_delete", "older_service", "DELETE", ACCEPTED.format(row="OLD"), "older_service: what was accepted stays"),
    ("older_batch_keep", "older_batch", "UPDATE", "OLD.decided_by IS NOT NULL", "older_batch: it is decided once"),
)


def upgrade() -> None:
    op.create_table(
        "older_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR noted_by IS NULL OR decided_by <> noted_by", name=op.f("ck_older_batch_two_people")),
        sa.CheckConstraint("accepted_at IS NULL OR refused_at IS NULL", name=op.f("ck_older_batch_one_answer")),
        sa.CheckConstraint("(accepted_at IS NULL AND refused_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_older_batch_decided")),
        sa.CheckConstraint("refused_at IS NULL OR length(reason) > 0", name=op.f("ck_older_batch_refused_for_a_reason")),
        sa.CheckConstraint("length(system) > 0", name=op.f("ck_older_batch_system")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_older_batch_community_id_community")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_older_batch_decided_by_user")),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_older_batch_noted_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_older_batch")),
    )
    op.create_index(op.f("ix_older_batch_community_id"), "older_batch", ["community_id"])
    op.create_table(
        "older_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_older_service_minutes")),
        sa.CheckConstraint("length(number) > 0 AND length(what) > 0", name=op.f("ck_older_service_named")),
        sa.ForeignKeyConstraint(["batch_id"], ["older_batch.id"], name=op.f("fk_older_service_batch_id_older_batch")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_older_service_community_id_community")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_older_service_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_older_service")),
        sa.UniqueConstraint("community_id", "system", "number", name=op.f("uq_older_service_community_id_system_number")),
    )
    op.create_index(op.f("ix_older_service_batch_id"), "older_service", ["batch_id"])
    op.create_index(op.f("ix_older_service_volunteer_id_older_service_day"), "older_service", ["volunteer_id", "day"])
    for each in GUARDS:
        _guard(*each)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("older_service")
    op.drop_table("older_batch")


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{says}') WHERE {broken}; END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    row = "OLD" if event == "DELETE" else "NEW"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
