"""Verbs of doubles: ask that two rows become one person, merge them when a second person agrees, take them apart within a day."""

from datetime import timedelta

from sqlalchemy import exists, select

from timebank import audit, clock
from timebank.access.models import User
from timebank.certificates.models import Certificate
from timebank.credit import queries as credit
from timebank.credit.actions import elder_account
from timebank.db import db
from timebank.doubles import moving, queries
from timebank.doubles.models import Merger
from timebank.elders import actions as elders
from timebank.elders.models import Elder, ElderState
from timebank.errors import Conflict
from timebank.ledger import actions as ledger
from timebank.ledger.models import Account, Transfer
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Sentence
from timebank.visits.actions import leaving
from timebank.visits.models import ServiceRecord
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Volunteer

UNDO = timedelta(hours=24)
Someone = Elder | Volunteer


def ask(kept: Someone, gone: Someone, by: User, reason: str) -> Proposal:
    """Ask that a second person looks at two rows and agrees that they are one person."""
    must_merge(kept, gone)
    terms = {"kept": kept.id, "gone": gone.id, "names": [kept.name, gone.name], "numbers": [kept.number, gone.number]}
    return proposals.propose(Kind.MERGER, kept.community_id, f"{_sort(gone)}:{gone.id}", terms, by, reason=reason)


def _sort(someone: Someone) -> str:
    """Return how subjects name a register."""
    return "elder" if isinstance(someone, Elder) else "volunteer"


def must_merge(kept: Someone, gone: Someone) -> None:
    """Refuse two rows that cannot become one."""
    if kept.id == gone.id or type(kept) is not type(gone) or kept.community_id != gone.community_id:
        raise Conflict("要选同一个社区里不同的两份。")
    if any(queries.standing(each) is not None for each in (kept, gone)):
        raise Conflict("其中一份已经合并过。先到“合并过的”里看；一天之内可以拆开。")
    if isinstance(kept, Elder) and isinstance(gone, Elder):
        if ElderState.ACTIVE is not kept.state or ElderState.ACTIVE is not gone.state:
            raise Conflict("其中一位已经搬走或去世，不用合并。请核对是不是这两份。")
    elif isinstance(kept, Volunteer) and isinstance(gone, Volunteer):
        _must_be_new(kept, gone)


def _must_be_new(kept: Volunteer, gone: Volunteer) -> None:
    """Refuse to let a volunteer's row go that has hours: records never change hands."""
    if not (kept.active and gone.active):
        raise Conflict("其中一位已经不再服务，不用合并。请核对是不是这两份。")
    if not has_history(gone):
        return
    if has_history(kept):
        raise Conflict(
            "两份都有服务记录或时间，记录不能改到别人名下，所以不能合并。请让本人以后只用一份，另一份办“不再服务”；两份的证明都照样能开。"
        )
    raise Conflict("要去掉的这一份有服务记录或时间。请对调：留下有记录的那一份。")


def has_history(volunteer: Volunteer) -> bool:
    """Say whether anything is on record, on the account or on paper for a volunteer."""
    account = db.session.get_one(Account, volunteer.account_id)
    on = (ServiceRecord.volunteer_id == volunteer.id, Certificate.volunteer_id == volunteer.id)
    return bool(account.last_seq) or any(db.session.scalar(select(exists().where(each))) for each in on)


def merge(kept: Someone, gone: Someone, by: User, asked_by: User) -> Merger:
    """Make two rows one person: what is to come goes to the kept one, an elder's minutes by a booked transfer; the past stays."""
    must_merge(kept, gone)
    made = Merger(community_id=kept.community_id, by=by.id, at=clock.now(), moved={})
    if isinstance(kept, Elder) and isinstance(gone, Elder):
        made.kept_elder_id, made.gone_elder_id = kept.id, gone.id
        made.moved = moving.give_elder(gone, kept)
    elif isinstance(kept, Volunteer) and isinstance(gone, Volunteer):
        made.kept_volunteer_id, made.gone_volunteer_id = kept.id, gone.id
        made.moved = moving.give_volunteer(gone, kept)
    db.session.add(made)
    db.session.flush()
    if isinstance(kept, Elder) and isinstance(gone, Elder):
        _pass_minutes(made, kept, gone, by, asked_by)
        elders.set_state(gone, ElderState.MOVED)
    elif isinstance(gone, Volunteer):
        _switch(gone, active=False)
    audit.record("merge", "merger", made.id, kept=kept.id, gone=gone.id)
    return made


def _pass_minutes(made: Merger, kept: Elder, gone: Elder, by: User, asked_by: User) -> None:
    """Book what stands on the account of the one that goes to the one that is kept."""
    account = credit.account_of(gone)
    if account is None or account.balance < 1:
        return
    asked = ledger.Asked(idem=("merger", str(made.id)), actor=f"user:{asked_by.id}", approver=f"user:{by.id}", note="merger")
    booked = ledger.gift(account.id, elder_account(kept).id, account.balance, source=f"merger:{made.id}", **asked)
    made.transfer_seq = booked.seq
    db.session.flush()


def _switch(volunteer: Volunteer, *, active: bool) -> None:
    """Let a row serve again, or no more: what it was asked for is open again then."""
    with audit.changing("edit", volunteer):
        volunteer.active = active
    volunteers.let_sign_in(volunteer)
    if not active:
        leaving.leave(volunteer)


def undo(made: Merger, by: User) -> None:
    """Take two rows apart again within a day: everything goes back, the minutes by a reversal."""
    if made.undone_at is not None:
        raise Conflict("已经拆开了。")
    if clock.now() - made.at > UNDO:
        raise Conflict("合并过了一天，不能再拆开。真不是同一个人，请重新登记那一位，再把求助改到她名下。")
    if made.transfer_seq is not None:
        ledger.reverse(db.session.get_one(Transfer, made.transfer_seq), f"user:{by.id}", "merger undone")
    moving.give_back(made.moved)
    gone = made.gone
    if isinstance(gone, Elder):
        elders.set_state(gone, ElderState.ACTIVE)
    elif gone is not None:
        _switch(gone, active=True)
    made.undone_at, made.undone_by = clock.now(), by.id
    db.session.flush()
    audit.record("unmerge", "merger", made.id, gone=gone.id if gone is not None else None)


def _both(proposal: Proposal) -> tuple[Someone, Someone]:
    """Return the kept and the gone row of what was asked for."""
    numbers = proposal.terms["kept"], proposal.terms["gone"]
    if proposal.subject.startswith("elder:"):
        return db.session.get_one(Elder, numbers[0]), db.session.get_one(Elder, numbers[1])
    return db.session.get_one(Volunteer, numbers[0]), db.session.get_one(Volunteer, numbers[1])


def _carry(proposal: Proposal, by: User | None) -> None:
    """Merge what two people looked at; it never takes effect by waiting."""
    if by is None:
        raise Conflict("合并要第二个人看过才算。")
    merge(*_both(proposal), by, proposal.proposer)


def _show(proposal: Proposal) -> Shown:
    """Return in words who would become whom."""
    kept, gone = proposal.terms["names"]
    numbers = proposal.terms["numbers"]
    change = Change(Sentence("合并"), (f"{gone} {numbers[1]}",) * 2, (f"{kept} {numbers[0]}",) * 2)
    return Shown(
        Sentence(
            "%(gone)s %(gone_number)s 和 %(kept)s %(kept_number)s 是同一个人",
            gone=gone,
            gone_number=numbers[1],
            kept=kept,
            kept_number=numbers[0],
        ),
        (change,),
    )


def _why_not(proposal: Proposal, by: User) -> tuple[str, str] | None:
    """Bar whoever is one of the two: their own sign-in and minutes would change."""
    mine = any(isinstance(each, Volunteer) and each.user_id == by.id for each in _both(proposal))
    return Sentence("这是你自己的登记，要由别的同事来定。") if mine else None


carriers.register(Kind.MERGER, Carrier(_carry, _show, _why_not))
