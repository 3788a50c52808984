"""Where one more visit goes in a trip laid out by hand: the cheapest gap, the gaps that are barred, and why."""

from typing import Any

import pytest

from matching.model import Week
from matching.search import insertion
from matching.search.insertion import FAR, NO_PICKUP
from matching.search.state import BARRED, GAPS, TRIALS
from matching.search.trip import CODE, HELD
from tests.matching.search.opened import NOBODY, Board, Stop, opened
from tests.matching.weeks import Json, at, canteen, draft, elder, meal, route, visit, volunteer, week

best_spot, gaps, bar, write = (opened(one) for one in (insertion.best_spot, insertion.gaps, insertion.bar, insertion.write))

NOWHERE = (FAR, -1, NO_PICKUP, NOBODY)
DOORS = {"e1": "p5", "e2": "p9", "e3": "p20"}
TOWN = [
    # home, a, b, c: whoever goes from home over a and b meets c cheapest on the way from a to b.
    [0, 10, 20, 40],
    [10, 0, 30, 16],
    [20, 30, 0, 17],
    [40, 16, 17, 0],
]


def spot(board: Board, name: str) -> tuple[int, int, int, int]:
    found: tuple[int, int, int, int] = best_spot(board.f, board.s, board.visit[name], board.window("v1"))
    return found


def street(*visits: Json, stands: list[Stop], **changes: Any) -> Board:
    """What `v1` does already, among these visits up the street."""
    board = Board(week(elders=[elder(name, place=door) for name, door in DOORS.items()], visits=list(visits), **changes))
    board.serve(v1=stands)
    assert board.stops("v1") == [stop if isinstance(stop, str) else stop[0] for stop in stands]
    return board


def town(window: tuple[int, int] = (0, 720)) -> Board:
    """`a` and `b` are served in this order; `c` is wanted in a window."""
    places = [{"id": name, "lat": None, "lon": None, "access": 0} for name in ("home", "a", "b", "c")]
    of = week(
        places=places,
        travel={"minutes": {"walk": TOWN}},
        canteens=[],
        elders=[elder(name, place=name) for name in "abc"],
        volunteers=[volunteer(place="home", windows=[[0, 0, 720]])],
        visits=[visit(name, elder=name, minutes=10, window=[0, 720]) for name in "ab"]
        + [visit("c", elder="c", minutes=10, window=list(window))],
    )
    board = Board(of)
    board.serve(v1=["a", "b"])
    return board


def test_the_cheapest_of_three_gaps_is_taken_and_then_the_next_when_it_is_barred() -> None:
    # Before a: 40 + 16 instead of 10; between: 16 + 17 instead of 30; behind b: 17 + 40 instead of 20.
    costs = {0: 46, 1: 3, 2: 37}
    board = town()
    board.s.sums[BARRED] = 0
    for gap in (1, 2, 0):
        assert spot(board, "c") == (costs[gap], gap, NO_PICKUP, NOBODY)
        assert bar(board.s, board.window("v1"), gap, NO_PICKUP)
    assert spot(board, "c") == NOWHERE


def test_a_gap_barred_for_one_window_or_with_a_pick_up_is_open_otherwise() -> None:
    board = town()
    board.s.sums[BARRED] = 0
    bar(board.s, board.window("v1") + 1, 1, NO_PICKUP)
    bar(board.s, board.window("v1"), 1, 1)
    assert spot(board, "c")[1] == 1


def test_only_so_many_gaps_can_be_barred() -> None:
    board = town()
    board.s.sums[BARRED] = 0
    noted = [bool(bar(board.s, 0, 9, NO_PICKUP)) for _ in range(insertion.MOST_BARRED)]
    assert noted == [True] * (insertion.MOST_BARRED - 1) + [False]


@pytest.mark.parametrize(
    ("window", "gap"),
    [
        # a is left at 10 + 10 at the earliest and c sixteen minutes on reached at 36, so done at 46.
        ((0, 46), 1),
        # By 45 not even from home can c be done: that takes until 50.
        ((0, 45), -1),
        # b must begin by 720 - 20 - 10 = 690; from c to b it is 17 minutes, and c takes 10: c begins by 663 in the gap before b.
        ((663, 720), 1),
        ((664, 720), 2),
        # Behind b home is 40 away: c begins by 670.
        ((670, 720), 2),
        ((671, 720), -1),
    ],
)
def test_the_gap_is_barred_by_a_minute_at_either_end(window: tuple[int, int], gap: int) -> None:
    assert spot(town(window), "c")[1] == gap


def test_of_gaps_that_cost_the_same_the_first_is_taken() -> None:
    # e2 lies on the way to e3 and on the way back.
    board = street(visit("x1", elder="e3"), visit("x2", elder="e2"), stands=["x1"])
    assert spot(board, "x2") == (0, 0, NO_PICKUP, NOBODY)


def test_into_an_empty_trip_it_is_the_way_there_and_back() -> None:
    assert spot(street(visit("x1", elder="e2"), stands=[]), "x1") == (18, 0, NO_PICKUP, NOBODY)


def test_between_two_fixed_hours_there_is_room_for_what_lasts_as_long_and_not_a_minute_more() -> None:
    fixed = visit("x1", window=[500, 530]), visit("x2", window=[560, 590])
    for minutes, gap in ((30, 1), (31, -1)):
        board = street(*fixed, visit("x3", minutes=minutes, window=[525, 565]), stands=["x1", "x2"])
        assert spot(board, "x3")[1] == gap


def test_what_hot_food_cannot_bear_goes_ahead_of_the_pick_up() -> None:
    # To the end of x1 it is 5 + 3 minutes: of fifteen seven are left.
    for minutes, gap in ((7, 1), (8, 2)):
        wide = visit("x2", minutes=minutes, window=[600, 720])
        board = street(meal("x1"), wide, stands=["c1", "x1"], canteens=[canteen(hot=15)], volunteers=[volunteer(windows=[[0, 600, 720]])])
        bar_first(board)
        assert spot(board, "x2")[1] == gap


def bar_first(board: Board) -> None:
    """Bar the gap ahead of everything, which costs as much as any."""
    board.s.sums[BARRED] = 0
    bar(board.s, board.window("v1"), 0, NO_PICKUP)


def test_a_meal_joins_the_pick_up_that_is_made_anyway() -> None:
    board = street(meal("x1"), meal("x2", elder="e2"), stands=["c1", "x1"])
    # Before x1: 9 + 4 instead of 5; behind it 4 + 9 instead of 5 is as much, and the first of equals is taken.
    assert spot(board, "x2") == (8, 1, NO_PICKUP, NOBODY)
    board = street(meal("x1", window=[600, 608]), meal("x2", elder="e2"), stands=["c1", "x1"])
    assert spot(board, "x2") == (8, 2, NO_PICKUP, NOBODY)
    board = street(meal("x1", elder="e2"), meal("x2"), stands=["c1", "x1"])
    assert spot(board, "x2") == (0, 1, NO_PICKUP, NOBODY)


def test_a_meal_that_does_not_fit_aboard_is_fetched_by_itself() -> None:
    full = [volunteer(boxes=1)]
    board = street(meal("x1", elder="e2"), meal("x2"), stands=["c1", "x1"], volunteers=full)
    # Ahead of the other pick-up: out to x2 and back to the kitchen, five minutes each way.
    assert spot(board, "x2") == (10, 0, 0, NOBODY)
    board = street(meal("x1", elder="e2"), meal("x2"), stands=["c1", "x1"], volunteers=[volunteer(boxes=1, trips=1)])
    assert spot(board, "x2") == NOWHERE
    board = street(meal("x1", elder="e2"), meal("x2"), stands=["c1", "x1"], volunteers=[volunteer(boxes=2, trips=1)])
    assert spot(board, "x2") == (0, 1, NO_PICKUP, NOBODY)


@pytest.mark.parametrize(
    ("kitchen", "changes", "fits"),
    [
        # Ready at 600, so x1 can begin at 605 and is done by 608.
        ({}, {"window": [600, 608]}, True),
        ({}, {"window": [600, 607]}, False),
        # Home ends at 720, so x1 begins by 712, and what is taken by 690 stays hot until then.
        ({"until": 690, "hot": 25}, {"window": [712, 720]}, True),
        ({"until": 690, "hot": 25}, {"window": [713, 720]}, False),
        ({"hot": 8}, {}, True),
        ({"ready": 690}, {}, True),
        ({"ready": 691}, {}, False),
    ],
)
def test_the_first_meal_of_a_trip_keeps_the_kitchens_hours_and_its_heat(kitchen: Json, changes: Json, fits: bool) -> None:
    board = street(meal("x1", **changes), stands=[], canteens=[canteen(**kitchen)])
    assert spot(board, "x1") == ((10, 0, 0, NOBODY) if fits else NOWHERE)


@pytest.mark.parametrize(("hot", "fits"), [(15, True), (14, False)])
def test_what_joins_a_pick_up_must_itself_still_be_hot(hot: int, fits: bool) -> None:
    # Behind x1, from the kitchen: 5 + 3, then 4 + 3.
    board = street(
        meal("x1", window=[600, 608]),
        meal("x2", elder="e2"),
        stands=["c1", "x1"],
        canteens=[canteen(hot=hot)],
        volunteers=[volunteer(trips=1)],
    )
    assert spot(board, "x2") == ((8, 2, NO_PICKUP, NOBODY) if fits else NOWHERE)


def test_another_kitchens_meal_is_fetched_where_that_kitchen_stands_beside_and_delivered_later() -> None:
    # Both kitchens are at p0. The first meal is hot for twelve minutes and takes eight: nothing longer goes before it.
    kitchens = [canteen(hot=12), canteen(id="c2")]
    board = street(meal("x1", window=[600, 608]), meal("x2", elder="e2", canteen="c2"), stands=["c1", "x1"], canteens=kitchens)
    assert spot(board, "x2") == (8, 2, 1, NOBODY)
    put_at = write(board.f, trial := board.s.trips[board.s.sums[TRIALS]], trip_of(board), board.visit["x2"], (8, 2, 1, NOBODY))
    assert board.named(trial[CODE, :put_at]) == ["c1", "c2", "x1", "x2"]


@pytest.mark.parametrize(
    ("kitchen", "chosen"),
    [
        # By x1 it is 5 + 3 minutes from either kitchen, and 4 + 3 more to the end of x2.
        ({"hot": 15}, (8, 2, 1, NOBODY)),
        ({"hot": 14}, (18, 2, 2, NOBODY)),
        # x1 must begin by 605, so both kitchens are left by 600.
        ({"ready": 600}, (8, 2, 1, NOBODY)),
        ({"ready": 601}, (18, 2, 2, NOBODY)),
    ],
)
def test_what_is_fetched_beside_stays_hot_and_makes_nobody_late_or_is_fetched_by_itself(
    kitchen: Json, chosen: tuple[int, int, int, int]
) -> None:
    kitchens = [canteen(hot=12), canteen(id="c2", **kitchen)]
    board = street(meal("x1", window=[600, 608]), meal("x2", elder="e2", canteen="c2"), stands=["c1", "x1"], canteens=kitchens)
    assert spot(board, "x2") == chosen


def trip_of(board: Board) -> Any:
    return board.s.trips[board.window("v1")]


@pytest.mark.parametrize(
    ("chosen", "stops"),
    [
        ((0, 0, NO_PICKUP, NOBODY), ["x3", "c1", "x1", "x2"]),
        ((0, 2, NO_PICKUP, NOBODY), ["c1", "x1", "x3", "x2"]),
        ((0, 3, NO_PICKUP, NOBODY), ["c1", "x1", "x2", "x3"]),
        ((0, 3, 3, NOBODY), ["c1", "x1", "x2", "c2", "x3"]),
        ((0, 3, 0, NOBODY), ["c2", "c1", "x1", "x2", "x3"]),
    ],
)
def test_a_visit_is_written_where_its_spot_says(chosen: tuple[int, int, int, int], stops: list[str]) -> None:
    kitchens = [canteen(), canteen(id="c2")]
    board = street(meal("x1"), visit("x2"), meal("x3", canteen="c2"), stands=["c1", "x1", ("x2", 650)], canteens=kitchens)
    trial = board.s.trips[board.s.sums[TRIALS]]
    count = write(board.f, trial, trip_of(board), board.visit["x3"], (*chosen[:3], 700))
    assert board.named(trial[CODE, :count]) == stops
    held = dict(zip(stops, trial[HELD, :count].tolist(), strict=True))
    assert held == dict.fromkeys(stops, NOBODY) | {"x2": 650, "x3": 700}


def replanned(base: int, **changes: Any) -> Week:
    return week(elders=[elder()], visits=[visit(**changes)], baseline=draft(route("v1", at("x1", base))))


def test_the_baselines_minute_comes_before_any_other() -> None:
    board = Board(replanned(600))
    assert spot(board, "x1") == (10, 0, NO_PICKUP, 600)


def test_where_the_baselines_minute_no_longer_holds_any_minute_will_do() -> None:
    # It began at 600; now it must be done by then, or may only begin later.
    assert spot(Board(replanned(600, window=[480, 600])), "x1") == (10, 0, NO_PICKUP, NOBODY)
    assert spot(Board(replanned(600, window=[601, 720])), "x1") == (10, 0, NO_PICKUP, NOBODY)
    # At its first and at its very last minute it still holds.
    assert spot(Board(replanned(600, window=[600, 700])), "x1") == (10, 0, NO_PICKUP, 600)
    assert spot(Board(replanned(600, window=[500, 630])), "x1") == (10, 0, NO_PICKUP, 600)


def all_gaps(board: Board, name: str) -> list[list[int]]:
    begin = int(board.s.sums[GAPS])
    count = gaps(board.f, board.s, board.visit[name], board.window("v1"), 0, begin)
    found: list[list[int]] = board.s.rows[begin : begin + count].tolist()
    return found


def test_for_a_crew_every_gap_is_listed_the_cheapest_first_with_the_minutes_it_leaves() -> None:
    # Before a: c from 40 on, and by 664 to be at a by 690 - 30 - 10 = 650 less 16 - 10. Between: from 36 to 663. Behind: from
    # 10 + 10 + 30 + 10 + 17 = 77 to 720 - 40 - 10.
    a_by = 690 - 30 - 10
    assert all_gaps(town(), "c") == [[3, 1, 36, 663], [37, 2, 77, 670], [46, 0, 40, a_by - 16 - 10]]


def test_a_crews_gap_is_cut_by_the_visits_window_and_left_out_where_nothing_remains() -> None:
    assert all_gaps(town((50, 80)), "c") == [[3, 1, 50, 70], [46, 0, 50, 70]]
    assert all_gaps(town((0, 87)), "c") == [[3, 1, 36, 77], [37, 2, 77, 77], [46, 0, 40, 77]]
    assert all_gaps(town((0, 86)), "c") == [[3, 1, 36, 76], [46, 0, 40, 76]]


def test_a_crew_does_not_let_food_aboard_grow_cold() -> None:
    # Of fifteen minutes seven are left: beside the pick-up itself there is room for eight before it and behind the meal only.
    for minutes, listed in ((7, [0, 1, 2]), (8, [0, 2])):
        board = street(meal("x1"), visit("x2", minutes=minutes), stands=["c1", "x1"], canteens=[canteen(hot=15)])
        assert sorted(row[1] for row in all_gaps(board, "x2")) == listed
