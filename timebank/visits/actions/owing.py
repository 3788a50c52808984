"""What is owed (欠回) after corrections, and giving it up: only with a reason and by two people, none of them its holder or their family."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.ledger import claims, owing
from timebank.ledger.claims import Claim
from timebank.ledger.refusals import spoken
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Pair, Sentence, the_day
from timebank.visits.actions.correcting import bar
from timebank.visits.models import ServiceRecord


@dataclass(frozen=True, slots=True)
class Debt:
    """A claim with the corrected version of the record it comes from; ``by_pool`` says that the pool owes it, not the volunteer."""

    claim: Claim
    record: ServiceRecord

    @property
    def by_pool(self) -> bool:
        """Whether the pool owes it: a group's minutes, or those above somebody's largest balance."""
        return self.claim.advance.credit_id != self.record.volunteer.account_id


def debts(found: Iterable[Claim]) -> list[Debt]:
    """Return claims with the records they come from."""
    listed = list(found)
    rows = select(ServiceRecord).where(ServiceRecord.id.in_([_record_of(each) for each in listed]))
    whole = (joinedload(ServiceRecord.volunteer), joinedload(ServiceRecord.kind))
    records = {each.id: each for each in db.session.scalars(rows.options(*whole))}
    return [Debt(each, records[_record_of(each)]) for each in listed]


def _record_of(claim: Claim) -> int:
    """Return the number of the version whose correction made a claim."""
    return int(claim.advance.source.partition(":")[2])


def subject_of(claim: Claim) -> str:
    """Return how a proposal names a claim."""
    return f"claim:{claim.advance.seq}"


def propose_write_off(debt: Debt, reason: str, by: User) -> Proposal:
    """Ask for a claim to be given up; a second person decides. Whoever owes it, or their family, has no say."""
    if not reason.strip():
        raise Invalid("请写为什么核销，另一位同事要看得懂。", fields={"reason": Sentence("请写为什么核销。")})
    _must_be_open(debt.claim)
    if (why := _barred(debt, by)) is not None:
        raise Conflict(why)
    terms = {"minutes": debt.claim.open}
    return proposals.propose(Kind.WRITE_OFF, debt.record.community_id, subject_of(debt.claim), terms, by, reason=reason)


def _must_be_open(claim: Claim) -> None:
    """Refuse to give up what is not owed any more."""
    if not claim.open:
        raise Conflict("这一笔已经还清或核销了，没有可核销的。")


def _barred(debt: Debt, by: User) -> Pair | None:
    """Return why somebody has no say about a claim, in both languages: it is their own, or their family's."""
    if bar(debt.record, by) is None:
        return None
    return Sentence("这一笔是你自己或者亲属欠的，要由另一位同事来办。")


def _debt(proposal: Proposal) -> Debt:
    """Return the claim a proposal is about."""
    return debts(each for each in claims.claims(proposal.community_id) if each.advance.seq == proposal.about)[0]


def _carry(proposal: Proposal, by: User | None) -> None:
    """Write off what is still open of a claim, in the names of two people."""
    claim = _debt(proposal).claim
    _must_be_open(claim)
    approver = f"user:{by.id}" if by is not None else None
    owing.write_off(
        claim.advance,
        claim.open,
        idem=("write_off", f"proposal:{proposal.id}"),
        actor=f"user:{proposal.proposed_by}",
        approver=approver,
        note=f"proposal:{proposal.id}",
    )


def _show(proposal: Proposal) -> Shown:
    """Return a write-off in words."""
    debt = _debt(proposal)
    name, day = debt.record.volunteer.name, debt.record.day
    owes = spoken(proposal.terms["minutes"])
    return Shown(
        Sentence("%(name)s %(day)s的更正：核销欠回", name=name, day=the_day(day)),
        (Change(Sentence("欠回"), owes, spoken(0)),),
    )


def _why_not_decide(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide on a write-off."""
    return _barred(_debt(proposal), by)


carriers.register(Kind.WRITE_OFF, Carrier(_carry, _show, _why_not_decide))
