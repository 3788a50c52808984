"""What waits for a second person in a room of its own: it stands on the same list, and is decided on its own page.

A room whose pages decide such a thing registers here what of it waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from timebank.access.models import User
from timebank.sentences import Pair


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One such thing: what it is, who asked and when, where it is decided, and why the reader does not decide it, if so."""

    title: Pair
    asked_by: str
    asked_at: datetime
    href: str
    why_not: Pair | None


Waiting = Callable[[int, User], Sequence[Elsewhere]]
_rooms: list[Waiting] = []


def register(waiting: Waiting) -> None:
    """Say what of a room waits, for a community and a reader."""
    _rooms.append(waiting)


def waiting(community_id: int, reader: User) -> list[Elsewhere]:
    """Return what waits in rooms of their own, the oldest first."""
    return sorted((each for room in _rooms for each in room(community_id, reader)), key=lambda each: each.asked_at)
