"""The corners of the hard rules in contract section 3, each broken and kept."""

from math import ceil

import pytest
from geopy.distance import great_circle

from matching import reasons
from matching.model import Weights
from matching.referee.case import Case
from matching.referee.check import check
from tests.matching.weeks import at, canteen, elder, meal, pickup, place, plan, route, visit, volunteer, week

ALONE, OTHER = [route("v1", at("x1", 500))], [route("v2", at("x1", 500))]
CREW = {"visits": [visit(crew=2)], "volunteers": [volunteer("v1"), volunteer("v2"), volunteer("v3")]}
FIRST_TWO = [route("v1", at("x1", 500)), route("v2", at("x1", 500))]
LAST_TWO = [route("v2", at("x1", 500)), route("v3", at("x1", 500))]
MEALS = {"visits": [meal("x1"), meal("x2", elder="e2")], "elders": [elder(), elder("e2", place="p9")]}
TWO_DAYS = [[0, 480, 720], [1, 480, 720]]
HALVES = [[0, 595, 640], [0, 640, 720]]
EACH_WINDOW = [route("v1", pickup(600, "x1"), at("x1", 605)), route("v1", pickup(641, "x2"), at("x2", 650), window=1)]
PIN = {"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}
FAR_DOOR = great_circle(*[(spot["lat"], spot["lon"]) for spot in (place(0), place(5))], radius=6_371.009).m


def crew_with(**changes: object) -> dict[str, object]:
    """A visit for two and three people, the first of whom differs."""
    return CREW | {"volunteers": [volunteer("v1", **changes), volunteer("v2"), volunteer("v3")]}


# rule, the week, routes that break it, routes that keep it
CASES = {
    "no time from the canteen to the door": (
        "travel_time",
        {"visits": [meal()]},
        [route("v1", pickup(600, "x1"), at("x1", 604))],
        [route("v1", pickup(600, "x1"), at("x1", 605))],
    ),
    "no time while a visit lasts": (
        "travel_time", {"visits": [visit("x1"), visit("x2")]}, [route("v1", at("x1", 500), at("x2", 529))],
        [route("v1", at("x1", 500), at("x2", 530))],
    ),
    "the second of a crew lacks what both need": ("skill", crew_with(skills=[]), FIRST_TWO, LAST_TWO),
    "the second of a crew lacks the second's skill": (
        "skill",
        CREW | {"visits": [visit(crew=2, second={"skills": ["lift"], "gender": None})],
                "volunteers": [volunteer("v1"), volunteer("v2"), volunteer("v3", skills=["lift"])]},
        FIRST_TWO,
        LAST_TWO,
    ),
    "the second of a crew is of the other gender": (
        "gender",
        crew_with(gender="M") | {"visits": [visit(crew=2, second={"skills": [], "gender": "F"}, gender="F")]},
        FIRST_TWO,
        LAST_TWO,
    ),
    "somebody whose gender is not known": (
        "gender", {"visits": [visit(gender="F")], "volunteers": [volunteer("v1", gender=None), volunteer("v2")]}, ALONE, OTHER,
    ),
    "one of a crew is not wanted": ("excluded", CREW | {"elders": [elder(excluded=["v1"])]}, FIRST_TWO, LAST_TWO),
    "one of a crew comes from too far": ("radius", crew_with(radius=400), FIRST_TWO, LAST_TWO),
    "a radius short by a hair": (
        "radius",
        {"volunteers": [volunteer("v1", radius=FAR_DOOR - 2e-6), volunteer("v2", radius=FAR_DOOR - 5e-7)]},
        ALONE,
        OTHER,
    ),
    "a meal picked up on another trip": (
        "pickup",
        {"visits": [meal("x1"), visit("x2")], "volunteers": [volunteer(windows=HALVES)]},
        [route("v1", pickup(600, "x1"), at("x2", 605)), route("v1", at("x1", 650), window=1)],
        [route("v1", at("x2", 605)), route("v1", pickup(640, "x1"), at("x1", 650), window=1)],
    ),
    "a visit picked up that is no meal": (
        "pickup", {"visits": [visit(minutes=5)]}, [route("v1", pickup(600, "x1"), at("x1", 610))], [route("v1", at("x1", 610))],
    ),
    "boxes of two canteens aboard together are too many": (
        "boxes",
        MEALS | {"visits": [meal("x1"), meal("x2", elder="e2", canteen="c2")], "canteens": [canteen(), canteen(id="c2")],
                 "volunteers": [volunteer("v1", boxes=1), volunteer("v2", boxes=2)]},
        [route("v1", pickup(600, "x1"), pickup(600, "x2", kitchen="c2"), at("x1", 610), at("x2", 617))],
        [route("v2", pickup(600, "x1"), pickup(600, "x2", kitchen="c2"), at("x1", 610), at("x2", 617))],
    ),
    "a box delivered makes room for the next": (
        "boxes",
        MEALS | {"volunteers": [volunteer(boxes=1)]},
        [route("v1", pickup(600, "x1"), pickup(600, "x2"), at("x1", 605), at("x2", 612))],
        [route("v1", pickup(600, "x1"), at("x1", 605), pickup(613, "x2"), at("x2", 622))],
    ),
    "pick-ups are counted in each window by itself": (
        "trips",
        MEALS | {"volunteers": [volunteer(trips=1, windows=[*HALVES, [1, 480, 720]])]},
        [route("v1", pickup(641, "x1"), at("x1", 650), pickup(658, "x2"), at("x2", 667), window=1)],
        EACH_WINDOW,
    ),
    "another visit lets the food grow cold": (
        "hot",
        {"visits": [meal("x1"), visit("x2", minutes=22), visit("x3", minutes=23)]},
        [route("v1", pickup(600, "x1"), at("x3", 605), at("x1", 628))],
        [route("v1", pickup(600, "x1"), at("x2", 605), at("x1", 627))],
    ),
    "a crew on two days": (
        "crew",
        {"visits": [visit(crew=2, days=[0, 1])], "volunteers": [volunteer("v1", windows=TWO_DAYS), volunteer("v2", windows=TWO_DAYS)]},
        [route("v1", at("x1", 500)), route("v2", at("x1", 500), window=1)],
        [route("v1", at("x1", 500), window=1), route("v2", at("x1", 500), window=1)],
    ),
    "served again on another day": (
        "once",
        {"visits": [visit(days=[0, 1])], "volunteers": [volunteer(windows=TWO_DAYS)]},
        [route("v1", at("x1", 500)), route("v1", at("x1", 500), window=1)],
        [route("v1", at("x1", 500), window=1)],
    ),
    "three come to a visit for two": ("once", CREW, [*FIRST_TWO, route("v3", at("x1", 500))], FIRST_TWO),
    "two trips of a day share its ceiling": (
        "max_day",
        {"visits": [visit("x1"), visit("x2", window=[480, 900])],
         "volunteers": [volunteer("v1", max_day=79, windows=[[0, 480, 600], [0, 600, 720]]), volunteer("v2")]},
        [route("v1", at("x1", 500)), route("v1", at("x2", 610), window=1)],
        [route("v1", at("x1", 500)), route("v2", at("x2", 610))],
    ),
    "work spent counts on its own day": (
        "max_day",
        {"volunteers": [volunteer("v1", max_day=40, used=[[0, 1]]), volunteer("v2", max_day=40, used=[[1, 40]])]}, ALONE, OTHER,
    ),
    "each of a crew works the whole visit": ("max_week", crew_with(max_week=39), FIRST_TWO, LAST_TWO),
    "a pin on another day": (
        "pin",
        {"visits": [visit(days=[0, 1])], "volunteers": [volunteer(windows=TWO_DAYS)], "pins": [PIN]},
        [route("v1", at("x1", 500), window=1)],
        ALONE,
    ),
    "a crew without the one who is pinned": ("pin", CREW | {"pins": [PIN]}, LAST_TWO, FIRST_TWO),
    "a pinned box fetched with one that is not": (
        "from",
        MEALS | {"from": [0, 605], "pins": [PIN]},
        [route("v1", pickup(600, "x1", "x2"), at("x1", 605), at("x2", 612))],
        [route("v1", pickup(600, "x1"), at("x1", 605))],
    ),
    "work on a day that is over": (
        "from",
        {"from": [1, 0], "visits": [visit(days=[0, 1])], "volunteers": [volunteer(windows=TWO_DAYS)]},
        ALONE,
        [route("v1", at("x1", 500), window=1)],
    ),
    "somebody new in the week is touched too": (
        "touched",
        {"baseline": {"format": "timebank-plan/1", "week": "tiny", "routes": ALONE}, "max_touched": 1,
         "visits": [visit("x1"), visit("x2")], "volunteers": [volunteer("v1"), volunteer("v2")]},
        [route("v1", at("x2", 500)), route("v2", at("x1", 500))],
        [route("v1", at("x1", 500)), route("v2", at("x2", 500))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_corner_of_a_rule_is_broken_and_kept(name: str) -> None:
    rule, changes, broken, kept = CASES[name]
    of = week(**changes)
    assert {breach.rule for breach in check(of, plan(of, *broken)).breaches} == {rule}
    assert check(of, plan(of, *kept)).breaches == ()


def test_one_person_at_the_door_twice_at_once_is_no_crew() -> None:
    of = week(**CREW)
    assert "crew" in {breach.rule for breach in check(of, plan(of, route("v1", at("x1", 500), at("x1", 500)))).breaches}


def test_other_visits_and_other_canteens_boxes_may_be_aboard_meanwhile() -> None:
    kitchens = [canteen(), canteen(id="c2", place="p2")]
    of = week(visits=[meal("x1"), meal("x2", canteen="c2"), visit("x3", minutes=5)], canteens=kitchens)
    assert check(
        of, plan(of, route("v1", pickup(600, "x1"), pickup(602, "x2", kitchen="c2"), at("x3", 605), at("x2", 610), at("x1", 613)))
    ).ok


def test_waiting_is_free_and_no_work() -> None:
    of = week(visits=[visit("x1"), visit("x2")], volunteers=[volunteer(max_day=70)])
    assert check(of, plan(of, route("v1", at("x1", 485), at("x2", 680)))).ok


def test_the_way_to_a_door_is_added_at_doors_canteens_and_home_but_not_where_one_stays() -> None:
    places = [place(number) | {"access": number + 1} for number in range(10)]
    of = week(places=places, visits=[meal("x1"), meal("x2")])
    made = plan(of, route("v1", pickup(600, "x1", "x2"), at("x1", 611), at("x2", 614)))
    assert check(of, made).score.travel == (5 + 6) + (5 + 1)
    assert check(of, plan(of, route("v1", pickup(600, "x1", "x2"), at("x1", 610), at("x2", 614)))).breaches[0].rule == "travel_time"


@pytest.mark.parametrize("pace", [70, 99.5, 200])
def test_a_way_is_the_great_circle_with_the_detour_rounded_up(pace: float) -> None:
    of = week(travel={"detour": 1.3, "pace": {"walk": pace}})
    case = Case(of, plan(of))
    for number in (1, 7, 39):
        a, b = of.places[0], of.places[number]
        metres = great_circle((a.lat, a.lon), (b.lat, b.lon), radius=6_371.009).m
        assert case.metres(a.id, b.id) == pytest.approx(metres, abs=1e-6)
        assert case.leg("walk", a.id, b.id) == ceil(1.3 * metres / pace - 1e-9)


def test_every_goal_has_its_sentences_and_every_weight_is_a_goal() -> None:
    assert reasons.GOALS.keys() == {"pins", "served_weight"} | set(Weights.__slots__)
    assert all(words.zh and words.en for words in (*reasons.GOALS.values(), *reasons.RULES.values()))
