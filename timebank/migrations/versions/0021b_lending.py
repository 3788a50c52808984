"""A volunteer is lent to another community for some weeks; a week's plans, offers and duties are of the community served in it."""

import sqlalchemy as sa
from alembic import op

revision = "0021b"
down_revision = "0020"
branch_labels = None
depends_on = None

STATES = ("asked", "agreed", "refused", "withdrawn", "declined", "ended")
SERVED = (
    "COALESCE((SELECT w.community_id FROM lent_week w WHERE w.volunteer_id = NEW.volunteer_id AND w.week = {week}),"
    " (SELECT v.community_id FROM volunteer v WHERE v.id = NEW.volunteer_id))"
)
MONDAY = {"sqlite": "date(NEW.day, 'weekday 0', '-6 days')", "postgresql": "date_trunc('week', NEW.day)::date"}
MONDAY_OF_DUTY = {"sqlite": "date(d.day, 'weekday 0', '-6 days')", "postgresql": "date_trunc('week', d.day)::date"}
PLAN_WEEK = "(SELECT p.week FROM plan p WHERE p.id = NEW.plan_id)"
VISIT_WEEK = "(SELECT x.week FROM visit x WHERE x.id = NEW.visit_id)"
ELSEWHERE = "lent: in this week the volunteer serves another community"
TAKEN = "('asked', 'agreed', 'there', 'done', 'confirmed')"
LENT = (
    "NOT EXISTS (SELECT 1 FROM lending l WHERE l.id = NEW.lending_id AND l.state = 'agreed' AND NEW.week BETWEEN l.first_week AND l.last_week)"
    " OR EXISTS (SELECT 1 FROM assignment a JOIN plan p ON p.id = a.plan_id"
    " WHERE a.volunteer_id = NEW.volunteer_id AND p.week = NEW.week AND p.community_id <> NEW.community_id)"
    " OR EXISTS (SELECT 1 FROM offer o JOIN visit x ON x.id = o.visit_id WHERE o.volunteer_id = NEW.volunteer_id AND x.week = NEW.week"
    " AND o.state IN ('sent', 'accepted') AND x.community_id <> NEW.community_id)"
    " OR EXISTS (SELECT 1 FROM duty d WHERE d.volunteer_id = NEW.volunteer_id AND {monday} = NEW.week"
    " AND d.state IN {taken} AND d.community_id <> NEW.community_id)"
)
GIVEN_BACK = (
    "EXISTS (SELECT 1 FROM assignment a JOIN plan p ON p.id = a.plan_id"
    " WHERE a.volunteer_id = OLD.volunteer_id AND p.week = OLD.week AND p.community_id = OLD.community_id)"
    " OR EXISTS (SELECT 1 FROM offer o JOIN visit x ON x.id = o.visit_id WHERE o.volunteer_id = OLD.volunteer_id AND x.week = OLD.week"
    " AND o.state IN ('sent', 'accepted') AND x.community_id = OLD.community_id)"
    " OR EXISTS (SELECT 1 FROM duty d WHERE d.volunteer_id = OLD.volunteer_id AND {monday} = OLD.week"
    " AND d.state IN {taken} AND d.community_id = OLD.community_id)"
)
PLAN_OF = "(SELECT p.community_id FROM plan p WHERE p.id = NEW.plan_id) <> "
VISIT_OF = "NEW.state IN ('sent', 'accepted') AND (SELECT x.community_id FROM visit x WHERE x.id = NEW.visit_id) <> "
DUTY_OF = f"NEW.volunteer_id IS NOT NULL AND NEW.state IN {TAKEN} AND NEW.community_id <> "


def guards(dialect: str) -> tuple[tuple[str, str, str, str, str, str], ...]:
    """Return name, table, event, whose row, what must not be true, and in what words it is refused."""
    duty = DUTY_OF + SERVED.format(week=MONDAY[dialect])
    plan = PLAN_OF + SERVED.format(week=PLAN_WEEK)
    visit = VISIT_OF + SERVED.format(week=VISIT_WEEK)
    monday = MONDAY_OF_DUTY[dialect]
    return (
        ("lent_assignment", "assignment", "INSERT", "NEW", plan, ELSEWHERE),
        ("lent_assignment_moved", "assignment", "UPDATE", "NEW", plan, ELSEWHERE),
        ("lent_offer", "offer", "INSERT", "NEW", visit, ELSEWHERE),
        ("lent_duty", "duty", "INSERT", "NEW", duty, ELSEWHERE),
        (
            "lent_duty_taken",
            "duty",
            "UPDATE",
            "NEW",
            f"COALESCE(OLD.volunteer_id, 0) <> COALESCE(NEW.volunteer_id, 0) AND {duty}",
            ELSEWHERE,
        ),
        (
            "lent_week_free",
            "lent_week",
            "INSERT",
            "NEW",
            LENT.format(monday=monday, taken=TAKEN),
            "lent: agreed by two, and nothing is planned at home",
        ),
        ("lent_week_stays", "lent_week", "UPDATE", "NEW", "1 = 1", "lent: a week is lent or given back"),
        (
            "lent_week_back",
            "lent_week",
            "DELETE",
            "OLD",
            GIVEN_BACK.format(monday=monday, taken=TAKEN),
            "lent: something is still planned there",
        ),
    )


def guard(name: str, table: str, event: str, row: str, broken: str, said: str) -> None:
    """Put one guard onto a table; PostgreSQL looks while nobody else lends or plans the person."""
    head = f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{said}') WHERE {broken}; END")
        return
    held = "UPDATE" if table == "lent_week" else "KEY SHARE"
    hold = f"PERFORM 1 FROM volunteer v WHERE v.id = {row}.volunteer_id FOR {held};"
    raised = f"RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN {hold} IF {broken} THEN {raised}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{head} EXECUTE FUNCTION {name}()")


def upgrade() -> None:
    op.create_table(
        "lending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("lender_id", sa.Integer(), nullable=False),
        sa.Column("borrower_id", sa.Integer(), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="lendingstate", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("lender_id <> borrower_id", name=op.f("ck_lending_to_another")),
        sa.CheckConstraint("last_week >= first_week", name=op.f("ck_lending_weeks")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_lending_decided_by_another")),
        sa.CheckConstraint("(decided_by IS NULL) = (state IN ('asked', 'withdrawn'))", name=op.f("ck_lending_decided_by_somebody")),
        sa.CheckConstraint("(over_at IS NULL) = (state IN ('asked', 'agreed'))", name=op.f("ck_lending_over")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_lending_reason")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_lending_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["lender_id"], ["community.id"], name=op.f("fk_lending_lender_id_community")),
        sa.ForeignKeyConstraint(["borrower_id"], ["community.id"], name=op.f("fk_lending_borrower_id_community")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_lending_asked_by_user")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_lending_decided_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending")),
        sa.UniqueConstraint("id", "volunteer_id", "borrower_id", name=op.f("uq_lending_id_volunteer_id_borrower_id")),
    )
    op.create_table(
        "lent_week",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("lending_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_lent_week_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(
            ["lending_id", "volunteer_id", "community_id"],
            ["lending.id", "lending.volunteer_id", "lending.borrower_id"],
            name="fk_lent_week_lending",
        ),
        sa.PrimaryKeyConstraint("volunteer_id", "week", name=op.f("pk_lent_week")),
    )
    for table, columns in (("lending", ("volunteer_id", "lender_id", "borrower_id")), ("lent_week", ("lending_id", "community_id"))):
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    for each in guards(op.get_bind().dialect.name):
        guard(*each)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, table, *_ in guards(dialect):
        op.execute(f"DROP TRIGGER {name}" if dialect == "sqlite" else f"DROP TRIGGER {name} ON {table}")
        if dialect != "sqlite":
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("lent_week")
    op.drop_table("lending")
