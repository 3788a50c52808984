"""有人能送吗: for a door that is not served yet, the days on which somebody could bring a meal, with the times the plan as it stands leaves.

The engine is asked with one visit more than the week has: nobody is asked for anything, nothing is written down. A day of a week that is
not planned yet is answered by the last week that is, for the same weekday.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select

from matching import model as engine
from matching.advice.rank import rank
from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.places.finding import building_at, floor_in
from timebank.places.models import Building
from timebank.planning import snapshot
from timebank.planning.board import Board, lay_out
from timebank.planning.models import Plan, PlanState
from timebank.planning.roads import with_one_more
from timebank.visits import coming
from timebank.visits.actions.scheduling import canteen_of
from timebank.visits.coming import Coming
from timebank.visits.models import HelpRequest, Pattern
from timebank.volunteers.models import Volunteer

DOOR, VISIT = "ask-door", "ask"
MOST = 5
MANY = 60
"""In a larger community only those who carry meals on that day anyway are asked about: the answer comes while somebody waits for it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something for a door that nobody serves yet."""

    kind: ServiceKind
    building: Building
    floor: int
    window: tuple[int, int]
    minutes: int
    boxes: int = 0


def bringing(community_id: int, wanted: Wanted, days: Iterable[date]) -> list[Coming] | None:
    """Return for each day who could come; None where no week is planned yet, so that nobody can say."""
    plans = _plans(community_id)
    if not plans or (wanted.kind.from_canteen and canteen_of(community_id) is None):
        return None
    laid: dict[int, Board] = {}
    found = []
    for day in days:
        own = next((each for each in plans if each.week == clock.monday_of(day)), None)
        plan = own or plans[0]
        board = laid.setdefault(plan.id, lay_out(plan))
        start, volunteer = _on(board, wanted, day.weekday())
        found.append(Coming(day, start, volunteer, own is not None))
    return found


def for_request(asked: HelpRequest) -> list[Coming] | None:
    """Return who could come for a request that nobody has decided on, on its next days; None for a crew, or an address nobody knows."""
    home = asked.household
    building = home.building if home is not None else building_at(asked.community_id, asked.for_address or "")
    if building is None or (asked.kind.crew or 1) > 1:
        return None
    floor = home.floor if home is not None else floor_in(asked.for_address or "")
    window = (asked.window_from, asked.window_to)
    wanted = Wanted(asked.kind, building, floor, window, asked.minutes or asked.kind.minutes, asked.boxes)
    return bringing(asked.community_id, wanted, _next_days(asked))


def _next_days(asked: HelpRequest) -> list[date]:
    """Return the next few days a request is for."""
    today = clock.today()
    if asked.pattern is Pattern.ONCE:
        return sorted(day for day in map(date.fromisoformat, asked.dates) if day >= today)[:MOST]
    first = max(asked.first_day, today + timedelta(days=1))
    return [day for day in (first + timedelta(days=off) for off in range(7)) if day.weekday() in asked.weekdays][:MOST]


coming.answers.append(for_request)


def _plans(community_id: int) -> Sequence[Plan]:
    """Return the weeks that have been published, the newest first."""
    known = (PlanState.PUBLISHED, PlanState.CLOSED)
    rows = select(Plan).where(Plan.community_id == community_id, Plan.state.in_(known)).order_by(Plan.week.desc()).limit(2)
    return db.session.scalars(rows).all()


def _on(board: Board, wanted: Wanted, weekday: int) -> tuple[int | None, Volunteer | None]:
    """Return when and by whom a meal could come on a weekday, at the least cost to the plan."""
    week, plan = _narrowed(board)
    best = min(rank(_with(week, wanted, weekday), plan, VISIT), key=lambda each: (each.cost, each.start), default=None)
    if best is None:
        return None, None
    return best.start, board.of.people[snapshot.number(best.volunteers[0])]


def _narrowed(board: Board) -> tuple[engine.Week, engine.Plan]:
    """Return the week and the plan; in a large community only those who carry meals."""
    if len(board.week.volunteers) <= MANY:
        return board.week, board.plan
    carry = {route.volunteer for route in board.plan.routes if any(isinstance(stop, engine.PickupStop) for stop in route.stops)}
    return board.only(carry, board.plan, ())


def _with(week: engine.Week, wanted: Wanted, weekday: int) -> engine.Week:
    """Return the week with the door and the visit that are asked about."""
    kind, house = wanted.kind, wanted.building
    place = engine.Place(id=DOOR, lat=house.lat, lon=house.lon, access=house.minutes_to_floor(min(wanted.floor, house.floors)))
    visit = engine.Visit(
        id=VISIT,
        elder=DOOR,
        kind=kind.code,
        skills=tuple(sorted(kind.skills)) + ((snapshot.INSURED,) if kind.insured else ()),
        days=(weekday,),
        window=wanted.window,
        minutes=wanted.minutes,
        crew=1,
        weight=kind.weight * max(wanted.boxes, 1),
        gender=None,
        canteen=week.canteens[0].id if kind.from_canteen and week.canteens else None,
        boxes=wanted.boxes,
    )
    return replace(
        week,
        places=(*week.places, place),
        travel=_as_far(week, place),
        elders=(*week.elders, engine.Elder(id=DOOR, place=DOOR)),
        visits=(*week.visits, visit),
        from_=None,
    )


def _as_far(week: engine.Week, place: engine.Place) -> engine.Travel:
    """Return how people travel in a week that a place has joined."""
    if week.travel.minutes is None:
        return week.travel
    points = [{"lat": each.lat, "lon": each.lon, "access": each.access} for each in (*week.places, place)]
    grown = with_one_more(week.travel.minutes, points)
    return engine.Travel(minutes={mode: tuple(tuple(row) for row in table) for mode, table in grown.items()})
