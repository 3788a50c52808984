"""Doors of whoever follows an elder and of whoever serves: what they call off, when nobody is needed, when they are away themselves."""

from datetime import timedelta
from typing import Any

from timebank import clock
from timebank.access.guards import this_user
from timebank.api.edge import Doors, once
from timebank.api.shapes import people as shapes
from timebank.api.shared import me
from timebank.desk.views.volunteers import note_away
from timebank.elders.models import Elder
from timebank.elders.queries import pause_of
from timebank.visits import queries
from timebank.visits.actions import homes, not_coming
from timebank.visits.models import Visit
from timebank.volunteers import actions as volunteer_actions
from timebank.volunteers.queries import time_off_of
from timebank.web import found

doors = Doors("follows", "Days away, and visits called off by whoever follows them")


def _visit(visit_id: int) -> Visit:
    """Return a visit one follows, one that was called off too."""
    return found(queries.visit_of_user(this_user(), visit_id))


def _elder(elder_id: int) -> Elder:
    """Return an elder one speaks for, or who lives with one: away together, they come back by the same door."""
    mine = queries.elders_of_user(this_user())
    return found(next((each for elder in mine for each in (elder, *homes.together(elder)) if each.id == elder_id), None))


@doors.post("/my/visits/<int:visit_id>/call-off")
@once
@doors.response(200, shapes.DoneShape)
def call_off(visit_id: int) -> dict[str, Any]:
    """Call this one visit off; whoever was to come is told, the others stay."""
    return {"done": "called_off", "given_back": len(not_coming.not_coming([_visit(visit_id)], this_user()))}


@doors.post("/my/visits/<int:visit_id>/after-all")
@once
@doors.response(200, shapes.DoneShape)
def after_all(visit_id: int) -> dict[str, Any]:
    """Let a visit that was called off take place after all."""
    not_coming.after_all(_visit(visit_id), this_user())
    return {"done": "after_all", "given_back": 0}


@doors.post("/my/elders/<int:elder_id>/pauses")
@once
@doors.arguments(shapes.PauseBody)
@doors.response(201, shapes.DoneShape)
def pause(said: dict[str, Any], elder_id: int) -> dict[str, Any]:
    """Note the days on which one's elder needs nobody; whoever was to come is told."""
    elder = found(next((each for each in queries.elders_of_user(this_user()) if each.id == elder_id), None))
    others = homes.others_away(elder, said["both"])
    changed = homes.pause(elder, said["first_day"], said["last_day"], said["reason"], others=others)
    return {"done": "paused", "given_back": len(changed.gone)}


@doors.post("/my/elders/<int:elder_id>/pauses/<int:pause_id>/end")
@once
@doors.response(200, shapes.DoneShape)
def come_back(elder_id: int, pause_id: int) -> dict[str, Any]:
    """Say that one's elder is back, or does not go after all."""
    elder = _elder(elder_id)
    which = found(pause_of(elder, pause_id))
    begun = which.first_day < clock.today()
    homes.come_back(elder, which, clock.today() + timedelta(days=1) if begun else clock.today())
    return {"done": "ended", "given_back": 0}


@doors.post("/my/time-off")
@once
@doors.arguments(shapes.TimeOffBody)
@doors.response(201, shapes.DoneShape)
def add_time_off(said: dict[str, Any]) -> dict[str, Any]:
    """Note when one is away oneself; what stands then is given back only where that is said, else refused (promised)."""
    return {"done": "noted", "given_back": len(note_away(me(), said).offers)}


@doors.delete("/my/time-off/<int:time_off_id>")
@once
@doors.response(200, shapes.DoneShape)
def drop_time_off(time_off_id: int) -> dict[str, Any]:
    """Take a day away of one's own back."""
    volunteer_actions.drop_time_off(found(time_off_of(me(), time_off_id)))
    return {"done": "dropped", "given_back": 0}
