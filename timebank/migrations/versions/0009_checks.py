"""On whose word alone a record rests, and how many such minutes of a month one person may put on record."""

import contextlib
from collections.abc import Generator

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEEP = "COALESCE(NEW.word_of, 0) <> COALESCE(OLD.word_of, 0)"
SAID = "service_record: on whose word it rests stays"
KEPT = {
    "sqlite": (
        (
            "CREATE TRIGGER service_record_word_keep BEFORE UPDATE ON service_record FOR EACH ROW BEGIN "
            f"SELECT RAISE(ABORT, '{SAID}') WHERE {KEEP}; END"
        ),
    ),
    "postgresql": (
        (
            f"CREATE FUNCTION service_record_word_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {KEEP} THEN RAISE EXCEPTION '{SAID}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        ),
        "CREATE TRIGGER service_record_word_keep BEFORE UPDATE ON service_record FOR EACH ROW EXECUTE FUNCTION service_record_word_keep()",
    ),
}
LOOSED = {
    "sqlite": ("DROP TRIGGER service_record_word_keep",),
    "postgresql": ("DROP TRIGGER service_record_word_keep ON service_record", "DROP FUNCTION service_record_word_keep()"),
}


@contextlib.contextmanager
def changed_records() -> Generator[BatchOperations]:
    """SQLite makes the table anew: its triggers are put back afterwards, and those of other tables are not looked at meanwhile."""
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    triggers: list[str] = []
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=ON")
        triggers = list(bind.scalars(sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'service_record'")))
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        yield batch_op
    for trigger in triggers:
        op.execute(trigger)
    if sqlite:
        op.execute("PRAGMA legacy_alter_table=OFF")


def upgrade() -> None:
    with op.batch_alter_table("record_rules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_word_month", sa.Integer(), nullable=False, server_default="3000"))
        batch_op.create_check_constraint(batch_op.f("ck_record_rules_own_word_month"), "own_word_month BETWEEN 0 AND 144000")
    with changed_records() as batch_op:
        batch_op.add_column(sa.Column("word_of", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_service_record_word_of_user"), "user", ["word_of"], ["id"])
        batch_op.create_index(batch_op.f("ix_service_record_word_of"), ["word_of"], unique=False)
    for statement in KEPT[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in LOOSED[op.get_bind().dialect.name]:
        op.execute(statement)
    with changed_records() as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_record_word_of"))
        batch_op.drop_constraint(batch_op.f("fk_service_record_word_of_user"), type_="foreignkey")
        batch_op.drop_column("word_of")
    with op.batch_alter_table("record_rules", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_record_rules_own_word_month"), type_="check")
        batch_op.drop_column("own_word_month")
