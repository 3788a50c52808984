"""The outbox: every message that was to be sent and what became of it, the channels messages go by, and each try by one of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.sealed import Sealed

DAY = 1440
BY_TELEPHONE = "phone"
"""The channel of what the desk has told somebody itself."""


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


STATE = Enum(
    State, native_enum=False, create_constraint=True, length=8, name="state", values_callable=lambda kind: [each.value for each in kind]
)
TOLD = text("about IS NOT NULL")


class Way(StrEnum):
    """How a message leaves the machine: a short message, a mail, or a robot in the colleagues' group."""

    SMS = "sms"
    MAIL = "mail"
    ROBOT = "robot"


class Result(StrEnum):
    """What came of one try: not yet known, taken on by the other side, not taken on, or not tried because our own rules refuse."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"


class Notice(Base):
    """One message to one person; number and words are sealed, for they say who and where.

    ``path`` is the page it leads to; ``about`` names what it tells, so that nobody hears of one thing twice. ``channel`` names the
    way it went, or nothing yet; ``next_at`` is when it is tried again, after ``tries`` in vain.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(None, "community_id", "created_at"),
        Index("uq_notice_about", "user_id", "about", unique=True, sqlite_where=TOLD, postgresql_where=TOLD),
        CheckConstraint("tries >= 0", name="tries"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    phone: Mapped[str] = mapped_column(Sealed)
    template: Mapped[str]
    text: Mapped[str] = mapped_column(Sealed)
    channel: Mapped[str] = mapped_column(default="none")
    state: Mapped[State] = mapped_column(STATE, default=State.QUEUED, index=True)
    path: Mapped[str] = mapped_column(default="", server_default="")
    about: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None]


class NoticeChoice(Base):
    """A kind of messages that somebody wants or does not want; without a row it is as ``choices`` says."""

    __tablename__ = "notice_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]
    chosen_at: Mapped[datetime]


class MessageChannel(Base):
    """通道: one way out of a community's office; its address and secrets are sealed. ``daily`` is how many parts a day it may cost."""

    __tablename__ = "message_channel"
    __table_args__ = (
        UniqueConstraint("community_id", "way"),
        CheckConstraint("daily BETWEEN 1 AND 100000", name="daily"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id))
    way: Mapped[Way] = mapped_column(choice(Way))
    sealed_settings: Mapped[str] = mapped_column(Sealed)
    signature: Mapped[str] = mapped_column(default="")
    daily: Mapped[int] = mapped_column(default=1000)
    active: Mapped[bool] = mapped_column(default=True)
    set_at: Mapped[datetime]


class Delivery(Base):
    """One try by one channel: of a message, of a sign-in code, or of a test, whose address stays sealed. ``detail`` is the other side's own code."""

    __tablename__ = "delivery"
    __table_args__ = (Index(None, "channel_id", "at"), CheckConstraint("parts BETWEEN 0 AND 20", name="parts"))

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey(MessageChannel.id))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey(Notice.id), index=True)
    sealed_to: Mapped[str | None] = mapped_column(Sealed)
    at: Mapped[datetime]
    result: Mapped[Result] = mapped_column(choice(Result))
    detail: Mapped[str] = mapped_column(default="")
    parts: Mapped[int] = mapped_column(default=0)

    channel: Mapped[MessageChannel] = relationship()


class QuietHours(Base):
    """From which minute of the day to which a community leaves people in peace."""

    __tablename__ = "quiet_hours"
    __table_args__ = (CheckConstraint("starts BETWEEN 720 AND 1440 AND ends BETWEEN 0 AND 720", name="around_midnight"),)

    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), primary_key=True)
    starts: Mapped[int]
    ends: Mapped[int]
