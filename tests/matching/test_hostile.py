"""Weeks nobody would write but somebody will send: each ends in time with a plan the referee accepts, or in one line."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from matching.files import read_plan, read_week
from matching.referee.check import check
from tests.benchmarks.generate import generate
from tests.matching.test_commands import MATCHING, ROOT, saved
from tests.matching.weeks import Json, at, bare, canteen, draft, elder, meal, pickup, route, visit, volunteer

STARTING = 8.0
"""Seconds a busy machine may take to load everything and to end."""

LONG_ID = "長" * 3_400  # ten thousand bytes
ODD_NAMES = ["👵🏽‍🦽", "אבגד\u202e", "a\u0301", "x" * 200, "' OR 1=1", "\\", LONG_ID]


def pins(*pinned: tuple[str, str, int, int | None]) -> list[Json]:
    return [{"visit": name, "volunteers": [who], "day": day, "start": start} for name, who, day, start in pinned]


def spots(*degrees: tuple[float, float]) -> list[Json]:
    return [{"id": f"p{number}", "lat": lat, "lon": lon, "access": 1} for number, (lat, lon) in enumerate(degrees)]


def everywhere(*degrees: tuple[float, float]) -> Json:
    elders = [elder(f"e{number}", place=f"p{number}") for number in range(len(degrees))]
    visits = [visit(f"x{number}", elder=f"e{number}") for number in range(len(degrees))]
    return bare(places=spots(*degrees), elders=elders, visits=visits)


def many(count: int, **changes: object) -> list[Json]:
    return [visit(f"x{number}", **changes) for number in range(count)]


def tenfold() -> Json:
    """Ten weeks of a hundred visits in one: no id meets another."""
    whole = generate("T", 1)
    for seed in range(2, 11):
        more = json.loads(json.dumps(generate("T", seed)))
        text = json.dumps(more)
        for key in ("places", "canteens", "elders", "volunteers", "visits"):
            for name in sorted({one["id"] for one in more[key]}, key=len, reverse=True):
                text = text.replace(f'"{name}"', f'"{seed}/{name}"')
        more = json.loads(text)
        for key in ("places", "canteens", "elders", "volunteers", "visits", "history"):
            whole[key] = whole[key] + more[key]
    return whole


PLANNED = {
    "nothing at all": bare(places=[], visits=[], elders=[], volunteers=[], canteens=[]),
    "one volunteer and nobody to visit": bare(visits=[], elders=[], canteens=[]),
    "everybody behind one door": bare(
        elders=[elder(place="p0")], visits=[*many(30), *(meal(f"m{number}") for number in range(10))],
        volunteers=[volunteer(f"v{number}") for number in range(3)],
    ),
    "no canteen": bare(canteens=[], visits=many(5)),
    "the poles": everywhere((90, 0), (90, 180), (-90, 12), (89.9999, -170)),
    "both sides of the date line": everywhere((0, 180), (0, -180), (0, 179.999), (0, -179.999)),
    "weights of a million": bare(visits=many(40, weight=1_000_000), volunteers=[volunteer("v1"), volunteer("v2")]),
    "one minute of work a day": bare(volunteers=[volunteer(max_day=1, max_week=1)], elders=[elder(place="p0")], visits=[*many(3), *[visit("y", minutes=1)]]),
    "food that may not cool at all": bare(visits=[meal("x1"), meal("x2", elder="e2")], elders=[elder(), elder("e2", place="p0")], canteens=[canteen(hot=0)]),
    "pins that cannot hold": bare(
        visits=many(4), volunteers=[volunteer("v1"), volunteer("v2", skills=[])],
        pins=pins(("x0", "v2", 0, 500), ("x1", "v1", 5, None), ("x2", "v1", 0, 2000), ("x3", "v1", 0, 481)),
    ),
    "pins that contradict each other": bare(visits=many(3), pins=pins(*((f"x{number}", "v1", 0, 500) for number in range(3)))),
    "more people pinned than seats": bare(
        volunteers=[volunteer("v1"), volunteer("v2")], pins=[{"visit": "x1", "volunteers": ["v1", "v2"], "day": 0, "start": None}],
    ),
    "a start after the last minute": bare(**{"from": [6, 5000]}),
    "midnight on both sides": bare(
        volunteers=[volunteer(windows=[[0, 0, 720], [0, 720, 1440]])], elders=[elder(place="p0")],
        visits=[visit("x0", window=[0, 30]), visit("x1", window=[1410, 1440]), visit("x2", window=[705, 735])],
    ),
    "a night that ends tomorrow": bare(days=1, volunteers=[volunteer(windows=[[0, 1400, 1900]])], visits=many(6, window=[1430, 1890])),
    "a million minutes away": bare(travel={"minutes": {"walk": [[0 if a == b else 10**6 for b in range(40)] for a in range(40)]}}),
    "no way at all and no pace to speak of": bare(travel={"detour": 0, "pace": {"walk": 0.001}}, visits=many(12)),
    "goals that weigh nothing": bare(weights=dict.fromkeys(("travel", "new_face", "fairness", "touched"), 0), visits=many(12)),
    "goals that weigh everything": bare(weights=dict.fromkeys(("travel", "new_face", "fairness", "touched"), 1e9), visits=many(12)),
    "hours withdrawn, minutes used up, nobody wanted": bare(
        volunteers=[volunteer("v1", windows=[[0, 600, 600]]), volunteer("v2", used=[[0, 9999]]), volunteer("v3")], elders=[elder(excluded=["v3"])],
    ),
    "names from everywhere": bare(
        elders=[elder(name, place="p0") for name in ODD_NAMES], volunteers=[volunteer(name, windows=[[0, 480, 600]]) for name in ODD_NAMES[:2]],
        visits=[visit(name, elder=name, minutes=50) for name in ODD_NAMES],
    ),
    "a broken baseline and nobody to be touched": bare(
        baseline=draft(route("v1", at("x1", 10), pickup(9, "x1"), at("x1", 3))), max_touched=1, visits=[visit("x1", minutes=200)],
    ),
}  # fmt: skip

REFUSED = {
    "a start after the last day": (bare(**{"from": [7, 0]}), "from[0]"),
    "hours past midnight in a whole week": (bare(volunteers=[volunteer(windows=[[0, 1400, 1500]])]), "volunteers[0].windows[0][2]"),
    "a place beyond the pole": (everywhere((90.001, 0)), "places[0].lat"),
    "a weight above a million": (bare(visits=[visit(weight=1_000_001)]), "visits[0].weight"),
    "a visit pinned twice": (bare(pins=pins(("x1", "v1", 0, None), ("x1", "v1", 1, None))), "pins[1]"),
    "a pin of somebody unknown": (bare(pins=pins(("x1", "v9", 0, None))), "pins[0].volunteers[0]"),
}


def solved(folder: Path, week: Json, seconds: float) -> tuple[subprocess.CompletedProcess[str], float]:
    began = time.monotonic()
    command = [*MATCHING, "solve", saved(folder, "week.json", week), "-o", folder / "plan.json", "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return done, time.monotonic() - began


def accepted(folder: Path, week: Json) -> None:
    of = read_week(week)
    made = read_plan(folder / "plan.json", of)
    verdict = check(of, made)
    assert verdict.ok, verdict.breaches
    assert verdict.score == made.score
    assert made.bound >= made.score.served_weight
    assert not [one for one in made.unserved if one.reason == "search"]


@pytest.mark.parametrize("name", PLANNED)
def test_a_hostile_week_ends_in_time_with_a_plan_the_referee_accepts(tmp_path: Path, name: str) -> None:
    done, took = solved(tmp_path, PLANNED[name], 2)
    assert (done.returncode, done.stderr) == (0, "")
    assert took < 2 * 1.1 + 1 + STARTING
    accepted(tmp_path, PLANNED[name])


def test_a_week_of_ten_times_the_size_keeps_a_short_deadline(tmp_path: Path) -> None:
    week = tenfold()
    done, took = solved(tmp_path, week, 4)
    assert (done.returncode, done.stderr) == (0, "")
    assert took < 4 * 1.1 + 1 + STARTING
    accepted(tmp_path, week)


@pytest.mark.parametrize("name", REFUSED)
def test_a_week_that_is_none_ends_with_one_line_that_says_where(tmp_path: Path, name: str) -> None:
    week, where = REFUSED[name]
    done, _ = solved(tmp_path, week, 2)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(where)
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "plan.json").exists()
