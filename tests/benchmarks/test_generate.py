"""The generated weeks are what contract section 7 says, and the same on every machine."""

import hashlib
import json
from typing import Any

import pytest

from matching.files import read_week
from tests.benchmarks.generate import generate

COUNTS = {"T": (20, 14, 110), "S": (70, 40, 450), "M": (600, 600, 4_500), "L": (1_600, 6_327, 12_000), "XL": (4_000, 9_000, 30_000)}
BYTES = {
    ("T", 1, False): "483c31d05615fdb1cdb2b3b1aa95ed5eaa05f078ea37ba85cdad9d8e91a66208",
    ("S", 1, True): "aa022d2a92354ac32cf2bb44339c2abbb7cdb0af04275c745d0d9c2dc3850a5d",
}


@pytest.mark.parametrize("size", COUNTS)
def test_a_week_has_the_counts_of_its_size_and_62_percent_meals(size: str) -> None:
    week = read_week(generate(size))
    meals = sum(visit.canteen is not None for visit in week.visits)
    assert (len(week.elders), len(week.volunteers), len(week.visits)) == COUNTS[size]
    assert meals == round(0.62 * len(week.visits))
    assert week.travel.pace == {"walk": 70, "ebike": 200}


@pytest.mark.parametrize(("size", "seed", "scarce"), BYTES)
def test_a_week_is_the_same_bytes_on_every_machine(size: str, seed: int, scarce: bool) -> None:
    text = json.dumps(generate(size, seed, scarce=scarce), ensure_ascii=False, indent=1)
    assert hashlib.sha256(text.encode()).hexdigest() == BYTES[size, seed, scarce]


def test_many_doors_share_a_building() -> None:
    week: dict[str, Any] = generate("M")
    doors = [place for place in week["places"] if place["id"].startswith("door")]
    assert len({(door["lat"], door["lon"]) for door in doors}) < 0.75 * len(doors)


@pytest.mark.parametrize("size", ["S", "M"])
@pytest.mark.parametrize("seed", range(1, 11))
def test_a_scarce_week_asks_for_more_time_than_everybody_has(size: str, seed: int) -> None:
    week = read_week(generate(size, seed, scarce=True))
    asked = sum(visit.minutes * visit.crew for visit in week.visits)
    free = 0
    for one in week.volunteers:
        days = [sum(window.end - window.start for window in one.windows if window.day == day) for day in range(week.days)]
        free += min(one.max_week, sum(min(one.max_day, minutes) for minutes in days))
    assert asked > free


@pytest.mark.parametrize("size", ["S", "M"])
def test_faces_are_known_of_people_who_could_come_so_that_keeping_them_is_worth_trying(size: str) -> None:
    week = read_week(generate(size))
    active = {one.id: set(one.skills) for one in week.volunteers if one.windows}
    asked: dict[str, set[str]] = {}
    for visit in week.visits:
        asked.setdefault(visit.elder, set()).update(visit.skills)
    assert all(active[volunteer] & asked[elder] for elder, volunteer in week.history)
    assert len({elder for elder, _ in week.history}) > 0.8 * len(week.elders)
    assert 2 * len(week.elders) < len(week.history) <= 3 * len(week.elders)
