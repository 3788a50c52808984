import json

from matching.advice.assign import apply, without
from matching.advice.rank import rank
from matching.compare import compare
from matching.referee.check import check
from tests.matching.random_weeks import scene
from tests.matching.weeks import at, plan, route, visit, volunteer, week

PAIR = {"volunteers": [volunteer("v1"), volunteer("v2", place="p4")]}


def test_everybody_who_could_stands_in_the_list_the_cheapest_first() -> None:
    of = week(**PAIR)
    made = plan(of, route("v1", at("x1", 500)))
    first, second = rank(of, made, "x1")
    assert (first.volunteers, first.travel, first.serves_now) == (("v2",), 2, False)
    assert (second.volunteers, second.travel, second.serves_now) == (("v1",), 10, True)
    assert first.cost < second.cost


def test_the_cost_in_the_list_is_the_difference_of_two_scores() -> None:
    of = week(**PAIR)
    made = plan(of, route("v1", at("x1", 500)))
    bare = without(made, "x1")
    for one in rank(of, made, "x1"):
        after = check(of, apply(bare, one.insertion))
        assert after.ok
        assert round(after.score.cost - check(of, bare).score.cost, 1) == one.cost


def test_a_known_face_comes_before_a_new_one() -> None:
    of = week(volunteers=[volunteer("v1"), volunteer("v2")], history=[["e1", "v2"]])
    found = rank(of, plan(of), "x1")
    assert [(one.volunteers, one.new_faces) for one in found] == [(("v2",), 0), (("v1",), 1)]


def test_a_crew_is_listed_as_a_pair() -> None:
    of = week(visits=[visit(crew=2)], **PAIR)
    (one,) = rank(of, plan(of), "x1")
    assert sorted(one.volunteers) == ["v1", "v2"]


def test_what_a_new_plan_changes_is_told_for_each_person() -> None:
    of = week(visits=[visit("x1"), visit("x2"), visit("x3"), visit("x4")], volunteers=[volunteer("v1"), volunteer("v2"), volunteer("v3")])
    old = plan(of, route("v1", at("x1", 500), at("x2", 540)), route("v3", at("x4", 500)))
    new = plan(of, route("v1", at("x1", 520)), route("v2", at("x2", 540), at("x3", 580)), route("v3", at("x4", 510)))
    found = compare(of, old, new)
    assert json.loads(json.dumps(found)) == found
    assert found["touched"] == 2
    assert found["people"] == [
        {
            "volunteer": "v1",
            "gained": [],
            "lost": [{"visit": "x2", "day": 0, "start": 540}],
            "moved": [{"visit": "x1", "day": 0, "from": 500, "to": 520}],
        },
        {
            "volunteer": "v2",
            "gained": [{"visit": "x2", "day": 0, "start": 540}, {"visit": "x3", "day": 0, "start": 580}],
            "lost": [],
            "moved": [],
        },
    ]
    assert found["handed_over"] == [{"visit": "x2", "from": ["v1"], "to": ["v2"]}]
    assert (found["served"], found["unserved"]) == (["x3"], [])


def test_as_many_are_touched_as_the_referee_counts() -> None:
    for seed in range(0, 60, 3):
        of, made = scene(seed)
        assert compare(of, of.baseline, made)["touched"] == check(of, made).score.touched
