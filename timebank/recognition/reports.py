"""The monthly report of a community or a street: persons, visits and hours apart, never in one figure.

Voluntary service only; what paid staff did stands beside it in one sentence. The records of a month are read once and
added up by kind, team, building and weekday. A meal round is one visit; its minutes are shared out to its doors only
here, where buildings are counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, not_, select, union

from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Elder, Household
from timebank.places.models import Building, Community, Compound
from timebank.recognition.marks import Mark, marks
from timebank.recognition.queries import COUNTS, VOLUNTARY, month_of, months_until, next_month
from timebank.visits.models import Offer, ServiceRecord, Visit
from timebank.visits.states import SERVED
from timebank.volunteers.models import Team, TeamMember

MONTHS_SHOWN = 12
WEEK = 7


@dataclass(frozen=True, slots=True)
class Place:
    """Whose report it is: a community alone, or the communities of a street together."""

    name: str
    unit: str
    communities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the month as it is added up."""

    record: int
    community: int
    volunteer: int
    kind: int
    day: date
    minutes: int
    doors: int
    visit: int | None
    round: int | None


@dataclass(slots=True)
class Tally:
    """What some records add up to: persons who helped, visits or rounds, doors, minutes."""

    persons: set[int] = field(default_factory=set)
    visits: int = 0
    doors: int = 0
    minutes: int = 0

    def count(self, line: Line, *, doors: int | None = None, minutes: int | None = None) -> None:
        """Count a record, or a part of it."""
        self.persons.add(line.volunteer)
        self.visits += 1
        self.doors += line.doors if doors is None else doors
        self.minutes += line.minutes if minutes is None else minutes


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its name in both languages and its tally."""

    name: str
    name_en: str
    volunteers: int
    visits: int
    doors: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Report:
    """A month: how many helped, how many were helped, how often, how long; by kind, team, building, weekday, community, confirmer."""

    place: Place
    month: date
    volunteers: int
    elders: int
    kinds: list[Row]
    teams: list[Row]
    buildings: list[Row]
    weekdays: list[Tally]
    communities: list[Row]
    marks: list[Mark]
    by_month: list[tuple[date, int]]
    staff_visits: int
    staff_minutes: int

    @property
    def visits(self) -> int:
        """All visits and rounds."""
        return sum(kind.visits for kind in self.kinds)

    @property
    def doors(self) -> int:
        """All doors, a round's each counted."""
        return sum(kind.doors for kind in self.kinds)

    @property
    def minutes(self) -> int:
        """All recorded minutes."""
        return sum(kind.minutes for kind in self.kinds)


def of_community(community: Community) -> Place:
    """Return a community as the place of a report."""
    return Place(community.name, community.issuer, (community.id,))


def of_street(communities: Sequence[Community]) -> Place:
    """Return the communities of one street as the place of a report."""
    street = communities[0].street.name
    return Place(street, street, tuple(each.id for each in communities))


def monthly(place: Place, month: date) -> Report:
    """Return the report of a place's month."""
    inside = _inside(place, month, VOLUNTARY)
    lines = _lines(inside)
    staff = db.session.execute(
        select(func.count(), func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(_inside(place, month, COUNTS), not_(VOLUNTARY))
    ).one()
    return Report(
        place=place,
        month=month_of(month),
        volunteers=len({line.volunteer for line in lines}),
        elders=_elders_served(inside),
        kinds=_named(_added_up(lines, lambda line: [line.kind]), _kind_names()),
        teams=_teams(lines, place),
        buildings=_buildings(lines, inside),
        weekdays=_weekdays(lines),
        communities=_named(_added_up(lines, lambda line: [line.community]), _community_names(place)),
        marks=marks(inside),
        by_month=[(each, _minutes(_inside(place, each, VOLUNTARY))) for each in months_until(month_of(month), MONTHS_SHOWN)],
        staff_visits=staff[0],
        staff_minutes=int(staff[1]),
    )


def _inside(place: Place, month: date, counts: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that a record counts and lies in a place's month."""
    days = and_(ServiceRecord.day >= month_of(month), ServiceRecord.day < next_month(month))
    return and_(counts, days, ServiceRecord.community_id.in_(place.communities))


def _lines(inside: ColumnElement[bool]) -> list[Line]:
    """Return the records of a month, each as it is added up."""
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
    )
    return [Line(*row) for row in db.session.execute(select(*columns).where(inside).order_by(ServiceRecord.id))]


def _added_up(lines: Iterable[Line], keys: Callable[[Line], Iterable[int]]) -> dict[int, Tally]:
    """Add records up by the keys of each."""
    tallies: dict[int, Tally] = defaultdict(Tally)
    for line in lines:
        for key in keys(line):
            tallies[key].count(line)
    return tallies


def _named(tallies: dict[int, Tally], names: dict[int, tuple[str, str]]) -> list[Row]:
    """Return the rows of some tallies, most minutes first."""
    rows = [Row(*names[key], len(each.persons), each.visits, each.doors, each.minutes) for key, each in tallies.items()]
    return sorted(rows, key=lambda row: (-row.minutes, row.name))


def _kind_names() -> dict[int, tuple[str, str]]:
    """Return the kinds of service by number."""
    return {number: (zh, en) for number, zh, en in db.session.execute(select(ServiceKind.id, ServiceKind.name, ServiceKind.name_en))}


def _community_names(place: Place) -> dict[int, tuple[str, str]]:
    """Return the communities of a place by number."""
    rows = db.session.execute(select(Community.id, Community.name).where(Community.id.in_(place.communities)))
    return {number: (name, name) for number, name in rows}


def _teams(lines: Iterable[Line], place: Place) -> list[Row]:
    """Return the rows by team; somebody in two teams counts for both, somebody in none for none."""
    rows = db.session.execute(
        select(TeamMember.volunteer_id, TeamMember.team_id, TeamMember.joined, TeamMember.left, Team.name)
        .join(Team, Team.id == TeamMember.team_id)
        .where(Team.community_id.in_(place.communities))
    ).all()
    spans: dict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
    for volunteer, team, joined, left, _name in rows:
        spans[volunteer].append((team, joined, left))

    def teams_that_day(line: Line) -> set[int]:
        return {team for team, joined, left in spans[line.volunteer] if joined <= line.day and (left is None or line.day < left)}

    return _named(_added_up(lines, teams_that_day), {team: (name, name) for _, team, _, _, name in rows})


def _weekdays(lines: Iterable[Line]) -> list[Tally]:
    """Return the tallies of Monday to Sunday."""
    tallies = _added_up(lines, lambda line: [line.day.weekday()])
    return [tallies.get(weekday, Tally()) for weekday in range(WEEK)]


def _buildings(lines: Iterable[Line], inside: ColumnElement[bool]) -> list[Row]:
    """Return the rows by building; a round's minutes are shared out evenly to its doors, the odd ones to the first."""
    visited, rounds = _doors(inside)
    tallies: dict[int, Tally] = defaultdict(Tally)
    for line in lines:
        doors = visited.get(line.visit or 0, []) or rounds.get(line.round or 0, [])
        for building, count, minutes in _shared(doors, line.minutes):
            tallies[building].count(line, doors=count, minutes=minutes)
    names = db.session.execute(select(Building.id, Compound.name, Building.name).join(Compound).where(Building.id.in_(tallies)))
    return _named(tallies, {number: (f"{compound} {name}",) * 2 for number, compound, name in names})


def _shared(doors: Sequence[int], minutes: int) -> list[tuple[int, int, int]]:
    """Return for each building of a record's doors how many doors and minutes are its."""
    each, odd = divmod(minutes, len(doors) or 1)
    shares: dict[int, tuple[int, int]] = {}
    for place, building in enumerate(doors):
        count, so_far = shares.get(building, (0, 0))
        shares[building] = (count + 1, so_far + each + (place < odd))
    return [(building, count, total) for building, (count, total) in shares.items()]


def _doors(inside: ColumnElement[bool]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return the buildings behind the visits and behind the served doors of the rounds of some records."""
    visited = (
        select(Visit.id, Household.building_id)
        .join(Household, Household.id == Visit.household_id)
        .join(ServiceRecord, ServiceRecord.visit_id == Visit.id)
        .where(inside)
        .distinct()
    )
    delivered = (
        select(Offer.round_id, Household.building_id)
        .join(Visit, Visit.id == Offer.visit_id)
        .join(Household, Household.id == Visit.household_id)
        .join(ServiceRecord, ServiceRecord.round_id == Offer.round_id)
        .where(inside, Offer.outcome.in_(SERVED))
        .order_by(Offer.start, Offer.id)
    )
    return _gathered(visited), _gathered(delivered)


def _gathered(rows: Select[int | None, int]) -> dict[int, list[int]]:
    """Return the second numbers of some rows by the first."""
    found: dict[int, list[int]] = defaultdict(list)
    for first, second in db.session.execute(rows):
        found[first or 0].append(second)
    return found


def _elders_served(inside: ColumnElement[bool]) -> int:
    """Return how many persons live behind the doors that were served."""
    visited = select(Visit.household_id).join(ServiceRecord, ServiceRecord.visit_id == Visit.id).where(inside)
    delivered = (
        select(Visit.household_id)
        .join(Offer, Offer.visit_id == Visit.id)
        .join(ServiceRecord, ServiceRecord.round_id == Offer.round_id)
        .where(inside, Offer.outcome.in_(SERVED))
    )
    doors = union(visited, delivered).subquery()
    return db.session.scalar(select(func.count(Elder.id)).where(Elder.household_id.in_(select(doors.c.household_id)))) or 0


def _minutes(inside: ColumnElement[bool]) -> int:
    """Return all minutes of some records."""
    return int(db.session.scalar(select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(inside)) or 0)
