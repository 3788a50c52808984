"""One trip laid out by hand: what comes when and how late it may, what hot food bears, and what cannot be driven at all."""

import json
import random
from itertools import permutations

import numpy as np
import pytest

from matching.files import week_to_json
from matching.model import Week
from matching.search import trip as trips
from matching.search.facts import ALWAYS
from matching.search.trip import (
    ABOARD,
    BEARS,
    CODE,
    COUNT,
    EARLY,
    HEAD,
    HELD,
    LATE,
    LEAVE,
    PICKED,
    PICKUPS,
    SHIFTED,
    TRAVEL,
    WORK,
    empty_trips,
)
from tests.matching import exhaustive
from tests.matching.random_weeks import random_week
from tests.matching.search.opened import Board, Stop, opened
from tests.matching.weeks import Json, at, canteen, draft, elder, meal, route, visit, volunteer, week

lay, tidy, holds, copy = opened(trips.lay), opened(trips.tidy), opened(trips.holds), opened(trips.copy)


class Laid:
    """A trip of `v1`, laid out."""

    def __init__(self, of: Week, *stops: Stop, name: str = "v1", window: int = 0) -> None:
        board = Board(of)
        self.trip = empty_trips(1, max(board.problem.most_stops, len(stops)))[0]
        self.count = board.write(self.trip, *stops)
        self.holds = lay(board.f, self.trip, board.window(name, window), self.count)

    def row(self, field: int, *, gaps: bool = False) -> list[int]:
        """A quantity stop by stop, or gap by gap (there is one more gap than stops)."""
        found: list[int] = self.trip[field, : self.count + gaps].tolist()
        return found

    @property
    def early(self) -> list[int]:
        return self.row(EARLY)

    @property
    def late(self) -> list[int]:
        return self.row(LATE)


def three(**changes: object) -> Week:
    """Three elders up the street: five, eight and two minutes from home; the second wants to be seen at nine."""
    return week(
        elders=[elder("e1", place="p5"), elder("e2", place="p8"), elder("e3", place="p2")],
        visits=[visit("x1"), visit("x2", elder="e2", minutes=10, window=[540, 600]), visit("x3", elder="e3", minutes=20)],
        **changes,
    )


def test_three_stops_have_their_earliest_and_latest_starts() -> None:
    laid = Laid(three(), "x1", "x2", "x3")
    assert laid.holds
    # Left at 480: five minutes to x1, half an hour there; three on, wait for nine; six back down to x3, twenty there.
    assert laid.early == [485, 540, 556]
    assert laid.row(LEAVE) == [515, 550, 576]
    # Home by 720 again: x3 until 720 - 2 - 20; x2 by its own window until 600 - 10; x1 three minutes and half an hour before that.
    assert laid.late == [557, 590, 698]
    assert laid.trip[HEAD, [TRAVEL, WORK, PICKUPS]].tolist() == [5 + 3 + 6 + 2, 16 + 30 + 10 + 20, 0]


def test_home_again_by_the_last_minute_holds_and_a_minute_less_does_not() -> None:
    assert Laid(three(volunteers=[volunteer(windows=[[0, 480, 578]])]), "x1", "x2", "x3").holds
    assert not Laid(three(volunteers=[volunteer(windows=[[0, 480, 577]])]), "x1", "x2", "x3").holds


def test_a_stop_reached_at_its_very_last_start_holds_and_a_minute_later_does_not() -> None:
    # x2 can begin until 590: eight minutes from home.
    assert Laid(three(volunteers=[volunteer(windows=[[0, 582, 720]])]), "x2").early == [590]
    assert not Laid(three(volunteers=[volunteer(windows=[[0, 583, 720]])]), "x2").holds


def test_a_held_stop_begins_then_and_at_no_other_minute() -> None:
    laid = Laid(three(), "x1", ("x2", 560), "x3")
    assert (laid.early, laid.late) == ([485, 560, 576], [527, 560, 698])
    assert not Laid(three(), "x1", ("x2", 517), "x3").holds


def test_a_trip_without_stops_takes_nothing_and_bears_everything() -> None:
    laid = Laid(three())
    assert laid.holds
    assert laid.trip[HEAD].tolist()[: SHIFTED + 1] == [0, 0, 0, 0, 0]
    assert laid.row(BEARS, gaps=True) == [ALWAYS]


def meals(hot: int | None = 30, *, until: int = 690, one: Json | None = None, two: Json | None = None, **changes: object) -> Week:
    """Meals for somebody five minutes from the canteen and home, and for somebody nine minutes away."""
    return week(
        elders=[elder("e1", place="p5"), elder("e2", place="p9")],
        visits=[meal("x1", **(one or {})), meal("x2", **{"elder": "e2"} | (two or {})), visit("x3")],
        canteens=[canteen(hot=hot, until=until), canteen(until=until) | {"id": "c2"}],
        **changes,
    )


def test_a_gap_bears_what_the_coldest_meal_aboard_has_left() -> None:
    laid = Laid(meals(), "c1", "x1", "x2")
    # From the kitchen 5 + 3 minutes to the end of x1 and 5 + 3 + 4 + 3 to the end of x2: of thirty 22 and 15 are left.
    assert laid.row(BEARS, gaps=True) == [ALWAYS, 15, 15, ALWAYS]
    assert laid.row(ABOARD, gaps=True) == [0, 2, 1, 0]
    assert laid.row(PICKED) == [-1, 0, 0]
    assert laid.early == [600, 605, 612]
    # Home by 720 again: x2 until 720 - 9 - 3, x1 until 708 - 4 - 3; the kitchen closes at 690.
    assert laid.late == [690, 701, 708]


def test_of_two_meals_the_first_may_have_less_left_than_the_second() -> None:
    laid = Laid(meals(one={"minutes": 20}, two={"canteen": "c2"}), "c2", "c1", "x1", "x2")
    # Both kitchens are one door. x1 is done 25 minutes from its kitchen, x2 32 minutes: colder than thirty.
    assert not laid.holds
    laid = Laid(meals(one={"minutes": 18}, two={"canteen": "c2"}), "c2", "c1", "x1", "x2")
    assert laid.row(BEARS, gaps=True) == [ALWAYS, 0, 0, 0, ALWAYS]
    laid = Laid(meals(one={"minutes": 18}, two={"canteen": "c2"}), "c2", "c1", "x2", "x1")
    # 9 + 3 to the end of x2, then 4 + 18 to the end of x1: 34 minutes.
    assert not laid.holds
    laid = Laid(meals(one={"minutes": 10}, two={"canteen": "c2"}), "c2", "c1", "x2", "x1")
    # Of thirty minutes x2 has 18 left, x1 4.
    assert laid.row(BEARS, gaps=True) == [ALWAYS, 18, 4, 4, ALWAYS]


def test_food_exactly_as_hot_as_asked_holds_and_a_minute_colder_does_not() -> None:
    assert Laid(meals(15), "c1", "x1", "x2").holds
    assert not Laid(meals(14), "c1", "x1", "x2").holds


def test_a_pick_up_waits_at_the_kitchen_where_the_food_would_grow_cold_at_the_door() -> None:
    late = {"window": [640, 700]}
    # Served from 640 to 643 and hot for ten minutes: taken at 633, not at 600.
    assert Laid(meals(10, one=late), "c1", "x1").early == [633, 640]
    assert Laid(meals(10, one=late, until=633), "c1", "x1").holds
    assert not Laid(meals(10, one=late, until=632), "c1", "x1").holds


def test_a_meal_may_come_only_so_late_as_the_last_pick_up_lets_it() -> None:
    # Taken by 610 at the latest and hot for thirty minutes: done by 640.
    assert Laid(meals(until=610), "c1", "x1").late == [610, 637]


def test_two_meals_far_apart_in_time_cannot_share_a_pick_up() -> None:
    # x1 by 605 needs a pick-up by 600, x2 at 680 one from 653 on.
    apart = {"one": {"window": [600, 608]}, "two": {"window": [680, 720]}}
    assert not Laid(meals(**apart), "c1", "x1", "x2").holds
    assert Laid(meals(**apart), "c1", "x1", "c1", "x2").early == [600, 605, 653, 680]


def test_each_meal_is_of_the_last_pick_up_before_it() -> None:
    laid = Laid(meals(), "c1", "x1", "c1", "x2")
    assert laid.row(PICKED) == [-1, 0, -1, 2]
    assert laid.row(ABOARD, gaps=True) == [0, 1, 0, 1, 0]
    assert laid.row(BEARS, gaps=True) == [ALWAYS, 22, ALWAYS, 18, ALWAYS]


@pytest.mark.parametrize(
    ("stops", "why"),
    [
        (["x1"], "nothing was picked up"),
        (["x1", "c1"], "it is picked up too late"),
        (["c2", "x1"], "it is another kitchen's"),
        (["c1", "x3"], "nobody needs the pick-up"),
        (["c1", "c1", "x1"], "nobody needs the first pick-up"),
    ],
)
def test_a_meal_needs_a_pick_up_and_a_pick_up_a_meal(stops: list[str], why: str) -> None:
    assert not Laid(meals(), *stops).holds, why


def test_no_more_boxes_are_aboard_than_can_be_carried() -> None:
    two = {"one": {"boxes": 2}, "two": {"elder": "e2", "boxes": 3}}
    assert Laid(meals(volunteers=[volunteer(boxes=5)], **two), "c1", "x1", "x2").holds
    assert not Laid(meals(volunteers=[volunteer(boxes=4)], **two), "c1", "x1", "x2").holds
    # One after the other three are enough.
    assert Laid(meals(volunteers=[volunteer(boxes=3)], **two), "c1", "x1", "c1", "x2").holds
    assert not Laid(meals(volunteers=[volunteer(boxes=2)], **two), "c1", "x1", "c1", "x2").holds


def test_a_window_has_only_so_many_pick_ups() -> None:
    assert Laid(meals(volunteers=[volunteer(trips=2)]), "c1", "x1", "c1", "x2").holds
    assert not Laid(meals(volunteers=[volunteer(trips=1)]), "c1", "x1", "c1", "x2").holds


def test_the_way_of_a_bicycle_is_its_own() -> None:
    # 497.5 metres at three hundred a minute: two minutes there and two back.
    laid = Laid(three(volunteers=[volunteer(mode="ebike")]), "x1")
    assert (laid.early, laid.trip[HEAD, TRAVEL]) == ([482], 4)


def test_before_the_moment_the_plan_starts_from_only_what_is_pinned_may_be() -> None:
    pin = {"visit": "x1", "volunteers": [], "day": 0, "start": None}
    assert Laid(meals(**{"from": [0, 620]}), "c1", "x1").early == [620, 625]
    assert Laid(meals(pins=[pin], **{"from": [0, 620]}), "c1", "x1").early == [600, 605]
    # One of the two is not pinned, so the pick-up is not either.
    assert Laid(meals(pins=[pin], **{"from": [0, 620]}), "c1", "x1", "x2").early == [620, 625, 632]


def test_a_start_is_shifted_from_sixteen_minutes_on_either_way() -> None:
    base = draft(route("v1", at("x1", 600)))
    shifted = {start: Laid(three(baseline=base), ("x1", start)).trip[HEAD, SHIFTED] for start in (584, 585, 600, 615, 616)}
    assert shifted == {584: 1, 585: 0, 600: 0, 615: 0, 616: 1}
    # On a day the baseline does not have it, or by somebody else, a visit is no shifted one: it is another one.
    of = three(baseline=base, volunteers=[volunteer("v1", windows=[[0, 480, 720], [1, 480, 720]]), volunteer("v2")])
    assert Laid(of, ("x1", 500), window=1).trip[HEAD, SHIFTED] == 0
    assert Laid(of, ("x1", 500), name="v2").trip[HEAD, SHIFTED] == 0


def test_without_the_visits_that_go_a_trip_keeps_no_pick_up_nobody_needs() -> None:
    of = meals(two={"canteen": "c2"})
    board = Board(of)
    source, target = empty_trips(2, 8)
    count = board.write(source, "c1", ("x1", 610), "x3", "c2", "x2")
    for gone, left in (
        ([], ["c1", "x1", "x3", "c2", "x2"]),
        (["x1"], ["x3", "c2", "x2"]),
        (["x3"], ["c1", "x1", "c2", "x2"]),
        (["x2"], ["c1", "x1", "x3"]),
        (["x1", "x2", "x3"], []),
    ):
        marks = np.array([one in gone for one in board.names], dtype=np.int64)
        kept = tidy(board.f, target, source, marks, count)
        assert board.named(target[CODE, :kept]) == left
        held = dict(zip(left, target[HELD, :kept].tolist(), strict=True))
        assert held.get("x1", 610) == 610
        assert {at for name, at in held.items() if name != "x1"} <= {-1}


def test_a_pick_up_is_not_needed_where_the_next_one_of_its_kitchen_comes_before_any_meal() -> None:
    board = Board(meals())
    source, target = empty_trips(2, 8)
    count = board.write(source, "c1", "x1", "c1", "x2")
    kept = tidy(board.f, target, source, np.array([1, 0, 0], dtype=np.int64), count)
    assert board.named(target[CODE, :kept]) == ["c1", "x2"]


def test_a_trip_holds_what_it_serves_and_its_copy_is_the_same_trip() -> None:
    board = Board(three())
    laid, other = Laid(three(), "x1", "x3"), empty_trips(1, 8)[0]
    assert [holds(laid.trip, board.visit[name]) for name in ("x1", "x2", "x3")] == [True, False, True]
    copy(other, laid.trip)
    assert other[HEAD, :5].tolist() == laid.trip[HEAD, :5].tolist()
    assert other[CODE:, : laid.count + 1].tolist() == laid.trip[CODE:, : laid.count + 1].tolist()
    assert other[HEAD, COUNT] == 2


@pytest.mark.parametrize("seed", range(0, 120, 2))
def test_least_times_are_those_found_by_pushing_every_minute(seed: int) -> None:
    """Whatever the order of stops, the engine's least times are those of the search that knows only the contract."""
    of = random_week(seed, crews=False)
    slow, dice = exhaustive.Search(json.loads(week_to_json(of))), random.Random(seed)
    for one in of.volunteers:
        for index, window in enumerate(one.windows):
            able = [x for x in of.visits if window.day in x.days and not any(pin.visit == x.id for pin in of.pins)]
            some = dice.sample(able, min(len(able), 3))
            for order in permutations([*some, None] if any(x.canteen for x in some) else some):
                stops = ["c1" if x is None else x.id for x in order]
                laid = Laid(of, *stops, name=one.id, window=index)
                slot, trip = exhaustive.Slot(one.id, index), slow_trip(of, stops)
                if window.start == window.end or trip is None:
                    continue
                times = slow.times([slot], (trip,), {})
                if laid.holds:
                    assert times == [laid.early]
                elif times is not None:
                    boxes = sum(x.boxes for x in some if x.canteen)
                    assert boxes > one.boxes or one.trips == 0, (stops, times)


def slow_trip(of: Week, stops: list[str]) -> exhaustive.Trip | None:
    """The stops as the slow search has them: one pick-up takes all; None where a meal comes before it or none comes after."""
    meals_of = {one.id for one in of.visits if one.canteen is not None}
    asked = [name for name in stops if name in meals_of]
    if asked and (stops.index("c1") > stops.index(asked[0])):
        return None
    return tuple(exhaustive.Stop("c1", tuple(asked)) if name == "c1" else exhaustive.Stop(None, (name,)) for name in stops)
