"""After an alarm: who of the office rings back, and whether the volunteer can carry on. In a home: how much longer, and who has heard that nobody has left."""

from alembic import op

revision = "0026b"
down_revision = "0030"
branch_labels = None
depends_on = None

# Added as they stand: to make the tables anew would cost their triggers.
COLUMNS = {
    "alert": (
        "goes_on_at {instant}",
        'taken_by INTEGER CONSTRAINT fk_alert_taken_by_user REFERENCES "user" (id)',
        "taken_at {instant} CONSTRAINT ck_alert_taken_by_somebody CHECK ((taken_by IS NULL) = (taken_at IS NULL))",
    ),
    "offer": (
        "longer INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_offer_longer CHECK (longer BETWEEN 0 AND 240)",
        "missed INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_offer_missed CHECK (missed BETWEEN 0 AND 2)",
    ),
}  # fmt: skip


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(instant=instant)}")


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
