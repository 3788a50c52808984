"""Working days: a visit is on record within ten of them (O67 art. 11), an objection answered within five."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import extract, func, select

from timebank import clock
from timebank.db import db
from timebank.places.models import CalendarDay
from timebank.visits.actions.scheduling import Calendar, calendar_between

RECORD_DAYS = 10
ANSWER_DAYS = 5
ASKED_FROM = 10
"""The month from which on the holidays of the next year are asked for."""
ROOM = timedelta(days=60)  # no ten working days are spread over more


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working days from some day to today and beyond."""

    calendar: Calendar

    def after(self, day: date, count: int) -> date:
        """Return the day so many working days later."""
        while count:
            day += timedelta(days=1)
            count -= self.calendar.works(day)
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days come after ``first`` up to and with ``last``."""
        return sum(self.calendar.works(first + timedelta(days=each)) for each in range(1, (last - first).days + 1))


def workdays_from(first: date) -> Workdays:
    """Return the working days from a day on."""
    return Workdays(calendar_between(first, max(first, clock.today()) + ROOM))


def answer_due() -> date:
    """Return the day by which what is objected to today has to be answered."""
    return workdays_from(clock.today()).after(clock.today(), ANSWER_DAYS)


def unknown_years(first: date) -> list[int]:
    """Return the years from a day on whose holidays should be known by now and are not, so that Monday to Friday is assumed.

    The next year's are asked for from October on: the State Council says them in the autumn, and what is planned, and the ten
    working days of December, reach into January.
    """
    last = clock.today().year + (clock.today().month >= ASKED_FROM)
    known = set(db.session.scalars(select(func.distinct(extract("year", CalendarDay.day)))))
    return [year for year in range(first.year, last + 1) if year not in known]


def special_days(first: date) -> Sequence[CalendarDay]:
    """Return the days from one on that differ from the ordinary week, in their order."""
    return db.session.scalars(select(CalendarDay).where(CalendarDay.day >= first).order_by(CalendarDay.day)).all()
