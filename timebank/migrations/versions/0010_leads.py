"""What leads and kitchens look after, for they see nothing else of their community; the audit trail notes looks once and is only added to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Kitchens went on reading all canteens of their community until somebody says which is theirs; leads were never told apart.
KITCHENS = (
    'INSERT INTO charge (user_id, canteen_id) SELECT u.id, c.id FROM "user" u JOIN canteen c ON c.community_id = u.community_id'
    " WHERE u.role = 'canteen'"
)
OWN = (
    'NOT EXISTS (SELECT 1 FROM "user" u WHERE u.id = NEW.user_id AND ('
    "(u.role = 'team_lead' AND u.community_id = (SELECT t.community_id FROM team t WHERE t.id = NEW.team_id))"
    " OR (u.role = 'building_lead' AND u.community_id = (SELECT p.community_id FROM building b JOIN compound p ON p.id = b.compound_id"
    " WHERE b.id = NEW.building_id))"
    " OR (u.role = 'canteen' AND u.community_id = (SELECT c.community_id FROM canteen c WHERE c.id = NEW.canteen_id))))"
)
SAYS = "charge: each role looks after its own kind of thing in its own community"
KEPT = "audit: what was noted stays"
GUARDS = (
    ("charge_own_insert", "charge", "INSERT", OWN, SAYS),
    ("charge_own_update", "charge", "UPDATE", OWN, SAYS),
    ("audit_no_update", "audit", "UPDATE", "1 = 1", KEPT),
    ("audit_no_delete", "audit", "DELETE", "1 = 1", KEPT),
)


def upgrade() -> None:
    op.create_table(
        "charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("canteen_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN building_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN canteen_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_charge_one_thing"),
        ),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_charge_building_id_building")),
        sa.ForeignKeyConstraint(["canteen_id"], ["canteen.id"], name=op.f("fk_charge_canteen_id_canteen")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_charge_team_id_team")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_charge_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("user_id", "building_id", name=op.f("uq_charge_user_id_building_id")),
        sa.UniqueConstraint("user_id", "canteen_id", name=op.f("uq_charge_user_id_canteen_id")),
        sa.UniqueConstraint("user_id", "team_id", name=op.f("uq_charge_user_id_team_id")),
    )
    with op.batch_alter_table("charge", schema=None) as batch_op:
        for column in ("building_id", "canteen_id", "team_id"):
            batch_op.create_index(batch_op.f(f"ix_charge_{column}"), [column], unique=False)
    op.execute(KITCHENS)
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("once", sa.String(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_audit_once"), ["once"])
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_actor_audit_at"), ["actor", "at"], unique=False)
    for name, table, event, broken, says in GUARDS:
        _guard(name, table, event, broken, says)


def _guard(name: str, table: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a row."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{says}') WHERE {broken};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW BEGIN {body} END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, table, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if op.get_bind().dialect.name == "sqlite" else f"DROP TRIGGER {name} ON {table}")
    if op.get_bind().dialect.name != "sqlite":
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_actor_audit_at"))
        batch_op.drop_index(batch_op.f("ix_audit_at"))
        batch_op.drop_constraint(batch_op.f("uq_audit_once"), type_="unique")
        batch_op.drop_column("once")
    op.drop_table("charge")
