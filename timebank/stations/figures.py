"""What is counted at stations: persons and times apart, meals eaten there beside those carried home, things mended, check-ups done."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, extract, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from timebank import clock
from timebank.db import db
from timebank.elders.models import Elder
from timebank.stations.models import (
    SEATED,
    Attendance,
    CheckUp,
    Item,
    Kind,
    Outcome,
    Progress,
    Recall,
    ServiceSession,
    SessionState,
    Sort,
    Turn,
)
from timebank.visits.actions.scheduling import eaters_on
from timebank.visits.models import HelpRequest, Visit, VisitState
from timebank.volunteers.models import Unit


def meal_at_home(elder: Elder, day: date) -> bool:
    """Say whether a meal is carried to somebody on a day."""
    rows = (
        select(Visit)
        .join(Visit.request)
        .where(
            HelpRequest.household_id == elder.household_id,
            Visit.canteen_id.is_not(None),
            func.coalesce(Visit.day, Visit.occurrence) == day,
            Visit.state.not_in((VisitState.CANCELLED, VisitState.FAILED)),
        )
        .options(joinedload(Visit.request))
    )
    return any(elder in eaters_on(each.request, day) for each in db.session.scalars(rows))


def boxes_carried(canteen_id: int, day: date) -> int:
    """Return how many boxes of a canteen are carried to doors on a day."""
    rows = select(func.coalesce(func.sum(Visit.boxes), 0)).where(
        Visit.canteen_id == canteen_id,
        func.coalesce(Visit.day, Visit.occurrence) == day,
        Visit.state.not_in((VisitState.CANCELLED, VisitState.FAILED)),
    )
    return db.session.scalar(rows) or 0


@dataclass(frozen=True, slots=True)
class Served:
    """How many were served: ``persons`` each once however often they came, ``times`` every coming, ``unnamed`` of them without a name."""

    persons: int
    times: int
    unnamed: int
    boxes: int
    sessions: int


NOBODY = Served(persons=0, times=0, unnamed=0, boxes=0, sessions=0)


def served(community_id: int, first: date, last: date, kind: Kind | None = None) -> Served:
    """Count who was served in some days, at sessions of a kind or at all; people without a name are times and never persons."""
    found = _counted(literal(0), community_id, first, last, *([] if kind is None else [ServiceSession.kind == kind]))
    return found.get(0, NOBODY)


def served_by_kind(community_id: int, first: date, last: date) -> dict[Kind, Served]:
    """Count who was served in some days at the sessions of each kind of which there were any."""
    return _counted(ServiceSession.kind, community_id, first, last)


def served_by_month(community_id: int, year: int) -> dict[int, Served]:
    """Count who was served in each month of a year in which there were sessions."""
    return _counted(cast(extract("month", ServiceSession.day), Integer), community_id, date(year, 1, 1), date(year, 12, 31))


def served_by_unit(community_id: int, year: int) -> list[tuple[Unit, Served]]:
    """Count who was served within a year at the sessions of each unit, most times first."""
    found = _counted(ServiceSession.unit_id, community_id, date(year, 1, 1), date(year, 12, 31), ServiceSession.unit_id.is_not(None))
    units = db.session.scalars(select(Unit).where(Unit.id.in_(found))).all()
    return sorted(((each, found[each.id]) for each in units), key=lambda row: (-row[1].times, row[0].name))


def _counted(
    key: ColumnElement[Any] | InstrumentedAttribute[Any], community_id: int, first: date, last: date, *more: ColumnElement[bool]
) -> dict[Any, Served]:
    """Count who was served at the sessions of some days, by a key."""
    mine = (
        ServiceSession.community_id == community_id,
        ServiceSession.day.between(first, last),
        ServiceSession.state != SessionState.CANCELLED,
        *more,
    )
    label = key.label("key")
    came = select(label, func.count(), func.count(Attendance.who.distinct()), func.coalesce(func.sum(Attendance.boxes), 0))
    rows = came.select_from(Attendance).join(Attendance.session).where(*mine, Attendance.turn == Turn.SERVED).group_by("key")
    named = {each: (times, persons, boxes) for each, times, persons, boxes in db.session.execute(rows)}
    held = select(
        label, func.count(), func.coalesce(func.sum(ServiceSession.head_count), 0), func.coalesce(func.sum(ServiceSession.boxes), 0)
    )
    found: dict[Any, Served] = {}
    for each, number, heads, taken in db.session.execute(held.where(*mine).group_by("key")):
        times, persons, boxes = named.get(each, (0, 0, 0))
        found[each] = Served(persons=persons, times=times + heads, unnamed=heads, boxes=boxes + taken, sessions=number)
    return found


def mended(community_id: int, first: date, last: date) -> int:
    """Return how many things were mended in some days."""
    rows = (
        select(func.count())
        .select_from(Item)
        .where(
            Item.community_id == community_id,
            Item.sort != Sort.PARCEL,
            Item.progress.in_((Progress.READY, Progress.COLLECTED)),
            Item.ready_at >= clock.at(first, 0),
            Item.ready_at < clock.at(last + timedelta(days=1), 0),
        )
    )
    return db.session.scalar(rows) or 0


def checked(community_id: int, first: date, last: date) -> int:
    """Return how many check-ups were done in some days."""
    rows = select(func.count()).select_from(Recall).join(Recall.check_up)
    of_days = (Recall.at >= clock.at(first, 0), Recall.at < clock.at(last + timedelta(days=1), 0))
    return db.session.scalar(rows.where(CheckUp.community_id == community_id, Recall.outcome == Outcome.DONE, *of_days)) or 0


@dataclass(frozen=True, slots=True)
class Dining:
    """Who eats at a canteen on a day: ``seats`` at its tables, ``boxes`` taken away there, both beside what is carried to doors."""

    seats: int
    boxes: int


def dining(canteen_id: int, day: date) -> Dining:
    """Count who has a seat at a canteen's sittings of a day, or takes a box away; whoever takes one away does not sit down."""
    sittings = db.session.scalars(
        select(ServiceSession).where(
            ServiceSession.canteen_id == canteen_id, ServiceSession.day == day, ServiceSession.state != SessionState.CANCELLED
        )
    ).all()
    rows = [row for each in sittings for row in each.attendances if row.turn in SEATED]
    heads = sum(max(0, each.head_count - each.boxes) for each in sittings)
    boxes = sum(row.boxes for row in rows) + sum(each.boxes for each in sittings)
    return Dining(seats=sum(row.boxes == 0 for row in rows) + heads, boxes=boxes)
