"""The table of duties 值守: one place to be filled by one volunteer for a stretch of a day, at a post, a session or anywhere else.

::

    from / to    open   asked  agreed  there  done  confirmed  missed  given up  called off
    open         .      asked  claimed -      -     -          -       -         off
    asked        back   .      yes     -      -     -          -       no        off
    agreed       -      -      .       in     typed -          missed  cannot    off
    there        -      -      -       .      out   -          -       -         -
    done         -      -      -       -      .     confirmed  -       -         -
    missed       -      -      -       -      typed -          .       -         -

What somebody gives up stays with their name, and a new place stands open in its stead. The lower room knows not of what a duty is
a part: ``part_of`` is a word of the room above ("post", "session"), ``part_id`` its number, ``seat`` which place of it.
"""

import secrets
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import clock
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, choice
from timebank.hours import DAY_AT_MOST
from timebank.sealed import Sealed
from timebank.volunteers.models import Unit, Volunteer


class DutyState(StrEnum):
    """Where a duty is on its way from a place nobody has to a record."""

    OPEN = "open"
    ASKED = "asked"
    AGREED = "agreed"
    THERE = "there"
    DONE = "done"
    CONFIRMED = "confirmed"
    MISSED = "missed"
    GIVEN_UP = "given_up"
    CALLED_OFF = "called_off"


BLOCKING = (DutyState.AGREED, DutyState.THERE, DutyState.DONE, DutyState.CONFIRMED)
"""The states in which somebody's time is taken by a duty."""
TO_COME = (DutyState.OPEN, DutyState.ASKED, DutyState.AGREED)
"""Not begun: it can still be given to somebody, given up or called off."""
STANDS = text("state <> 'given_up'")
TAKEN = text("state IN ('asked', 'agreed', 'there', 'done', 'confirmed')")


def new_code() -> str:
    """Return a code of the day as it is shown at a place."""
    return f"{secrets.randbelow(10_000):04d}"


class Duty(Base):
    """值守: one volunteer, or nobody yet, on duty at a place from ``start`` to ``until`` on a day.

    ``least`` is how many people the turn takes at least: places beyond that may stay empty. ``code`` is the code of the day shown at the place, the same for everybody of one turn. ``unit_id`` keeps a place for the people
    of a unit. ``answered_for`` is who said yes at the desk, ``entered_by`` who typed the times in from the sheet
    or, where a tap came in ``by_sheet``, printed it. ``late_by`` is as of an offer.
    """

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint("start >= 0 AND until > start AND until <= 1440", name="times"),
        CheckConstraint(f"until - start <= {DAY_AT_MOST}", name="length"),
        CheckConstraint("(part_of = '') = (part_id IS NULL)", name="part"),
        CheckConstraint("seat BETWEEN 1 AND 200", name="seat"),
        CheckConstraint("least BETWEEN 1 AND 200", name="least"),
        CheckConstraint("(state = 'open') = (volunteer_id IS NULL) OR state = 'called_off'", name="open_is_nobodys"),
        CheckConstraint("(started_at IS NOT NULL) = (state IN ('there', 'done', 'confirmed'))", name="begun"),
        CheckConstraint("(ended_at IS NOT NULL) = (state IN ('done', 'confirmed'))", name="ended"),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="order"),
        CheckConstraint("code_tries BETWEEN 0 AND 5", name="code_tries"),
        CheckConstraint("late_by >= 0", name="late_by"),
        CheckConstraint("NOT by_sheet OR entered_by IS NOT NULL", name="by_sheet"),
        Index("uq_duty_seat", "part_of", "part_id", "day", "start", "seat", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("uq_duty_volunteer", "volunteer_id", "day", "start", unique=True, sqlite_where=TAKEN, postgresql_where=TAKEN),
        Index(None, "community_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey(ServiceKind.id), index=True)
    title: Mapped[str]
    place: Mapped[str]
    day: Mapped[date]
    start: Mapped[int]
    until: Mapped[int]
    part_of: Mapped[str] = mapped_column(default="")
    part_id: Mapped[int | None]
    seat: Mapped[int] = mapped_column(default=1)
    least: Mapped[int] = mapped_column(default=1, server_default="1")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)
    code: Mapped[str] = mapped_column(default=new_code)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id), index=True)
    state: Mapped[DutyState] = mapped_column(choice(DutyState), default=DutyState.OPEN)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_for: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    code_ok: Mapped[bool] = mapped_column(default=False)
    code_tries: Mapped[int] = mapped_column(default=0)
    late_by: Mapped[int] = mapped_column(default=0, server_default="0")
    entered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    entered_reason: Mapped[str | None] = mapped_column(Sealed)
    by_sheet: Mapped[bool] = mapped_column(default=False, server_default=false())
    over_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it stands

    kind: Mapped[ServiceKind] = relationship()
    volunteer: Mapped[Volunteer | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    enterer: Mapped[User | None] = relationship(foreign_keys=[entered_by])

    @property
    def begins(self) -> datetime:
        """When it begins."""
        return clock.at(self.day, self.start)

    @property
    def ends(self) -> datetime:
        """When it is to end."""
        return clock.at(self.day, self.until)

    @property
    def planned(self) -> int:
        """The minutes it was planned for."""
        return self.until - self.start

    @property
    def span(self) -> str:
        """From when to when, in words of the clock."""
        return f"{clock.hhmm(self.start)}–{clock.hhmm(self.until)}"
