"""代办: what the desk does for somebody without a phone, in their name: a star, an objection, a relative, a gift, a donation.

Each keeps who wrote it down and how it was said, and the volunteer hears of it at once. Minutes never move on one colleague's
word: a gift or a donation waits for a second person, and for one who may be told of it.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.credit import actions as credit
from timebank.credit.models import GiftLink, Relation
from timebank.db import db
from timebank.elders import queries as elders
from timebank.errors import Conflict, Invalid
from timebank.ledger import queries as book
from timebank.ledger.refusals import spoken
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Pair, Shown
from timebank.proposals.models import Kind, Proposal, State
from timebank.recognition import stars
from timebank.recognition.models import DeskAct, Errand, How
from timebank.recognition.telling import HOW, tell_in_name
from timebank.records.actions import objecting
from timebank.visits.actions.kin import is_kin
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


class Said:
    """Who speaks for whom: a volunteer, how they said it, in what words, and who of the desk writes it down."""

    def __init__(self, volunteer: Volunteer, how: How, by: User, words: str = "") -> None:
        """Refuse to write down anything for somebody who has left, for oneself or for one's family."""
        if not volunteer.active:
            raise Conflict(
                f"{volunteer.name}已经不再服务，不能再替本人办。账上的时间在“公共时间池”的“离开的人留下的时间”里处理。",
                f"{volunteer.name} serves no more, so nothing is done in their name. What they left behind is passed on under The pool.",
            )
        if (why := bar(volunteer, by)) is not None:
            raise Conflict(*why)
        self.volunteer, self.how, self.by, self.words = volunteer, how, by, words.strip()


def bar(volunteer: Volunteer, by: User) -> Pair | None:
    """Return why somebody of the office neither writes down nor decides what is done in a volunteer's name; None when they may."""
    if volunteer.user_id == by.id or volunteer.phone == by.phone:
        return ("自己的事请在自己的手机上办，不能自己代办。", "Do this on your own phone; nobody acts at the desk in their own name.")
    if is_kin(by, volunteer):
        return ("这位志愿者是你的亲属，请另一位同事来代办。", "This volunteer is your family. Ask a colleague to do it.")
    return None


def ask_star(said: Said) -> DeskAct:
    """Ask for the next star as a volunteer said."""
    made = stars.apply(said.volunteer)
    act = _note(said, Errand.STAR, application_id=made.id)
    tell_in_name(said.volunteer, said.how, f"替你申请了 {made.level} 星", f"applied for star {made.level} for you")
    return act


def object_to(said: Said, record: ServiceRecord) -> DeskAct:
    """Object to a record as a volunteer said."""
    made = objecting.object_to(record, said.volunteer, said.words)
    act = _note(said, Errand.OBJECTION, objection_id=made.id)
    zh = f"替你对 {record.day.month}月{record.day.day}日的记录提了异议"
    tell_in_name(said.volunteer, said.how, zh, f"objected to your record of {record.day.isoformat()} for you")
    return act


def name_relative(said: Said, relation: Relation, name: str) -> DeskAct:
    """Say which elder is a volunteer's own; it is checked as if they had said so on the phone."""
    made = credit.ask_link(said.volunteer, relation, name)
    act = _note(said, Errand.RELATIVE, link_id=made.id)
    tell_in_name(said.volunteer, said.how, "记下了你要送时间给谁", "wrote down to whom your time is to go")
    return act


def give(said: Said, link: GiftLink, minutes: int) -> DeskAct:
    """Ask a second person to give a volunteer's minutes to a checked relative, who is not of the writer's own family."""
    elder = credit.may_give(link, minutes)
    if _speaks_for(said.by, link):
        raise Conflict(
            f"{elder.name}是你家里的老人，请另一位同事来写。", f"{elder.name} is of your own family. Ask a colleague to write this down."
        )
    _must_have(said, minutes)
    asked = proposals.propose(Kind.GIFT, link.community_id, f"link:{link.id}", {"minutes": minutes}, said.by, reason=said.words)
    return _asked(said, Errand.GIFT, asked, minutes)


def donate(said: Said, minutes: int) -> DeskAct:
    """Ask a second person to give a volunteer's minutes to the public pool."""
    _must_have(said, minutes)
    terms, about = {"minutes": minutes}, said.volunteer
    asked = proposals.propose(Kind.DONATION, about.community_id, f"volunteer:{about.id}", terms, said.by, reason=said.words)
    return _asked(said, Errand.DONATION, asked, minutes)


WHERE: dict[Errand, Pair] = {Errand.GIFT: ("给亲属", "to your relative"), Errand.DONATION: ("给公共时间池", "to the pool")}


def _asked(said: Said, what: Errand, asked: Proposal, minutes: int) -> DeskAct:
    """Note what waits for a second person and tell the volunteer; refuse it where they cannot be told and were not there themselves."""
    act = _note(said, what, proposal_id=asked.id)
    zh, en = WHERE[what]
    told = tell_in_name(
        said.volunteer, said.how, f"写下送 {minutes} 分钟{zh}，等第二人核准", f"wrote down {minutes} minutes {en}, to be agreed to"
    )
    if not told and said.how is not How.IN_PERSON:
        raise Conflict(
            f"{said.volunteer.name}没有留电话，没法告诉本人。送时间、捐时间请本人当面来办，或先登记一个电话。",
            f"{said.volunteer.name} has no number, so they cannot be told. They come in person for this, or a number is noted first.",
        )
    return act


def _note(said: Said, what: Errand, **about: int) -> DeskAct:
    """Keep who wrote down what for whom."""
    act = DeskAct(
        community_id=said.volunteer.community_id,
        volunteer_id=said.volunteer.id,
        what=what,
        how=said.how,
        words=said.words,
        written_at=clock.now(),
        written_by=said.by.id,
        **about,
    )
    db.session.add(act)
    db.session.flush()
    audit.record("write_down", "desk_act", act.id, what=what.value, how=said.how.value, volunteer=said.volunteer.id)
    return act


def _must_have(said: Said, minutes: int) -> None:
    """Refuse more than somebody has, less what waits to be given already; who writes at the same moment is counted one after the other."""
    db.session.execute(select(Volunteer.id).where(Volunteer.id == said.volunteer.id).with_for_update())
    waiting = sum(each.proposal.terms["minutes"] for each in acts_of(said.volunteer) if _waits(each) and each.proposal is not None)
    left = book.balance(said.volunteer.account_id)
    if minutes > left - waiting:
        (left_zh, left_en), (waits_zh, waits_en) = spoken(left), spoken(waiting)
        zh = f"账上有 {left_zh}" + (f"，其中 {waits_zh} 已经在等核准" if waiting else "") + "，不够这么多。"
        en = f"The account holds {left_en}" + (f", of which {waits_en} wait to be agreed to" if waiting else "") + "; that is not enough."
        raise Invalid(zh, en, fields={"minutes": (zh, en)})


def _waits(act: DeskAct) -> bool:
    """Say whether something waits for a second person."""
    return act.proposal is not None and act.proposal.state is State.PENDING


def _speaks_for(user: User, link: GiftLink) -> bool:
    """Say whether somebody speaks for the elder whom minutes are to go to."""
    return link.elder is not None and any(relative.id == user.id for _link, relative in elders.family_of(link.elder))


def acts_of(volunteer: Volunteer) -> Sequence[DeskAct]:
    """Return what the desk has written down in a volunteer's name, newest first."""
    rows = select(DeskAct).where(DeskAct.volunteer_id == volunteer.id).options(joinedload(DeskAct.proposal), joinedload(DeskAct.writer))
    return db.session.scalars(rows.order_by(DeskAct.id.desc())).all()


def act_of(proposal: Proposal) -> DeskAct:
    """Return what was written down when something was asked for."""
    return db.session.scalars(select(DeskAct).where(DeskAct.proposal_id == proposal.id)).one()


def _carry_gift(proposal: Proposal, by: User | None) -> None:
    """Give what two people have heard of."""
    link, minutes = db.session.get_one(GiftLink, proposal.about), proposal.terms["minutes"]
    _must_be_here(link.volunteer)
    credit.give(link, minutes, key=f"proposal:{proposal.id}", actor=f"user:{proposal.proposed_by}", approver=_second(by))
    _tell_moved(proposal, minutes)


def _carry_donation(proposal: Proposal, by: User | None) -> None:
    """Donate what two people have heard of."""
    volunteer, minutes = db.session.get_one(Volunteer, proposal.about), proposal.terms["minutes"]
    _must_be_here(volunteer)
    credit.donate(volunteer, minutes, key=f"proposal:{proposal.id}", actor=f"user:{proposal.proposed_by}", approver=_second(by))
    _tell_moved(proposal, minutes)


def _second(by: User | None) -> str | None:
    """Return the second person as the ledger names who agreed."""
    return f"user:{by.id}" if by is not None else None


def _must_be_here(volunteer: Volunteer) -> None:
    """Refuse to move the minutes of somebody who has left since."""
    if not volunteer.active:
        raise Conflict(
            f"{volunteer.name}已经不再服务了，不能再送。请不同意这一件，写明原因。",
            f"{volunteer.name} serves no more, so nothing moves. Refuse this and say why.",
        )


def _tell_moved(proposal: Proposal, minutes: int) -> None:
    """Tell a volunteer that their minutes have moved."""
    act = act_of(proposal)
    zh, en = WHERE[act.what]
    tell_in_name(act.volunteer, act.how, f"送了 {minutes} 分钟{zh}", f"gave {minutes} minutes {en}")


def _show(proposal: Proposal) -> Shown:
    """Return what is to be given in a volunteer's name, in words."""
    act, minutes = act_of(proposal), proposal.terms["minutes"]
    name, how = act.volunteer.name, HOW[act.how]
    left = book.balance(act.volunteer.account_id)
    to = db.session.get_one(GiftLink, proposal.about).elder if proposal.kind is Kind.GIFT else None
    zh, en = (f"送给{to.name}", f"a gift to {to.name}") if to is not None else ("捐给公共时间池", "a donation to the pool")
    balance = Change(("账上分钟", "Minutes on the account"), (str(left), str(left)), (str(left - minutes), str(left - minutes)))
    return Shown((f"代{name}{zh} {minutes} 分钟，{how[0]}说的", f"For {name}: {en}, {minutes} minutes, as said {how[1]}"), (balance,))


def _why_not(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide what is done in a volunteer's name: it is theirs, or their family gives or gets."""
    if (why := bar(act_of(proposal).volunteer, by)) is not None:
        return why
    if proposal.kind is Kind.GIFT and _speaks_for(by, db.session.get_one(GiftLink, proposal.about)):
        return ("收时间的是你家里的老人，请另一位同事来定。", "The minutes would go to your own family. A colleague has to decide.")
    return None


carriers.register(Kind.GIFT, Carrier(_carry_gift, _show, _why_not))
carriers.register(Kind.DONATION, Carrier(_carry_donation, _show, _why_not))
