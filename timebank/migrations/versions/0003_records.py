"""Records: what the law names on each, entries by hand, trainings, evaluations, the weekly check and its call-backs."""

# ruff: noqa: S608 - the statements are put together from constants of this file only

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("answered_at IS NULL")
CURRENT = sa.text("current")
FACTS = ("activity", "place", "unit", "responsible")
NOW = {"visit": ["volunteer_id", "visit_id"], "round": ["volunteer_id", "round_id"], "entry": ["entry_id"]}
HOME = (
    "FROM visit v JOIN household h ON h.id = v.household_id JOIN building b ON b.id = h.building_id JOIN compound c ON c.id = b.compound_id"
)
KITCHEN = "FROM round r JOIN canteen n ON n.id = r.canteen_id"
# What held on the day of older records is no longer known; what holds now is the nearest to it.
FILL = (
    "UPDATE service_record SET activity = (SELECT k.name FROM service_kind k WHERE k.id = kind_id)",
    "UPDATE service_record SET unit = (SELECT m.issuer FROM community m WHERE m.id = community_id)",
    "UPDATE service_record SET responsible = (SELECT m.responsible FROM community m WHERE m.id = community_id)",
    f"UPDATE service_record SET place = (SELECT c.name {HOME} WHERE v.id = visit_id) WHERE visit_id IS NOT NULL",
    f"UPDATE service_record SET place = (SELECT n.name {KITCHEN} WHERE r.id = round_id) WHERE round_id IS NOT NULL",
)

ENTRY_KEPT = ("id", "community_id", "volunteer_id", "beneficiary", "sort", "visit_id", "kind_id", "day", "started_at", "ended_at", "minutes",
              "place", "reason", "evidence", "entered_by", "entered_at")  # fmt: skip
RECORD_KEPT = ("id", "community_id", "volunteer_id", "visit_id", "round_id", "entry_id", "version", "kind_id", "day", "started_at", "ended_at",
               "minutes", "planned_minutes", "doors", *FACTS, "trust", "confirmed_by", "created_at", "reason")  # fmt: skip
USER_OF = "(SELECT p.user_id FROM volunteer p WHERE p.id = NEW.volunteer_id)"


def changed(columns: tuple[str, ...]) -> str:
    """Return the condition that any of some columns changes."""
    return " OR ".join(f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in columns)


def kin(column: str) -> str:
    """Return the condition that whoever stands in a column is noted as family of the volunteer."""
    return f"EXISTS (SELECT 1 FROM kinship f WHERE f.volunteer_id = NEW.volunteer_id AND f.user_id = NEW.{column})"


# name, table, event, {rule: predicate that must not be true}
GUARDS = (
    (
        "manual_entry_guard",
        "manual_entry",
        "INSERT",
        {
            "an entry begins by waiting": "NEW.state <> 'pending'",
            "the beneficiary is whoever the volunteer signs in as": f"COALESCE(NEW.beneficiary, 0) <> COALESCE({USER_OF}, 0)",
            "nobody enters for themselves": f"NEW.entered_by = {USER_OF}",
            "nobody enters for their family": kin("entered_by"),
        },
    ),
    (
        "manual_entry_keep",
        "manual_entry",
        "UPDATE",
        {
            "what was entered stays": changed(ENTRY_KEPT),
            "what was decided stays": "OLD.state <> 'pending'",
            "nobody decides for themselves": f"NEW.decided_by = {USER_OF}",
            "nobody decides for their family": kin("decided_by"),
        },
    ),
    ("manual_entry_no_delete", "manual_entry", "DELETE", {"an entry is for ever": "1 = 1"}),
    (
        "service_record_guard",
        "service_record",
        "INSERT",
        {
            "an entry counts only when posted": (
                "NEW.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM manual_entry e WHERE e.id = NEW.entry_id AND e.state = 'posted'"
                " AND e.volunteer_id = NEW.volunteer_id AND e.minutes >= NEW.minutes)"
            ),
        },
    ),
    (
        "service_record_keep",
        "service_record",
        "UPDATE",
        {
            "a record is never edited": changed(RECORD_KEPT),
            "an older version stays older": "NEW.current AND NOT OLD.current",
            "a credit is named once": "OLD.transfer_seq IS NOT NULL AND (NEW.transfer_seq IS NULL OR NEW.transfer_seq <> OLD.transfer_seq)",
        },
    ),
    ("service_record_no_delete", "service_record", "DELETE", {"a record is for ever": "1 = 1"}),
)


def guards(dialect: str) -> list[str]:
    """Return the statements that put the guards onto the tables."""
    statements = []
    for name, table, event, rules in GUARDS:
        if dialect == "sqlite":
            body = " ".join(f"SELECT RAISE(ABORT, '{table}: {rule}') WHERE {broken};" for rule, broken in rules.items())
            statements.append(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN {body} END")
            continue
        code = "'integrity_constraint_violation'"
        body = " ".join(
            f"IF {broken} THEN RAISE EXCEPTION '{table}: {rule}' USING ERRCODE = {code}; END IF;" for rule, broken in rules.items()
        )
        row = "OLD" if event == "DELETE" else "NEW"
        statements.append(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
        statements.append(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    return statements


def unguarded(dialect: str) -> list[str]:
    """Return the statements that take the guards off again."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name, *_ in GUARDS]
    return [f"DROP TRIGGER {name} ON {table}" for name, table, *_ in GUARDS] + [f"DROP FUNCTION {name}()" for name, *_ in GUARDS]


def upgrade() -> None:
    op.create_table(
        "check_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_check_week_percent")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_check_week_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_week")),
        sa.UniqueConstraint("community_id", "week", name=op.f("uq_check_week_community_id_week")),
    )
    op.create_table(
        "record_rules",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_month", sa.Integer(), nullable=False),
        sa.Column("coordinator_month", sa.Integer(), nullable=False),
        sa.Column("back_days", sa.Integer(), nullable=False),
        sa.Column("call_back_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("back_days BETWEEN 1 AND 366", name=op.f("ck_record_rules_back_days")),
        sa.CheckConstraint("call_back_percent BETWEEN 0 AND 100", name=op.f("ck_record_rules_call_back_percent")),
        sa.CheckConstraint("coordinator_month BETWEEN 0 AND 144000", name=op.f("ck_record_rules_coordinator_month")),
        sa.CheckConstraint("volunteer_month BETWEEN 0 AND 14400", name=op.f("ck_record_rules_volunteer_month")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_record_rules_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_record_rules")),
    )
    op.create_table(
        "kinship",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_kinship_user_id_user")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_kinship_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kinship")),
        sa.UniqueConstraint("user_id", "volunteer_id", name=op.f("uq_kinship_user_id_volunteer_id")),
    )
    with op.batch_alter_table("kinship", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kinship_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "training",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=False),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_training_withdrawn_by_somebody")),
        sa.CheckConstraint("length(name) > 0 AND length(held_by) > 0", name=op.f("ck_training_named")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 60000", name=op.f("ck_training_minutes")),
        sa.CheckConstraint("withdrawn_at IS NULL OR length(withdrawn_reason) > 0", name=op.f("ck_training_withdrawn_for_a_reason")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_training_community_id_community")),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_training_noted_by_user")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_training_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["user.id"], name=op.f("fk_training_withdrawn_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sa.UniqueConstraint("volunteer_id", "name", "day", name=op.f("uq_training_volunteer_id_name_day")),
    )
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_community_id"), ["community_id"], unique=False)

    op.create_table(
        "manual_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("beneficiary", sa.Integer(), nullable=True),
        sa.Column(
            "sort", sa.Enum("back_entry", "by_hand", name="entrysort", native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("pending", "posted", "refused", name="entrystate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.CheckConstraint("(sort = 'back_entry') = (visit_id IS NOT NULL)", name=op.f("ck_manual_entry_back_entry_has_visit")),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_manual_entry_decided"),
        ),
        sa.CheckConstraint("state <> 'refused' OR length(decision) > 0", name=op.f("ck_manual_entry_refused_for_a_reason")),
        sa.CheckConstraint("beneficiary IS NULL OR entered_by <> beneficiary", name=op.f("ck_manual_entry_not_for_oneself")),
        sa.CheckConstraint(
            "decided_by IS NULL OR beneficiary IS NULL OR decided_by <> beneficiary", name=op.f("ck_manual_entry_not_by_who_gains")
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> entered_by", name=op.f("ck_manual_entry_two_people")),
        sa.CheckConstraint("ended_at > started_at", name=op.f("ck_manual_entry_order")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 720", name=op.f("ck_manual_entry_minutes")),
        sa.ForeignKeyConstraint(["beneficiary"], ["user.id"], name=op.f("fk_manual_entry_beneficiary_user")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_manual_entry_community_id_community")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_manual_entry_decided_by_user")),
        sa.ForeignKeyConstraint(["entered_by"], ["user.id"], name=op.f("fk_manual_entry_entered_by_user")),
        sa.ForeignKeyConstraint(["kind_id"], ["service_kind.id"], name=op.f("fk_manual_entry_kind_id_service_kind")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_manual_entry_visit_id_visit")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_manual_entry_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_entry")),
    )
    with op.batch_alter_table("manual_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_manual_entry_community_id_manual_entry_state"), ["community_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_manual_entry_entered_by"), ["entered_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_manual_entry_volunteer_id_manual_entry_day"), ["volunteer_id", "day"], unique=False)
        batch_op.create_index(
            "uq_manual_entry_visit",
            ["visit_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'refused'"),
            postgresql_where=sa.text("state <> 'refused'"),
        )

    op.create_table(
        "call_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column(
            "heard",
            sa.Enum("as_recorded", "wrong", "not_reached", name="heard", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("heard IS NULL OR heard <> 'wrong' OR length(words) > 0", name=op.f("ck_call_back_wrong_in_words")),
        sa.CheckConstraint(
            "(heard IS NULL) = (called_at IS NULL) AND (heard IS NULL) = (called_by IS NULL)", name=op.f("ck_call_back_called")
        ),
        sa.ForeignKeyConstraint(["called_by"], ["user.id"], name=op.f("fk_call_back_called_by_user")),
        sa.ForeignKeyConstraint(["check_id"], ["check_week.id"], name=op.f("fk_call_back_check_id_check_week")),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_call_back_record_id_service_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
        sa.UniqueConstraint("check_id", "record_id", name=op.f("uq_call_back_check_id_record_id")),
    )
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_back_check_id"), ["check_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_back_record_id"), ["record_id"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column(
            "grade", sa.Enum("good", "fair", "poor", name="grade", native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("by_user", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_user"], ["user.id"], name=op.f("fk_evaluation_by_user_user")),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_evaluation_record_id_service_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_record_id"), ["record_id"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column(
            "settled",
            sa.Enum("in_order", "watched", "objected", name="settled", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(settled IS NULL) = (settled_at IS NULL) AND (settled IS NULL) = (settled_by IS NULL)",
            name=op.f("ck_finding_settled_by_somebody"),
        ),
        sa.CheckConstraint("settled IS NULL OR length(result) > 0", name=op.f("ck_finding_settled_in_words")),
        sa.ForeignKeyConstraint(["check_id"], ["check_week.id"], name=op.f("fk_finding_check_id_check_week")),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_finding_record_id_service_record")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_finding_settled_by_user")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_finding_volunteer_id_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("check_id", "key", name=op.f("uq_finding_check_id_key")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_check_id"), ["check_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_volunteer_id"), ["volunteer_id"], unique=False)

    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(length=24), server_default="volunteer", nullable=False))
        batch_op.add_column(sa.Column("newer_id", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_objection_origin"), "origin IN ('volunteer', 'call_back', 'finding')")
        batch_op.create_check_constraint(batch_op.f("ck_objection_newer_is_another"), "newer_id IS NULL OR newer_id <> record_id")
        batch_op.create_foreign_key(batch_op.f("fk_objection_newer_id_service_record"), "service_record", ["newer_id"], ["id"])
        batch_op.create_index("uq_objection_open", ["record_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)

    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entry_id", sa.Integer(), nullable=True))
        for name in FACTS:
            batch_op.add_column(sa.Column(name, sa.String(), server_default="", nullable=False))
        batch_op.drop_constraint(batch_op.f("ck_service_record_visit_or_round"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_service_record_visit_or_round"), "visit_id IS NULL OR round_id IS NULL")
        batch_op.create_check_constraint(
            batch_op.f("ck_service_record_has_a_source"), "visit_id IS NOT NULL OR round_id IS NOT NULL OR entry_id IS NOT NULL"
        )
        batch_op.create_check_constraint(batch_op.f("ck_service_record_entry_by_two_persons"), "entry_id IS NULL OR trust = 'two_persons'")
        batch_op.create_unique_constraint(batch_op.f("uq_service_record_entry_id_version"), ["entry_id", "version"])
        batch_op.create_foreign_key(batch_op.f("fk_service_record_entry_id_manual_entry"), "manual_entry", ["entry_id"], ["id"])
        for name, columns in NOW.items():
            batch_op.create_index(f"uq_service_record_{name}_now", columns, unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT)

    for statement in (*FILL, *guards(op.get_bind().dialect.name)):
        op.execute(statement)


def downgrade() -> None:
    for statement in unguarded(op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        for name in NOW:
            batch_op.drop_index(f"uq_service_record_{name}_now", sqlite_where=CURRENT, postgresql_where=CURRENT)
        batch_op.drop_constraint(batch_op.f("fk_service_record_entry_id_manual_entry"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_service_record_entry_id_version"), type_="unique")
        for name in ("entry_by_two_persons", "has_a_source", "visit_or_round"):
            batch_op.drop_constraint(batch_op.f(f"ck_service_record_{name}"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_service_record_visit_or_round"), "(visit_id IS NULL) <> (round_id IS NULL)")
        for name in (*FACTS, "entry_id"):
            batch_op.drop_column(name)

    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index("uq_objection_open", sqlite_where=OPEN, postgresql_where=OPEN)
        batch_op.drop_constraint(batch_op.f("fk_objection_newer_id_service_record"), type_="foreignkey")
        for name in ("newer_is_another", "origin"):
            batch_op.drop_constraint(batch_op.f(f"ck_objection_{name}"), type_="check")
        batch_op.drop_column("newer_id")
        batch_op.drop_column("origin")

    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_finding_record_id"))
        batch_op.drop_index(batch_op.f("ix_finding_check_id"))

    op.drop_table("finding")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_record_id"))

    op.drop_table("evaluation")
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_back_record_id"))
        batch_op.drop_index(batch_op.f("ix_call_back_check_id"))

    op.drop_table("call_back")
    with op.batch_alter_table("manual_entry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_manual_entry_visit", sqlite_where=sa.text("state <> 'refused'"), postgresql_where=sa.text("state <> 'refused'")
        )
        batch_op.drop_index(batch_op.f("ix_manual_entry_volunteer_id_manual_entry_day"))
        batch_op.drop_index(batch_op.f("ix_manual_entry_entered_by"))
        batch_op.drop_index(batch_op.f("ix_manual_entry_community_id_manual_entry_state"))

    op.drop_table("manual_entry")
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_community_id"))

    op.drop_table("training")
    with op.batch_alter_table("kinship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kinship_volunteer_id"))

    op.drop_table("kinship")
    op.drop_table("record_rules")
    op.drop_table("check_week")
