"""Tables of visits. Times are minutes of the day on a date; what happened is an instant."""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, choice
from timebank.elders.models import Elder, Household
from timebank.hours import DAY_AT_MOST
from timebank.ledger.models import Transfer
from timebank.places.models import Canteen
from timebank.sealed import Sealed
from timebank.visits.duties import Duty
from timebank.visits.entries import ManualEntry
from timebank.volunteers.models import Team, Unit, Volunteer

CURRENT = text("current")
WINDOW = "window_from >= 0 AND window_to > window_from AND window_to <= 1440"


class RequestState(StrEnum):
    """Where a request is: new in the inbox, accepted into the weeks, declined, or ended."""

    NEW = "new"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


class Pattern(StrEnum):
    """How often: once on any of some dates, on each of some weekdays, or once a week on any of some weekdays."""

    ONCE = "once"
    EACH_DAY = "each_day"
    ONE_OF = "one_of"


class Source(StrEnum):
    """Which door a request came in by."""

    FAMILY = "family"
    DESK = "desk"
    IMPORT = "import"


class VisitState(StrEnum):
    """Where a visit is on its way from need to record."""

    OPEN = "open"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    DONE = "done"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OfferState(StrEnum):
    """What became of an offer; a declined one costs nothing."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """How a visit ended at the door."""

    DONE = "done"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    WRONG_ADDRESS = "wrong_address"
    NOT_READY = "not_ready"
    UNWELL = "unwell"
    OTHER = "other"


class Trust(StrEnum):
    """Who stands behind a confirmation; each has its own mark."""

    CODE = "code"
    FAMILY = "family"
    DESK = "desk"
    CALL = "call"
    AUTO = "auto"
    TWO_PERSONS = "two_persons"


class Tie(StrEnum):
    """What ties a volunteer to a household."""

    USUAL = "usual"
    EXCLUDED = "excluded"


class Pairing(Base):
    """A usual deliverer of a household, or somebody who must not be sent there."""

    __tablename__ = "pairing"
    __table_args__ = (UniqueConstraint("household_id", "volunteer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey(Household.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    tie: Mapped[Tie] = mapped_column(choice(Tie))


class HelpRequest(Base):
    """求助单: what somebody asked for, once or standing.

    ``eaters`` are the elders (ids) of a household's shared meal, nobody by name meaning everybody who lives there. One that is
    ``urgent`` is needed now and stays in front of the coordinators until it is closed with a result (``reason``).
    """

    __tablename__ = "help_request"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint(WINDOW, name="window"),
        CheckConstraint("boxes BETWEEN 0 AND 20", name="boxes"),
        CheckConstraint("every_weeks BETWEEN 1 AND 52", name="every_weeks"),
        CheckConstraint(f"minutes IS NULL OR minutes BETWEEN 1 AND {DAY_AT_MOST}", name="minutes"),
        CheckConstraint("state <> 'accepted' OR household_id IS NOT NULL", name="accepted_has_door"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    number: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(18))
    household_id: Mapped[int | None] = mapped_column(ForeignKey(Household.id), index=True)
    elder_id: Mapped[int | None] = mapped_column(ForeignKey(Elder.id), index=True)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    asked_at: Mapped[datetime]
    kind_id: Mapped[int] = mapped_column(ForeignKey(ServiceKind.id), index=True)
    pattern: Mapped[Pattern] = mapped_column(choice(Pattern))
    weekdays: Mapped[list[Any]]
    dates: Mapped[list[Any]]
    every_weeks: Mapped[int] = mapped_column(default=1)
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    window_from: Mapped[int]
    window_to: Mapped[int]
    minutes: Mapped[int | None]
    boxes: Mapped[int] = mapped_column(default=0)
    gender: Mapped[str] = mapped_column(default="")
    note: Mapped[str | None] = mapped_column(Sealed)
    for_name: Mapped[str | None] = mapped_column(Sealed)
    for_address: Mapped[str | None] = mapped_column(Sealed)
    for_phone: Mapped[str | None] = mapped_column(Sealed)
    for_relation: Mapped[str] = mapped_column(default="", server_default="")
    eaters: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    closed_at: Mapped[datetime | None]
    source: Mapped[Source] = mapped_column(choice(Source))
    state: Mapped[RequestState] = mapped_column(choice(RequestState), index=True)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]

    kind: Mapped[ServiceKind] = relationship()
    household: Mapped[Household | None] = relationship()
    elder: Mapped[Elder | None] = relationship()
    visits: Mapped[list["Visit"]] = relationship(back_populates="request", order_by="Visit.occurrence")


class Visit(Base):
    """上门服务: one dated visit to one door, on any of ``days`` (ISO dates), planned later.

    ``states`` draws what may become of it; ``ended_why`` says why one was cancelled (``states.Why``), and of one that failed what
    was decided. One that failed may be tried again, once, by a visit of its own, whose ``again_of`` it is.
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("request_id", "occurrence"),
        CheckConstraint(WINDOW, name="window"),
        CheckConstraint(f"minutes BETWEEN 1 AND {DAY_AT_MOST}", name="minutes"),
        CheckConstraint("crew IN (1, 2)", name="crew"),
        CheckConstraint("(canteen_id IS NULL) = (boxes = 0)", name="canteen_boxes"),
        CheckConstraint("again_of IS NULL OR again_of <> id", name="again_of_another"),
        Index(None, "community_id", "week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey(HelpRequest.id), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey(Household.id), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey(ServiceKind.id), index=True)
    occurrence: Mapped[date]
    week: Mapped[date]
    days: Mapped[list[Any]]
    window_from: Mapped[int]
    window_to: Mapped[int]
    minutes: Mapped[int]
    crew: Mapped[int]
    weight: Mapped[int]
    gender: Mapped[str] = mapped_column(default="")
    canteen_id: Mapped[int | None] = mapped_column(ForeignKey(Canteen.id))
    boxes: Mapped[int] = mapped_column(default=0)
    state: Mapped[VisitState] = mapped_column(choice(VisitState), default=VisitState.OPEN, index=True)
    day: Mapped[date | None] = mapped_column(index=True)
    start: Mapped[int | None]
    code: Mapped[str] = mapped_column(default=lambda: f"{secrets.randbelow(10_000):04d}")
    ended_why: Mapped[str] = mapped_column(default="", server_default="")
    doubt: Mapped[str | None] = mapped_column(Sealed)
    doubted_at: Mapped[datetime | None]
    again_of: Mapped[int | None] = mapped_column(ForeignKey("visit.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it stands

    request: Mapped[HelpRequest] = relationship(back_populates="visits")
    household: Mapped[Household] = relationship()
    kind: Mapped[ServiceKind] = relationship()
    canteen: Mapped[Canteen | None] = relationship()
    offers: Mapped[list["Offer"]] = relationship(back_populates="visit", order_by="Offer.id")
    confirmation: Mapped["Confirmation | None"] = relationship(back_populates="visit")


class Round(Base):
    """送餐轮次: the meals one volunteer carries from one pick-up to their last door; two trips in a row are two rounds.

    ``late_by`` is how many minutes after the pick-up the phone told of it, 0 where at once.
    """

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "day", "canteen_id", "pickup"),
        CheckConstraint("counted IS NULL OR counted BETWEEN 0 AND 200", name="counted"),
        CheckConstraint("late_by >= 0", name="late_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    canteen_id: Mapped[int] = mapped_column(ForeignKey(Canteen.id))
    day: Mapped[date] = mapped_column(index=True)
    window: Mapped[int]
    pickup: Mapped[int]
    picked_up_at: Mapped[datetime | None]
    late_by: Mapped[int] = mapped_column(default=0, server_default="0")
    counted: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]

    volunteer: Mapped[Volunteer] = relationship()
    canteen: Mapped[Canteen] = relationship()
    offers: Mapped[list["Offer"]] = relationship(back_populates="round", order_by="Offer.start")


class Offer(Base):
    """邀约: one volunteer is asked to serve one visit at one time; what they answered and what they then did.

    ``over_at`` is when it ceased to stand, declined or withdrawn; ``asked_by`` is the coordinator who asked for somebody at once,
    nobody where the week's plan asked. ``entered_by`` typed its times in or, where
    taps came in ``by_sheet``, printed it. ``late_by`` is how many minutes after its beginning the phone told of it, 0 where at once.
    Of a visit under way ``longer`` is how many minutes more were asked for at the door, ``missed`` who has heard that the time is over and
    nobody has left: nobody, the volunteer (1), the coordinators too (2).
    """

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "uq_offer_live_visit_volunteer",
            "visit_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text("state IN ('sent', 'accepted')"),
            postgresql_where=text("state IN ('sent', 'accepted')"),
        ),
        CheckConstraint("start BETWEEN 0 AND 1439", name="start"),
        CheckConstraint("started_at IS NULL OR ended_at IS NULL OR ended_at >= started_at", name="order"),
        CheckConstraint("started_at IS NULL OR state = 'accepted'", name="started_is_accepted"),
        CheckConstraint("code_tries BETWEEN 0 AND 5", name="code_tries"),
        CheckConstraint("late_by >= 0", name="late_by"),
        CheckConstraint("NOT by_sheet OR entered_by IS NOT NULL", name="by_sheet"),
        CheckConstraint("longer BETWEEN 0 AND 240", name="longer"),
        CheckConstraint("missed BETWEEN 0 AND 2", name="missed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    start: Mapped[int]
    why_zh: Mapped[str] = mapped_column(default="")
    why_en: Mapped[str] = mapped_column(default="")
    state: Mapped[OfferState] = mapped_column(choice(OfferState), default=OfferState.SENT, index=True)
    answered_by: Mapped[Trust | None] = mapped_column(choice(Trust))
    reason: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime]
    deadline: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    code_ok: Mapped[bool] = mapped_column(default=False)
    code_tries: Mapped[int] = mapped_column(default=0)
    late_by: Mapped[int] = mapped_column(default=0, server_default="0")
    longer: Mapped[int] = mapped_column(default=0, server_default="0")
    missed: Mapped[int] = mapped_column(default=0, server_default="0")
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    outcome_note: Mapped[str | None] = mapped_column(Sealed)
    entered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    entered_reason: Mapped[str | None] = mapped_column(Sealed)
    by_sheet: Mapped[bool] = mapped_column(default=False, server_default=false())

    visit: Mapped[Visit] = relationship(back_populates="offers")
    volunteer: Mapped[Volunteer] = relationship()
    round: Mapped[Round | None] = relationship(back_populates="offers")
    enterer: Mapped[User | None] = relationship(foreign_keys=[entered_by])


class BoxFate(StrEnum):
    """What becomes of a meal that the kitchen had counted with and nobody eats."""

    KITCHEN = "kitchen"
    KEPT = "kept"
    BACK = "back"
    THROWN = "thrown"


class LateMeal(Base):
    """晚改的餐: boxes more (``boxes`` > 0) or fewer (< 0) than the kitchen had counted with when it closed for a day.

    Of boxes that are fewer, ``fate`` says what became of them and ``kept_for`` for whom one was kept; a kitchen that has to cook
    more is telephoned, which ``settled_at`` notes.
    """

    __tablename__ = "late_meal"
    __table_args__ = (CheckConstraint("boxes <> 0", name="boxes"), Index(None, "community_id", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    canteen_id: Mapped[int] = mapped_column(ForeignKey(Canteen.id))
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id), index=True)
    day: Mapped[date]
    boxes: Mapped[int]
    at: Mapped[datetime]
    fate: Mapped[BoxFate | None] = mapped_column(choice(BoxFate))
    kept_for: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    visit: Mapped[Visit] = relationship()
    canteen: Mapped[Canteen] = relationship()


class Alert(Base):
    """Something at a door that a coordinator must look at now; it goes away only with a result.

    ``taken_by`` is who of the office said that they ring the volunteer, ``goes_on_at`` when the volunteer said that they can carry on.
    """

    __tablename__ = "alert"
    __table_args__ = (CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", name="taken_by_somebody"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), unique=True)
    kind: Mapped[Outcome] = mapped_column(choice(Outcome))
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    result: Mapped[str] = mapped_column(default="")
    taken_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    taken_at: Mapped[datetime | None]
    goes_on_at: Mapped[datetime | None]

    offer: Mapped[Offer] = relationship()
    taker: Mapped[User | None] = relationship(foreign_keys=[taken_by])


class Confirmation(Base):
    """确认: somebody says that a visit took place, with the mark of how they know; thanks may come with it."""

    __tablename__ = "confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id), unique=True)
    trust: Mapped[Trust] = mapped_column(choice(Trust))
    by_user: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    thanks: Mapped[str | None] = mapped_column(Sealed)

    visit: Mapped[Visit] = relationship(back_populates="confirmation")


record_team = Table(
    "record_team",
    Base.metadata,
    Column("record_id", ForeignKey("service_record.id"), primary_key=True),
    Column("team_id", ForeignKey(Team.id), primary_key=True, index=True),
)
"""The teams a record counts for: those its volunteer was in on the day. Rows are only added, with their record."""


class ServiceRecord(Base):
    """服务记录: the statutory record of real minutes, per volunteer and visit, round, duty or entry by hand; a correction is a new version.

    ``activity``, ``place``, ``unit`` and ``responsible`` say what held on the day (O67 art. 7), whatever is renamed later; so do
    ``paid``, ``collective``, ``unit_id`` (of the volunteer's own unit) and ``teams``: every sum reads these, never the person of today.
    ``word_of`` is on whose word alone the minutes rest, nobody where a code, a phone's taps, a family or two people stand behind them.
    """

    __tablename__ = "service_record"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "visit_id", "version"),
        UniqueConstraint("volunteer_id", "round_id", "version"),
        UniqueConstraint("entry_id", "version"),
        UniqueConstraint("duty_id", "version"),
        CheckConstraint("visit_id IS NULL OR round_id IS NULL", name="visit_or_round"),
        CheckConstraint("visit_id IS NOT NULL OR round_id IS NOT NULL OR entry_id IS NOT NULL OR duty_id IS NOT NULL", name="has_a_source"),
        CheckConstraint("duty_id IS NULL OR (visit_id IS NULL AND round_id IS NULL AND entry_id IS NULL)", name="duty_alone"),
        CheckConstraint("entry_id IS NULL OR trust = 'two_persons'", name="entry_by_two_persons"),
        CheckConstraint(f"minutes BETWEEN 0 AND {DAY_AT_MOST}", name="minutes"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("ended_at >= started_at", name="order"),
        Index("uq_service_record_visit_now", "volunteer_id", "visit_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
        Index("uq_service_record_round_now", "volunteer_id", "round_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
        Index("uq_service_record_entry_now", "entry_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
        Index("uq_service_record_duty_now", "duty_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
        Index(None, "volunteer_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey(Visit.id), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey(ManualEntry.id))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey(Duty.id))
    version: Mapped[int] = mapped_column(default=1)
    current: Mapped[bool] = mapped_column(default=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey(ServiceKind.id), index=True)
    day: Mapped[date] = mapped_column(index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    minutes: Mapped[int]
    planned_minutes: Mapped[int]
    doors: Mapped[int] = mapped_column(default=1)
    activity: Mapped[str] = mapped_column(default="", server_default="")
    place: Mapped[str] = mapped_column(default="", server_default="")
    unit: Mapped[str] = mapped_column(default="", server_default="")
    responsible: Mapped[str] = mapped_column(default="", server_default="")
    paid: Mapped[bool]
    collective: Mapped[bool]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)
    trust: Mapped[Trust] = mapped_column(choice(Trust))
    transfer_seq: Mapped[int | None] = mapped_column(ForeignKey(Transfer.seq), unique=True)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    word_of: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    created_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()
    kind: Mapped[ServiceKind] = relationship()
    visit: Mapped[Visit | None] = relationship()
    round: Mapped[Round | None] = relationship()
    entry: Mapped[ManualEntry | None] = relationship()
    duty: Mapped[Duty | None] = relationship()
    confirmer: Mapped[User | None] = relationship(foreign_keys=[confirmed_by])
    teams: Mapped[list[Team]] = relationship(secondary=record_team, order_by=Team.id)

    @property
    def is_away(self) -> bool:
        """Whether it was done for another community than the volunteer's own, which had lent them."""
        return self.community_id != self.volunteer.community_id
