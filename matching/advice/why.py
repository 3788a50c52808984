"""“Why me?”: what is true of a visit and the volunteer a plan gives it to, the strongest first."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from matching import reasons
from matching.advice.assign import spare, without
from matching.advice.explain import crews, members
from matching.advice.fixes import Look
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import RADIUS_TOLERANCE, Ground
from matching.model import Plan, Route, VisitStop, Week

FEW = 3
SAID = 4


class Fact(NamedTuple):
    """One reason by its name in `reasons.WHY`, with the fields of its sentence."""

    name: str
    fields: reasons.Fields


def why(week: Week, plan: Plan, visit: str, volunteer: str, *, names: reasons.Names = reasons.ids) -> reasons.Words:
    """Say to a volunteer why a plan gives them a visit: the four strongest facts.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it that keeps the hard rules.
    visit, volunteer : str
        The ids; where the plan does not give the visit to the volunteer, what turns on the route is left out.
    names : callable
        Gives names in place of ids, as in `reasons.say`.

    Returns
    -------
    Words
        One sentence in both languages.

    Raises
    ------
    KeyError
        If an id names nothing in the week.
    """
    parts = [reasons.say(reasons.WHY[fact.name], fact.fields, names) for fact in facts(week, plan, visit, volunteer)[:SAID]]
    zh, en = "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)
    return reasons.Words(f"{zh}。", f"{en[:1].upper()}{en[1:]}.")


def facts(week: Week, plan: Plan, visit: str, volunteer: str) -> list[Fact]:
    """Give every reason that holds, the strongest first; `free` are those who could serve while all else stands.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it that keeps the hard rules.
    visit, volunteer : str
        The ids.

    Returns
    -------
    list of Fact
        Names of `reasons.WHY`, each with its fields; minutes and metres as whole numbers.
    """
    asked = _Asked(week, plan, visit, volunteer)
    found = [*asked.ties(), *asked.able(), *asked.among_the_free(), *asked.on_the_route()]
    order = list(reasons.WHY)
    return sorted(found, key=lambda fact: order.index(fact.name))


class _Asked:
    """One visit and the person asked, seen from the plan without the visit."""

    def __init__(self, week: Week, plan: Plan, visit: str, volunteer: str) -> None:
        self.ground = Ground(week)
        self.standing = Standing(self.ground, without(plan, visit))
        self.visit = self.ground.visits[visit]
        self.look = Look(self.standing, self.visit)
        self.name = volunteer
        self.person = self.ground.person[volunteer]
        self.pinned = visit in self.ground.pins
        # Who is pinned is not there because of what others can do.
        self.free = [] if self.pinned else members(crews(self.look, self.look.plain, spare(self.standing)))
        self.compared = self.person in self.free and len(self.free) > 1
        self.route = next((route for route in plan.routes if route.volunteer == volunteer and _serves(route, visit)), None)

    def ties(self) -> Iterator[Fact]:
        """Say what binds the two: a pin, a wish, visits before, other visits this week."""
        elder = self.ground.elders[self.visit.elder]
        if self.pinned and self.name in self.ground.pins[self.visit.id].volunteers:
            yield Fact("pinned", {})
        if self.name in elder.preferred:
            yield Fact("preferred", {"elder": elder.id})
        elif (elder.id, self.name) in self.ground.week.history:
            yield Fact("known", {"elder": elder.id})
        elif self.name in self.standing.known[elder.id]:
            yield Fact("meets", {"elder": elder.id})

    def able(self) -> Iterator[Fact]:
        """Say how few have the skill, and how few may come at all."""
        visit, (first, second) = self.visit, self.look.seats
        seat = visit if first[self.person] or visit.second is None else visit.second
        skilled = self.ground.skilled(seat.skills)
        only = bool(skilled[self.person]) and int(skilled.sum()) == 1
        if seat.skills and only:
            yield Fact("only_skill", {"skills": seat.skills})
        may = self.ground.wanted(visit) & self.ground.near(visit) & (first | second)
        count = int(may.sum())
        if count == 1 and may[self.person] and not only:
            yield Fact("only", {})
        elif 1 < count <= FEW:
            yield Fact("few", {"count": count})
        if seat.skills and skilled[self.person] and not only:
            yield Fact("skill", {"skills": seat.skills})

    def among_the_free(self) -> Iterator[Fact]:
        """Compare them with the others who could serve while all else stands: alone, nearest, the lightest week."""
        free = self.free
        metres = self.ground.metres(self.visit)
        mine = metres[self.person]
        if free == [self.person]:
            yield Fact("alone", {})
        if self.compared and np.isfinite(mine) and mine <= metres[free].min() + RADIUS_TOLERANCE:
            yield Fact("nearest", {"count": len(free), "metres": _rounded(mine)})
        elif np.isfinite(mine):
            yield Fact("near", {"metres": _rounded(mine)})
        share = self.standing.work_week / self.ground.max_week
        load = {"work": int(self.standing.work_week[self.person]), "ceiling": int(self.ground.max_week[self.person])}
        fair = self.compared and share[self.person] <= share[free].min()
        yield Fact("fair" if fair else "load", load)

    def on_the_route(self) -> Iterator[Fact]:
        """Say what the visit adds to their way, and that they are free then."""
        if self.route is None:
            return
        number = int(self.ground.first_window[self.person]) + self.route.window
        after = Standing(self.ground, Plan(week=self.ground.week.name, routes=(self.route,)))
        more = _travel(after, number) - _travel(self.standing, number)
        least = self.visit.crew == 1 and self.compared and more <= int(self.look.plain.found.added.min())
        yield Fact("least_way" if least else "on_the_way", {"minutes": more})
        day, start, end = self.ground.week.volunteers[self.person].windows[self.route.window]
        yield Fact("free", {"day": day, "start": start, "end": end})


def _serves(route: Route, visit: str) -> bool:
    return any(isinstance(stop, VisitStop) and stop.visit == visit for stop in route.stops)


def _rounded(metres: float) -> int:
    return round(metres / 10) * 10


def _travel(standing: Standing, window: int) -> int:
    """Add up the legs of one window's trip, home to home."""
    return int(standing.gap_leg[standing.gap_window == window].sum())
