"""A colleague who was let in rests on whoever did it until somebody vouches; where codes go waits for a second person as well."""

from alembic import op

from timebank.migrations.anew import changed, words

revision = "0033"
down_revision = "0032b"
branch_labels = None
depends_on = None

KINDS = ("colleague", "channel")
RESTS = "rests_on INTEGER CONSTRAINT ck_user_rests_on CHECK (rests_on IS NULL OR rests_on <> id)"


def take(some: list[str]) -> None:
    """Let the database take these kinds of proposals."""
    listed = ", ".join(f"'{each}'" for each in some)
    with changed("proposal") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_proposal_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_proposal_kind"), f"kind IN ({listed})")


def upgrade() -> None:
    take([*words("proposal", "kind"), *KINDS])
    # Added as it stands: to make the table anew would touch whatever names a user.
    op.execute(f'ALTER TABLE "user" ADD COLUMN {RESTS}')


def downgrade() -> None:
    op.execute('ALTER TABLE "user" DROP COLUMN rests_on')
    op.execute("DELETE FROM proposal WHERE kind IN ('colleague', 'channel')")
    take([each for each in words("proposal", "kind") if each not in KINDS])
