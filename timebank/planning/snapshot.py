"""The database's week as the engine's file: ids of rows become ids of the contract, and back.

``h`` household, ``v`` volunteer, ``x`` visit, ``c`` canteen; a place is a floor of a building, a canteen or a home.
Windows of a plan only grow: a withdrawn one stays in its place as [day, t, t], so that routes keep naming it.
What has been lived of the week is a fact and not in it (``lived``); what is to come is.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from timebank import clock
from timebank.planning import doors
from timebank.planning.begun import heres, lived_by
from timebank.planning.lived import HERE, Here, Lived, is_fact
from timebank.planning.models import Assignment
from timebank.planning.scenes import Scene, standing, stands, to_come
from timebank.planning.windows import from_here
from timebank.visits import queries as visits
from timebank.visits.actions.scheduling import is_wanted
from timebank.visits.models import OfferState, Visit
from timebank.volunteers.models import Volunteer

INSURED = "insured"


def board_week(of: Scene) -> dict[str, Any]:
    """Return the week as the board sees it: every visit to come, nothing fixed; hand edits are judged against it."""
    return _week(of, to_come(of))


def solve_week(of: Scene) -> dict[str, Any]:
    """Return the week for a plan made anew: every visit to come, with what was accepted and the coordinator's pins."""
    week = _week(of, to_come(of))
    week["pins"] += _pins(of, ())
    return week


def replan_week(of: Scene, loose: Collection[int] = ()) -> dict[str, Any]:
    """Return the week for the fewest changes: today's plan as the baseline; accepted visits are pinned and stay.

    ``loose`` are volunteers whose own week breaks a rule as it stands: nothing of theirs is fixed, so that it can be mended.
    """
    week = _week(of, to_come(of))
    week["pins"] += _pins(of, loose)
    week["baseline"] = board_plan(of)
    return week


def board_plan(of: Scene) -> dict[str, Any]:
    """Return the assignments that stand in a plan as a hand-made draft of the contract."""
    return {"format": "timebank-plan/1", "week": doors.week_name(of.plan), "routes": routes(standing(of), heres(of))}


def routes(assignments: Iterable[Assignment], where: Iterable[Here] = ()) -> list[dict[str, Any]]:
    """Return assignments as routes, one per volunteer and window, each with its stops in order of time.

    Whoever is under way (``where``) goes on from there in that window, also where nothing more is planned.
    """
    grouped: dict[tuple[int, int], list[Assignment]] = {}
    for each in assignments:
        grouped.setdefault((each.volunteer_id, each.window), []).append(each)
    first = {(each.volunteer, each.window): each for each in where}
    return [
        {"volunteer": f"v{key[0]}", "window": key[1], "stops": _stops(grouped.get(key, []), first.get(key))}
        for key in sorted(grouped.keys() | first.keys())
    ]


def _stops(members: list[Assignment], here: Here | None) -> list[dict[str, Any]]:
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
    stops += [(here.begins, -1, {"visit": here.name, "start": here.begins})] if here is not None else []
    return [stop for _, _, stop in sorted(stops, key=lambda item: item[:2])]


def _by_start(each: Assignment) -> tuple[int, int]:
    """Order assignments by time."""
    return each.start, each.visit_id


def _week(of: Scene, going: list[Visit]) -> dict[str, Any]:
    """Return the contract's week of the visits to come, with what was lived of it already."""
    plan = of.plan
    coming = {visit.id for visit in going}
    refused = {number: who for number, who in of.declined.items() if number in coming}
    people = {each.id for each in of.volunteers}
    done = lived_by(of)
    where = [each.here for each in done.values() if each.here is not None]
    week: dict[str, Any] = {
        **doors.head(plan, doors.places(of, [*going, *(made.visit for made in of.live.values() if is_fact(made))])),
        "canteens": [
            {"id": f"c{each.id}", "place": f"canteen-{each.id}", "ready": each.ready, "until": each.until, "hot": each.hot}
            for each in of.canteens
        ],
        "elders": _elders(going, of.usual, of.excluded, people) + [_elder_here(each) for each in where],
        "volunteers": [_volunteer(each, of, done.get(each.id)) for each in of.volunteers],
        "visits": [_visit(visit, plan.week, refused.get(visit.id, set()) & people) for visit in going]
        + [_visit_here(each) for each in where],
        "history": sorted([f"h{household}", f"v{volunteer}"] for household, volunteer in _history(of, going)),
        "pins": [_pin_here(each) for each in where],
    }
    now = clock.now()
    if clock.monday_of(now.date()) == plan.week:
        week["from"] = [now.weekday(), clock.minute_of(now)]
    return week


def _elder_here(here: Here) -> dict[str, Any]:
    """Return who opens the door at which somebody is already."""
    return {"id": f"{here.name}-door", "place": here.place, "preferred": [f"v{here.volunteer}"], "excluded": []}


def _visit_here(here: Here) -> dict[str, Any]:
    """Return the stop that says where somebody is."""
    return {
        "id": here.name,
        "elder": f"{here.name}-door",
        "kind": "HERE",
        "skills": [],
        "days": [here.weekday],
        "window": [here.begins, here.free_from],
        "minutes": 1,
        "crew": 1,
        "weight": 1,
        "gender": None,
        "canteen": None,
        "boxes": 0,
    }


def _pin_here(here: Here) -> dict[str, Any]:
    """Return the pin of that stop."""
    return {"visit": here.name, "volunteers": [f"v{here.volunteer}"], "day": here.weekday, "start": here.begins}


def _history(of: Scene, going: list[Visit]) -> set[tuple[int, int]]:
    """Return who has served whom, among the people of this week."""
    doors = {visit.household_id for visit in going}
    people = {each.id for each in of.volunteers}
    return {(home, who) for home, who in visits.has_served(of.plan.community_id) if home in doors and who in people}


def _elders(going: list[Visit], usual: dict[int, set[int]], excluded: dict[int, set[int]], people: set[int]) -> list[dict[str, Any]]:
    """Return each household that is visited once."""
    homes = {visit.household_id: visit.household for visit in going}
    return [
        {
            "id": f"h{household}",
            "place": doors.floor_of(home),
            "preferred": [f"v{each}" for each in sorted(usual.get(household, set()) & people)],
            "excluded": [f"v{each}" for each in sorted(excluded.get(household, set()) & people)],
        }
        for household, home in sorted(homes.items(), key=lambda item: item[0])
    ]


def _volunteer(person: Volunteer, of: Scene, done: Lived | None) -> dict[str, Any]:
    """Return a volunteer of the week."""
    plan = of.plan
    raised = plan.ceilings.get(str(person.id), {})
    return {
        "id": f"v{person.id}",
        "place": f"home-{person.id}",
        "gender": person.gender.value if person.gender else None,
        "skills": valid_skills(person, plan.week + timedelta(days=doors.DAYS - 1)),
        "mode": person.travel.value,
        "boxes": person.boxes,
        "trips": None,
        "radius": raised.get("radius", person.radius),
        "windows": from_here(of.windows.get(str(person.id), []), done.here if done else None),
        "max_day": raised.get("max_day", person.max_day),
        "max_week": raised.get("max_week", person.max_week),
        "used": [[weekday, minutes] for weekday, minutes in sorted(done.used.items())] if done else [],
    }


def valid_skills(person: Volunteer, until: date) -> list[str]:
    """Return the skills a volunteer holds with proofs that last until a day; insurance counts as one."""
    held = [each.skill.code for each in person.skills if each.expires is None or each.expires >= until]
    insured = person.staff or (person.insured_until is not None and person.insured_until >= until)
    return sorted(held) + ([INSURED] if insured else [])


def _visit(visit: Visit, monday: date, refused: set[int]) -> dict[str, Any]:
    """Return a visit of the week, which is asked of none of those who refused it."""
    kind = visit.kind
    own = [INSURED] if kind.insured else []
    row: dict[str, Any] = {
        "id": f"x{visit.id}",
        "elder": f"h{visit.household_id}",
        "kind": kind.code,
        "skills": sorted(kind.skills) + own,
        "days": [(day - monday).days for day in days_left(visit)],
        "window": [visit.window_from, visit.window_to],
        "minutes": visit.minutes,
        "crew": visit.crew,
        "weight": visit.weight,
        "gender": visit.gender or None,
        "canteen": f"c{visit.canteen_id}" if visit.canteen_id else None,
        "boxes": visit.boxes,
    }
    if refused:
        row["excluded"] = [f"v{each}" for each in sorted(refused)]
    if visit.crew > 1:
        row["second"] = {"skills": sorted(kind.second_skills) + own, "gender": None}
    return row


def days_left(visit: Visit) -> list[date]:
    """Return the days a visit can still be on: from today on, somebody it is for at home; all of them where none is left."""
    every = [date.fromisoformat(day) for day in visit.days]
    return [day for day in every if day >= clock.today() and is_wanted(visit, day)] or every


def _pins(of: Scene, loose: Collection[int]) -> list[dict[str, Any]]:
    """Return what is fixed: what the coordinator pinned and what somebody accepted, as long as its people can still keep it."""
    there = {visit.id for visit in to_come(of)}
    fixed: dict[int, list[Assignment]] = {}
    for each in of.assignments:
        made = of.live.get((each.visit_id, each.volunteer_id))
        accepted = made is not None and made.state is OfferState.ACCEPTED
        if each.visit_id in there and (each.pinned or accepted) and each.volunteer_id not in loose and stands(of, each):
            fixed.setdefault(each.visit_id, []).append(each)
    return [
        {
            "visit": f"x{visit}",
            "volunteers": [f"v{each.volunteer_id}" for each in members],
            "day": (members[0].day - of.plan.week).days,
            "start": members[0].start,
        }
        for visit, members in sorted(fixed.items())
    ]


def is_visit(name: object) -> bool:
    """Say whether an id of the engine's files is a visit of ours, not only a stop that says where somebody is."""
    return not str(name).startswith(HERE)


def number(name: object) -> int:
    """Return the row id in an id of the engine's files."""
    return int(str(name)[1:])
