"""A run whose process dies: its engine dies with it, and the next start takes the run up at once instead of after two minutes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import MONDAY
from tests.planning.street import Street
from timebank import children
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind, RunState
from timebank.queue import jobs
from timebank.serving import begin

A_PARENT = """
import subprocess, sys, time
from timebank.planning.runner import _begin_child
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], preexec_fn=_begin_child)
print(child.pid, flush=True)
time.sleep(60)
"""


def is_alive(number: int) -> bool:
    """Say whether a process lives and has not only not been buried."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def dead_process() -> str:
    """Return the name of a process of this machine that has ended."""
    code = "from timebank.children import name_of_this_process as name; print(name())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def run_of(street: Street, runner_name: str) -> int:
    """Return a run that a process has begun."""
    with transaction():
        plan = weeks.open_week(street.community, MONDAY)
        run = runs.queue_run(plan, RunKind.SOLVE, 5, seed=7, send=False)
        started = runs.start_run(run.id)
        assert started is not None
        assert not children.is_gone(started.runner)
        started.runner = runner_name
        return run.id


def all_runs() -> list[PlanRun]:
    forget_reads()
    return list(db.session.scalars(select(PlanRun).order_by(PlanRun.id)))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own bond is Linux's")
def test_the_engine_dies_with_whoever_started_it() -> None:
    with subprocess.Popen([sys.executable, "-c", A_PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        end = time.monotonic() + 5
        while is_alive(child) and time.monotonic() < end:
            time.sleep(0.01)
        assert not is_alive(child)


def test_a_start_marks_a_lost_run_at_once_and_makes_it_again(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning is not blocked until a heartbeat is missed; the second run asks for the same."""
    number = run_of(street, dead_process())
    monkeypatch.setitem(jobs.tasks, runs.TASK, lambda _number: None)
    begin(street.app)
    lost, again = all_runs()
    assert (lost.id, lost.state, lost.fault) == (number, RunState.FAILED, runs.LOST_WITH_ITS_PROCESS)
    assert (again.kind, again.seconds, again.seed) == (lost.kind, 5, 7)
    assert again.state is RunState.QUEUED
    assert (
        db.session.scalars(select(AuditRow.verb).where(AuditRow.subject_id == str(number), AuditRow.subject == "plan_run")).all()[-1]
        == "fail_run"
    )


def test_a_run_that_is_lost_twice_is_left_to_people(street: Street) -> None:
    """What ends its process every time does not do so for ever."""
    run_of(street, dead_process())
    with transaction():
        (again,) = runs.take_up_lost()
        started = runs.start_run(again.id)
        assert started is not None
        started.runner = dead_process()
    with transaction():
        assert runs.take_up_lost() == []
    assert [each.state for each in all_runs()] == [RunState.FAILED, RunState.FAILED]


@pytest.mark.parametrize("name", ["", "another-machine:17:4711", "living"])
def test_a_run_of_a_living_process_or_of_another_machine_goes_on(street: Street, name: str) -> None:
    run_of(street, children.name_of_this_process() if name == "living" else name)
    with transaction():
        assert runs.take_up_lost() == []
    assert [each.state for each in all_runs()] == [RunState.RUNNING]
