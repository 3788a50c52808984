"""How many of the pairs that serve are known faces, where a known face could have come."""

from matching.model import Plan, Visit, VisitStop, Volunteer, Week, by_id
from matching.travel import Roads


def known_share(week: Week, plan: Plan) -> float | None:
    """Give the share of known faces among the distinct (elder, volunteer) pairs whose elder has an eligible known face."""
    visits = by_id(week.visits)
    pairs = {(visits[stop.visit].elder, route.volunteer) for route in plan.routes for stop in route.stops if isinstance(stop, VisitStop)}
    known = _known(week)
    counted = [pair for pair in pairs if pair[0] in known]
    return sum(volunteer in known[elder] for elder, volunteer in counted) / len(counted) if counted else None


def _known(week: Week) -> dict[str, set[str]]:
    """Give, for each elder with an eligible known face, every volunteer known there; eligible for one of the elder's visits is enough."""
    people, roads = by_id(week.volunteers), Roads(week)
    asked: dict[str, list[Visit]] = {}
    for visit in week.visits:
        asked.setdefault(visit.elder, []).append(visit)
    found: dict[str, set[str]] = {elder.id: set(elder.preferred) for elder in week.elders}
    for elder_id, volunteer in week.history:
        found[elder_id].add(volunteer)
    welcome = {elder.id: found[elder.id] - set(elder.excluded) for elder in week.elders}
    places = {elder.id: elder.place for elder in week.elders}
    return {
        elder: found[elder]
        for elder, names in welcome.items()
        if any(
            _near(roads, people[name], places[elder]) and any(_could(people[name], visit) for visit in asked.get(elder, ()))
            for name in names
        )
    }


def _near(roads: Roads, volunteer: Volunteer, place: str) -> bool:
    metres = roads.metres([roads.index[volunteer.place]], [roads.index[place]])
    return volunteer.radius is None or float(metres[0]) <= volunteer.radius


def _could(volunteer: Volunteer, visit: Visit) -> bool:
    """Say whether a volunteer has the skills, the gender and a free window for a visit, as the first or the second of its crew."""
    roles = [(visit.skills, visit.gender), *([(visit.second.skills, visit.second.gender)] if visit.second else [])]
    able = any(set(skills) <= set(volunteer.skills) and gender in {None, volunteer.gender} for skills, gender in roles)
    return able and any(
        window.day in visit.days and min(window.end, visit.window[1]) - max(window.start, visit.window[0]) >= visit.minutes
        for window in volunteer.windows
    )
