"""Verbs of four eyes: one person proposes, another agrees or refuses; what has a wait is carried out when that is over."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.db import db
from timebank.errors import Conflict, Invalid, Refusal
from timebank.notices.actions import carries, notify
from timebank.proposals import carriers, queries
from timebank.proposals.models import Kind, Proposal, State


def propose(
    kind: Kind, community_id: int, subject: str, terms: Mapping[str, object], by: User, *, reason: str = "", due_at: datetime | None = None
) -> Proposal:
    """Ask for something that needs a second person; Conflict while the same thing waits already. The colleagues are told."""
    if queries.waiting_on(kind, subject) is not None:
        raise Conflict(
            "这件事已经有人提请过，正在等另一位同事核准。在“等第二人核准”里定了以后再改。",
            "This has been asked for already and waits for a colleague. Change it again once it is decided under To approve.",
        )
    made = Proposal(
        community_id=community_id,
        kind=kind,
        subject=subject,
        sealed_terms=json.dumps(dict(terms), ensure_ascii=False),
        reason=reason.strip(),
        proposed_by=by.id,
        proposed_at=clock.now(),
        due_at=due_at,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("propose", "proposal", made.id, kind=kind.value, about=subject)
    for colleague in users_with(Role.COORDINATOR, community_id):
        if colleague.id != by.id:
            notify(colleague.id, "second")
    return made


def lapse_after(wait: timedelta) -> datetime | None:
    """Return when something takes effect that nobody objects to; never by itself where messages are left to the desk to pass on."""
    return clock.now() + wait if carries() else None


def agree(proposal: Proposal, by: User) -> None:
    """Agree to what somebody else asked for: it is carried out in this write unit, with both names on it."""
    _must_wait(proposal)
    _may_decide(proposal, by)
    proposal.state, proposal.decided_by, proposal.decided_at = State.AGREED, by.id, clock.now()
    db.session.flush()
    carriers.of(proposal.kind).carry(proposal, by)
    audit.record("agree", "proposal", proposal.id, kind=proposal.kind.value, about=proposal.subject, proposed_by=proposal.proposed_by)


def refuse(proposal: Proposal, by: User, decision: str) -> None:
    """Refuse what somebody else asked for, for a reason that stays; nothing of it happens."""
    _must_wait(proposal)
    _may_decide(proposal, by)
    if not decision.strip():
        raise Invalid(
            "请写为什么不同意，提请的同事要看得懂。",
            "Say why not, so that whoever asked can follow.",
            fields={"decision": ("请写为什么不同意。", "Say why not.")},
        )
    proposal.state, proposal.decided_by, proposal.decided_at = State.REFUSED, by.id, clock.now()
    proposal.decision = decision.strip()
    audit.record("refuse", "proposal", proposal.id, kind=proposal.kind.value, about=proposal.subject)


def withdraw(proposal: Proposal, by: User) -> None:
    """Take back what one has asked for oneself."""
    _must_wait(proposal)
    if proposal.proposed_by != by.id:
        raise Conflict("只有提请的人能撤回。不同意就写明原因。", "Only who asked can take it back. To refuse it, say why.")
    proposal.state, proposal.decided_at = State.WITHDRAWN, clock.now()
    audit.record("withdraw", "proposal", proposal.id, kind=proposal.kind.value)


def carry_due() -> int:
    """Carry out what nobody refused within its wait; say how many. What the rules refuse by now stays to be decided."""
    done = 0
    for proposal in queries.due():
        try:
            with db.session.begin_nested():
                proposal.state, proposal.decided_at = State.ELAPSED, clock.now()
                db.session.flush()
                carriers.of(proposal.kind).carry(proposal, None)
                audit.record("elapse", "proposal", proposal.id, kind=proposal.kind.value, about=proposal.subject)
        except Refusal:
            continue
        done += 1
    return done


def _must_wait(proposal: Proposal) -> None:
    """Refuse to decide twice, also when somebody else decided a moment ago."""
    db.session.execute(select(Proposal.id).where(Proposal.id == proposal.id).with_for_update())
    db.session.refresh(proposal)
    if proposal.state is not State.PENDING:
        raise Conflict("这一件已经有人定过了，结果在下面的列表里。", "Somebody has decided on this already; the list shows how.")


def _may_decide(proposal: Proposal, by: User) -> None:
    """Refuse to decide on what one asked for oneself, or has a part in."""
    if (why := why_not(proposal, by)) is not None:
        raise Conflict(*why)


def why_not(proposal: Proposal, by: User) -> carriers.Pair | None:
    """Return why somebody may not decide on a proposal, in both languages; None when they may."""
    if proposal.proposed_by == by.id:
        return (
            "是你自己提请的，要由另一位同事来定。",
            "You asked for this yourself; a colleague has to decide on it.",
        )
    return carriers.of(proposal.kind).why_not(proposal, by)
