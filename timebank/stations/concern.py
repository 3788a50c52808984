"""What of the stations concerns a part of a community: the people behind some doors, and whoever of a team holds something there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from timebank.db import db
from timebank.elders.models import Elder, Household
from timebank.stations.models import GONE, Attendance, CheckUp, Item, ServiceSession, SessionState, Somebody, Turn
from timebank.visits import on_duty
from timebank.visits.duties import Duty
from timebank.volunteers.sight import Sight


@dataclass(frozen=True, slots=True)
class Concern:
    """Who signed up from some doors, what of theirs is left at a station, whose check-up is due, and what a team's people hold or keep."""

    coming: Sequence[Attendance]
    things: Sequence[Item]
    due: Sequence[CheckUp]
    duties: Sequence[Duty]


def concern_of(community_id: int, sight: Sight, first: date, last: date) -> Concern:
    """Return what concerns somebody who sees a part, from a day to another; only of people of the register, whose door is known."""
    coming = (
        select(Attendance)
        .join(Attendance.session)
        .where(
            ServiceSession.community_id == community_id,
            ServiceSession.day.between(first, last),
            ServiceSession.state == SessionState.OPEN,
            Attendance.turn.in_((Turn.SIGNED_UP, Turn.WAITING, Turn.ARRIVED, Turn.CALLED)),
        )
        .options(joinedload(Attendance.session).joinedload(ServiceSession.station))
        .order_by(ServiceSession.day, ServiceSession.start, Attendance.number)
    )
    things = select(Item).where(Item.community_id == community_id, Item.progress.not_in(GONE)).options(joinedload(Item.station))
    due = select(CheckUp).where(CheckUp.community_id == community_id, CheckUp.ended.is_(None), CheckUp.due <= last)
    return Concern(
        db.session.scalars(coming.where(_behind(sight, Attendance)).options(_door(Attendance))).all(),
        db.session.scalars(things.where(_behind(sight, Item)).options(_door(Item)).order_by(Item.brought_at, Item.id)).all(),
        db.session.scalars(due.where(_behind(sight, CheckUp)).options(_door(CheckUp)).order_by(CheckUp.due, CheckUp.id)).all(),
        [each for each in on_duty.day_duties(community_id, first, last) if sight.has(each.volunteer_id, each.day)],
    )


def _behind(sight: Sight, table: type[Somebody]) -> ColumnElement[bool]:
    """Return the condition that something is for an elder who lives behind one of a part's doors."""
    homes = select(Elder.id).join(Household, Household.id == Elder.household_id).where(Household.building_id.in_(sight.buildings))
    return table.elder_id.in_(homes)


def _door(table: type[Somebody]) -> ORMOption:
    """Return the option that loads where an elder lives beside what is for them."""
    return joinedload(table.elder).joinedload(Elder.household).joinedload(Household.building)
