"""Shares of what was settled, of what came in: by sort, by topic, by month and by place; a reopened ticket counts once, as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import extract, func, select

from timebank import clock
from timebank.cases.models import Heard, Outcome, Ticket
from timebank.db import db
from timebank.places.models import Compound


@dataclass(slots=True)
class Share:
    """How many tickets came in, how each of them ended so far, and what was heard of them."""

    received: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    heard: dict[Heard, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many were settled."""
        return self.outcomes.get(Outcome.SETTLED, 0)

    @property
    def still_open(self) -> int:
        """How many have no outcome yet."""
        return self.received - sum(self.outcomes.values())

    @property
    def percent(self) -> float | None:
        """The settled of a hundred that came in, nothing where none came in."""
        return round(100 * self.settled / self.received, 1) if self.received else None

    @property
    def content(self) -> float | None:
        """The satisfied of a hundred that were reached, nothing where nobody was."""
        reached = sum(count for heard, count in self.heard.items() if heard is not Heard.UNREACHED)
        return round(100 * self.heard.get(Heard.SATISFIED, 0) / reached, 1) if reached else None

    def add(self, outcome: Outcome | None, heard: Heard | None, count: int) -> None:
        """Count some tickets more."""
        self.received += count
        if outcome is not None:
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
        if heard is not None:
            self.heard[heard] = self.heard.get(heard, 0) + count


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a year: in all, and by sort, topic, month and compound, each in the order of its page."""

    year: int
    whole: Share
    sorts: dict[str, Share]
    topics: dict[str, Share]
    months: dict[int, Share]
    places: dict[str, Share]


def shares(community_id: int, year: int) -> Shares:
    """Return the shares of what came in during a year."""
    month = extract("month", Ticket.received_on)
    parts = (Ticket.sort, Ticket.topic, month, Compound.name, Ticket.outcome, Ticket.heard)
    within = (Ticket.received_on >= date(year, 1, 1), Ticket.received_on < date(year + 1, 1, 1))
    rows = select(*parts, func.count()).outerjoin(Ticket.compound).where(Ticket.community_id == community_id, *within).group_by(*parts)
    made = Shares(year, Share(), {}, {}, {}, {})
    for sort, topic, number, place, outcome, heard, count in db.session.execute(rows):
        made.whole.add(outcome, heard, count)
        made.sorts.setdefault(sort.value, Share()).add(outcome, heard, count)
        made.topics.setdefault(topic.value if topic else "", Share()).add(outcome, heard, count)
        made.months.setdefault(int(number), Share()).add(outcome, heard, count)
        made.places.setdefault(place or "", Share()).add(outcome, heard, count)
    return made


def years(community_id: int) -> Sequence[int]:
    """Return the years in which something came in, this one always, the newest first."""
    first = db.session.scalar(select(func.min(Ticket.received_on)).where(Ticket.community_id == community_id))
    return list(range(clock.today().year, (first.year if first else clock.today().year) - 1, -1))
