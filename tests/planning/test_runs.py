"""Runs: how far one is, stopping it, what was edited meanwhile, its end told to the page."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.builders import MONDAY, make_community, make_household, make_request, make_visit
from tests.planning.street import Street
from timebank import clock
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.places.models import Community
from timebank.planning import queries, runner
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind, RunState, Unserved

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


def test_the_news_of_a_run_are_its_figures_told_once_and_then_its_end(street: Street) -> None:
    number = under_way(street)
    news = street.browser.get(f"/plan/runs/{number}/news")
    assert news.json["share"] == "80.0 %"
    known = {"If-None-Match": news.headers["ETag"]}
    for _time in range(2):
        same = street.browser.get(f"/plan/runs/{number}/news", headers=known)
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", news.headers["ETag"])
    assert f'data-mark="{news.headers["ETag"].strip(chr(34))}"' in street.page(f"/plan/runs/{number}")
    runner._note(number, [{"phase": "improve", "seconds": 3.0, "served_weight": 9, "cost": 8.0, "bound": 9}])
    more = street.browser.get(f"/plan/runs/{number}/news", headers=known)
    assert more.json["share"] == "90.0 %"
    with transaction():
        runs.fail_run(db.session.get_one(PlanRun, number), "ended by the test")
    over = street.browser.get(f"/plan/runs/{number}/news", headers={"If-None-Match": more.headers["ETag"]})
    assert over.json == {"finished": True}


def test_a_run_that_is_lost_or_stopping_is_news(street: Street) -> None:
    number = under_way(street)
    known = {"If-None-Match": street.browser.get(f"/plan/runs/{number}/news").headers["ETag"]}
    street.browser.send(f"/plan/runs/{number}/stop")
    stopping = street.browser.get(f"/plan/runs/{number}/news", headers=known)
    assert stopping.status_code == 200
    with transaction():
        db.session.get_one(PlanRun, number).heartbeat = clock.now() - timedelta(minutes=10)
    assert street.browser.get(f"/plan/runs/{number}/news", headers={"If-None-Match": stopping.headers["ETag"]}).json == {"finished": True}


def test_news_of_a_run_are_for_its_own_office(street: Street) -> None:
    number = under_way(street)
    with transaction():
        other = make_community("elm-street", name="榆坡社区").id
    assert street.sign_in(Role.COORDINATOR, other).get(f"/plan/runs/{number}/news").status_code == 404
    assert street.sign_in(Role.COORDINATOR, other).get(f"/plan/runs/{number}").status_code == 404


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
    assert street.browser.get("/plan/runs/1/news").json == {"finished": True}


def reasons(street: Street) -> dict[int, str]:
    """Return why each visit of the week is not served, as stored now."""
    forget_reads()
    return {row.visit_id: row.reason for row in db.session.scalars(select(Unserved))}


def test_a_reason_is_kept_written_anew_or_gone_as_the_plan_says_now(street: Street) -> None:
    def store(said: dict[int, str], among: set[int]) -> None:
        with transaction():
            plan = queries.plan_of(street.community, MONDAY)
            assert plan is not None
            rows = [{"visit": f"x{number}", "reason": why, "who": [], "zh": why, "en": why, "fix": None} for number, why in said.items()]
            runs.replace_unserved(plan, rows, among)

    with transaction():
        weeks.open_week(street.community, MONDAY)
        community, kind = db.session.get_one(Community, street.community), db.session.get_one(ServiceKind, street.kind)
        one, two, three = (make_visit(make_request(community, kind, make_household(community))).id for _ in range(3))
    store({one: "no_time", two: "no_time", three: "no_time"}, {one, two, three})
    store({one: "no_skill", two: "no_time"}, {one, two})
    assert reasons(street) == {one: "no_skill", two: "no_time", three: "no_time"}  # the third is past: it keeps what was said of it
    store({two: "no_time", three: "no_skill"}, {one, two})
    assert reasons(street) == {two: "no_time", three: "no_time"}
