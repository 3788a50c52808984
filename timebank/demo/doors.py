"""Who can sign in as what: a link of one click for every kind of person of a demo."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import ColumnElement, func, select

from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Purpose, Role, User
from timebank.db import db, transaction
from timebank.elders.models import FamilyMember
from timebank.places.models import Community
from timebank.visits.models import Offer, OfferState
from timebank.volunteers.models import Volunteer

Line = tuple[str, User]
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


def _office() -> tuple[list[Line], list[Line]]:
    """Return one of each role: the first office's, and all others'; of several communities with the name of theirs."""
    names = dict(db.session.execute(select(Community.id, Community.name)).all())
    first: list[Line] = []
    others: list[Line] = []
    for role, words in OFFICE.items():
        shown: set[int | None] = set()
        for user in db.session.scalars(select(User).where(User.role == role).order_by(User.id)):
            line = f"{words} {names[user.community_id]}" if len(names) > 1 and user.community_id else words, user
            if user.community_id not in shown:
                (others if shown else first).append(line)
            shown.add(user.community_id)
    return first, others


def _people() -> Iterator[Line]:
    """Yield one user of each kind worth seeing, then the offices of a street's other communities."""
    first, others = _office()
    yield from first
    carrier, visitor = _busiest(Offer.round_id.is_not(None)), _busiest(Offer.round_id.is_(None))
    asked = db.session.scalars(
        select(User)
        .join(Volunteer, Volunteer.user_id == User.id)
        .join(Offer, Offer.volunteer_id == Volunteer.id)
        .where(Offer.state == OfferState.SENT)
        .order_by(Volunteer.id)
    ).first()
    family = db.session.scalars(select(User).join(FamilyMember, FamilyMember.user_id == User.id).order_by(FamilyMember.id)).first()
    busy = ("志愿者，今天送餐 volunteer", carrier) if carrier else ("志愿者，今天上门 volunteer", visitor)
    found = (busy, ("志愿者，有邀约 volunteer asked", asked), ("家属 family", family))
    yield from ((words, user) for words, user in found if user is not None)
    yield from others


def _busiest(what: ColumnElement[bool]) -> User | None:
    """Return the volunteer who has the most of something to do today."""
    mine = (Offer.day == clock.today(), Offer.state == OfferState.ACCEPTED, Volunteer.staff.is_(False), what)
    doing = select(User).join(Volunteer, Volunteer.user_id == User.id).join(Offer, Offer.volunteer_id == Volunteer.id).where(*mine)
    return db.session.scalars(doing.group_by(User.id).order_by(func.count().desc(), User.id)).first()
