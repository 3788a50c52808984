"""The engine as a child process: given the week as a file, watched while it works, its best plan stored.

The web process never loads OR-Tools. The child has a deadline and a ceiling of memory; its progress lines are stored on
the run, from which pages read them. A run whose heartbeat stops is lost and may be started again.
"""

import json
import logging
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from timebank import children, clock
from timebank.db import db, forget_reads, transaction
from timebank.errors import Refusal
from timebank.planning.actions import runs
from timebank.planning.models import PlanRun, RunKind

ADDRESS_SPACE = 4 * 1024**3
RESIDENT = 1024**3
START_SECONDS = 180
"""So long a child may take to its first plan: the first one on a machine compiles the engine."""
GRACE_SECONDS = 60
TICK_SECONDS = 0.5
KEPT_LINES = 400

log = logging.getLogger(__name__)

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What the child is started with."""

    run_id: int
    kind: RunKind
    seconds: int
    seed: int
    week: dict[str, Any]


def run(run_id: int, tell: Tell = lambda _news: None) -> None:
    """Run the engine for a queued run and store what it found; ``tell`` hears its progress, a fault is written on the run."""
    with transaction():
        started = runs.start_run(run_id)
        job = started and Job(run_id, started.kind, started.seconds, started.seed, runs.run_week(started))
    if not job:
        return
    try:
        found = _solve(job, tell)
    except (OSError, RuntimeError, ValueError) as error:
        log.exception("run %s failed", run_id)
        _fail(run_id, f"{type(error).__name__}: {error}")
        return
    try:
        with transaction():
            runs.record(db.session.get_one(PlanRun, run_id), found)
    except Refusal as refusal:
        _fail(run_id, refusal.en)


def _fail(run_id: int, fault: str) -> None:
    """Write a fault on a run."""
    with transaction():
        runs.fail_run(db.session.get_one(PlanRun, run_id), fault)


def _solve(job: Job, tell: Tell) -> dict[str, Any]:
    """Run the child and return the plan it wrote."""
    with tempfile.TemporaryDirectory(prefix="timebank-") as folder:
        week, plan = Path(folder, "week.json"), Path(folder, "plan.json")
        week.write_text(json.dumps(job.week, ensure_ascii=False), encoding="utf-8")
        command = "replan" if job.kind is RunKind.REPLAN else "solve"
        args = [command, str(week), "-o", str(plan), "--seconds", str(job.seconds), "--workers", "2", "--seed", str(job.seed), "--progress"]
        said = Path(folder, "said.txt")
        with said.open("w", encoding="utf-8") as errors:
            child = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
                children.command("matching", *args),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=children.environment(OPENBLAS_NUM_THREADS="1"),
                preexec_fn=_limit_memory if os.name == "posix" else None,  # noqa: PLW1509 - only sets a limit
            )
            with child:
                _watch(child, job, tell)
        if child.returncode != 0 or not plan.exists():
            message = f"the engine ended with {child.returncode}: {said.read_text(encoding='utf-8')[-300:]}"
            raise RuntimeError(message)
        found: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
        return found


def _limit_memory() -> None:
    """Bound the child's address space."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def _watch(child: "subprocess.Popen[str]", job: Job, tell: Tell) -> None:
    """Store progress as it comes, pass on a wish to stop, end a child that overstays or grows too large."""
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(child.stdout, lines), daemon=True)
    reader.start()
    deadline = time.monotonic() + START_SECONDS
    begun = stopped = False
    while child.poll() is None:
        news = list(_drain(lines))
        stop = _note(job.run_id, news)
        if news and not begun:
            begun, deadline = True, time.monotonic() + job.seconds + GRACE_SECONDS
        for each in news:
            tell(each)
        if stop and begun and not stopped:  # before its first plan the engine has nothing to keep
            stopped = True
            child.send_signal(signal.SIGTERM)
        if time.monotonic() > deadline or _resident(child.pid) > RESIDENT:
            child.kill()
    reader.join(timeout=GRACE_SECONDS)
    _note(job.run_id, list(_drain(lines, wait=False)))


def _read(source: IO[str] | None, into: "queue.Queue[str]") -> None:
    """Put the child's lines where they can be waited for."""
    for line in source or ():
        into.put(line)


def _drain(lines: "queue.Queue[str]", *, wait: bool = True) -> Iterator[dict[str, Any]]:
    """Yield the progress lines that have come, waiting a moment for the first."""
    try:
        line = lines.get(timeout=TICK_SECONDS) if wait else lines.get_nowait()
        while True:
            if line.startswith("{"):
                yield json.loads(line)
            line = lines.get_nowait()
    except queue.Empty:
        return


def _note(run_id: int, news: list[dict[str, Any]]) -> bool:
    """Store progress and the heartbeat on the run; say whether somebody asked to stop."""
    if not news:
        forget_reads()
        return db.session.get_one(PlanRun, run_id).stop_asked
    with transaction():
        row = db.session.get_one(PlanRun, run_id)
        row.heartbeat = clock.now()
        row.progress = [*row.progress, *news][-KEPT_LINES:]
        return row.stop_asked


def _resident(pid: int) -> int:
    """Return a process's resident memory in bytes, 0 where that cannot be read."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
