"""Tables of certificates: the register, its batches, and wrong tries of the public check."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.papers.seal import DIGEST_LENGTH
from timebank.places.models import Community
from timebank.records.reported import LONGEST_NUMBER
from timebank.volunteers.models import Volunteer

# Letters and figures nobody mixes up when reading aloud; twelve of 32 are 60 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
IN_FORCE = text("state = 'valid'")
NUMBERED = text("state = 'valid' AND national_no <> ''")


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
        CheckConstraint(f"length(national_no) <= {LONGEST_NUMBER}", name="national_no"),
        Index(
            "uq_certificate_in_force",
            "volunteer_id",
            "period_from",
            "period_to",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        Index("uq_certificate_national_no", "national_no", unique=True, sqlite_where=NUMBERED, postgresql_where=NUMBERED),
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


class CertificateBatch(Base):
    """批量开具: certificates of one period for many volunteers, made by a job; it goes on until every line is done."""

    __tablename__ = "certificate_batch"
    __table_args__ = (CheckConstraint("period_to >= period_from", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    period_from: Mapped[date]
    period_to: Mapped[date]
    language: Mapped[str]
    base_url: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    lines: Mapped[list["BatchLine"]] = relationship(back_populates="batch", order_by="BatchLine.id")


class BatchLine(Base):
    """One volunteer of a batch: the certificate and its paper, or why there is none; papers are let go after some days.

    ``replaces_id`` is the certificate in force that the office was shown and agreed to have replaced.
    """

    __tablename__ = "certificate_batch_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "volunteer_id"),
        CheckConstraint("done_at IS NULL OR certificate_id IS NOT NULL OR length(refusal_zh) > 0", name="done"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey(CertificateBatch.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey(Certificate.id), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey(Certificate.id))
    refusal_zh: Mapped[str] = mapped_column(default="")
    refusal_en: Mapped[str] = mapped_column(default="")
    paper: Mapped[bytes | None] = mapped_column(deferred=True)
    done_at: Mapped[datetime | None]

    batch: Mapped[CertificateBatch] = relationship(back_populates="lines")
    volunteer: Mapped[Volunteer] = relationship()
    certificate: Mapped[Certificate | None] = relationship(foreign_keys=[certificate_id])
