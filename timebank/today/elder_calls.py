"""Elders' own calls for help as Today shows them: how long ago, and whom else to ring."""

from dataclasses import dataclass

from timebank import clock
from timebank.access.models import User
from timebank.elders.queries import family_of
from timebank.visits import calls
from timebank.visits.calls import ElderCall


@dataclass(frozen=True, slots=True)
class CallCard:
    """An elder's call as a card: how long ago it came, and whom else to ring."""

    call: ElderCall
    minutes_ago: int
    family: list[User]


def call_cards(community_id: int) -> list[CallCard]:
    """Return the calls nobody has closed, as cards, oldest first."""
    return [
        CallCard(
            call=each,
            minutes_ago=max(0, int((clock.now() - each.raised_at).total_seconds() // 60)),
            family=[user for link, user in family_of(each.elder) if link.approved_at is not None and not link.own],
        )
        for each in calls.open_calls(community_id)
    ]
