"""Every write unit has a seal, under a key that is not in the database."""

import sqlalchemy as sa
from alembic import op

revision = "0030b"
down_revision = "0027d"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
NEXT = f"""NEW.id <> COALESCE((SELECT MAX(s.id) FROM seal s), 0) + 1
    OR NEW.prev <> COALESCE((SELECT s.mac FROM seal s ORDER BY s.id DESC LIMIT 1), '{GENESIS}')"""  # noqa: S608 - a constant
GUARDS = (
    ("seal_next", "INSERT", NEXT, "seal: a seal continues the chain"),
    ("seal_no_update", "UPDATE", "1 = 1", "seal: what was sealed stays"),
    ("seal_no_delete", "DELETE", "1 = 1", "seal: what was sealed stays"),
)


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_mark", sa.String(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
    )
    for name, event, broken, says in GUARDS:
        _guard(name, event, broken, says)


def _guard(name: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a seal."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON seal FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{says}') WHERE {broken}; END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON seal FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if op.get_bind().dialect.name == "sqlite" else f"DROP TRIGGER {name} ON seal")
    if op.get_bind().dialect.name != "sqlite":
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("seal")
