"""What the kitchen must be told: a meal ordered or dropped after it has closed for the day, and what became of the box."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Invalid
from timebank.places.models import Canteen
from timebank.sentences import Sentence
from timebank.visits.models import BoxFate, LateMeal, Visit


def closes_at(canteen: Canteen, day: date) -> datetime:
    """Return the instant until which meals of a day can be ordered and dropped: some minute of the day before."""
    return clock.at(day - timedelta(days=1), canteen.closes)


def is_late(canteen: Canteen | None, day: date | None) -> bool:
    """Say whether the kitchen has closed for a day that is not over yet."""
    if canteen is None or day is None or day < clock.today():
        return False
    return clock.now() >= closes_at(canteen, day)


def note_change(visit: Visit, boxes: int) -> LateMeal | None:
    """Note that a meal visit takes so many boxes more (or fewer, below zero), when that comes after the kitchen has closed.

    What undoes an earlier change that nobody has settled leaves the kitchen nothing to know.
    """
    day = visit.day or visit.occurrence
    over = clock.now() >= clock.at(day, visit.window_to)
    if visit.canteen is None or boxes == 0 or over or not is_late(visit.canteen, day):
        return None
    for earlier in _unsettled(visit):
        boxes += earlier.boxes
        db.session.delete(earlier)
    audit.record("late_meal", "visit", visit.id, boxes=boxes)
    if boxes == 0:
        db.session.flush()
        return None
    late = LateMeal(
        community_id=visit.community_id, canteen=visit.canteen, visit=visit, day=day, boxes=boxes, at=clock.now(), fate=None, kept_for=""
    )
    db.session.add(late)
    db.session.flush()
    return late


def _unsettled(visit: Visit) -> list[LateMeal]:
    """Return the late changes of a visit that nobody has settled."""
    db.session.flush()
    return list(db.session.scalars(select(LateMeal).where(LateMeal.visit_id == visit.id, LateMeal.settled_at.is_(None))))


def settle_late(late: LateMeal, by: User, fate: BoxFate | None, kept_for: str = "") -> None:
    """Note what became of boxes nobody eats, or that the kitchen knows of those it cooks more."""
    if late.settled_at is not None:
        return
    if late.boxes < 0 and fate is None:
        raise Invalid("请选这几份怎么处理。", fields={"fate": Sentence("请选一种")})
    if fate is BoxFate.KEPT and not kept_for.strip():
        raise Invalid("请写留给谁。", fields={"kept_for": Sentence("请写留给谁")})
    late.fate = fate if late.boxes < 0 else None
    late.kept_for = kept_for.strip() if fate is BoxFate.KEPT else ""
    late.settled_at, late.settled_by = clock.now(), by.id
    audit.record("settle_late", "late_meal", late.id, fate=fate.value if fate else "")
