"""What on official papers waits for a second person: a remark, an award, another issuer, a number of the national system put right.

Hours stand on a certificate from the record alone, so a certificate without a new remark needs nobody else.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date

from timebank import audit
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Pair, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.recognition import actions, awards, queries
from timebank.recognition.actions import Wishes
from timebank.recognition.models import Award, Certificate
from timebank.visits.actions.kin import why_not
from timebank.volunteers.models import Volunteer

ISSUER: dict[str, Pair] = {
    "issuer": ("记录单位", "Recorded by"),
    "issuer_code": ("统一社会信用代码", "Unit code"),
    "phone": ("电话", "Telephone"),
    "responsible": ("负责人", "In charge"),
}
NOTHING: Pair = ("（没有）", "(none)")


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
    actions.issue_certificate(_volunteer(proposal), start, end, proposal.proposer, wishes, replaces=terms["replaces"])


def _show_remark(proposal: Proposal) -> Shown:
    """Return a certificate with a remark in words."""
    terms, name = proposal.terms, _volunteer(proposal).name
    standing = db.session.get(Certificate, terms["replaces"]) if terms["replaces"] else None
    before = Wishes.on(standing).remarks
    period = f"{terms['start']} – {terms['end']}"
    changes: list[Change] = []
    title = (f"{name}：{period} 的服务证明，带备注", f"{name}: a certificate of {period} with a remark")
    if terms["remarks"] != before:
        changes.append(Change(("备注", "Remark"), _or_nothing(before), (terms["remarks"],) * 2))
    else:
        title = (f"{name}：{period} 的服务证明，换了证件尾号", f"{name}: a certificate of {period} with another document ending")
    if _is_anothers(_volunteer(proposal), terms["id_last4"]):
        known = [each.content["id_last4"] for each in queries.certificates_of(_volunteer(proposal)) if each.content["id_last4"]]
        changes.append(Change(("证件尾号", "Document ending"), (known[0],) * 2, (terms["id_last4"],) * 2))
    return Shown(title, tuple(changes))


def _or_nothing(said: str) -> Pair:
    """Return words as they stand, or that there are none."""
    return (said, said) if said else NOTHING


def propose_award(volunteer: Volunteer, name: str, day: date, given_by: str, by: User) -> Proposal:
    """Ask for an award to be noted; it goes to the national system and onto the volunteer's page once a second person agrees."""
    awards.may_note(volunteer, name, day)
    terms = {"name": name, "day": day.isoformat(), "given_by": given_by}
    return proposals.propose(Kind.AWARD, volunteer.community_id, f"volunteer:{volunteer.id}:{day}", terms, by)


def _carry_award(proposal: Proposal, _by: User | None) -> None:
    """Note the award that two people stand for."""
    award = _award(proposal)
    awards.note_award(_volunteer(proposal), award.name, award.day, award.given_by, proposal.proposer)


def _award(proposal: Proposal) -> Award:
    """Return what is asked for, as the award it would be."""
    terms = proposal.terms
    return Award(name=terms["name"], day=date.fromisoformat(terms["day"]), given_by=terms["given_by"])


def _show_award(proposal: Proposal) -> Shown:
    """Return an award in words."""
    award, name = _award(proposal), _volunteer(proposal).name
    said = f"{award.name}，{award.day}，{award.given_by}"
    said_en = f"{award.name}, {award.day}, {award.given_by}"
    return Shown((f"{name}：登记一项表彰", f"{name}: an award to be noted"), (Change(("表彰", "Award"), NOTHING, (said, said_en)),))


def hold_back_issuer(community: Community, wanted: Mapping[str, str]) -> bool:
    """Ask for another name, code, telephone or head of the unit that stands on every paper; say whether that waits now.

    What the machine's own commands change takes effect at once.
    """
    terms = {name: [getattr(community, name), wanted[name]] for name in ISSUER if getattr(community, name) != wanted[name]}
    by = audit.acting_user()
    if by is None or not terms:
        return False
    subject = f"community:{community.id}"
    if waiting_on(Kind.ISSUER, subject) is None:
        proposals.propose(Kind.ISSUER, community.id, subject, terms, db.session.get_one(User, by))
    return True


def _carry_issuer(proposal: Proposal, _by: User | None) -> None:
    """Change the unit on the papers to come as two people stand for; Conflict when it has changed since it was asked for."""
    community = db.session.get_one(Community, proposal.about)
    if any(getattr(community, name) != before for name, (before, _after) in proposal.terms.items()):
        raise _changed_since()
    with audit.changing("change_issuer", community):
        for name, (_before, after) in proposal.terms.items():
            setattr(community, name, after)


def _show_issuer(proposal: Proposal) -> Shown:
    """Return another issuer in words."""
    changes = (Change(ISSUER[name], *map(_or_nothing, pair)) for name, pair in proposal.terms.items())
    return Shown(("证明和对账单上的记录单位", "The unit on certificates and statements"), tuple(changes))


def _volunteer(proposal: Proposal) -> Volunteer:
    """Return whom a proposal is about."""
    return db.session.get_one(Volunteer, proposal.about)


def _not_their_own(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide: it is about themselves or their family."""
    return why_not(by, _volunteer(proposal))


def _changed_since() -> Conflict:
    """Return the refusal of what is no longer as it was when it was asked for."""
    return Conflict(
        "提请以后这里改过了。请不同意这一件，按现在的再提。",
        "This has changed since it was asked for. Refuse it and ask anew.",
    )


carriers.register(Kind.REMARK, Carrier(_carry_remark, _show_remark, _not_their_own))
carriers.register(Kind.AWARD, Carrier(_carry_award, _show_award, _not_their_own))
carriers.register(Kind.ISSUER, Carrier(_carry_issuer, _show_issuer))
