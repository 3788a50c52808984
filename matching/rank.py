"""Who else could serve a visit, at what cost, and why one person is asked."""

from dataclasses import dataclass

import numpy as np

from matching import reasons
from matching.assign import Insertion, allowed, insertions_into, without
from matching.ground import Ground
from matching.model import Plan, Route, VisitStop, Week, Window
from matching.openings import ask
from matching.standing import Standing

FEW = 3


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
    week, plan
        The week and a plan of it.
    visit
        The id of a visit, served or not; one that is served is taken out first, so that those who serve it now stand
        in the list among the others.

    Returns
    -------
    tuple of Candidate
        For a crew each volunteer stands there with the best partner.
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


def why(week: Week, plan: Plan, visit: str, volunteer: str, *, names: reasons.Names = reasons.ids) -> reasons.Words:
    """Say to a volunteer why they are asked for a visit the plan gives them: face, skill, way, time, load.

    Parameters
    ----------
    week, plan
        The week and a plan of it.
    visit, volunteer
        The ids; where the plan does not give the visit to the volunteer, what turns on the route is left out.
    names
        Gives names in place of ids, as in `reasons.say`.

    Returns
    -------
    Words
        One sentence in both languages.
    """
    ground = Ground(week)
    standing = Standing(ground, without(plan, visit))
    parts = [*_about_people(standing, visit, volunteer, names), *_about_time(ground, standing, plan, visit, volunteer)]
    zh, en = "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)
    return reasons.Words(f"{zh}。", f"{en[:1].upper()}{en[1:]}.")


def _serves(stop: object, visit: str) -> bool:
    return isinstance(stop, VisitStop) and stop.visit == visit


def _about_people(standing: Standing, name: str, volunteer: str, names: reasons.Names) -> list[reasons.Words]:
    ground, visit = standing.ground, standing.ground.visits[name]
    person, elder = ground.person[volunteer], ground.elders[visit.elder]
    parts = []
    if volunteer in elder.preferred:
        parts.append(reasons.say(reasons.WHY["preferred"], {"elder": elder.id}, names))
    elif volunteer in standing.known[elder.id]:
        parts.append(reasons.say(reasons.WHY["known"], {"elder": elder.id}, names))
    first, second = ground.seats(visit)
    wanted = visit.skills if first[person] or visit.second is None else visit.second.skills
    if wanted:
        parts.append(reasons.say(reasons.WHY["skill"], {"skills": wanted}))
    able = int(np.sum(allowed(ground, ask(ground, visit)) & (first | second)))
    if able <= FEW:
        parts.append(reasons.say(reasons.WHY["few"], {"count": able}))
    metres = float(ground.metres(visit)[person])
    if np.isfinite(metres):
        parts.append(reasons.say(reasons.WHY["near"], {"metres": round(metres / 10) * 10}))
    return parts


def _about_time(ground: Ground, standing: Standing, plan: Plan, visit: str, volunteer: str) -> list[reasons.Words]:
    given = next((route for route in plan.routes if route.volunteer == volunteer
                  and any(_serves(stop, visit) for stop in route.stops)), None)  # fmt: skip
    if given is None:
        return []
    person = ground.person[volunteer]
    window: Window = ground.week.volunteers[person].windows[given.window]
    after = Standing(ground, plan)
    more = _travel(after, person, given) - _travel(standing, person, given)
    load = {"work": int(after.work_week[person]), "ceiling": int(ground.max_week[person])}
    return [
        reasons.say(reasons.WHY["on_the_way"], {"minutes": more}),
        reasons.say(reasons.WHY["free"], {"day": window.day, "start": window.start, "end": window.end}),
        reasons.say(reasons.WHY["load"], load),
    ]


def _travel(standing: Standing, person: int, route: Route) -> int:
    """Add up the legs of one route, home to home."""
    window = int(standing.ground.first_window[person]) + route.window
    return int(standing.gap_leg[standing.gap_window == window].sum())
