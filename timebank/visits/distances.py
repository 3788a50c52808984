"""The table of distances 离门多远: how far a phone was from the door at sign-in, in metres alone, where its volunteer let it be noted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from timebank import audit, clock
from timebank.db import Base, db
from timebank.visits.models import Offer

FARTHEST = 1_000_000


class Distance(Base):
    """How many metres a phone was from a door, and how sure it was; worked out on the phone, which tells nobody where it was."""

    __tablename__ = "distance"
    __table_args__ = (
        CheckConstraint(f"metres BETWEEN 0 AND {FARTHEST}", name="metres"),
        CheckConstraint(f"accuracy BETWEEN 0 AND {FARTHEST}", name="accuracy"),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey(Offer.id), primary_key=True, autoincrement=False)
    metres: Mapped[int]
    accuracy: Mapped[int]
    noted_at: Mapped[datetime]


def note(made: Offer, metres: int, accuracy: int) -> None:
    """Note how far a phone was from the door when it signed in; what is noted once stays."""
    if made.started_at is None or db.session.get(Distance, made.id) is not None:
        return
    db.session.add(Distance(offer_id=made.id, metres=metres, accuracy=accuracy, noted_at=clock.now()))
    db.session.flush()
    audit.record("note_distance", "offer", made.id)


def distances_of(offers: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return what was noted at some sign-ins: metres and how sure the phone was, by offer."""
    rows = db.session.scalars(select(Distance).where(Distance.offer_id.in_(offers)))
    return {each.offer_id: (each.metres, each.accuracy) for each in rows}
