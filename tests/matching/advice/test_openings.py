import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.advice.assign import apply, insertions, without
from matching.model import Plan, Visit, VisitStop, Week
from matching.referee.check import check
from tests.matching.random_weeks import scene, ways
from tests.matching.weeks import at, elder, meal, pickup, plan, route, visit, volunteer, week

QUIET = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 10**6)


def unserved(of: Week, made: Plan) -> list[Visit]:
    served = {stop.visit for each in made.routes for stop in each.stops if isinstance(stop, VisitStop)}
    return [one for one in of.visits if one.id not in served]


@QUIET
@given(SEEDS)
def test_what_is_inserted_passes_the_referee_and_costs_what_was_said(seed: int) -> None:
    of, made = scene(seed)
    before = check(of, made)
    assert {breach.rule for breach in before.breaches} <= {"pin"}
    for one in unserved(of, made):
        for found in insertions(of, made, one.id):
            after = check(of, apply(made, found))
            assert {breach.visit for breach in after.breaches} <= {pin.visit for pin in of.pins} - {one.id}
            assert after.score.cost - before.score.cost == pytest.approx(found.cost_delta, abs=0.11)
            assert after.score.travel - before.score.travel == found.travel


@settings(QUIET, max_examples=15)
@given(SEEDS)
def test_whoever_could_serve_is_found_and_nobody_else(seed: int) -> None:
    of, made = scene(seed, crews=False)
    for one in unserved(of, made)[:2]:
        found = {frozenset(each.volunteers) for each in insertions(of, made, one.id)}
        assert found == {who for who, _ in ways(of, made, one)}


@settings(QUIET, max_examples=40)
@given(SEEDS)
def test_every_volunteer_of_a_possible_crew_is_found(seed: int) -> None:
    of, made = scene(seed)
    for one in unserved(of, made):
        if one.crew == 2:
            found = {name for each in insertions(of, made, one.id) for name in each.volunteers}
            assert found == {name for who, _ in ways(of, made, one) for name in who}
            break


@QUIET
@given(SEEDS)
def test_the_referees_own_trial_of_pins_agrees(seed: int) -> None:
    of, made = scene(seed)
    missed = {breach.visit for breach in check(of, made).breaches if breach.rule == "pin"}
    pinned = {pin.visit for pin in of.pins}
    assert missed == {one.id for one in unserved(of, made) if one.id in pinned and insertions(of, made, one.id)}


def test_a_meal_joins_a_pick_up_that_is_made_anyway() -> None:
    of = week(visits=[meal("x1"), meal("x2", elder="e2")], elders=[elder(), elder("e2", place="p9")])
    made = plan(of, route("v1", pickup(600, "x1"), at("x1", 605)))
    (found,) = insertions(of, made, "x2")
    assert found.new_routes[0].stops[0].visits == ("x1", "x2")
    assert found.start == 612


def test_nothing_that_stands_is_moved() -> None:
    of = week(visits=[visit("x1"), visit("x2", minutes=10)])
    made = plan(of, route("v1", at("x1", 500)))
    (found,) = insertions(of, made, "x2")
    assert VisitStop(visit="x1", start=500) in found.new_routes[0].stops
    assert found.start == 485


def test_a_person_is_touched_only_once_and_may_become_untouched_again() -> None:
    base = {"format": "timebank-plan/1", "week": "tiny", "routes": [route("v1", at("x1", 600)), route("v2", at("x2", 500))]}
    of = week(visits=[visit("x1"), visit("x2")], volunteers=[volunteer("v1"), volunteer("v2")], baseline=base, max_touched=0)
    made = plan(of, route("v2", at("x2", 500)))
    (found,) = insertions(of, made, "x1")
    assert (found.volunteers, found.start) == (("v1",), 585)
    assert check(of, apply(made, found)).ok


def test_a_rule_can_be_lifted() -> None:
    of = week(volunteers=[volunteer(max_day=30)])
    assert insertions(of, plan(of), "x1") == []
    assert len(insertions(of, plan(of), "x1", lift=["max_day"])) == 1


def test_taking_a_meal_out_leaves_no_empty_pick_up_and_no_empty_route() -> None:
    of = week(visits=[meal("x1"), visit("x2")])
    made = plan(of, route("v1", pickup(600, "x1"), at("x1", 605), at("x2", 620)))
    assert without(made, "x1") == plan(of, route("v1", at("x2", 620)))
    assert without(without(made, "x1"), "x2") == plan(of)
