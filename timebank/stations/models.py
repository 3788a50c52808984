"""Tables of stations: hours and services, courses and their learners, sessions and who signs in, things left, check-ups."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.elders.models import Elder
from timebank.places.models import Canteen, Community, Station
from timebank.volunteers.models import Unit, Volunteer

TIMES = 'start >= 0 AND "end" > start AND "end" <= 1440'
SOMEWHERE = "station_id IS NOT NULL OR length(place) > 0"


class Service(StrEnum):
    """What a station offers."""

    HAIRCUT = "haircut"
    REPAIR = "repair"
    SEWING = "sewing"
    PARCEL = "parcel"
    CHECK_UP = "check_up"
    CLINIC = "clinic"
    COURSE = "course"
    CANTEEN = "canteen"
    CHILDREN = "children"
    DAY_CARE = "day_care"
    REST = "rest"


class Opening(Base):
    """开门时间: a weekday (0 = Monday) and minutes of the day on which a station is open."""

    __tablename__ = "station_opening"
    __table_args__ = (
        UniqueConstraint("station_id", "weekday", "start"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(TIMES, name="times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey(Station.id))
    weekday: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]


class Offered(Base):
    """服务内容: one thing a station offers."""

    __tablename__ = "station_service"
    __table_args__ = (UniqueConstraint("station_id", "service"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey(Station.id))
    service: Mapped[Service] = mapped_column(choice(Service))


class Somebody:
    """Who something is for: an elder of the register, or a name and mostly a telephone.

    ``who`` is the same for the same person however they were written down, so that the database can keep anybody from standing
    somewhere twice.
    """

    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    who: Mapped[str]

    @declared_attr
    def elder_id(self) -> Mapped[int | None]:
        """The elder of the register, None for anybody else."""
        return mapped_column(ForeignKey(Elder.id), index=True)

    @declared_attr
    def elder(self) -> Mapped[Elder | None]:
        """The elder of the register, None for anybody else."""
        return relationship(Elder)


class Kind(StrEnum):
    """What a session is."""

    HAIRCUT = "haircut"
    CLINIC = "clinic"
    COURSE = "course"
    CRAFT = "craft"
    CHILDREN = "children"
    DAY_CARE = "day_care"
    SITTING = "sitting"
    OTHER = "other"


CALLED_IN = frozenset({Kind.HAIRCUT, Kind.CLINIC})
"""People are called in one after the other; to everything else they simply come."""
TAUGHT = frozenset({Kind.COURSE, Kind.CRAFT})


class Course(Base):
    """课程: a series of sessions with a teacher and a register of learners; the teacher is a volunteer or somebody named."""

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("community_id", "title"),
        CheckConstraint("teacher_id IS NOT NULL OR length(teacher_name) > 0", name="teacher"),
        CheckConstraint("seats BETWEEN 1 AND 500", name="seats"),
        CheckConstraint(SOMEWHERE, name="somewhere"),
        CheckConstraint("kind IN ('course', 'craft')", name="taught"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    title: Mapped[str]
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id), index=True)
    teacher_name: Mapped[str] = mapped_column(default="")
    station_id: Mapped[int | None] = mapped_column(ForeignKey(Station.id), index=True)
    place: Mapped[str] = mapped_column(default="")
    seats: Mapped[int]
    ended: Mapped[date | None]

    teacher: Mapped[Volunteer | None] = relationship()
    station: Mapped[Station | None] = relationship()

    @property
    def taught_by(self) -> str:
        """The name of whoever teaches."""
        return self.teacher.name if self.teacher else self.teacher_name

    @property
    def where(self) -> str:
        """Where it is held."""
        return self.station.name if self.station else self.place


class Learner(Somebody, Base):
    """学员: somebody in the register of a course, until they leave it."""

    __tablename__ = "learner"
    __table_args__ = (
        Index(
            "uq_learner_now", "course_id", "who", unique=True, sqlite_where=text('"left" IS NULL'), postgresql_where=text('"left" IS NULL')
        ),
        CheckConstraint("length(name) > 0 AND length(who) > 0", name="somebody"),
        CheckConstraint('"left" IS NULL OR "left" >= joined', name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id), index=True)
    joined: Mapped[date]
    left: Mapped[date | None]

    course: Mapped[Course] = relationship()


class SessionState(StrEnum):
    """Whether a session is to come or under way, over, or was called off."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ServiceSession(Base):
    """场次: a service for many at one place and time, with seats and, where people are called in, ``chairs`` served at once.

    ``head_count`` are people who came without giving a name and ``boxes`` the meals they took away; ``min_age`` is the age from
    which it is for; ``unit`` is whose it is where a unit provides it. Whoever holds it is on duty there: a duty whose part it is.
    """

    __tablename__ = "service_session"
    __table_args__ = (
        CheckConstraint(TIMES, name="times"),
        CheckConstraint(SOMEWHERE, name="somewhere"),
        CheckConstraint("length(title) > 0", name="title"),
        CheckConstraint("seats BETWEEN 1 AND 2000 AND chairs BETWEEN 1 AND 50", name="seats"),
        CheckConstraint("head_count BETWEEN 0 AND 20000 AND boxes BETWEEN 0 AND 2000", name="counts"),
        CheckConstraint("min_age IS NULL OR min_age BETWEEN 1 AND 120", name="min_age"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("state <> 'cancelled' OR length(reason) > 0", name="reason"),
        Index(None, "community_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id))
    course_id: Mapped[int | None] = mapped_column(ForeignKey(Course.id), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey(Station.id), index=True)
    canteen_id: Mapped[int | None] = mapped_column(ForeignKey(Canteen.id), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    title: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    day: Mapped[date]
    start: Mapped[int]
    end: Mapped[int]
    seats: Mapped[int]
    chairs: Mapped[int] = mapped_column(default=1)
    min_age: Mapped[int | None]
    head_count: Mapped[int] = mapped_column(default=0)
    boxes: Mapped[int] = mapped_column(default=0)
    state: Mapped[SessionState] = mapped_column(choice(SessionState), default=SessionState.OPEN)
    reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    course: Mapped[Course | None] = relationship()
    station: Mapped[Station | None] = relationship()
    canteen: Mapped[Canteen | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    attendances: Mapped[list["Attendance"]] = relationship(back_populates="session", order_by="Attendance.number")

    @property
    def where(self) -> str:
        """Where it is held."""
        return self.station.name if self.station else self.place

    @property
    def calls_in(self) -> bool:
        """Whether people are called in one after the other."""
        return self.kind in CALLED_IN


class Turn(StrEnum):
    """Where somebody is in the queue of a session."""

    WAITING = "waiting"
    SIGNED_UP = "signed_up"
    ARRIVED = "arrived"
    CALLED = "called"
    SERVED = "served"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


SEATED = frozenset({Turn.SIGNED_UP, Turn.ARRIVED, Turn.CALLED, Turn.SERVED})
"""These take a seat; triggers keep them within the seats of the session."""


class Source(StrEnum):
    """How somebody signed up."""

    DESK = "desk"
    PHONE = "phone"
    WALK_IN = "walk_in"
    ONLINE = "online"
    REGISTER = "register"


class Attendance(Somebody, Base):
    """报名与签到: one person at one session, with a number in its queue; ``boxes`` are meals taken away instead of a seat at the table.

    ``told_at`` is when somebody who moved up from the waiting list heard of it; ``moved_at`` when their turn last changed.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("session_id", "who"),
        UniqueConstraint("session_id", "number"),
        CheckConstraint("length(name) > 0 AND length(who) > 0", name="somebody"),
        CheckConstraint("number >= 1 AND boxes BETWEEN 0 AND 10", name="numbers"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey(ServiceSession.id))
    number: Mapped[int]
    turn: Mapped[Turn] = mapped_column(choice(Turn))
    source: Mapped[Source] = mapped_column(choice(Source))
    boxes: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    signed_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    moved_up: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime | None]

    session: Mapped[ServiceSession] = relationship(back_populates="attendances")


class Sort(StrEnum):
    """What is left at a station: something to be mended or sewn, or a parcel to be kept."""

    REPAIR = "repair"
    SEWING = "sewing"
    PARCEL = "parcel"


class Progress(StrEnum):
    """Where a thing that was left is; the last two are for good."""

    BROUGHT = "brought"
    IN_WORK = "in_work"
    READY = "ready"
    CANNOT = "cannot"
    COLLECTED = "collected"
    RETURNED = "returned"


GONE = frozenset({Progress.COLLECTED, Progress.RETURNED})
TO_FETCH = frozenset({Progress.READY, Progress.CANNOT})


class Item(Somebody, Base):
    """取件: a thing left at a station under the number on its paper, until somebody has fetched it, once and for good.

    ``mended_by`` is who mended it; ``until`` the day up to which a parcel is kept; ``told_at`` when its owner heard that it waits;
    ``handed_to`` who fetched it, and ``check_note`` how they were known where the paper was lost.
    """

    __tablename__ = "station_item"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("length(name) > 0 AND length(who) > 0 AND length(what) > 0", name="somebody"),
        CheckConstraint("(progress IN ('collected', 'returned')) = (handed_at IS NOT NULL)", name="handed"),
        CheckConstraint("(handed_at IS NULL) = (handed_by IS NULL) AND (handed_at IS NULL) = (length(handed_to) = 0)", name="handed_to"),
        CheckConstraint("handed_at IS NULL OR had_ticket OR length(check_note) > 0", name="checked"),
        CheckConstraint("sort <> 'parcel' OR until IS NOT NULL", name="until"),
        Index(None, "community_id", "progress"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id))
    station_id: Mapped[int] = mapped_column(ForeignKey(Station.id), index=True)
    number: Mapped[str]
    sort: Mapped[Sort] = mapped_column(choice(Sort))
    what: Mapped[str]
    fault: Mapped[str] = mapped_column(default="")
    progress: Mapped[Progress] = mapped_column(choice(Progress), default=Progress.BROUGHT)
    mended_by: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id), index=True)
    result: Mapped[str] = mapped_column(default="")
    until: Mapped[date | None]
    brought_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    had_ticket: Mapped[bool] = mapped_column(default=True)
    check_note: Mapped[str] = mapped_column(default="")
    handed_to: Mapped[str] = mapped_column(default="")
    handed_at: Mapped[datetime | None]
    handed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    station: Mapped[Station] = relationship()
    mender: Mapped[Volunteer | None] = relationship()


class CheckUp(Somebody, Base):
    """定期检查: a person, what is looked at every so many weeks, and when it is due next; until it is ended."""

    __tablename__ = "check_up"
    __table_args__ = (
        Index(
            "uq_check_up_now",
            "community_id",
            "who",
            "what",
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
        CheckConstraint("length(name) > 0 AND length(who) > 0 AND length(what) > 0", name="somebody"),
        CheckConstraint("every_weeks BETWEEN 1 AND 104", name="every_weeks"),
        Index(None, "community_id", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id))
    station_id: Mapped[int | None] = mapped_column(ForeignKey(Station.id), index=True)
    what: Mapped[str]
    every_weeks: Mapped[int]
    due: Mapped[date]
    last_done: Mapped[date | None]
    ended: Mapped[date | None]

    station: Mapped[Station | None] = relationship()
    recalls: Mapped[list["Recall"]] = relationship(back_populates="check_up", order_by="Recall.id")


class Outcome(StrEnum):
    """What came of calling somebody to a check-up."""

    COMING = "coming"
    DONE = "done"
    NOT_REACHED = "not_reached"
    LATER = "later"


class Recall(Base):
    """A call about a check-up: what came of it, a note, and the day it left for the next one."""

    __tablename__ = "check_up_recall"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_up_id: Mapped[int] = mapped_column(ForeignKey(CheckUp.id), index=True)
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    note: Mapped[str] = mapped_column(default="")
    due: Mapped[date]
    at: Mapped[datetime]
    by_user: Mapped[int] = mapped_column(ForeignKey(User.id))

    check_up: Mapped[CheckUp] = relationship(back_populates="recalls")
    caller: Mapped[User] = relationship()
