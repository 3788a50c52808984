"""Verbs of four eyes: one person proposes, another agrees or refuses; what has a wait is carried out when that is over."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.circles import STAFF
from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import Conflict, Invalid, Refusal
from timebank.notices.actions import carries, notify
from timebank.notices.queries import all_heard, told_and_heard
from timebank.proposals import carriers, queries
from timebank.proposals.models import OF_ALL, Kind, Proposal, State
from timebank.sentences import Pair, Sentence

AGREED_TO = Sentence("第二个人核准后")


def propose(
    kind: Kind,
    community_id: int,
    subject: str,
    terms: Mapping[str, object],
    by: User,
    *,
    reason: str = "",
    due_at: datetime | None = None,
    admins_too: bool = False,
) -> Proposal:
    """Ask for something that needs a second person; Conflict while the same thing waits already.

    The other coordinators are told, and the administrators where there are none, or where that is said; of what concerns every community all are.
    """
    if queries.waiting_on(kind, subject) is not None:
        raise Conflict("这件事已经有人提请过，正在等另一位同事核准。在“等第二人核准”里定了以后再改。")
    made = Proposal(
        community_id=community_id,
        kind=kind,
        subject=subject,
        sealed_terms=json.dumps(dict(terms), ensure_ascii=False),
        reason=reason.strip(),
        proposed_by=one_hand.maker(by),
        proposed_at=clock.now(),
        due_at=due_at,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("propose", "proposal", made.id, kind=kind.value, about=subject)
    everywhere = subject.startswith(f"{OF_ALL}:")
    for colleague in who_hears(community_id, by, everywhere=everywhere, admins_too=admins_too):
        notify(colleague.id, "second", about=asked_about(made))
    return made


def who_hears(community_id: int, by: User, *, everywhere: bool, admins_too: bool) -> list[User]:
    """Return who is told of what somebody asks for, none of whom could be the same hand; ``everywhere`` in all communities."""
    here = (User.community_id == community_id, User.community_id.is_(None))
    rows = select(User).where(User.role.in_(STAFF), User.active.is_(True)).order_by(User.id)
    if not everywhere:
        rows = rows.where(or_(*here))
    others = [each for each in db.session.scalars(rows) if not one_hand.is_one(each.id, by)]
    coordinators = [each for each in others if each.role is Role.COORDINATOR]
    return coordinators if coordinators and not admins_too else others


def lapse_after(wait: timedelta, community_id: int) -> datetime | None:
    """Return when something takes effect that nobody objects to; never by itself where messages are left to the desk to pass on."""
    return clock.now() + wait if carries(community_id) else None


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
        raise Invalid("请写为什么不同意，提请的同事要看得懂。", fields={"decision": Sentence("请写为什么不同意。")})
    proposal.state, proposal.decided_by, proposal.decided_at = State.REFUSED, by.id, clock.now()
    proposal.decision = decision.strip()
    audit.record("refuse", "proposal", proposal.id, kind=proposal.kind.value, about=proposal.subject)


def withdraw(proposal: Proposal, by: User) -> None:
    """Take back what one has asked for oneself."""
    _must_wait(proposal)
    if proposal.proposed_by != one_hand.maker(by):
        raise Conflict("只有提请的人能撤回。不同意就写明原因。")
    lay_down(proposal)


def lay_down(proposal: Proposal) -> None:
    """Let what waits wait no more: whoever asked takes it back, or what it was about is gone."""
    proposal.state, proposal.decided_at = State.WITHDRAWN, clock.now()
    db.session.flush()
    audit.record("withdraw", "proposal", proposal.id, kind=proposal.kind.value)


def name_of(proposal: Proposal) -> str:
    """Return how messages name what they tell of."""
    return f"proposal:{proposal.id}"


def asked_about(proposal: Proposal) -> str:
    """Return how messages name the asking of colleagues to decide."""
    return f"second:{proposal.id}"


def carry_due() -> int:
    """Carry out what nobody refused within its wait; say how many. What the rules or the database refuse by now stays to be decided.

    So does what a number was to be told of that heard nothing, and what none of the colleagues heard of: nobody could object.
    """
    done = 0
    for proposal in queries.due():
        told, heard = told_and_heard(asked_about(proposal))
        if not all_heard(name_of(proposal)) or (told and not heard):
            continue
        try:
            with db.session.begin_nested():
                _must_wait(proposal)
                proposal.state, proposal.decided_at = State.ELAPSED, clock.now()
                db.session.flush()
                carriers.of(proposal.kind).carry(proposal, None)
                audit.record("elapse", "proposal", proposal.id, kind=proposal.kind.value, about=proposal.subject)
        except (Refusal, IntegrityError):
            continue
        done += 1
    return done


def _must_wait(proposal: Proposal) -> None:
    """Refuse to decide twice, also when somebody else decided a moment ago."""
    db.session.execute(select(Proposal.id).where(Proposal.id == proposal.id).with_for_update())
    db.session.refresh(proposal)
    if proposal.state is not State.PENDING:
        raise Conflict("这一件已经有人定过了，结果在下面的列表里。")


def _may_decide(proposal: Proposal, by: User) -> None:
    """Refuse to decide on what one asked for oneself, or has a part in."""
    if (why := why_not(proposal, by)) is not None:
        raise Conflict(why)


def why_not(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide on a proposal, in both languages; None when they may."""
    if proposal.proposed_by == by.id:
        return Sentence("是你自己提请的，要由另一位同事来定。")
    if (why := one_hand.why_one(proposal.proposed_by, by)) is not None:
        return why
    return carriers.of(proposal.kind).why_not(proposal, by)
