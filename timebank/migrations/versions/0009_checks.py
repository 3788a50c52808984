"""On whose word alone a record rests, how much of that a month may hold, and nobody settling what they confirmed themselves.

Of older records nobody knows any more what stood behind them: they rest on nobody's word alone.
"""

import sqlalchemy as sa
from alembic import op

from timebank.migrations.anew import changed

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

THEIRS = "EXISTS (SELECT 1 FROM service_record r WHERE r.id = NEW.record_id AND NEW.{by} IN (r.confirmed_by, r.word_of))"
# name, table, what must not be true of an update, in what words it is refused
GUARDS = (
    (
        "service_record_word_keep",
        "service_record",
        "COALESCE(NEW.word_of, 0) <> COALESCE(OLD.word_of, 0)",
        "on whose word it rests stays",
    ),
    ("finding_by_another", "finding", THEIRS.format(by="settled_by"), "nobody settles what they confirmed"),
    ("call_back_by_another", "call_back", THEIRS.format(by="called_by"), "nobody calls about what they confirmed"),
)


def guards(dialect: str) -> list[str]:
    """Return the statements that put the guards onto the tables."""
    statements = []
    for name, table, broken, said in GUARDS:
        head = f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW"
        if dialect == "sqlite":
            statements.append(f"{head} BEGIN SELECT RAISE(ABORT, '{table}: {said}') WHERE {broken}; END")
            continue
        raised = f"RAISE EXCEPTION '{table}: {said}' USING ERRCODE = 'integrity_constraint_violation'"
        body = f"BEGIN IF {broken} THEN {raised}; END IF; RETURN NEW; END"
        statements.append(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
        statements.append(f"{head} EXECUTE FUNCTION {name}()")
    return statements


def unguarded(dialect: str) -> list[str]:
    """Return the statements that take the guards off again."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name, *_ in GUARDS]
    return [f"DROP TRIGGER {name} ON {table}" for name, table, *_ in GUARDS] + [f"DROP FUNCTION {name}()" for name, *_ in GUARDS]


def upgrade() -> None:
    with op.batch_alter_table("record_rules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_word_month", sa.Integer(), nullable=False, server_default="3000"))
        batch_op.create_check_constraint(batch_op.f("ck_record_rules_own_word_month"), "own_word_month BETWEEN 0 AND 144000")
    with changed("service_record") as batch_op:
        batch_op.add_column(sa.Column("word_of", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_service_record_word_of_user"), "user", ["word_of"], ["id"])
        batch_op.create_index(batch_op.f("ix_service_record_word_of"), ["word_of"], unique=False)
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in unguarded(op.get_bind().dialect.name):
        op.execute(statement)
    with changed("service_record") as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_record_word_of"))
        batch_op.drop_constraint(batch_op.f("fk_service_record_word_of_user"), type_="foreignkey")
        batch_op.drop_column("word_of")
    with op.batch_alter_table("record_rules", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_record_rules_own_word_month"), type_="check")
        batch_op.drop_column("own_word_month")
