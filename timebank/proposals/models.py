"""The table of what waits for a second person."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.sealed import Sealed

WAITING = text("state = 'pending'")
OF_ALL = "all"
"""How the subject begins of what concerns every community: who is an administrator, and where codes go."""


class Kind(StrEnum):
    """What is asked for."""

    CORRECTION = "correction"
    ANSWER = "answer"
    CREDIT_RULES = "credit_rules"
    STAR_RULE = "star_rule"
    RECORD_RULES = "record_rules"
    GRANT = "grant"
    IDENTITY = "identity"
    STANDING = "standing"
    FAMILY = "family"
    STAR_BAR = "star_bar"
    GIFT = "gift"
    DONATION = "donation"
    REMARK = "remark"
    AWARD = "award"
    ISSUER = "issuer"
    NATIONAL_NO = "national_no"
    WRITE_OFF = "write_off"
    SERVICE_KIND = "service_kind"
    COLLEAGUE = "colleague"
    CHANNEL = "channel"
    MERGER = "merger"


class State(StrEnum):
    """Where it is: waiting, agreed to or refused by a second person, taken back by who asked, or carried out after its wait."""

    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ELAPSED = "elapsed"


class Proposal(Base):
    """提请: one person asks for something, a second one decides; ``subject`` names what it is about, ``terms`` what is to become of it."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(state IN ('agreed', 'refused')) = (decided_by IS NOT NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'refused' OR length(decision) > 0", name="refused_for_a_reason"),
        CheckConstraint("state <> 'elapsed' OR due_at IS NOT NULL", name="only_what_has_a_wait_elapses"),
        Index("uq_proposal_waiting", "kind", "subject", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
        Index(None, "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    subject: Mapped[str]
    sealed_terms: Mapped[str] = mapped_column(Sealed)
    reason: Mapped[str] = mapped_column(Sealed)
    proposed_by: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    proposed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    state: Mapped[State] = mapped_column(choice(State), default=State.PENDING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")

    proposer: Mapped[User] = relationship(foreign_keys=[proposed_by])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])

    @property
    def terms(self) -> dict[str, Any]:
        """What is asked for, by name."""
        found: dict[str, Any] = json.loads(self.sealed_terms)
        return found

    @property
    def about(self) -> int:
        """The number of what it is about."""
        return int(self.subject.split(":")[1])
