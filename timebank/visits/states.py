"""The machine of a visit: what may become of it, drawn once. ``actions.moving.move`` is the one door that walks it.

::

    from / to     open  offered  accepted  under_way  done  confirmed  failed  cancelled
    open          .     asked    agreed¹   -          ²     ²          -       called off
    offered       lost  .        agreed    begun³     ²     ²          ²       called off
    accepted      lost  crew⁴    .         begun      tap   entered²   door    called off
    under_way     lost⁵ lost⁵    lost⁵     .          tap   entered²   door    called off⁶
    done          -     -        -         undone     .     confirmed  -       -
    confirmed     -     -        -         -          -     .          -       -
    failed        -     -        -         -          ²     ²          .       -
    cancelled     back⁷ back⁷    back⁷     -          -     -          -       .

1. On-duty staff need not answer: asked is agreed. 2. Entered at the desk or by two people after the fact. 3. One of a crew begins
while the other has not answered. 4. One of a crew is lost, the other stands. 5. The carrier cannot go on: doors not reached yet
go to somebody else. 6. The elder is away while the meal is on its way. 7. Called off because nobody was at home, and they are.

What failed at the door stays failed: going there again is a visit of its own (``actions.again``).

A visit is *to come* while it is open, offered or accepted; it *ends* confirmed, failed or cancelled.
"""

from collections.abc import Mapping
from enum import StrEnum

from timebank.visits.models import OfferState, Outcome, VisitState

OPEN, OFFERED, ACCEPTED, UNDER_WAY = VisitState.OPEN, VisitState.OFFERED, VisitState.ACCEPTED, VisitState.UNDER_WAY
DONE, CONFIRMED, FAILED, CANCELLED = VisitState.DONE, VisitState.CONFIRMED, VisitState.FAILED, VisitState.CANCELLED

ALLOWED: Mapping[VisitState, frozenset[VisitState]] = {
    OPEN: frozenset({OFFERED, ACCEPTED, DONE, CONFIRMED, CANCELLED}),
    OFFERED: frozenset({OPEN, ACCEPTED, UNDER_WAY, DONE, CONFIRMED, FAILED, CANCELLED}),
    ACCEPTED: frozenset({OPEN, OFFERED, UNDER_WAY, DONE, CONFIRMED, FAILED, CANCELLED}),
    UNDER_WAY: frozenset({OPEN, OFFERED, ACCEPTED, DONE, CONFIRMED, FAILED, CANCELLED}),
    DONE: frozenset({UNDER_WAY, CONFIRMED}),
    CONFIRMED: frozenset(),
    FAILED: frozenset({DONE, CONFIRMED}),
    CANCELLED: frozenset({OPEN, OFFERED, ACCEPTED}),
}

TO_COME = frozenset({OPEN, OFFERED, ACCEPTED})
"""Not begun: it can still be planned, asked for, given to somebody else or called off."""
BEFORE_DOOR = TO_COME | {UNDER_WAY}
"""Nobody has been at the door yet, as far as anybody has said."""
ENDED = frozenset({CONFIRMED, FAILED, CANCELLED})

LIVE = (OfferState.SENT, OfferState.ACCEPTED)
"""The states of an offer that stands."""
SERVED = frozenset({Outcome.DONE, Outcome.UNWELL})
"""The outcomes at a door after which somebody was served."""
STOOD_AT = SERVED | {Outcome.NO_ANSWER}
"""The outcomes after which a carrier of meals had stood at the door, so that it is counted among the doors of the round."""


class Why(StrEnum):
    """Why a visit was called off or an offer taken back."""

    AWAY = "elder_away"
    GONE = "elder_gone"
    FAMILY = "family"
    DESK = "desk"
    NEED = "need_changed"
    NOBODY = "nobody"
    ILL = "cannot_come"
    LEFT = "left"
    NOT_PAIRED = "not_paired"
    REPLANNED = "replanned"
    ELSEWHERE = "given_to_another"
    TAKEN_BACK = "taken_back"
    NO_ANSWER = "no_answer"
    NO_MORE = "no_more"


def may_follow(before: VisitState, after: VisitState) -> bool:
    """Say whether one state may follow another; staying is always allowed."""
    return before is after or after in ALLOWED[before]
