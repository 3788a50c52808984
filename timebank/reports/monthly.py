"""The monthly report of a community or a street: persons, visits and hours apart, never in one figure.

Voluntary service only; what paid staff did stands beside it in one sentence. The records of a month are read once and
added up by kind, team, building and weekday. A meal round is one visit; its minutes are shared out to its doors only
here, where buildings are counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from sqlalchemy import ColumnElement, Select, and_, func, select

from timebank.catalogue.models import ServiceKind
from timebank.clock import month_of, months_until, next_month
from timebank.db import db, which
from timebank.elders.models import Household
from timebank.places.models import Building, Community, Compound
from timebank.records import changes
from timebank.records.changes import Moved
from timebank.records.totals import GIVEN, UNPAID
from timebank.reports import counting
from timebank.reports.counting import Counted, Line, Tally
from timebank.reports.helped import Turn, turns
from timebank.reports.marks import Mark, marks
from timebank.reports.satisfaction import Satisfaction, satisfaction
from timebank.sentences import Pair, Sentence
from timebank.visits.afterwards import entered_minutes
from timebank.visits.closing import MonthClose
from timebank.visits.models import Offer, ServiceRecord, Visit, record_team
from timebank.visits.states import STOOD_AT
from timebank.volunteers.models import Team, Unit

MONTHS_SHOWN = 12
WEEK = 7
NOWHERE = 0
NOT_IN_A_BUILDING = Sentence("不在楼栋里")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose report it is: a community alone, or the communities of a street together."""

    name: str
    unit: str
    communities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its name in both languages and its tally."""

    name: str
    name_en: str
    volunteers: int
    visits: int
    doors: int
    minutes: int
    entered: int

    @property
    def words(self) -> Pair:
        """What it is called, in Chinese and in English."""
        return self.name, self.name_en


@dataclass(frozen=True, slots=True)
class Helped:
    """For whom a community's service of a month was: persons, and person-times (人次); never added to visits or hours."""

    name: str
    persons: int
    times: int


@dataclass(frozen=True, slots=True)
class Report(Counted):
    """A month: how many helped, how many were helped, how often, how long; by kind, team, unit, building, weekday, community, confirmer.

    ``closed`` says of each community whether it has closed the month. ``by_hand`` and ``back_entries`` are what of it was entered by
    hand, without a visit or for a planned one; ``corrections`` what was changed in it of months that had been closed.
    """

    place: Place
    month: date
    whole: Tally
    by_hand: Tally
    back_entries: Tally
    elders: int
    times: int
    helped: list[Helped]
    closed: list[tuple[str, bool]]
    kinds: list[Row]
    teams: list[Row]
    units: list[Row]
    buildings: list[Row]
    weekdays: list[Tally]
    communities: list[Row]
    marks: list[Mark]
    satisfaction: Satisfaction
    by_month: list[tuple[date, int]]
    entered_by_month: list[int]
    staff: Tally
    corrections: list[Moved]

    @property
    def volunteers(self) -> int:
        """How many persons helped."""
        return self.whole.volunteers

    @property
    def doors(self) -> int:
        """All doors, each once a visit."""
        return self.whole.doors


def of_community(community: Community) -> Place:
    """Return a community as the place of a report."""
    return Place(community.name, community.issuer, (community.id,))


def of_street(communities: Sequence[Community]) -> Place:
    """Return the communities of one street as the place of a report."""
    street = communities[0].street.name
    return Place(street, street, tuple(each.id for each in communities))


def monthly(place: Place, month: date) -> Report:
    """Return the report of a place's month."""
    inside = _inside(place, month, UNPAID)
    lines, served = counting.lines_of(inside), turns(inside)
    months = _sums(place, months_until(month_of(month), MONTHS_SHOWN))
    return Report(
        place=place,
        month=month_of(month),
        whole=counting.total(lines),
        by_hand=counting.total(line for line in lines if line.is_by_hand),
        back_entries=counting.total(line for line in lines if line.is_back_entry),
        elders=len({each.elder for each in served}),
        times=len(served),
        helped=_helped(place, served),
        closed=_closed(place, month),
        kinds=named(counting.added_up(lines, lambda line: [line.kind]), kind_names()),
        teams=_teams(place, lines, inside),
        units=_units(place, lines, inside),
        buildings=_buildings(lines, inside),
        weekdays=_weekdays(lines),
        communities=named(counting.added_up(lines, lambda line: [line.community]), _community_names(place)),
        marks=marks(inside),
        satisfaction=satisfaction(place.communities, month_of(month), next_month(month)),
        by_month=[(each, minutes) for each, (minutes, _later) in months],
        entered_by_month=[later for _each, (_minutes, later) in months],
        corrections=changes.by_month(changes.made_in(month_of(month), next_month(month), UNPAID, of(place))),
        staff=counting.total(counting.lines_of(_inside(place, month, ServiceRecord.paid.is_(True)))),
    )


def of(place: Place) -> ColumnElement[bool]:
    """Say that a record is a place's."""
    return ServiceRecord.community_id.in_(place.communities)


def _inside(place: Place, month: date, whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that a record counts, is of some people, and lies in a place's month."""
    days = and_(ServiceRecord.day >= month_of(month), ServiceRecord.day < next_month(month))
    return and_(GIVEN, whose, days, of(place))


def named(tallies: dict[int, Tally], names: dict[int, tuple[str, str]]) -> list[Row]:
    """Return the rows of some tallies, most minutes first."""
    rows = [Row(*names[key], each.volunteers, each.visits, each.doors, each.minutes, each.entered) for key, each in tallies.items()]
    return sorted(rows, key=lambda row: (-row.minutes, row.name))


def kind_names() -> dict[int, tuple[str, str]]:
    """Return the kinds of service by number."""
    return {number: (zh, en) for number, zh, en in db.session.execute(select(ServiceKind.id, ServiceKind.name, ServiceKind.name_en))}


def _community_names(place: Place) -> dict[int, tuple[str, str]]:
    """Return the communities of a place by number."""
    rows = db.session.execute(select(Community.id, Community.name).where(Community.id.in_(place.communities)))
    return {number: (name, name) for number, name in rows}


def _helped(place: Place, served: Iterable[Turn]) -> list[Helped]:
    """Return for whom the service of each community was, in the order of their numbers."""
    names = _community_names(place)
    by_place: dict[int, list[Turn]] = {number: [] for number in names}
    for each in served:
        by_place[each.community].append(each)
    return [Helped(names[number][0], len({each.elder for each in found}), len(found)) for number, found in sorted(by_place.items())]


def _closed(place: Place, month: date) -> list[tuple[str, bool]]:
    """Return of each community whether it has closed a month."""
    made = select(MonthClose.community_id).where(MonthClose.community_id.in_(place.communities), MonthClose.month == month_of(month))
    closed = set(db.session.scalars(made))
    return [(names[0], number in closed) for number, names in sorted(_community_names(place).items())]


def _of(place: Place, group: Team | Unit, communities: dict[int, tuple[str, str]]) -> tuple[str, str]:
    """Return what a team or a unit is called; of a street with its community, or whoever lent its people."""
    if len(place.communities) == 1 or group.community_id not in communities:
        return group.name, group.name
    called = f"{communities[group.community_id][0]} · {group.name}"
    return called, called


def _units(place: Place, lines: Iterable[Line], inside: ColumnElement[bool]) -> list[Row]:
    """Return the rows by unit: that of the volunteer on the day, as the record says; who had none counts for none."""
    of_record = select(ServiceRecord.id, ServiceRecord.unit_id).where(inside, ServiceRecord.unit_id.is_not(None))
    units = {number: unit for number, unit in db.session.execute(of_record) if unit is not None}
    tallies = counting.added_up(lines, lambda line: [units[line.record]] if line.record in units else [])
    known, communities = db.session.scalars(select(Unit).where(Unit.id.in_(tallies))), _community_names(place)
    return named(tallies, {unit.id: _of(place, unit, communities) for unit in known})


def _teams(place: Place, lines: Iterable[Line], inside: ColumnElement[bool]) -> list[Row]:
    """Return the rows by team; what was done in two teams counts for both, in none for none."""
    of_record = select(record_team.c.record_id, record_team.c.team_id).join(ServiceRecord, ServiceRecord.id == record_team.c.record_id)
    teams = _gathered(of_record.where(inside))
    known = db.session.scalars(select(Team).where(Team.id.in_(set(chain(*teams.values())))))
    communities = _community_names(place)
    names = {team.id: _of(place, team, communities) for team in known}
    return named(counting.added_up(lines, lambda line: teams.get(line.record, [])), names)


def _weekdays(lines: Iterable[Line]) -> list[Tally]:
    """Return the tallies of Monday to Sunday."""
    tallies = counting.added_up(lines, lambda line: [line.day.weekday()])
    return [tallies.get(weekday, Tally()) for weekday in range(WEEK)]


def _buildings(lines: Iterable[Line], inside: ColumnElement[bool]) -> list[Row]:
    """Return the rows by building; a round's minutes are shared out evenly to its doors, and what has no door is a row of its own."""
    visited, rounds = _doors(inside)
    tallies: dict[int, Tally] = defaultdict(Tally)
    for line in lines:
        doors = visited.get(line.visit or 0, []) or rounds.get(line.round or 0, [])
        for building, count, minutes in counting.shared_out(doors, line.minutes):
            tallies[building].count(line, doors=count, minutes=minutes)
        if not doors:
            tallies[NOWHERE].count(line)
    found = select(Building.id, Compound.name, Building.name).join(Compound).where(Building.id.in_(tallies))
    names = {number: (f"{compound} {name}",) * 2 for number, compound, name in db.session.execute(found)}
    elsewhere = named({NOWHERE: tallies.pop(NOWHERE)}, {NOWHERE: NOT_IN_A_BUILDING}) if NOWHERE in tallies else []
    return named(tallies, names) + elsewhere


def _doors(inside: ColumnElement[bool]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return the buildings behind the visits and behind the doors of the rounds of some records, those where nobody opened too."""
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
        .where(inside, Offer.outcome.in_(STOOD_AT))
        .order_by(Offer.start, Offer.id)
    )
    return _gathered(visited), _gathered(delivered)


def _gathered(rows: Select[int | None, int]) -> dict[int, list[int]]:
    """Return the second numbers of some rows by the first."""
    found: dict[int, list[int]] = defaultdict(list)
    for first, second in db.session.execute(rows):
        found[first or 0].append(second)
    return found


def _sums(place: Place, months: Sequence[date]) -> list[tuple[date, tuple[int, int]]]:
    """Return all minutes of a place's months, read at once, and those of them that were entered afterwards."""
    month = which(ServiceRecord.day, [(each, next_month(each)) for each in months]).label("month")
    inside = (GIVEN, UNPAID, of(place), ServiceRecord.day >= months[0], ServiceRecord.day < next_month(months[-1]))
    rows = select(month, func.sum(ServiceRecord.minutes), entered_minutes()).where(*inside).group_by("month")
    found = {number: (int(minutes), int(entered)) for number, minutes, entered in db.session.execute(rows)}
    return [(each, found.get(number, (0, 0))) for number, each in enumerate(months)]
