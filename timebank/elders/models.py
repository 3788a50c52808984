"""Tables of elders; doors and care notes are sealed."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import audit
from timebank.access.models import User
from timebank.db import Base, choice
from timebank.places.models import Building
from timebank.sealed import Sealed


class ElderState(StrEnum):
    """Where an elder is in life with us."""

    ACTIVE = "active"
    MOVED = "moved"
    DECEASED = "deceased"


class CareLevel(StrEnum):
    """How far somebody can care for themselves, as assessed; unknown when nobody assessed."""

    UNKNOWN = "unknown"
    ABLE = "able"
    PARTLY = "partly"
    LOST = "lost"


class Purpose(StrEnum):
    """What a consent is for; each is given and withdrawn on its own."""

    SERVICE = "service"
    HEALTH = "health"
    DOOR = "door"


class Said(StrEnum):
    """How it is known that an elder agrees to something: their code on paper, their own telephone, asked by telephone or face to face, the office's file."""

    CODE = "code"
    OWN = "own"
    CALL = "call"
    DESK = "desk"
    FILE = "file"


class Household(Base):
    """One door: the unit a visit goes to. A couple is one household."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("floor BETWEEN 1 AND 200", name="floor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    number: Mapped[str]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    entrance: Mapped[str] = mapped_column(default="")
    floor: Mapped[int] = mapped_column(default=1)
    door: Mapped[str | None] = mapped_column(Sealed)
    door_note: Mapped[str | None] = mapped_column(Sealed)

    building: Mapped[Building] = relationship()
    elders: Mapped[list["Elder"]] = relationship(back_populates="household", order_by="Elder.id")


class Elder(Base):
    """老人; ``registered_by`` and ``vouched_by`` are as of a volunteer."""

    __tablename__ = "elder"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("vouched_by IS NULL OR vouched_by <> registered_by", name="vouched_by_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    number: Mapped[str]
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(index=True)
    gender: Mapped[str] = mapped_column(default="")
    birth_year: Mapped[int | None]
    phone: Mapped[str] = mapped_column(default="")
    lives_alone: Mapped[bool] = mapped_column(default=False)
    level: Mapped[CareLevel] = mapped_column(choice(CareLevel), default=CareLevel.UNKNOWN)
    diet: Mapped[str | None] = mapped_column(Sealed)
    care_note: Mapped[str | None] = mapped_column(Sealed)
    state: Mapped[ElderState] = mapped_column(choice(ElderState), default=ElderState.ACTIVE)
    registered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), default=audit.first_hand)
    vouched_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    household: Mapped[Household] = relationship(back_populates="elders")
    pauses: Mapped[list["Pause"]] = relationship(cascade="all, delete-orphan", order_by="Pause.first_day")


class Pause(Base):
    """暂停: days on which an elder needs nobody; it ends by itself."""

    __tablename__ = "pause"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey("elder.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")


class FamilyMember(Base):
    """家属: a signed-in person who may speak for an elder once the elder has said so and the office has approved it.

    ``own`` is the elder's own telephone. ``elder_said`` is how the elder agreed, ``heard_by`` who of the office heard it.
    """

    __tablename__ = "family_member"
    __table_args__ = (
        UniqueConstraint("elder_id", "user_id"),
        CheckConstraint("approved_at IS NULL OR elder_said IS NOT NULL", name="elder_agreed"),
        CheckConstraint("(elder_said IN ('call', 'desk')) = (heard_by IS NOT NULL) OR elder_said IS NULL", name="heard_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey("elder.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    relation: Mapped[str] = mapped_column(default="")
    own: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_at: Mapped[datetime | None]
    elder_said: Mapped[Said | None] = mapped_column(choice(Said))
    heard_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    elder: Mapped[Elder] = relationship()


class FamilyCode(Base):
    """亲属码: a code on the elder's paper; whoever the elder shows it to says by it that the elder agrees. Kept as a hash, used once."""

    __tablename__ = "family_code"
    __table_args__ = (CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name="used_by_somebody"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey("elder.id"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))


class FamilyClaim(Base):
    """家属申请: whom a family says they belong to, in their own words; the office finds the elder, or says why not."""

    __tablename__ = "family_claim"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decided_at IS NULL) = (elder_id IS NULL AND length(reason) = 0)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    name: Mapped[str] = mapped_column(Sealed)
    address: Mapped[str] = mapped_column(Sealed)
    phone: Mapped[str] = mapped_column(Sealed)
    relation: Mapped[str]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elder.id"), index=True)
    reason: Mapped[str] = mapped_column(default="", server_default="")

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class Consent(Base):
    """A consent of an elder or of who speaks for them, for one purpose; withdrawing it keeps the row.

    ``given_by`` says whose word it is ('assumed' where a program of before wrote it down and nobody was asked), ``heard_by`` who of the
    office heard it, ``words`` what was read out or shown.
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey("elder.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    given_by: Mapped[str]
    channel: Mapped[str]
    version: Mapped[str]
    heard_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    words: Mapped[str] = mapped_column(default="", server_default="")
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
