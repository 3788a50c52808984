"""Stars are public before a second person grants them and follow the hours that carry them; what the desk does in somebody's name is kept.

What was granted before stays granted; what it asked for is the community's rule as it stands now, or the hours there were.
"""

import contextlib
from collections.abc import Generator

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0015"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = ("correction", "answer", "credit_rules", "star_rule", "record_rules", "grant", "identity", "family")
MORE_KINDS = ("star_bar", "gift", "donation")
STATES = ("asked", "granted", "declined")
MORE_STATES = ("published", "withdrawn")
HOW = ("in_person", "telephone", "letter")
LEVELS = ((1, "one", 100), (2, "two", 300), (3, "three", 600), (4, "four", 1000), (5, "five", 1500))
OF_RULE = "WHEN {0} THEN COALESCE((SELECT r.{1} FROM star_rule r WHERE r.community_id = star_application.community_id), {2})"
RULES = " ".join(OF_RULE.format(*each) for each in LEVELS)
ASKED_FOR = f"(60 * CASE level {RULES} END)"
NEEDED = f"UPDATE star_application SET needed = CASE WHEN minutes < {ASKED_FOR} THEN minutes ELSE {ASKED_FOR} END"  # noqa: S608 - fixed words
GUARD = "star_after_publicity"
BROKEN = (
    "NEW.state = 'granted' AND OLD.state <> 'granted' AND (OLD.state <> 'published' OR EXISTS"
    " (SELECT 1 FROM star_objection o WHERE o.application_id = NEW.id AND o.answered_at IS NULL))"
)
SAYS = "star_application: granted after its publicity, with every objection answered"


def words(column: str, values: tuple[str, ...]) -> str:
    """Return the check of a column that holds one of some words."""
    return f"{column} IN ({', '.join(repr(each) for each in values)})"


@contextlib.contextmanager
def changed(table: str) -> Generator[BatchOperations]:
    """SQLite makes the table anew; the triggers of other tables are not looked at meanwhile."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=ON")
    with op.batch_alter_table(table, schema=None) as batch_op:
        yield batch_op
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=OFF")


def kinds(values: tuple[str, ...]) -> None:
    """Let a proposal be one of these kinds."""
    with changed("proposal") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_proposal_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_kind"), words("kind", values))


def live(batch_op: BatchOperations, values: tuple[str, ...]) -> None:
    """Let one application for a star be live, in one of these states."""
    where = sa.text(words("state", values))
    batch_op.create_index("uq_star_application_live", ["volunteer_id", "level"], unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    kinds(KINDS + MORE_KINDS)
    with changed("star_rule") as batch_op:
        batch_op.add_column(sa.Column("days", sa.Integer(), nullable=False, server_default="5"))
        batch_op.create_check_constraint(batch_op.f("ck_star_rule_days"), "days BETWEEN 3 AND 30")
    with changed("star_application") as batch_op:
        batch_op.drop_index("uq_star_application_live")
        batch_op.add_column(sa.Column("needed", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("published_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("public_until", sa.Date(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_star_application_published_by_user"), "user", ["published_by"], ["id"])
        batch_op.drop_constraint(batch_op.f("ck_star_application_starstate"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_star_application_starstate"), words("state", STATES + MORE_STATES))
        batch_op.drop_constraint(batch_op.f("ck_star_application_decided"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_star_application_decided"), "(state IN ('asked', 'published')) = (decided_at IS NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_star_application_published_by_somebody"),
            "(published_at IS NULL) = (published_by IS NULL) AND (published_at IS NULL) = (public_until IS NULL)",
        )
        batch_op.create_check_constraint(batch_op.f("ck_star_application_published"), "state <> 'published' OR published_at IS NOT NULL")
        batch_op.create_check_constraint(
            batch_op.f("ck_star_application_two_people"),
            "published_by IS NULL OR state NOT IN ('granted', 'withdrawn') OR decided_by <> published_by",
        )
        live(batch_op, ("asked", "published", "granted"))
    op.execute(NEEDED)
    with changed("star_application") as batch_op:
        batch_op.alter_column("needed", existing_type=sa.Integer(), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_star_application_needed"), "needed BETWEEN 1 AND minutes")
    _star_objection()
    _star_review()
    _desk_act()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON star_application FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{SAYS}') WHERE {BROKEN}; END"
        )
        return
    body = f"IF {BROKEN} THEN RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON star_application FOR EACH ROW EXECUTE FUNCTION {GUARD}()")


def _star_objection() -> None:
    op.create_table(
        "star_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("how", sa.Enum(*HOW, name="how", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_star_objection_answered")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (upheld IS NULL)",
            name=op.f("ck_star_objection_answered_by_somebody"),
        ),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> noted_by", name=op.f("ck_star_objection_two_people")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["star_application.id"], name=op.f("fk_star_objection_application_id_star_application")
        ),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_star_objection_noted_by_user")),
        sa.ForeignKeyConstraint(["answered_by"], ["user.id"], name=op.f("fk_star_objection_answered_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_objection")),
    )
    op.create_index(op.f("ix_star_objection_application_id"), "star_objection", ["application_id"])


def _star_review() -> None:
    verdicts = sa.Enum("keep", "withdraw", "bar", "recovered", name="verdict", native_enum=False, create_constraint=True, length=24)
    op.create_table(
        "star_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", verdicts, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("carried >= 0 AND carried < level AND level <= 5 AND minutes >= 0", name=op.f("ck_star_review_fallen")),
        sa.CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name=op.f("ck_star_review_decided")),
        sa.CheckConstraint(
            "verdict IS NULL OR (verdict = 'recovered') = (decided_by IS NULL)", name=op.f("ck_star_review_decided_by_somebody")
        ),
        sa.CheckConstraint("verdict IS NULL OR verdict = 'recovered' OR length(reason) > 0", name=op.f("ck_star_review_for_a_reason")),
        sa.CheckConstraint("(verdict IS NOT NULL AND verdict IN ('keep', 'bar')) = (until IS NOT NULL)", name=op.f("ck_star_review_until")),
        sa.CheckConstraint(
            "(verdict IS NOT NULL AND verdict = 'bar') = (second_by IS NOT NULL) AND (second_by IS NULL OR second_by <> decided_by)",
            name=op.f("ck_star_review_barred_by_two"),
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_star_review_community_id_community")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_star_review_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_star_review_decided_by_user")),
        sa.ForeignKeyConstraint(["second_by"], ["user.id"], name=op.f("fk_star_review_second_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_review")),
    )
    op.create_index(op.f("ix_star_review_community_id"), "star_review", ["community_id"])
    op.create_index(op.f("ix_star_review_volunteer_id"), "star_review", ["volunteer_id"])
    where = sa.text("verdict IS NULL")
    op.create_index("uq_star_review_open", "star_review", ["volunteer_id"], unique=True, sqlite_where=where, postgresql_where=where)


def _desk_act() -> None:
    errands = sa.Enum(
        "star", "objection", "relative", "gift", "donation", name="errand", native_enum=False, create_constraint=True, length=24
    )
    found = {"application_id": "star_application", "objection_id": "objection", "link_id": "gift_link", "proposal_id": "proposal"}
    op.create_table(
        "desk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("what", errands, nullable=False),
        sa.Column("how", sa.Enum(*HOW, name="how", native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in found),
        sa.CheckConstraint(
            " + ".join(f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in found) + " = 1", name=op.f("ck_desk_act_one_thing")
        ),
        sa.CheckConstraint(
            "(what IN ('gift', 'donation')) = (proposal_id IS NOT NULL)", name=op.f("ck_desk_act_minutes_wait_for_a_second_person")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_desk_act_community_id_community")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_desk_act_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["written_by"], ["user.id"], name=op.f("fk_desk_act_written_by_user")),
        *(sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_desk_act_{name}_{table}")) for name, table in found.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_act")),
        *(sa.UniqueConstraint(name, name=op.f(f"uq_desk_act_{name}")) for name in found),
    )
    op.create_index(op.f("ix_desk_act_community_id"), "desk_act", ["community_id"])
    op.create_index(op.f("ix_desk_act_volunteer_id"), "desk_act", ["volunteer_id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {GUARD}")
    else:
        op.execute(f"DROP TRIGGER {GUARD} ON star_application")
        op.execute(f"DROP FUNCTION {GUARD}()")
    for table in ("desk_act", "star_review", "star_objection"):
        op.drop_table(table)
    op.execute(f"DELETE FROM proposal WHERE {words('kind', MORE_KINDS)}")  # noqa: S608 - fixed words
    op.execute("DELETE FROM star_application WHERE state = 'withdrawn'")
    op.execute("UPDATE star_application SET state = 'asked' WHERE state = 'published'")
    with changed("star_application") as batch_op:
        batch_op.drop_index("uq_star_application_live")
        for name in ("needed", "published_by_somebody", "published", "two_people", "decided", "starstate"):
            batch_op.drop_constraint(batch_op.f(f"ck_star_application_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_star_application_published_by_user"), type_="foreignkey")
        for name in ("needed", "published_at", "published_by", "public_until"):
            batch_op.drop_column(name)
        batch_op.create_check_constraint(batch_op.f("ck_star_application_starstate"), words("state", STATES))
        batch_op.create_check_constraint(batch_op.f("ck_star_application_decided"), "(state = 'asked') = (decided_at IS NULL)")
        live(batch_op, ("asked", "granted"))
    with changed("star_rule") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_star_rule_days"), type_="check")
        batch_op.drop_column("days")
    kinds(KINDS)
