"""Every community of a city planned for a week: some side by side, each by an engine of its own, and what came of it in one table."""

import os
import time
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from flask import Flask

from timebank.db import db, transaction
from timebank.errors import Refusal
from timebank.places import queries as places
from timebank.planning import runner
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind

NAME_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of one community's week; ``fault`` says why there is no plan.

    ``weight`` is what is served by weight, ``bound`` what no plan of the week can exceed.
    """

    community: str
    served: int = 0
    needed: int = 0
    status: str = "-"
    seconds: float = 0.0
    fault: str = ""
    weight: int = 0
    bound: int = 0

    @property
    def gap(self) -> float:
        """How far from the best possible it may be at most, in percent of what can be served."""
        return 100 * (self.bound - self.weight) / self.bound if self.bound else 0.0

    @property
    def line(self) -> str:
        """Its line of the table."""
        share = f"{self.served:>6}/{self.needed:<6}"
        gap = f"≤ {self.gap:.2f} %" if self.bound else ""
        return f"{_padded(self.community)} {share} {self.status:<10} {gap:>8} {self.seconds:>7.1f} s  {self.fault}".rstrip()


def side_by_side() -> int:
    """Return how many engines a machine bears at once: each has two hands."""
    return max(1, (os.cpu_count() or 1) // 2)


def plan_all(app: Flask, monday: date, seconds: int, *, at_once: int, tell: Callable[[Planned], None]) -> list[Planned]:
    """Plan a week of every community; a community without a plan holds up no other one. ``tell`` hears each as it is done."""
    with app.app_context():
        communities = [(each.id, each.name) for each in places.communities()]

    def plan(community: tuple[int, str]) -> Planned:
        number, name = community
        with app.app_context():
            found = _plan(number, name, monday, seconds)
        tell(found)
        return found

    with ThreadPoolExecutor(at_once) as hands:
        return list(hands.map(plan, communities))


def _plan(community_id: int, name: str, monday: date, seconds: int) -> Planned:
    """Plan a week of one community."""
    begun = time.monotonic()
    try:
        with transaction():
            run_id = runs.queue_run(weeks.open_week(community_id, monday), RunKind.SOLVE, seconds, send=False).id
    except Refusal as refusal:
        return Planned(name, fault=refusal.zh)
    runner.run(run_id)
    done = db.session.get_one(PlanRun, run_id)
    took = time.monotonic() - begun
    if done.result is None:
        return Planned(name, needed=done.needed, seconds=took, fault=done.fault)
    score, bound = done.result["score"], done.result["bound"]["served_weight"]
    return Planned(name, score["served"], done.needed, done.result["status"], took, weight=score["served_weight"], bound=bound)


def total(planned: Sequence[Planned], seconds: float) -> str:
    """Return the last line of the table: all communities together, and how long the whole took."""
    served, needed, weight, bound = (sum(map(attrgetter(name), planned)) for name in ("served", "needed", "weight", "bound"))
    return Planned(f"{len(planned)} 个社区 / communities", served, needed, seconds=seconds, weight=weight, bound=bound).line


def _padded(name: str) -> str:
    """Return a name as wide as a column; a Chinese sign is as wide as two letters."""
    width = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in name)
    return name + " " * max(0, NAME_WIDTH - width)
