"""The same week, seed and steps give the same file, whatever else differs between two runs."""

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from matching.files import plan_to_json, read_week, week_to_json
from matching.model import Week
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import random_week
from tests.matching.test_commands import MATCHING, ROOT, saved
from tests.matching.weeks import Json

SECONDS = re.compile(rb'\n "seconds": [0-9.]+\n')


def crewed() -> Json:
    """An odd week with crews, meals, pins and a moment to start from."""
    seed = next(seed for seed in range(1_000) if all(odd(random_week(seed))))
    return json.loads(week_to_json(random_week(seed)))


def odd(of: Week) -> tuple[bool, ...]:
    return len(of.visits) > 4, len(of.volunteers) > 2, bool(of.pins), of.from_ is not None, any(one.crew == 2 for one in of.visits)


def again() -> Json:
    """A week of a hundred visits whose baseline has lost two volunteers."""
    week = generate("T", 2)
    plan = solve(read_week(week), seconds=10, iterations=50, workers=1)
    for one in week["volunteers"][:2]:
        one["windows"] = [[day, start, start] for day, start, _ in one["windows"]]
    return week | {"baseline": json.loads(plan_to_json(replace(plan, seconds=0)))}


WEEKS = {
    "a week of a hundred visits": ("solve", lambda: generate("T", 3)),
    "an odd week": ("solve", crewed),
    "planned again": ("replan", again),
    "solved again": ("solve", again),
}


def written(command: str, week: Path, out: Path, *, hashes: str, seconds: str, seed: str = "4") -> bytes:
    words = [*MATCHING, command, week, "-o", out, "--iterations", "150", "--workers", "1", "--seed", seed, "--seconds", seconds]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=120, env=os.environ | {"PYTHONHASHSEED": hashes})
    text, count = SECONDS.subn(b"", out.read_bytes())
    assert count == 1
    return text


@pytest.mark.parametrize("name", WEEKS)
def test_the_same_seed_and_steps_give_the_same_bytes_in_another_process(tmp_path: Path, name: str) -> None:
    command, make = WEEKS[name]
    week = saved(tmp_path, "week.json", make())
    one = written(command, week, tmp_path / "one.json", hashes="0", seconds="60")
    assert one == written(command, week, tmp_path / "two.json", hashes="12345", seconds="90")


def test_another_seed_is_another_search(tmp_path: Path) -> None:
    week = saved(tmp_path, "week.json", generate("T", 3))
    routes = {
        seed: written("solve", week, tmp_path / "plan.json", hashes="0", seconds="60", seed=seed).partition(b'"score"')[0]
        for seed in ("4", "5")
    }
    assert routes["4"] != routes["5"]
