"""The table of mergers: which of two rows is kept, what was moved to it, and whether it was taken apart again."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base
from timebank.elders.models import Elder
from timebank.ledger.models import Transfer
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer

STANDS = text("undone_at IS NULL")


class Merger(Base):
    """合并: ``gone`` was the same person as ``kept``; ``moved`` says by table what was given to the kept one, so that it can be given back."""

    __tablename__ = "merger"
    __table_args__ = (
        CheckConstraint("(kept_elder_id IS NULL) = (gone_elder_id IS NULL)", name="two_elders"),
        CheckConstraint("(kept_volunteer_id IS NULL) = (gone_volunteer_id IS NULL)", name="two_volunteers"),
        CheckConstraint("(kept_elder_id IS NULL) <> (kept_volunteer_id IS NULL)", name="one_sort"),
        CheckConstraint("kept_elder_id IS NULL OR kept_elder_id <> gone_elder_id", name="another_elder"),
        CheckConstraint("kept_volunteer_id IS NULL OR kept_volunteer_id <> gone_volunteer_id", name="another_volunteer"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index("uq_merger_elder", "gone_elder_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("uq_merger_volunteer", "gone_volunteer_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    kept_elder_id: Mapped[int | None] = mapped_column(ForeignKey(Elder.id), index=True)
    gone_elder_id: Mapped[int | None] = mapped_column(ForeignKey(Elder.id))
    kept_volunteer_id: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id), index=True)
    gone_volunteer_id: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id))
    by: Mapped[int] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    moved: Mapped[dict[str, Any]]
    transfer_seq: Mapped[int | None] = mapped_column(ForeignKey(Transfer.seq))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    kept_elder: Mapped[Elder | None] = relationship(foreign_keys=[kept_elder_id])
    gone_elder: Mapped[Elder | None] = relationship(foreign_keys=[gone_elder_id])
    kept_volunteer: Mapped[Volunteer | None] = relationship(foreign_keys=[kept_volunteer_id])
    gone_volunteer: Mapped[Volunteer | None] = relationship(foreign_keys=[gone_volunteer_id])

    @property
    def kept(self) -> Elder | Volunteer | None:
        """The row that is kept."""
        return self.kept_volunteer if self.kept_elder is None else self.kept_elder

    @property
    def gone(self) -> Elder | Volunteer | None:
        """The row that was the same person."""
        return self.gone_volunteer if self.gone_elder is None else self.gone_elder
