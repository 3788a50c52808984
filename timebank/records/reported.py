"""Records that the national system has under a number of its own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, db
from timebank.errors import wrong
from timebank.visits import registers
from timebank.visits.models import ServiceRecord

LONGEST_NUMBER = 40


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


def must_be_free(record: ServiceRecord, foreign: str) -> None:
    """Refuse a number that stands for another record already; versions of one record may share theirs."""
    others = select(ServiceRecord).join(NationalReport, NationalReport.record_id == ServiceRecord.id)
    for other in db.session.scalars(others.where(NationalReport.national_no == foreign, ServiceRecord.id != record.id)):
        if registers.source(other) != registers.source(record):
            raise wrong("lines", "%(foreign)s 已经是 R%(id)s 的编号了。", foreign=foreign, id=other.id)
