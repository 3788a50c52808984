"""What is counted, and how: the records of a time as lines, and pure functions that add them up.

A visit and its door count once however large its crew, a meal round is one visit with each of its doors, people are counted by
who they are; minutes are everybody's own. A duty, and what was entered by hand without a visit, is a service with no door.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, select

from timebank.db import db
from timebank.visits.afterwards import entered
from timebank.visits.models import ServiceRecord

Source = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One record as it is added up."""

    record: int
    community: int
    volunteer: int
    kind: int
    day: date
    minutes: int
    doors: int
    visit: int | None
    round: int | None
    entry: int | None
    duty: int | None
    entered: bool

    @property
    def source(self) -> Source:
        """What was done: one visit or one round, whoever went along, one duty, or one entry by hand."""
        if self.round is not None:
            return "round", self.round
        if self.duty is not None:
            return "duty", self.duty
        return ("visit", self.visit) if self.visit is not None else ("entry", self.entry or 0)

    @property
    def is_by_hand(self) -> bool:
        """Whether it was entered by hand and was never a visit, so that no door is known."""
        return self.entry is not None and self.visit is None

    @property
    def has_doors(self) -> bool:
        """Whether somebody stood at a door: a visit or a round, neither a duty nor what was entered by hand."""
        return self.visit is not None or self.round is not None

    @property
    def is_back_entry(self) -> bool:
        """Whether it is a planned visit that somebody entered later because nobody checked in."""
        return self.entry is not None and self.visit is not None


@dataclass(slots=True)
class Tally:
    """What some records add up to: who helped, what was done with its doors, minutes and how many of them were entered afterwards."""

    persons: set[int] = field(default_factory=set)
    services: dict[Source, int] = field(default_factory=dict)
    minutes: int = 0
    entered: int = 0

    @property
    def volunteers(self) -> int:
        """How many persons helped."""
        return len(self.persons)

    @property
    def visits(self) -> int:
        """How many visits, rounds, duties and entries by hand, each once."""
        return len(self.services)

    @property
    def doors(self) -> int:
        """How many doors somebody stood at, each once a visit."""
        return sum(self.services.values())

    def count(self, line: Line, *, doors: int | None = None, minutes: int | None = None) -> None:
        """Count a record, or a part of it."""
        self.persons.add(line.volunteer)
        whole = line.doors if line.has_doors else 0
        self.services[line.source] = whole if doors is None else doors
        share = line.minutes if minutes is None else minutes
        self.minutes += share
        self.entered += share if line.entered else 0


class Counted:
    """What a report says of everything it counts: ``whole`` adds it up, a crew's visit once."""

    __slots__ = ()
    whole: Tally

    @property
    def visits(self) -> int:
        """All visits, rounds and entries by hand, each once."""
        return self.whole.visits

    @property
    def minutes(self) -> int:
        """All recorded minutes."""
        return self.whole.minutes

    @property
    def entered(self) -> int:
        """The minutes among them that were entered afterwards."""
        return self.whole.entered


def lines_of(inside: ColumnElement[bool]) -> list[Line]:
    """Return the records that meet a condition, each as it is added up."""
    columns = (
        ServiceRecord.id,
        ServiceRecord.community_id,
        ServiceRecord.volunteer_id,
        ServiceRecord.kind_id,
        ServiceRecord.day,
        ServiceRecord.minutes,
        ServiceRecord.doors,
        ServiceRecord.visit_id,
        ServiceRecord.round_id,
        ServiceRecord.entry_id,
        ServiceRecord.duty_id,
        entered(),
    )
    return [Line(*tuple(row)) for row in db.session.execute(select(*columns).where(inside).order_by(ServiceRecord.id))]


def added_up(lines: Iterable[Line], keys: Callable[[Line], Iterable[int]]) -> dict[int, Tally]:
    """Return the tallies of some records by the keys of each."""
    tallies: dict[int, Tally] = defaultdict(Tally)
    for line in lines:
        for key in keys(line):
            tallies[key].count(line)
    return tallies


def total(lines: Iterable[Line]) -> Tally:
    """Return the tally of all of some records."""
    return added_up(lines, lambda _line: (0,)).get(0, Tally())


def shared_out(places: Sequence[int], minutes: int) -> list[tuple[int, int, int]]:
    """Return for each place behind a record's doors how many doors and minutes are its, the odd minutes to the first doors."""
    each, odd = divmod(minutes, len(places) or 1)
    shares: dict[int, tuple[int, int]] = {}
    for number, place in enumerate(places):
        count, so_far = shares.get(place, (0, 0))
        shares[place] = (count + 1, so_far + each + (number < odd))
    return [(place, count, share) for place, (count, share) in shares.items()]
