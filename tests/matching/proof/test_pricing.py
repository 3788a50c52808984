"""The dearest trips of one window at given prices are those found by listing all trips there are.

`v1` lives where the canteen is, at the foot of the street; each visit is worth what the test says.
"""

import json
import random
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest

from matching.files import week_to_json
from matching.model import Week
from matching.proof.master_rows import Master, Shift
from matching.proof.pricing import BEFORE, FIELDS, STANDS, WORTH, Chances, dearest, unbeaten
from matching.search.problem import compile_week
from tests.matching import exhaustive
from tests.matching.random_weeks import random_week
from tests.matching.weeks import Json, canteen, elder, meal, place, visit, volunteer, week

PLENTY = 20_000
Prices = dict[str, int]


class Priced(NamedTuple):
    """A trip nothing beats: its minutes of work, what it is worth, its stops."""

    work: int
    worth: int
    stops: list[str]


def shifts(of: Week) -> dict[int, Shift]:
    return Master(compile_week(of), 0).shifts


def priced(of: Week, prices: Prices, *, window: int = 0, beam: int = 0, labels: int = PLENTY) -> list[Priced] | None:
    """The trips nothing beats, by rising work and worth; None where there were too many labels."""
    shift = shifts(of)[window]
    worth = np.array([prices[of.visits[one].id] for one in shift.chances.visit.tolist()], dtype=np.int64)
    room = np.zeros((labels, FIELDS), dtype=np.int64)
    count, ends = dearest(shift.chances, worth, beam, room)
    if count < 0:
        return None
    works, worths, marks, stops = unbeaten(ends, room)
    named = [names(of, shift.chances)[stop] for stop in stops.tolist()]
    return [
        Priced(int(work), int(worth), named[begin:end]) for work, worth, begin, end in zip(works, worths, marks, marks[1:], strict=False)
    ]


def names(of: Week, chances: Chances) -> list[str]:
    """The places of a window: its chances, then its kitchens."""
    doors = [of.visits[one].id for one in chances.visit.tolist()]
    used = {of.visits[one].canteen for one in chances.visit.tolist()}
    return doors + [one.id for one in of.canteens if one.id in used]


def steps(found: list[Priced] | None) -> list[tuple[int, int]]:
    assert found is not None
    return [(one.work, one.worth) for one in found]


def three(**changes: Any) -> Week:
    """Half an hour five minutes away, three quarters nine minutes away, twenty minutes twenty minutes away."""
    return week(
        elders=[elder("e1", place="p5"), elder("e2", place="p9"), elder("e3", place="p20")],
        visits=[visit("x1"), visit("x2", elder="e2", minutes=45), visit("x3", elder="e3", minutes=20)],
        **changes,
    )


CARE = {"x1": 10, "x2": 30, "x3": 25}


def morning(minutes: int, **changes: Any) -> Json:
    return {"volunteers": [volunteer(windows=[[0, 480, 480 + minutes]], **changes)]}


def test_all_trips_of_three_visits_are_listed() -> None:
    # x1 alone is 10 + 30 minutes, x2 alone 18 + 45, x3 alone 40 + 20; x1 and x2 are 18 + 75, x1 and x3 40 + 50, x2 and x3 40 + 65
    # and all of them 40 + 95.
    assert steps(priced(three(**morning(135)), CARE)) == [(40, 10), (60, 25), (63, 30), (90, 35), (93, 40), (105, 55), (135, 65)]
    assert steps(priced(three(**morning(134)), CARE)) == [(40, 10), (60, 25), (63, 30), (90, 35), (93, 40), (105, 55)]
    assert steps(priced(three(**morning(104)), CARE)) == [(40, 10), (60, 25), (63, 30), (90, 35), (93, 40)]


def test_a_dearer_trip_of_no_more_work_takes_the_place_of_a_cheaper_one() -> None:
    # Now x3 alone is worth more than x2 alone and takes less work.
    prices = {"x1": 10, "x2": 30, "x3": 30}
    assert steps(priced(three(**morning(100)), prices)) == [(40, 10), (60, 30), (90, 40)]


def test_what_is_worth_nothing_or_less_is_served_by_no_trip() -> None:
    prices = {"x1": 10, "x2": 0, "x3": -5}
    assert priced(three(**morning(135)), prices) == [Priced(40, 10, ["x1"])]
    assert priced(three(**morning(135)), dict.fromkeys(CARE, 0)) == []


@pytest.mark.parametrize(
    ("person", "most"),
    [({"max_day": 93}, 93), ({"max_day": 92}, 90), ({"max_week": 62}, 60), ({"max_week": 100, "used": [[3, 7]]}, 93)],
)
def test_work_ends_where_the_ceilings_are(person: Json, most: int) -> None:
    # The window would have room for all three.
    found = steps(priced(three(**morning(240, **person)), CARE))
    assert found == [one for one in [(40, 10), (60, 25), (63, 30), (90, 35), (93, 40), (105, 55), (135, 65)] if one[0] <= most]


@pytest.mark.parametrize(("last", "best"), [(560, (93, 40)), (559, (63, 30))])
def test_visits_are_served_within_their_windows(last: int, best: tuple[int, int]) -> None:
    # x1 is to be done by 530, so it comes first, from 485 to 515; then four minutes to x2, and three quarters there until 564.
    of = three(**morning(100))
    first, second, third = of.visits
    late = replace(second, window=(515, last + 4))
    early = replace(first, window=(480, 530))
    assert steps(priced(replace(of, visits=(early, late, third)), {"x1": 10, "x2": 30, "x3": 0}))[-1] == best


def test_waiting_for_a_door_to_open_is_no_work_but_takes_its_time() -> None:
    of = three(**morning(100))
    first, *others = of.visits
    late = replace(first, window=(545, 720))
    assert steps(priced(replace(of, visits=(late, *others)), {"x1": 10, "x2": 0, "x3": 0})) == [(40, 10)]
    later = replace(first, window=(546, 720))
    assert 0 not in shifts(replace(of, visits=(later, *others)))[0].chances.visit


def two(kitchen: Json | None = None, second: Json | None = None, **person: Any) -> Week:
    """Two meals, five and nine minutes from the canteen; each takes three minutes."""
    return week(
        elders=[elder("e1", place="p5"), elder("e2", place="p9")],
        visits=[meal("x1"), meal("x2", **{"elder": "e2"} | (second or {}))],
        canteens=[canteen(**kitchen or {})],
        **morning(240, **person),
    )


MEALS = {"x1": 10, "x2": 12}
EACH = [(13, 10), (21, 12)]


@pytest.mark.parametrize(
    ("of", "both"),
    [
        # One way up the street and back with both boxes: 18 + 6.
        (two(), (24, 22)),
        (two(boxes=2, trips=1), (24, 22)),
        # One box at a time: 13 + 21, if twice is allowed and the canteen is still open.
        (two(boxes=1), (34, 22)),
        (two(boxes=1, trips=1), None),
        # After x1 it is 613 at the canteen.
        (two({"until": 613}, boxes=1), (34, 22)),
        (two({"until": 612}, boxes=1), None),
        (two({"until": 612}), (24, 22)),
        # The second meal is done 5 + 3 + 4 + 3 minutes from the canteen.
        (two({"hot": 15}), (24, 22)),
        (two({"hot": 14}), (34, 22)),
        # Three boxes and one are four.
        (two(second={"boxes": 3}, boxes=4), (24, 22)),
        (two(second={"boxes": 3}, boxes=3), (34, 22)),
    ],
)
def test_boxes_pick_ups_hours_and_heat_bind_the_meals_of_a_trip(of: Week, both: tuple[int, int] | None) -> None:
    assert steps(priced(of, MEALS)) == EACH + ([both] if both else [])


def test_a_trip_that_is_cheaper_so_far_does_not_beat_one_whose_food_is_warmer() -> None:
    # x0 is twenty minutes at p2, on the way, from 602 to 622 or not much later. With its pick-up ahead of x0 a trip is sooner at x1
    # and has walked less; but it is then 2 + 20 + 3 + 3 minutes from the kitchen, and x2 another 4 + 3: more than thirty.
    of = week(
        elders=[elder("e0", place="p2"), elder("e1", place="p5"), elder("e2", place="p9")],
        visits=[visit("x0", elder="e0", minutes=20, window=[602, 641]), meal("x1"), meal("x2", elder="e2")],
        **morning(240, trips=1),
    )
    found = priced(of, {"x0": 20, "x1": 10, "x2": 12})
    # Of x0 with x1 or with x2 there are 33 and 41 minutes; all three are 2 + 2 + 9 + 9 of travel and 26 at the doors.
    assert steps(found) == [(13, 10), (21, 12), (24, 22), (33, 30), (41, 32), (48, 42)]
    assert found is not None
    assert found[-1].stops == ["x0", "c1", "x1", "x2"]


def test_a_trip_is_told_stop_by_stop() -> None:
    # By a matrix the only way round that pays is home, x2, canteen, x1, home: four legs of one minute, all others nine.
    legs = [[9] * 4 for _ in range(4)]
    for start, end in ((0, 3), (3, 1), (1, 2), (2, 0)):
        legs[start][end] = 1
    of = week(
        places=[place(number) for number in range(4)],
        travel={"minutes": {"walk": legs}},
        canteens=[canteen(place="p1")],
        elders=[elder("e1", place="p2"), elder("e2", place="p3")],
        visits=[meal("x1"), visit("x2", elder="e2")],
        **morning(240),
    )
    found = priced(of, {"x1": 10, "x2": 12})
    assert found is not None
    assert found[-1] == Priced(4 + 3 + 30, 22, ["x2", "c1", "x1"])


def test_meals_of_two_kitchens_take_two_pick_ups() -> None:
    # Home and both kitchens are one door.
    of = two()
    first, second = of.visits
    of = replace(of, canteens=(*of.canteens, replace(of.canteens[0], id="c2")), visits=(first, replace(second, canteen="c2")))
    assert steps(priced(of, MEALS)) == [*EACH, (24, 22)]
    once = tuple(replace(one, trips=1) for one in of.volunteers)
    assert steps(priced(replace(of, volunteers=once), MEALS)) == EACH


def test_a_visit_for_two_is_worth_its_price_once_though_it_has_a_chance_in_every_hour() -> None:
    of = week(visits=[visit(crew=2)], volunteers=[volunteer("v1"), volunteer("v2")])
    assert len(shifts(of)[0].chances.visit) == 4
    assert steps(priced(of, {"x1": 10})) == [(40, 10)]


def test_the_first_minute_after_the_visit_next_door_is_soon_enough() -> None:
    # Both at p5: the first from 485 to 515, the second from 515 to 545.
    of = week(visits=[visit("x1", window=[480, 515]), visit("x2", window=[515, 545])])
    assert steps(priced(of, {"x1": 10, "x2": 10})) == [(40, 10), (70, 20)]
    of = week(visits=[visit("x1", window=[480, 515]), visit("x2", window=[514, 544])])
    assert steps(priced(of, {"x1": 10, "x2": 10})) == [(40, 10)]


def test_where_there_is_no_room_for_the_labels_that_is_said() -> None:
    of = three(**morning(135))
    assert priced(of, CARE, labels=4) is None
    assert priced(of, CARE, labels=1_000) is not None


def test_a_beam_is_quick_and_never_dearer() -> None:
    of = three(**morning(135))
    exact = dict(steps(priced(of, CARE)))
    for beam in (1, 3):
        for work, worth in steps(priced(of, CARE, beam=beam)):
            assert worth <= max(more for least, more in exact.items() if least <= work)


def test_nothing_is_worth_listing_that_another_beats() -> None:
    room = np.zeros((4, FIELDS), dtype=np.int64)
    # Of four labels the third comes from the first and the fourth from the second.
    room[:, WORTH], room[:, STANDS], room[:, BEFORE] = [5, 4, 9, 9], [7, 8, 9, 7], [-1, -1, 0, 1]
    ends = np.array([-1, 0, 1, 2, 3, -1], dtype=np.int64)
    works, worths, marks, stops = (one.tolist() for one in unbeaten(ends, room))
    assert (works, worths, marks, stops) == ([1, 3], [5, 9], [0, 1, 3], [7, 7, 9])


def all_trips(of: Week, name: str, index: int) -> list[tuple[int, frozenset[str]]]:
    """The work of every trip of a window that the contract allows, and whom it serves, one order after another."""
    slow = exhaustive.Search(json.loads(week_to_json(of)))
    slot = exhaustive.Slot(name, index)
    able = [one.id for one, taken in ((one, slow.choices(slow.visits[one.id])) for one in of.visits) if (slot,) in taken]
    found = []
    for count in range(1, len(able) + 1):
        for load in map(frozenset, combinations(able, count)):
            for trip in slow.orders(slot, load, (), frozenset()):
                work = slow.work(slot, trip)
                if slow.times([slot], (trip,), {}) is not None and not slow.over_ceilings({slot: trip}):
                    found.append((work, load))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_on_odd_weeks_no_trip_there_is_beats_the_dearest_found(seed: int) -> None:
    of, dice = replace(random_week(seed, crews=False), pins=()), random.Random(seed)
    of = replace(of, visits=of.visits[:4])
    prices = {one.id: dice.randint(-3, 20) for one in of.visits}
    fed = any(one.canteen for one in of.visits)
    problem = compile_week(of)
    for window in shifts(of):
        person, index = of.volunteers[problem.windows.volunteer[window]], problem.windows.index[window]
        found = steps(priced(of, prices, window=window))
        there = [(work, sum(prices[one] for one in load)) for work, load in all_trips(of, person.id, index)]
        for work, worth in there:
            assert worth <= max((more for least, more in found if least <= work), default=0)
        if not fed and of.travel.minutes is None:
            # Without food aboard nothing is left out of account: the steps are exactly those of the trips there are.
            assert found == staircase(there)


def staircase(there: list[tuple[int, int]]) -> list[tuple[int, int]]:
    best: list[tuple[int, int]] = []
    for work, worth in sorted(there, key=lambda one: (one[0], -one[1])):
        if worth > (best[-1][1] if best else 0):
            best.append((work, worth))
    return best
