"""The database's week as the engine's file: ids of rows become ids of the contract, and back.

``h`` household, ``v`` volunteer, ``x`` visit, ``c`` canteen; a place is a floor of a building, a canteen or a home.
Windows of a plan only grow: a withdrawn one stays in its place as [day, t, t], so that routes keep naming it.
What has been lived of the week is a fact and not in it (``lived``); what is to come is.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from matching import read_week
from matching.model import Plan as EnginePlan
from matching.referee.case import Case
from timebank import clock
from timebank.db import db
from timebank.elders.models import Household
from timebank.places.models import Canteen
from timebank.planning.lived import HERE, Here, Lived, Stop, is_fact, is_to_come, lived, within, work
from timebank.planning.models import Assignment, Plan
from timebank.planning.windows import Window, free_windows, from_here, join_windows, less, less_time_off, merge_windows
from timebank.visits import queries as visits
from timebank.visits.actions.scheduling import is_wanted
from timebank.visits.models import Offer, OfferState, Visit, VisitState
from timebank.visits.on_duty import Busy, busy
from timebank.visits.states import LIVE
from timebank.volunteers.lent import serves
from timebank.volunteers.models import HeldSkill, Volunteer

DAYS = 7
TRAVEL: dict[str, Any] = {"detour": 1.3, "pace": {"walk": 70, "ebike": 200}}
WEIGHTS = {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120}
INSURED = "insured"

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a snapshot is made of, loaded once: ``live`` are the offers that stand, ``lost`` those that do not, by visit and volunteer.

    It is a look at one moment: what was worked out from it (``memo``) is not worked out again.
    """

    plan: Plan
    visits: list[Visit]
    volunteers: list[Volunteer]
    canteens: list[Canteen]
    live: dict[Key, Offer]
    lost: dict[Key, Offer]
    excluded: dict[int, set[int]]
    on_duty: Busy
    people: dict[int, Volunteer] = field(init=False)
    windows: dict[str, list[Window]] = field(init=False)
    memo: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the people of the week, with their windows as they are now; ``plan.windows`` are those stored last."""
        object.__setattr__(self, "people", {each.id: each for each in self.volunteers})
        object.__setattr__(self, "windows", windows_now(self))


def scene(plan: Plan) -> Scene:
    """Load a plan's week."""
    people = db.session.scalars(
        select(Volunteer)
        .where(serves(plan.community_id, plan.week), Volunteer.active)
        .options(
            selectinload(Volunteer.availability),
            selectinload(Volunteer.time_off),
            selectinload(Volunteer.skills).joinedload(HeldSkill.skill),
            joinedload(Volunteer.unit),
        )
        .order_by(Volunteer.id)
    )
    canteens = db.session.scalars(select(Canteen).where(Canteen.community_id == plan.community_id).order_by(Canteen.id))
    week = _week_visits(plan)
    made = visits.offers_in_week(plan.community_id, plan.week)
    return Scene(
        plan,
        week,
        list(people),
        list(canteens),
        {key: each for key, each in made.items() if each.state in LIVE},
        {key: each for key, each in made.items() if visits.is_lost(each)},
        visits.ties(plan.community_id)[1],
        busy(plan.community_id, plan.week),
    )


def _week_visits(plan: Plan) -> list[Visit]:
    """Return the visits of a plan's week with their doors and kinds; hundreds share few of these, so each is read once."""
    mine = (Visit.community_id == plan.community_id, Visit.week == plan.week, Visit.state != VisitState.CANCELLED)
    return list(db.session.scalars(visits.lean_visits().where(*mine).order_by(Visit.id)))


def to_come(of: Scene) -> list[Visit]:
    """Return the visits that can still be planned; what has begun is a fact, what nobody can reach in time any more is past."""
    if "to_come" not in of.memo:
        by_visit: dict[int, list[Offer]] = {}
        for (number, _), made in of.live.items():
            by_visit.setdefault(number, []).append(made)
        of.memo["to_come"] = [visit for visit in of.visits if is_to_come(visit, by_visit.get(visit.id, ()))]
    found: list[Visit] = of.memo["to_come"]
    return found


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
    return {"format": "timebank-plan/1", "week": _name(of.plan), "routes": routes(standing(of), heres(of))}


def standing(of: Scene) -> list[Assignment]:
    """Return the assignments that stand: of visits to come, whose whole crew is there and has not been lost."""
    if "standing" not in of.memo:
        of.memo["standing"] = _standing(of)
    found: list[Assignment] = of.memo["standing"]
    return found


def _standing(of: Scene) -> list[Assignment]:
    """Work out which assignments stand."""
    wanted = {visit.id: visit for visit in to_come(of)}
    crews: dict[int, list[Assignment]] = {}
    for each in of.plan.assignments:
        if each.visit_id in wanted and stands(of, each):
            crews.setdefault(each.visit_id, []).append(each)
    whole = (crew for visit, crew in crews.items() if len(crew) == wanted[visit].crew)
    return [each for crew in whole for each in crew if len({(one.day, one.start) for one in crew}) == 1]


def stands(of: Scene, each: Assignment) -> bool:
    """Say whether what the plan says can still happen: its minute is to come, its volunteer is there and was not lost since.

    Somebody is lost who declined, was taken off, is away then or must not come to that door; a plan made after that may ask again.
    """
    person = of.people.get(each.volunteer_id)
    if person is None or person.id in of.excluded.get(each.visit.household_id, ()):
        return False
    gone = of.lost.get((each.visit_id, each.volunteer_id))
    if gone is not None and (gone.over_at is None or gone.over_at >= each.made_at):
        return False
    first = each.start if each.pickup is None else each.pickup
    if clock.at(each.day, first) <= clock.now() or not is_wanted(each.visit, each.day):
        return False
    end = each.start + each.visit.minutes
    if any(day == each.day and start < end and first < until for day, start, until in of.on_duty.get(person.id, ())):
        return False
    return not any(off.day == each.day and off.start < end and first < off.end for off in person.time_off)


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
    usual, excluded = visits.ties(plan.community_id)
    refused = visits.declined_by(visit.id for visit in going)
    people = {each.id for each in of.volunteers}
    done = lived_by(of)
    where = [each.here for each in done.values() if each.here is not None]
    week: dict[str, Any] = {
        "format": "timebank-week/1",
        "name": _name(plan),
        "week_start": plan.week.isoformat(),
        "days": DAYS,
        "travel": TRAVEL,
        "weights": WEIGHTS,
        "places": _places(of, [*going, *(made.visit for made in of.live.values() if is_fact(made))]),
        "canteens": [
            {"id": f"c{each.id}", "place": f"canteen-{each.id}", "ready": each.ready, "until": each.until, "hot": each.hot}
            for each in of.canteens
        ],
        "elders": _elders(going, usual, excluded, people) + [_elder_here(each) for each in where],
        "volunteers": [_volunteer(each, of, refused, done.get(each.id)) for each in of.volunteers],
        "visits": [_visit(visit, plan.week, refused) for visit in going] + [_visit_here(each) for each in where],
        "history": sorted([f"h{household}", f"v{volunteer}"] for household, volunteer in _history(of, going)),
        "pins": [_pin_here(each) for each in where],
    }
    now = clock.now()
    if clock.monday_of(now.date()) == plan.week:
        week["from"] = [now.weekday(), clock.minute_of(now)]
    return week


def heres(of: Scene) -> list[Here]:
    """Return where each volunteer who is under way today goes on from."""
    return [each.here for each in lived_by(of).values() if each.here is not None]


def lived_by(of: Scene) -> dict[int, Lived]:
    """Return what each volunteer has lived of the week so far; those who have done nothing are left out."""
    if "lived" not in of.memo:
        of.memo["lived"] = _lived_by(of)
    found: dict[int, Lived] = of.memo["lived"]
    return found


def _lived_by(of: Scene) -> dict[int, Lived]:
    """Work out what each volunteer has lived."""
    facts: dict[int, list[Offer]] = {}
    for made in of.live.values():
        if is_fact(made):
            facts.setdefault(made.volunteer_id, []).append(made)
    if not facts:
        return {}
    coming: dict[int, list[Assignment]] = {}
    for each in standing(of):
        coming.setdefault(each.volunteer_id, []).append(each)
    agreed = (each.visit for mine in coming.values() for each in mine)
    case = _referee(of, [*(made.visit for mine in facts.values() for made in mine), *agreed])
    return {each.id: _lived(of, case, each, facts[each.id], coming.get(each.id, [])) for each in of.volunteers if each.id in facts}


def _lived(of: Scene, case: Case, person: Volunteer, facts: list[Offer], coming: list[Assignment]) -> Lived:
    """Return what one volunteer has lived, so that what is still to come of theirs fits their ceilings."""
    monday = of.plan.week
    trips: dict[tuple[int, int], list[Stop]] = {}
    for each in coming:
        trips.setdefault(((each.day - monday).days, each.window), []).extend(_stops_of(each))
    ordered = {key: sorted(set(stops), key=lambda stop: (stop.start, stop.minutes)) for key, stops in trips.items()}
    today = (clock.today() - monday).days
    ahead = {window: (stops[0].start, stops[0].place) for (weekday, window), stops in ordered.items() if weekday == today}
    done = lived(case, person, map(_where, facts), of.windows.get(str(person.id), []), monday, ahead)
    agreed: dict[int, int] = {}
    for (weekday, window), stops in ordered.items():
        here = done.here if done.here is not None and (weekday, window) == (done.here.weekday, done.here.window) else None
        agreed[weekday] = agreed.get(weekday, 0) + work(case, person, stops, here)
    raised = of.plan.ceilings.get(str(person.id), {})
    return within(done, (raised.get("max_day", person.max_day), raised.get("max_week", person.max_week)), agreed)


def _stops_of(each: Assignment) -> list[Stop]:
    """Return the stops of one assignment: the pick-up of a meal, and its door."""
    door = Stop(_door(each.visit), each.start, each.visit.minutes)
    fetched = each.pickup is not None and each.visit.canteen_id is not None
    return [Stop(f"canteen-{each.visit.canteen_id}", each.pickup or 0, 0), door] if fetched else [door]


def _where(made: Offer) -> tuple[Offer, str, str | None]:
    """Return what somebody did with the place of its door and of its kitchen."""
    return made, _door(made.visit), f"canteen-{made.round.canteen_id}" if made.round is not None else None


def _referee(of: Scene, seen: list[Visit]) -> Case:
    """Return the referee over the places of some visits, for its minutes of travel."""
    bare = {
        "format": "timebank-week/1",
        "name": _name(of.plan),
        "week_start": of.plan.week.isoformat(),
        "days": DAYS,
        "travel": TRAVEL,
        "weights": WEIGHTS,
        "places": _places(of, seen),
        "canteens": [],
        "elders": [],
        "volunteers": [],
        "visits": [],
        "history": [],
    }
    return Case(read_week(bare), EnginePlan(week=_name(of.plan), routes=()))


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


def _places(of: Scene, going: list[Visit]) -> list[dict[str, Any]]:
    """Return every door's floor, canteen and home once."""
    found = {f"canteen-{each.id}": _place(f"canteen-{each.id}", each.lat, each.lon, each.access) for each in of.canteens}
    for home in {visit.household_id: visit.household for visit in going}.values():
        name = _floor(home)
        found[name] = _place(name, home.building.lat, home.building.lon, home.building.minutes_to_floor(home.floor))
    for each in of.volunteers:
        found[f"home-{each.id}"] = _place(f"home-{each.id}", each.lat, each.lon, 0)
    return list(found.values())


def _place(name: str, lat: float, lon: float, access: int) -> dict[str, Any]:
    """Return one place."""
    return {"id": name, "lat": lat, "lon": lon, "access": access}


def _door(visit: Visit) -> str:
    """Return the place of a visit: an entrance and a floor."""
    return _floor(visit.household)


def _floor(home: Household) -> str:
    """Return the place of a home: an entrance and a floor."""
    return f"b{home.building_id}-f{home.floor}"


def _elders(going: list[Visit], usual: dict[int, set[int]], excluded: dict[int, set[int]], people: set[int]) -> list[dict[str, Any]]:
    """Return each household that is visited once."""
    homes = {visit.household_id: visit.household for visit in going}
    return [
        {
            "id": f"h{household}",
            "place": _floor(home),
            "preferred": [f"v{each}" for each in sorted(usual.get(household, set()) & people)],
            "excluded": [f"v{each}" for each in sorted(excluded.get(household, set()) & people)],
        }
        for household, home in sorted(homes.items(), key=lambda item: item[0])
    ]


def _volunteer(person: Volunteer, of: Scene, refused: dict[int, set[int]], done: Lived | None) -> dict[str, Any]:
    """Return a volunteer of the week."""
    plan = of.plan
    raised = plan.ceilings.get(str(person.id), {})
    willing = [f"willing-x{visit}" for visit, who in sorted(refused.items()) if person.id not in who]
    return {
        "id": f"v{person.id}",
        "place": f"home-{person.id}",
        "gender": person.gender.value if person.gender else None,
        "skills": [*valid_skills(person, plan.week + timedelta(days=DAYS - 1)), *willing],
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


def _visit(visit: Visit, monday: date, refused: dict[int, set[int]]) -> dict[str, Any]:
    """Return a visit of the week."""
    kind = visit.kind
    own = ([INSURED] if kind.insured else []) + ([f"willing-x{visit.id}"] if visit.id in refused else [])
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
    for each in of.plan.assignments:
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


def _name(plan: Plan) -> str:
    """Return the name of a plan's week in files."""
    return f"{plan.community.slug}-{clock.week_name(plan.week)}"


def windows_now(of: Scene) -> dict[str, list[Window]]:
    """Return the windows of every volunteer as they are now, in the places earlier plans gave them.

    What somebody has accepted stays inside a window although their ordinary week has changed since.
    """
    agreed: dict[int, list[Offer]] = {}
    for made in of.live.values():
        if made.state is OfferState.ACCEPTED:
            agreed.setdefault(made.volunteer_id, []).append(made)
    return {str(each.id): _windows_of(of, each, agreed.get(each.id, [])) for each in of.volunteers}


def _windows_of(of: Scene, person: Volunteer, agreed: list[Offer]) -> list[Window]:
    """Return the windows of one volunteer, with what they have agreed to."""
    known: list[Window] = of.plan.windows.get(str(person.id), [])
    kept = [window for window in known if any(_is_in(made, window, of) for made in agreed)]
    extra = of.plan.ceilings.get(str(person.id), {}).get("extra", [])
    free = join_windows(free_windows(person, of.plan.week), [*extra, *less_time_off(person, kept, of.plan.week)])
    return merge_windows(known, less(free, of.on_duty.get(person.id, ()), of.plan.week))


def _is_in(made: Offer, window: Window, of: Scene) -> bool:
    """Say whether an offer lies in a window."""
    return (made.day - of.plan.week).days == window[0] and window[1] <= made.start < window[2]


def is_visit(name: object) -> bool:
    """Say whether an id of the engine's files is a visit of ours, not only a stop that says where somebody is."""
    return not str(name).startswith(HERE)


def number(name: object) -> int:
    """Return the row id in an id of the engine's files."""
    return int(str(name)[1:])
