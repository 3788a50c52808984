"""How long a kind of service takes, and what of it is credited at most: every minute rests on these, so two people stand for a change."""

from timebank.access.models import User
from timebank.catalogue import actions
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Pair, Sentence

NO_CAP: Pair = Sentence("没有上限")


def propose_minutes(kind: ServiceKind, community_id: int, minutes: int, credit_cap: int | None, by: User) -> Proposal | None:
    """Ask for another length or another cap of a kind; None when nothing would change."""
    if (kind.minutes, kind.credit_cap) == (minutes, credit_cap):
        return None
    terms = {"minutes": [kind.minutes, minutes], "credit_cap": [kind.credit_cap, credit_cap]}
    return proposals.propose(Kind.SERVICE_KIND, community_id, f"service_kind:{kind.id}", terms, by)


def _carry(proposal: Proposal, _by: User | None) -> None:
    """Set what two people stand for."""
    terms = proposal.terms
    actions.set_minutes(db.session.get_one(ServiceKind, proposal.about), proposal.community_id, terms["minutes"][1], terms["credit_cap"][1])


def _show(proposal: Proposal) -> Shown:
    """Return another length or cap in words."""
    kind = db.session.get_one(ServiceKind, proposal.about)
    names: dict[str, Pair] = {"minutes": Sentence("一次多少分钟"), "credit_cap": Sentence("最多计入")}
    changes = (Change(names[name], _said(before), _said(after)) for name, (before, after) in proposal.terms.items() if before != after)
    return Shown(Sentence("%(kind)s：时长和计入上限", kind=kind.words), tuple(changes))


def _said(minutes: int | None) -> Pair:
    """Return minutes in words."""
    return Sentence("%(minutes)s 分钟", minutes=minutes) if minutes is not None else NO_CAP


carriers.register(Kind.SERVICE_KIND, Carrier(_carry, _show))
