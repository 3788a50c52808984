"""Calls score the service, and flagged records are called too; the paper passbooks of time accounts with every line printed in them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015b"
branch_labels = None
depends_on = None

# Added as they stand: to make the table anew would cost its triggers.
CALLED = (
    "drawn VARCHAR(24) DEFAULT 'lot' NOT NULL CONSTRAINT ck_call_back_drawn CHECK (drawn IN ('lot', 'flag'))",
    (
        "score INTEGER CONSTRAINT ck_call_back_score CHECK (score IS NULL OR score BETWEEN 1 AND 5)"
        " CONSTRAINT ck_call_back_score_is_heard CHECK (score IS NULL OR (heard IS NOT NULL AND heard <> 'not_reached'))"
    ),
)
RUNNING = (
    "NEW.balance <> NEW.minutes + COALESCE((SELECT l.balance FROM passbook_line l WHERE l.passbook_id = NEW.passbook_id"
    " AND l.place = NEW.place - 1), (SELECT p.carried FROM passbook p WHERE p.id = NEW.passbook_id AND NEW.place = 1), NEW.balance + 1)"
)
PRINTED = "passbook_line: what was printed stays"
GUARDS = (
    ("passbook_line_running", "INSERT", RUNNING, "passbook_line: the balance runs on from the line before"),
    ("passbook_line_no_update", "UPDATE", "1 = 1", PRINTED),
    ("passbook_line_no_delete", "DELETE", "1 = 1", PRINTED),
)


def upgrade() -> None:
    for column in CALLED:
        op.execute(f"ALTER TABLE call_back ADD COLUMN {column}")
    op.create_table(
        "passbook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("after_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("ended", sa.String(length=24), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("ended IN ('lost', 'full')", name=op.f("ck_passbook_ended")),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_passbook_serial")),
        sa.CheckConstraint(
            "(ended IS NULL) = (ended_at IS NULL) AND (ended IS NULL) = (ended_by IS NULL)", name=op.f("ck_passbook_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_passbook_community_id_community")),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_passbook_ended_by_user")),
        sa.ForeignKeyConstraint(["opened_by"], ["user.id"], name=op.f("fk_passbook_opened_by_user")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_passbook_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passbook")),
        sa.UniqueConstraint("number", name=op.f("uq_passbook_number")),
        sa.UniqueConstraint("volunteer_id", "serial", name=op.f("uq_passbook_volunteer_id_serial")),
    )
    with op.batch_alter_table("passbook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passbook_community_id"), ["community_id"], unique=False)
        batch_op.create_index(
            "uq_passbook_in_use",
            ["volunteer_id"],
            unique=True,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
    op.create_table(
        "passbook_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("passbook_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("transfer_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("place >= 1", name=op.f("ck_passbook_line_place")),
        sa.CheckConstraint("minutes <> 0", name=op.f("ck_passbook_line_minutes")),
        sa.CheckConstraint("length(code) = 6", name=op.f("ck_passbook_line_code")),
        sa.ForeignKeyConstraint(["passbook_id"], ["passbook.id"], name=op.f("fk_passbook_line_passbook_id_passbook")),
        sa.ForeignKeyConstraint(["printed_by"], ["user.id"], name=op.f("fk_passbook_line_printed_by_user")),
        sa.ForeignKeyConstraint(["transfer_seq"], ["ledger_transfer.seq"], name=op.f("fk_passbook_line_transfer_seq_ledger_transfer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passbook_line")),
        sa.UniqueConstraint("passbook_id", "place", name=op.f("uq_passbook_line_passbook_id_place")),
        sa.UniqueConstraint("passbook_id", "transfer_seq", name=op.f("uq_passbook_line_passbook_id_transfer_seq")),
    )
    for name, event, broken, says in GUARDS:
        _guard(name, event, broken, says)


def _guard(name: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a printed line."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{says}') WHERE {broken};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON passbook_line FOR EACH ROW BEGIN {body} END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON passbook_line FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON passbook_line")
    if not sqlite:
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("passbook_line")
    op.drop_table("passbook")
    for column in ("score", "drawn"):
        op.execute(f"ALTER TABLE call_back DROP COLUMN {column}")
