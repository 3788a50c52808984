"""Tables of recognition: the certificate register, batches of it, wrong tries at its check, stars, awards, national reports."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.visits.models import ServiceRecord
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
    """One volunteer of a batch: the certificate and its paper, or why there is none; papers are let go after some days."""

    __tablename__ = "certificate_batch_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "volunteer_id"),
        CheckConstraint("done_at IS NULL OR certificate_id IS NOT NULL OR length(refusal_zh) > 0", name="done"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey(CertificateBatch.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey(Certificate.id), index=True)
    refusal_zh: Mapped[str] = mapped_column(default="")
    refusal_en: Mapped[str] = mapped_column(default="")
    paper: Mapped[bytes | None] = mapped_column(deferred=True)
    done_at: Mapped[datetime | None]

    batch: Mapped[CertificateBatch] = relationship(back_populates="lines")
    volunteer: Mapped[Volunteer] = relationship()
    certificate: Mapped[Certificate | None] = relationship()


class StarRule(Base):
    """How many recorded hours each star asks for in a community, and how many upheld doubts or no-shows a year it bears."""

    __tablename__ = "star_rule"
    __table_args__ = (
        CheckConstraint("one > 0 AND two > one AND three > two AND four > three AND five > four AND five <= 100000", name="rising"),
        CheckConstraint("faults BETWEEN 0 AND 100", name="faults"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), primary_key=True)
    one: Mapped[int]
    two: Mapped[int]
    three: Mapped[int]
    four: Mapped[int]
    five: Mapped[int]
    faults: Mapped[int]


class StarState(StrEnum):
    """What became of an application for a star."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"


class StarApplication(Base):
    """星级申请: a volunteer asks for the next star; what was on record then is kept beside the answer."""

    __tablename__ = "star_application"
    __table_args__ = (
        Index(
            "uq_star_application_live",
            "volunteer_id",
            "level",
            unique=True,
            sqlite_where=text("state IN ('asked', 'granted')"),
            postgresql_where=text("state IN ('asked', 'granted')"),
        ),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("minutes > 0 AND doubts >= 0 AND no_shows >= 0", name="counts"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state <> 'declined' OR length(reason) > 0", name="declined_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    level: Mapped[int]
    minutes: Mapped[int]
    doubts: Mapped[int]
    no_shows: Mapped[int]
    applied_at: Mapped[datetime]
    state: Mapped[StarState] = mapped_column(choice(StarState), default=StarState.ASKED, index=True)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()


class HonourConsent(Base):
    """光荣榜 consent: this volunteer agreed to stand on the honour list, masked; taking it back removes the row."""

    __tablename__ = "honour_consent"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), primary_key=True)
    agreed_at: Mapped[datetime]

    volunteer: Mapped[Volunteer] = relationship()


class Award(Base):
    """表彰奖励 (O67 art. 9): its name, its day and who gave it; one noted by mistake is withdrawn and stays to be seen."""

    __tablename__ = "award"
    __table_args__ = (
        Index(
            "uq_award_standing",
            "volunteer_id",
            "name",
            "day",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("length(name) > 0 AND length(given_by) > 0", name="named"),
        CheckConstraint("withdrawn_at IS NULL OR length(withdrawn_reason) > 0", name="withdrawn_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    name: Mapped[str]
    day: Mapped[date]
    given_by: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()


class NationalReport(Base):
    """已报送: the national system has taken this version of a record, under its own number; a correction is reported anew."""

    __tablename__ = "national_report"
    __table_args__ = (CheckConstraint("length(national_no) BETWEEN 1 AND 40", name="national_no"),)

    record_id: Mapped[int] = mapped_column(ForeignKey(ServiceRecord.id), primary_key=True)
    national_no: Mapped[str] = mapped_column(index=True)
    reported_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))

    record: Mapped[ServiceRecord] = relationship()
