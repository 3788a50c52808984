"""A planner that is told to end at any moment: the plan on disk is whole and clean, or there is none; no process stays behind."""

import json
import random
import signal
import subprocess
from pathlib import Path

import pytest

from matching.files import plan_to_json, read_plan, read_week
from matching.referee.check import check
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.second_referee import judge
from tests.matching.test_commands import MATCHING, ROOT, saved
from tests.matching.weeks import Json

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
RUNS = {"solve": 0.8, "replan": 0.05}  # seconds within which the signal comes; planning again is over soon
ENDING = 120.0
"""Seconds after which nobody is still ending but has hung."""


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A week that keeps two workers busy, and the same planned, with a third of its volunteers away."""
    folder, busy = tmp_path_factory.mktemp("weeks"), generate("T", 1)
    of = read_week(busy)
    plan = json.loads(plan_to_json(solve(of, seconds=10, iterations=50, workers=1)))
    away = [one | {"windows": [[day, start, start] for day, start, _ in one["windows"]]} for one in busy["volunteers"][::3]]
    ill = {one["id"]: one for one in away}
    changed = busy | {"baseline": plan, "volunteers": [ill.get(one["id"], one) for one in busy["volunteers"]]}
    return {"solve": saved(folder, "solve.json", busy), "replan": saved(folder, "replan.json", changed)}


def started(command: str, week: Path, out: Path) -> subprocess.Popen[str]:
    words = [*MATCHING, command, week, "-o", out, "--seconds", "30", "--progress", "--workers", "2"]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def let_run(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def ended(process: subprocess.Popen[str]) -> str:
    """All it still had to say. The pipe closes when the last worker that holds it is gone, so nobody is left behind."""
    said, _ = process.communicate(timeout=ENDING)
    assert [path for path in Path("/proc").glob("[0-9]*/stat") if session(path) == process.pid] == []
    return said


def session(stat: Path) -> int:
    try:
        state, _, _, number = stat.read_text().rpartition(")")[2].split()[:4]
    except (OSError, ValueError):  # it ended while we looked
        return 0
    return 0 if state == "Z" else int(number)


def clean(week: Path, out: Path) -> None:
    content: Json = json.loads(week.read_text())
    of = read_week(content)
    made = read_plan(out, of)
    verdict = check(of, made)
    assert verdict.ok, verdict.breaches
    assert verdict.score == made.score
    assert judge(content, json.loads(out.read_text())).broken == set()


def interrupted_after_the_first_line(command: str, week: Path, folder: Path, dice: random.Random) -> None:
    out = folder / "plan.json"
    with started(command, week, out) as process:
        assert process.stdout.readline()
        let_run(process, dice.uniform(0, RUNS[command]))
        process.send_signal(dice.choice(SIGNALS))
        if dice.random() < 0.3:
            process.send_signal(dice.choice(SIGNALS))
        ended(process)
    assert process.returncode == 0
    clean(week, out)
    assert [path.name for path in folder.iterdir()] == ["plan.json"]


def interrupted_before_it(command: str, week: Path, folder: Path, dice: random.Random) -> None:
    out, number = folder / "plan.json", dice.choice(SIGNALS)
    with started(command, week, out) as process:
        let_run(process, dice.uniform(0, 1))
        process.send_signal(number)
        said = ended(process)
    if said:  # the first line was quicker: then a plan is owed
        assert process.returncode == 0
        clean(week, out)
        return
    # While Python itself still starts nobody hears: then the signal ends it, which a shell shows as the same number.
    assert process.returncode in {128 + number, -number}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("command", "moment"), [*(("solve", number) for number in range(6)), *(("replan", number) for number in range(3))])
def test_a_signal_at_any_moment_after_the_first_line_leaves_a_clean_plan(
    weeks: dict[str, Path], tmp_path: Path, command: str, moment: int
) -> None:
    interrupted_after_the_first_line(command, weeks[command], tmp_path, random.Random(moment))


@pytest.mark.parametrize(("command", "moment"), [("solve", 1), ("solve", 2), ("replan", 3)])
def test_a_signal_before_the_first_line_leaves_nothing(weeks: dict[str, Path], tmp_path: Path, command: str, moment: int) -> None:
    interrupted_before_it(command, weeks[command], tmp_path, random.Random(moment))


@pytest.mark.long
@pytest.mark.parametrize("moment", range(200))
def test_two_hundred_signals_leave_clean_plans_or_nothing(weeks: dict[str, Path], tmp_path: Path, moment: int) -> None:
    dice, command = random.Random(1_000 + moment), "replan" if moment % 4 == 0 else "solve"
    (interrupted_before_it if moment % 5 == 0 else interrupted_after_the_first_line)(command, weeks[command], tmp_path, dice)
