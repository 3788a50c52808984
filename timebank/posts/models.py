"""Tables of posts: the post, the shifts of its week, who has taken which place of a shift, and turns somebody would swap."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, choice
from timebank.hours import DAY_AT_MOST
from timebank.places.models import Building, Station
from timebank.visits.duties import Duty
from timebank.volunteers.models import Volunteer

HOLDS = text("ended IS NULL")
OFFERED = text("state = 'offered'")


class Post(Base):
    """岗位: a place where somebody stands every week, at a building, a station or anywhere that can be named.

    ``earlier_days`` is how many days on end it had been kept before it was written down here; ``workdays_only`` leaves it alone on
    holidays and takes make-up working days in. From the day after ``last_day`` on nobody stands there.
    """

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("community_id", "name"),
        CheckConstraint("length(name) > 0 AND length(place) > 0", name="named"),
        CheckConstraint("earlier_days BETWEEN 0 AND 20000", name="earlier_days"),
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="days"),
        CheckConstraint("building_id IS NULL OR station_id IS NULL", name="one_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str]
    kind_id: Mapped[int] = mapped_column(ForeignKey(ServiceKind.id), index=True)
    place: Mapped[str]
    building_id: Mapped[int | None] = mapped_column(ForeignKey(Building.id), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey(Station.id), index=True)
    workdays_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    earlier_days: Mapped[int] = mapped_column(default=0, server_default="0")
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    made_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    kind: Mapped[ServiceKind] = relationship()
    building: Mapped[Building | None] = relationship()
    station: Mapped[Station | None] = relationship()
    shifts: Mapped[list["Shift"]] = relationship(back_populates="post", order_by="(Shift.weekday, Shift.start, Shift.id)")


class Shift(Base):
    """班次: one stretch of one weekday (0 = Monday) of a post, with how many it takes at ``least`` and how many are ``wanted``.

    One that is no more is ``dropped`` and stays for what was done in it.
    """

    __tablename__ = "post_shift"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(f"start >= 0 AND until > start AND until <= 1440 AND until - start <= {DAY_AT_MOST}", name="times"),
        CheckConstraint("least BETWEEN 1 AND wanted AND wanted <= 50", name="staffing"),
        Index(
            "uq_post_shift_in_force",
            "post_id",
            "weekday",
            "start",
            unique=True,
            sqlite_where=text("NOT dropped"),
            postgresql_where=text("NOT dropped"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id), index=True)
    weekday: Mapped[int]
    start: Mapped[int]
    until: Mapped[int]
    least: Mapped[int] = mapped_column(default=1)
    wanted: Mapped[int] = mapped_column(default=1)
    dropped: Mapped[bool] = mapped_column(default=False, server_default=false())

    post: Mapped[Post] = relationship(back_populates="shifts")
    claims: Mapped[list["Claim"]] = relationship(back_populates="shift", order_by="(Claim.seat, Claim.id)")

    @property
    def holders(self) -> list["Claim"]:
        """The claims that stand."""
        return [each for each in self.claims if each.ended is None]


class Claim(Base):
    """认领: a volunteer has taken a place of a shift for every week from a day on, until they give it back; then it stays as it was."""

    __tablename__ = "post_claim"
    __table_args__ = (
        CheckConstraint("seat BETWEEN 1 AND 50", name="seat"),
        CheckConstraint("ended IS NULL OR ended >= from_day", name="days"),
        Index("uq_post_claim_seat", "shift_id", "seat", unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS),
        Index("uq_post_claim_volunteer", "shift_id", "volunteer_id", unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey(Shift.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    seat: Mapped[int]
    from_day: Mapped[date]
    ended: Mapped[date | None]
    claimed_at: Mapped[datetime]
    claimed_for: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    shift: Mapped[Shift] = relationship(back_populates="claims")
    volunteer: Mapped[Volunteer] = relationship()


class SwapState(StrEnum):
    """What became of a turn somebody would swap."""

    OFFERED = "offered"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


class Swap(Base):
    """换班: somebody offers a turn of theirs to one colleague, or to whoever of the post would take it; until then it stays theirs."""

    __tablename__ = "post_swap"
    __table_args__ = (
        CheckConstraint("to_id IS NULL OR to_id <> from_id", name="another"),
        CheckConstraint("(state = 'offered') = (over_at IS NULL)", name="over"),
        Index("uq_post_swap_offered", "duty_id", unique=True, sqlite_where=OFFERED, postgresql_where=OFFERED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duty_id: Mapped[int] = mapped_column(ForeignKey(Duty.id), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id), index=True)
    state: Mapped[SwapState] = mapped_column(choice(SwapState), default=SwapState.OFFERED)
    offered_at: Mapped[datetime]
    over_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id))

    duty: Mapped[Duty] = relationship()
    giver: Mapped[Volunteer] = relationship(foreign_keys=[from_id])
    to: Mapped[Volunteer | None] = relationship(foreign_keys=[to_id])
