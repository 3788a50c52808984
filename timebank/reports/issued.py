"""Tables of what was given when a month was closed: reports, and everybody's statement with how it reached them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.notices.models import Notice
from timebank.papers.seal import DIGEST_LENGTH
from timebank.visits.closing import MonthClose
from timebank.volunteers.models import Volunteer


class PaperSort(StrEnum):
    """Whose month a report tells of."""

    REPORT = "report"
    TEAM = "team"
    UNIT = "unit"


class IssuedReport(Base):
    """What the report of a closed month, or the statement of a team or a unit, said when it was closed; ``subject_id`` is whose."""

    __tablename__ = "issued_report"
    __table_args__ = (
        UniqueConstraint("close_id", "kind", "subject_id"),
        CheckConstraint(f"length(content_sha256) = {DIGEST_LENGTH}", name="content_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    close_id: Mapped[int] = mapped_column(ForeignKey(MonthClose.id))
    kind: Mapped[PaperSort] = mapped_column(choice(PaperSort))
    subject_id: Mapped[int]
    content: Mapped[dict[str, Any]]
    content_sha256: Mapped[str] = mapped_column(String(DIGEST_LENGTH))


class IssuedStatement(Base):
    """对账单: one volunteer's month as it was given, numbered, in both languages and under a digest; and how it reached them.

    Somebody who signs in is told by a message, anybody else is handed the paper.
    """

    __tablename__ = "issued_statement"
    __table_args__ = (
        UniqueConstraint("close_id", "volunteer_id"),
        CheckConstraint(f"length(content_sha256) = {DIGEST_LENGTH}", name="content_sha256"),
        CheckConstraint("(handed_at IS NULL) = (handed_by IS NULL)", name="handed_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    close_id: Mapped[int] = mapped_column(ForeignKey(MonthClose.id))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    content: Mapped[dict[str, Any]]
    content_sha256: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey(Notice.id))
    handed_at: Mapped[datetime | None]
    handed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    close: Mapped[MonthClose] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    notice: Mapped[Notice | None] = relationship()
