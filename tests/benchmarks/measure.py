"""Runs one command as a child process and says what it cost: wall and CPU seconds, memory, and when each line came."""

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOOK_SECONDS = 0.2
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one child did: `lines` are (wall seconds since the start, text); CPU counts every process it waited for."""

    code: int
    lines: list[tuple[float, str]]
    said: str
    wall: float
    cpu: float
    rss_mib: float

    def events(self) -> list[tuple[float, dict[str, Any]]]:
        """Give the progress lines, each with its moment."""
        return [(at, json.loads(text)) for at, text in self.lines if text.startswith("{")]


class Watch(threading.Thread):
    """Samples the resident memory of a process and its children together, and ends them when their time is over."""

    def __init__(self, pid: int, limit: float) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.ends = time.monotonic() + limit
        self.peak = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        """Look until told that it is over."""
        while not self.over.wait(LOOK_SECONDS):
            self.peak = max(self.peak, sum(map(_resident, _family(self.pid))) / MIB)
            if time.monotonic() > self.ends:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                return


def run(command: Sequence[str], *, limit: float, one_core: bool = False, surroundings: Mapping[str, str] | None = None) -> Run:
    """Run `python COMMAND...` from the repository's root; after `limit` wall seconds it is ended by force."""
    core = {min(os.sched_getaffinity(0))} if one_core else None
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        began = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(surroundings or {})},
            start_new_session=True,
            preexec_fn=(lambda: os.sched_setaffinity(0, core)) if core else None,  # noqa: PLW1509  one thread until here
        )
        watch = Watch(child.pid, limit)
        watch.start()
        with child.stdout as output:  # type: ignore[union-attr]
            lines = [(round(time.monotonic() - began, 2), line.rstrip()) for line in output]
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        watch.over.set()
        watch.join()
        errors.seek(0)
        said = errors.read().strip()
    return Run(
        code=child.returncode,
        lines=lines,
        said=said.splitlines()[-1] if said else "",
        wall=round(wall, 2),
        cpu=round(used.ru_utime + used.ru_stime, 2),
        rss_mib=round(max(watch.peak, used.ru_maxrss / 1024), 1),
    )


def _family(pid: int) -> list[int]:
    found, new = [pid], [pid]
    while new:
        new = [child for one in new for child in _children(one)]
        found += new
    return found


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]
    except OSError:  # gone meanwhile
        return []


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def machine() -> str:
    """Say on what kind of machine the figures were measured."""
    models = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    return f"{models[0] if models else platform.machine()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def stamp() -> dict[str, str]:
    """Give what every row says of its making: the day and the machine."""
    return {"date": datetime.now(UTC).date().isoformat(), "machine": machine()}
