"""The reads of what is owed (see ``owing``): claims with what is open of them, and what of gifts and donations can be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import String, cast, exists, func, literal, select
from sqlalchemy.orm import aliased

from timebank.db import db
from timebank.ledger.models import OF_CLAIM, PASSED_ON, Account, AccountKind, Transfer, TransferKind


@dataclass(frozen=True, slots=True)
class Claim:
    """An advance, what of it is still open, and the part that two people wrote off."""

    advance: Transfer
    open: int
    written_off: int

    @property
    def repaid(self) -> int:
        """The minutes its holder has paid back."""
        return self.advance.minutes - self.open - self.written_off


def claims(
    community_id: int | None = None, *, account: int | None = None, sources: Iterable[str] | None = None, still_open: bool = False
) -> list[Claim]:
    """Return the claims of a community (None = all), on an account, or made under some sources; the oldest first."""
    owed = select(Account.id).where(Account.kind == AccountKind.OWED)
    if community_id is not None:
        owed = owed.where(Account.community_id == community_id)
    meant = [Transfer.kind == TransferKind.ADVANCE, Transfer.debit_id.in_(owed)]
    meant += [Transfer.credit_id == account] if account is not None else []
    meant += [Transfer.source.in_(list(sources))] if sources is not None else []
    advances = db.session.scalars(select(Transfer).where(*meant).order_by(Transfer.seq)).all()
    parts = select(Transfer.hold_seq, Transfer.kind, func.sum(Transfer.minutes)).group_by(Transfer.hold_seq, Transfer.kind)
    rows = db.session.execute(parts.where(Transfer.hold_seq.in_(select(Transfer.seq).where(*meant)))) if advances else ()
    settled = {(seq, kind): int(minutes) for seq, kind, minutes in rows}
    found = [_claim(each, settled) for each in advances]
    return [each for each in found if each.open] if still_open else found


def _claim(advance: Transfer, settled: Mapping[tuple[int | None, TransferKind], int]) -> Claim:
    """Return an advance with what was settled of it."""
    repaid, written_off = (settled.get((advance.seq, kind), 0) for kind in OF_CLAIM)
    return Claim(advance, advance.minutes - repaid - written_off, written_off)


def claim_in(community_id: int | None, seq: int) -> Claim | None:
    """Return a claim of a community (None = all) by the number of its advance."""
    return next((each for each in claims(community_id) if each.advance.seq == seq), None)


def owed_by(account_id: int) -> int:
    """Return what an account owes."""
    community = select(Account.community_id).where(Account.id == account_id).scalar_subquery()
    standing = select(Account.balance).where(Account.community_id == community, Account.kind == AccountKind.OWED)
    return sum(each.open for each in claims(account=account_id)) if db.session.scalar(standing) else 0


def left_of(account_id: int, kind: TransferKind, since: int) -> list[tuple[Transfer, int]]:
    """Return what an account has given away in one way after a transfer, newest first, with what of each was not taken back yet."""
    back, reversal = aliased(Transfer), aliased(Transfer)
    named = literal("transfer:").concat(cast(Transfer.seq, String))
    taken = (
        select(func.coalesce(func.sum(back.minutes), 0))
        .where(back.source == named, back.kind == TransferKind.TAKE_BACK)
        .correlate(Transfer)
        .scalar_subquery()
    )
    rows = select(Transfer, Transfer.minutes - taken).where(
        Transfer.debit_id == account_id, Transfer.kind == kind, Transfer.seq > since, ~exists().where(reversal.reverses == Transfer.seq)
    )
    return [(given, int(left)) for given, left in db.session.execute(rows.order_by(Transfer.seq.desc())) if left > 0]


def left_under(source: str, holder: int) -> int:
    """Return what can still be taken back, from whom it went to, of the gift or donation that a source names."""
    number = source.partition(":")[2]
    given = db.session.get(Transfer, int(number)) if number.isdecimal() else None
    if given is None or given.credit_id != holder or given.kind not in PASSED_ON:
        return 0
    return next((left for each, left in left_of(given.debit_id, given.kind, given.seq - 1) if each.seq == given.seq), 0)


def came_after(account_id: int, seq: int) -> int:
    """Return the gifts and grants that came to an account after a transfer, less what of them was undone or taken back."""
    reversal = aliased(Transfer)
    came = (TransferKind.GIFT, TransferKind.GRANT)
    stands = ~exists().where(reversal.reverses == Transfer.seq)
    total = select(func.coalesce(func.sum(Transfer.minutes), 0))
    gained = total.where(Transfer.credit_id == account_id, Transfer.kind.in_(came), Transfer.seq > seq, stands)
    back = aliased(Transfer)
    later = aliased(Transfer)
    lost = (
        select(func.coalesce(func.sum(back.minutes), 0))
        .join(later, back.source == literal("transfer:").concat(cast(later.seq, String)))
        .where(back.kind == TransferKind.TAKE_BACK, back.debit_id == account_id, later.credit_id == account_id, later.seq > seq)
    )
    return int(db.session.scalar(gained) or 0) - int(db.session.scalar(lost) or 0)


def is_taken_back(seq: int) -> bool:
    """Say whether a part of a gift or donation was taken back."""
    back = exists().where(Transfer.source == f"transfer:{seq}", Transfer.kind == TransferKind.TAKE_BACK)
    return bool(db.session.scalar(select(back)))


def made_under(scope: str) -> list[Transfer]:
    """Return the transfers that were made for one purpose, in order."""
    return list(db.session.scalars(select(Transfer).where(Transfer.idem_scope == scope).order_by(Transfer.seq)))
