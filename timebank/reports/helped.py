"""For whom something was done: the persons a visit or a served door of a meal round was for, not all who live there."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, select, union_all

from timebank.db import db
from timebank.elders.models import Elder, ElderState, Pause
from timebank.visits.models import HelpRequest, Offer, ServiceRecord, Visit
from timebank.visits.states import SERVED


@dataclass(frozen=True, slots=True)
class Lived:
    """Somebody behind a door: who, whether they live there still, and the days on which they were away."""

    elder: int
    there: bool
    away: Sequence[tuple[date, date]]

    def is_home(self, day: date) -> bool:
        """Say whether somebody was not away on a day."""
        return not any(first <= day <= last for first, last in self.away)


def meant(elder: int | None, eaters: Sequence[int], boxes: int, home: Sequence[Lived], day: date) -> list[int]:
    """Return for whom a visit of a day was: the one it names, those who eat, one a box, else everybody at home.

    Nobody notes on which day somebody moved away or died, so those who have gone since come last and only where the boxes say
    that they still ate, or nobody else can have been meant.
    """
    if elder is not None:
        return [elder]
    named = [each for each in home if each.elder in eaters]
    people = named if named and len(named) >= boxes else list(home)
    there = [each for each in people if each.is_home(day)] or people
    there.sort(key=lambda each: (not each.there, each.elder))
    if boxes:
        return [each.elder for each in there[:boxes]]
    return [each.elder for each in there if each.there] or [each.elder for each in there]


def helped_by_community(inside: ColumnElement[bool]) -> Counter[int]:
    """Return how many persons something was done for in the records that meet a condition, by the community they live in."""
    return Counter(community for community, _elder in {(each.community, each.elder) for each in turns(inside)})


@dataclass(frozen=True, slots=True)
class Turn:
    """One visit for one person (人次), however many went: two people at a door are two of them; ``day`` is when it was."""

    visit: int
    elder: int
    community: int
    day: date = field(compare=False)


def turns(inside: ColumnElement[bool]) -> set[Turn]:
    """Return for whom what was done in the records that meet a condition, once each."""
    visited = select(Visit.id, ServiceRecord.day).join(ServiceRecord, ServiceRecord.visit_id == Visit.id).where(inside)
    carried = (
        select(Visit.id, ServiceRecord.day)
        .join(Offer, Offer.visit_id == Visit.id)
        .join(ServiceRecord, ServiceRecord.round_id == Offer.round_id)
        .where(inside, Offer.outcome.in_(SERVED))
    )
    served = union_all(visited, carried).subquery()
    asked = (Visit.id, Visit.household_id, HelpRequest.elder_id, HelpRequest.eaters, Visit.boxes, served.c.day, Visit.community_id)
    rows = db.session.execute(select(*asked).join(served, served.c.id == Visit.id).join(HelpRequest)).all()
    homes = _homes({row[1] for row in rows})
    return {
        Turn(visit, elder, place, day)
        for visit, home, one, eaters, boxes, day, place in rows
        for elder in meant(one, eaters, boxes, homes[home], day)
    }


def _homes(numbers: set[int]) -> dict[int, list[Lived]]:
    """Return who lives, or lived, behind some doors."""
    away: dict[int, list[tuple[date, date]]] = defaultdict(list)
    mine = select(Elder.id).where(Elder.household_id.in_(numbers))
    for elder, first, last in db.session.execute(select(Pause.elder_id, Pause.first_day, Pause.last_day).where(Pause.elder_id.in_(mine))):
        away[elder].append((first, last))
    homes: dict[int, list[Lived]] = defaultdict(list)
    found = select(Elder.household_id, Elder.id, Elder.state).where(Elder.household_id.in_(numbers)).order_by(Elder.id)
    for home, elder, state in db.session.execute(found):
        homes[home].append(Lived(elder, state is ElderState.ACTIVE, away[elder]))
    return homes
