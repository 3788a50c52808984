"""Another unit on the papers to come, its code, telephone or head, waits for a second person."""

from collections.abc import Mapping

from timebank import audit
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown, or_nothing
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.sentences import Pair, Sentence

ISSUER: dict[str, Pair] = {
    "issuer": Sentence("记录单位"),
    "issuer_code": Sentence("统一社会信用代码"),
    "phone": Sentence.of("certificates", "电话"),
    "responsible": Sentence("负责人"),
}


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
    changes = (Change(ISSUER[name], *map(or_nothing, pair)) for name, pair in proposal.terms.items())
    return Shown(Sentence("证明和对账单上的记录单位"), tuple(changes))


def _changed_since() -> Conflict:
    """Return the refusal of what is no longer as it was when it was asked for."""
    return Conflict("提请以后这里改过了。请不同意这一件，按现在的再提。")


carriers.register(Kind.ISSUER, Carrier(_carry_issuer, _show_issuer))
