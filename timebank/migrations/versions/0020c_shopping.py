"""An errand with the elder's money: a list with a budget before, a receipt after; above the budget only with who agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0020c"
down_revision = "0023"
branch_labels = None
depends_on = None

OVER = (
    "NEW.agreed IS NULL AND EXISTS (SELECT 1 FROM shopping_list l JOIN visit v ON v.request_id = l.request_id"
    " WHERE v.id = NEW.visit_id AND NEW.spent > l.budget)"
)
GUARDS = (
    ("shopping_receipt_within", "INSERT", OVER, "shopping_receipt: above the budget somebody agrees"),
    ("shopping_receipt_no_update", "UPDATE", "1 = 1", "shopping_receipt: what was written stays"),
    ("shopping_receipt_no_delete", "DELETE", "1 = 1", "shopping_receipt: what was written stays"),
)


def upgrade() -> None:
    op.create_table(
        "shopping_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("budget BETWEEN 1 AND 100000", name=op.f("ck_shopping_list_budget")),
        sa.ForeignKeyConstraint(["request_id"], ["help_request.id"], name=op.f("fk_shopping_list_request_id_help_request")),
        sa.ForeignKeyConstraint(["set_by"], ["user.id"], name=op.f("fk_shopping_list_set_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopping_list")),
        sa.UniqueConstraint("request_id", name=op.f("uq_shopping_list_request_id")),
    )
    op.create_table(
        "shopping_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("cash", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("spent BETWEEN 0 AND 100000", name=op.f("ck_shopping_receipt_spent")),
        sa.CheckConstraint("cash >= spent", name=op.f("ck_shopping_receipt_no_own_money")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_shopping_receipt_visit_id_visit")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_shopping_receipt_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopping_receipt")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_shopping_receipt_visit_id")),
    )
    op.create_index(op.f("ix_shopping_receipt_offer_id"), "shopping_receipt", ["offer_id"], unique=False)
    for guard in GUARDS:
        _guard(*guard)


def _guard(name: str, event: str, broken: str, says: str) -> None:
    """Refuse what must never be done to a receipt."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{says}') WHERE {broken};"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON shopping_receipt FOR EACH ROW BEGIN {body} END")
        return
    body = f"IF {broken} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    row = "OLD" if event == "DELETE" else "NEW"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON shopping_receipt FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, *_ in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON shopping_receipt")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("shopping_receipt")
    op.drop_table("shopping_list")
