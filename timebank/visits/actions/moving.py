"""The one door that sets a visit's state: it checks the machine, sets, settles what the elder pays, and audits."""

from timebank import audit
from timebank.errors import Conflict
from timebank.visits.actions import paying
from timebank.visits.models import Offer, OfferState, Visit, VisitState
from timebank.visits.states import ACCEPTED, BEFORE_DOOR, CANCELLED, LIVE, OFFERED, OPEN, may_follow

UNPAID = {OPEN, OFFERED}
"""Nothing is set aside for a visit in either of these, so none is asked for on the way from one to the other."""


def move(visit: Visit, to: VisitState, *, why: str = "") -> None:
    """Let a visit become ``to``; Conflict where the machine in ``states`` has no such step.

    ``why`` says why it is cancelled. An open visit has no day and no minute; a visit that comes back forgets why it was called off.
    """
    before = visit.state or OPEN
    if not may_follow(before, to):
        raise Conflict("这一件已经是别的状态了，这一步做不了。回到上一页看它现在的样子。")
    visit.state = to
    visit.ended_why = why if to is CANCELLED else ""
    if to is OPEN:
        visit.day = visit.start = None
    if not {before, to} <= UNPAID:
        paying.keep(visit)
    if before is not to:
        audit.record("move", "visit", visit.id, before=before.value, after=to.value, why=why)


def settle(visit: Visit) -> None:
    """Let a visit that nobody has begun follow its live offers: open without any, accepted when the whole crew has."""
    live = [each for each in visit.offers if each.state in LIVE]
    if visit.state not in BEFORE_DOOR or any(map(_has_begun, live)):
        return
    accepted = [each for each in live if each.state is OfferState.ACCEPTED]
    move(visit, OPEN if not live else ACCEPTED if len(accepted) >= visit.crew else OFFERED)


def _has_begun(made: Offer) -> bool:
    """Say whether somebody is at the door or on the way with the boxes, this one among them: whoever has not answered has not taken it."""
    fetched = made.round is not None and made.round.picked_up_at is not None
    return made.started_at is not None or (fetched and made.state is OfferState.ACCEPTED)
