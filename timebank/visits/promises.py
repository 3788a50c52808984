"""The table of standing promises 长期约定: the noon round of a weekday, accepted once for every week; what is new in it is asked for again."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.db import Base, db
from timebank.places.models import Canteen
from timebank.visits.models import Offer, OfferState, Round, Visit
from timebank.volunteers.models import Volunteer

STANDS = text("ended_at IS NULL")


class Promise(Base):
    """What a volunteer carries each week without being asked: the rounds of one weekday and window from one canteen, until they end it."""

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("ended_at IS NULL OR ended_at >= given_at", name="order"),
        Index(
            "uq_promise_stands",
            "volunteer_id",
            "weekday",
            "canteen_id",
            "window",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    weekday: Mapped[int]
    canteen_id: Mapped[int] = mapped_column(ForeignKey(Canteen.id))
    window: Mapped[int]
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    volunteer: Mapped[Volunteer] = relationship()
    canteen: Mapped[Canteen] = relationship()


def promises_of(volunteer: Volunteer) -> list[Promise]:
    """Return what stands of a volunteer, in the order of the week."""
    mine = (Promise.volunteer_id == volunteer.id, Promise.ended_at.is_(None))
    return list(db.session.scalars(select(Promise).where(*mine).order_by(Promise.weekday, Promise.window)))


def promise_of(volunteer: Volunteer, promise_id: int) -> Promise | None:
    """Return a promise of this very volunteer."""
    return db.session.scalar(select(Promise).where(Promise.volunteer_id == volunteer.id, Promise.id == promise_id))


def promise_for(meals: Round) -> Promise | None:
    """Return the promise that stands for a round."""
    alike = (Promise.weekday == meals.day.weekday(), Promise.canteen_id == meals.canteen_id, Promise.window == meals.window)
    return db.session.scalar(select(Promise).where(Promise.volunteer_id == meals.volunteer_id, Promise.ended_at.is_(None), *alike))


def covers(meals: Round, visit: Visit) -> bool:
    """Say whether a visit of a round is promised: the round is, and the volunteer has said yes to this door before."""
    if promise_for(meals) is None:
        return False
    before = select(Offer.id).join(Offer.visit).where(Visit.household_id == visit.household_id, Offer.volunteer_id == meals.volunteer_id)
    return db.session.scalar(before.where(Offer.state == OfferState.ACCEPTED).limit(1)) is not None
