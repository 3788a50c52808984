"""Whoever is on duty is nowhere else: no visit is asked of them or agreed to at that time, the way there and back counted in."""

from datetime import date

from timebank.errors import Conflict
from timebank.visits import on_duty
from timebank.visits.on_duty import WAY_MINUTES
from timebank.volunteers.models import Volunteer


def must_not_be_on_duty(volunteer: Volunteer, day: date, first: int, last: int) -> None:
    """Refuse to ask somebody, or let them agree, to a visit while they are on duty or on the way there."""
    duty = on_duty.blocking(volunteer, day, first, last)
    if duty is not None:
        raise Conflict(
            f"{volunteer.name} {duty.span} 在“{duty.title}”值守，前后各留 {WAY_MINUTES} 分钟路上，这段时间不能再排上门。请换人或换时间。",
            f"{volunteer.name} is on duty at “{duty.title}” {duty.span}, with {WAY_MINUTES} minutes of way before and after. "
            "Ask somebody else or for another time.",
        )
