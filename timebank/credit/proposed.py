"""What of the time account waits for a second person: changed rules, and grants above the catalogue's."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.credit import actions, queries, rules
from timebank.db import db
from timebank.elders.models import Elder
from timebank.ledger import actions as ledger
from timebank.ledger import queries as book
from timebank.ledger.models import Transfer
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal, State
from timebank.proposals.queries import waiting_on
from timebank.sentences import Sentence

USUAL = rules.terms({})
"""The rules as the catalogue has them."""


def propose_settings(community_id: int, given: Mapping[str, str], by: User) -> Proposal | None:
    """Ask for other rules; None when nothing would change, Invalid when a number may not be set."""
    changed = actions.changed_settings(community_id, given)
    if not changed:
        return None
    before = asdict(queries.terms_of(community_id))
    terms = {name: [str(before[name]), given[name]] for name in changed}
    return proposals.propose(Kind.CREDIT_RULES, community_id, f"community:{community_id}", terms, by)


def grant(elder: Elder, minutes: int, *, key: str, by: User) -> Transfer | Proposal:
    """Grant a priority elder minutes; above the catalogue's monthly grant, or to whom one made one's own, it waits for a second person."""
    ledger.lock(elder.community_id)  # of two at one moment the second reads what the first has given
    month = clock.today()
    account = queries.account_of(elder)
    given = book.granted(account.id, queries.grant_source(month)) if account is not None else 0
    usual = given + minutes <= USUAL.grant_month and not _rests_on(elder, by)
    if usual or book.by_key("grant", key) is not None:
        return actions.grant(elder, minutes, key=key, actor=f"user:{by.id}")
    actions.may_grant(elder, minutes)
    terms = {"minutes": minutes, "given": given, "month": f"{month:%Y-%m}"}
    return proposals.propose(Kind.GRANT, elder.community_id, f"elder:{elder.id}", terms, by)


def _rests_on(elder: Elder, by: User) -> bool:
    """Say whether somebody wrote down last what makes an elder a priority one, and nobody else has looked at it or granted since.

    A vouch of that same hand is no second look.
    """
    noted = audit.newest_first("elder", elder.id, verbs={"vouch"}, fields={"level", "birth_year", "lives_alone"})
    told = next((row for row in noted if row.verb != "vouch" or not one_hand.is_one(audit.hand_in(row), by)), None)
    if told is None or told.verb == "vouch" or not one_hand.is_one(audit.hand_in(told), by):
        return False
    agreed = (Proposal.kind == Kind.GRANT, Proposal.subject == f"elder:{elder.id}", Proposal.state == State.AGREED)
    return db.session.scalar(select(Proposal.id).where(*agreed, Proposal.proposed_at >= told.at).limit(1)) is None


def grant_month(community_id: int, by: User) -> tuple[int, int]:
    """Grant every priority elder what is left of the month; return how many got it and how many wait for a second person."""
    month, done, waiting = clock.today(), 0, 0
    for each in queries.due_grants(community_id, month):
        key = f"{each.elder.id}:{month:%Y-%m}:{each.granted}"
        if waiting_on(Kind.GRANT, f"elder:{each.elder.id}"):
            continue
        made = grant(each.elder, each.left, key=key, by=by)
        done, waiting = done + isinstance(made, Transfer), waiting + isinstance(made, Proposal)
    return done, waiting


def _carry_settings(proposal: Proposal, _by: User | None) -> None:
    """Set the rules that two people stand for."""
    given = {name: after for name, (_before, after) in proposal.terms.items()}
    actions.change_settings(proposal.community_id, given, proposal.proposer)


def _show_settings(proposal: Proposal) -> Shown:
    """Return changed rules in words."""
    names = {line.setting: (f"{line.code} {line.name}", f"{line.code} {line.name_en}") for line in rules.catalogue()}
    changes = (Change(names[name], rules.words_of(before), rules.words_of(after)) for name, (before, after) in proposal.terms.items())
    return Shown(Sentence("时间账户规则"), tuple(changes))


def _carry_grant(proposal: Proposal, by: User | None) -> None:
    """Grant what two people stand for."""
    elder = db.session.get_one(Elder, proposal.about)
    approver = f"user:{by.id}" if by is not None else None
    actions.grant(elder, proposal.terms["minutes"], key=f"proposal:{proposal.id}", actor=f"user:{proposal.proposed_by}", approver=approver)


def _show_grant(proposal: Proposal) -> Shown:
    """Return a grant in words."""
    elder, terms = db.session.get_one(Elder, proposal.about), proposal.terms
    month, total = terms["month"], terms["given"] + terms["minutes"]
    named = Sentence("%(month)s 的补助，共", month=month)
    changes = (Change(named, Sentence("%(terms)s 分钟", terms=terms["given"]), Sentence("%(total)s 分钟", total=total)),)
    return Shown(Sentence("%(name)s：超过规则默认数的补助", name=elder.name), changes)


carriers.register(Kind.CREDIT_RULES, Carrier(_carry_settings, _show_settings))
carriers.register(Kind.GRANT, Carrier(_carry_grant, _show_grant))
