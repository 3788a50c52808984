"""What each volunteer has lived of a week that has begun, and where those who are under way go on from."""

from matching import read_week
from matching.model import Plan as EnginePlan
from matching.referee.case import Case
from timebank import clock
from timebank.planning import doors
from timebank.planning.lived import Here, Lived, Stop, is_fact, lived, within, work
from timebank.planning.models import Assignment
from timebank.planning.scenes import Scene, standing
from timebank.visits.models import Offer, Visit
from timebank.volunteers.models import Volunteer


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
    door = Stop(doors.door_of(each.visit), each.start, each.visit.minutes)
    fetched = each.pickup is not None and each.visit.canteen_id is not None
    return [Stop(f"canteen-{each.visit.canteen_id}", each.pickup or 0, 0), door] if fetched else [door]


def _where(made: Offer) -> tuple[Offer, str, str | None]:
    """Return what somebody did with the place of its door and of its kitchen."""
    return made, doors.door_of(made.visit), f"canteen-{made.round.canteen_id}" if made.round is not None else None


def _referee(of: Scene, seen: list[Visit]) -> Case:
    """Return the referee over the places of some visits, for its minutes of travel."""
    nobody: dict[str, list[object]] = {name: [] for name in ("canteens", "elders", "volunteers", "visits", "history")}
    bare = doors.head(of.plan, doors.places(of, seen)) | nobody
    return Case(read_week(bare), EnginePlan(week=doors.week_name(of.plan), routes=()))
