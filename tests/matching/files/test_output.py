"""Where a plan is written: a whole new file where a file stands or nothing, and through whatever else has the name."""

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.files import plan_to_json, read_plan, read_week
from matching.files.output import write
from matching.files.values import BadFile
from tests.matching.weeks import EXAMPLE_PLAN, EXAMPLE_WEEK

SOLVE = [sys.executable, "-m", "matching", "solve", os.fspath(EXAMPLE_WEEK), "--iterations", "5", "--workers", "1", "-o"]
ROOT = EXAMPLE_WEEK.parents[2]


@pytest.fixture
def plan() -> str:
    return plan_to_json(read_plan(EXAMPLE_PLAN, read_week(EXAMPLE_WEEK)))


@pytest.fixture
def umask() -> Iterator[int]:
    """Give a mask nobody else would think of, set back afterwards."""
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def solve(output: str | Path, expect: int = 0, **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*SOLVE, os.fspath(output)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **options)
    assert done.returncode == expect, done.stderr
    return done


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_keeps_to_the_umask(tmp_path: Path, plan: str, umask: int) -> None:
    out = tmp_path / "plan.json"
    write(out, plan)
    assert out.read_text() == plan
    assert mode(out) == 0o666 & ~umask


def test_a_file_that_is_replaced_keeps_who_may_read_it(tmp_path: Path, plan: str) -> None:
    out = tmp_path / "plan.json"
    out.write_text("old")
    out.chmod(0o600)
    before = out.stat().st_ino
    write(out, plan)
    assert mode(out) == 0o600
    assert out.stat().st_ino != before  # a whole new file in its place
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_symlink_stays_and_its_target_is_written(tmp_path: Path, plan: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "plan.json", tmp_path / "link.json"
    link.symlink_to(target)
    for _ in range(2):  # first there is no such target, then there is
        write(link, plan)
        assert link.is_symlink()
        assert target.read_text() == plan


def test_a_file_with_a_second_name_keeps_it(tmp_path: Path, plan: str) -> None:
    out, other = tmp_path / "plan.json", tmp_path / "other.json"
    out.write_text("old and longer than nothing")
    other.hardlink_to(out)
    write(out, plan)
    assert other.read_text() == plan


def test_a_pipe_stays_a_pipe_and_carries_the_plan(tmp_path: Path, plan: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write(pipe, plan)
    reader.join(10)
    assert got == [plan]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def a_device(folder: Path) -> Path:
    """Return a device that may be lost: root, who could replace the machine's own, makes another one."""
    if os.geteuid() != 0:
        return Path(os.devnull)
    os.mknod(folder / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    return folder / "null"


def test_a_device_stays_a_device(tmp_path: Path, plan: str) -> None:
    null = a_device(tmp_path)
    write(null, plan)
    assert stat.S_ISCHR(null.lstat().st_mode)
    solve(null)
    assert stat.S_ISCHR(null.lstat().st_mode)


def test_the_plan_can_go_to_standard_output() -> None:
    done = solve("/dev/stdout")
    assert json.loads(done.stdout)["status"]
    assert done.stderr == ""


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = solve("/dev/full", expect=2)
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("/dev/full: cannot be written")


def test_a_folder_that_is_not_there_or_may_not_be_written_into_is_said_before_planning(tmp_path: Path) -> None:
    assert "cannot be written" in solve(tmp_path / "none" / "plan.json", expect=2).stderr
    tmp_path.chmod(0o500)
    if os.geteuid() != 0:  # root may write anywhere
        assert "cannot be written" in solve(tmp_path / "plan.json", expect=2).stderr


def test_a_plan_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path: Path, plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "plan.json"
    out.write_text("old")

    def no(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no)
    with pytest.raises(BadFile, match="cannot be written"):
        write(out, plan)
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]
