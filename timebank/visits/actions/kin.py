"""Who may judge whose hours: nobody their own, nobody their family's."""

from collections.abc import Collection, Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from timebank.access.models import User
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember
from timebank.visits.entries import Kinship
from timebank.visits.models import Visit
from timebank.volunteers.models import Volunteer


def why_not(user: User, volunteer: Volunteer, visit: Visit | None = None) -> tuple[str, str] | None:
    """Return why somebody may not enter or post for a volunteer, in both languages; None when they may."""
    if volunteer.user_id == user.id or volunteer.phone == user.phone:
        return (
            "不能给自己补录或核准，请另一位同事来办。",
            "Nobody enters or posts for themselves. Ask a colleague to do it.",
        )
    if is_kin(user, volunteer):
        return (
            "你和这位志愿者是亲属，不能由你补录或核准，请另一位同事来办。",
            "You and this volunteer are family, so you can neither enter nor post this. Ask a colleague to do it.",
        )
    if visit is not None and speaks_at(user, visit):
        return (
            "这是你家里老人的服务，不能由你补录或核准，请另一位同事来办。",
            "This visit was to your own family, so you can neither enter nor post it. Ask a colleague to do it.",
        )
    return None


def is_kin(user: User, volunteer: Volunteer) -> bool:
    """Say whether two people are noted as family, or speak for the same elder."""
    noted = select(Kinship.id).where(Kinship.user_id == user.id, Kinship.volunteer_id == volunteer.id)
    if db.session.scalar(noted) is not None:
        return True
    other = aliased(FamilyMember)
    same = select(FamilyMember.id).join(other, other.elder_id == FamilyMember.elder_id)
    return db.session.scalar(same.where(FamilyMember.user_id == user.id, other.user_id == volunteer.user_id).limit(1)) is not None


def speaks_at(user: User, visit: Visit) -> bool:
    """Say whether somebody speaks for an elder behind a visit's door."""
    homes = select(FamilyMember.id).join(Elder, Elder.id == FamilyMember.elder_id)
    return db.session.scalar(homes.where(FamilyMember.user_id == user.id, Elder.household_id == visit.household_id).limit(1)) is not None


def may_speak(user_id: int, homes: Iterable[int], *, but_by: Collection[int] = ()) -> bool:
    """Say whether somebody is an approved relative behind one of some doors; an approval by any of ``but_by`` does not count."""
    rows = (
        select(FamilyMember.id)
        .join(Elder, Elder.id == FamilyMember.elder_id)
        .where(FamilyMember.user_id == user_id, FamilyMember.approved_at.is_not(None), Elder.household_id.in_(list(homes)))
        .where(or_(FamilyMember.approved_by.is_(None), FamilyMember.approved_by.not_in(but_by)))
    )
    return db.session.scalar(rows.limit(1)) is not None
