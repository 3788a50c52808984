"""A new colleague counts as a second person when a third one has vouched for them, or after a day in which nobody objected.

The others of the office are told at once, those of other communities where nobody else is. Where messages are left to the desk to pass on, or
nobody else is anywhere, nobody could object, so waiting is no word: then whoever looks after the machine lets another administrator in. Whoever let the colleague in could hold the new number as well (``access.one_hand``).
"""

from datetime import timedelta

from timebank import audit
from timebank.access import actions as access
from timebank.access.circles import STAFF
from timebank.access.models import Role, User
from timebank.access.policy import WORDS
from timebank.db import db
from timebank.errors import Conflict, NotAllowed
from timebank.ledger import queries as book
from timebank.notices.queries import told_and_heard
from timebank.phones import mask_phone
from timebank.places import tenancy
from timebank.proposals import actions, carriers, queries
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import OF_ALL, Kind, Proposal
from timebank.sentences import Pair, Sentence

WAIT = timedelta(hours=24)
NOBODY_ELSE: Pair = Sentence(
    "没有别人听到过，等一天不算认下。没有别的同事的，请管机器的人用 timebank init --admin-phone 再请一位管理员来认。"
)


def must_count(by: User, role: Role) -> None:
    """Refuse to let in, or to give a link to, whoever may decide, to who is no second person yet: a chain of newcomers would be nobody's."""
    if role not in STAFF:
        return
    if audit.inviter.get() is not None or by.rests_on is not None:
        raise NotAllowed("你自己是新来的，或者这次是用链接进来的，还不能请别人进来。请用手机号和验证码登录，等同事认下你以后再办。")


def begin(user: User, community_id: int, by: User) -> None:
    """Ask the others to vouch for a colleague who may decide on things; until then the two are one hand."""
    end(user)
    if user.role not in STAFF:
        return
    user.rests_on = by.id
    db.session.flush()
    due = actions.lapse_after(WAIT, community_id)
    alone = not actions.who_hears(community_id, by, everywhere=False, admins_too=True)
    subject = f"{OF_ALL if alone or user.role is Role.ADMIN else 'user'}:{user.id}"
    actions.propose(Kind.COLLEAGUE, community_id, subject, {"role": user.role.value}, by, due_at=due, admins_too=True)


def ask_anew(user: User, community_id: int) -> None:
    """Ask for a word about somebody again whom nobody has vouched for and nobody is asked about any more.

    They go on resting on whoever let them in: whoever gives them another link takes nothing of that over.
    """
    if user.rests_on is not None and _waiting(user) is None:
        begin(user, community_id, db.session.get_one(User, user.rests_on))


def end(user: User) -> None:
    """Wait no more for a word about somebody: they have gone, or were let in anew."""
    user.rests_on = None
    if (waiting := _waiting(user)) is not None:
        actions.lay_down(waiting)


def _rest_with_the_mail(user: User) -> None:
    """Let a colleague whose mail was set in a session that an invitation opened rest on whoever made it: the codes could go to that one."""
    if (inviter := audit.inviter.get()) is not None:
        begin(user, tenancy.community_seen_by(user).id, db.session.get_one(User, inviter))


access.mail_set.append(_rest_with_the_mail)


def _waiting(user: User) -> Proposal | None:
    """Return what waits about a colleague: an administrator is one everywhere, and so is whoever nobody else of a community could hear of."""
    found = (queries.waiting_on(Kind.COLLEAGUE, f"{whose}:{user.id}") for whose in ("user", OF_ALL))
    return next((each for each in found if each is not None), None)


def _carry(proposal: Proposal, by: User | None) -> None:
    """Let a colleague count as a second person from now on; by waiting only where somebody heard of it, or before the first minute of all."""
    if by is None and _is_nobodys(proposal) and book.has_begun():
        raise Conflict(NOBODY_ELSE)
    user = db.session.get_one(User, proposal.about)
    user.rests_on = None
    audit.record("vouch", "user", user.id, let_in_by=proposal.proposed_by)


def _is_nobodys(proposal: Proposal) -> bool:
    """Say whether nobody heard of a new colleague who could object."""
    _told, heard = told_and_heard(actions.asked_about(proposal))
    return not heard


def _show(proposal: Proposal) -> Shown:
    """Return a new colleague in words."""
    user = db.session.get_one(User, proposal.about)
    role = WORDS[user.role]
    said = f"{role[0]}，{mask_phone(user.phone)}", f"{role[1].removesuffix('s')}, {mask_phone(user.phone)}"
    title: Pair = Sentence("%(name)s是新来的同事：认识就核准，不认识就写明原因不同意", name=user.shown_name)
    if _is_nobodys(proposal) and book.has_begun():
        title = Sentence("%(what)s。%(why)s", what=title, why=NOBODY_ELSE)
    return Shown(title, (Change(Sentence("身份和号码"), ("—", "—"), said),))


def _why_not(proposal: Proposal, by: User) -> Pair | None:
    """Return why somebody may not vouch: it is about themselves."""
    if proposal.about == by.id:
        return Sentence("不能自己认自己，请另一位同事来定。")
    return None


carriers.register(Kind.COLLEAGUE, Carrier(_carry, _show, _why_not))
