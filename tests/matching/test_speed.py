"""Reading, judging, explaining and ranking at the contract's sizes, in seconds of the processor."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from matching.advice.audit import audit
from matching.advice.explain import explain
from matching.advice.rank import rank
from matching.advice.why import why
from matching.files import plan_to_json, read_plan, read_week
from matching.model import Plan, Route, Visit, VisitStop, Volunteer, Week
from matching.referee.check import check
from matching.travel import Roads
from tests.benchmarks.generate import generate

HUNDREDS = 600
TRIED = 60


@cache
def street() -> tuple[Week, Plan]:
    """A scarce week of a street, its care given out first come, first served, and hundreds of visits that nobody has."""
    whole = read_week(json.loads(json.dumps(generate("M", 1, scarce=True))))
    roads, doors = Roads(whole), {one.id: one.place for one in whole.elders}
    waiting: dict[int, list[Visit]] = defaultdict(list)
    for visit in sorted(whole.visits, key=lambda one: (one.window, one.id)):
        if visit.crew == 1 and visit.canteen is None and visit.gender is None:
            waiting[visit.days[0]].append(visit)
    routes = []
    for person in whole.volunteers:
        for index, window in enumerate(person.windows[:2]):
            stops = chain(person, window.start, window.end, waiting[window.day], roads.between, roads.index, doors)
            if stops:
                routes.append(Route(volunteer=person.id, window=index, stops=tuple(stops)))
    broken = {breach.volunteer for breach in check(whole, Plan(week=whole.name, routes=tuple(routes))).breaches}
    routes = [route for route in routes if route.volunteer not in broken]
    served = {stop.visit for route in routes for stop in route.stops}
    left = [visit for visit in whole.visits if visit.id not in served][:HUNDREDS]
    kept = {visit.id for visit in left} | served
    return replace(whole, visits=tuple(one for one in whole.visits if one.id in kept)), Plan(week=whole.name, routes=tuple(routes))


def chain(
    person: Volunteer, now: int, end: int, waiting: list[Visit], leg: Callable[..., int], at: dict[str, int], doors: dict[str, str]
) -> list[VisitStop]:
    """The first visits this person can be at, one after another; those taken wait no more."""
    here, home, stops = at[person.place], at[person.place], []
    for visit in [one for one in waiting if set(one.skills) <= set(person.skills)][:TRIED]:
        door = at[doors[visit.elder]]
        start = max(visit.window[0], now + leg(person.mode, here, door))
        if start + visit.minutes <= min(visit.window[1], end - leg(person.mode, door, home)) and len(stops) < 3:
            stops.append(VisitStop(visit=visit.id, start=start))
            now, here = start + visit.minutes, door
            waiting.remove(visit)
    return stops


def seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor for a piece of work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def test_hundreds_of_visits_of_a_street_are_explained_in_two_seconds() -> None:
    week, plan = street()
    assert len(plan.routes) > 100
    assert check(week, plan).ok
    assert seconds(lambda: explain(week, plan)) < 2


def test_who_else_could_is_answered_in_three_tenths_of_a_second_and_why_too() -> None:
    week, plan = street()
    route = plan.routes[0]
    assert seconds(lambda: rank(week, plan, route.stops[0].visit)) < 0.3
    assert seconds(lambda: why(week, plan, route.stops[0].visit, route.volunteer)) < 0.3


def test_a_street_is_judged_in_full_in_seconds() -> None:
    week, plan = street()
    verdict = check(week, plan)
    assert seconds(lambda: check(week, plan)) < 0.5
    assert seconds(lambda: audit(week, replace(plan, unserved=explain(week, plan)), verdict)) < 4


def test_a_district_is_read_in_seconds() -> None:
    text = json.dumps(generate("XL", 1))
    assert seconds(lambda: read_week(json.loads(text))) < 4
    week, plan = street()
    assert seconds(lambda: read_plan(json.loads(plan_to_json(plan)), week)) < 0.5
