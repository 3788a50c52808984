"""The audit trail: one row per change, written in the change's own transaction, with ids and never with names."""

from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from timebank import clock
from timebank.db import Base, db

actor: ContextVar[str] = ContextVar("actor", default="system")
printer: ContextVar[int | None] = ContextVar("printer", default=None)
"""Who printed the sheet by whose code somebody is signed in; None for a sign-in of one's own."""


class AuditRow(Base):
    """One change: who, what, on which thing, when."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    verb: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]]


def acting_user() -> int | None:
    """Return the number of the user in whose name this is done; None for the clock, for jobs and for the machine's own commands."""
    kind, _, number = actor.get().partition(":")
    return int(number) if kind == "user" else None


def record(verb: str, subject: str, subject_id: object, **detail: object) -> None:
    """Write the audit row of a change; ``detail`` holds ids, minutes and states, never personal data."""
    row = AuditRow(at=clock.now(), actor=actor.get(), verb=verb, subject=subject, subject_id=str(subject_id), detail=detail)
    db.session.add(row)
