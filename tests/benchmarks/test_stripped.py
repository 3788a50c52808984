"""What goes to the other solvers is the same week less what is named, and comes back as a plan the referee can judge."""

import sys
from dataclasses import replace

import pytest

from matching.files import read_week
from matching.model import Plan, VisitStop, Week, Window
from matching.referee.check import check
from tests.benchmarks.generate import generate
from tests.benchmarks.greedy import greedy
from tests.benchmarks.peer import NAMES, missing, plan_by
from tests.benchmarks.stripped import CannotSay, days_of, loaded, plan_of, strip


def stripped(seed: int = 1) -> Week:
    return strip(read_week(generate("T", seed)))


def tours_of(week: Week, plan: Plan) -> Plan:
    """Send a plan through the neutral form and back."""
    found = []
    for day in days_of(week):
        number = {task.visit: place for place, task in enumerate(day.tasks)}
        vehicle = {(one.volunteer, one.window): place for place, one in enumerate(day.vehicles)}
        tours = {
            vehicle[route.volunteer, route.window]: [
                step
                for stop in route.stops
                for step in ([(number[stop.visit], False)] if isinstance(stop, VisitStop) else [(number[one], True) for one in stop.visits])
            ]
            for route in plan.routes
            if (route.volunteer, route.window) in vehicle
        }
        found.append((day, tours))
    return plan_of(week, found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_plan_that_goes_through_the_neutral_form_and_back_is_worth_the_same(seed: int) -> None:
    week = stripped(seed)
    plan = greedy(week)
    again = check(week, tours_of(week, plan))
    assert again.breaches == ()
    assert again.score == check(week, plan).score


def test_a_meal_of_a_stripped_week_cannot_get_cold() -> None:
    week, full = stripped(), read_week(generate("T", 1))
    hot = {kitchen.id: kitchen.hot for kitchen in full.canteens}
    narrowed = {kitchen.id: kitchen.ready for kitchen in week.canteens}
    meals = [visit for visit in week.visits if visit.canteen]
    assert all(visit.window[1] - narrowed[str(visit.canteen)] <= hot[visit.canteen] for visit in meals)
    assert all(kitchen.hot is None for kitchen in week.canteens)


def test_a_week_with_a_rule_the_others_cannot_say_is_refused_by_name() -> None:
    with pytest.raises(CannotSay, match="crews, alternative days, a hot limit, ceilings of work"):
        list(days_of(read_week(generate("S", 1))))


@pytest.mark.parametrize("seed", [1, 2])
def test_who_may_come_to_a_door_is_whom_the_referee_lets_come(seed: int) -> None:
    week = stripped(seed)
    for day in days_of(week):
        for number, task in enumerate(day.tasks):
            for place in range(len(day.vehicles)):
                steps = loaded(day, [number]) if task.canteen is not None else [(number, False)]
                rules = {breach.rule for breach in check(week, plan_of(week, [(day, {place: steps})])).breaches}
                assert (place in task.allowed) == (not rules & {"skill", "gender", "excluded", "radius"})


def test_a_solver_that_is_not_there_is_missed_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vroom", None)
    with pytest.raises(CannotSay, match=r"^pyvroom is not installed: pip install -e '\.\[bench\]'$"):
        plan_by("vroom", stripped(), 1)


@pytest.mark.parametrize("name", [name for name in NAMES if not missing(name)])
def test_every_solver_comes_back_with_a_plan_without_a_breach(name: str) -> None:
    week = stripped()
    few = replace(week, visits=tuple(visit for visit in week.visits if visit.days == (1,)))
    verdict = check(few, plan_by(name, few, 1))
    assert verdict.breaches == ()
    assert verdict.score.served_weight >= check(few, greedy(few)).score.served_weight


@pytest.mark.parametrize("name", [name for name in NAMES if not missing(name)])
def test_days_on_which_nobody_can_come_are_no_failure(name: str) -> None:
    week = stripped(2)
    lone = replace(week.volunteers[0], windows=(Window(2, 400, 420), Window(3, 400, 1_000)))
    others = [replace(one, windows=()) for one in week.volunteers[1:]]
    few = replace(week, volunteers=(lone, *others))
    verdict = check(few, plan_by(name, few, 1))
    assert verdict.breaches == ()
    assert verdict.score.served > 0
