"""Credit that is corrected and no longer there: taken back from where it went as far as it still lies there, else owed (欠回).

The record is another book and never waits for any of this. In order: what went to the pool above the largest balance comes back
from the pool, which owes what it has passed on; then what the holder has; then what they gave to the pool, as far as it is there;
then what they gave to an elder, as far as it is neither spent nor set aside, the oldest minutes counting as spent first. What is
left is a claim on the holder, of a group on the pool, and whatever comes in there settles it, the oldest claim first.
"""

from dataclasses import dataclass

from timebank.ledger import actions as ledger
from timebank.ledger import claims, owing
from timebank.ledger import queries as book
from timebank.ledger.models import Transfer, TransferKind

BY_RULE = "clock"


@dataclass(frozen=True, slots=True)
class Correction:
    """Why minutes are taken back: ``source`` names the record's new version, ``credits`` what all earlier ones were credited with."""

    source: str
    credits: tuple[int, ...]
    actor: str
    reason: str

    def asked(self, about: int, community_id: int) -> ledger.Asked:
        """Return who asks for a transfer that follows, under a key of its own."""
        head = book.chain_head(community_id).seq
        return ledger.Asked(idem=(self.source, f"{about}:{head}"), actor=self.actor, note=self.reason)


def make_available(credit: Transfer, less: int, why: Correction) -> None:
    """See that an account has the minutes by which its credit becomes less, so that the correction of the record can be posted."""
    ledger.lock(credit.community_id)
    account, since, capped = credit.credit_id, min(why.credits), 0
    for seq in sorted(why.credits, reverse=True):
        capped += _from_cap(seq, less - capped, why)
    _from_pool(account, _lacking(account, less), since, why)
    _from_elders(account, _lacking(account, less), since, why)
    _owe(credit.community_id, account, _lacking(account, less), why)


def _lacking(account: int, minutes: int) -> int:
    """Return what of some minutes an account does not have."""
    return max(0, minutes - book.balance(account))


def _from_cap(seq: int, wanted: int, why: Correction) -> int:
    """Take back what a credit sent to the pool above the largest balance; the pool owes what it lacks. Return the minutes."""
    given = book.by_key("cap", str(seq))
    minutes = 0 if given is None else min(wanted, claims.left_under(f"transfer:{given.seq}", given.credit_id))
    if given is None or minutes < 1:
        return 0
    _owe(given.community_id, given.credit_id, _lacking(given.credit_id, minutes), why)
    owing.take_back(given, minutes, **why.asked(given.seq, given.community_id))
    return minutes


def _from_pool(account: int, wanted: int, since: int, why: Correction) -> None:
    """Take back what an account gave to the pool, the newest first, as far as the pool has it."""
    for given, left in claims.left_of(account, TransferKind.DONATE, since):
        minutes = min(wanted, left, book.balance(given.credit_id))
        if minutes > 0:
            owing.take_back(given, minutes, **why.asked(given.seq, given.community_id))
            wanted -= minutes


def _from_elders(account: int, wanted: int, since: int, why: Correction) -> None:
    """Take back what an account gave to elders, the newest first, as far as it lies there or went on to the pool."""
    for gift, left in claims.left_of(account, TransferKind.GIFT, since):
        minutes = min(wanted, _lying(gift, left))
        if minutes > 0:
            _from_pool(gift.credit_id, _lacking(gift.credit_id, minutes), gift.seq, why)
            owing.take_back(gift, minutes, **why.asked(gift.seq, gift.community_id))
            wanted -= minutes


def _lying(gift: Transfer, left: int) -> int:
    """Return what of a gift is neither spent nor set aside: what came later is spent later; what was passed on to the pool lies there."""
    passed_on = claims.left_of(gift.credit_id, TransferKind.DONATE, gift.seq)
    pool = book.balance(passed_on[0][0].credit_id) if passed_on else 0
    there = book.balance(gift.credit_id) + min(pool, sum(minutes for _given, minutes in passed_on))
    return min(left, max(0, there - claims.came_after(gift.credit_id, gift.seq)))


def _owe(community_id: int, account: int, minutes: int, why: Correction) -> None:
    """Advance what is not there any more: a claim that stays until it is paid back or written off."""
    if minutes > 0:
        owing.advance(community_id, account, minutes, source=why.source, **why.asked(account, community_id))


def settle(came: Transfer) -> None:
    """R18: Pay back what an account owes from what has just come in, the oldest claim first."""
    account = came.credit_id
    if not claims.owed_by(account):
        return
    ledger.lock(came.community_id)
    for claim in claims.claims(account=account, still_open=True):
        minutes = min(claim.open, book.balance(account))
        if minutes > 0:
            key = ("repay", f"{claim.advance.seq}:{book.chain_head(came.community_id).seq}")
            owing.repay(claim.advance, minutes, idem=key, actor=BY_RULE, note="R18")
