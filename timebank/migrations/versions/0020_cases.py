"""What people bring to the community: tickets with their steps, meetings, papers, and the requests made from them.

A ticket walks the drawn lines only, is not closed while papers of it are out, and goes up a level of mediation, never down; a
step, an agreement and a paper's fate stay as they were written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0022"
branch_labels = None
depends_on = None

LINES = (
    ("received", "sorted"),
    ("sorted", "in_hand"),
    ("in_hand", "sorted"),
    ("in_hand", "ended"),
    ("ended", "in_hand"),
    ("ended", "closed"),
    ("closed", "in_hand"),
)
OFF_LINE = (
    "NEW.state <> OLD.state AND NOT (" + " OR ".join(f"(OLD.state = '{one}' AND NEW.state = '{next_}')" for one, next_ in LINES) + ")"
)
OUT = "EXISTS (SELECT 1 FROM case_paper p WHERE p.ticket_id = {ticket} AND p.fate IS NULL)"
RANK = "CASE {row}.level WHEN 'building' THEN 1 WHEN 'community' THEN 2 WHEN 'street' THEN 3 END"
DOWN = f"OLD.level IS NOT NULL AND OLD.level <> 'building' AND (NEW.level IS NULL OR {RANK.format(row='NEW')} < {RANK.format(row='OLD')})"
OTHER_PLACE = (
    "NEW.building_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM building b JOIN compound c ON c.id = b.compound_id"
    " WHERE b.id = NEW.building_id AND c.id = NEW.compound_id AND c.community_id = NEW.community_id)"
    " OR NEW.compound_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM compound c WHERE c.id = NEW.compound_id AND c.community_id = NEW.community_id)"
    " OR NEW.elder_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM elder e WHERE e.id = NEW.elder_id AND e.community_id = NEW.community_id)"
)
TAKEN_IN = "NEW.number <> OLD.number OR NEW.community_id <> OLD.community_id OR NEW.received_on <> OLD.received_on"
ENDED = "EXISTS (SELECT 1 FROM ticket t WHERE t.id = NEW.ticket_id AND t.state = 'closed')"
KEPT = "what was written stays"
# name, table, event, what must not be, in what words it is refused
GUARDS = (
    ("ticket_begins", "ticket", "INSERT", "NEW.state <> 'received'", "it begins when it is taken in"),
    ("ticket_on_line", "ticket", "UPDATE", OFF_LINE, "it walks the drawn lines"),
    (
        "ticket_papers_back",
        "ticket",
        "UPDATE",
        f"NEW.state = 'closed' AND OLD.state <> 'closed' AND {OUT.format(ticket='NEW.id')}",
        "papers are out",
    ),
    ("ticket_level_up", "ticket", "UPDATE", DOWN, "mediation goes up, never down"),
    ("ticket_taken_in", "ticket", "UPDATE", TAKEN_IN, KEPT),
    ("ticket_place_insert", "ticket", "INSERT", OTHER_PLACE, "its place and elder are of its community"),
    ("ticket_place_update", "ticket", "UPDATE", OTHER_PLACE, "its place and elder are of its community"),
    ("ticket_no_delete", "ticket", "DELETE", "1 = 1", KEPT),
    ("ticket_step_no_update", "ticket_step", "UPDATE", "1 = 1", KEPT),
    ("ticket_step_no_delete", "ticket_step", "DELETE", "1 = 1", KEPT),
    ("case_meeting_kept", "case_meeting", "UPDATE", "OLD.agreed IS NOT NULL", KEPT),
    ("case_meeting_no_delete", "case_meeting", "DELETE", "1 = 1", KEPT),
    ("case_paper_of_open", "case_paper", "INSERT", ENDED, "a closed case takes no papers"),
    ("case_paper_kept", "case_paper", "UPDATE", "OLD.fate IS NOT NULL", KEPT),
    ("case_paper_no_delete", "case_paper", "DELETE", "1 = 1", KEPT),
)
CHOICES = {
    "sort": ("problem", "suggestion", "mediation", "consultation", "errand"),
    "door": ("desk", "phone", "online", "informant"),
    "consent": ("asked", "given", "refused", "unable"),
    "state": ("received", "sorted", "in_hand", "ended", "closed"),
    "topic": (
        "repair",
        "care",
        "information",
        "leisure",
        "urgent",
        "dispute",
        "property",
        "cleanliness",
        "parking",
        "benefits",
        "other",
    ),
    "level": ("building", "community", "street"),
    "outcome": ("settled", "not_settled", "passed_on"),
    "heard": ("satisfied", "partly", "not", "unreached"),
}
DEEDS = (
    "take_in",
    "sort",
    "begin",
    "note",
    "consent",
    "name_elder",
    "take_over",
    "raise",
    "meet",
    "met",
    "take_paper",
    "end_paper",
    "ask_help",
    "end",
    "try",
    "call",
    "reopen",
)


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    """Return the check that a column holds one of some words."""
    listed = ", ".join(f"'{each}'" for each in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column if column != 'fate' else 'paperfate'}"))


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return the key from a column to another table."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """Return a named check."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _ticket() -> None:
    """Make the table of tickets."""
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("sort", sa.String(length=24), nullable=False),
        sa.Column("door", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("consent", sa.String(length=24), nullable=True),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.Column("compound_id", sa.Integer(), nullable=True),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("brought_by", sa.Integer(), nullable=True),
        sa.Column("received_by", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("topic", sa.String(length=24), nullable=True),
        sa.Column("charge_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("charge_name", sa.String(), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("heard", sa.String(length=24), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(_one_of("ticket", column, words) for column, words in CHOICES.items()),
        _check("ticket", "named", "length(name) > 0"),
        _check("ticket", "consent_of_informant", "(door = 'informant') = (consent IS NOT NULL)"),
        _check("ticket", "level_of_mediation", "(sort = 'mediation') = (level IS NOT NULL)"),
        _check("ticket", "sorted_by_topic", "state = 'received' OR topic IS NOT NULL"),
        _check(
            "ticket", "sorted_to_somebody", "state = 'received' OR charge_id IS NOT NULL OR unit_id IS NOT NULL OR length(charge_name) > 0"
        ),
        _check("ticket", "ended_with_outcome", "(state IN ('ended', 'closed')) = (outcome IS NOT NULL)"),
        _check("ticket", "closed_by_call", "(state = 'closed') = (heard IS NOT NULL)"),
        _check("ticket", "due_until_closed", "(state = 'closed') = (due IS NULL)"),
        _check("ticket", "tries", "tries >= 0"),
        _key("ticket", "community_id", "community"),
        _key("ticket", "elder_id", "elder"),
        _key("ticket", "compound_id", "compound"),
        _key("ticket", "building_id", "building"),
        _key("ticket", "brought_by", "user"),
        _key("ticket", "received_by", "user"),
        _key("ticket", "charge_id", "user"),
        _key("ticket", "unit_id", "unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_ticket_community_id_number")),
    )
    for columns in (
        ("community_id", "state", "due"),
        ("community_id", "received_on"),
        ("community_id", "phone"),
        ("elder_id",),
        ("compound_id",),
        ("building_id",),
        ("brought_by",),
        ("charge_id",),
        ("unit_id",),
    ):
        op.create_index(op.f("ix_" + "_".join(f"ticket_{each}" for each in columns)), "ticket", list(columns), unique=False)


def _along_the_way() -> None:
    """Make the tables of steps, meetings, papers and requests."""
    op.create_table(
        "ticket_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user", sa.Integer(), nullable=True),
        sa.Column("deed", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        _one_of("ticket_step", "deed", DEEDS),
        _key("ticket_step", "ticket_id", "ticket"),
        _key("ticket_step", "by_user", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_step")),
    )
    op.create_table(
        "case_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        _check("case_meeting", "start", "start IS NULL OR start BETWEEN 0 AND 1439"),
        _check("case_meeting", "held_with_words", "(agreed IS NULL) = (held_at IS NULL)"),
        _key("case_meeting", "ticket_id", "ticket"),
        _key("case_meeting", "noted_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_meeting")),
    )
    op.create_table(
        "case_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("original", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(length=24), nullable=True),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        _one_of("case_paper", "fate", ("back", "handed_in", "lost")),
        _check("case_paper", "named", "length(name) > 0"),
        _check("case_paper", "ended_by_somebody", "(fate IS NULL) = (ended_at IS NULL) AND (fate IS NULL) = (ended_by IS NULL)"),
        _check("case_paper", "ended_with_whom", "fate IS NULL OR length(whom) > 0"),
        _key("case_paper", "ticket_id", "ticket"),
        _key("case_paper", "taken_by", "user"),
        _key("case_paper", "ended_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_paper")),
    )
    op.create_table(
        "ticket_request",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        _key("ticket_request", "ticket_id", "ticket"),
        _key("ticket_request", "request_id", "help_request"),
        sa.PrimaryKeyConstraint("ticket_id", "request_id", name=op.f("pk_ticket_request")),
        sa.UniqueConstraint("request_id", name=op.f("uq_ticket_request_request_id")),
    )
    for table in ("ticket_step", "case_meeting", "case_paper"):
        op.create_index(op.f(f"ix_{table}_ticket_id"), table, ["ticket_id"], unique=False)


def upgrade() -> None:
    _ticket()
    _along_the_way()
    for guard in GUARDS:
        _guard(*guard)


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{table}: {says}') WHERE {broken};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN {body} END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{table}: {says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    row = "OLD" if event == "DELETE" else "NEW"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("ticket_request", "case_paper", "case_meeting", "ticket_step", "ticket"):
        op.drop_table(table)
