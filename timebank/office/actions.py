"""Verbs of the office: the steps it leaves out, its first administrator, and the colleagues it lets in and out."""

from sqlalchemy import delete

from timebank import audit, clock
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.models import Role, User
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.notices.actions import tell_number
from timebank.office import queries
from timebank.office.models import SkippedStep
from timebank.office.queries import MAY_BE_LEFT_OUT, OF_THE_OFFICE, Step
from timebank.places import tenancy
from timebank.proposals import newcomers
from timebank.sentences import Sentence
from timebank.volunteers.sight import PARTIAL


def leave_out(community_id: int, step: Step) -> None:
    """Leave a step out for now."""
    if step not in MAY_BE_LEFT_OUT:
        raise Conflict("这一步不能跳过：没有它就排不了第一周。请先做这一步。")
    if db.session.get(SkippedStep, (community_id, step.value)) is None:
        db.session.add(SkippedStep(community_id=community_id, step=step.value, at=clock.now()))
        audit.record("leave_out", "community", community_id, step=step.value)


def take_up(community_id: int, step: Step) -> None:
    """Take a step up again that was left out."""
    db.session.execute(delete(SkippedStep).where(SkippedStep.community_id == community_id, SkippedStep.step == step.value))
    audit.record("take_up", "community", community_id, step=step.value)


def first_administrator(phone: str, name: str) -> str:
    """Let an administrator in, or in again, from the machine's own terminal; return the token of their sign-in link."""
    known = users.user_of(phone)
    if known is None:
        known = access.add_user(phone, name, Role.ADMIN)
    elif known.role is not Role.ADMIN or not known.active:
        raise Conflict("这个手机号已经是别的身份登录用的。管理员请用另一个手机号。")
    return access.invite(known)


def may_give(by: User) -> tuple[Role, ...]:
    """Return the roles that somebody may let colleagues in with: a coordinator only those who see a part."""
    return OF_THE_OFFICE if by.role is Role.ADMIN else PARTIAL


def let_in(community_id: int, phone: str, name: str, role: Role, by: User) -> tuple[User, str]:
    """Let a colleague sign in for a community, a former one again; return them and the token of their invitation.

    Whoever may decide on things is no second person to whoever let them in, before somebody else has vouched for them or a day is over.
    """
    if role not in may_give(by):
        sentence = Sentence("这个身份要由管理员来加。请联系管理员。")
        raise NotAllowed(sentence, fields={"role": sentence})
    newcomers.must_count(by, role)
    place = None if role is Role.ADMIN else community_id
    former = users.user_of(phone)
    if former is not None and former.role in OF_THE_OFFICE and not former.active:
        _must_be_of(former, community_id)
        with audit.changing("let_in", former):
            former.active, former.name, former.role, former.community_id, former.looks_at = True, name, role, place, None
        newcomers.begin(former, community_id, by)
        return former, access.invite(former)
    access.must_be_free(phone)
    user = access.add_user(phone, name, role, community_id=place)
    newcomers.begin(user, community_id, by)
    return user, access.invite(user)


def _must_be_of(former: User, community_id: int) -> None:
    """Refuse to let somebody of another community in here."""
    if former.community_id not in {None, community_id}:
        sentence = Sentence("这个手机号在别的社区登记过。请填另一个手机号。")
        raise wrong("phone", sentence)


def invite_again(colleague: User, community_id: int, by: User) -> str:
    """Give a colleague a new link; the one before is good no more. Of whom somebody has objected to, the others are asked anew."""
    _may_change(colleague, by)
    newcomers.must_count(by, colleague.role)
    newcomers.ask_anew(colleague, community_id)
    return access.invite(colleague)


def end(colleague: User, by: User) -> None:
    """Let a colleague in no more: every session ends at once, and so does the link they have not used. Their number is told of it."""
    _may_change(colleague, by)
    if colleague.id == by.id:
        raise Conflict("不能停用自己。请让另一位管理员来停。")
    if colleague.role is Role.ADMIN and len(queries.administrators()) == 1:
        raise Conflict("这是最后一位管理员，停了就没有人能管了。请先加一位。")
    newcomers.end(colleague)
    here = tenancy.community_seen_by(by)
    tell_number(colleague.phone, here.id, "ended", where=here.name)
    access.switch_off(colleague)


def _may_change(colleague: User, by: User) -> None:
    """Refuse to give links to, or to end, somebody whose role one may not give."""
    if colleague.role not in may_give(by):
        raise NotAllowed("这位同事要由管理员来管。请联系管理员。")
