"""Runs: how far one is, stopping it, what was edited meanwhile, its end told to the page."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import MONDAY
from tests.planning.street import Street
from timebank import clock
from timebank.db import db, forget_reads, transaction
from timebank.planning import runner
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind, RunState

WEEK = "2026-W48"
PROGRESS = [
    {"phase": "construct", "seconds": 0.4, "served_weight": 6, "cost": 10.0, "bound": 10},
    {"phase": "improve", "seconds": 2.0, "served_weight": 8, "cost": 9.0, "bound": 9},
]


def waiting_run(street: Street, **values: Any) -> int:
    """Ask for a run that nobody answers yet; return its number."""
    with transaction():
        plan = weeks.open_week(street.community, MONDAY)
        run = runs.queue_run(plan, RunKind.SOLVE, 15, send=False)
        for name, value in values.items():
            setattr(run, name, value)
        return run.id


def stored(number: int) -> PlanRun:
    """Return a run as it is stored now."""
    forget_reads()
    return db.session.get_one(PlanRun, number)


def under_way(street: Street) -> int:
    """Return a run that has told of some progress."""
    return waiting_run(
        street,
        state=RunState.RUNNING,
        started_at=clock.now(),
        heartbeat=clock.now(),
        progress=PROGRESS,
        needed=1,
        needed_weight=10,
    )


def test_the_page_of_a_run_shows_the_four_figures_and_the_curve(street: Street) -> None:
    page = street.page(f"/plan/runs/{under_way(street)}")
    assert "正在排第 48 周" in page
    assert "80.0 %" in page
    assert "谁来排都不可能再多" in page
    assert "共 15 秒，到点自动停" in page
    assert "不可能超过 9" in page
    assert "停下，用现在这个结果" in page
    assert "排好之前，什么也不会发出去" in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page


def test_stopping_a_run_asks_the_engine_for_its_best(street: Street) -> None:
    number = under_way(street)
    assert street.browser.send(f"/plan/runs/{number}/stop").status_code == 303
    assert stored(number).stop_asked
    assert "正在停下" in street.page(f"/plan/runs/{number}")


def test_stopping_a_run_that_has_not_begun_drops_it_and_the_plan_stays(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    number = waiting_run(street)
    street.browser.send(f"/plan/runs/{number}/stop")
    assert stored(number).state is RunState.FAILED
    assert "还没有开始就停下了" in street.page(f"/plan/runs/{number}")
    runner.run(number)
    assert stored(number).state is RunState.FAILED
    assert street.assigned() == [(visit, street.wang)]


def test_the_events_of_a_run_tell_its_figures_and_then_its_end(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    number = under_way(street)

    def end(_seconds: float) -> None:
        with transaction():
            runs.fail_run(db.session.get_one(PlanRun, number), "ended by the test")

    monkeypatch.setattr("timebank.planning.views.runs.time.sleep", end)
    events = street.browser.get(f"/plan/runs/{number}/events").text.split("\n\n")
    assert events[0].startswith("event: progress\ndata: ")
    assert json.loads(events[0].split("data: ")[1])["share"] == "80.0 %"
    assert json.loads(events[1].removeprefix("data: ")) == {"finished": True}


def test_one_run_at_a_time_for_a_week(street: Street) -> None:
    number = under_way(street)
    answer = street.browser.send("/plan/solve", week=WEEK)
    assert answer.status_code == 409
    assert f"/plan/runs/{number}" in answer.text
    assert "看进度" in street.page(f"/plan?week={WEEK}")


def test_a_run_whose_engine_died_is_lost_and_another_may_begin(street: Street) -> None:
    number = under_way(street)
    with transaction():
        db.session.get_one(PlanRun, number).heartbeat = clock.now() - timedelta(minutes=10)
    assert "求解中断了" in street.page(f"/plan/runs/{number}")
    assert waiting_run(street) != number
    assert stored(number).state is RunState.FAILED


def test_an_edit_made_while_solving_is_never_lost(street: Street) -> None:
    number = waiting_run(street)
    with transaction():
        started = runs.start_run(number)
        assert started is not None
        week = runs.run_week(started)
    visit = street.visits()[0]
    street.assign(visit, street.wang, start="16:00")
    found = runner._solve(runner.Job(number, RunKind.SOLVE, 5, 1, week), lambda _news: None)
    with transaction():
        runs.record(db.session.get_one(PlanRun, number), found)
    assert not stored(number).kept
    assert [each.start for each in street.plan().assignments] == [16 * 60]
    page = street.page(f"/plan/runs/{number}")
    assert "采用这个结果" in page
    assert street.browser.send(f"/plan/runs/{number}/take").status_code == 303
    assert stored(number).kept


def test_asking_twice_with_one_form_starts_one_run_and_the_history_says_what_it_came_to(street: Street) -> None:
    first = street.browser.send("/plan/solve", key="one-form-only", week=WEEK)
    second = street.browser.send("/plan/solve", key="one-form-only", week=WEEK)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(db.session.scalars(select(PlanRun)).all()) == 1
    page = street.page("/plan/runs/1")
    assert "这一周的求解记录" in page
    assert "1 / 1 件" in page
    assert "已留存" in page
    events = street.browser.get("/plan/runs/1/events")
    assert events.content_type.startswith("text/event-stream")
    assert json.loads(events.text.removeprefix("data: ")) == {"finished": True}
