"""A week begun from an earlier plan: what still holds is taken, the rest is left out without a word, and nothing has to be kept."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from matching.files import plan_to_json, read_week, week_to_json
from matching.model import Plan, Week
from matching.referee.check import check
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.random_weeks import half_made, random_week
from tests.matching.test_commands import run
from tests.matching.test_player import judged
from tests.matching.weeks import at, draft, plan, route, visit, volunteer, week

NOTHING_MORE = {"seconds": 9, "iterations": 0, "workers": 1}


def doors(made: Plan) -> set[tuple[str, str]]:
    return {(route.volunteer, stop.visit) for route in made.routes for stop in route.stops if hasattr(stop, "visit")}


def test_a_plan_to_begin_from_is_where_the_search_begins() -> None:
    of = read_week(generate("T", 4))
    before = solve(of, seconds=9, iterations=400, workers=1)
    again = judged(of, solve(of, start=before, **NOTHING_MORE))
    assert doors(again) >= doors(before)
    assert again.score.cost <= before.score.cost + 0.11
    cold = solve(of, **NOTHING_MORE)
    assert again.score.cost < cold.score.cost


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_earlier_plan_was_no_rule_is_broken_and_nothing_is_left_that_fits(seed: int) -> None:
    of = random_week(seed, tied=bool(seed % 2))
    judged(of, solve(of, start=half_made(random_week(seed + 1), seed), seconds=5, iterations=40, workers=1))


def test_people_visits_and_windows_that_are_no_more_mean_nothing() -> None:
    of = week(visits=[visit("x1"), visit("x2")], volunteers=[volunteer("v1"), volunteer("v2")])
    old = plan(of, route("v2", at("x1", 600)))
    (only,) = old.routes
    gone = [replace(only, volunteer="v9"), replace(only, window=7), replace(only, stops=(replace(only.stops[0], visit="x9"),))]
    made = judged(of, solve(of, start=replace(old, routes=(only, *gone)), **NOTHING_MORE))
    assert ("v2", "x1") in doors(made)


def test_a_start_is_not_for_a_week_with_a_baseline(tmp_path: Path) -> None:
    of = week(baseline=draft(route("v1", at("x1", 500))))
    with pytest.raises(ValueError, match="takes no start"):
        solve(of, start=of.baseline, **NOTHING_MORE)
    path, start = tmp_path / "week.json", tmp_path / "old.json"
    path.write_text(week_to_json(of))
    start.write_text(json.dumps(draft(route("v1", at("x1", 500)))))
    said = run("solve", path, "-o", tmp_path / "plan.json", "--start", start, expect=2)
    assert said.stderr == "--start: is not for a week with a baseline, which begins from that\n"


def test_the_command_begins_from_a_file_and_repeats_itself(tmp_path: Path) -> None:
    of = read_week(generate("T", 6))
    start = tmp_path / "old.json"
    start.write_text(plan_to_json(solve(of, seconds=9, iterations=200, workers=1)))
    path, outs = tmp_path / "week.json", [tmp_path / "one.json", tmp_path / "two.json"]
    path.write_text(week_to_json(of))
    for out in outs:
        run("solve", path, "-o", out, "--start", start, "--iterations", "100", "--workers", "1", "--seconds", "60")
    one, two = (json.loads(out.read_text()) | {"seconds": 0} for out in outs)
    assert one == two


def served(of: Week, made: Plan) -> int:
    return check(of, made).score.served_weight


def test_the_search_goes_on_from_it() -> None:
    of = read_week(generate("T", 8, scarce=True))
    rough = half_made(of, 8)
    assert served(of, solve(of, start=rough, seconds=20, iterations=600, workers=1)) > served(of, rough)
