"""Tables of the paper passbook (存折): a book of a volunteer's time account, and every line that was printed into it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.ledger.models import BigInt, Transfer
from timebank.places.models import Community
from timebank.volunteers.models import Volunteer

CODE_LENGTH = 6
IN_USE = text("ended IS NULL")


class Ended(StrEnum):
    """Why a book is used no more."""

    LOST = "lost"
    FULL = "full"


class Passbook(Base):
    """存折: it begins with the balance ``carried`` over after one transfer; of each volunteer one is in use."""

    __tablename__ = "passbook"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "serial"),
        CheckConstraint("serial >= 1", name="serial"),
        CheckConstraint("(ended IS NULL) = (ended_at IS NULL) AND (ended IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        Index("uq_passbook_in_use", "volunteer_id", unique=True, sqlite_where=IN_USE, postgresql_where=IN_USE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id))
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    carried: Mapped[int]
    after_seq: Mapped[int] = mapped_column(BigInt)
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    ended: Mapped[Ended | None] = mapped_column(choice(Ended))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    volunteer: Mapped[Volunteer] = relationship()
    lines: Mapped[list["PassbookLine"]] = relationship(order_by="PassbookLine.place", back_populates="passbook")

    @property
    def balance(self) -> int:
        """The balance after the last line printed."""
        return self.lines[-1].balance if self.lines else self.carried

    @property
    def last_seq(self) -> int:
        """The last transfer that stands in it, or in its opening balance."""
        return self.lines[-1].transfer_seq if self.lines else self.after_seq


class PassbookLine(Base):
    """One line as it was printed: a movement, the balance after it and the code by which the line is known to be ours."""

    __tablename__ = "passbook_line"
    __table_args__ = (
        UniqueConstraint("passbook_id", "place"),
        UniqueConstraint("passbook_id", "transfer_seq"),
        CheckConstraint("place >= 1", name="place"),
        CheckConstraint("minutes <> 0", name="minutes"),
        CheckConstraint(f"length(code) = {CODE_LENGTH}", name="code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    passbook_id: Mapped[int] = mapped_column(ForeignKey(Passbook.id))
    place: Mapped[int]
    transfer_seq: Mapped[int] = mapped_column(BigInt, ForeignKey(Transfer.seq))
    minutes: Mapped[int]
    balance: Mapped[int]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    printed_at: Mapped[datetime]
    printed_by: Mapped[int] = mapped_column(ForeignKey(User.id))

    passbook: Mapped[Passbook] = relationship(back_populates="lines")
