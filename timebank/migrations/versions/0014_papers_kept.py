"""One certificate in force a period, which one a batch may replace, numbers of the national system used once, more that waits for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = ("correction", "answer", "credit_rules", "star_rule", "record_rules", "grant", "identity", "family", "star_bar", "gift", "donation")
ADDED = ("remark", "award", "issuer", "national_no")
IN_FORCE = sa.text("state = 'valid'")
NUMBERED = sa.text("state = 'valid' AND national_no <> ''")
# Asked for again, a certificate took the place of the one before; should two of one period be in force all the same, the newest is.
OLDER = (
    "UPDATE certificate SET state = 'replaced', ended_at = issued_at, revoked_reason = '同一时段重新开具。' WHERE state = 'valid'"
    " AND EXISTS (SELECT 1 FROM certificate n WHERE n.volunteer_id = certificate.volunteer_id AND n.state = 'valid'"
    " AND n.period_from = certificate.period_from AND n.period_to = certificate.period_to AND n.id > certificate.id)"
)
TWICE = (
    "UPDATE certificate SET national_no = '' WHERE state = 'valid' AND national_no <> ''"
    " AND EXISTS (SELECT 1 FROM certificate o WHERE o.state = 'valid' AND o.national_no = certificate.national_no AND o.id < certificate.id)"
)
ANOTHERS = (
    "EXISTS (SELECT 1 FROM national_report o JOIN service_record r ON r.id = o.record_id JOIN service_record m ON m.id = NEW.record_id"
    " WHERE o.national_no = NEW.national_no AND o.record_id <> NEW.record_id AND NOT (r.volunteer_id = m.volunteer_id"
    " AND COALESCE(r.visit_id, 0) = COALESCE(m.visit_id, 0) AND COALESCE(r.round_id, 0) = COALESCE(m.round_id, 0)"
    " AND COALESCE(r.entry_id, 0) = COALESCE(m.entry_id, 0)))"
)
SAYS = "national_report: a number stands for the versions of one record"
GUARDS = (("national_report_once_insert", "INSERT"), ("national_report_once_update", "UPDATE"))


def upgrade() -> None:
    op.execute(OLDER)
    op.execute(TWICE)
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(
            "uq_certificate_in_force", ["volunteer_id", "period_from", "period_to"], unique=True,
            sqlite_where=IN_FORCE, postgresql_where=IN_FORCE,
        )  # fmt: skip
        batch_op.create_index("uq_certificate_national_no", ["national_no"], unique=True, sqlite_where=NUMBERED, postgresql_where=NUMBERED)
        batch_op.create_check_constraint(batch_op.f("ck_certificate_national_no"), "length(national_no) <= 40")
    with op.batch_alter_table("certificate_batch_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_certificate_batch_line_replaces_id_certificate"), "certificate", ["replaces_id"], ["id"])
    with op.batch_alter_table("national_report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_national_report_withdrawn_by_user"), "user", ["withdrawn_by"], ["id"])
        batch_op.create_check_constraint(batch_op.f("ck_national_report_withdrawn"), "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)")
    _kinds((*KINDS, *ADDED))
    for name, event in GUARDS:
        _guard(name, event)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, _event in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON national_report")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    proposal = sa.table("proposal", sa.column("kind", sa.String()))
    op.execute(proposal.delete().where(proposal.c.kind.in_(ADDED)))
    _kinds(KINDS)
    with op.batch_alter_table("national_report", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_national_report_withdrawn"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_national_report_withdrawn_by_user"), type_="foreignkey")
        batch_op.drop_column("withdrawn_by")
        batch_op.drop_column("withdrawn_at")
    with op.batch_alter_table("certificate_batch_line", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_certificate_batch_line_replaces_id_certificate"), type_="foreignkey")
        batch_op.drop_column("replaces_id")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_certificate_national_no"), type_="check")
        batch_op.drop_index("uq_certificate_national_no")
        batch_op.drop_index("uq_certificate_in_force")


def _kinds(kinds: tuple[str, ...]) -> None:
    """Say what may wait for a second person."""
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_proposal_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_kind"), f"kind IN ({_listed(kinds)})")


def _listed(kinds: tuple[str, ...]) -> str:
    """Return kinds as they stand in SQL."""
    return ", ".join(f"'{kind}'" for kind in kinds)


def _guard(name: str, event: str) -> None:
    """Refuse a number of the national system that stands for another record."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{SAYS}') WHERE {ANOTHERS};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON national_report FOR EACH ROW BEGIN {body} END")
        return
    body = f"IF {ANOTHERS} THEN RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON national_report FOR EACH ROW EXECUTE FUNCTION {name}()")
