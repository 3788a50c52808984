"""What a child costs is what it and its children used, and none outlives its time."""

from tests.benchmarks.measure import run

BURN = "import time; block = bytearray(60 * 2**20)\nwhile time.process_time() < {seconds}: pass"
BOTH = f"""
import subprocess, sys
block = bytearray(60 * 2**20)
subprocess.run([sys.executable, "-c", {BURN.format(seconds=0.8)!r}], check=True)
"""


def test_time_and_memory_count_the_children_too() -> None:
    ran = run(["-c", BOTH], limit=60)
    assert ran.code == 0
    assert ran.cpu >= 0.8
    assert ran.rss_mib > 120


def test_a_child_that_does_not_end_is_ended() -> None:
    ran = run(["-c", BURN.format(seconds=3_600)], limit=1)
    assert ran.code == -9
    assert ran.wall < 60


def test_each_line_has_its_moment_and_the_last_word_is_kept() -> None:
    ran = run(["-c", 'import sys; print(\'{"phase": "done"}\'); print("plain"); sys.exit("no such week")'], limit=60)
    ((at, event),) = ran.events()
    assert event == {"phase": "done"}
    assert 0 < at <= ran.wall
    assert (ran.code, ran.said) == (1, "no such week")


def test_one_core_is_one_core() -> None:
    ran = run(["-c", "import os; print(len(os.sched_getaffinity(0)))"], limit=60, one_core=True)
    assert ran.lines[0][1] == "1"
