"""The table of mismatches 对不上的补报: a tap kept on a phone without a network that did not fit what had happened meanwhile. Both sides stay."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import clock
from timebank.access.models import User
from timebank.db import Base, choice, db
from timebank.sealed import Sealed
from timebank.visits.models import Offer, Outcome
from timebank.volunteers.models import Volunteer


class Deed(StrEnum):
    """What a tap said."""

    PICK_UP = "pick_up"
    DELIVER = "deliver"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    PROBLEM = "problem"


class Mismatch(Base):
    """One tap that came late and was not taken: what it said, when it was made and told of, and why it does not fit.

    ``key`` is the tap's own, so that it is kept once however often it is sent. ``insisted_at`` is when the volunteer said that it is
    true all the same; ``result`` is what a coordinator found, and closes it.
    """

    __tablename__ = "mismatch"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "key"),
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by_somebody"),
        CheckConstraint("settled_at IS NULL OR result <> ''", name="settled_with_a_result"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    offer_id: Mapped[int] = mapped_column(ForeignKey(Offer.id), index=True)
    key: Mapped[str]
    deed: Mapped[Deed] = mapped_column(choice(Deed))
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    note: Mapped[str | None] = mapped_column(Sealed)
    at: Mapped[datetime]
    told_at: Mapped[datetime]
    why_zh: Mapped[str]
    why_en: Mapped[str]
    insisted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    result: Mapped[str] = mapped_column(default="")

    offer: Mapped[Offer] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


def to_settle(community_id: int) -> list[Mismatch]:
    """Return the mismatches of a community that nobody has settled, those somebody insists on first."""
    waits = (Mismatch.community_id == community_id, Mismatch.settled_at.is_(None))
    return list(db.session.scalars(select(Mismatch).where(*waits).order_by(Mismatch.insisted_at.is_(None), Mismatch.at, Mismatch.id)))


def mismatch_in(community_id: int, mismatch_id: int) -> Mismatch | None:
    """Return a mismatch of a community."""
    return db.session.scalar(select(Mismatch).where(Mismatch.community_id == community_id, Mismatch.id == mismatch_id))


def mismatches_of(volunteer: Volunteer) -> list[Mismatch]:
    """Return the mismatches of a volunteer that wait, and those settled today, oldest first."""
    seen = or_(Mismatch.settled_at.is_(None), Mismatch.settled_at >= clock.at(clock.today(), 0))
    return list(db.session.scalars(select(Mismatch).where(Mismatch.volunteer_id == volunteer.id, seen).order_by(Mismatch.at, Mismatch.id)))


def mismatch_of(volunteer: Volunteer, mismatch_id: int) -> Mismatch | None:
    """Return a mismatch of this very volunteer."""
    return db.session.scalar(select(Mismatch).where(Mismatch.volunteer_id == volunteer.id, Mismatch.id == mismatch_id))
