"""Who of a crew is the second, where the second works for minutes of her own."""

from collections import defaultdict
from collections.abc import Collection

from matching.model import Plan, Visit, VisitStop, Volunteer, Week

Seconds = frozenset[tuple[str, str]]
"""Visits with the volunteer who is the second there, for minutes of her own."""


def seconds(week: Week, plan: Plan) -> Seconds:
    """Find who works the second's minutes in a plan; where each of two could be the first, it is who stands first in the week's list.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it, or of an earlier one: ids the week lacks mean nothing.

    Returns
    -------
    frozenset of pairs
        Visit and volunteer, one for each whole crew whose two work for different minutes.
    """
    uneven = {visit.id: visit for visit in week.visits if visit.is_uneven}
    if not uneven:
        return frozenset()
    crews: dict[str, set[str]] = defaultdict(set)
    for route in plan.routes:
        for stop in route.stops:
            if isinstance(stop, VisitStop) and stop.visit in uneven:
                crews[stop.visit].add(route.volunteer)
    found = set()
    for name, who in crews.items():
        people = [one for one in week.volunteers if one.id in who]
        if len(people) == uneven[name].crew:
            found.add((name, second_of(uneven[name], people[0], people[1]).id))
    return frozenset(found)


def second_of(visit: Visit, one: Volunteer, two: Volunteer) -> Volunteer:
    """Say who of two is the second at a visit; `one` stands first in the week's list."""
    return one if not _in_order(visit, one, two) and _in_order(visit, two, one) else two


def _in_order(visit: Visit, first: Volunteer, second: Volunteer) -> bool:
    other = visit if visit.second is None else visit.second
    return _is_able(first, visit.skills, visit.gender) and _is_able(second, other.skills, other.gender)


def _is_able(person: Volunteer, skills: Collection[str], gender: str | None) -> bool:
    return set(skills) <= set(person.skills) and gender in {None, person.gender}
