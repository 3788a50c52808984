"""Each row of the table of fixes opens the visit it is for, and one step less does not; who is asked is who need change least.

Unless said otherwise the visit is half an hour at p5, five minutes from home and canteen, on Monday from 480 to 720: forty minutes
of work. A meal takes three minutes there.
"""

from typing import Any

import numpy as np
import pytest

from matching.advice.assign import insertions
from matching.advice.audit import fixed
from matching.advice.fixes import Fix, Look, ceil_to, fix, fixes
from matching.advice.plan_arrays import Standing
from matching.advice.week_arrays import Ground
from matching.model import Plan, VisitStop, Week
from tests.matching.random_weeks import scene
from tests.matching.weeks import Json, at, canteen, draft, elder, meal, pickup, plan, route, visit, volunteer, week

SUNDAY = [[6, 480, 720]]
NEVER = {"windows": SUNDAY}
TABLE = (
    "volunteer.max_day", "visit.window", "volunteer.window", "one more window", "visit.days", "volunteer.radius", "volunteer.skills",
    "canteen.hot", "recruit", "visit.crew",
)  # fmt: skip


def row(change: Fix) -> str:
    """The row of the table a fix stands in: both ceilings share one, and one more window is a row of its own."""
    kind = str(change["change"])
    if kind == "volunteer.window" and "index" not in change:
        return "one more window"
    return "volunteer.max_day" if kind == "volunteer.max_week" else kind


def look(of: Week, made: Plan | None = None, name: str = "x1") -> Look:
    standing = Standing(Ground(of), made or Plan(week=of.name, routes=()))
    return Look(standing, standing.ground.visits[name])


def every_fix(of: Week, *stands: Json) -> dict[str, Fix]:
    return {row(one): one for one in fixes(look(of, plan(of, *stands)))}


def opens(of: Week, change: Fix, *stands: Json) -> bool:
    return bool(insertions(fixed(of, change), plan(of, *stands), "x1"))


# what is lacking: the row, the week, what stands already, the fix, and the fix one step less (none where there is no less)
CASES: dict[str, tuple[str, Json, list[Json], Json, list[Json]]] = {
    "eighteen minutes a day": (
        "volunteer.max_day",
        {"volunteers": [volunteer(max_day=22)]},
        [],
        {"change": "volunteer.max_day", "volunteer": "v1", "max_day": 42},
        [{"max_day": 37}],
    ),
    "five minutes a day beside what stands": (
        # x2 takes 40 minutes, x1 at the same door 30 more: of 65.
        "volunteer.max_day",
        {"volunteers": [volunteer(max_day=65)], "visits": [visit("x1"), visit("x2")]},
        [route("v1", at("x2", 485))],
        {"change": "volunteer.max_day", "volunteer": "v1", "max_day": 70},
        [{"max_day": 65}, {"max_day": 69}],
    ),
    "twenty-two minutes a week": (
        "volunteer.max_day",
        {"volunteers": [volunteer(max_week=18)]},
        [],
        {"change": "volunteer.max_week", "volunteer": "v1", "max_week": 43},
        [{"max_week": 38}],
    ),
    "a quarter of an hour sooner": (
        # Free until 520, so done by 515 and begun by 485; asked for from 500 on.
        "visit.window",
        {"visits": [visit(window=[500, 540])], "volunteers": [volunteer(windows=[[0, 480, 520]])]},
        [],
        {"change": "visit.window", "visit": "x1", "window": [485, 540]},
        [{"window": [490, 540]}],
    ),
    "half an hour later": (
        "visit.window",
        {"visits": [visit("x1", window=[500, 530]), visit("x2", window=[500, 530])]},
        [route("v1", at("x2", 500))],
        {"change": "visit.window", "visit": "x1", "window": [500, 560]},
        [{"window": [500, 555]}, {"window": [475, 530]}, {"window": [525, 555]}],
    ),
    "twenty minutes more that morning": (
        "volunteer.window",
        {"visits": [visit(window=[485, 720])], "volunteers": [volunteer(windows=[[0, 480, 500]])]},
        [],
        {"change": "volunteer.window", "volunteer": "v1", "index": 0, "window": [0, 480, 520]},
        [{"window": [0, 480, 515]}, {"window": [0, 475, 515]}],
    ),
    "twenty minutes before a canteen that closes": (
        # Begun by 637; the meal is taken by 620 at the latest, so home is left seventeen minutes before the window.
        "volunteer.window",
        {
            "visits": [meal(window=[600, 640])],
            "canteens": [canteen(until=620)],
            "volunteers": [volunteer(windows=[[0, 637, 720]])],
        },
        [],
        {"change": "volunteer.window", "volunteer": "v1", "index": 0, "window": [0, 617, 720]},
        [{"window": [0, 622, 720]}],
    ),
    "a window on the visit's day": (
        # From home at 475 to be there at 480, home again at 515.
        "one more window",
        {"volunteers": [volunteer(windows=SUNDAY)]},
        [],
        {"change": "volunteer.window", "volunteer": "v1", "window": [0, 475, 515]},
        [{"window": [0, 475, 510]}, {"window": [0, 480, 515]}],
    ),
    "a window for a meal": (
        # Ready at 600, eaten from 605 to 608, home at 613: rounded up to a quarter of an hour.
        "one more window",
        {"visits": [meal()], "volunteers": [volunteer(windows=SUNDAY)]},
        [],
        {"change": "volunteer.window", "volunteer": "v1", "window": [0, 600, 615]},
        [{"window": [0, 600, 610]}, {"window": [0, 605, 617]}],
    ),
    "the day everybody is free": (
        "visit.days",
        {"volunteers": [volunteer(windows=[[4, 480, 720], [2, 480, 720]])]},
        [],
        {"change": "visit.days", "visit": "x1", "days": [0, 2]},
        [{"days": [0]}, {"days": [0, 1]}],
    ),
    "ninety-eight metres": (
        # 497.5 metres as the crow flies.
        "volunteer.radius",
        {"volunteers": [volunteer(radius=400)]},
        [],
        {"change": "volunteer.radius", "volunteer": "v1", "radius": 500},
        [{"radius": 450}],
    ),
    "one skill": (
        "volunteer.skills",
        {"visits": [visit(skills=["care", "nurse"])]},
        [],
        {"change": "volunteer.skills", "volunteer": "v1", "skills": ["nurse"]},
        [{"skills": []}, {"skills": ["care"]}],
    ),
    "a quarter of an hour of heat": (
        # Five there and thirteen at the door.
        "canteen.hot",
        {"visits": [meal(minutes=13)], "canteens": [canteen(hot=3)]},
        [],
        {"change": "canteen.hot", "canteen": "c1", "hot": 18},
        [{"hot": 13}, {"hot": 17}],
    ),
    "somebody with a skill nobody has": (
        "recruit",
        {"visits": [visit(skills=["nurse", "lift"], gender="M")]},
        [],
        {"change": "recruit", "place": "p5", "skills": ["nurse", "lift"], "window": [0, 480, 510], "gender": "M"},
        [{"window": [0, 480, 505]}, {"window": [0, 485, 514]}, {"skills": ["nurse"]}, {"skills": ["lift"]}, {"gender": "F"}],
    ),
    "somebody who carries five boxes": (
        # From the door to the canteen by 600, back at 605, done at 608.
        "recruit",
        {"visits": [meal(boxes=5)]},
        [],
        {"change": "recruit", "place": "p5", "skills": ["meal"], "window": [0, 595, 610], "boxes": 5},
        [{"window": [0, 595, 605]}, {"window": [0, 600, 612]}, {"boxes": 4}],
    ),
    "somebody to come with the one there is": (
        "recruit",
        {"visits": [visit(crew=2)]},
        [],
        {"change": "recruit", "place": "p5", "skills": ["care"], "window": [0, 485, 515]},
        [{"window": [0, 485, 514]}, {"skills": []}],
    ),
    "two people": (
        "recruit",
        {"visits": [visit(crew=2, skills=["care"], second={"skills": ["lift"], "gender": None})], "volunteers": []},
        [],
        {"change": "recruit", "place": "p5", "skills": ["care", "lift"], "window": [0, 480, 510], "count": 2},
        [{"count": 1}, {"skills": ["care"]}, {"window": [0, 480, 505]}],
    ),
    "a second pair of hands": (
        "visit.crew",
        {"visits": [visit(crew=2)]},
        [],
        {"change": "visit.crew", "visit": "x1", "crew": 1},
        [{"crew": 2}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_row_opens_the_visit_and_one_step_less_does_not(name: str) -> None:
    in_row, changed, stands, expected, less = CASES[name]
    of = week(**changed)
    assert not insertions(of, plan(of, *stands), "x1")
    assert every_fix(of, *stands)[in_row] == expected
    assert opens(of, expected, *stands)
    for smaller in less:
        assert not opens(of, expected | smaller, *stands), smaller


def test_every_row_of_the_table_has_a_case() -> None:
    assert {in_row for in_row, *_ in CASES.values()} == set(TABLE)


@pytest.mark.parametrize("name", CASES)
def test_rows_are_tried_in_the_tables_order_and_the_first_is_given(name: str) -> None:
    _, changed, stands, *_ = CASES[name]
    of = week(**changed)
    found = list(every_fix(of, *stands))
    assert found == sorted(found, key=TABLE.index)
    assert row(fix(look(of, plan(of, *stands))) or {"change": ""}) == found[0]


def people(*changes: Json) -> Json:
    """`v3`, `v2` and `v1` in this order, each as told."""
    return {"volunteers": [volunteer(name, **one) for name, one in zip(("v3", "v2", "v1"), changes, strict=True)]}


@pytest.mark.parametrize(
    ("in_row", "changes", "key", "least"),
    [
        ("volunteer.max_day", [{"max_day": 37}, {"max_day": 32}, {"max_day": 31}], "max_day", ("v3", 42)),
        ("volunteer.max_day", [{"max_day": 31}, {"max_week": 37}, {"max_day": 32}], "max_week", ("v2", 42)),
        ("volunteer.max_day", [{"max_day": 36}, {"max_day": 35}, {"max_day": 30}], "max_day", ("v2", 40)),
        ("volunteer.radius", [{"radius": 460}, {"radius": 430}, {"radius": 300}], "radius", ("v3", 510)),
        ("volunteer.radius", [{"radius": 450}, {"radius": 455}, {"radius": 300}], "radius", ("v2", 505)),
        (
            "volunteer.window",
            [{"windows": [[0, 480, 500]]}, {"windows": [[0, 480, 510]]}, {"windows": [[0, 480, 505]]}],
            "index",
            ("v2", 0),
        ),
        ("one more window", [{"place": "p1"} | NEVER, {"place": "p3"} | NEVER, {"place": "p2"} | NEVER], "window", ("v2", [0, 478, 513])),
        ("volunteer.skills", [{"skills": [], "radius": 1}, {"skills": ["meal"]}, {"skills": []}], "skills", ("v1", ["care"])),
    ],
)
def test_who_is_asked_is_who_need_change_least_and_of_equals_the_first_by_id(
    in_row: str, changes: list[Json], key: str, least: tuple[str, Any]
) -> None:
    of = week(**people(*changes))
    found = every_fix(of)[in_row]
    assert (found["volunteer"], found[key]) == least


def crew(one: Json, two: Json, **changes: Any) -> Week:
    return week(visits=[visit(crew=2, **changes)], volunteers=[volunteer("v1", **one), volunteer("v2", **two)])


def test_of_a_crew_one_changes_and_the_other_comes_as_they_are() -> None:
    assert every_fix(crew({"max_day": 38}, {}))["volunteer.max_day"] == {"change": "volunteer.max_day", "volunteer": "v1", "max_day": 43}
    assert every_fix(crew({}, {"max_day": 38}))["volunteer.max_day"] == {"change": "volunteer.max_day", "volunteer": "v2", "max_day": 43}
    assert "volunteer.max_day" not in every_fix(crew({"max_day": 38}, {"max_day": 38}))


def test_of_a_crew_the_two_must_be_able_to_meet() -> None:
    # v2 is there from 505 on; v1 must be free until 540.
    found = every_fix(crew({"windows": [[0, 480, 520]]}, {"windows": [[0, 500, 540]]}))
    assert found["volunteer.window"] == {"change": "volunteer.window", "volunteer": "v1", "index": 0, "window": [0, 480, 540]}
    # The only minute both are there is 505: one begins by then, the other not before.
    early, late = {"windows": [[0, 480, 540]]}, {"windows": [[0, 500, 720]]}
    assert "volunteer.max_day" in every_fix(crew(early | {"max_day": 38}, late))
    assert "volunteer.max_day" in every_fix(crew(early, late | {"max_day": 38}))
    assert "volunteer.max_day" not in every_fix(crew(early | {"max_day": 38}, {"windows": [[0, 501, 720]]}))
    # On two days they cannot.
    assert "volunteer.max_day" not in every_fix(crew({"max_day": 38}, {"windows": SUNDAY}, days=[0, 6]))


def test_of_a_crew_somebody_learns_what_the_other_seat_asks_for() -> None:
    found = every_fix(crew({}, {}, second={"skills": ["nurse"], "gender": None}))
    assert found["volunteer.skills"] == {"change": "volunteer.skills", "volunteer": "v1", "skills": ["nurse"]}
    found = every_fix(crew({}, {}, skills=["nurse"], second={"skills": ["care"], "gender": None}))
    assert found["volunteer.skills"] == {"change": "volunteer.skills", "volunteer": "v1", "skills": ["nurse"]}


def test_nobody_is_trained_in_two_skills_or_for_a_seat_of_the_other_gender() -> None:
    assert "volunteer.skills" not in every_fix(week(visits=[visit(skills=["nurse", "lift"])]))
    assert "volunteer.skills" not in every_fix(week(visits=[visit(skills=["nurse"], gender="M")]))


def test_a_radius_is_at_most_doubled() -> None:
    # 497.5 metres: from 248 to 498 are 250, more than it was; from 250 they are as much.
    assert every_fix(week(volunteers=[volunteer(radius=250)]))["volunteer.radius"]["radius"] == 500
    assert "volunteer.radius" not in every_fix(week(volunteers=[volunteer(radius=248)]))


def test_an_hour_more_work_three_hours_shift_and_two_hours_more_are_the_most() -> None:
    long = {"visits": [visit(minutes=100)]}
    assert every_fix(week(volunteers=[volunteer(max_day=50)], **long))["volunteer.max_day"]["max_day"] == 110
    assert "volunteer.max_day" not in every_fix(week(volunteers=[volunteer(max_day=49)], **long))
    # Done by 715 where it is asked for from 865 on: 180 sooner.
    assert every_fix(week(visits=[visit(window=[865, 900])]))["visit.window"]["window"] == [685, 900]
    assert "visit.window" not in every_fix(week(visits=[visit(window=[866, 900])]))
    # With the way of ten minutes 240: twice the window's 120.
    morning = {"volunteers": [volunteer(windows=[[0, 480, 600]])]}
    assert "volunteer.window" in every_fix(week(visits=[visit(minutes=230, window=[0, 1440])], **morning))
    assert "volunteer.window" not in every_fix(week(visits=[visit(minutes=231, window=[0, 1440])], **morning))
    sunday = {"volunteers": [volunteer(windows=SUNDAY)]}
    assert "one more window" in every_fix(week(visits=[visit(minutes=230, window=[0, 1440])], **sunday))
    assert "one more window" not in every_fix(week(visits=[visit(minutes=231, window=[0, 1440])], **sunday))
    # Eighteen minutes from the kitchen: from 3 on by fifteen more.
    assert "canteen.hot" not in every_fix(week(visits=[meal(minutes=13)], canteens=[canteen(hot=2)]))


def test_two_ceilings_at_once_are_no_one_change() -> None:
    assert "volunteer.max_day" not in every_fix(week(volunteers=[volunteer(max_day=39, max_week=39)]))


def test_a_window_grows_up_to_the_next_one_and_no_more_window_is_asked_for_there() -> None:
    # An hour's visit in two windows of 65 and 52 minutes with three between them: 70 minutes are needed.
    of = week(visits=[visit(minutes=60, window=[480, 600])], volunteers=[volunteer(windows=[[0, 480, 545], [0, 548, 600]])])
    assert every_fix(of)["volunteer.window"]["window"] == [0, 475, 545]
    # Not before 485, so 550 is the end, and two minutes more are a step of five: with three minutes to the next window there is no room.
    for following, found in ((551, None), (553, [0, 480, 553])):
        free = [volunteer(windows=[[0, 480, 548], [0, following, 600]])]
        of = week(visits=[visit(minutes=60, window=[485, 600])], volunteers=free)
        assert every_fix(of).get("volunteer.window", {}).get("window") == found


def test_where_everything_is_over_nothing_helps() -> None:
    of = week(**{"from": [6, 1439]})
    assert every_fix(of) == {}
    assert fix(look(of)) is None


def test_where_nobody_more_may_be_touched_nothing_helps() -> None:
    of = week(volunteers=[volunteer(max_day=38)], baseline=draft(), max_touched=0)
    assert every_fix(of) == {}
    assert "volunteer.max_day" in every_fix(week(volunteers=[volunteer(max_day=38)], baseline=draft(), max_touched=1))


def test_what_stands_is_not_moved_for_a_fix() -> None:
    # x2 is brought from 605 to 608; x1 joins its pick-up and is done at 615 where the meal lasts for twelve minutes.
    meals = [meal("x1", elder="e2"), meal("x2", window=[600, 608])]
    of = week(
        elders=[elder(), elder("e2", place="p9")], visits=meals, canteens=[canteen(hot=12, until=600)], volunteers=[volunteer(trips=1)]
    )
    stands = [route("v1", pickup(600, "x2"), at("x2", 605))]
    found = every_fix(of, *stands)["canteen.hot"]
    assert found == {"change": "canteen.hot", "canteen": "c1", "hot": 17}
    assert opens(of, found, *stands)
    assert not opens(of, found | {"hot": 14}, *stands)


def test_steps_are_rounded_up_to_whole_ones() -> None:
    assert ceil_to(np.array([0, 1, 4, 5, 6, 10, 11]), 5).tolist() == [0, 5, 5, 5, 10, 10, 15]


@pytest.mark.parametrize("seed", range(40))
def test_on_odd_weeks_every_row_that_speaks_opens_the_visit(seed: int) -> None:
    of, made = scene(seed)
    served = {stop.visit for each in made.routes for stop in each.stops if isinstance(stop, VisitStop)} | {pin.visit for pin in of.pins}
    for one in of.visits:
        if one.id in served or (seen := look(of, made, one.id)).fits:
            continue
        assert not insertions(of, made, one.id)
        for change in fixes(seen):
            assert insertions(fixed(of, change), made, one.id), change
