"""A week packed into the arrays the search reads: every column says what the week says, every list begins and ends where it should."""

from typing import Any

import numpy as np
import pytest

from matching.model import Week
from matching.search import facts as columns
from matching.search.facts import ALWAYS, FIRST, NEAR, NODE_AT, NODE_END, OPENS, Facts, Ints
from matching.search.packing import SPARE_STOPS, table
from matching.search.problem import compile_week
from tests.matching.random_weeks import random_week
from tests.matching.weeks import Json, at, canteen, draft, elder, meal, pickup, place, route, visit, volunteer, week


def told(row: Ints, *names: str) -> dict[str, int]:
    """The named columns of a row."""
    return {name: int(row[getattr(columns, name)]) for name in names}


def listed(f: Facts, row: Ints, begins: int) -> list[int]:
    """The list a row points at."""
    found: list[int] = f.lists[row[begins] : row[begins + 1]].tolist()
    return found


def packed(**changes: Any) -> Facts:
    return compile_week(week(**changes)).facts


def town(**changes: Any) -> Week:
    """Two elders five and nine minutes up the street, two canteens, two volunteers with three windows."""
    return week(
        canteens=[canteen(), canteen(id="c2", place="p9", ready=610, until=None, hot=None)],
        elders=[elder("e1"), elder("e2", place="p9")],
        volunteers=[
            volunteer("v1", windows=[[0, 480, 720], [1, 500, 700]], trips=2, boxes=3, max_day=300, max_week=900),
            volunteer("v2", mode="ebike", windows=[[1, 470, 710]]),
        ],
        visits=[
            meal("x1", boxes=2, days=[0, 1], weight=7),
            visit("x2", elder="e2", minutes=45, days=[1], weight=30),
            visit("x3", elder="e2", crew=2, days=[1], weight=5),
        ],
        **changes,
    )


def test_a_visits_row_says_what_the_visit_is() -> None:
    f = compile_week(town()).facts
    # Nodes are numbered by the canteens' places first, then the elders': p0, p9, p5; e2 lives where c2 is.
    names = ("NODE", "LAST", "MINUTES", "VALUE", "CREW", "CANTEEN", "BOXES", "PINNED", "ELDER", "MUST", "MUST_TOO")
    assert [list(told(row, *names).values()) for row in f.visits] == [
        [2, 717, 3, 7, 1, 0, 2, 0, 0, -1, -1],
        [1, 675, 45, 30, 1, -1, 0, 0, 1, -1, -1],
        [1, 690, 30, 5, 2, -1, 0, 0, 1, -1, -1],
    ]
    assert f.visits[:, FIRST:].tolist() == [[600] * 7, [480] * 7, [480] * 7]


def test_the_rows_of_windows_people_and_kitchens_say_what_the_week_says() -> None:
    f = compile_week(town()).facts
    # The last column counts each volunteer's days, seven a person.
    assert f.windows.tolist() == [[0, 0, 480, 720, 0], [0, 1, 500, 700, 1], [1, 1, 470, 710, 8]]
    names = ("HOLDS", "TRIPS", "MAX_DAY", "MAX_WEEK", "MODE", "SLOT")
    assert [list(told(row, *names).values()) for row in f.people] == [[3, 2, 300, 900, 1, 0], [4, ALWAYS, 600, 1200, 0, 1]]
    assert [listed(f, row, columns.OWN) for row in f.people] == [[0, 1], [2]]
    assert f.kitchens[:, :OPENS].tolist() == [[0, 600, 690, 30], [1, 610, ALWAYS, ALWAYS]]
    assert f.kitchens[:, OPENS:].tolist() == [[600] * 7, [610] * 7]


def test_lists_say_which_windows_fit_and_which_visits_share_an_elder_or_a_door() -> None:
    f = compile_week(town()).facts
    assert [listed(f, row, columns.FITS) for row in f.visits] == [[0, 1, 2], [1, 2], [1, 2]]
    assert [listed(f, row, columns.SECONDS) for row in f.visits] == [[], [], [1, 2]]
    assert [listed(f, row, columns.ELDER_AT) for row in f.visits] == [[0], [1, 2], [1, 2]]
    assert [listed(f, row, NODE_AT) for row in f.near] == [[], [1, 2], [0]]
    assert (NODE_AT, NODE_END) == (0, 1)


def test_the_nearest_doors_stand_first_and_the_door_itself_before_all() -> None:
    # By bicycle, the first mode by name: from p0 first p5, from p9 first p5; from p5 both are two minutes away, and p0 has the lower number.
    assert compile_week(town()).facts.near[:, NEAR:].tolist() == [[0, 2, 1], [1, 2, 0], [2, 0, 1]]


def test_of_many_doors_the_nearest_hundred_are_remembered() -> None:
    of = week(
        places=[place(number) for number in range(151)],
        canteens=[],
        elders=[elder(f"e{number}", place=f"p{number}") for number in range(151)],
        visits=[visit(elder="e0")],
    )
    near = compile_week(of).facts.near[:, NEAR:]
    assert near[0].tolist() == list(range(100))
    assert near[150].tolist() == list(range(150, 50, -1))
    assert set(near[75].tolist()) >= set(range(26, 125))


def test_legs_are_of_each_mode_and_from_and_to_each_home() -> None:
    legs = {"walk": [[0, 1, 2], [3, 0, 4], [5, 6, 0]], "ebike": [[0, 10, 20], [30, 0, 40], [50, 60, 0]]}
    f = packed(
        places=[place(number) for number in range(3)],
        travel={"minutes": legs},
        canteens=[],
        elders=[elder("e1", place="p1"), elder("e2", place="p2")],
        volunteers=[volunteer("v1"), volunteer("never", windows=[]), volunteer("v2", mode="ebike")],
    )
    # Modes by name: the bicycle first. Who is never free has no legs.
    assert f.ways.tolist() == [[[0, 40], [60, 0]], [[0, 4], [6, 0]]]
    assert f.people[:, columns.SLOT].tolist() == [0, -1, 1]
    assert f.homes[columns.OUT].tolist() == [[1, 10], [2, 20]]
    assert f.homes[columns.BACK].tolist() == [[3, 30], [5, 50]]


def test_pins_are_worth_more_than_all_weights_and_name_their_people() -> None:
    pins = [
        {"visit": "x3", "volunteers": ["v2", "v1"], "day": 1, "start": 500},
        {"visit": "x2", "volunteers": ["v2"], "day": 1, "start": None},
    ]
    f = compile_week(town(pins=pins)).facts
    # All weights together are 42.
    assert f.visits[:, columns.VALUE].tolist() == [7, 30 + 43, 5 + 43]
    assert f.visits[:, columns.PINNED].tolist() == [0, 1, 1]
    assert f.visits[:, [columns.MUST, columns.MUST_TOO]].tolist() == [[-1, -1], [1, -1], [0, 1]]
    assert f.visits[:, [FIRST, columns.LAST]].tolist() == [[600, 717], [480, 675], [500, 500]]


def test_from_a_moment_on_days_before_are_over_and_the_day_itself_begins_then() -> None:
    pin = {"visit": "x2", "volunteers": [], "day": 1, "start": None}
    f = compile_week(town(pins=[pin], **{"from": [1, 605]})).facts
    assert f.visits[:, FIRST : FIRST + 3].tolist() == [[ALWAYS, 605, 600], [480, 480, 480], [ALWAYS, 605, 480]]
    assert f.kitchens[:, OPENS : OPENS + 3].tolist() == [[ALWAYS, 605, 600], [ALWAYS, 610, 610]]
    assert f.kitchens[:, columns.READY].tolist() == [600, 610]


def test_the_baseline_stands_by_visits_with_who_served_it_when() -> None:
    base = draft(
        route("v2", at("x3", 600), at("x2", 640)), route("v1", pickup(610, "x1"), at("x1", 615)), route("v1", at("x3", 600), window=1)
    )
    problem = compile_week(town(baseline=base))
    f = problem.facts
    assert [f.base[row[columns.BASE] : row[columns.BASE_END]].tolist() for row in f.visits] == [
        [[0, 0, 615]],
        [[1, 1, 640]],
        [[0, 1, 600], [1, 1, 600]],
    ]
    assert problem.base_count == [2, 2]


def test_prices_and_the_kind_of_week_stand_in_the_terms() -> None:
    flags = (columns.HAS_BASE, columns.HAS_FROM, columns.IS_METRIC)
    prices = {"travel": 2, "new_face": 3, "fairness": 5, "touched": 7}
    assert packed(weights=prices).terms[: columns.TOUCH_PRICE + 1].tolist() == [2, 3, 5, 7]
    assert packed().terms[list(flags)].tolist() == [0, 0, 1]
    assert packed(baseline=draft()).terms[list(flags)].tolist() == [1, 0, 1]
    assert packed(**{"from": [0, 500]}).terms[list(flags)].tolist() == [0, 1, 1]
    matrix = {"minutes": {"walk": [[1] * 40] * 40}}
    assert packed(travel=matrix).terms[list(flags)].tolist() == [0, 0, 0]


def test_what_is_pressing_has_the_least_key() -> None:
    keys = compile_week(town()).facts.keys
    # Weight by minutes at the door and ten on the way: 7 by 13, 30 by 55, 5 by 40.
    assert keys[columns.BY_WEIGHT].tolist() == pytest.approx([-7 / 13, -30 / 55, -5 / 40])
    # Windows by weight: three, two and two of them.
    assert keys[columns.BY_SCARCITY].tolist() == pytest.approx([3 / 7, 2 / 30, 2 / 5])
    assert keys[columns.BY_LENGTH].tolist() == [-3, -45, -30]


def care(count: int, **changes: Any) -> list[Json]:
    return [visit(f"x{number}", **changes) for number in range(count)]


@pytest.mark.parametrize(
    ("visits", "more", "stops"),
    [
        # No more than fit the window at all.
        (care(3), {}, 3),
        # Half an hour each in four hours: eight, and one more to be sure.
        (care(20, window=[0, 1440]), {}, 9),
        # Whatever the volunteer's hours, into 65 minutes go two visits of half an hour.
        (care(20, window=[480, 545]), {}, 2),
        (care(20, window=[480, 545]) + care(20, window=[600, 630], minutes=30), {}, 3),
        # What fits nobody needs no room.
        (care(20, skills=["nurse"]), {}, 0),
        # Each meal may have a pick-up of its own.
        (care(3), {"canteens": [canteen()]}, 6),
    ],
)
def test_there_is_room_for_the_longest_trip_there_can_be_and_hardly_more(visits: list[Json], more: Json, stops: int) -> None:
    named = [one | {"id": f"y{number}"} for number, one in enumerate(visits)]
    assert compile_week(week(visits=named, **{"canteens": []} | more)).most_stops == stops + SPARE_STOPS


def test_there_is_room_for_the_baselines_trips_though_they_may_fit_nobody_now() -> None:
    base = draft(route("v1", *(at(f"x{number}", 500) for number in range(5))))
    of = week(visits=care(5, skills=["nurse"]), baseline=base)
    assert compile_week(of).most_stops == 5 + SPARE_STOPS


def test_nothing_packed_is_an_array_without_rows() -> None:
    assert table([[], [], []], 3).shape == (0, 3)
    assert table([[1, 2], [3, 4]], 2).tolist() == [[1, 3], [2, 4]]
    f = packed(visits=[], volunteers=[], elders=[], canteens=[])
    assert (len(f.visits), len(f.windows), len(f.people), len(f.kitchens), len(f.lists)) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_on_odd_weeks_every_list_is_the_one_it_is_read_from(seed: int) -> None:
    problem = compile_week(random_week(seed))
    f, of = problem.facts, problem.week
    for number, row in enumerate(f.visits):
        assert listed(f, row, columns.FITS) == list(problem.visits.fits[number])
        assert listed(f, row, columns.SECONDS) == list(problem.visits.seconds[number])
        assert {of.visits[other].elder for other in listed(f, row, columns.ELDER_AT)} == {of.visits[number].elder}
        assert number in listed(f, row, columns.ELDER_AT)
        assert number in listed(f, f.near[row[columns.NODE]], NODE_AT)
    assert [listed(f, row, columns.OWN) for row in f.people] == [list(own) for own in problem.people.windows]
    assert np.array_equal(f.near[:, NEAR], np.arange(len(f.near)))
