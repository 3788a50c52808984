"""The outbox: every message that was to be sent, and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from timebank.db import Base
from timebank.sealed import Sealed


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


STATE = Enum(
    State, native_enum=False, create_constraint=True, length=8, name="state", values_callable=lambda kind: [each.value for each in kind]
)


class Notice(Base):
    """One message to one person; number and words are sealed, for they say who and where."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "community_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    phone: Mapped[str] = mapped_column(Sealed)
    template: Mapped[str]
    text: Mapped[str] = mapped_column(Sealed)
    channel: Mapped[str] = mapped_column(default="none")
    state: Mapped[State] = mapped_column(STATE, default=State.QUEUED, index=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
