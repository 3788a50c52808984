"""Tables of recognition: the certificate register, its batches, stars and what the desk does in somebody's name, awards, reports."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.credit.models import GiftLink
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.proposals.models import Proposal
from timebank.records.models import Objection
from timebank.sealed import Sealed
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

# Letters and figures nobody mixes up when reading aloud; twelve of 32 are 60 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
DIGEST_LENGTH = 64
OPEN_REVIEW = text("verdict IS NULL")
LONGEST_NUMBER = 40
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


class StarRule(Base):
    """How many recorded hours each star asks for in a community, how many upheld doubts or no-shows a year it bears.

    An application is public for ``days`` working days before it may be granted.
    """

    __tablename__ = "star_rule"
    __table_args__ = (
        CheckConstraint("one > 0 AND two > one AND three > two AND four > three AND five > four AND five <= 100000", name="rising"),
        CheckConstraint("faults BETWEEN 0 AND 100", name="faults"),
        CheckConstraint("days BETWEEN 3 AND 30", name="days"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), primary_key=True)
    one: Mapped[int]
    two: Mapped[int]
    three: Mapped[int]
    four: Mapped[int]
    five: Mapped[int]
    faults: Mapped[int]
    days: Mapped[int] = mapped_column(default=5, server_default="5")


class StarState(StrEnum):
    """What became of an application for a star: asked, made public, granted by a second person; declined, or taken back later."""

    ASKED = "asked"
    PUBLISHED = "published"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


LIVE_STAR = text("state IN ('asked', 'published', 'granted')")


class StarApplication(Base):
    """星级申请: a volunteer asks for the next star; what was on record then, and what the star asks for, is kept beside the answer.

    ``published_by`` is who looked at it first, ``decided_by`` who granted it after the days of its publicity, or declined it.
    """

    __tablename__ = "star_application"
    __table_args__ = (
        Index("uq_star_application_live", "volunteer_id", "level", unique=True, sqlite_where=LIVE_STAR, postgresql_where=LIVE_STAR),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("minutes > 0 AND doubts >= 0 AND no_shows >= 0", name="counts"),
        CheckConstraint("needed BETWEEN 1 AND minutes", name="needed"),
        CheckConstraint("(state IN ('asked', 'published')) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state <> 'declined' OR length(reason) > 0", name="declined_for_a_reason"),
        CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL) AND (published_at IS NULL) = (public_until IS NULL)",
            name="published_by_somebody",
        ),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published"),
        CheckConstraint("published_by IS NULL OR state NOT IN ('granted', 'withdrawn') OR decided_by <> published_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    level: Mapped[int]
    minutes: Mapped[int]
    needed: Mapped[int]
    doubts: Mapped[int]
    no_shows: Mapped[int]
    applied_at: Mapped[datetime]
    state: Mapped[StarState] = mapped_column(choice(StarState), default=StarState.ASKED, index=True)
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    public_until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()
    publisher: Mapped[User | None] = relationship(foreign_keys=[published_by])
    objections: Mapped[list["StarObjection"]] = relationship(back_populates="application", order_by="StarObjection.id")


class How(StrEnum):
    """How somebody said something to the station."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    LETTER = "letter"


class StarObjection(Base):
    """公示异议: somebody says while it is public that a star is not deserved; whoever looks into it answers, and is not who wrote it down."""

    __tablename__ = "star_objection"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (upheld IS NULL)", name="answered_by_somebody"
        ),
        CheckConstraint("answered_by IS NULL OR answered_by <> noted_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(StarApplication.id), index=True)
    words: Mapped[str] = mapped_column(Sealed)
    how: Mapped[How] = mapped_column(choice(How))
    raised_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    answer: Mapped[str | None] = mapped_column(Sealed)
    upheld: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    application: Mapped[StarApplication] = relationship(back_populates="objections")


class Verdict(StrEnum):
    """What the office decided when recorded hours no longer reach a star; ``recovered`` is what the hours did by themselves."""

    KEEP = "keep"
    WITHDRAW = "withdraw"
    BAR = "bar"
    RECOVERED = "recovered"


class StarReview(Base):
    """小时不够了: the recorded hours of somebody no longer reach the star they hold; the office decides, with a reason.

    ``level`` is the star held, ``carried`` the one the hours reach. A star is kept ``until`` a day, or nobody may apply until then.
    """

    __tablename__ = "star_review"
    __table_args__ = (
        CheckConstraint("carried >= 0 AND carried < level AND level <= 5 AND minutes >= 0", name="fallen"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("verdict IS NULL OR (verdict = 'recovered') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("verdict IS NULL OR verdict = 'recovered' OR length(reason) > 0", name="for_a_reason"),
        CheckConstraint("(verdict IS NOT NULL AND verdict IN ('keep', 'bar')) = (until IS NOT NULL)", name="until"),
        CheckConstraint(
            "(verdict IS NOT NULL AND verdict = 'bar') = (second_by IS NOT NULL) AND (second_by IS NULL OR second_by <> decided_by)",
            name="barred_by_two",
        ),
        Index("uq_star_review_open", "volunteer_id", unique=True, sqlite_where=OPEN_REVIEW, postgresql_where=OPEN_REVIEW),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    level: Mapped[int]
    carried: Mapped[int]
    minutes: Mapped[int]
    raised_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    reason: Mapped[str] = mapped_column(default="")
    until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    second_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    volunteer: Mapped[Volunteer] = relationship()


class Errand(StrEnum):
    """What the desk writes down for somebody who has no phone."""

    STAR = "star"
    OBJECTION = "objection"
    RELATIVE = "relative"
    GIFT = "gift"
    DONATION = "donation"


class DeskAct(Base):
    """代办: what the desk wrote down in a volunteer's name: what they wanted, how they asked, who wrote it down, and what came of it."""

    __tablename__ = "desk_act"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN application_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN objection_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN link_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN proposal_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_thing",
        ),
        CheckConstraint("(what IN ('gift', 'donation')) = (proposal_id IS NOT NULL)", name="minutes_wait_for_a_second_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    what: Mapped[Errand] = mapped_column(choice(Errand))
    how: Mapped[How] = mapped_column(choice(How))
    words: Mapped[str] = mapped_column(Sealed)
    written_at: Mapped[datetime]
    written_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    application_id: Mapped[int | None] = mapped_column(ForeignKey(StarApplication.id), unique=True)
    objection_id: Mapped[int | None] = mapped_column(ForeignKey(Objection.id), unique=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey(GiftLink.id), unique=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey(Proposal.id), unique=True)

    volunteer: Mapped[Volunteer] = relationship()
    writer: Mapped[User] = relationship()
    proposal: Mapped[Proposal | None] = relationship()


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
    """已报送: the national system has taken this version of a record, under its own number; a correction is reported anew.

    What has changed since, or counts no more, is withdrawn there, and it is noted here when that is done.
    """

    __tablename__ = "national_report"
    __table_args__ = (
        CheckConstraint(f"length(national_no) BETWEEN 1 AND {LONGEST_NUMBER}", name="national_no"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    )

    record_id: Mapped[int] = mapped_column(ForeignKey(ServiceRecord.id), primary_key=True)
    national_no: Mapped[str] = mapped_column(index=True)
    reported_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    record: Mapped[ServiceRecord] = relationship()
