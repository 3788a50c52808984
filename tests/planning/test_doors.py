"""Where a way leads to in the engine's week: a building's entrance and a floor, with the minutes it takes to climb there."""

from timebank.elders.models import Household
from timebank.places.models import Building
from timebank.planning.doors import floor_of


def test_two_doors_of_one_floor_are_one_place_and_the_door_itself_is_told_to_nobody() -> None:
    doors = [Household(building_id=7, floor=5, door=door, number="H1") for door in ("东户", "西户")]
    assert {floor_of(each) for each in doors} == {"b7-f5"}
    assert floor_of(Household(building_id=7, floor=4, door="东户", number="H2")) == "b7-f4"


def test_stairs_take_longer_the_higher_and_a_lift_takes_a_minute() -> None:
    stairs, lift = Building(access=2, lift=False), Building(access=2, lift=True)
    assert [stairs.minutes_to_floor(floor) for floor in (1, 3, 5, 7)] == [2, 3, 4, 5]
    assert [lift.minutes_to_floor(floor) for floor in (1, 3, 7, 18)] == [2, 3, 3, 3]
