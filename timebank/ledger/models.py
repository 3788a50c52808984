"""Accounts and transfers: what must always hold stands here and, for what needs a look at other rows, in ``ddl``."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Enum, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from timebank.db import Base
from timebank.hours import DAY_AT_MOST

MOST_MINUTES = 44_640  # a month of 31 days: no single transfer is longer
MOST_CREDIT = DAY_AT_MOST  # nobody is credited with more for one record

BigInt = BigInteger().with_variant(Integer, "sqlite")
# Ordered by bytes on both databases, so that the versions of one record lie side by side in the index.
SourceText = String(100).with_variant(String(100, collation="C"), "postgresql")


class AccountKind(StrEnum):
    """What an account is for; of every kind but ``member`` a community has one.

    ``owed`` stands below zero by what was advanced for credit that is corrected and no longer there, and is not paid back yet.
    """

    MEMBER = "member"
    POOL = "pool"
    ISSUED = "issued"
    HELD = "held"
    REDEEMED = "redeemed"
    OWED = "owed"


class TransferKind(StrEnum):
    """Why minutes move.

    ``take_back`` takes from where a gift or donation went what still lies there; ``advance`` is a claim (欠回) on whoever it goes to,
    ``repay`` and ``write_off`` are parts of one.
    """

    EARN = "earn"
    GRANT = "grant"
    GIFT = "gift"
    DONATE = "donate"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    REVERSAL = "reversal"
    MANUAL = "manual"
    TAKE_BACK = "take_back"
    ADVANCE = "advance"
    REPAY = "repay"
    WRITE_OFF = "write_off"


UNLIMITED = (AccountKind.ISSUED, AccountKind.OWED)
CREDITS = (TransferKind.EARN, TransferKind.MANUAL)
PASSED_ON = (TransferKind.GIFT, TransferKind.DONATE)  # what of them still lies where it went can be taken back
OF_HOLD = (TransferKind.SETTLE, TransferKind.RELEASE)
OF_CLAIM = (TransferKind.REPAY, TransferKind.WRITE_OFF)
BY_TWO = (TransferKind.MANUAL, TransferKind.WRITE_OFF)  # need a reason and a second person
# Never reversed: post anew after a reversal, release a hold; what follows from a correction follows from the next one too.
LASTING = (TransferKind.REVERSAL, TransferKind.HOLD, TransferKind.TAKE_BACK, TransferKind.ADVANCE, *OF_CLAIM)

# From which kind of account to which each kind of transfer may go; a reversal goes back along its original.
DIRECTIONS: dict[TransferKind, tuple[tuple[AccountKind, AccountKind], ...]] = {
    TransferKind.EARN: ((AccountKind.ISSUED, AccountKind.MEMBER), (AccountKind.ISSUED, AccountKind.POOL)),
    TransferKind.MANUAL: ((AccountKind.ISSUED, AccountKind.MEMBER),),
    TransferKind.GRANT: ((AccountKind.ISSUED, AccountKind.POOL), (AccountKind.POOL, AccountKind.MEMBER)),
    TransferKind.GIFT: ((AccountKind.MEMBER, AccountKind.MEMBER),),
    TransferKind.DONATE: ((AccountKind.MEMBER, AccountKind.POOL),),
    TransferKind.HOLD: ((AccountKind.MEMBER, AccountKind.HELD),),
    TransferKind.SETTLE: ((AccountKind.HELD, AccountKind.REDEEMED),),
    TransferKind.RELEASE: ((AccountKind.HELD, AccountKind.MEMBER),),
    TransferKind.TAKE_BACK: ((AccountKind.POOL, AccountKind.MEMBER), (AccountKind.MEMBER, AccountKind.MEMBER)),
    TransferKind.ADVANCE: ((AccountKind.OWED, AccountKind.MEMBER), (AccountKind.OWED, AccountKind.POOL)),
    TransferKind.REPAY: ((AccountKind.MEMBER, AccountKind.OWED), (AccountKind.POOL, AccountKind.OWED)),
    TransferKind.WRITE_OFF: ((AccountKind.ISSUED, AccountKind.OWED),),
}


def _values(kinds: type[StrEnum]) -> list[str]:
    """Return the stored words of an enumeration."""
    return [kind.value for kind in kinds]


def _stored(kinds: type[StrEnum]) -> Enum:
    """Return the column type of an enumeration: text with a CHECK, the same on both databases."""
    return Enum(kinds, native_enum=False, length=16, create_constraint=True, name="kind", values_callable=_values)


class Account(Base):
    """A time account; its balance is moved by the transfers' trigger and by nothing else."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        CheckConstraint("limit_minutes IS NULL OR balance >= -limit_minutes", name="no_overdraft"),
        CheckConstraint("limit_minutes IS NULL OR limit_minutes >= 0", name="limit"),
        CheckConstraint("(kind IN ('issued', 'owed')) = (limit_minutes IS NULL)", name="unlimited"),
        CheckConstraint("kind <> 'owed' OR balance <= 0", name="owed_is_a_debt"),
        Index(
            "uq_ledger_account_system",
            "community_id",
            "kind",
            unique=True,
            sqlite_where=text("kind <> 'member'"),
            postgresql_where=text("kind <> 'member'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[AccountKind] = mapped_column(_stored(AccountKind))
    limit_minutes: Mapped[int | None]
    balance: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")
    last_seq: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")
    opened_at: Mapped[datetime]


class Transfer(Base):
    """Minutes moved from the debit account to the credit account, once and for ever.

    ``hold_seq`` names the hold, or the claim, that a transfer is a part of.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 44640", name="minutes"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="reversal_names_its_target"),
        CheckConstraint("(kind IN ('settle', 'release', 'repay', 'write_off')) = (hold_seq IS NOT NULL)", name="names_its_hold"),
        CheckConstraint("approver IS NULL OR approver <> actor", name="two_people"),
        CheckConstraint("kind NOT IN ('manual', 'write_off') OR (approver IS NOT NULL AND note IS NOT NULL)", name="approved_for_a_reason"),
        CheckConstraint("length(source) > 0 AND length(actor) > 0", name="evidence"),
        CheckConstraint("substr(source, 1, 7) <> 'record:' OR kind IN ('earn', 'manual')", name="record_is_a_credit"),
        CheckConstraint(
            "kind <> 'earn' OR (substr(source, 1, 7) = 'record:' AND source <> rtrim(source, '0123456789')"
            " AND rtrim(source, '0123456789') LIKE 'record:%:' || 'v')",  # in two, or ":v" would be a bound parameter
            name="earn_names_a_record",
        ),
        UniqueConstraint("idem_scope", "idem_key"),
        UniqueConstraint("reverses"),
        UniqueConstraint("community_id", "prev_hash"),
        Index(
            "uq_ledger_transfer_credit",
            "source",
            unique=True,
            sqlite_where=text("kind IN ('earn', 'manual')"),
            postgresql_where=text("kind IN ('earn', 'manual')"),
        ),
        Index("ix_ledger_transfer_source", "source"),
        Index("ix_ledger_transfer_community_seq", "community_id", "seq"),
        Index("ix_ledger_transfer_debit_at", "debit_id", "at"),
        Index("ix_ledger_transfer_credit_at", "credit_id", "at"),
    )

    seq: Mapped[int] = mapped_column(BigInt, primary_key=True)
    community_id: Mapped[int]
    debit_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    credit_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    minutes: Mapped[int]
    kind: Mapped[TransferKind] = mapped_column(_stored(TransferKind))
    source: Mapped[str] = mapped_column(SourceText)
    idem_scope: Mapped[str] = mapped_column(String(100))
    idem_key: Mapped[str] = mapped_column(String(200))
    reverses: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ledger_transfer.seq"))
    hold_seq: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ledger_transfer.seq"), index=True)
    actor: Mapped[str] = mapped_column(String(100))
    approver: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[datetime]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


def record_source(record_id: int, version: int) -> str:
    """Return the source that names one version of one service record, such as record:12:v1."""
    return f"record:{record_id}:v{version}"


def correction_source(version_id: int) -> str:
    """Return the source that names what followed from a correction: the new version of a record, by its number."""
    return f"correction:{version_id}"
