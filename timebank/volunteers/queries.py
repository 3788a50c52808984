"""Reads of volunteers; each is narrowed to a person."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from timebank.access.models import User
from timebank.db import db
from timebank.volunteers.models import Availability, TimeOff, Volunteer


def volunteer_of(user: User) -> Volunteer | None:
    """Return the volunteer a user is, while they still serve."""
    return db.session.scalars(select(Volunteer).where(Volunteer.user_id == user.id, Volunteer.active)).first()


def time_off_from(volunteer: Volunteer, first: date) -> Sequence[TimeOff]:
    """Return when a volunteer is away from a day on."""
    return db.session.scalars(
        select(TimeOff).where(TimeOff.volunteer_id == volunteer.id, TimeOff.day >= first).order_by(TimeOff.day, TimeOff.start)
    ).all()


def time_off_of(volunteer: Volunteer, time_off_id: int) -> TimeOff | None:
    """Return a time off of this very volunteer."""
    return db.session.scalars(select(TimeOff).where(TimeOff.id == time_off_id, TimeOff.volunteer_id == volunteer.id)).first()


def availability_of(volunteer: Volunteer) -> dict[int, list[tuple[int, int]]]:
    """Return the free times of a volunteer's ordinary week, by weekday."""
    week: dict[int, list[tuple[int, int]]] = {weekday: [] for weekday in range(7)}
    rows = select(Availability).where(Availability.volunteer_id == volunteer.id).order_by(Availability.weekday, Availability.start)
    for row in db.session.scalars(rows):
        week[row.weekday].append((row.start, row.end))
    return week
