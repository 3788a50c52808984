"""A family is bound to an elder by the elder's word and the office's; a consent keeps who heard it and what was read out."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0031"
branch_labels = None
depends_on = None

# Whoever was approved before was asked about by the office; how, nobody wrote down.
ASKED_BEFORE = "UPDATE family_member SET elder_said = 'file' WHERE approved_at IS NOT NULL"
# Until now registering an elder wrote a consent to be served that nobody had given: the trail tells these from a file's own.
ASSUMED = (
    "UPDATE consent SET given_by = 'assumed' WHERE purpose = 'service' AND channel IN ('desk', 'request') AND EXISTS"
    " (SELECT 1 FROM audit a WHERE a.verb = 'consent' AND a.subject = 'elder' AND a.subject_id = CAST(consent.elder_id AS VARCHAR))"
)


# Added as they stand: to make the table anew would cost its checks.
HEARD = (
    'heard_by INTEGER CONSTRAINT fk_consent_heard_by_user REFERENCES "user" (id)',
    "words VARCHAR DEFAULT '' NOT NULL",
)
CHECKS = {
    "said": "elder_said IN ('code', 'own', 'call', 'desk', 'file')",
    "elder_agreed": "approved_at IS NULL OR elder_said IS NOT NULL",
    "heard_by_somebody": "(elder_said IN ('call', 'desk')) = (heard_by IS NOT NULL) OR elder_said IS NULL",
}


def upgrade() -> None:
    with op.batch_alter_table("family_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("elder_said", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("heard_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_family_member_heard_by_user"), "user", ["heard_by"], ["id"])
    op.execute(ASKED_BEFORE)
    with op.batch_alter_table("family_member", schema=None) as batch_op:
        for name, rule in CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_family_member_{name}"), rule)
    op.create_table(
        "family_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name=op.f("ck_family_code_used_by_somebody")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_family_code_elder_id_elder")),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_family_code_made_by_user")),
        sa.ForeignKeyConstraint(["used_by"], ["user.id"], name=op.f("fk_family_code_used_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_family_code_code_hash")),
    )
    op.create_index(op.f("ix_family_code_elder_id"), "family_code", ["elder_id"], unique=False)
    op.create_table(
        "family_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_family_claim_decided_by_somebody")),
        sa.CheckConstraint("(decided_at IS NULL) = (elder_id IS NULL AND length(reason) = 0)", name=op.f("ck_family_claim_decided")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_family_claim_community_id_community")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_family_claim_user_id_user")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_family_claim_decided_by_user")),
        sa.ForeignKeyConstraint(["elder_id"], ["elder.id"], name=op.f("fk_family_claim_elder_id_elder")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_claim")),
    )
    for column in ("community_id", "user_id", "elder_id"):
        op.create_index(op.f(f"ix_family_claim_{column}"), "family_claim", [column], unique=False)
    for column in HEARD:
        op.execute(f"ALTER TABLE consent ADD COLUMN {column}")
    op.execute(ASSUMED)


def downgrade() -> None:
    op.execute("UPDATE consent SET given_by = 'elder' WHERE given_by = 'assumed'")
    for column in ("words", "heard_by"):
        op.execute(f"ALTER TABLE consent DROP COLUMN {column}")
    op.drop_table("family_claim")
    op.drop_table("family_code")
    with op.batch_alter_table("family_member", schema=None) as batch_op:
        for name in CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_family_member_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_family_member_heard_by_user"), type_="foreignkey")
        for column in ("heard_by", "elder_said", "asked_at", "own"):
            batch_op.drop_column(column)
