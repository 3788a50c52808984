"""The reads of the ledger: balances, statement lines, sums and the chain's head."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from timebank import clock
from timebank.db import db
from timebank.ledger.chain import GENESIS
from timebank.ledger.models import CREDITS, Account, AccountKind, Transfer, TransferKind


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of an account: minutes are signed, balance is the one after it."""

    seq: int
    at: datetime
    kind: TransferKind
    minutes: int
    balance: int
    source: str
    note: str | None
    approver: str | None
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """The movements of an account from one day up to, but not with, another."""

    opening: int
    lines: Sequence[Line]
    closing: int


@dataclass(frozen=True, slots=True)
class Head:
    """The newest transfer of a community's chain; seq 0 and the genesis hash when there is none."""

    seq: int
    hash: str


def balance(account_id: int) -> int:
    """Return the minutes on an account."""
    return db.session.execute(select(Account.balance).where(Account.id == account_id)).scalar_one()


def lines(account_id: int, start: date, end: date) -> Lines:
    """Return the movements of an account on the local days from ``start`` up to, but not with, ``end``."""
    signed = case((Transfer.credit_id == account_id, Transfer.minutes), else_=-Transfer.minutes)
    touches = or_(Transfer.debit_id == account_id, Transfer.credit_id == account_id)
    first, last = clock.at(start, 0), clock.at(end, 0)
    opening = int(db.session.scalar(select(func.coalesce(func.sum(signed), 0)).where(touches, Transfer.at < first)) or 0)
    reversal = aliased(Transfer)
    rows = db.session.execute(
        select(Transfer, signed, exists().where(reversal.reverses == Transfer.seq))
        .where(touches, Transfer.at >= first, Transfer.at < last)
        .order_by(Transfer.seq)
    )
    found, running = [], opening
    for transfer, minutes, is_reversed in rows:
        running += minutes
        found.append(
            Line(
                seq=transfer.seq,
                at=transfer.at,
                kind=transfer.kind,
                minutes=minutes,
                balance=running,
                source=transfer.source,
                note=transfer.note,
                approver=transfer.approver,
                is_reversed=is_reversed,
            )
        )
    return Lines(opening, found, running)


def by_key(scope: str, key: str) -> Transfer | None:
    """Return the transfer made under an idempotency key."""
    return db.session.scalar(select(Transfer).where(Transfer.idem_scope == scope, Transfer.idem_key == key))


def is_reversed(seq: int) -> bool:
    """Say whether a transfer has been reversed."""
    return bool(db.session.scalar(select(exists().where(Transfer.reverses == seq))))


def is_credited(source: str) -> bool:
    """Say whether a source has its credit, or another version of the same record a credit that still stands."""
    reversal = aliased(Transfer)
    taken = Transfer.source == source
    if source.startswith("record:"):
        stem = source.rstrip("0123456789")
        stands = ~exists().where(reversal.reverses == Transfer.seq)
        taken = or_(taken, and_(Transfer.source >= stem, Transfer.source < f"{stem}:", stands))
    return bool(db.session.scalar(select(exists().where(Transfer.kind.in_(CREDITS), taken))))


def open_minutes(hold_seq: int) -> int:
    """Return what of a hold is neither settled nor released, or of a claim neither paid back nor written off."""
    part, reversal = aliased(Transfer), aliased(Transfer)
    used = (
        select(func.coalesce(func.sum(part.minutes), 0))
        .where(part.hold_seq == hold_seq, ~exists().where(reversal.reverses == part.seq))
        .scalar_subquery()
    )
    whole = Transfer.kind.in_((TransferKind.HOLD, TransferKind.ADVANCE))
    left = db.session.scalar(select(Transfer.minutes - used).where(Transfer.seq == hold_seq, whole))
    return int(left or 0)


def is_resolved(hold_seq: int, kind: TransferKind) -> bool:
    """Say whether a settlement, or a release, of a hold stands."""
    reversal = aliased(Transfer)
    stands = ~exists().where(reversal.reverses == Transfer.seq)
    return bool(db.session.scalar(select(exists().where(Transfer.hold_seq == hold_seq, Transfer.kind == kind, stands))))


def granted(account_id: int, source: str) -> int:
    """Return the minutes an account was granted under a source, less what of them was reversed."""
    reversal = aliased(Transfer)
    stands = ~exists().where(reversal.reverses == Transfer.seq)
    total = select(func.coalesce(func.sum(Transfer.minutes), 0)).where(
        Transfer.credit_id == account_id, Transfer.kind == TransferKind.GRANT, Transfer.source == source, stands
    )
    return int(db.session.scalar(total) or 0)


def _open_holds() -> Select[Transfer]:
    """Return the statement of the newest hold for a ``source`` that is neither settled nor released."""
    part, reversal = aliased(Transfer), aliased(Transfer)
    stands = ~exists().where(reversal.reverses == part.seq)
    resolved = exists().where(part.hold_seq == Transfer.seq, stands)
    held = select(Transfer).where(Transfer.source == bindparam("source"), Transfer.kind == TransferKind.HOLD, ~resolved)
    return held.order_by(Transfer.seq.desc()).limit(1)


OPEN_HOLD = _open_holds()
"""Asked at every move of a visit, so it is put together once."""


def open_hold(source: str) -> Transfer | None:
    """Return the hold for a source that is neither settled nor released."""
    return db.session.scalars(OPEN_HOLD, {"source": source}).first()


def set_aside(account_id: int, sources: Sequence[str]) -> dict[str, int]:
    """Return what an account has set aside for each of some sources, settled or not, less what was released."""
    signed = func.sum(case((Transfer.debit_id == account_id, Transfer.minutes), else_=-Transfer.minutes))
    touches = or_(Transfer.debit_id == account_id, Transfer.credit_id == account_id)
    rows = db.session.execute(
        select(Transfer.source, signed)
        .where(touches, Transfer.source.in_(sources), Transfer.kind.in_((TransferKind.HOLD, TransferKind.RELEASE)))
        .group_by(Transfer.source)
    )
    return {source: int(minutes) for source, minutes in rows if minutes > 0}


def paid(source: str) -> int:
    """Return what is set aside or spent for a source, whoever's account it comes from."""
    signed = func.sum(case((Transfer.kind == TransferKind.HOLD, Transfer.minutes), else_=-Transfer.minutes))
    rows = select(signed).where(Transfer.source == source, Transfer.kind.in_((TransferKind.HOLD, TransferKind.RELEASE)))
    return int(db.session.scalar(rows) or 0)


def chain_head(community_id: int) -> Head:
    """Return the newest transfer's number and hash."""
    row = db.session.execute(
        select(Transfer.seq, Transfer.hash).where(Transfer.community_id == community_id).order_by(Transfer.seq.desc()).limit(1)
    ).first()
    return Head(0, GENESIS) if row is None else Head(row.seq, row.hash)


def has_begun() -> bool:
    """Say whether a minute has ever moved, in whatever community."""
    return db.session.scalar(select(Transfer.seq).limit(1)) is not None


def folded(before: datetime | None = None) -> ColumnElement[int]:
    """Return an account's balance as the sum of its transfers, of those before an instant where one is given."""

    def moved(column: InstrumentedAttribute[int]) -> ScalarSelect[int]:
        mine = (column == Account.id,) if before is None else (column == Account.id, Transfer.at < before)
        return select(func.coalesce(func.sum(Transfer.minutes), 0)).where(*mine).correlate(Account).scalar_subquery()

    return moved(Transfer.credit_id) - moved(Transfer.debit_id)


def fold(community_id: int) -> dict[int, int]:
    """Return every account's balance as the sum of its transfers."""
    rows = db.session.execute(select(Account.id, folded()).where(Account.community_id == community_id))
    return {account_id: int(minutes) for account_id, minutes in rows}


def totals(community_id: int, before: datetime | None = None) -> dict[AccountKind, int]:
    """Return the minutes standing on each kind of account, or that stood there before an instant; together they are zero."""
    each = select(Account.kind, (Account.balance if before is None else folded(before)).label("minutes"))
    mine = each.where(Account.community_id == community_id).subquery()
    rows = db.session.execute(select(mine.c.kind, func.sum(mine.c.minutes)).group_by(mine.c.kind))
    return dict.fromkeys(AccountKind, 0) | {kind: int(minutes) for kind, minutes in rows}
