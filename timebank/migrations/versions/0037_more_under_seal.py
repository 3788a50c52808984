"""More is under seal: the people, who speaks for whom, who came to what, what was found about it, and where codes go.

No table changes. What stands in these tables at this step is sealed as it is found (``seals.SEALED_LATER``).
"""

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
