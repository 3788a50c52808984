"""Tables of volunteers; ceilings and times are whole minutes."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank import audit
from timebank.access.models import User
from timebank.catalogue.models import Skill
from timebank.db import Base, choice, kept
from timebank.hours import DAY_AT_MOST
from timebank.ledger.models import Account
from timebank.places.models import Building, Canteen, Compound


class Travel(StrEnum):
    """How somebody gets about."""

    WALK = "walk"
    EBIKE = "ebike"


class Gender(StrEnum):
    """As in the engine's files."""

    F = "F"
    M = "M"


BEGINNING = date(1, 1, 1)
"""From when holds how somebody was registered: whatever is entered late falls into it."""


@kept
class Unit(Base):
    """共建单位: an organisation whose people help; from ``ended`` on nobody does for it any more, and its past months stay."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    ended: Mapped[date | None]


class Volunteer(Base):
    """志愿者, or on-duty staff who are planned and recorded but never credited; of a group (``collective``) the pool is credited.

    ``staff``, ``collective`` and ``unit_id`` are today's standing, for lists and plans; no sum reads them (see ``Standing``).
    ``registered_by`` is whoever wrote them down at the desk; until a second person has looked (``vouched_by``), nothing of theirs is
    confirmed by that one alone.
    """

    __tablename__ = "volunteer"
    __table_args__ = (
        Index(
            "uq_volunteer_sign_in_phone",
            "community_id",
            "phone",
            unique=True,
            sqlite_where=text("has_phone"),
            postgresql_where=text("has_phone"),
        ),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="point"),
        CheckConstraint("boxes BETWEEN 0 AND 100", name="boxes"),
        CheckConstraint(f"max_day BETWEEN 1 AND {DAY_AT_MOST}", name="max_day"),
        CheckConstraint("max_week BETWEEN 1 AND 5040", name="max_week"),
        CheckConstraint("radius IS NULL OR radius > 0", name="radius"),
        CheckConstraint("vouched_by IS NULL OR vouched_by <> registered_by", name="vouched_by_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(index=True)
    phone: Mapped[str]
    gender: Mapped[Gender | None] = mapped_column(choice(Gender))
    birth_year: Mapped[int | None]
    address: Mapped[str] = mapped_column(default="")
    lat: Mapped[float]
    lon: Mapped[float]
    travel: Mapped[Travel] = mapped_column(choice(Travel))
    boxes: Mapped[int] = mapped_column(default=6)
    radius: Mapped[int | None]
    max_day: Mapped[int] = mapped_column(default=180)
    max_week: Mapped[int] = mapped_column(default=360)
    staff: Mapped[bool] = mapped_column(default=False)
    collective: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_phone: Mapped[bool] = mapped_column(default=True)
    insured_until: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    standby_until: Mapped[datetime | None]
    registered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), default=audit.first_hand)
    vouched_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    unit: Mapped[Unit | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    skills: Mapped[list["HeldSkill"]] = relationship(cascade="all, delete-orphan", order_by="HeldSkill.id")
    availability: Mapped[list["Availability"]] = relationship(
        cascade="all, delete-orphan", order_by="(Availability.weekday, Availability.start)"
    )
    time_off: Mapped[list["TimeOff"]] = relationship(cascade="all, delete-orphan", order_by="TimeOff.day")


class Standing(Base):
    """身份: what somebody is from a day on: paid or voluntary, for oneself or a group, of which unit. Rows are only added.

    The newest row whose day has come holds; the first one is how they were registered. Triggers keep the days in order, let none
    reach what is on record already, and want a second person (``agreed_by``) where paid or group becomes another.
    """

    __tablename__ = "standing"
    __table_args__ = (
        CheckConstraint("agreed_by IS NULL OR agreed_by <> noted_by", name="agreed_by_another"),
        CheckConstraint("length(reason) > 0 OR from_day = '0001-01-01'", name="reason"),
        Index(None, "volunteer_id", "from_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    from_day: Mapped[date]
    paid: Mapped[bool]
    collective: Mapped[bool]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)
    reason: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    unit: Mapped[Unit | None] = relationship()
    noter: Mapped[User | None] = relationship(foreign_keys=[noted_by])
    agreer: Mapped[User | None] = relationship(foreign_keys=[agreed_by])


class HeldSkill(Base):
    """A skill a volunteer holds, with its proof and the day the proof ends."""

    __tablename__ = "held_skill"
    __table_args__ = (UniqueConstraint("volunteer_id", "skill_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)
    proof: Mapped[str] = mapped_column(default="")
    expires: Mapped[date | None]

    skill: Mapped[Skill] = relationship()


class Availability(Base):
    """空闲时段 of the ordinary week: a weekday (0 = Monday) and minutes of the day."""

    __tablename__ = "availability"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "weekday", "start"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint('start >= 0 AND "end" > start AND "end" <= 1440', name="times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    weekday: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]


class TimeOff(Base):
    """请假: part of a day, or all of it, on which a volunteer is away."""

    __tablename__ = "time_off"
    __table_args__ = (CheckConstraint('start >= 0 AND "end" > start AND "end" <= 1440', name="times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    day: Mapped[date]
    start: Mapped[int] = mapped_column(default=0)
    end: Mapped[int] = mapped_column(default=1440)
    reason: Mapped[str] = mapped_column(default="")


@kept
class Team(Base):
    """服务队: people of a community who serve together; it records under the community and never issues by itself."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("community_id", "name"), CheckConstraint("length(name) > 0", name="name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str]

    members: Mapped[list["TeamMember"]] = relationship(back_populates="team", order_by="(TeamMember.joined, TeamMember.id)")


class TeamMember(Base):
    """A volunteer in a team from one day up to, but not with, another, and why; kept when it ends.

    Neither day reaches what is on record already: a record holds the teams it counts for.
    """

    __tablename__ = "team_member"
    __table_args__ = (
        Index(
            "uq_team_member_now",
            "team_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text('"left" IS NULL'),
            postgresql_where=text('"left" IS NULL'),
        ),
        CheckConstraint('"left" IS NULL OR "left" >= joined', name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey(Team.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    joined: Mapped[date]
    left: Mapped[date | None]
    joined_reason: Mapped[str] = mapped_column(default="", server_default="")
    left_reason: Mapped[str] = mapped_column(default="", server_default="")

    team: Mapped[Team] = relationship(back_populates="members")
    volunteer: Mapped[Volunteer] = relationship()


class Charge(Base):
    """分管: what a steward, a lead or somebody of a kitchen looks after, and therefore sees: one thing a row.

    A trigger keeps the kind to the role and the thing to the user's own community.
    """

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("user_id", "compound_id"),
        UniqueConstraint("user_id", "team_id"),
        UniqueConstraint("user_id", "building_id"),
        UniqueConstraint("user_id", "canteen_id"),
        CheckConstraint(
            "(CASE WHEN compound_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN building_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN canteen_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_thing",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    compound_id: Mapped[int | None] = mapped_column(ForeignKey(Compound.id), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey(Team.id), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey(Building.id), index=True)
    canteen_id: Mapped[int | None] = mapped_column(ForeignKey(Canteen.id), index=True)
