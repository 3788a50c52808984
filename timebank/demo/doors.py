"""Who can sign in as what: a link of one click for every kind of person of a demo."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Purpose, Role, User
from timebank.db import db, transaction
from timebank.elders.models import FamilyMember
from timebank.places.models import Community
from timebank.visits.models import Offer, OfferState
from timebank.volunteers.models import Volunteer

OFFICE = {
    Role.COORDINATOR: "协调员 coordinator",
    Role.ADMIN: "管理员 admin",
    Role.INSPECTOR: "检查（只读） inspector",
    Role.STREET_OFFICER: "街道干部 street officer",
    Role.STEWARD: "红色管家 steward",
    Role.TEAM_LEAD: "队长 team lead",
    Role.BUILDING_LEAD: "楼长 building lead",
    Role.CANTEEN: "食堂 canteen",
}


def doors(app: Flask, base: str) -> Iterator[str]:
    """Yield who can sign in as what, each with a link that needs one click."""
    with app.app_context(), transaction():
        yield ""
        yield f"打开 / open  {base}"
        for words, user in _people():
            token = access.make_link(user, Purpose.DEMO, clock.now() + timedelta(days=30), limit=1000)
            yield f"  {words:<28}{user.name}  {user.phone}  {base}/link/{token}"
        yield "  家属求助，不用账号 / ask for help without an account:  " + f"{base}/ask"
        yield "手机号登录的验证码会显示在这里和“消息”页 / sign-in codes appear here and on the Messages page"


def _office() -> Iterator[tuple[str, User]]:
    """Yield one of each role of every office; where there are several communities, with the name of theirs."""
    names = dict(db.session.execute(select(Community.id, Community.name)).all())
    for role, words in OFFICE.items():
        shown: set[int | None] = set()
        for user in db.session.scalars(select(User).where(User.role == role).order_by(User.id)):
            if user.community_id not in shown:
                yield f"{words} {names[user.community_id]}" if len(names) > 1 and user.community_id else words, user
            shown.add(user.community_id)


def _people() -> Iterator[tuple[str, User]]:
    """Yield one user of each kind worth seeing."""
    yield from _office()
    today = clock.today()
    carrier = db.session.scalars(
        select(User)
        .join(Volunteer, Volunteer.user_id == User.id)
        .join(Offer, Offer.volunteer_id == Volunteer.id)
        .where(Offer.day == today, Offer.state == OfferState.ACCEPTED, Offer.round_id.is_not(None), Volunteer.staff.is_(False))
        .group_by(User.id)
        .order_by(func.count().desc(), User.id)
    ).first()
    asked = db.session.scalars(
        select(User)
        .join(Volunteer, Volunteer.user_id == User.id)
        .join(Offer, Offer.volunteer_id == Volunteer.id)
        .where(Offer.state == OfferState.SENT)
        .order_by(Volunteer.id)
    ).first()
    family = db.session.scalars(select(User).join(FamilyMember, FamilyMember.user_id == User.id).order_by(FamilyMember.id)).first()
    found = (("志愿者，今天送餐 volunteer", carrier), ("志愿者，有邀约 volunteer asked", asked), ("家属 family", family))
    yield from ((words, user) for words, user in found if user is not None)
