"""The verbs of the ledger: each posts one immutable transfer inside the caller's write unit and never commits.

``post`` is the one door; the other verbs only say which account pays which. Every verb is told who asks (``Asked``):
``idem`` is a (scope, key) pair; the same pair with the same effect gives the first transfer back, with another effect
it is refused.
"""

from dataclasses import asdict, dataclass
from typing import NotRequired, TypedDict, Unpack

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.util import identity_key

from timebank import audit, clock, numbered
from timebank.db import db
from timebank.ledger import chain, claims, queries, refusals
from timebank.ledger.models import (
    BY_TWO,
    CREDITS,
    DIRECTIONS,
    LASTING,
    MOST_CREDIT,
    MOST_MINUTES,
    OF_CLAIM,
    OF_HOLD,
    PASSED_ON,
    UNLIMITED,
    Account,
    AccountKind,
    Transfer,
    TransferKind,
)

_LOCK = 0x7462  # the class of the ledger's advisory locks in PostgreSQL; the second number is the community


class Asked(TypedDict):
    """Who asks for a transfer, and under which key; never a name, only an id such as user:7."""

    idem: tuple[str, str]
    actor: str
    approver: NotRequired[str | None]
    note: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a transfer does, without who asked and when: two requests are the same when their effects are equal."""

    community_id: int
    debit_id: int
    credit_id: int
    minutes: int
    kind: TransferKind
    source: str
    reverses: int | None = None
    hold_seq: int | None = None


def open_account(community_id: int, kind: AccountKind = AccountKind.MEMBER, limit: int | None = 0) -> Account:
    """Open an empty account that may go down to minus ``limit`` minutes."""
    if kind in UNLIMITED:
        limit = None
    account = Account(community_id=community_id, kind=kind, limit_minutes=limit, opened_at=clock.now())
    numbered.add(account)
    audit.record("open", "account", account.id, kind=kind.value, community=community_id)
    return account


def system_account(community_id: int, kind: AccountKind) -> Account:
    """Return a community's own account of this kind, opened at its first use."""
    found = db.session.scalar(select(Account).where(Account.community_id == community_id, Account.kind == kind))
    if found is not None:
        return found
    lock(community_id)
    return db.session.scalar(select(Account).where(Account.community_id == community_id, Account.kind == kind)) or open_account(
        community_id, kind
    )


def post(
    *,
    community_id: int,
    debit: int,
    credit: int,
    minutes: int,
    kind: TransferKind,
    source: str,
    reverses: int | None = None,
    hold_seq: int | None = None,
    **asked: Unpack[Asked],
) -> Transfer:
    """Move minutes from the debit to the credit account, or return the transfer that this very request made before."""
    effect = _Effect(community_id, debit, credit, minutes, kind, source, reverses, hold_seq)
    _refuse_malformed(effect, asked)
    lock(community_id)
    if (first := _replayed(asked["idem"], effect)) is not None:
        return first
    _refuse_broken(effect)
    transfer = _sealed(effect, asked)
    try:
        with db.session.begin_nested():
            db.session.add(transfer)
    except IntegrityError as error:
        if (first := _replayed(asked["idem"], effect)) is not None:
            return first
        _refuse_broken(effect)
        raise refusals.moved_meanwhile() from error
    _forget_balances(debit, credit)
    audit.record("post", "transfer", transfer.seq, kind=kind.value, minutes=minutes, source=source)
    return transfer


def earn(account: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Credit a volunteer (or, for a group, the pool) for one version of one service record."""
    return _post_from(AccountKind.ISSUED, account, minutes, TransferKind.EARN, asked, source=source)


def credit_by_hand(account: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Credit a volunteer by hand: with a reason (``note``) and an ``approver``, and marked as manual for ever."""
    return _post_from(AccountKind.ISSUED, account, minutes, TransferKind.MANUAL, asked, source=source)


def fill_pool(community_id: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Issue new minutes into the public pool, as a city's fund does."""
    pool = system_account(community_id, AccountKind.POOL)
    return _post_from(AccountKind.ISSUED, pool.id, minutes, TransferKind.GRANT, asked, source=source)


def grant(account: int, minutes: int, *, source: str, fresh: bool = True, **asked: Unpack[Asked]) -> Transfer:
    """Give minutes to an elder through the public pool; ``fresh`` ones are issued first, others must be in the pool."""
    if fresh:
        scope, key = asked["idem"]
        issue = asked.copy()
        issue["idem"] = (scope, f"{key}:issue")
        fill_pool(_community_of(account), minutes, source=source, **issue)
    return _post_from(AccountKind.POOL, account, minutes, TransferKind.GRANT, asked, source=source)


def gift(giver: int, receiver: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Give a member's minutes to another member; who may give to whom is settled above the ledger."""
    return post(
        community_id=_community_of(giver),
        debit=giver,
        credit=receiver,
        minutes=minutes,
        kind=TransferKind.GIFT,
        source=source,
        **asked,
    )


def donate(giver: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Give a member's minutes to the public pool, also what a grant left unused."""
    return _post_to(AccountKind.POOL, giver, minutes, TransferKind.DONATE, asked, source=source)


def hold(account: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Set an elder's minutes aside for a visit that is agreed."""
    return _post_to(AccountKind.HELD, account, minutes, TransferKind.HOLD, asked, source=source)


def settle(held: Transfer, minutes: int, **asked: Unpack[Asked]) -> Transfer:
    """Spend minutes of a hold after the visit; what is over is released by the caller."""
    return post(
        community_id=held.community_id,
        debit=held.credit_id,
        credit=system_account(held.community_id, AccountKind.REDEEMED).id,
        minutes=minutes,
        kind=TransferKind.SETTLE,
        source=held.source,
        hold_seq=held.seq,
        **asked,
    )


def release(held: Transfer, minutes: int, **asked: Unpack[Asked]) -> Transfer:
    """Give minutes of a hold back to the elder they came from."""
    return post(
        community_id=held.community_id,
        debit=held.credit_id,
        credit=held.debit_id,
        minutes=minutes,
        kind=TransferKind.RELEASE,
        source=held.source,
        hold_seq=held.seq,
        **asked,
    )


def reverse(transfer: Transfer, actor: str, reason: str, *, approver: str | None = None, idem: tuple[str, str] | None = None) -> Transfer:
    """R18: Undo a transfer by its exact mirror, once; asked again under the same key, give the first reversal back."""
    return post(
        community_id=transfer.community_id,
        debit=transfer.credit_id,
        credit=transfer.debit_id,
        minutes=transfer.minutes,
        kind=TransferKind.REVERSAL,
        source=f"transfer:{transfer.seq}",
        reverses=transfer.seq,
        idem=idem or ("reverse", str(transfer.seq)),
        actor=actor,
        approver=approver,
        note=reason,
    )


def correct(credit: Transfer, minutes: int, *, source: str, reason: str, **asked: Unpack[Asked]) -> Transfer:
    """Reverse a credit and post the record's new version in one step.

    Between the two the account may stand below its limit, because its holder may have spent what is only re-counted
    here; after them it may not: what is no longer there is taken back or advanced before (``owing``).
    """
    lock(credit.community_id)
    account = db.session.get_one(Account, credit.credit_id, populate_existing=True)
    limit = account.limit_minutes or 0
    if not queries.is_reversed(credit.seq) and account.balance + limit < credit.minutes - minutes:
        raise refusals.short(account.balance + limit, credit.minutes - minutes)
    asked["note"] = reason
    with db.session.begin_nested():
        account.limit_minutes = limit + credit.minutes
        reverse(credit, asked["actor"], reason, approver=asked.get("approver"))
        posted = post(
            community_id=credit.community_id,
            debit=credit.debit_id,
            credit=credit.credit_id,
            minutes=minutes,
            kind=credit.kind,
            source=source,
            **asked,
        )
        account.limit_minutes = limit
    return posted


def _post_from(payer: AccountKind, account: int, minutes: int, kind: TransferKind, asked: Asked, *, source: str) -> Transfer:
    """Post from one of the community's own accounts."""
    community_id = _community_of(account)
    debit = system_account(community_id, payer).id
    return post(community_id=community_id, debit=debit, credit=account, minutes=minutes, kind=kind, source=source, **asked)


def _post_to(payee: AccountKind, account: int, minutes: int, kind: TransferKind, asked: Asked, *, source: str) -> Transfer:
    """Post to one of the community's own accounts."""
    community_id = _community_of(account)
    credit = system_account(community_id, payee).id
    return post(community_id=community_id, debit=account, credit=credit, minutes=minutes, kind=kind, source=source, **asked)


def _refuse_malformed(effect: _Effect, asked: Asked) -> None:
    """Refuse what no state of the book could make right."""
    if type(effect.minutes) is not int or not 1 <= effect.minutes <= MOST_MINUTES:
        raise refusals.bad_minutes()
    if effect.kind in CREDITS and effect.minutes > MOST_CREDIT:
        raise refusals.too_much_for_a_day()
    approver, note = asked.get("approver"), asked.get("note")
    if approver == asked["actor"] or (effect.kind in BY_TWO and not (approver and note)):
        raise refusals.not_two_people()


def lock(community_id: int) -> None:
    """Let nobody else post in this community until the write unit ends; SQLite's write unit is alone already."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_LOCK, community_id)))


def _community_of(account_id: int) -> int:
    """Return the community of an account."""
    community_id = db.session.scalar(select(Account.community_id).where(Account.id == account_id))
    if community_id is None:
        raise refusals.wrong_way()
    return community_id


def _replayed(idem: tuple[str, str], effect: _Effect) -> Transfer | None:
    """Return the transfer this key has already made; refuse when it did something else."""
    first = queries.by_key(*idem)
    if first is None:
        return None
    if any(getattr(first, name) != value for name, value in asdict(effect).items()):
        raise refusals.key_reused()
    return first


def _refuse_broken(effect: _Effect) -> None:
    """Refuse, in words, what the triggers would refuse without."""
    if effect.kind is TransferKind.REVERSAL:
        _refuse_reversal(effect)
    else:
        _refuse_direction(effect)
    if effect.kind in CREDITS and queries.is_credited(effect.source):
        raise refusals.already_credited()
    _refuse_part(effect)
    if effect.kind in {*PASSED_ON, TransferKind.HOLD} and (debt := claims.owed_by(effect.debit_id)):
        raise refusals.owing(debt)
    balance, limit = db.session.execute(select(Account.balance, Account.limit_minutes).where(Account.id == effect.debit_id)).one()
    if limit is not None and balance + limit < effect.minutes:
        raise refusals.short(balance + limit, effect.minutes)


def _refuse_part(effect: _Effect) -> None:
    """Refuse more of a hold, a claim, or of what was passed on, than is still open of it."""
    if effect.kind in OF_HOLD and effect.hold_seq is not None and queries.is_resolved(effect.hold_seq, effect.kind):
        raise refusals.resolved()
    if effect.kind in {*OF_HOLD, *OF_CLAIM} and (left := queries.open_minutes(effect.hold_seq or 0)) < effect.minutes:
        raise refusals.hold_spent(left, effect.minutes) if effect.kind in OF_HOLD else refusals.claim_settled(left, effect.minutes)
    if effect.kind is TransferKind.TAKE_BACK and (left := claims.left_under(effect.source, effect.debit_id)) < effect.minutes:
        raise refusals.taken_back(left, effect.minutes)


def _refuse_direction(effect: _Effect) -> None:
    """Refuse accounts that do not go together, or of two communities."""
    own = select(Account.kind).where(Account.community_id == effect.community_id)
    debit_kind = db.session.scalar(own.where(Account.id == effect.debit_id))
    credit_kind = db.session.scalar(own.where(Account.id == effect.credit_id))
    if effect.debit_id == effect.credit_id or (debit_kind, credit_kind) not in DIRECTIONS[effect.kind]:
        raise refusals.wrong_way()


def _refuse_reversal(effect: _Effect) -> None:
    """Refuse the second reversal of a transfer, that of what stays, and that of what was taken back in part."""
    target = db.session.get_one(Transfer, effect.reverses)
    if target.kind in LASTING or claims.is_taken_back(target.seq):
        raise refusals.not_reversible()
    if db.session.scalar(select(exists().where(Transfer.reverses == target.seq))):
        raise refusals.already_reversed()


def _sealed(effect: _Effect, asked: Asked) -> Transfer:
    """Return the transfer that continues the community's chain, sealed."""
    transfer = Transfer(
        seq=_next_seq(),
        **asdict(effect),
        idem_scope=asked["idem"][0],
        idem_key=asked["idem"][1],
        actor=asked["actor"],
        approver=asked.get("approver"),
        note=asked.get("note"),
        at=clock.now(),
        prev_hash=queries.chain_head(effect.community_id).hash,
    )
    sealed = {name: getattr(transfer, name) for name in chain.SEALED} | {"at": chain.sealed_instant(transfer.at)}
    transfer.hash = chain.digest(list(sealed.values()))
    return transfer


def _next_seq() -> int:
    """Return the next number of the log: it is sealed, so it must be known before the row is written."""
    if db.session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(Transfer.__tablename__, "seq")
        return int(db.session.execute(select(func.nextval(sequence))).scalar_one())
    return (db.session.scalar(select(func.max(Transfer.seq))) or 0) + 1


def _forget_balances(*account_ids: int) -> None:
    """Let the session read again what the trigger has moved."""
    for account_id in account_ids:
        if (account := db.session.identity_map.get(identity_key(Account, account_id))) is not None:
            db.session.expire(account, ["balance", "last_seq"])
