"""Whoever is on duty is nowhere else: no visit is asked of them or agreed to at that time, the way there and back counted in."""

from collections.abc import Sequence
from datetime import date

from timebank.errors import Conflict
from timebank.visits import on_duty
from timebank.visits.on_duty import WAY_MINUTES
from timebank.volunteers.models import Volunteer


def must_not_be_on_duty(volunteer: Volunteer, day: date, first: int, last: int) -> None:
    """Refuse to ask somebody, or let them agree, to a visit while they are on duty or on the way there."""
    none_on_duty([(volunteer, day, first, last)])


def none_on_duty(asked: Sequence[tuple[Volunteer, date, int, int]]) -> None:
    """Refuse the same for several people, each with the day and the minutes they are asked for."""
    taken = on_duty.taken({each[0].id for each in asked}, {each[1] for each in asked})
    for volunteer, day, first, last in asked:
        mine = (each for each in taken if (each.volunteer_id, each.day) == (volunteer.id, day))
        duty = next((each for each in mine if each.start - WAY_MINUTES < last and each.until + WAY_MINUTES > first), None)
        if duty is None:
            continue
        raise Conflict(
            "%(volunteer)s %(span)s 在“%(duty)s”值守，前后各留 %(way_minutes)s 分钟路上，这段时间不能再排上门。请换人或换时间。",
            volunteer=volunteer.name,
            span=duty.span,
            duty=duty.title,
            way_minutes=WAY_MINUTES,
        )
