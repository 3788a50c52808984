"""What a new plan changes for people: who is touched and how."""

from collections import defaultdict

from matching.model import Plan, VisitStop, Week, by_id

UNTOUCHED_SHIFT = 15

Doors = dict[tuple[str, int], int]


def compare(week: Week, old: Plan, new: Plan) -> dict[str, object]:
    """List who is touched by a new plan, by the contract's definition of `touched`.

    Parameters
    ----------
    week : Week
        The week both plans are for; people and visits it no longer has do not count.
    old, new : Plan
        The plan before and the plan after.

    Returns
    -------
    dict
        `touched` (how many), `people` (for each the visits gained, lost and moved by more than 15 minutes), `handed_over`
        (visits served by others than before), `served` and `unserved` (visits that changed between the two). Days count
        from 0 = Monday, starts are minutes of the day. Fit for JSON.
    """
    before, after = doors_by_volunteer(week, old), doors_by_volunteer(week, new)
    people = [
        changed for one in week.volunteers if (changed := _changes(one.id, before.get(one.id, {}), after.get(one.id, {}))) is not None
    ]
    crews_before, crews_after = _crews(before), _crews(after)
    handed = [
        {"visit": visit.id, "from": sorted(crews_before[visit.id]), "to": sorted(crews_after[visit.id])}
        for visit in week.visits
        if visit.id in crews_before and visit.id in crews_after and crews_before[visit.id] != crews_after[visit.id]
    ]
    return {
        "touched": len(people),
        "people": people,
        "handed_over": handed,
        "served": [visit.id for visit in week.visits if visit.id in crews_after.keys() - crews_before.keys()],
        "unserved": [visit.id for visit in week.visits if visit.id in crews_before.keys() - crews_after.keys()],
    }


def doors_by_volunteer(week: Week, plan: Plan) -> dict[str, Doors]:
    """Give each volunteer's visits and days with their starts; who or what has left the week is left out."""
    volunteers, visits = by_id(week.volunteers), by_id(week.visits)
    doors: dict[str, Doors] = defaultdict(dict)
    for route in plan.routes:
        if route.volunteer not in volunteers:
            continue
        day = volunteers[route.volunteer].windows[route.window].day
        for stop in route.stops:
            if isinstance(stop, VisitStop) and stop.visit in visits:
                doors[route.volunteer][stop.visit, day] = stop.start
    return doors


def _changes(volunteer: str, was: Doors, now: Doors) -> dict[str, object] | None:
    gained, lost = _listed(now, now.keys() - was.keys()), _listed(was, was.keys() - now.keys())
    moved: list[dict[str, object]] = [
        {"visit": visit, "day": day, "from": was[visit, day], "to": now[visit, day]}
        for visit, day in sorted(was.keys() & now.keys(), key=lambda door: (door[1], now[door]))
        if abs(now[visit, day] - was[visit, day]) > UNTOUCHED_SHIFT
    ]
    if not (gained or lost or moved):
        return None
    return {"volunteer": volunteer, "gained": gained, "lost": lost, "moved": moved}


def _listed(doors: Doors, chosen: set[tuple[str, int]]) -> list[dict[str, object]]:
    order = sorted(chosen, key=lambda door: (door[1], doors[door], door[0]))
    return [{"visit": visit, "day": day, "start": doors[visit, day]} for visit, day in order]


def _crews(doors: dict[str, Doors]) -> dict[str, set[str]]:
    crews = defaultdict(set)
    for volunteer, served in doors.items():
        for visit, _ in served:
            crews[visit].add(volunteer)
    return crews
