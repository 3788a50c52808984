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
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from timebank import children, clock
from timebank.db import db, forget_reads, transaction
from timebank.errors import Refusal
from timebank.planning import roads
from timebank.planning.actions import runs, tries
from timebank.planning.models import PLANNING, PlanRun, RunKind
from timebank.web import settings

ADDRESS_SPACE = 4 * 1024**3
RESIDENT = 1024**3
START_SECONDS = 180
"""So long a child may take to its first plan: the first one on a machine compiles the engine."""
GRACE_SECONDS = 60
TICK_SECONDS = 0.5
BEAT = timedelta(seconds=5)
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
    beside: dict[str, Any] | None = None
    """The plan that advice is about, or the week as it is that a what-if is held against."""


def run(run_id: int, tell: Tell = lambda _news: None) -> None:
    """Run the engine for a queued run and store what it found; ``tell`` hears its progress, a fault is written on the run."""
    _ask_for_roads(run_id)
    with transaction():
        started = runs.start_run(run_id)
        job = started and _job(started)
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


def _ask_for_roads(run_id: int) -> None:
    """Bring the minutes by road that a run's week wants, where a service is set; one that does not answer holds no plan up."""
    address = settings().roads_url
    if not address:
        return
    asked = runs.unknown_points(run_id)
    forget_reads()
    if asked is None:
        return
    try:
        found = roads.brought(address, *asked)
    except roads.NoAnswer as error:
        log.warning("no minutes by road: %s", error)
        found = asked[0]
    with transaction():
        runs.keep_roads(run_id, found)


def _fail(run_id: int, fault: str) -> None:
    """Write a fault on a run."""
    with transaction():
        runs.fail_run(db.session.get_one(PlanRun, run_id), fault)


def _job(run: PlanRun) -> Job:
    """Return what the child is started with for a run."""
    week, beside = (runs.run_week(run), None) if run.kind in PLANNING else tries.given(run)
    return Job(run.id, run.kind, run.seconds, run.seed, week, beside)


def _solve(job: Job, tell: Tell) -> dict[str, Any]:
    """Run the child and return the plan it wrote, or what it was asked instead."""
    with tempfile.TemporaryDirectory(prefix="timebank-") as name:
        folder = Path(name)
        if job.kind is RunKind.ADVISE:
            return _advised(job, tell, folder)
        if job.beside is None:
            return _planned(job, tell, folder)
        half = replace(job, seconds=max(1, job.seconds // 2))
        then, now = _planned(half, tell, folder), _planned(replace(half, week=job.beside), tell, folder)
        return tries.compared((job.beside, now), (job.week, then))


def _planned(job: Job, tell: Tell, folder: Path) -> dict[str, Any]:
    """Let the child plan the week of a job."""
    plan = folder / "plan.json"
    plan.unlink(missing_ok=True)
    command = "replan" if job.kind is RunKind.REPLAN else "solve"
    args = ["-o", str(plan), "--seconds", str(job.seconds), "--workers", "2", "--seed", str(job.seed), "--progress"]
    _run_child([command, _written(folder, "week", job.week), *args], job, tell, folder)
    if not plan.exists():
        message = "the engine ended without a plan"
        raise RuntimeError(message)
    found: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
    return found


def _advised(job: Job, tell: Tell, folder: Path) -> dict[str, Any]:
    """Let the child say whom to recruit; it tells of no progress, only the answer."""
    said = folder / "advice.json"
    args = ["advise", _written(folder, "week", job.week), _written(folder, "plan", job.beside), "--seconds", str(job.seconds)]
    _run_child(args, job, tell, folder, said)
    return {"posts": json.loads(said.read_text(encoding="utf-8"))}


def _written(folder: Path, name: str, document: dict[str, Any] | None) -> str:
    """Write one of the engine's files and return its path."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return str(path)


def _run_child(args: list[str], job: Job, tell: Tell, folder: Path, answer: Path | None = None) -> None:
    """Run the engine to its end: its lines are progress, or go into ``answer``."""
    said = folder / "said.txt"
    with said.open("w", encoding="utf-8") as errors, (answer or folder / "lines.txt").open("w", encoding="utf-8") as lines:
        child = subprocess.Popen(  # noqa: S603 - our own module with our own arguments
            children.command("matching", *args),
            stdout=lines if answer else subprocess.PIPE,
            stderr=errors,
            text=True,
            env=children.environment(OPENBLAS_NUM_THREADS="1"),
            preexec_fn=_begin_child if os.name == "posix" else None,  # noqa: PLW1509 - only sets a limit and a signal
        )
        with child:
            _watch(child, job, tell)
    if child.returncode != 0:
        message = f"the engine ended with {child.returncode}: {said.read_text(encoding='utf-8')[-300:]}"
        raise RuntimeError(message)


def _begin_child() -> None:
    """Bound the child's address space, and let it end with us."""
    import resource

    children.die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def _watch(child: "subprocess.Popen[str]", job: Job, tell: Tell) -> None:
    """Store progress as it comes, pass on a wish to stop, end a child that overstays or grows too large."""
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(child.stdout, lines), daemon=True)
    reader.start()
    deadline = time.monotonic() + START_SECONDS + (job.seconds if child.stdout is None else 0)
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
    """Store progress and the heartbeat on the run, which beats without news as well; say whether somebody asked to stop."""
    forget_reads()
    run = db.session.get_one(PlanRun, run_id)
    if not news and run.heartbeat is not None and clock.now() - run.heartbeat < BEAT:
        return run.stop_asked
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
