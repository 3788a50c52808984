"""Another process: it proves the ceiling, then searches beside the first one with its own random numbers unless two hands do."""

import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from typing import Any

from matching.proof.ceiling import can_prove, prove, trivial
from matching.proof.proved import Ceiling
from matching.search.improve import Search
from matching.search.loading import Stops, restore
from matching.search.problem import Problem, compile_week
from matching.search.state import empty_state
from matching.stopwatch import Stopwatch

PROOF_SHARE = 0.9
BIG_SHARE = 0.25
"""In a big week a proof closes no more than a part of the gap: most of the machine is left to the search."""
SEED_STEP = 1_000_003


class Helper:
    """The other process, seen from the first."""

    def __init__(self, problem: Problem, plan: Stops, *, seed: int, seconds: float, pins: int = 0, searches: bool = True) -> None:
        # A forked child has the compiled week at once; where there is no fork it compiles its own.
        forks = sys.platform == "linux"
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        self.pipe, theirs = context.Pipe()
        self.ceiling = Ceiling(trivial(problem))
        given = problem if forks else problem.week
        self.process = context.Process(target=_work, args=(given, theirs, plan, pins, seed + SEED_STEP, seconds, searches), daemon=True)
        self.process.start()
        theirs.close()
        self.gone = False

    def hear(self, search: Search) -> Ceiling:
        """Take in what has been sent; return the ceiling proved so far."""
        try:
            while not self.gone and self.pipe.poll():
                kind, content = self.pipe.recv()
                if kind in {"ceiling", "proved"}:
                    self.ceiling = content
                if kind == "proved":
                    self.pipe.send(search.best_plan())
                elif kind == "plan" and content[0] < search.best:
                    search.adopt(content[1])
                elif kind == "end":
                    self.gone = True
        except (EOFError, OSError):
            self.gone = True
        return self.ceiling

    def close(self, search: Search, *, wait: float) -> Ceiling:
        """Wait a moment for the last plan, then end the process."""
        until = time.monotonic() + wait
        while not self.gone and time.monotonic() < until:
            try:
                self.pipe.poll(0.05)
            except OSError:
                break
            self.hear(search)
        if self.process.is_alive():
            self.process.terminate()
        self.process.join()
        self.pipe.close()
        return self.ceiling


def _work(given: Any, pipe: Connection, plan: Stops, pins: int, seed: int, seconds: float, searches: bool) -> None:  # noqa: ANN401, FBT001
    """Run in the other process: prove, send, search, send; end when the time or the first process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watch, parent = Stopwatch(), os.getppid()
    problem = given if isinstance(given, Problem) else compile_week(given)
    try:
        ceiling = prove(
            problem,
            seconds=seconds * (PROOF_SHARE if can_prove(problem) else BIG_SHARE),
            pins=pins,
            stop=lambda: os.getppid() != parent,
            told=lambda ceiling: pipe.send(("ceiling", ceiling)),
        )
        if not searches:
            pipe.send(("ceiling", ceiling))
            pipe.send(("end", None))
            return
        pipe.send(("proved", ceiling))
        state = empty_state(problem, seed)
        restore(problem, state, pipe.recv() if pipe.poll(1.0) else plan)
        search = Search(problem, state, seed=seed)
        sent = search.best

        def heat(_done: int) -> float | None:
            nonlocal sent
            if os.getppid() != parent:
                return None
            if search.best < sent:
                sent = search.best
                pipe.send(("plan", (search.best, search.best_plan())))
            left = 1 - watch.elapsed() / seconds
            return None if left <= 0 else left

        search.run(heat)
        pipe.send(("plan", (search.best, search.best_plan())))
        pipe.send(("end", None))
    except (EOFError, OSError):
        return
