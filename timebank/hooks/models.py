"""Tables of webhooks: where somebody wants to be called about what, and each call with what became of it."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.sealed import Sealed
from timebank.wholly import SECRET


class CallState(StrEnum):
    """What became of a call: it waits, was taken, or was given up after a day."""

    WAITING = "waiting"
    TAKEN = "taken"
    GIVEN_UP = "given_up"


class Webhook(Base):
    """An address that is called about some events of a community; ``secret`` signs the calls."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("length(url) BETWEEN 8 AND 500", name="url"),
        CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name="ended"),
        {"info": SECRET},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    url: Mapped[str]
    secret: Mapped[str] = mapped_column(Sealed, default=lambda: secrets.token_urlsafe(32))
    events: Mapped[list[Any]]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    maker: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class WebhookCall(Base):
    """One call: of what it tells, and how the tries went; ``number`` names it for whoever is called, so that it counts once there."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        CheckConstraint("tries BETWEEN 0 AND 20", name="tries"),
        CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name="waits"),
        Index(None, "state", "next_at"),
        {"info": SECRET},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey(Webhook.id), index=True)
    number: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(12))
    event: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[CallState] = mapped_column(choice(CallState), default=CallState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    status: Mapped[int | None]
    fault: Mapped[str] = mapped_column(default="")

    webhook: Mapped[Webhook] = relationship(lazy="joined", innerjoin=True)
