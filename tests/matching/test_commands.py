import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from matching.advice.audit import audit
from matching.files import plan_to_json, read_plan, read_week, week_to_json
from matching.referee.check import check
from tests.matching.random_weeks import random_week
from tests.matching.weeks import EXAMPLE_PLAN, EXAMPLE_WEEK, Json, at, bare, draft, example, route, visit, volunteer

MATCHING = [sys.executable, "-m", "matching"]
ROOT = os.fspath(EXAMPLE_WEEK.parents[2])


def run(*arguments: str | Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*MATCHING, *map(os.fspath, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == expect, done.stderr
    return done


def saved(folder: Path, name: str, content: Json | str) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def big_week(folder: Path) -> Path:
    """A week that keeps the planner busy for a while."""
    people = [volunteer(f"v{number}", windows=[[day, 480, 720] for day in range(7)]) for number in range(12)]
    visits = [visit(f"x{number}", days=[number % 7], minutes=25) for number in range(300)]
    return saved(folder, "week.json", bare(volunteers=people, visits=visits))


def test_the_contracts_example_passes_the_full_check() -> None:
    of = read_week(EXAMPLE_WEEK)
    done = run("check", EXAMPLE_WEEK, EXAMPLE_PLAN, "--full")
    assert json.loads(done.stdout) == asdict(read_plan(EXAMPLE_PLAN, of).score)
    assert done.stdout.count("\n") == 1


def test_a_broken_plan_exits_1_with_one_line_a_breach(tmp_path: Path) -> None:
    _, made = example()
    made["routes"][0]["stops"][1]["start"] = 640
    done = run("check", EXAMPLE_WEEK, saved(tmp_path, "plan.json", made), expect=1)
    lines = done.stdout.splitlines()
    assert {line.partition(": ")[0] for line in lines} == {"travel_time", "window_visit"}


@pytest.mark.parametrize(
    "command",
    [
        ("check", "WEEK", "BAD"), ("check", "BAD", "PLAN"), ("explain", "BAD", "PLAN"), ("rank", "WEEK", "PLAN", "nobody"),
        ("compare", "WEEK", "PLAN", "BAD"), ("advise", "WEEK", "BAD"), ("bound", "BAD"), ("solve", "BAD", "-o", "OUT"),
        ("replan", "BAD", "-o", "OUT"), ("replan", "WEEK", "-o", "OUT"), ("solve", "WEEK"), ("dance",),
        ("solve", "WEEK", "-o", "OUT", "--seconds", "-1"), ("solve", "WEEK", "-o", "OUT", "--seconds", "nan"),
        ("solve", "WEEK", "-o", "OUT", "--workers", "0"), ("solve", "WEEK", "-o", "FOLDER"),
        ("solve", "WEEK", "-o", "NOWHERE/plan.json"), ("solve", "MISSING", "-o", "OUT"),
    ],
)  # fmt: skip
def test_bad_input_exits_2_with_one_line_and_writes_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    bad = saved(tmp_path, "bad.json", bare(days=9))
    names = {
        "WEEK": EXAMPLE_WEEK, "PLAN": EXAMPLE_PLAN, "BAD": bad, "OUT": tmp_path / "out.json", "FOLDER": tmp_path,
        "NOWHERE/plan.json": tmp_path / "nowhere" / "plan.json", "MISSING": tmp_path / "missing.json",
    }  # fmt: skip
    done = run(*(names.get(word, word) for word in command), expect=2)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert ": " in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]


def test_explain_rank_and_compare_print_json() -> None:
    (unserved,) = json.loads(run("explain", EXAMPLE_WEEK, EXAMPLE_PLAN).stdout)
    assert unserved["fix"] == {"change": "volunteer.max_day", "volunteer": "v-he", "max_day": 135}
    (candidate,) = json.loads(run("rank", EXAMPLE_WEEK, EXAMPLE_PLAN, "x-meal-wang").stdout)
    assert candidate["volunteers"] == ["v-chen"]
    assert json.loads(run("compare", EXAMPLE_WEEK, EXAMPLE_PLAN, EXAMPLE_PLAN).stdout)["touched"] == 0


def test_solve_writes_a_plan_that_passes_the_full_check(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    done = run("solve", EXAMPLE_WEEK, "-o", out, "--seconds", "10", "--progress")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert all({"phase", "seconds", "served_weight", "cost", "bound"} <= event.keys() for event in events)
    of = read_week(EXAMPLE_WEEK)
    made = read_plan(out, of)
    verdict = check(of, made)
    assert verdict.ok
    assert audit(of, made, verdict) == []
    assert made.score.served_weight == 70
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_the_same_seed_and_iterations_give_the_same_bytes(tmp_path: Path) -> None:
    texts = []
    for name in ("a.json", "b.json"):
        run("solve", EXAMPLE_WEEK, "-o", tmp_path / name, "--iterations", "50", "--workers", "1", "--seed", "3")
        made = json.loads((tmp_path / name).read_text())
        texts.append(json.dumps(made | {"seconds": 0}))
    assert texts[0] == texts[1]


def test_advise_and_bound_answer(tmp_path: Path) -> None:
    assert json.loads(run("bound", EXAMPLE_WEEK, "--seconds", "1").stdout)["served_weight"] >= 70
    assert isinstance(json.loads(run("advise", EXAMPLE_WEEK, EXAMPLE_PLAN, "--seconds", "5").stdout), list)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_after_the_first_progress_writes_the_best_so_far(tmp_path: Path, number: signal.Signals) -> None:
    week, out = big_week(tmp_path), tmp_path / "plan.json"
    command = [*MATCHING, "solve", week, "-o", out, "--seconds", "50", "--progress", "--workers", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline()
        process.send_signal(number)
        began = time.monotonic()
        process.stdout.read()
        assert process.wait(20) == 0
    assert time.monotonic() - began < 15
    of = read_week(week)
    assert check(of, read_plan(out, of)).ok


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_before_any_progress_writes_nothing(tmp_path: Path, number: signal.Signals, code: int) -> None:
    fifo, out = tmp_path / "week.json", tmp_path / "plan.json"
    os.mkfifo(fifo)
    command = [*MATCHING, "solve", fifo, "-o", out]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        # Opening the pipe for writing waits until the command reads its week, so its ears are open by then.
        with fifo.open("w") as held:
            process.send_signal(number)
            assert process.wait(20) == code
            assert not held.closed
        assert process.stderr.read() == ""
    assert not out.exists()


def test_a_reader_who_goes_away_does_not_stop_the_plan(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    command = [*MATCHING, "solve", EXAMPLE_WEEK, "-o", out, "--seconds", "5", "--progress"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait(30) == 0
    assert out.exists()


def test_replan_tells_the_ladder_and_keeps_what_stands(tmp_path: Path) -> None:
    week, made = example()
    week["baseline"] = made
    week["volunteers"][2]["windows"] = [[2, 480, 480]]
    path, out = saved(tmp_path, "week.json", week), tmp_path / "plan.json"
    done = run("replan", path, "-o", out, "--seconds", "10")
    assert all(json.loads(line)["phase"].startswith("ladder") for line in done.stdout.splitlines())
    assert done.stdout
    of = read_week(path)
    after = read_plan(out, of)
    assert check(of, after).ok
    assert after.score.touched <= 2


# what is changed in the example's plan, and what the full check says of it
LIES = {
    "status": {"status": "feasible"},
    "score": {"score": {"served": 5, "served_weight": 70, "travel": 66, "new_faces": 2, "fairness": 107.0, "touched": 0, "cost": 213.2}},
    "bound": {"bound": {"served_weight": 69}, "status": "feasible"},
    "unserved": {"unserved": []},
    "reason": {"reason": "taken"},
    "fix": {"fix": {"change": "volunteer.max_day", "volunteer": "v-he", "max_day": 140}},
}


@pytest.mark.parametrize("rule", LIES)
def test_a_plan_that_lies_about_itself_fails_the_full_check(rule: str) -> None:
    _, made = example()
    if rule in {"reason", "fix"}:
        made["unserved"][0] |= LIES[rule]
    else:
        made |= LIES[rule]
    of = read_week(EXAMPLE_WEEK)
    plan = read_plan(made, of)
    verdict = check(of, plan)
    assert verdict.ok
    assert [breach.rule for breach in audit(of, plan, verdict)] == [rule]


def test_another_split_of_the_same_change_is_as_good() -> None:
    of = read_week(bare(volunteers=[volunteer(windows=[[0, 480, 515]])]))
    for window, said in ([0, 475, 515], []), ([0, 480, 520], []), ([0, 480, 525], ["fix"]), ([0, 480, 516], ["fix"]):
        fix = {"change": "volunteer.window", "volunteer": "v1", "index": 0, "window": window}
        one = {"visit": "x1", "reason": "no_window", "who": [], "zh": "-", "en": "-", "fix": fix}
        plan = read_plan(draft() | {"status": "feasible", "unserved": [one], "bound": {"served_weight": 1}}, of)
        verdict = check(of, plan)
        plan = replace(plan, score=verdict.score)
        assert [breach.rule for breach in audit(of, plan, verdict)] == said


def test_a_missing_fix_is_told() -> None:
    _, made = example()
    made["unserved"][0]["fix"] = None
    of = read_week(EXAMPLE_WEEK)
    plan = read_plan(made, of)
    assert [breach.rule for breach in audit(of, plan, check(of, plan))] == ["fix"]


@pytest.mark.parametrize("seed", [1, 4])
def test_solved_random_weeks_pass_the_full_check(tmp_path: Path, seed: int) -> None:
    of = replace(random_week(seed), pins=())
    path, out = saved(tmp_path, "week.json", week_to_json(of)), tmp_path / "plan.json"
    run("solve", path, "-o", out, "--seconds", "3", "--workers", "1")
    run("check", path, out, "--full")
    assert plan_to_json(read_plan(out, of)) == out.read_text()


def test_a_hand_made_draft_is_judged(tmp_path: Path) -> None:
    path = saved(tmp_path, "week.json", bare())
    run("check", path, saved(tmp_path, "plan.json", draft(route("v1", at("x1", 500)))))
