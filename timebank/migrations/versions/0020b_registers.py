"""Registers outside the time ledger: gifts in kind with rough counts, groups of residents, and what a community is known for."""

import sqlalchemy as sa
from alembic import op

revision = "0020b"
down_revision = "0021b"
branch_labels = None
depends_on = None

KEPT = "gift_entry: a line stays, or is withdrawn once"
CHANGED = (
    "OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR NEW.place_id <> OLD.place_id OR NEW.day <> OLD.day OR NEW.way <> OLD.way"
    " OR NEW.what <> OLD.what OR NEW.count <> OLD.count OR NEW.who <> OLD.who OR NEW.noted_by <> OLD.noted_by"
)
ENDED = "EXISTS (SELECT 1 FROM gift_place p WHERE p.id = NEW.place_id AND p.ended IS NOT NULL)"
GUARDS = (
    ("gift_entry_kept", "gift_entry", "UPDATE", CHANGED, KEPT),
    ("gift_entry_no_delete", "gift_entry", "DELETE", "1 = 1", KEPT),
    ("gift_entry_of_place", "gift_entry", "INSERT", ENDED, "gift_entry: the place is no more"),
    ("club_ended_stays", "club", "UPDATE", "OLD.ended IS NOT NULL", "club: a dissolved group stays as it was"),
)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    """Return a named check."""
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return the key from a column to another table."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "gift_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort", sa.String(length=24), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=False),
        _check("gift_place", "giftsort", "sort IN ('fridge', 'clothes', 'rest', 'books', 'other')"),
        _check("gift_place", "named", "length(name) > 0"),
        _check("gift_place", "ended_for_a_reason", "(ended IS NULL) = (length(ended_reason) = 0)"),
        _key("gift_place", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_place")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_gift_place_community_id_name")),
    )
    op.create_table(
        "gift_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=False),
        _check("gift_entry", "giftway", "way IN ('in', 'out', 'heads')"),
        _check("gift_entry", "count", "count BETWEEN 1 AND 100000"),
        _check("gift_entry", "things_or_heads", "(way = 'heads') = (length(what) = 0)"),
        _check("gift_entry", "withdrawn_by_somebody", "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"),
        _check("gift_entry", "withdrawn_for_a_reason", "withdrawn_at IS NULL OR length(withdrawn_reason) > 0"),
        _key("gift_entry", "place_id", "gift_place"),
        _key("gift_entry", "noted_by", "user"),
        _key("gift_entry", "withdrawn_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_entry")),
    )
    op.create_index(op.f("ix_gift_entry_place_id_gift_entry_day"), "gift_entry", ["place_id", "day"], unique=False)
    op.create_table(
        "club",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort", sa.String(length=24), nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("lead_phone", sa.String(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("meets", sa.String(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=False),
        _check("club", "clubsort", "sort IN ('arts', 'sport', 'reading', 'craft', 'help', 'hobby', 'other')"),
        _check("club", "named", "length(name) > 0"),
        _check("club", "members", "members BETWEEN 0 AND 100000"),
        _check("club", "ended_for_a_reason", "(ended IS NULL) = (length(ended_reason) = 0)"),
        _key("club", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_club")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_club_community_id_name")),
    )
    op.create_table(
        "speciality",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("sorts", sa.JSON(), nullable=False),
        sa.Column("doings", sa.JSON(), nullable=False),
        _check("speciality", "titled", "length(title) > 0"),
        _key("speciality", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speciality")),
        sa.UniqueConstraint("community_id", name=op.f("uq_speciality_community_id")),
    )
    for guard in GUARDS:
        _guard(*guard)


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{says}') WHERE {broken}; END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    row = "OLD" if event == "DELETE" else "NEW"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("speciality", "club", "gift_entry", "gift_place"):
        op.drop_table(table)
