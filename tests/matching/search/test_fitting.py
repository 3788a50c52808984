"""Which windows fit a visit, and why the others do not: everybody here lacks one thing, most of them by one minute."""

from typing import Any

import pytest

from matching.advice.assign import insertions
from matching.model import Plan, Week
from matching.search.fitting import skill_groups
from tests.matching.random_weeks import random_week
from tests.matching.search.opened import Board
from tests.matching.weeks import Json, canteen, elder, meal, place, visit, volunteer, week

MON, TUE, THU = 0, 1, 3


def who(of: Week, name: str = "x1", seat: int = 0) -> set[str]:
    return {person for person, _ in Board(of).fits(name, seat)}


def free(*windows: tuple[int, int, int]) -> Json:
    return {"windows": [list(window) for window in windows]}


# Half an hour of care at p5, five minutes from everybody's home: 40 minutes of work. It begins from 480 to 690.
CARE = {
    "there and back in time": (free((MON, 480, 520)), True),
    "home a minute too late": (free((MON, 480, 519)), False),
    "there at the last start": (free((MON, 685, 725)), True),
    "there a minute later": (free((MON, 686, 726)), False),
    "waits at the door until it may begin": (free((MON, 400, 515)), True),
    "cannot wait a minute less": (free((MON, 400, 514)), False),
    "on another day": (free((TUE, 480, 720)), False),
    "withdrawn": (free((MON, 500, 500)), False),
    "never": (free(), False),
    "untrained": ({"skills": ["meal"]}, False),
    "a man": ({"gender": "M"}, False),
    "who says neither": ({"gender": None}, False),
    "excluded": ({}, False),
    "just within the radius": ({"radius": 498}, True),
    "just beyond it": ({"radius": 497}, False),
    "with forty minutes a day": ({"max_day": 40}, True),
    "with thirty-nine a day": ({"max_day": 39}, False),
    "with forty a week": ({"max_week": 40}, True),
    "with thirty-nine a week": ({"max_week": 39}, False),
    "with a minute spent that day": ({"max_day": 40, "used": [[MON, 1]]}, False),
    "with a minute spent on another day": ({"max_day": 40, "used": [[THU, 1]]}, True),
    "with forty left in the week": ({"used": [[THU, 1160]]}, True),
    "with thirty-nine left in the week": ({"used": [[THU, 600], [TUE, 561]]}, False),
    "from a minute nearer, in a minute less each way": ({"place": "p1"} | free((MON, 480, 518)), True),
    "by bicycle": ({"mode": "ebike"} | free((MON, 480, 514)), True),
    "with no hands for boxes": ({"boxes": 0, "trips": 0}, True),
}


def test_of_twenty_six_windows_those_fit_that_lack_nothing() -> None:
    of = week(
        elders=[elder(excluded=["excluded"])],
        visits=[visit(gender="F", days=[MON])],
        volunteers=[volunteer(name, **changes) for name, (changes, _) in CARE.items()],
    )
    assert who(of) == {name for name, (_, fits) in CARE.items() if fits}


# A meal of three minutes at p5, from the canteen at p0 where everybody lives: taken from 600 to 690, hot for half an hour.
MEAL = {
    "taken as it is ready": (free((MON, 600, 613)), True),
    "home a minute too early": (free((MON, 600, 612)), False),
    "from before it is ready": (free((MON, 480, 613)), True),
    "there as the canteen closes": (free((MON, 690, 703)), True),
    "there a minute later": (free((MON, 691, 720)), False),
    "without a pick-up": ({"trips": 0}, False),
    "with one": ({"trips": 1}, True),
    "who carries two": ({"boxes": 2}, True),
    "who carries one": ({"boxes": 1}, False),
    "past the canteen": ({"place": "p7"} | free((MON, 593, 610)), True),  # 7 to the canteen, 5 to the door, 3 there, 2 home
    "past the canteen, but a minute short": ({"place": "p7"} | free((MON, 593, 609)), False),
    "with thirteen minutes": ({"max_day": 13}, True),
    "with twelve": ({"max_day": 12}, False),
}


def test_of_thirteen_windows_those_fit_a_meal_that_lack_nothing() -> None:
    of = week(visits=[meal(boxes=2)], volunteers=[volunteer(name, **changes) for name, (changes, _) in MEAL.items()])
    assert who(of) == {name for name, (_, fits) in MEAL.items() if fits}


@pytest.mark.parametrize(
    ("kitchen", "changes", "fits"),
    [
        ({"hot": 8}, {}, True),
        ({"hot": 7}, {}, False),
        # Served from 700 to 703; taken by 690 it must stay hot for thirteen minutes, taken whenever for eight.
        ({"hot": 13, "until": 690}, {"window": [700, 720]}, True),
        ({"hot": 12, "until": 690}, {"window": [700, 720]}, False),
        ({"hot": 8, "until": None}, {"window": [700, 720]}, True),
        # Ready at 650: with five minutes there and three at the door done by 658.
        ({"ready": 650}, {"window": [600, 658]}, True),
        ({"ready": 650}, {"window": [600, 657]}, False),
    ],
)
def test_a_meal_fits_only_between_its_kitchens_hours_and_its_heat(kitchen: Json, changes: Json, fits: bool) -> None:
    assert bool(who(week(visits=[meal(**changes)], canteens=[canteen(**kitchen)]))) == fits


def test_every_window_of_every_day_is_asked_by_itself() -> None:
    of = week(
        visits=[visit(days=[MON, THU])],
        volunteers=[volunteer("v1", **free((MON, 480, 500), (THU, 480, 520), (TUE, 480, 520), (MON, 600, 640), (THU, 700, 760)))],
    )
    assert sorted(Board(of).fits("x1")) == [("v1", 1), ("v1", 3)]


def crew(**changes: Any) -> Week:
    people = [
        volunteer("nurse", skills=["nurse"]),
        volunteer("carer", skills=["care"], gender="M"),
        volunteer("both", skills=["nurse", "care"]),
    ]
    return week(visits=[visit(crew=2, skills=["nurse"], **changes)], volunteers=people)


def test_the_second_seat_has_its_own_skills_and_gender() -> None:
    of = crew(second={"skills": ["care"], "gender": None})
    assert (who(of), who(of, seat=1)) == ({"nurse", "both"}, {"carer", "both"})
    of = crew(second={"skills": [], "gender": "M"})
    assert (who(of), who(of, seat=1)) == ({"nurse", "both"}, {"carer"})
    of = crew()
    assert (who(of), who(of, seat=1)) == ({"nurse", "both"}, {"nurse", "both"})


def test_who_comes_alone_has_no_second_seat() -> None:
    of = week()
    assert (who(of), who(of, seat=1)) == ({"v1"}, set())
    _, group = skill_groups(of)
    assert group.tolist() == [[0, -1]]


def test_visits_that_ask_for_the_same_are_one_group() -> None:
    of = week(
        visits=[
            visit("x1"),
            visit("x2", gender="M"),
            visit("x3"),
            visit("x4", skills=[], crew=2, second={"skills": ["care"], "gender": "M"}),
        ],
        volunteers=[volunteer("v1"), volunteer("v2", gender="M", skills=[]), volunteer("v3", gender="M")],
    )
    able, group = skill_groups(of)
    assert group.tolist() == [[0, -1], [1, -1], [0, -1], [2, 1]]
    assert able.tolist() == [[True, False, True], [False, False, True], [True, True, True]]


def pinned(*names: str, start: int | None = None, day: int = MON, **changes: Any) -> Week:
    return week(
        visits=[visit(days=[MON, TUE], **changes)],
        volunteers=[volunteer(name, **free((MON, 480, 720), (TUE, 480, 720))) for name in ("v1", "v2", "v3")],
        pins=[{"visit": "x1", "volunteers": list(names), "day": day, "start": start}],
    )


def test_a_pin_leaves_only_its_day_its_minute_and_whom_it_names() -> None:
    assert Board(pinned("v2")).fits("x1") == [("v2", 0)]
    assert Board(pinned("v2", day=TUE)).fits("x1") == [("v2", 1)]
    assert Board(pinned()).fits("x1") == [("v1", 0), ("v2", 0), ("v3", 0)]
    assert Board(pinned("v2", start=485)).fits("x1") == [("v2", 0)]
    assert Board(pinned("v2", start=484)).fits("x1") == []
    assert Board(pinned("v2", start=691)).fits("x1") == []
    assert Board(pinned("v2", day=THU)).fits("x1") == []


def test_a_pin_of_more_people_than_come_fits_nobody() -> None:
    assert Board(pinned("v1", "v2")).fits("x1") == []
    assert who(pinned("v1", "v2", crew=2)) == {"v1", "v2", "v3"}
    assert who(pinned("v1", "v2", "v3", crew=2)) == set()


def test_what_is_over_fits_nobody_but_what_is_pinned() -> None:
    moment = {"from": [MON, 640]}
    pin = {"visit": "x1", "volunteers": [], "day": MON, "start": None}
    assert who(week(visits=[visit(window=[480, 670])], **moment)) == {"v1"}
    assert who(week(visits=[visit(window=[480, 669])], **moment)) == set()
    assert who(week(visits=[visit(window=[480, 669])], pins=[pin], **moment)) == {"v1"}
    # A meal cannot be taken before 640 either, so not be brought by 648, unless it is pinned.
    assert who(week(visits=[meal(window=[600, 648])], **moment)) == {"v1"}
    assert who(week(visits=[meal(window=[600, 647])], **moment)) == set()
    assert who(week(visits=[meal(window=[600, 647])], pins=[pin], **moment)) == {"v1"}


def test_by_a_matrix_the_way_over_another_door_may_be_the_shorter_one() -> None:
    # From home straight to e1 it is thirty minutes, over e2 ten; back it is five.
    legs = [[0, 30, 4], [5, 0, 5], [9, 6, 0]]
    of = week(
        places=[place(number) for number in range(3)],
        canteens=[],
        travel={"minutes": {"walk": legs}},
        elders=[elder("e1", place="p1"), elder("e2", place="p2")],
        volunteers=[volunteer("v1", **free((MON, 480, 525))), volunteer("v2", **free((MON, 480, 524)))],
    )
    assert who(of) == {"v1"}


@pytest.mark.parametrize("seed", range(60))
def test_those_fit_who_could_be_given_the_visit_in_an_empty_plan(seed: int) -> None:
    """On a map the search's first look and the openings that explain a plan know the same people."""
    of = random_week(seed, crews=False)
    for one in of.visits:
        able = {name for found in insertions(of, Plan(week=of.name, routes=()), one.id) for name in found.volunteers}
        fits = who(of, one.id)
        assert able <= fits
        if of.travel.minutes is None:
            assert fits == able
