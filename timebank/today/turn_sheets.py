"""The sign-in sheet of one turn of duty: who is to be there, with room to sign, and the code of the day to be shown at the place."""

from timebank import clock
from timebank.papers.facts import TurnSheet
from timebank.places.models import Community
from timebank.visits import on_duty
from timebank.visits.duties import Duty

SPARE = 3
FEWEST = 8


def turn_sheet(duty: Duty, community: Community) -> TurnSheet:
    """Return the sheet of the turn a place belongs to: a line for each place and a few to spare."""
    turn = on_duty.of_turn(duty)
    names = [each.volunteer.name if each.volunteer is not None else "" for each in turn]
    names.sort(key=lambda name: not name)
    names += [""] * max(SPARE, FEWEST - len(names))
    code = duty.code if duty.ends > clock.now() else ""
    return TurnSheet(duty.day, duty.title, duty.place, duty.span, community.name, tuple(names), code, clock.now(), clock.clock.is_demo)
