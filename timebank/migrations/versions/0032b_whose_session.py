"""A session may be a unit's: a clinic of the hospital, a lesson of the school; the year is counted unit by unit."""

from alembic import op

revision = "0032b"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added as it stands: to make the table anew would cost its triggers.
    op.execute("ALTER TABLE service_session ADD COLUMN unit_id INTEGER CONSTRAINT fk_service_session_unit_id_unit REFERENCES unit (id)")
    op.create_index("ix_service_session_unit_id", "service_session", ["unit_id"])


def downgrade() -> None:
    op.drop_index("ix_service_session_unit_id", "service_session")
    op.execute("ALTER TABLE service_session DROP COLUMN unit_id")
