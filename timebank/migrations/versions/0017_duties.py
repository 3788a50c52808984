"""Duties: somebody's place at a post or a session for a stretch of a day, and service records that come of it."""

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATES = ("open", "asked", "agreed", "there", "done", "confirmed", "missed", "given_up", "called_off")
STANDS = sa.text("state <> 'given_up'")
TAKEN = sa.text("state IN ('asked', 'agreed', 'there', 'done', 'confirmed')")
CURRENT = sa.text("current")
SOURCES = "visit_id IS NOT NULL OR round_id IS NOT NULL OR entry_id IS NOT NULL"
ELSEWHERE = (
    "NEW.state IN ('agreed', 'there', 'done', 'confirmed') AND EXISTS (SELECT 1 FROM duty o WHERE o.volunteer_id = NEW.volunteer_id"
    " AND o.id <> NEW.id AND o.day = NEW.day AND o.state IN ('agreed', 'there', 'done', 'confirmed')"
    " AND o.start < NEW.until AND NEW.start < o.until)"
)
KEPT = ("community_id", "kind_id", "title", "place", "day", "start", "until", "part_of", "part_id", "seat", "volunteer_id", "started_at",
        "ended_at", "code_ok", "entered_by", "state")  # fmt: skip
CHANGED = " OR ".join(f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in KEPT)
THERE = (
    "NEW.duty_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.id = NEW.duty_id AND d.volunteer_id = NEW.volunteer_id"
    " AND d.day = NEW.day AND d.state IN ('done', 'confirmed'))"
)
TYPIST = (
    "NEW.duty_id IS NOT NULL AND NEW.version = 1 AND EXISTS (SELECT 1 FROM duty d WHERE d.id = NEW.duty_id AND d.entered_by IS NOT NULL"
    " AND (NEW.confirmed_by IS NULL OR NEW.confirmed_by = d.entered_by))"
)
ALONE = (
    "NEW.duty_id IS NOT NULL AND NEW.version = 1 AND NEW.confirmed_by IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.id = NEW.duty_id AND d.code_ok)"
)
# name, table, event, what must not be true, in what words it is refused
GUARDS = (
    ("duty_one_place_insert", "duty", "INSERT", ELSEWHERE.replace("o.id <> NEW.id AND ", ""), "duty: nobody is on duty in two places"),
    ("duty_one_place_update", "duty", "UPDATE", ELSEWHERE, "duty: nobody is on duty in two places"),
    ("duty_on_record", "duty", "UPDATE", f"OLD.state = 'confirmed' AND ({CHANGED})", "duty: what is on record stays"),
    ("duty_no_delete", "duty", "DELETE", "1 = 1", "duty: what was is called off or given up, never gone"),
    ("service_record_duty", "service_record", "INSERT", THERE, "service_record: a duty counts for who was there"),
    ("service_record_duty_typist", "service_record", "INSERT", TYPIST, "service_record: whoever typed a sheet does not confirm it"),
    ("service_record_duty_alone", "service_record", "INSERT", ALONE, "service_record: the clock wants the code of the day"),
    (
        "service_record_duty_keep",
        "service_record",
        "UPDATE",
        "COALESCE(NEW.duty_id, 0) <> COALESCE(OLD.duty_id, 0)",
        "service_record: a record is never edited",
    ),
)
SAME_BEFORE = (
    "(v.visit_id = r.visit_id OR v.round_id = r.round_id"
    " OR (r.visit_id IS NULL AND r.round_id IS NULL AND v.visit_id IS NULL AND v.round_id IS NULL AND v.entry_id = r.entry_id))"
)
VERSIONS = "SELECT v.confirmed_by FROM service_record r JOIN service_record v ON v.volunteer_id = r.volunteer_id AND "
THEIR_OWN = (
    "NEW.answered_by IS NOT NULL AND NEW.answered_by IN ({versions}{same}"
    " WHERE r.id = NEW.record_id AND v.version > 1 AND v.created_at <= NEW.raised_at AND v.confirmed_by IS NOT NULL)"
)
ANOTHERS = (
    "EXISTS (SELECT 1 FROM national_report o JOIN service_record r ON r.id = o.record_id JOIN service_record m ON m.id = NEW.record_id"
    " WHERE o.national_no = NEW.national_no AND o.record_id <> NEW.record_id AND NOT (r.volunteer_id = m.volunteer_id{same}))"
)


def _equal(names: tuple[str, ...]) -> str:
    """Say that two rows are versions of one record by these sources."""
    return "".join(f" AND COALESCE(r.{name}, 0) = COALESCE(m.{name}, 0)" for name in names)


def _replaced(*, duties: bool) -> tuple[tuple[str, str, str, str, str], ...]:
    """Return the guards of other tables that ask which rows are versions of one record, with duties among the sources or without."""
    same = f"({SAME_BEFORE} OR v.duty_id = r.duty_id)" if duties else SAME_BEFORE
    names = ("visit_id", "round_id", "entry_id", *(("duty_id",) if duties else ()))
    once, says = ANOTHERS.format(same=_equal(names)), "national_report: a number stands for the versions of one record"
    return (
        (
            "objection_by_another",
            "objection",
            "UPDATE",
            THEIR_OWN.format(versions=VERSIONS, same=same),
            "objection: nobody answers to their own correction",
        ),
        ("national_report_once_insert", "national_report", "INSERT", once, says),
        ("national_report_once_update", "national_report", "UPDATE", once, says),
    )


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{says}') WHERE {broken}; END")
        return
    row = "OLD" if event == "DELETE" else "NEW"
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _drop(name: str, table: str) -> None:
    """Take a guard off again."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if not sqlite:
        op.execute(f"DROP FUNCTION {name}()")


def upgrade() -> None:
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("part_of", sa.String(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Enum(*STATES, name="dutystate", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_for", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_ok", sa.Boolean(), nullable=False),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_reason", sa.Text(), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("start >= 0 AND until > start AND until <= 1440", name=op.f("ck_duty_times")),
        sa.CheckConstraint("until - start <= 720", name=op.f("ck_duty_length")),
        sa.CheckConstraint("(part_of = '') = (part_id IS NULL)", name=op.f("ck_duty_part")),
        sa.CheckConstraint("seat BETWEEN 1 AND 200", name=op.f("ck_duty_seat")),
        sa.CheckConstraint("(state = 'open') = (volunteer_id IS NULL) OR state = 'called_off'", name=op.f("ck_duty_open_is_nobodys")),
        sa.CheckConstraint("(started_at IS NOT NULL) = (state IN ('there', 'done', 'confirmed'))", name=op.f("ck_duty_begun")),
        sa.CheckConstraint("(ended_at IS NOT NULL) = (state IN ('done', 'confirmed'))", name=op.f("ck_duty_ended")),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_duty_order")),
        sa.CheckConstraint("code_tries BETWEEN 0 AND 5", name=op.f("ck_duty_code_tries")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_duty_community_id_community")),
        sa.ForeignKeyConstraint(["kind_id"], ["service_kind.id"], name=op.f("fk_duty_kind_id_service_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_duty_unit_id_unit")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_duty_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_duty_asked_by_user")),
        sa.ForeignKeyConstraint(["answered_for"], ["user.id"], name=op.f("fk_duty_answered_for_user")),
        sa.ForeignKeyConstraint(["entered_by"], ["user.id"], name=op.f("fk_duty_entered_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        for column in ("kind_id", "unit_id", "volunteer_id"):
            batch_op.create_index(batch_op.f(f"ix_duty_{column}"), [column], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_community_id_duty_day"), ["community_id", "day"], unique=False)
        seat = ["part_of", "part_id", "day", "start", "seat"]
        batch_op.create_index("uq_duty_seat", seat, unique=True, sqlite_where=STANDS, postgresql_where=STANDS)
        mine = ["volunteer_id", "day", "start"]
        batch_op.create_index("uq_duty_volunteer", mine, unique=True, sqlite_where=TAKEN, postgresql_where=TAKEN)
    with changed("service_record") as batch_op:
        batch_op.add_column(sa.Column("duty_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_service_record_duty_id_duty"), "duty", ["duty_id"], ["id"])
        batch_op.create_unique_constraint(batch_op.f("uq_service_record_duty_id_version"), ["duty_id", "version"])
        batch_op.create_index("uq_service_record_duty_now", ["duty_id"], unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT)
        batch_op.drop_constraint(batch_op.f("ck_service_record_has_a_source"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_service_record_has_a_source"), f"{SOURCES} OR duty_id IS NOT NULL")
        batch_op.create_check_constraint(
            batch_op.f("ck_service_record_duty_alone"),
            "duty_id IS NULL OR (visit_id IS NULL AND round_id IS NULL AND entry_id IS NULL)",
        )
    for name, table, *_ in _replaced(duties=False):
        _drop(name, table)
    for guard in (*_replaced(duties=True), *GUARDS):
        _guard(*guard)


def downgrade() -> None:
    for name, table, *_ in (*_replaced(duties=True), *GUARDS):
        _drop(name, table)
    with changed("service_record") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_service_record_duty_alone"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_service_record_has_a_source"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_service_record_has_a_source"), SOURCES)
        batch_op.drop_index("uq_service_record_duty_now")
        batch_op.drop_constraint(batch_op.f("uq_service_record_duty_id_version"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_service_record_duty_id_duty"), type_="foreignkey")
        batch_op.drop_column("duty_id")
    for guard in _replaced(duties=False):
        _guard(*guard)
    op.drop_table("duty")
