"""Tables of recognition: the certificate register, and wrong tries at its public check."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer

# Letters and figures nobody mixes up when reading aloud; twelve of 32 are 60 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
DIGEST_LENGTH = 64


class CertificateState(StrEnum):
    """Whether a certificate still holds."""

    VALID = "valid"
    REVOKED = "revoked"
    REPLACED = "replaced"


class Certificate(Base):
    """志愿服务记录证明: a row of the register; what it says is frozen in ``content``, under a digest."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("community_id", "year", "serial"),
        CheckConstraint("period_to >= period_from", name="period"),
        CheckConstraint("serial >= 1", name="serial"),
        CheckConstraint(f"length(check_code) = {CODE_LENGTH}", name="check_code"),
        CheckConstraint(f"length(content_sha256) = {DIGEST_LENGTH}", name="content_sha256"),
        CheckConstraint("(state = 'valid') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("state = 'valid' OR length(revoked_reason) > 0", name="ended_for_a_reason"),
        CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name="replaces_another"),
        Index(None, "volunteer_id", "issued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    check_code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)
    period_from: Mapped[date]
    period_to: Mapped[date]
    content: Mapped[dict[str, Any]]
    content_sha256: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    state: Mapped[CertificateState] = mapped_column(choice(CertificateState), default=CertificateState.VALID, index=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    revoked_reason: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    national_no: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()
    community: Mapped[Community] = relationship()
    replaces: Mapped["Certificate | None"] = relationship(remote_side="Certificate.id")

    @property
    def is_valid(self) -> bool:
        """Whether it still holds."""
        return self.state is CertificateState.VALID


class CheckTry(Base):
    """A number and code that did not go together, so that guessing is slowed down for all workers alike."""

    __tablename__ = "check_try"
    __table_args__ = (Index(None, "source", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
