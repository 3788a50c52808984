"""What on a certificate waits for a second person: a remark that nobody has agreed to yet, another document's ending.

Hours stand on a certificate from the record alone, so a certificate without a new remark needs nobody else.
"""

from dataclasses import asdict, fields
from datetime import date

from timebank.access.models import User
from timebank.certificates import actions, queries
from timebank.certificates.actions import Wishes
from timebank.certificates.models import Certificate
from timebank.db import db
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown, or_nothing
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Pair, Sentence
from timebank.visits.actions.kin import why_not
from timebank.volunteers.models import Volunteer


def ask_for_certificate(
    volunteer: Volunteer, start: date, end: date, by: User, wishes: Wishes, *, replaces: int | None = None
) -> Certificate | Proposal:
    """Issue a certificate at once; with a remark that nobody has agreed to yet, or another document's ending, it waits for a second person."""
    standing, asked = actions.may_issue(volunteer, start, end, by, wishes, replaces=replaces)
    if asked.remarks == Wishes.on(standing).remarks and not _is_anothers(volunteer, asked.id_last4):
        return actions.issue_certificate(volunteer, start, end, by, wishes, replaces=replaces)
    terms = asdict(wishes) | {"start": start.isoformat(), "end": end.isoformat(), "replaces": standing.id if standing else None}
    return proposals.propose(Kind.REMARK, volunteer.community_id, f"volunteer:{volunteer.id}", terms, by)


def _is_anothers(volunteer: Volunteer, ending: str) -> bool:
    """Say whether the ending of a document differs from those on every earlier certificate of somebody that has one."""
    known = {each.content["id_last4"] for each in queries.certificates_of(volunteer)} - {""}
    return bool(ending) and bool(known) and ending not in known


def _carry_remark(proposal: Proposal, _by: User | None) -> None:
    """Issue the certificate with the remark that two people stand for, in the name of whoever asked."""
    terms = proposal.terms
    wishes = Wishes(**{each.name: terms[each.name] for each in fields(Wishes)})
    start, end = date.fromisoformat(terms["start"]), date.fromisoformat(terms["end"])
    actions.issue_certificate(volunteer_of(proposal), start, end, proposal.proposer, wishes, replaces=terms["replaces"])


def _show_remark(proposal: Proposal) -> Shown:
    """Return a certificate with a remark in words."""
    terms, name = proposal.terms, volunteer_of(proposal).name
    standing = db.session.get(Certificate, terms["replaces"]) if terms["replaces"] else None
    before = Wishes.on(standing).remarks
    period = f"{terms['start']} – {terms['end']}"
    changes: list[Change] = []
    title = Sentence("%(name)s：%(period)s 的服务证明，带备注", name=name, period=period)
    if terms["remarks"] != before:
        changes.append(Change(Sentence.of("certificates", "备注"), or_nothing(before), (terms["remarks"],) * 2))
    else:
        title = Sentence("%(name)s：%(period)s 的服务证明，换了证件尾号", name=name, period=period)
    if _is_anothers(volunteer_of(proposal), terms["id_last4"]):
        known = [each.content["id_last4"] for each in queries.certificates_of(volunteer_of(proposal)) if each.content["id_last4"]]
        changes.append(Change(Sentence.of("certificates", "证件尾号"), (known[0],) * 2, (terms["id_last4"],) * 2))
    return Shown(title, tuple(changes))


def volunteer_of(proposal: Proposal) -> Volunteer:
    """Return whom a proposal is about."""
    return db.session.get_one(Volunteer, proposal.about)


def not_their_own(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide: it is about themselves or their family."""
    return why_not(by, volunteer_of(proposal))


carriers.register(Kind.REMARK, Carrier(_carry_remark, _show_remark, not_their_own))
