"""借用: a volunteer lent by their own community to another for some weeks; where somebody serves in a week, and who serves where.

A volunteer serves one community a week: their own, or the one they are lent to. ``LentWeek`` says so once a week and person; triggers
keep plans, offers and duties of a week to the community its volunteer serves then, and let no week be lent in which something is
planned or promised at home. Who asks, agrees, declines and ends is told in the room ``lending``.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ForeignKeyConstraint, UniqueConstraint, and_, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import clock
from timebank.access.models import User
from timebank.db import Base, choice, db
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer


class LendingState(StrEnum):
    """What became of the wish to borrow somebody."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    ENDED = "ended"


class Lending(Base):
    """借用: one community asks another for a volunteer from the Monday ``first_week`` through the week of ``last_week``.

    ``asked_by`` is of the borrower, ``decided_by`` of the lender: two people. ``words`` is why it was refused, declined or ended.
    """

    __tablename__ = "lending"
    __table_args__ = (
        UniqueConstraint("id", "volunteer_id", "borrower_id"),
        CheckConstraint("lender_id <> borrower_id", name="to_another"),
        CheckConstraint("last_week >= first_week", name="weeks"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint("(decided_by IS NULL) = (state IN ('asked', 'withdrawn'))", name="decided_by_somebody"),
        CheckConstraint("(over_at IS NULL) = (state IN ('asked', 'agreed'))", name="over"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    lender_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    borrower_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    first_week: Mapped[date]
    last_week: Mapped[date]
    reason: Mapped[str]
    state: Mapped[LendingState] = mapped_column(choice(LendingState), default=LendingState.ASKED)
    asked_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(default="", server_default="")

    volunteer: Mapped[Volunteer] = relationship()
    lender: Mapped[Community] = relationship(foreign_keys=[lender_id])
    borrower: Mapped[Community] = relationship(foreign_keys=[borrower_id])
    weeks: Mapped[list["LentWeek"]] = relationship(order_by="LentWeek.week", cascade="all, delete-orphan", overlaps="volunteer,borrower")


class LentWeek(Base):
    """One week in which a volunteer serves another community than their own; no week and person twice."""

    __tablename__ = "lent_week"
    __table_args__ = (
        ForeignKeyConstraint(
            ["lending_id", "volunteer_id", "community_id"],
            ["lending.id", "lending.volunteer_id", "lending.borrower_id"],
            name="fk_lent_week_lending",
        ),
    )

    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    lending_id: Mapped[int] = mapped_column(index=True)
    community_id: Mapped[int] = mapped_column(index=True)


def serves(community_id: int, week: date) -> ColumnElement[bool]:
    """Say that a volunteer serves a community in a week: their own unless lent away, another's where lent to it."""
    lent = exists().where(LentWeek.volunteer_id == Volunteer.id, LentWeek.week == week)
    return or_(and_(Volunteer.community_id == community_id, ~lent), lent.where(LentWeek.community_id == community_id))


def serving(community_id: int, volunteer_id: int, day: date) -> Volunteer | None:
    """Return a volunteer who serves a community in the week of a day."""
    mine = (Volunteer.id == volunteer_id, serves(community_id, clock.monday_of(day)))
    return db.session.scalar(select(Volunteer).where(*mine))


def community_served(volunteer: Volunteer, day: date) -> int:
    """Return the community somebody serves in the week of a day."""
    lent = db.session.get(LentWeek, (volunteer.id, clock.monday_of(day)))
    return lent.community_id if lent is not None else volunteer.community_id


def until_elsewhere(volunteer: Volunteer, community_id: int, last: date) -> date:
    """Return the last day up to another on which somebody still serves a community without a break: what is beyond is not its own."""
    sunday = clock.monday_of(clock.today()) + timedelta(days=6)
    while sunday < last and community_served(volunteer, sunday + timedelta(days=1)) == community_id:
        sunday += timedelta(days=7)
    return min(last, sunday)


def was_told(volunteer: Volunteer) -> bool:
    """Say whether somebody was ever lent, so that they find it on their own pages."""
    told = (Lending.volunteer_id == volunteer.id, Lending.decided_at.is_not(None), Lending.state != LendingState.REFUSED)
    return db.session.scalar(select(Lending.id).where(*told).limit(1)) is not None


def is_guest(volunteer_id: int, community_id: int) -> bool:
    """Say whether somebody is another community's own and lent to this one for some week."""
    lent = (LentWeek.volunteer_id == volunteer_id, LentWeek.community_id == community_id)
    return db.session.scalar(select(LentWeek.week).where(*lent).limit(1)) is not None
