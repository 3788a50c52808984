"""Verbs of volunteers about their own time: time off, and the free times of the ordinary week."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Invalid
from timebank.volunteers import queries
from timebank.volunteers.models import Availability, TimeOff, Volunteer

WHOLE_DAY = (0, 1440)
Span = tuple[int, int]


def add_time_off(volunteer: Volunteer, day: date, span: Span = WHOLE_DAY, reason: str = "") -> TimeOff:
    """Note that a volunteer is away; the same time noted twice stays one."""
    if day < clock.today():
        raise Invalid(
            "这一天已经过去了，请选今天以后的日期。", "That day is past. Choose a later one.", fields={"day": ("日期已过", "In the past")}
        )
    _check(span)
    for known in queries.time_off_from(volunteer, day):
        if known.day == day and known.start <= span[0] and span[1] <= known.end:
            return known
    away = TimeOff(volunteer_id=volunteer.id, day=day, start=span[0], end=span[1], reason=reason.strip())
    db.session.add(away)
    db.session.flush()
    audit.record("add", "time_off", away.id, volunteer=volunteer.id, day=day.isoformat())
    return away


def drop_time_off(away: TimeOff) -> None:
    """Take a time off back."""
    audit.record("drop", "time_off", away.id, volunteer=away.volunteer_id, day=away.day.isoformat())
    db.session.delete(away)


def set_availability(volunteer: Volunteer, weekday: int, spans: Iterable[Span]) -> list[Span]:
    """Set the free times of one weekday of the ordinary week; times that touch become one."""
    merged = _merged(spans)
    db.session.execute(delete(Availability).where(Availability.volunteer_id == volunteer.id, Availability.weekday == weekday))
    db.session.add_all(Availability(volunteer_id=volunteer.id, weekday=weekday, start=start, end=end) for start, end in merged)
    db.session.flush()
    db.session.expire(volunteer, ["availability"])
    audit.record("set_availability", "volunteer", volunteer.id, weekday=weekday, spans=merged)
    return merged


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch or overlap joined."""
    joined: list[Span] = []
    for span in sorted(spans):
        _check(span)
        if joined and span[0] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span[1]))
        else:
            joined.append(span)
    return joined


def _check(span: Span) -> None:
    """Refuse a time that ends before it begins."""
    if not 0 <= span[0] < span[1] <= 1440:
        raise Invalid(
            "结束时间要晚于开始时间，都在一天之内。",
            "The end must come after the start, both within the day.",
            fields={"start": ("时间不对", "Wrong time")},
        )
