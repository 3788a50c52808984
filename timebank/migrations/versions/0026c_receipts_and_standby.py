"""A photo of a receipt, sealed, the picture alone; until when somebody can be asked at once, by their own word."""

import sqlalchemy as sa
from alembic import op

revision = "0026c"
down_revision = "0029b"
branch_labels = None
depends_on = None

GUARD = "receipt_photo_no_update"
SAYS = "receipt_photo: what was taken stays"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"ALTER TABLE volunteer ADD COLUMN standby_until {'DATETIME' if sqlite else 'TIMESTAMP WITH TIME ZONE'}")
    op.create_table(
        "receipt_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["shopping_receipt.id"], name=op.f("fk_receipt_photo_receipt_id_shopping_receipt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_photo")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_receipt_photo_receipt_id")),
    )
    if sqlite:
        op.execute(f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON receipt_photo FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{SAYS}'); END")
        return
    body = f"RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation';"
    op.execute(f"CREATE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    op.execute(f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON receipt_photo FOR EACH ROW EXECUTE FUNCTION {GUARD}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {GUARD}" if sqlite else f"DROP TRIGGER {GUARD} ON receipt_photo")
    if not sqlite:
        op.execute(f"DROP FUNCTION {GUARD}()")
    op.drop_table("receipt_photo")
    op.execute("ALTER TABLE volunteer DROP COLUMN standby_until")
