import random

import numpy as np
import pytest
from geopy.distance import great_circle

from matching.advice.week_arrays import Ground
from matching.model import Plan, Week
from matching.referee.case import Case
from matching.travel import Roads
from tests.matching.weeks import bare, week

MODES = ("walk", "ebike")


def scattered(seed: int, spread: float) -> Week:
    dice = random.Random(seed)
    places = [
        {
            "id": f"p{number}",
            "lat": 36 + dice.uniform(-spread, spread),
            "lon": 120 + dice.uniform(-spread, spread),
            "access": dice.randint(0, 5),
        }
        for number in range(60)
    ]
    places[7] |= {key: places[8][key] for key in ("lat", "lon")}
    return week(places=places, travel={"detour": 1.3, "pace": {"walk": 70, "ebike": 200}})


@pytest.mark.parametrize("spread", [0.0001, 0.02, 30])
def test_the_players_travel_is_the_referees_to_the_minute(spread: float) -> None:
    of = scattered(1, spread)
    roads, case = Roads(of), Case(of, Plan(week=of.name, routes=()))
    names = [place.id for place in of.places]
    for mode in MODES:
        block = roads.block(mode, range(60), range(60))
        expected = [[case.leg(mode, origin, target) for target in names] for origin in names]
        assert block.tolist() == expected
        assert roads.row(mode, 5).tolist() == expected[5]
        assert roads.between(mode, 9, 3) == expected[9][3]


def test_both_ways_of_asking_give_the_same_minutes() -> None:
    of = scattered(2, 0.02)
    roads = Roads(of)
    every = np.arange(60)
    to, back = Ground(of).ways(11)
    for number, mode in enumerate(MODES):
        assert to[number].tolist() == roads.minutes(mode, every, np.full(60, 11)).tolist()
        assert back[number].tolist() == roads.row(mode, 11).tolist()


def test_metres_are_those_of_the_great_circle() -> None:
    of = scattered(3, 0.02)
    case, roads = Case(of, Plan(week=of.name, routes=())), Roads(of)
    for number in range(1, 60):
        a, b = of.places[0], of.places[number]
        metres = great_circle((a.lat, a.lon), (b.lat, b.lon)).meters
        assert case.metres(a.id, b.id) == pytest.approx(metres, abs=1e-6)
        assert float(roads.metres(0, number)) == pytest.approx(metres, abs=1e-6)


def test_two_doors_of_one_spot_are_apart_by_the_way_to_the_door_only() -> None:
    of = scattered(4, 0.02)
    roads = Roads(of)
    assert roads.between("walk", 7, 8) == of.places[8].access
    assert roads.between("walk", 8, 8) == 0


def test_a_given_matrix_may_be_asymmetric_and_takes_no_access() -> None:
    places = [{"id": name, "lat": None, "lon": None, "access": 9} for name in ("p0", "p5")]
    of = week(**bare(places=places, travel={"minutes": {"walk": [[5, 1], [2, 5]]}}))
    roads = Roads(of)
    assert roads.block("walk", [0, 1], [0, 1]).tolist() == [[0, 1], [2, 0]]
    assert Ground(of).ways(0)[0].tolist() == [[0, 2]]
