"""The events that re-planning is measured with are weeks the engine takes, and change what they say and nothing else."""

import json
from functools import cache
from pathlib import Path
from random import Random

import pytest

from matching.files import read_week, week_to_json
from matching.model import Plan, VisitStop, Week
from matching.solve import solve
from tests.benchmarks import replans
from tests.benchmarks.generate import generate
from tests.benchmarks.store import Store


@cache
def planned() -> tuple[Week, Plan]:
    of = read_week(generate("T", 1))
    return of, solve(of, seconds=9, iterations=2_000, workers=1)


def after(event: str) -> Week:
    of, plan = planned()
    return replans.EVENTS[event](Random(7), of, plan)


@pytest.mark.parametrize("event", replans.EVENTS)
def test_every_event_leaves_a_week_that_can_be_written_and_read(event: str) -> None:
    changed = after(event)
    assert read_week(json.loads(week_to_json(changed))) == changed
    assert changed != planned()[0]


def gone(changed: Week) -> set[tuple[str, int]]:
    before = {(one.id, at): window for one in planned()[0].volunteers for at, window in enumerate(one.windows)}
    now = {(one.id, at): window for one in changed.volunteers for at, window in enumerate(one.windows)}
    return {key for key, window in before.items() if now[key] != window}


def test_a_window_is_gone_or_ten_or_all_that_somebody_had_work_in() -> None:
    used = {(route.volunteer, route.window) for route in planned()[1].routes}
    assert len(gone(after("a window gone"))) == 1
    assert len(gone(after("ten windows at once"))) == 10
    ill = gone(after("out for the week"))
    assert ill == {key for key in used if key[0] == next(iter(ill))[0]}


def test_at_wednesday_noon_what_is_done_is_gone_and_counts_as_used() -> None:
    of, plan = planned()
    changed = after("Wednesday noon")
    days = {(one.id, at): window.day for one in of.volunteers for at, window in enumerate(one.windows)}
    done = {
        stop.visit
        for route in plan.routes
        for stop in route.stops
        if isinstance(stop, VisitStop) and (days[route.volunteer, route.window], stop.start) < replans.NOON
    }
    assert done
    assert not done & {one.id for one in changed.visits}
    assert all(day >= 2 for one in changed.visits for day in one.days)
    minutes = {one.id: one.minutes * one.crew for one in of.visits}
    assert sum(spent for one in changed.volunteers for _, spent in one.used) == sum(minutes[name] for name in done)


def test_the_table_counts_what_was_placed_again_over_all_runs_of_an_event(tmp_path: Path) -> None:
    store = Store(tmp_path)
    row = {"table": "replans", "size": "M", "event": "a window gone", "date": "2026-11-25", "machine": "a machine"}
    figures = {"refused": "", "gone": 0, "others": 1, "mended": 0.1, "loaded": 0.4, "wall": 1.0}
    store.add({**row, **figures, "trial": 0, "lost": 3, "placed": 3})
    store.add({**row, **figures, "trial": 1, "lost": 1, "placed": 0, "others": 4, "refused": "hot: too late"})
    assert "| M | a window gone | 2 | 1 | 4 | 75.0 % | 0 | 2.50 | 4 | 0.10 | 0.10 | 1.00 | 1.00 |" in replans.table(store)


def test_what_an_event_takes_and_a_visit_that_is_new_are_lost_and_nothing_else() -> None:
    of, plan = planned()
    lost = replans.lost_visits(after("a new visit"), plan)
    assert lost == {"new"}
    (window,) = gone(changed := after("a window gone"))
    route = next(one for one in plan.routes if (one.volunteer, one.window) == window)
    assert replans.lost_visits(changed, plan) == {stop.visit for stop in route.stops if isinstance(stop, VisitStop)}
    assert replans.lost_visits(of, plan) == set()
