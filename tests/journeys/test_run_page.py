"""The page of a run in a real browser: it follows the run by asking, says what is new, and goes on when the run is over."""

import re

from playwright.sync_api import expect

from tests import builders as make
from tests.journeys.conftest import DESKTOP, Site
from tests.journeys.test_week import look, sign_in
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.planning import runner
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind, RunState


def under_way(site: Site) -> tuple[int, int]:
    """Return a coordinator and a run that has just begun."""
    make.set_clock("2026-11-20 10:00")
    with site.app.app_context(), transaction():
        community = make.make_community()
        run = runs.queue_run(weeks.open_week(community.id, make.MONDAY), RunKind.SOLVE, 60, send=False)
        run.state, run.started_at, run.heartbeat, run.needed, run.needed_weight = RunState.RUNNING, clock.now(), clock.now(), 2, 20
        return make.make_user(Role.COORDINATOR, community).id, run.id


def tell(site: Site, run: int, served: int) -> None:
    """Let the engine tell of its progress."""
    with site.app.app_context():
        runner._note(run, [{"phase": "improve", "seconds": 1.5, "served_weight": served, "cost": 9.0, "bound": 20}])


def test_the_page_of_a_run_says_what_is_new_and_goes_on_at_the_end(site: Site) -> None:
    office, run = under_way(site)
    page = site.window(DESKTOP)
    sign_in(site, page, office)
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if answer.url.endswith("/news") else None)
    page.goto(f"/plan/runs/{run}")
    share = page.locator('[data-figure="share"]')
    expect(share).to_have_text("0.0 %")
    with page.expect_response(re.compile("/news$")):
        expect(page.locator('[data-figure="left"]')).not_to_have_text("60")
    for served, said in ((10, "50.0 %"), (20, "100 %")):
        tell(site, run, served)
        expect(share).to_have_text(said)
        expect(page.locator("#live")).to_contain_text(f"已安排 {served}")
    expect(page.locator("#run-steps")).to_contain_text("已经变好 1 次")
    assert {304, 200} <= set(asked)
    with site.app.app_context(), transaction():
        runs.fail_run(db.session.get_one(PlanRun, run), "ended by the test")
    expect(page.get_by_role("heading", name=re.compile("没有排出来"))).to_be_visible()
    assert look(site, lambda: db.session.get_one(PlanRun, run).state) is RunState.FAILED
    assert site.complaints == []
