"""Who could cover what nobody is going to do: alone, as a crew, or a trip parted between two, at what cost and until when.

What is to be covered is a ``Line`` of ``cover``; the engine is asked in the week as it stands now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from matching import model as engine
from matching.advice.assign import apply, insertions
from matching.advice.rank import rank
from timebank import clock
from timebank.planning import queries, scenes, snapshot
from timebank.planning.board import Board, in_time, lay_out
from timebank.planning.cover import Line
from timebank.planning.models import Plan
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.queries import times_served
from timebank.volunteers.models import Volunteer
from timebank.volunteers.standby import standing_by

LOOKED_AT = 12
NOTICE = 5
"""Minutes: nobody is asked for what begins before they can have been told."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to cover a line: who, which of its visits, when that begins and ends, what it costs, and whether they know the doors.

    ``at`` is the minute at which each of its visits would be.
    """

    volunteers: tuple[Volunteer, ...]
    visits: tuple[int, ...]
    start: int
    end: int
    travel: int
    cost: float
    known: int
    week_minutes: int
    ceiling: int
    at: Mapping[int, int]
    going: frozenset[int] = frozenset()

    @property
    def volunteer(self) -> Volunteer:
        """Whom it asks: of a crew, whoever has not said yes yet."""
        return next((each for each in self.volunteers if each.id not in self.going), self.volunteers[0])


def ways(plan: Plan, line: Line, *, without: Volunteer | None = None, board: Board | None = None) -> list[Way]:
    """Return who could cover a line from now on, the best first: whoever can take more of it, today whoever is standing by, then at the least cost.

    ``without`` is somebody who cannot come although the plan still counts with them.
    """
    laid = board or lay_out(plan)
    if without is not None:
        laid = _less(laid, without)
    names = to_plan(laid, line.visits)
    if not names:
        return []
    rest = bare(laid.plan, set(names))
    minutes = queries.week_minutes(scenes.standing(laid.of))
    people = laid.of.people
    known = times_served(plan.community_id, {visit.household_id for visit in line.visits})
    found = []
    for crew in _who_could(laid, rest, line, names):
        who = [people[snapshot.number(name)] for name in crew]
        taken = take_on(laid, rest, plan, line.day, names, crew)
        if taken.visits:
            found.append(_way(taken, who, line, known, minutes, plan))
    ready = {each.id for each in standing_by(plan.community_id)} if line.day == clock.today() else set()
    return sorted(found, key=lambda way: (-len(way.visits), way.volunteer.id not in ready, way.cost, way.start, way.volunteer.id))


def to_plan(laid: Board, visits: Iterable[Visit]) -> list[str]:
    """Return the engine's names of those visits that can still be planned: nobody is at them and their time is not over."""
    there = {each.id for each in laid.week.visits}
    return [name for name in (f"x{visit.id}" for visit in visits) if name in there]


def _way(taken: "Taken", who: list[Volunteer], line: Line, known: dict[tuple[int, int], int], minutes: dict[int, int], plan: Plan) -> Way:
    """Return what somebody would do of a line as a way."""
    stops = [
        stop for route in taken.plan.routes for stop in route.stops if isinstance(stop, engine.VisitStop) and stop.visit in taken.visits
    ]
    fetched = [
        stop.at
        for route in taken.plan.routes
        for stop in route.stops
        if isinstance(stop, engine.PickupStop) and set(stop.visits) & set(taken.visits)
    ]
    lengths = {f"x{visit.id}": visit.minutes for visit in line.visits}
    homes = {visit.household_id for visit in line.visits}
    return Way(
        volunteers=tuple(who),
        visits=tuple(snapshot.number(name) for name in taken.visits),
        start=min([*fetched, *(stop.start for stop in stops)]),
        end=max(stop.start + lengths[stop.visit] for stop in stops),
        travel=taken.travel,
        cost=taken.cost,
        known=max(sum(1 for home in homes if known.get((home, one.id))) for one in who),
        week_minutes=minutes.get(who[0].id, 0),
        ceiling=queries.ceiling(plan, who[0]),
        at={snapshot.number(stop.visit): stop.start for stop in stops},
        going=frozenset(made.volunteer_id for visit in line.visits for made in visit.offers if made.state is OfferState.ACCEPTED),
    )


def _who_could(laid: Board, rest: engine.Plan, line: Line, names: list[str]) -> list[tuple[str, ...]]:
    """Return the people, or pairs, who could take at least one of some visits on the line's day, the cheapest first; not too many."""
    best: dict[tuple[str, ...], float] = {}
    weekday = (line.day - laid.of.plan.week).days
    week = _only_on(laid.week, laid.of, names, weekday)
    for name in names[:3] if line.is_meal else names[:1]:
        for found in rank(week, rest, name):
            crew = tuple(found.volunteers)
            best[crew] = min(best.get(crew, found.cost), found.cost)
    return sorted(best, key=lambda crew: (best[crew], crew))[:LOOKED_AT]


def _only_on(week: engine.Week, of: scenes.Scene, names: Iterable[str], weekday: int) -> engine.Week:
    """Return a week in which some visits can only be on one day; whoever of a crew has said yes stays, at the agreed minute."""
    chosen = set(names)
    there = {each.id for each in week.volunteers}
    going: dict[str, list[Offer]] = {}
    for (number, _who), made in of.live.items():
        if f"x{number}" in chosen and made.visit.crew > 1 and made.state is OfferState.ACCEPTED and f"v{made.volunteer_id}" in there:
            going.setdefault(f"x{number}", []).append(made)
    pins = [
        engine.Pin(visit=name, volunteers=tuple(f"v{each.volunteer_id}" for each in made), day=weekday, start=made[0].start)
        for name, made in going.items()
    ]
    days = (replace(each, days=(weekday,)) if each.id in chosen else each for each in week.visits)
    soon = (week.from_[0], week.from_[1] + NOTICE) if week.from_ is not None else None
    return replace(week, visits=tuple(days), pins=(*week.pins, *pins), from_=soon)


def bare(plan: engine.Plan, names: set[str]) -> engine.Plan:
    """Return a plan without some visits, nor the pick-ups of their boxes."""
    routes = []
    for route in plan.routes:
        stops: list[engine.Stop] = []
        for stop in route.stops:
            if isinstance(stop, engine.PickupStop):
                left = tuple(name for name in stop.visits if name not in names)
                stops += [replace(stop, visits=left)] if left else []
            elif stop.visit not in names:
                stops.append(stop)
        routes += [replace(route, stops=tuple(stops))] if stops else []
    return replace(plan, routes=tuple(routes))


def _less(laid: Board, gone: Volunteer) -> Board:
    """Return a board without somebody."""
    name = f"v{gone.id}"
    week = replace(
        laid.week,
        volunteers=tuple(each for each in laid.week.volunteers if each.id != name),
        elders=tuple(
            replace(
                each,
                preferred=tuple(one for one in each.preferred if one != name),
                excluded=tuple(one for one in each.excluded if one != name),
            )
            for each in laid.week.elders
        ),
        history=frozenset(pair for pair in laid.week.history if pair[1] != name),
        pins=tuple(each for each in laid.week.pins if name not in each.volunteers),
    )
    return Board(laid.of, week, replace(laid.plan, routes=tuple(route for route in laid.plan.routes if route.volunteer != name)))


@dataclass(frozen=True, slots=True)
class Taken:
    """What some people would take on of a line: the plan with it, which visits, what that costs."""

    plan: engine.Plan
    visits: tuple[str, ...]
    travel: int
    cost: float


def take_on(laid: Board, rest: engine.Plan, plan: Plan, day: date, names: Iterable[str], crew: Sequence[str]) -> Taken:
    """Put as many of some visits as can be into one day of the named people, one after the other."""
    weekday = (day - laid.of.plan.week).days
    small, mine = laid.only(set(crew), rest, names)
    small = _only_on(small, laid.of, names, weekday)
    taken: list[str] = []
    travel, cost = 0, 0.0
    for name in names:
        found = [each for each in insertions(small, mine, name) if set(each.volunteers) == set(crew) and in_time(each, plan)]
        if not found:
            continue
        best = min(found, key=lambda each: (each.cost_delta, each.start))
        mine = apply(mine, best)
        taken.append(name)
        travel, cost = travel + best.travel, cost + best.cost_delta
    others = tuple(route for route in rest.routes if route.volunteer not in set(crew))
    return Taken(replace(rest, routes=(*others, *mine.routes)), tuple(taken), travel, cost)


def split(
    plan: Plan, line: Line, found: Sequence[Way], *, without: Volunteer | None = None, board: Board | None = None
) -> tuple[Way, Way] | None:
    """Return the two people who take a trip between them, where nobody or only somebody dear can take it whole."""
    if not line.is_meal or len(line.visits) < 2 or len(found) < 2:
        return None
    laid = board or lay_out(plan)
    if without is not None:
        laid = _less(laid, without)
    names = to_plan(laid, line.visits)
    rest = bare(laid.plan, set(names))
    minutes = queries.week_minutes(scenes.standing(laid.of))
    known = times_served(plan.community_id, {visit.household_id for visit in line.visits})
    half = names[: (len(names) + 1) // 2]
    tried: dict[tuple[int, tuple[str, ...]], Taken] = {}

    def taking(person: Volunteer, some: Sequence[str]) -> Taken:
        """Return what somebody takes on of some doors, worked out once."""
        key = (person.id, tuple(some))
        if key not in tried:
            tried[key] = take_on(laid, rest, plan, line.day, some, [f"v{person.id}"])
        return tried[key]

    for one in found:
        mine = half if len(one.visits) == len(names) else [f"x{number}" for number in one.visits]
        left = [name for name in names if name not in mine]
        first = taking(one.volunteer, mine)
        if not left or len(first.visits) < len(mine):
            continue
        for other in found:
            if other.volunteer.id == one.volunteer.id:
                continue
            second = taking(other.volunteer, left)
            if len(second.visits) == len(left):
                return (
                    _way(first, [one.volunteer], line, known, minutes, plan),
                    _way(second, [other.volunteer], line, known, minutes, plan),
                )
    return None
