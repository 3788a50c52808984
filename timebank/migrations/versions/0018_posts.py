"""Posts: places where somebody stands every week, the shifts of their rota, who has taken them, and turns to swap."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0020c"
branch_labels = None
depends_on = None

HOLDS = sa.text("ended IS NULL")
IN_FORCE = sa.text("NOT dropped")
OFFERED = sa.text("state = 'offered'")
OURS = (
    "(NEW.building_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM building b JOIN compound c ON c.id = b.compound_id"
    " WHERE b.id = NEW.building_id AND c.community_id = NEW.community_id)) OR (NEW.station_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM station s WHERE s.id = NEW.station_id AND s.community_id = NEW.community_id))"
)
OF_ANOTHER = (
    "NOT EXISTS (SELECT 1 FROM post_shift s JOIN post p ON p.id = s.post_id JOIN volunteer v ON v.community_id = p.community_id"
    " WHERE s.id = NEW.shift_id AND v.id = NEW.volunteer_id)"
)
TOO_MANY = "EXISTS (SELECT 1 FROM post_shift s WHERE s.id = NEW.shift_id AND (NEW.seat > s.wanted OR s.dropped))"
CHANGED = "NEW.shift_id <> OLD.shift_id OR NEW.volunteer_id <> OLD.volunteer_id OR NEW.seat <> OLD.seat OR OLD.ended IS NOT NULL"
# name, table, event, what must not be true, in what words it is refused
GUARDS = (
    ("post_here_insert", "post", "INSERT", OURS, "post: it stands at a place of its own community"),
    ("post_here_update", "post", "UPDATE", OURS, "post: it stands at a place of its own community"),
    ("post_claim_own", "post_claim", "INSERT", OF_ANOTHER, "post_claim: a volunteer of the same community"),
    ("post_claim_seat", "post_claim", "INSERT", TOO_MANY, "post_claim: no more places than the shift has"),
    ("post_claim_keep", "post_claim", "UPDATE", CHANGED, "post_claim: a claim only ends"),
    ("post_claim_no_delete", "post_claim", "DELETE", "1 = 1", "post_claim: a claim that was stays"),
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


# Added as it stands: to make the table anew would cost its triggers.
LEAST = "least INTEGER DEFAULT 1 NOT NULL CONSTRAINT ck_duty_least CHECK (least BETWEEN 1 AND 200)"


def upgrade() -> None:
    op.execute(f"ALTER TABLE duty ADD COLUMN {LEAST}")
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("workdays_only", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("earlier_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False, server_default=""),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(name) > 0 AND length(place) > 0", name=op.f("ck_post_named")),
        sa.CheckConstraint("earlier_days BETWEEN 0 AND 20000", name=op.f("ck_post_earlier_days")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_post_days")),
        sa.CheckConstraint("building_id IS NULL OR station_id IS NULL", name=op.f("ck_post_one_place")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_post_community_id_community")),
        sa.ForeignKeyConstraint(["kind_id"], ["service_kind.id"], name=op.f("fk_post_kind_id_service_kind")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_post_building_id_building")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_post_station_id_station")),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_post_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_post_community_id_name")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        for column in ("community_id", "kind_id", "building_id", "station_id"):
            batch_op.create_index(batch_op.f(f"ix_post_{column}"), [column], unique=False)
    op.create_table(
        "post_shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_post_shift_weekday")),
        sa.CheckConstraint("start >= 0 AND until > start AND until <= 1440 AND until - start <= 720", name=op.f("ck_post_shift_times")),
        sa.CheckConstraint("least BETWEEN 1 AND wanted AND wanted <= 50", name=op.f("ck_post_shift_staffing")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_shift_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_shift")),
    )
    with op.batch_alter_table("post_shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_shift_post_id"), ["post_id"], unique=False)
        key = ["post_id", "weekday", "start"]
        batch_op.create_index("uq_post_shift_in_force", key, unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE)
    op.create_table(
        "post_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_for", sa.Integer(), nullable=True),
        sa.CheckConstraint("seat BETWEEN 1 AND 50", name=op.f("ck_post_claim_seat")),
        sa.CheckConstraint("ended IS NULL OR ended >= from_day", name=op.f("ck_post_claim_days")),
        sa.ForeignKeyConstraint(["shift_id"], ["post_shift.id"], name=op.f("fk_post_claim_shift_id_post_shift")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_post_claim_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["claimed_for"], ["user.id"], name=op.f("fk_post_claim_claimed_for_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_claim")),
    )
    with op.batch_alter_table("post_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_claim_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_claim_volunteer_id"), ["volunteer_id"], unique=False)
        for name, key in (("uq_post_claim_seat", ["shift_id", "seat"]), ("uq_post_claim_volunteer", ["shift_id", "volunteer_id"])):
            batch_op.create_index(name, key, unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS)
    op.create_table(
        "post_swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("offered", "taken", "withdrawn", name="swapstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("to_id IS NULL OR to_id <> from_id", name=op.f("ck_post_swap_another")),
        sa.CheckConstraint("(state = 'offered') = (over_at IS NULL)", name=op.f("ck_post_swap_over")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_post_swap_duty_id_duty")),
        sa.ForeignKeyConstraint(["from_id"], ["volunteer.id"], name=op.f("fk_post_swap_from_id_volunteer")),
        sa.ForeignKeyConstraint(["to_id"], ["volunteer.id"], name=op.f("fk_post_swap_to_id_volunteer")),
        sa.ForeignKeyConstraint(["taken_by"], ["volunteer.id"], name=op.f("fk_post_swap_taken_by_volunteer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_swap")),
    )
    with op.batch_alter_table("post_swap", schema=None) as batch_op:
        for column in ("duty_id", "from_id", "to_id"):
            batch_op.create_index(batch_op.f(f"ix_post_swap_{column}"), [column], unique=False)
        batch_op.create_index("uq_post_swap_offered", ["duty_id"], unique=True, sqlite_where=OFFERED, postgresql_where=OFFERED)
    for guard in GUARDS:
        _guard(*guard)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("post_swap", "post_claim", "post_shift", "post"):
        op.drop_table(table)
    op.execute("ALTER TABLE duty DROP COLUMN least")
