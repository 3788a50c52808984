"""What somebody is has a day and stands on the record: paid or voluntary, unit, teams, group as of the service, not as of today.

Of older records nobody knows any more what held on their day: they take what is noted when this schema comes.
"""

import re
from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed

revision = "0012"
down_revision = "0013"
branch_labels = None
depends_on = None

KIND = "standing"
SAME = "{a}.paid = {b}.{paid} AND {a}.collective = {b}.collective AND COALESCE({a}.unit_id, 0) = COALESCE({b}.unit_id, 0)"
BEFORE = "(SELECT MAX(x.id) FROM standing x WHERE x.volunteer_id = NEW.volunteer_id)"
ON_DAY = "(SELECT MAX(x.id) FROM standing x WHERE x.volunteer_id = NEW.volunteer_id AND x.from_day <= NEW.day)"
AS_OF = SAME.format(a="s", b="NEW", paid="paid")
NOTED = SAME.format(a="s", b="NEW", paid="staff")
SERVED = "EXISTS (SELECT 1 FROM service_record r WHERE r.volunteer_id = NEW.volunteer_id AND r.day >= {day})"
LEFT = 'NEW."left"'
MEMBER = (
    "EXISTS (SELECT 1 FROM team_member m JOIN service_record r ON r.volunteer_id = m.volunteer_id WHERE r.id = NEW.record_id"
    ' AND m.team_id = NEW.team_id AND m.joined <= r.day AND (m."left" IS NULL OR m."left" > r.day))'
)
STANDS = "EXISTS (SELECT 1 FROM standing s WHERE {holds})"
ALONE = "NEW.noted_by IS NOT NULL AND NEW.agreed_by IS NULL AND " + STANDS.format(
    holds=f"s.id = {BEFORE} AND (s.paid <> NEW.paid OR s.collective <> NEW.collective)"
)
UNNOTED = (
    "(NEW.staff <> OLD.staff OR NEW.collective <> OLD.collective OR COALESCE(NEW.unit_id, 0) <> COALESCE(OLD.unit_id, 0)) AND NOT "
) + STANDS.format(holds=f"s.volunteer_id = NEW.id AND {NOTED}")
ENDED_TWICE = (
    'NEW.team_id <> OLD.team_id OR NEW.volunteer_id <> OLD.volunteer_id OR NEW.joined <> OLD.joined OR OLD."left" IS NOT NULL'
    f' OR (NEW."left" IS NOT NULL AND {SERVED.format(day=LEFT)})'
)
# name, table, event, what must not be, in what words it is refused
GUARDS = (
    (
        "standing_in_order",
        "standing",
        "INSERT",
        STANDS.format(holds="s.volunteer_id = NEW.volunteer_id AND s.from_day > NEW.from_day"),
        "standing: changes come in the order of their days",
    ),
    (
        "standing_touches_nothing",
        "standing",
        "INSERT",
        f"{BEFORE} IS NOT NULL AND {SERVED.format(day='NEW.from_day')}",
        "standing: what is on record keeps its standing",
    ),
    (
        "standing_by_two",
        "standing",
        "INSERT",
        ALONE,
        "standing: paid and group take a second person",
    ),
    ("standing_no_update", "standing", "UPDATE", "1 = 1", "standing: what was noted stays"),
    ("standing_no_delete", "standing", "DELETE", "1 = 1", "standing: what was noted stays"),
    (
        "volunteer_standing_noted",
        "volunteer",
        "UPDATE",
        UNNOTED,
        "volunteer: a standing is noted with its day before anything shows it",
    ),
    (
        "service_record_standing",
        "service_record",
        "INSERT",
        "NOT " + STANDS.format(holds=f"s.id = {ON_DAY} AND {AS_OF}"),
        "service_record: a record takes the standing of its day",
    ),
    (
        "service_record_standing_keep",
        "service_record",
        "UPDATE",
        "NEW.paid <> OLD.paid OR NEW.collective <> OLD.collective OR COALESCE(NEW.unit_id, 0) <> COALESCE(OLD.unit_id, 0)",
        "service_record: a record keeps its standing",
    ),
    ("record_team_of_day", "record_team", "INSERT", f"NOT {MEMBER}", "record_team: a record counts for the teams of its day"),
    ("record_team_no_update", "record_team", "UPDATE", "1 = 1", "record_team: a record keeps its teams"),
    ("record_team_no_delete", "record_team", "DELETE", "1 = 1", "record_team: a record keeps its teams"),
    (
        "team_member_joins",
        "team_member",
        "INSERT",
        SERVED.format(day="NEW.joined"),
        "team_member: what is on record keeps its teams",
    ),
    (
        "team_member_leaves",
        "team_member",
        "UPDATE",
        ENDED_TWICE,
        "team_member: a membership ends once, after what is on record",
    ),
    ("team_member_no_delete", "team_member", "DELETE", "1 = 1", "team_member: a membership that was stays"),
    ("unit_name_stays", "unit", "UPDATE", "NEW.name <> OLD.name", "unit: papers of the past carry its name"),
    ("team_name_stays", "team", "UPDATE", "NEW.name <> OLD.name", "team: papers of the past carry its name"),
)


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{says}') WHERE {broken};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN {body} END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    row = "OLD" if event == "DELETE" else "NEW"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _kinds() -> list[str]:
    """Return the kinds of proposals the database takes now, whoever added them."""
    checks = sa.inspect(op.get_bind()).get_check_constraints("proposal")
    (words,) = (each["sqltext"] for each in checks if each["name"] == "ck_proposal_kind")
    return re.findall(r"'([a-z_]+)'", words)


def _take_kinds(kinds: Collection[str]) -> None:
    """Let the database take these kinds of proposals."""
    listed = ", ".join(f"'{each}'" for each in kinds)
    with changed("proposal") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_proposal_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    op.create_table(
        "standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("collective", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=True),
        sa.Column("agreed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by <> noted_by", name=op.f("ck_standing_agreed_by_another")),
        sa.CheckConstraint("length(reason) > 0 OR from_day = '0001-01-01'", name=op.f("ck_standing_reason")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_standing_volunteer_id_volunteer")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_standing_unit_id_unit")),
        sa.ForeignKeyConstraint(["noted_by"], ["user.id"], name=op.f("fk_standing_noted_by_user")),
        sa.ForeignKeyConstraint(["agreed_by"], ["user.id"], name=op.f("fk_standing_agreed_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
    )
    op.create_index(op.f("ix_standing_volunteer_id_standing_from_day"), "standing", ["volunteer_id", "from_day"])
    op.create_index(op.f("ix_standing_unit_id"), "standing", ["unit_id"])
    op.create_table(
        "record_team",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_record_team_record_id_service_record")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_record_team_team_id_team")),
        sa.PrimaryKeyConstraint("record_id", "team_id", name=op.f("pk_record_team")),
    )
    op.create_index(op.f("ix_record_team_team_id"), "record_team", ["team_id"])
    op.add_column("unit", sa.Column("ended", sa.Date(), nullable=True))
    for column in ("joined_reason", "left_reason"):
        op.add_column("team_member", sa.Column(column, sa.String(), nullable=False, server_default=""))
    with changed("service_record") as batch_op:
        for column in ("paid", "collective"):
            batch_op.add_column(sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_service_record_unit_id_unit"), "unit", ["unit_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_service_record_unit_id"), ["unit_id"], unique=False)
    _take_kinds([*_kinds(), KIND])
    _fill()
    for guard in GUARDS:
        _guard(*guard)


def _fill() -> None:
    """Let everybody begin with what is noted of them now, and every record take it."""
    names = ("id", "staff", "collective", "unit_id", "registered_by")
    volunteer = sa.table("volunteer", *(sa.column(name) for name in names))
    noted = {
        "volunteer_id": volunteer.c.id,
        "from_day": sa.literal(date(1, 1, 1), sa.Date()),
        "paid": volunteer.c.staff,
        "collective": volunteer.c.collective,
        "unit_id": volunteer.c.unit_id,
        "reason": sa.literal(""),
        "noted_at": sa.func.current_timestamp(),
        "noted_by": volunteer.c.registered_by,
    }
    standing = sa.table("standing", *(sa.column(name) for name in noted))
    op.execute(standing.insert().from_select(list(noted), sa.select(*noted.values()).order_by(volunteer.c.id)))
    record = sa.table("service_record", *(sa.column(name) for name in ("volunteer_id", "paid", "collective", "unit_id")))
    mine = {
        column: sa.select(source).where(volunteer.c.id == record.c.volunteer_id).scalar_subquery()
        for column, source in (("paid", volunteer.c.staff), ("collective", volunteer.c.collective), ("unit_id", volunteer.c.unit_id))
    }
    op.execute(record.update().values(mine))
    op.execute(
        "INSERT INTO record_team (record_id, team_id) SELECT DISTINCT r.id, m.team_id FROM service_record r JOIN team_member m"
        ' ON m.volunteer_id = r.volunteer_id AND m.joined <= r.day AND (m."left" IS NULL OR m."left" > r.day)'
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    _take_kinds([each for each in _kinds() if each != KIND])
    with changed("service_record") as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_record_unit_id"))
        batch_op.drop_constraint(batch_op.f("fk_service_record_unit_id_unit"), type_="foreignkey")
        for column in ("unit_id", "collective", "paid"):
            batch_op.drop_column(column)
    for column in ("left_reason", "joined_reason"):
        op.drop_column("team_member", column)
    op.drop_column("unit", "ended")
    op.drop_table("record_team")
    op.drop_table("standing")
