"""How a family is bound to an elder: by a claim, at the desk or by the code on the elder's paper; the elder and the office both agree.

Nobody sees anything before both have: the elder by their code, their own telephone, or asked by telephone or face to face; the office by
two people, or one and a day without objection (``actions.approve_family``). One press of anybody concerned ends it, and each is told.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update

from timebank import audit, clock
from timebank.access import actions as access
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.access.queries import hash_of, user_of
from timebank.audit import AuditRow
from timebank.db import db
from timebank.elders import queries, ties
from timebank.elders.actions import approve_family
from timebank.elders.models import Elder, ElderState, FamilyClaim, FamilyCode, FamilyMember, Said
from timebank.errors import Conflict, Invalid, TooMany
from timebank.notices.actions import notify, tell_number
from timebank.phones import mask_phone
from timebank.proposals.models import Proposal
from timebank.sentences import Sentence

CODE_DIGITS = 8
CODE_LIFE = timedelta(days=60)
WRONG_CODES = 5
REST = timedelta(hours=1)
OPEN_CLAIMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Whom a family says they belong to, in their own words."""

    name: str
    address: str
    relation: str
    phone: str = ""


def make_code(elder: Elder, by: User) -> str:
    """Make a code for an elder's paper and return it, told once; codes of before that nobody used hold no more."""
    stale = update(FamilyCode).where(FamilyCode.elder_id == elder.id, FamilyCode.used_at.is_(None), FamilyCode.expires_at > clock.now())
    db.session.execute(stale.values(expires_at=clock.now()))
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    db.session.add(
        FamilyCode(elder_id=elder.id, code_hash=_hashed(digits), made_by=by.id, made_at=clock.now(), expires_at=clock.now() + CODE_LIFE)
    )
    db.session.flush()
    audit.record("make_family_code", "elder", elder.id)
    return digits


def _hashed(digits: str) -> str:
    """Return what is stored of a code."""
    return hash_of(f"family:{digits}")


def use_code(user: User, typed: str, relation: str) -> FamilyMember | None:
    """Ask to be bound by the code on an elder's paper; None when it is no code that holds, which is counted."""
    since = clock.now() - REST
    tried = select(func.count()).select_from(AuditRow).where(AuditRow.verb == "wrong_family_code", AuditRow.subject == "user")
    if (db.session.scalar(tried.where(AuditRow.subject_id == str(user.id), AuditRow.at > since)) or 0) >= WRONG_CODES:
        raise TooMany("纸上的码输错了 5 次，请过一小时再试，或者打服务站电话，请他们来连。")
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", typed), flags=re.ASCII)
    holds = (FamilyCode.code_hash == _hashed(digits), FamilyCode.used_at.is_(None), FamilyCode.expires_at > clock.now())
    use = update(FamilyCode).where(*holds).values(used_at=clock.now(), used_by=user.id).returning(FamilyCode.elder_id)
    number = db.session.scalar(use)
    if number is None:
        audit.record("wrong_family_code", "user", user.id)
        return None
    link = ask(db.session.get_one(Elder, number), user, relation)
    _agreed(link, Said.CODE)
    return link


def claim(user: User, community_id: int, said: Claimed) -> FamilyClaim:
    """Ask to be bound to an elder whom the office has to find."""
    waiting = select(func.count()).select_from(FamilyClaim).where(FamilyClaim.user_id == user.id, FamilyClaim.decided_at.is_(None))
    if (db.session.scalar(waiting) or 0) >= OPEN_CLAIMS:
        raise Conflict("您有 5 份申请还在等服务站回话。请先等一等，急的话打服务站电话。")
    if user.community_id is None:
        user.community_id = community_id  # a family belongs where it first asks
    made = FamilyClaim(
        community_id=community_id,
        user_id=user.id,
        name=said.name,
        address=said.address,
        phone=said.phone,
        relation=said.relation,
        asked_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("claim", "family_claim", made.id)
    return made


def match(made: FamilyClaim, elder: Elder, by: User) -> FamilyMember:
    """Say which elder a claim means; nobody sees anything before the elder has agreed and the office has approved it."""
    _must_wait(made)
    made.decided_at, made.decided_by, made.elder_id = clock.now(), by.id, elder.id
    audit.record("match", "family_claim", made.id, elder=elder.id)
    return ask(elder, made.user, made.relation)


def decline(made: FamilyClaim, reason: str, by: User) -> None:
    """Say why a claim comes to nothing; the family reads it and is told."""
    _must_wait(made)
    if not reason.strip():
        raise Invalid("请写一句原因，家属会看到。", fields={"reason": Sentence("请写原因")})
    made.decided_at, made.decided_by, made.reason = clock.now(), by.id, reason.strip()
    audit.record("decline", "family_claim", made.id)
    notify(made.user_id, "family_declined")


def _must_wait(made: FamilyClaim) -> None:
    """Refuse to decide twice."""
    if made.decided_at is not None:
        raise Conflict("这份申请已经有人处理过了。")


def bind_at_desk(elder: Elder, phone: str, name: str, relation: str, said: Said, by: User) -> Proposal | None:
    """Bind a family at the desk: a sign-in where the number has none, and the elder's word as it was heard; a second person still agrees."""
    user = user_of(phone) or access.add_user(phone, name, Role.FAMILY, community_id=elder.community_id)
    if user.role not in {Role.FAMILY, Role.VOLUNTEER}:
        raise Invalid("这个手机号是工作人员登录用的，不能再当家属。请填家属自己的手机号。", fields={"phone": Sentence("是工作人员的号码")})
    return approve_family(ask(elder, user, relation), by, said)


def ask(elder: Elder, user: User, relation: str) -> FamilyMember:
    """Return the tie of somebody to an elder, new where there was none."""
    if elder.state is not ElderState.ACTIVE:
        raise Conflict("这位老人已经不在这里住了，不能再连。")
    known = db.session.scalars(select(FamilyMember).where(FamilyMember.elder_id == elder.id, FamilyMember.user_id == user.id)).first()
    if known is not None:
        return known
    link = FamilyMember(elder_id=elder.id, user_id=user.id, relation=relation.strip(), asked_at=clock.now())
    db.session.add(link)
    if user.community_id is None:
        user.community_id = elder.community_id
    db.session.flush()
    db.session.refresh(link)
    audit.record("ask_family", "elder", elder.id, user=user.id)
    return link


def _agreed(link: FamilyMember, said: Said) -> None:
    """Note that the elder has agreed themselves."""
    if link.elder_said is None:
        link.elder_said = said
        audit.record("agree_family", "elder", link.elder_id, user=link.user_id, how=said.value)


def elder_agrees(link: FamilyMember, elder: User) -> None:
    """Let an elder agree on their own telephone to who asks to be bound."""
    if not is_own(link.elder, elder) or link.own:
        raise Conflict("要老人用自己的号码登录来同意。")
    _agreed(link, Said.OWN)


def is_own(elder: Elder, user: User) -> bool:
    """Say whether somebody signed in is the elder themselves."""
    return any(link.own and link.approved_at is not None and link.user_id == user.id for link, _user in queries.family_of(elder))


def end(link: FamilyMember, by: User) -> None:
    """Let somebody speak for an elder no more, or refuse who asked to; whoever is concerned and did not do it is told."""
    elder, gone = link.elder, db.session.get_one(User, link.user_id)
    others = [user for other, user in queries.family_of(elder) if other.approved_at is not None and other.id != link.id]
    said = {"who": mask_name(gone.name) if gone.name else mask_phone(gone.phone)}
    was_bound = link.approved_at is not None
    audit.record("drop_family", "elder", link.elder_id, user=link.user_id)
    ties.drop(link)
    for user in {each.id: each for each in (gone, *(others if was_bound else ()))}.values():
        if user.id != by.id:
            notify(user.id, "family_ended", **said)
    if was_bound and elder.phone and elder.phone not in {by.phone, *(each.phone for each in others)}:
        tell_number(elder.phone, elder.community_id, "family_ended", **said)
