"""The database's week as the engine's file: ids of rows become ids of the contract, and back.

``h`` household, ``v`` volunteer, ``x`` visit, ``c`` canteen; a place is a floor of a building, a canteen or a home.
Windows of a plan only grow: a withdrawn one stays in its place as [day, t, t], so that routes keep naming it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.db import db
from timebank.elders.models import Household
from timebank.places.models import Building, Canteen
from timebank.planning.models import Assignment, Plan
from timebank.visits import queries as visits
from timebank.visits.models import OfferState, Visit, VisitState
from timebank.volunteers.models import HeldSkill, Volunteer

DAYS = 7
TRAVEL = {"detour": 1.3, "pace": {"walk": 70, "ebike": 200}}
WEIGHTS = {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120}
INSURED = "insured"
GOING = {VisitState.OPEN, VisitState.OFFERED, VisitState.ACCEPTED}

Window = list[int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a snapshot is made of, loaded once."""

    plan: Plan
    visits: list[Visit]
    volunteers: list[Volunteer]
    canteens: list[Canteen]


def scene(plan: Plan) -> Scene:
    """Load a plan's week."""
    people = db.session.scalars(
        select(Volunteer)
        .where(Volunteer.community_id == plan.community_id, Volunteer.active)
        .options(
            selectinload(Volunteer.availability),
            selectinload(Volunteer.time_off),
            selectinload(Volunteer.skills).joinedload(HeldSkill.skill),
            joinedload(Volunteer.unit),
        )
        .order_by(Volunteer.id)
    )
    canteens = db.session.scalars(select(Canteen).where(Canteen.community_id == plan.community_id).order_by(Canteen.id))
    return Scene(plan, _week_visits(plan), list(people), list(canteens))


def _week_visits(plan: Plan) -> list[Visit]:
    """Return the visits of a plan's week with their doors and kinds; hundreds share few of these, so each is read once."""
    home = selectinload(Visit.household)
    return list(
        db.session.scalars(
            select(Visit)
            .where(Visit.community_id == plan.community_id, Visit.week == plan.week, Visit.state != VisitState.CANCELLED)
            .options(
                selectinload(Visit.kind),
                home.selectinload(Household.building).selectinload(Building.compound),
                home.selectinload(Household.elders),
            )
            .order_by(Visit.id)
        )
    )


def board_week(of: Scene) -> dict[str, Any]:
    """Return the week as the board sees it: every visit, nothing fixed; hand edits are judged against it."""
    return _week(of, of.visits, skip_past=False)


def solve_week(of: Scene) -> dict[str, Any]:
    """Return the week for a first plan: every visit that is still to be served, with the coordinator's pins."""
    going = [visit for visit in of.visits if visit.state in GOING]
    week = _week(of, going, skip_past=True)
    week["pins"] = _pins([each for each in of.plan.assignments if each.pinned], going, of.plan.week)
    return week


def replan_week(of: Scene) -> dict[str, Any]:
    """Return the week for the fewest changes: today's plan as the baseline; accepted visits are pinned and stay."""
    going = [visit for visit in of.visits if visit.state in GOING]
    week = _week(of, going, skip_past=True)
    accepted = {
        (made.visit_id, made.volunteer_id)
        for made in visits.live_offers(of.plan.community_id, of.plan.week)
        if made.state is OfferState.ACCEPTED
    }
    fixed = [each for each in of.plan.assignments if each.pinned or (each.visit_id, each.volunteer_id) in accepted]
    week["pins"] = _pins(fixed, going, of.plan.week)
    week["baseline"] = board_plan(of)
    return week


def board_plan(of: Scene) -> dict[str, Any]:
    """Return the assignments that stand in a plan as a hand-made draft of the contract."""
    return {"format": "timebank-plan/1", "week": _name(of.plan), "routes": routes(standing(of))}


def standing(of: Scene) -> list[Assignment]:
    """Return the assignments that stand: of visits that are still wanted, whose whole crew is there and has not declined."""
    refused = visits.declined_by(visit.id for visit in of.visits)
    people = {each.id for each in of.volunteers}
    crews: dict[int, list[Assignment]] = {visit.id: [] for visit in of.visits}
    for each in of.plan.assignments:
        if each.visit_id in crews and each.volunteer_id in people and each.volunteer_id not in refused.get(each.visit_id, ()):
            crews[each.visit_id].append(each)
    wanted = {visit.id: visit.crew for visit in of.visits}
    return [each for visit, crew in crews.items() if len(crew) == wanted[visit] for each in crew]


def routes(assignments: Iterable[Assignment]) -> list[dict[str, Any]]:
    """Return assignments as routes, one per volunteer and window, each with its stops in order of time."""
    grouped: dict[tuple[int, int], list[Assignment]] = {}
    for each in assignments:
        grouped.setdefault((each.volunteer_id, each.window), []).append(each)
    return [
        {"volunteer": f"v{volunteer}", "window": window, "stops": _stops(members)}
        for (volunteer, window), members in sorted(grouped.items())
    ]


def _stops(members: list[Assignment]) -> list[dict[str, Any]]:
    """Return the stops of one route: each pick-up before what is later, each visit at its start."""
    pickups: dict[tuple[int, int], list[Assignment]] = {}
    for each in members:
        if each.pickup is not None and each.visit.canteen_id is not None:
            pickups.setdefault((each.pickup, each.visit.canteen_id), []).append(each)
    stops: list[tuple[int, int, dict[str, Any]]] = [
        (at, 0, {"pickup": f"c{canteen}", "at": at, "visits": [f"x{each.visit_id}" for each in sorted(meals, key=_by_start)]})
        for (at, canteen), meals in pickups.items()
    ]
    stops += [(each.start, 1, {"visit": f"x{each.visit_id}", "start": each.start}) for each in members]
    return [stop for _, _, stop in sorted(stops, key=lambda item: item[:2])]


def _by_start(each: Assignment) -> tuple[int, int]:
    """Order assignments by time."""
    return each.start, each.visit_id


def _week(of: Scene, going: list[Visit], *, skip_past: bool) -> dict[str, Any]:
    """Return the contract's week of some visits."""
    plan = of.plan
    usual, excluded = visits.ties(plan.community_id)
    refused = visits.declined_by(visit.id for visit in going)
    week: dict[str, Any] = {
        "format": "timebank-week/1",
        "name": _name(plan),
        "week_start": plan.week.isoformat(),
        "days": DAYS,
        "travel": TRAVEL,
        "weights": WEIGHTS,
        "places": _places(of, going),
        "canteens": [
            {"id": f"c{each.id}", "place": f"canteen-{each.id}", "ready": each.ready, "until": each.until, "hot": each.hot}
            for each in of.canteens
        ],
        "elders": _elders(going, usual, excluded, {each.id for each in of.volunteers}),
        "volunteers": [_volunteer(each, plan, refused, used=skip_past) for each in of.volunteers],
        "visits": [_visit(visit, plan.week, refused) for visit in going],
        "history": sorted([f"h{household}", f"v{volunteer}"] for household, volunteer in _history(of, going)),
    }
    now = clock.now()
    if skip_past and clock.monday_of(now.date()) == plan.week:
        week["from"] = [now.weekday(), clock.minute_of(now)]
    return week


def _history(of: Scene, going: list[Visit]) -> set[tuple[int, int]]:
    """Return who has served whom, among the people of this week."""
    doors = {visit.household_id for visit in going}
    people = {each.id for each in of.volunteers}
    return {(home, who) for home, who in visits.has_served(of.plan.community_id) if home in doors and who in people}


def _places(of: Scene, going: list[Visit]) -> list[dict[str, Any]]:
    """Return every door's floor, canteen and home once."""
    found = {f"canteen-{each.id}": _place(f"canteen-{each.id}", each.lat, each.lon, each.access) for each in of.canteens}
    for visit in going:
        home = visit.household
        name = _door(visit)
        found[name] = _place(name, home.building.lat, home.building.lon, home.building.minutes_to_floor(home.floor))
    for each in of.volunteers:
        found[f"home-{each.id}"] = _place(f"home-{each.id}", each.lat, each.lon, 0)
    return list(found.values())


def _place(name: str, lat: float, lon: float, access: int) -> dict[str, Any]:
    """Return one place."""
    return {"id": name, "lat": lat, "lon": lon, "access": access}


def _door(visit: Visit) -> str:
    """Return the place of a visit: an entrance and a floor."""
    return f"b{visit.household.building_id}-f{visit.household.floor}"


def _elders(going: list[Visit], usual: dict[int, set[int]], excluded: dict[int, set[int]], people: set[int]) -> list[dict[str, Any]]:
    """Return each household that is visited once."""
    doors = {visit.household_id: _door(visit) for visit in going}
    return [
        {
            "id": f"h{household}",
            "place": place,
            "preferred": [f"v{each}" for each in sorted(usual.get(household, set()) & people)],
            "excluded": [f"v{each}" for each in sorted(excluded.get(household, set()) & people)],
        }
        for household, place in sorted(doors.items())
    ]


def _volunteer(person: Volunteer, plan: Plan, refused: dict[int, set[int]], *, used: bool) -> dict[str, Any]:
    """Return a volunteer of the week."""
    raised = plan.ceilings.get(str(person.id), {})
    willing = [f"willing-x{visit}" for visit, who in sorted(refused.items()) if person.id not in who]
    row: dict[str, Any] = {
        "id": f"v{person.id}",
        "place": f"home-{person.id}",
        "gender": person.gender.value if person.gender else None,
        "skills": [*valid_skills(person, plan.week + timedelta(days=DAYS - 1)), *willing],
        "mode": person.travel.value,
        "boxes": person.boxes,
        "trips": None,
        "radius": raised.get("radius", person.radius),
        "windows": plan.windows.get(str(person.id), []),
        "max_day": raised.get("max_day", person.max_day),
        "max_week": raised.get("max_week", person.max_week),
    }
    if used:
        row["used"] = _used(person, plan.week)
    return row


def _used(person: Volunteer, monday: date) -> list[list[int]]:
    """Return the minutes of each day that a volunteer has worked already this week."""
    spent: dict[int, int] = {}
    for made in visits.offers_of(person, monday, monday + timedelta(days=DAYS - 1)):
        if made.visit.state not in GOING:
            weekday = (made.day - monday).days
            spent[weekday] = spent.get(weekday, 0) + made.visit.minutes
    return [[weekday, minutes] for weekday, minutes in sorted(spent.items())]


def valid_skills(person: Volunteer, until: date) -> list[str]:
    """Return the skills a volunteer holds with proofs that last until a day; insurance counts as one."""
    held = [each.skill.code for each in person.skills if each.expires is None or each.expires >= until]
    insured = person.staff or (person.insured_until is not None and person.insured_until >= until)
    return sorted(held) + ([INSURED] if insured else [])


def _visit(visit: Visit, monday: date, refused: dict[int, set[int]]) -> dict[str, Any]:
    """Return a visit of the week."""
    kind = visit.kind
    own = ([INSURED] if kind.insured else []) + ([f"willing-x{visit.id}"] if visit.id in refused else [])
    row: dict[str, Any] = {
        "id": f"x{visit.id}",
        "elder": f"h{visit.household_id}",
        "kind": kind.code,
        "skills": sorted(kind.skills) + own,
        "days": [(date.fromisoformat(day) - monday).days for day in visit.days],
        "window": [visit.window_from, visit.window_to],
        "minutes": visit.minutes,
        "crew": visit.crew,
        "weight": visit.weight,
        "gender": visit.gender or None,
        "canteen": f"c{visit.canteen_id}" if visit.canteen_id else None,
        "boxes": visit.boxes,
    }
    if visit.crew > 1:
        row["second"] = {"skills": sorted(kind.second_skills) + own, "gender": None}
    return row


def _pins(fixed: list[Assignment], going: list[Visit], monday: date) -> list[dict[str, Any]]:
    """Return the pins of some assignments."""
    there = {visit.id for visit in going}
    by_visit: dict[int, list[Assignment]] = {}
    for each in fixed:
        if each.visit_id in there:
            by_visit.setdefault(each.visit_id, []).append(each)
    return [
        {
            "visit": f"x{visit}",
            "volunteers": [f"v{each.volunteer_id}" for each in members],
            "day": (members[0].day - monday).days,
            "start": members[0].start,
        }
        for visit, members in sorted(by_visit.items())
    ]


def _name(plan: Plan) -> str:
    """Return the name of a plan's week in files."""
    return f"{plan.community.slug}-{clock.week_name(plan.week)}"


def windows_now(of: Scene) -> dict[str, list[Window]]:
    """Return the windows of every volunteer as they are now, in the places earlier plans gave them."""
    return {
        str(each.id): merge_windows(
            of.plan.windows.get(str(each.id), []),
            join_windows(free_windows(each, of.plan.week), of.plan.ceilings.get(str(each.id), {}).get("extra", [])),
        )
        for each in of.volunteers
    }


def free_windows(person: Volunteer, monday: date) -> list[Window]:
    """Return when a volunteer is free in a week: the ordinary week less the time off."""
    free: list[Window] = []
    for slot in person.availability:
        day = monday + timedelta(days=slot.weekday)
        parts = [(slot.start, slot.end)]
        for off in (each for each in person.time_off if each.day == day):
            parts = [
                part for start, end in parts for part in ((start, min(end, off.start)), (max(start, off.end), end)) if part[0] < part[1]
            ]
        free += [[slot.weekday, start, end] for start, end in parts]
    return sorted(free)


def join_windows(free: list[Window], extra: list[Window]) -> list[Window]:
    """Return free windows together with those agreed for this week only; what overlaps or touches becomes one."""
    joined: list[Window] = []
    for day, start, end in sorted(free + extra):
        if joined and joined[-1][0] == day and start <= joined[-1][2]:
            joined[-1] = [day, joined[-1][1], max(joined[-1][2], end)]
        else:
            joined.append([day, start, end])
    return joined


def merge_windows(known: list[Window], fresh: list[Window]) -> list[Window]:
    """Keep each known window in its place: as it is now, or closed where it is gone; what is new comes last."""
    left = list(fresh)
    merged: list[Window] = []
    for day, start, end in known:
        match = next((each for each in left if each[0] == day and each[1] < max(end, start + 1) and each[2] > start), None)
        if match is None:
            merged.append([day, start, start])
        else:
            left.remove(match)
            merged.append(match)
    return merged + left


def number(name: object) -> int:
    """Return the row id in an id of the engine's files."""
    return int(str(name)[1:])
