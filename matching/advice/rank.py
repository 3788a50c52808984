"""Who else could serve a visit, and at what cost."""

from dataclasses import dataclass

from matching.advice.assign import Insertion, insertions_into, without
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Ground
from matching.model import Plan, VisitStop, Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody (for a crew: two) who could serve the visit, and what it would cost beside the plan without it."""

    volunteers: tuple[str, ...]
    day: int
    start: int
    cost: float
    travel: int
    new_faces: int
    serves_now: bool
    insertion: Insertion


def rank(week: Week, plan: Plan, visit: str) -> tuple[Candidate, ...]:
    """List who could serve a visit while all else of the plan stays as it is, the cheapest first.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it that keeps the hard rules.
    visit : str
        The id of a visit, served or not; one that is served is taken out first, so that those who serve it now stand
        in the list among the others.

    Returns
    -------
    tuple of Candidate
        `day` (0 = Monday) and `start` (minute of the day), `cost` in the units of contract section 4, `travel` in minutes.
        For a crew each volunteer stands there with the best partner.

    Raises
    ------
    KeyError
        If no visit has this id.
    """
    bare = without(plan, visit)
    standing = Standing(Ground(week), bare)
    now = {route.volunteer for route in plan.routes if any(_serves(stop, visit) for stop in route.stops)}
    known = standing.known[standing.ground.visits[visit].elder]
    return tuple(
        Candidate(
            volunteers=found.volunteers,
            day=found.day,
            start=found.start,
            cost=found.cost_delta,
            travel=found.travel,
            new_faces=sum(name not in known for name in found.volunteers),
            serves_now=set(found.volunteers) == now,
            insertion=found,
        )
        for found in insertions_into(standing, visit)
    )


def _serves(stop: object, visit: str) -> bool:
    return isinstance(stop, VisitStop) and stop.visit == visit
