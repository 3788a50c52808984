"""The table of visits that somebody gives to a colleague by name 换人: until the colleague says yes, the visit stays whose it was."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from timebank import clock
from timebank.db import Base, choice, db
from timebank.visits.models import Offer, OfferState, Round
from timebank.volunteers.models import Volunteer

ASKED = text("state = 'asked'")


class HandState(StrEnum):
    """What a colleague said to a visit that was to be theirs."""

    ASKED = "asked"
    TAKEN = "taken"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Hand(Base):
    """换人: one volunteer asks a colleague by name to go instead, to one visit or with one trip of meals; ``offer`` is its first."""

    __tablename__ = "visit_hand"
    __table_args__ = (
        CheckConstraint("to_id <> from_id", name="another"),
        CheckConstraint("(state = 'asked') = (over_at IS NULL)", name="over"),
        CheckConstraint("over_at IS NULL OR over_at >= asked_at", name="order"),
        Index("uq_visit_hand_asked", "offer_id", unique=True, sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey(Offer.id), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    state: Mapped[HandState] = mapped_column(choice(HandState), default=HandState.ASKED)
    asked_at: Mapped[datetime]
    over_at: Mapped[datetime | None]

    offer: Mapped[Offer] = relationship()
    giver: Mapped[Volunteer] = relationship(foreign_keys=[from_id])
    to: Mapped[Volunteer] = relationship(foreign_keys=[to_id])


def together(made: Offer) -> list[Offer]:
    """Return what goes with an offer when it is given to somebody else: the meals of its trip, else itself."""
    meals: Round | None = made.round
    if meals is None:
        return [made]
    return sorted((each for each in meals.offers if each.state is OfferState.ACCEPTED), key=lambda each: each.start)


def is_to_come(made: Offer) -> bool:
    """Say whether an offer is agreed to and has not begun, nor is its beginning past."""
    begun = made.started_at is not None or made.outcome is not None or (made.round is not None and made.round.picked_up_at is not None)
    first = made.round.pickup if made.round is not None else made.start
    return made.state is OfferState.ACCEPTED and not begun and clock.at(made.day, first) > clock.now()


def hand_of(made: Offer) -> Hand | None:
    """Return whom of one's colleagues was asked for an offer, or for its trip, and has not answered."""
    mine = select(Hand).where(Hand.offer_id.in_([each.id for each in together(made)]), Hand.state == HandState.ASKED)
    return db.session.scalar(mine.options(joinedload(Hand.to)))


def hands_to(volunteer: Volunteer) -> list[Hand]:
    """Return what colleagues would give to somebody and that has not begun, the soonest first."""
    rows = select(Hand).where(Hand.to_id == volunteer.id, Hand.state == HandState.ASKED)
    found = db.session.scalars(rows.options(joinedload(Hand.giver), joinedload(Hand.offer).joinedload(Offer.visit)))
    return sorted((each for each in found if is_to_come(each.offer)), key=lambda each: (each.offer.day, each.offer.start))


def hands_at(visit_id: int) -> list[Hand]:
    """Return who gave a visit to whom, or would have, in the order of asking; for whoever looks after the week."""
    rows = select(Hand).join(Hand.offer).where(Offer.visit_id == visit_id).order_by(Hand.asked_at, Hand.id)
    return list(db.session.scalars(rows.options(joinedload(Hand.giver), joinedload(Hand.to))))
