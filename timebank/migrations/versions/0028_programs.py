"""Tokens by which programs act in somebody's name, and the answers of what they sent, kept to be given again word for word."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027b"
branch_labels = None
depends_on = None

ROLES = ("admin", "street_officer", "coordinator", "steward", "team_lead", "building_lead", "canteen", "volunteer", "family", "inspector")
KEPT = ("user_id", "community_id", "role", "token_hash", "created_at", "expires_at")
SAYS = "api_token: what it was made with stays, and an ended one stays ended"


def broken(dialect: str) -> str:
    """Return what must not be true of an update."""
    other = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(
        [*(f"NEW.{name} {other} OLD.{name}" for name in KEPT), f"(OLD.revoked_at IS NOT NULL AND NEW.revoked_at {other} OLD.revoked_at)"]
    )


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.Enum(*ROLES, name="role", native_enum=False, length=16, create_constraint=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_api_token_ends")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_api_token_name")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_api_token_taken")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_api_token_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"])
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        body = f"SELECT RAISE(ABORT, '{SAYS}') WHERE {broken(dialect)};"
        op.execute(f"CREATE TRIGGER api_token_keep BEFORE UPDATE ON api_token FOR EACH ROW BEGIN {body} END")
    else:
        body = f"IF {broken(dialect)} THEN RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        op.execute(f"CREATE FUNCTION api_token_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$")
        op.execute("CREATE TRIGGER api_token_keep BEFORE UPDATE ON api_token FOR EACH ROW EXECUTE FUNCTION api_token_keep()")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("status", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_submission_answer"), "(status IS NULL) = (answer IS NULL)")


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_submission_answer"), type_="check")
        batch_op.drop_column("answer")
        batch_op.drop_column("status")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER api_token_keep")
    else:
        op.execute("DROP TRIGGER api_token_keep ON api_token")
        op.execute("DROP FUNCTION api_token_keep()")
    op.drop_table("api_token")
