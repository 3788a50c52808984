"""The machine of a ticket: what may become of it, drawn once. ``actions.steps.move`` is the one door that walks it.

::

    from / to   received  sorted     in hand     ended     closed
    received    .         sorted     -           -         -
    sorted      -         another¹   begun       -         -
    in hand     -         another¹   .           outcome   -
    ended       -         -          reopened²   .         call³
    closed      -         -          reopened²   -         .

1. It goes to somebody else, or is sorted anew. 2. Whoever brought it is not content, or it comes back. 3. The return call, which
is the only way to the end; papers that are out keep a ticket from it.
"""

from collections.abc import Mapping

from timebank.cases.models import State

ALLOWED: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.SORTED}),
    State.SORTED: frozenset({State.SORTED, State.IN_HAND}),
    State.IN_HAND: frozenset({State.SORTED, State.ENDED}),
    State.ENDED: frozenset({State.IN_HAND, State.CLOSED}),
    State.CLOSED: frozenset({State.IN_HAND}),
}
OPEN = (State.RECEIVED, State.SORTED, State.IN_HAND)
"""Somebody still works on it."""
NOT_CLOSED = (*OPEN, State.ENDED)
"""Its next step has a day."""
