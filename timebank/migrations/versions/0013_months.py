"""Months close: what was given stays as it was given; whoever corrected a record does not answer the objection to it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

CLOSED = "month_close: what was closed stays"
GIVEN = "issued: what was given stays"
FIRST = {"sqlite": "strftime('%d', NEW.month) <> '01'", "postgresql": "EXTRACT(day FROM NEW.month) <> 1"}
IN_ORDER = (
    "EXISTS (SELECT 1 FROM month_close c WHERE c.community_id = NEW.community_id)"
    " AND (SELECT MAX(c.until) FROM month_close c WHERE c.community_id = NEW.community_id) <> NEW.month"
)
SAME = (
    "(v.visit_id = r.visit_id OR v.round_id = r.round_id"
    " OR (r.visit_id IS NULL AND r.round_id IS NULL AND v.visit_id IS NULL AND v.round_id IS NULL AND v.entry_id = r.entry_id))"
)
VERSIONS = "SELECT v.confirmed_by FROM service_record r JOIN service_record v ON v.volunteer_id = r.volunteer_id AND "
THEIR_OWN = (
    f"NEW.answered_by IS NOT NULL AND NEW.answered_by IN ({VERSIONS}{SAME}"
    " WHERE r.id = NEW.record_id AND v.version > 1 AND v.created_at <= NEW.raised_at AND v.confirmed_by IS NOT NULL)"
)
CHANGED = (
    "NEW.close_id <> OLD.close_id OR NEW.volunteer_id <> OLD.volunteer_id OR NEW.number <> OLD.number"
    " OR NEW.content_sha256 <> OLD.content_sha256 OR CAST(NEW.content AS text) <> CAST(OLD.content AS text)"
)
# name, table, event, what must not be true, in what words it is refused
GUARDS = (
    ("month_close_first_day", "month_close", "INSERT", None, "month_close: a month begins on its first day"),
    ("month_close_in_order", "month_close", "INSERT", IN_ORDER, "month_close: months are closed one after the other"),
    ("month_close_no_update", "month_close", "UPDATE", "1 = 1", CLOSED),
    ("month_close_no_delete", "month_close", "DELETE", "1 = 1", CLOSED),
    ("issued_report_no_update", "issued_report", "UPDATE", "1 = 1", GIVEN),
    ("issued_report_no_delete", "issued_report", "DELETE", "1 = 1", GIVEN),
    ("issued_statement_keep", "issued_statement", "UPDATE", CHANGED, GIVEN),
    ("issued_statement_no_delete", "issued_statement", "DELETE", "1 = 1", GIVEN),
    ("objection_by_another", "objection", "UPDATE", THEIR_OWN, "objection: nobody answers to their own correction"),
)


def upgrade() -> None:
    op.create_table(
        "statement_day",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.CheckConstraint("day BETWEEN 1 AND 28", name=op.f("ck_statement_day_day")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_statement_day_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_statement_day")),
    )
    op.create_table(
        "month_close",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("last_record", sa.Integer(), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(), nullable=False),
        sa.Column("weekly", sa.Integer(), nullable=False),
        sa.Column("left_open", sa.Integer(), nullable=False),
        sa.CheckConstraint("until > month AND issued_on >= until", name=op.f("ck_month_close_order")),
        sa.CheckConstraint("last_record >= 0 AND left_open >= 0 AND weekly >= 0", name=op.f("ck_month_close_counts")),
        sa.ForeignKeyConstraint(["closed_by"], ["user.id"], name=op.f("fk_month_close_closed_by_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_month_close_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_close")),
        sa.UniqueConstraint("community_id", "month", name=op.f("uq_month_close_community_id_month")),
    )
    op.create_table(
        "issued_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("close_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("report", "team", "unit", name="papersort", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(content_sha256) = 64", name=op.f("ck_issued_report_content_sha256")),
        sa.ForeignKeyConstraint(["close_id"], ["month_close.id"], name=op.f("fk_issued_report_close_id_month_close")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
        sa.UniqueConstraint("close_id", "kind", "subject_id", name=op.f("uq_issued_report_close_id_kind_subject_id")),
    )
    op.create_table(
        "issued_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("close_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(content_sha256) = 64", name=op.f("ck_issued_statement_content_sha256")),
        sa.CheckConstraint("(handed_at IS NULL) = (handed_by IS NULL)", name=op.f("ck_issued_statement_handed_by_somebody")),
        sa.ForeignKeyConstraint(["close_id"], ["month_close.id"], name=op.f("fk_issued_statement_close_id_month_close")),
        sa.ForeignKeyConstraint(["handed_by"], ["user.id"], name=op.f("fk_issued_statement_handed_by_user")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_issued_statement_notice_id_notice")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_issued_statement_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_statement")),
        sa.UniqueConstraint("close_id", "volunteer_id", name=op.f("uq_issued_statement_close_id_volunteer_id")),
        sa.UniqueConstraint("number", name=op.f("uq_issued_statement_number")),
    )
    with op.batch_alter_table("issued_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_statement_volunteer_id"), ["volunteer_id"], unique=False)
    for name, table, event, broken, says in GUARDS:
        _guard(name, table, event, broken or FIRST[op.get_bind().dialect.name], says)


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{says}') WHERE {broken}; END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if op.get_bind().dialect.name == "sqlite" else f"DROP TRIGGER {name} ON {table}")
    if op.get_bind().dialect.name != "sqlite":
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("issued_statement", "issued_report", "month_close", "statement_day"):
        op.drop_table(table)
