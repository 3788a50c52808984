"""Who may judge whose hours: nobody their own, nobody their family's."""

from collections.abc import Collection, Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from timebank import audit
from timebank.access.models import User
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember
from timebank.sentences import Sentence
from timebank.visits.entries import Kinship
from timebank.visits.models import Visit
from timebank.volunteers.models import Volunteer


def why_not(user: User, volunteer: Volunteer, visit: Visit | None = None, *, but_by: Collection[int | None] = ()) -> tuple[str, str] | None:
    """Return why somebody may not enter or post for a volunteer, in both languages; None when they may.

    Kinship that only somebody of ``but_by`` has noted of them does not count: nobody keeps others out of what they did themselves.
    """
    if volunteer.user_id == user.id or volunteer.phone == user.phone:
        return Sentence("不能给自己补录或核准，请另一位同事来办。")
    if is_kin(user, volunteer, but_by=but_by):
        return Sentence("你和这位志愿者是亲属，不能由你补录或核准，请另一位同事来办。")
    if visit is not None and speaks_at(user, visit):
        return Sentence("这是你家里老人的服务，不能由你补录或核准，请另一位同事来办。")
    return None


def is_kin(user: User, volunteer: Volunteer, *, but_by: Collection[int | None] = ()) -> bool:
    """Say whether two people are noted as family, not by any of ``but_by`` alone, or speak for the same elder."""
    noted = select(Kinship.id).where(Kinship.user_id == user.id, Kinship.volunteer_id == volunteer.id)
    if db.session.scalar(noted) is not None and not (but_by and _named_by(user, volunteer) in set(but_by) - {user.id, None}):
        return True
    other = aliased(FamilyMember)
    same = select(FamilyMember.id).join(other, other.elder_id == FamilyMember.elder_id)
    return db.session.scalar(same.where(FamilyMember.user_id == user.id, other.user_id == volunteer.user_id).limit(1)) is not None


def _named_by(user: User, volunteer: Volunteer) -> int | None:
    """Return who noted that two people are family, nobody where the trail does not say."""
    rows = audit.newest_first("volunteer", volunteer.id, verbs={"add_kin"})
    return next((audit.hand_in(row) for row in rows if row.detail.get("user") == user.id), None)


def speaks_at(user: User, visit: Visit) -> bool:
    """Say whether somebody speaks for an elder behind a visit's door."""
    return visit.household_id in homes_of(user)


def homes_of(user: User) -> frozenset[int]:
    """Return the doors behind which somebody speaks for an elder."""
    homes = select(Elder.household_id).join(FamilyMember, FamilyMember.elder_id == Elder.id).where(FamilyMember.user_id == user.id)
    return frozenset(db.session.scalars(homes))


def may_speak(user_id: int, homes: Iterable[int], *, but_by: Collection[int] = ()) -> bool:
    """Say whether somebody is an approved relative behind one of some doors; an approval by any of ``but_by`` does not count."""
    rows = (
        select(FamilyMember.id)
        .join(Elder, Elder.id == FamilyMember.elder_id)
        .where(FamilyMember.user_id == user_id, FamilyMember.approved_at.is_not(None), Elder.household_id.in_(list(homes)))
        .where(or_(FamilyMember.approved_by.is_(None), FamilyMember.approved_by.not_in(but_by)))
    )
    return db.session.scalar(rows.limit(1)) is not None
