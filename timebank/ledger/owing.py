"""What follows when a credit is corrected that its holder no longer has: it is taken back from where it went, else it is owed.

A claim (欠回) is a transfer itself: an advance from the community's account of what is owed, to whoever lacks the minutes.
Its parts are transfers that name it: paid back by its holder, or written off by two people. So every open claim is a sum, and
all of them together are what the account of what is owed stands below zero; ``verify`` compares the two.
"""

from typing import Unpack

from timebank.ledger.actions import Asked, post, system_account
from timebank.ledger.models import AccountKind, Transfer, TransferKind


def take_back(given: Transfer, minutes: int, **asked: Unpack[Asked]) -> Transfer:
    """Take minutes of a gift or donation back to whoever gave them; what of it still lies there is settled above the ledger."""
    return post(
        community_id=given.community_id,
        debit=given.credit_id,
        credit=given.debit_id,
        minutes=minutes,
        kind=TransferKind.TAKE_BACK,
        source=f"transfer:{given.seq}",
        **asked,
    )


def advance(community_id: int, account: int, minutes: int, *, source: str, **asked: Unpack[Asked]) -> Transfer:
    """Advance minutes to an account that lacks them: from now on it owes them."""
    owed = system_account(community_id, AccountKind.OWED).id
    return post(community_id=community_id, debit=owed, credit=account, minutes=minutes, kind=TransferKind.ADVANCE, source=source, **asked)


def repay(claim: Transfer, minutes: int, **asked: Unpack[Asked]) -> Transfer:
    """Pay back minutes of a claim from the account that owes them."""
    return _part(claim, claim.credit_id, minutes, TransferKind.REPAY, asked)


def write_off(claim: Transfer, minutes: int, **asked: Unpack[Asked]) -> Transfer:
    """Give up minutes of a claim, with a reason (``note``) and an ``approver``: the community issues them after all."""
    return _part(claim, system_account(claim.community_id, AccountKind.ISSUED).id, minutes, TransferKind.WRITE_OFF, asked)


def _part(claim: Transfer, payer: int, minutes: int, kind: TransferKind, asked: Asked) -> Transfer:
    """Post a part of a claim."""
    return post(
        community_id=claim.community_id,
        debit=payer,
        credit=claim.debit_id,
        minutes=minutes,
        kind=kind,
        source=claim.source,
        hold_seq=claim.seq,
        **asked,
    )
