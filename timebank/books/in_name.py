"""代办: what the desk does for somebody without a phone, in their name: a star, an objection, a relative, a gift, a donation.

Each keeps who wrote it down and how it was said, and the volunteer hears of it at once. Minutes never move on one colleague's
word: a gift or a donation waits for a second person, and for one who may be told of it.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.credit import actions as credit
from timebank.credit.models import GiftLink, Relation
from timebank.db import db
from timebank.elders import queries as elders
from timebank.errors import Conflict, wrong
from timebank.ledger import queries as book
from timebank.ledger.refusals import spoken
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal, State
from timebank.records.actions import objecting
from timebank.sentences import Pair, Sentence, the_day
from timebank.stars import standing as stars
from timebank.stars.models import DeskAct, Errand, How
from timebank.stars.telling import HOW, tell
from timebank.visits.actions.kin import is_kin
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer


class Said:
    """Who speaks for whom: a volunteer, how they said it, in what words, and who of the desk writes it down."""

    def __init__(self, volunteer: Volunteer, how: How, by: User, words: str = "") -> None:
        """Refuse to write down anything for somebody who has left, for oneself or for one's family."""
        if not volunteer.active:
            raise Conflict(
                "%(volunteer)s已经不再服务，不能再替本人办。账上的时间在“公共时间池”的“离开的人留下的时间”里处理。",
                volunteer=volunteer.name,
            )
        if (why := bar(volunteer, by)) is not None:
            raise Conflict(why)
        self.volunteer, self.how, self.by, self.words = volunteer, how, by, words.strip()


def bar(volunteer: Volunteer, by: User) -> Pair | None:
    """Return why somebody of the office neither writes down nor decides what is done in a volunteer's name; None when they may."""
    if volunteer.user_id == by.id or volunteer.phone == by.phone:
        return Sentence("自己的事请在自己的手机上办，不能自己代办。")
    if is_kin(by, volunteer):
        return Sentence("这位志愿者是你的亲属，请另一位同事来代办。")
    return None


def ask_star(said: Said) -> DeskAct:
    """Ask for the next star as a volunteer said."""
    made = stars.apply(said.volunteer)
    act = _note(said, Errand.STAR, application_id=made.id)
    tell_in_name(said.volunteer, said.how, Sentence("替你申请了 %(level)s 星", level=made.level))
    return act


def object_to(said: Said, record: ServiceRecord) -> DeskAct:
    """Object to a record as a volunteer said."""
    made = objecting.object_to(record, said.volunteer, said.words)
    act = _note(said, Errand.OBJECTION, objection_id=made.id)
    tell_in_name(said.volunteer, said.how, Sentence("替你对 %(day)s的记录提了异议", day=the_day(record.day)))
    return act


def name_relative(said: Said, relation: Relation, name: str) -> DeskAct:
    """Say which elder is a volunteer's own; it is checked as if they had said so on the phone."""
    made = credit.ask_link(said.volunteer, relation, name)
    act = _note(said, Errand.RELATIVE, link_id=made.id)
    tell_in_name(said.volunteer, said.how, Sentence("记下了你要送时间给谁"))
    return act


def give(said: Said, link: GiftLink, minutes: int) -> DeskAct:
    """Ask a second person to give a volunteer's minutes to a checked relative, who is not of the writer's own family."""
    elder = credit.may_give(link, minutes)
    if _speaks_for(said.by, link):
        raise Conflict("%(elder)s是你家里的老人，请另一位同事来写。", elder=elder.name)
    _must_have(said, minutes)
    asked = proposals.propose(Kind.GIFT, link.community_id, f"link:{link.id}", {"minutes": minutes}, said.by, reason=said.words)
    return _asked(said, Errand.GIFT, asked, minutes)


def donate(said: Said, minutes: int) -> DeskAct:
    """Ask a second person to give a volunteer's minutes to the public pool."""
    _must_have(said, minutes)
    terms, about = {"minutes": minutes}, said.volunteer
    asked = proposals.propose(Kind.DONATION, about.community_id, f"volunteer:{about.id}", terms, said.by, reason=said.words)
    return _asked(said, Errand.DONATION, asked, minutes)


WHERE: dict[Errand, Pair] = {Errand.GIFT: Sentence("给亲属"), Errand.DONATION: Sentence("给公共时间池")}


def _asked(said: Said, what: Errand, asked: Proposal, minutes: int) -> DeskAct:
    """Note what waits for a second person and tell the volunteer; refuse it where they cannot be told and were not there themselves."""
    act = _note(said, what, proposal_id=asked.id)
    told = tell_in_name(
        said.volunteer, said.how, Sentence("写下送 %(minutes)s 分钟%(where)s，等第二人核准", minutes=minutes, where=WHERE[what])
    )
    if not told and said.how is not How.IN_PERSON:
        raise Conflict(
            "%(volunteer)s没有留电话，没法告诉本人。送时间、捐时间请本人当面来办，或先登记一个电话。", volunteer=said.volunteer.name
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
        written_by=one_hand.maker(said.by),
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
        if waiting:
            raise wrong("minutes", "账上有 %(left)s，其中 %(waits)s 已经在等核准，不够这么多。", left=spoken(left), waits=spoken(waiting))
        raise wrong("minutes", "账上有 %(left)s，不够这么多。", left=spoken(left))


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
        raise Conflict("%(volunteer)s已经不再服务了，不能再送。请不同意这一件，写明原因。", volunteer=volunteer.name)


def _tell_moved(proposal: Proposal, minutes: int) -> None:
    """Tell a volunteer that their minutes have moved."""
    act = act_of(proposal)
    tell_in_name(act.volunteer, act.how, Sentence("送了 %(minutes)s 分钟%(where)s", minutes=minutes, where=WHERE[act.what]))


def _show(proposal: Proposal) -> Shown:
    """Return what is to be given in a volunteer's name, in words."""
    act, minutes = act_of(proposal), proposal.terms["minutes"]
    name, how = act.volunteer.name, HOW[act.how]
    left = book.balance(act.volunteer.account_id)
    to = db.session.get_one(GiftLink, proposal.about).elder if proposal.kind is Kind.GIFT else None
    what = Sentence.of("books", "送给%(name)s", name=to.name) if to is not None else Sentence.of("books", "捐给公共时间池")
    balance = Change(Sentence("账上分钟"), (str(left), str(left)), (str(left - minutes), str(left - minutes)))
    return Shown(Sentence("代%(name)s%(what)s %(minutes)s 分钟，%(how)s说的", name=name, what=what, minutes=minutes, how=how), (balance,))


def _why_not(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not decide what is done in a volunteer's name: it is theirs, or their family gives or gets."""
    if (why := bar(act_of(proposal).volunteer, by)) is not None:
        return why
    if proposal.kind is Kind.GIFT and _speaks_for(by, db.session.get_one(GiftLink, proposal.about)):
        return Sentence("收时间的是你家里的老人，请另一位同事来定。")
    return None


carriers.register(Kind.GIFT, Carrier(_carry_gift, _show, _why_not))
carriers.register(Kind.DONATION, Carrier(_carry_donation, _show, _why_not))


def tell_in_name(volunteer: Volunteer, how: How, what: Sentence) -> bool:
    """Tell a volunteer at once what the desk does in their name; False where nobody can be told."""
    return tell(volunteer, "in_name", who=mask_name(volunteer.name), how=HOW[how], what=what)
