"""The tree in force: officers of a street, stewards of a compound, and the community that somebody with several has chosen to see."""

import contextlib
from collections.abc import Generator

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0021"
down_revision = "0017"
branch_labels = None
depends_on = None

ROLES = ("admin", "coordinator", "team_lead", "building_lead", "canteen", "volunteer", "family", "inspector")
ADDED = ("street_officer", "steward")
OWN = (
    'NOT EXISTS (SELECT 1 FROM "user" u WHERE u.id = NEW.user_id AND ({steward}'
    "(u.role = 'team_lead' AND u.community_id = (SELECT t.community_id FROM team t WHERE t.id = NEW.team_id))"
    " OR (u.role = 'building_lead' AND u.community_id = (SELECT p.community_id FROM building b JOIN compound p ON p.id = b.compound_id"
    " WHERE b.id = NEW.building_id))"
    " OR (u.role = 'canteen' AND u.community_id = (SELECT c.community_id FROM canteen c WHERE c.id = NEW.canteen_id))))"
)
STEWARD = "(u.role = 'steward' AND u.community_id = (SELECT s.community_id FROM compound s WHERE s.id = NEW.compound_id)) OR "
SAYS = "charge: each role looks after its own kind of thing in its own community"
THINGS = ("team_id", "building_id", "canteen_id")
GUARDS = (("charge_own_insert", "INSERT"), ("charge_own_update", "UPDATE"))


def one_of(things: tuple[str, ...]) -> str:
    """Return the condition that exactly one of some columns is filled."""
    return " + ".join(f"(CASE WHEN {each} IS NULL THEN 0 ELSE 1 END)" for each in things) + " = 1"


@contextlib.contextmanager
def changed(table: str) -> Generator[BatchOperations]:
    """SQLite makes the table anew: meanwhile the triggers of other tables that read it must not be looked at."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=ON")
    with op.batch_alter_table(table, schema=None) as batch_op:
        yield batch_op
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=OFF")


def unguard() -> None:
    """Take the guards off the charges."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, _event in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON charge")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")


def guard(broken: str) -> None:
    """Refuse a charge that is not its user's own kind of thing in their own community."""
    for name, event in GUARDS:
        head = f"CREATE TRIGGER {name} BEFORE {event} ON charge FOR EACH ROW"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{SAYS}') WHERE {broken}; END")
            continue
        raised = f"RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation'"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {broken} THEN {raised}; END IF; RETURN NEW; END $$"
        )
        op.execute(f"{head} EXECUTE FUNCTION {name}()")


def roles(batch_op: BatchOperations, words: tuple[str, ...]) -> None:
    """Let a user be one of these."""
    listed = ", ".join(f"'{each}'" for each in words)
    batch_op.drop_constraint(batch_op.f("ck_user_role"), type_="check")
    batch_op.create_check_constraint(batch_op.f("ck_user_role"), f"role IN ({listed})")


def upgrade() -> None:
    unguard()
    with changed("user") as batch_op:
        roles(batch_op, ROLES + ADDED)
        batch_op.add_column(sa.Column("street_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("looks_at", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_user_street_id"), ["street_id"], unique=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_user_of_a_street"), "street_id IS NULL OR (role = 'street_officer' AND community_id IS NULL)"
        )
        batch_op.create_check_constraint(batch_op.f("ck_user_looks_at"), "looks_at IS NULL OR role IN ('admin', 'street_officer')")
    with changed("charge") as batch_op:
        batch_op.add_column(sa.Column("compound_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_charge_compound_id_compound"), "compound", ["compound_id"], ["id"])
        batch_op.create_unique_constraint(batch_op.f("uq_charge_user_id_compound_id"), ["user_id", "compound_id"])
        batch_op.create_index(batch_op.f("ix_charge_compound_id"), ["compound_id"], unique=False)
        batch_op.drop_constraint(batch_op.f("ck_charge_one_thing"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_charge_one_thing"), one_of(("compound_id", *THINGS)))
    guard(OWN.format(steward=STEWARD))


def downgrade() -> None:
    unguard()
    op.execute("DELETE FROM charge WHERE compound_id IS NOT NULL")
    with changed("charge") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_charge_one_thing"), type_="check")
        batch_op.drop_index(batch_op.f("ix_charge_compound_id"))
        batch_op.drop_constraint(batch_op.f("uq_charge_user_id_compound_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_charge_compound_id_compound"), type_="foreignkey")
        batch_op.drop_column("compound_id")
        batch_op.create_check_constraint(batch_op.f("ck_charge_one_thing"), one_of(THINGS))
    # What is left of them can still sign in and be found in the trail, and sees a community's part as an inspector with none: nothing.
    op.execute("UPDATE \"user\" SET role = 'inspector', street_id = NULL, looks_at = NULL WHERE role IN ('street_officer', 'steward')")
    with changed("user") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_user_looks_at"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_user_of_a_street"), type_="check")
        batch_op.drop_index(batch_op.f("ix_user_street_id"))
        batch_op.drop_column("looks_at")
        batch_op.drop_column("street_id")
        roles(batch_op, ROLES)
    guard(OWN.format(steward=""))
