import time
from dataclasses import replace

import pytest

from matching import reasons
from matching.files import read_plan, read_week
from matching.referee.case import Case
from matching.referee.check import ROUTE_RULES, VISIT_RULES, check
from tests.matching.weeks import (
    EXAMPLE_PLAN,
    EXAMPLE_WEEK,
    at,
    canteen,
    elder,
    example,
    meal,
    pickup,
    plan,
    route,
    visit,
    volunteer,
    week,
)

CREW = {"visits": [visit(crew=2)], "volunteers": [volunteer("v1"), volunteer("v2")]}
TWO = {"visits": [visit("x1"), visit("x2")], "volunteers": [volunteer("v1"), volunteer("v2")]}
MEALS = {"visits": [meal("x1"), meal("x2", elder="e2")], "elders": [elder(), elder("e2", place="p9")]}
BASELINE = {
    "baseline": {"format": "timebank-plan/1", "week": "tiny", "routes": [route("v1", at("x1", 500)), route("v2", at("x2", 500))]},
    "volunteers": [volunteer("v1"), volunteer("v2")],
    "visits": [visit("x1"), visit("x2")],
    "max_touched": 0,
}
PINNED = {"pins": [{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": 500}]}

# rule, the week, routes that break it, routes that keep it
CASES = {
    "leaving home before the window": ("window_volunteer", {}, [route("v1", at("x1", 484))], [route("v1", at("x1", 485))]),
    "home after the window": ("window_volunteer", {}, [route("v1", at("x1", 686))], [route("v1", at("x1", 685))]),
    "a withdrawn window": (
        "window_volunteer",
        {"volunteers": [volunteer(windows=[[0, 600, 600], [0, 480, 720]])]},
        [route("v1", at("x1", 600))],
        [route("v1", at("x1", 600), window=1)],
    ),
    "no time for the way": (
        "travel_time",
        {"visits": [visit("x1"), visit("x2", elder="e2")], "elders": [elder(), elder("e2", place="p9")]},
        [route("v1", at("x1", 500), at("x2", 533))],
        [route("v1", at("x1", 500), at("x2", 534))],
    ),
    "another day": (
        "day",
        {"volunteers": [volunteer(windows=[[0, 480, 720], [1, 480, 720]])]},
        [route("v1", at("x1", 500), window=1)],
        [route("v1", at("x1", 500))],
    ),
    "before the visit's window": (
        "window_visit", {"visits": [visit(window=[500, 540])]}, [route("v1", at("x1", 499))], [route("v1", at("x1", 500))],
    ),
    "after the visit's window": (
        "window_visit", {"visits": [visit(window=[500, 540])]}, [route("v1", at("x1", 511))], [route("v1", at("x1", 510))],
    ),
    "a skill missing": (
        "skill",
        {"volunteers": [volunteer("v1", skills=["meal"]), volunteer("v2")]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "nobody of the crew has the skill": (
        "skill",
        {
            "visits": [visit(crew=2, skills=["nurse"], second={"skills": [], "gender": None})],
            "volunteers": [volunteer("v1"), volunteer("v2"), volunteer("v3", skills=["nurse"])],
        },
        [route("v1", at("x1", 500)), route("v2", at("x1", 500))],
        [route("v1", at("x1", 500)), route("v3", at("x1", 500))],
    ),
    "the other gender": (
        "gender",
        {"visits": [visit(gender="F")], "volunteers": [volunteer("v1", gender="M"), volunteer("v2")]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "the one with the skill is of the other gender": (
        "gender",
        {
            "visits": [visit(crew=2, gender="F", skills=["nurse"], second={"skills": [], "gender": None})],
            "volunteers": [
                volunteer("v1", gender="M", skills=["nurse"]), volunteer("v2"), volunteer("v3", skills=["nurse"]),
            ],
        },
        [route("v1", at("x1", 500)), route("v2", at("x1", 500))],
        [route("v3", at("x1", 500)), route("v1", at("x1", 500))],
    ),
    "somebody the elder does not want": (
        "excluded",
        {"elders": [elder(excluded=["v1"])], "volunteers": [volunteer("v1"), volunteer("v2")]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "somebody who is not to come for this visit": (
        "excluded",
        {"visits": [visit(excluded=["v1"])], "volunteers": [volunteer("v1"), volunteer("v2")]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "two at once at a door for one": (
        "at_once",
        {"elders": [elder(at_once=False)], "visits": [visit("x1"), visit("x2")], "volunteers": [volunteer("v1"), volunteer("v2")]},
        [route("v1", at("x1", 500)), route("v2", at("x2", 529))],
        [route("v1", at("x1", 500)), route("v2", at("x2", 530))],
    ),
    "one person for two visits that want two": (
        "apart_people",
        {**TWO, "apart": [{"visits": ["x1", "x2"], "people": True}]},
        [route("v1", at("x1", 500), at("x2", 530))],
        [route("v1", at("x1", 500)), route("v2", at("x2", 500))],
    ),
    "two visits too near each other": (
        "apart_gap",
        {**TWO, "apart": [{"visits": ["x1", "x2"], "gap": [60, 90]}]},
        [route("v2", at("x2", 500)), route("v1", at("x1", 589))],
        [route("v2", at("x2", 500)), route("v1", at("x1", 590))],
    ),
    "two visits too far from each other": (
        "apart_gap",
        {**TWO, "apart": [{"visits": ["x1", "x2"], "gap": [60, 90]}]},
        [route("v2", at("x2", 500)), route("v1", at("x1", 621))],
        [route("v2", at("x2", 500)), route("v1", at("x1", 620))],
    ),
    "too far from home": (
        "radius",
        {"volunteers": [volunteer("v1", radius=490), volunteer("v2", radius=500)]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "a meal without a pick-up": (
        "pickup", {"visits": [meal()]}, [route("v1", at("x1", 610))], [route("v1", pickup(600, "x1"), at("x1", 610))],
    ),
    "a pick-up before the food is ready": (
        "pickup",
        {"visits": [meal()]},
        [route("v1", pickup(599, "x1"), at("x1", 610))],
        [route("v1", pickup(600, "x1"), at("x1", 610))],
    ),
    "a pick-up after the canteen has closed": (
        "pickup",
        {"visits": [meal()]},
        [route("v1", pickup(691, "x1"), at("x1", 700))],
        [route("v1", pickup(690, "x1"), at("x1", 700))],
    ),
    "a box never delivered": (
        "pickup",
        MEALS,
        [route("v1", pickup(600, "x1", "x2"), at("x1", 610))],
        [route("v1", pickup(600, "x1", "x2"), at("x1", 610), at("x2", 617))],
    ),
    "a pick-up after the door": (
        "pickup",
        {"visits": [meal()]},
        [route("v1", at("x1", 605), pickup(620, "x1"))],
        [route("v1", pickup(600, "x1"), at("x1", 605))],
    ),
    "a box of another canteen": (
        "pickup",
        {"visits": [meal()], "canteens": [canteen(), canteen(id="c2")]},
        [route("v1", pickup(600, "x1", kitchen="c2"), at("x1", 610))],
        [route("v1", pickup(600, "x1"), at("x1", 610))],
    ),
    "a box picked up twice": (
        "pickup",
        {"visits": [meal()]},
        [route("v1", pickup(600, "x1"), pickup(601, "x1"), at("x1", 610))],
        [route("v1", pickup(600, "x1"), at("x1", 610))],
    ),
    "too many boxes": (
        "boxes",
        MEALS | {"volunteers": [volunteer("v1", boxes=1), volunteer("v2", boxes=2)]},
        [route("v1", pickup(600, "x1", "x2"), at("x1", 610), at("x2", 617))],
        [route("v2", pickup(600, "x1", "x2"), at("x1", 610), at("x2", 617))],
    ),
    "too many pick-ups": (
        "trips",
        MEALS | {"volunteers": [volunteer("v1", trips=1), volunteer("v2", trips=2)]},
        [route("v1", pickup(600, "x1"), at("x1", 605), pickup(613, "x2"), at("x2", 622))],
        [route("v2", pickup(600, "x1"), at("x1", 605), pickup(613, "x2"), at("x2", 622))],
    ),
    "cold food": (
        "hot",
        {"visits": [meal()]},
        [route("v1", pickup(600, "x1"), at("x1", 628))],
        [route("v1", pickup(600, "x1"), at("x1", 627))],
    ),
    "half a crew": ("crew", CREW, [route("v1", at("x1", 500))], [route("v1", at("x1", 500)), route("v2", at("x1", 500))]),
    "a crew at different minutes": (
        "crew",
        CREW,
        [route("v1", at("x1", 500)), route("v2", at("x1", 501))],
        [route("v1", at("x1", 501)), route("v2", at("x1", 501))],
    ),
    "a crew of one person twice": (
        "crew", CREW, [route("v1", at("x1", 500), at("x1", 530))], [route("v1", at("x1", 500)), route("v2", at("x1", 500))],
    ),
    "served twice": (
        "once",
        {"volunteers": [volunteer("v1"), volunteer("v2")]},
        [route("v1", at("x1", 500)), route("v2", at("x1", 500))],
        [route("v1", at("x1", 500))],
    ),
    "too much work in a day": (
        "max_day",
        {"volunteers": [volunteer("v1", max_day=49, used=[[0, 10]]), volunteer("v2", max_day=50, used=[[0, 10]])]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "too much work in the week": (
        "max_week",
        {"volunteers": [volunteer("v1", max_week=49, used=[[3, 10]]), volunteer("v2", max_week=50, used=[[3, 10]])]},
        [route("v1", at("x1", 500))],
        [route("v2", at("x1", 500))],
    ),
    "a pin at another minute": ("pin", PINNED, [route("v1", at("x1", 501))], [route("v1", at("x1", 500))]),
    "a pin with another person": (
        "pin",
        PINNED | {"volunteers": [volunteer("v1"), volunteer("v2")]},
        [route("v2", at("x1", 500))],
        [route("v1", at("x1", 500))],
    ),
    "a pin left out though it would hold": ("pin", PINNED, [], [route("v1", at("x1", 500))]),
    "too many people touched": (
        "touched",
        BASELINE,
        [route("v1", at("x1", 516)), route("v2", at("x2", 500))],
        [route("v1", at("x1", 515)), route("v2", at("x2", 485))],
    ),
    "work before the moment the plan starts from": (
        "from", {"from": [0, 510]}, [route("v1", at("x1", 509))], [route("v1", at("x1", 510))],
    ),
    "a pick-up before that moment": (
        "from",
        {"from": [0, 610], "visits": [meal()]},
        [route("v1", pickup(609, "x1"), at("x1", 615))],
        [route("v1", pickup(610, "x1"), at("x1", 615))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_broken_rule_is_named_and_the_nearest_kept_plan_passes(name: str) -> None:
    rule, changes, broken, kept = CASES[name]
    of = week(**changes)
    said = check(of, plan(of, *broken))
    assert not said.ok
    assert {breach.rule for breach in said.breaches} == {rule}
    assert all(breach.zh and breach.en for breach in said.breaches)
    assert check(of, plan(of, *kept)).breaches == ()


def test_every_hard_rule_has_a_case_and_a_sentence() -> None:
    assert {rule for rule, *_ in CASES.values()} == set(reasons.RULES)


def test_the_contracts_example_passes_with_its_score() -> None:
    of = read_week(EXAMPLE_WEEK)
    made = read_plan(EXAMPLE_PLAN, of)
    said = check(of, made)
    assert said.ok
    assert said.score == made.score


def test_a_pinned_stop_may_stand_before_the_moment_the_plan_starts_from() -> None:
    of = week(**PINNED, **{"from": [0, 700]})
    assert check(of, plan(of, route("v1", at("x1", 500)))).ok


def test_a_pin_that_cannot_hold_may_be_left_out() -> None:
    of = week(pins=[{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": 484}])
    assert check(of, plan(of)).ok


def test_a_pin_for_one_of_a_crew_is_missed_while_somebody_could_join() -> None:
    pins = [{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}]
    alone = week(visits=[visit(crew=2)], pins=pins)
    assert check(alone, plan(alone)).ok
    two = week(**CREW, pins=pins)
    assert [breach.rule for breach in check(two, plan(two)).breaches] == ["pin"]


def test_a_pinned_meal_is_missed_while_it_could_join_a_pick_up() -> None:
    pins = [{"visit": "x2", "volunteers": ["v1"], "day": 0, "start": None}]
    of = week(**MEALS, volunteers=[volunteer(trips=1)], pins=pins)
    said = check(of, plan(of, route("v1", pickup(600, "x1"), at("x1", 605))))
    assert [breach.rule for breach in said.breaches] == ["pin"]


def test_work_spent_above_a_ceiling_is_no_breach_by_itself() -> None:
    of = week(volunteers=[volunteer("v1", max_day=30, used=[[0, 300]]), volunteer("v2")])
    assert check(of, plan(of, route("v2", at("x1", 500)))).ok


def test_faces_in_history_or_preferred_are_not_new() -> None:
    made = [route("v1", at("x1", 500))]
    for changes, new in (({}, 1), ({"history": [["e1", "v1"]]}, 0), ({"elders": [elder(preferred=["v1"])]}, 0)):
        of = week(**changes)
        assert check(of, plan(of, *made)).score.new_faces == new


def test_fairness_counts_work_spent_and_waiting_is_not_work() -> None:
    of = week(volunteers=[volunteer("v1", max_week=100, used=[[2, 10]]), volunteer("v2", max_week=50, used=[[1, 5]])])
    score = check(of, plan(of, route("v1", at("x1", 600)))).score
    assert score.travel == 10
    assert score.fairness == round(50 * 50 / 100 + 5 * 5 / 50, 1)
    assert score.cost == round(10 + 20 + score.fairness, 1)


def test_touched_ignores_visits_and_people_who_left_the_week() -> None:
    base = [route("v1", at("x1", 500), at("gone", 540)), route("nobody", at("x1", 1)), route("v2", at("gone", 500))]
    of = week(baseline={"format": "timebank-plan/1", "week": "tiny", "routes": base}, volunteers=[volunteer("v1"), volunteer("v2")])
    assert check(of, plan(of, route("v1", at("x1", 500)))).score.touched == 0
    assert check(of, plan(of, route("v2", at("x1", 500)))).score.touched == 2
    assert check(of, plan(of)).score.touched == 1


def test_the_cost_is_rounded_from_unrounded_parts() -> None:
    of = week(weights={"travel": 0.5, "new_face": 0, "fairness": 0.3, "touched": 0}, volunteers=[volunteer(max_week=7)])
    score = check(of, plan(of, route("v1", at("x1", 500)))).score
    assert score.cost == round(5 + 0.3 * 1600 / 7, 1)


def test_a_given_matrix_stands_as_it_is_without_access_and_without_its_diagonal() -> None:
    places = [{"id": name, "lat": None, "lon": None, "access": 50} for name in ("p0", "p5")]
    of = week(places=places, travel={"minutes": {"walk": [[99, 7], [11, 99]]}})
    assert check(of, plan(of, route("v1", at("x1", 487)))).score.travel == 18
    assert [breach.rule for breach in check(of, plan(of, route("v1", at("x1", 486)))).breaches] == ["window_volunteer"]


def test_sentences_can_be_said_with_names() -> None:
    of = week(visits=[visit(gender="M")])
    (breach,) = check(of, plan(of, route("v1", at("x1", 500)))).breaches
    assert "v1" in breach.zh
    assert "王阿姨" in breach.said({"volunteer": "王阿姨"}.get).zh


def test_four_hundred_and_fifty_visits_are_judged_at_once() -> None:
    week_json, _ = example()
    base = [one for one in week_json["visits"] if one["crew"] == 1]
    week_json["visits"] = [base[number % len(base)] | {"id": f"x{number}"} for number in range(450)]
    week_json["pins"] = []
    of = read_week(week_json)
    made = read_plan({"format": "timebank-plan/1", "week": "example", "routes": []}, of)
    began = time.process_time()
    assert check(of, made).ok
    assert time.process_time() - began < 0.3


def test_rules_judge_only_what_they_are_named_for() -> None:
    of = week()
    made = plan(of, route("v1", at("x1", 500)))
    case = Case(of, made)
    assert [breach for rule in (*ROUTE_RULES, *VISIT_RULES) for breach in rule(case)] == []
    assert check(replace(of, max_touched=0), made).ok
