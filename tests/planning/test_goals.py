"""Planning with words: what the four goals do to a week, what they changed last time, and runs side by side."""

from typing import Any

from sqlalchemy import select

from matching import read_week
from tests.builders import MONDAY
from tests.planning.street import WEEK, Street
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.planning import goals, scenes, snapshot
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind, RunState

USUAL = {"reach": 1, "faces": 1, "ways": 1, "share": 1}
MEASURES = {
    "visits": 4, "visits_needed": 5, "homes": 3, "homes_needed": 4, "stops": 4, "familiar": 2, "travel": 90, "busiest": 120, "people": 2,
    "touched": 0,
}  # fmt: skip


def the_week(street: Street) -> dict[str, Any]:
    """Return the street's week as the engine's file."""
    street.open()
    return snapshot.solve_week(scenes.scene(street.plan()))


def ended(street: Street, said: dict[str, int], **measures: int) -> int:
    """Add a run that came to an end; return its number."""
    result = {
        "routes": [], "unserved": [], "status": "optimal", "seconds": 1, "score": {"served": 0, "served_weight": 0, "travel": 0, "touched": 0},
        "bound": {"served_weight": 10},
    }  # fmt: skip
    with transaction():
        plan = weeks.open_week(street.community, MONDAY)
        row = PlanRun(
            plan_id=plan.id, kind=RunKind.SOLVE, state=RunState.DONE, input_version=plan.version, seconds=5, asked_at=clock.now(), progress=[],
            goals=said, result=result, measures={**MEASURES, **measures}, needed=5, needed_weight=10,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row.id


def test_goals_as_usual_leave_the_week_as_it_was(street: Street) -> None:
    week = the_week(street)
    assert goals.aimed(week, USUAL) == week
    assert goals.aimed(week, {}) == week


def test_a_goal_that_matters_more_has_a_higher_price_and_the_engine_reads_the_week(street: Street) -> None:
    week = goals.aimed(the_week(street), {"faces": 3, "ways": 0, "share": 2})
    assert week["weights"] == {"travel": 0.25, "new_face": 180, "fairness": 3, "touched": 120}
    assert read_week(week).weights.new_face == 180


def test_reaching_more_people_lifts_one_visit_of_every_door_and_the_pressing_first_lowers_the_light_ones() -> None:
    plain = {"crew": 1, "minutes": 40, "days": [0]}
    visits = [
        {**plain, "id": "x1", "elder": "h1", "weight": 40},
        {**plain, "id": "x2", "elder": "h1", "weight": 40, "minutes": 20},
        {**plain, "id": "x3", "elder": "h2", "weight": 10},
        {**plain, "id": "n9", "elder": "n9-door", "weight": 1},
    ]
    week = {"visits": visits, "weights": {}}
    assert [each["weight"] for each in goals.aimed(week, {"reach": 3})["visits"]] == [40, 120, 90, 1]
    assert [each["weight"] for each in goals.aimed(week, {"reach": 0})["visits"]] == [40, 40, 2, 1]


def test_what_is_asked_by_the_sliders_is_what_the_run_is_given_and_the_next_one_too(street: Street) -> None:
    with transaction():
        plan = weeks.open_week(street.community, MONDAY)
        first = runs.queue_run(plan, RunKind.SOLVE, 5, goals={"faces": 3}, send=False)
        assert runs.run_week(first)["weights"]["new_face"] == 180
        runs.fail_run(first, "ended by the test")
        second = runs.queue_run(plan, RunKind.SOLVE, 5, send=False)
        assert second.goals == {**USUAL, "faces": 3}


def test_the_sliders_say_in_words_what_they_changed_last_time(street: Street) -> None:
    page = street.page(f"/plan/goals?week={WEEK}")
    assert page.count('type="radio"') == 16
    assert "上次" not in page
    ended(street, USUAL)
    ended(street, {**USUAL, "faces": 2}, familiar=3, travel=126)
    page = street.page(f"/plan/goals?week={WEEK}")
    assert "上次从“照平常”调到“多请熟人”：50 % 是熟面孔 → 75 % 是熟面孔" in page
    assert "上次没有动这一项：路上 1.5 小时 → 路上 2.1 小时" in page
    assert 'name="faces" value="2" checked' in page


def test_runs_stand_side_by_side_with_what_each_cared_for(street: Street) -> None:
    one, other = ended(street, USUAL), ended(street, {**USUAL, "ways": 3}, travel=60, visits=5)
    page = street.page(f"/plan/beside?week={WEEK}")
    assert "走得越短越好" in page
    assert "4 / 5 件" in page
    assert "5 / 5 件" in page
    assert f"/plan/runs/{one}/take" in page
    page = street.page(f"/plan/beside?week={WEEK}&run={other}")
    assert f"/plan/runs/{one}/take" not in page


def test_goals_are_set_by_the_office_and_within_their_scale(street: Street) -> None:
    assert street.browser.send("/plan/goals", week=WEEK, faces=4).status_code == 422
    assert street.sign_in(Role.INSPECTOR).get(f"/plan/goals?week={WEEK}").status_code == 403
    assert db.session.scalars(select(PlanRun)).all() == []
