from dataclasses import replace

from matching.advice.newcomers import newcomers
from matching.advise import advise
from matching.model import Plan
from matching.referee.check import check
from tests.matching.random_weeks import scene
from tests.matching.weeks import at, elder, meal, pickup, plan, route, visit, volunteer, week

NURSES = [visit("x1", skills=["nurse"], weight=7), visit("x2", skills=["nurse"], weight=5, minutes=20)]
LATE = 1 << 40


def test_advice_names_a_volunteer_who_would_serve_what_is_left_and_solving_again_bears_it_out() -> None:
    of = week(visits=NURSES)
    (found,) = advise(of, plan(of), seconds=5)
    assert (found["skills"], found["place"], found["day"], found["half"]) == (["nurse"], "p5", 0, "morning")
    assert (found["served"], found["served_weight"], found["checked_weight"]) == (["x1", "x2"], 12, 12)
    assert "nurse" in found["zh"]
    assert "多服务的权重为 12" in found["zh"]
    assert found["en"].endswith("solved again with them, 12 more weight is served.")


def test_the_post_that_serves_the_most_weight_comes_first() -> None:
    heavy = visit("x3", skills=["barber"], weight=30, days=[2], window=[840, 1020])
    of = week(visits=[*NURSES, heavy])
    first, second = advise(of, plan(of), seconds=5)
    assert (first["skills"], first["day"], first["half"], first["checked_weight"]) == (["barber"], 2, "afternoon", 30)
    assert (second["skills"], second["checked_weight"]) == (["nurse"], 12)


def test_what_the_others_would_gain_by_solving_again_is_not_the_newcomers() -> None:
    of = week(visits=[*NURSES, visit("x3", weight=50)])
    (found,) = advise(of, plan(of), seconds=5)
    assert (found["skills"], found["checked_weight"]) == (["nurse"], 12)


def test_without_time_to_solve_again_the_estimate_stands_alone() -> None:
    of = week(visits=NURSES)
    (found,) = advise(of, plan(of), seconds=0.5)
    assert (found["served_weight"], found["checked_weight"]) == (12, None)
    assert "estimated" in found["en"]
    assert "solved again" not in found["en"]


def test_doors_far_apart_are_two_posts_and_a_better_post_takes_its_neighbours() -> None:
    elders = [elder("e1", place="p1"), elder("e2", place="p3"), elder("e3", place="p39")]
    visits = [visit(f"x{number}", elder=f"e{number}", skills=["nurse"]) for number in (1, 2, 3)]
    of = week(elders=elders, visits=visits)
    found = newcomers(of, plan(of), LATE)
    assert [{one.id for one in each.served} for each in found] == [{"x1", "x2"}, {"x3"}]


def test_a_gender_asked_for_is_said() -> None:
    of = week(visits=[visit(gender="M")])
    (found,) = advise(of, plan(of), seconds=0.5)
    assert found["gender"] == "M"
    assert "男性" in found["zh"]
    assert "a man" in found["en"]


def test_the_free_seat_of_a_crew_is_a_post() -> None:
    of = week(visits=[visit(crew=2)])
    (found,) = advise(of, plan(of), seconds=5)
    assert (found["skills"], found["checked_weight"]) == (["care"], 10)


def test_nobody_is_advised_where_everything_is_served_or_could_be_without_them() -> None:
    of = week()
    assert advise(of, plan(of, route("v1", at("x1", 500))), seconds=5) == []
    assert advise(of, plan(of), seconds=5) == []


def test_nobody_is_advised_where_nobody_more_may_be_touched() -> None:
    of = week(visits=NURSES, max_touched=0, baseline={"format": "timebank-plan/1", "week": "tiny", "routes": []})
    assert advise(of, plan(of), seconds=5) == []


def test_a_meal_is_fetched_by_the_newcomer_too() -> None:
    of = week(visits=[meal("x1"), meal("x2")], volunteers=[volunteer(boxes=1, trips=1)])
    made = plan(of, route("v1", pickup(600, "x1"), at("x1", 605)))
    (found,) = advise(of, made, seconds=5)
    assert (found["skills"], found["served"], found["checked_weight"]) == (["meal"], ["x2"], 10)


def test_what_a_newcomer_is_said_to_serve_passes_the_referee_beside_the_plan() -> None:
    tried = 0
    for seed in range(40):
        of, made = scene(seed, crews=False)
        for one in newcomers(of, made, LATE):
            with_them = replace(of, volunteers=(*of.volunteers, one.volunteer))
            after = check(with_them, Plan(week=of.name, routes=(*made.routes, *one.routes)))
            before = check(of, made)
            assert {breach.rule for breach in after.breaches} <= {"pin"}
            assert after.score.served_weight - before.score.served_weight == one.weight
            tried += 1
    assert tried > 20
