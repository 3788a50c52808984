"""The generated weeks are what contract section 7 says, and the same on every machine."""

import hashlib
import json
from typing import Any

import pytest

from matching.files import read_week
from tests.benchmarks.generate import generate

COUNTS = {"T": (20, 14, 110), "S": (70, 40, 450), "M": (600, 600, 4_500), "L": (1_600, 6_327, 12_000), "XL": (4_000, 9_000, 30_000)}
BYTES = {
    ("T", 1, False): "8c5c25d7db8d3ab7efdc017fa3403eac79079ef0ad4b387f3478ce635a407e18",
    ("S", 1, True): "6e2b6583b22c48bc75e7cef28a707e0cebedf55b7373b568796f2f2f204fcf41",
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


@pytest.mark.parametrize("scarce", [False, True])
def test_most_elders_know_somebody_who_is_active(scarce: bool) -> None:
    week = read_week(generate("M", scarce=scarce))
    active = {one.id for one in week.volunteers if one.windows}
    known = {elder for elder, volunteer in week.history if volunteer in active}
    assert len(known) > 0.8 * len(week.elders)
