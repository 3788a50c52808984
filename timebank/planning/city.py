"""Every community of a city planned for a week: some side by side, each by an engine of its own, and what came of it in one table."""

import os
import time
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

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
    """What came of one community's week; ``fault`` says why there is no plan."""

    community: str
    served: int = 0
    needed: int = 0
    status: str = "-"
    seconds: float = 0.0
    fault: str = ""

    @property
    def line(self) -> str:
        """Its line of the table."""
        share = f"{self.served:>6}/{self.needed:<6}"
        return f"{_padded(self.community)} {share} {self.status:<10} {self.seconds:>7.1f} s  {self.fault}".rstrip()


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
    return Planned(name, done.result["score"]["served"], done.needed, done.result["status"], took)


def total(planned: Sequence[Planned], seconds: float) -> str:
    """Return the last line of the table: all communities together, and how long the whole took."""
    served, needed = sum(each.served for each in planned), sum(each.needed for each in planned)
    return Planned(f"{len(planned)} 个社区 / communities", served, needed, seconds=seconds).line


def _padded(name: str) -> str:
    """Return a name as wide as a column; a Chinese sign is as wide as two letters."""
    width = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in name)
    return name + " " * max(0, NAME_WIDTH - width)
