"""Whom to recruit and what if: tried on a copy by the engine itself, and never the plan, whoever asks for it."""

import re

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from matching import check, read_plan, read_week
from tests.builders import MONDAY
from tests.planning.street import WEEK, Street
from timebank.access.models import Role
from timebank.db import db, forget_reads, transaction
from timebank.planning import queries, scenes, snapshot, supposing
from timebank.planning.actions import runs
from timebank.planning.models import PlanRun, RunKind, RunState, Unserved

NOON = {"days": [2], "from": 840, "to": 1020, "skills": ["insured"]}


def planned(street: Street) -> int:
    """Give the haircut of the street to Wang, by hand; return the visit."""
    street.open()
    visit = street.visits()[0]
    assert street.assign(visit, street.wang).status_code == 303
    return visit


def newest(street: Street) -> PlanRun:
    """Return the newest run as stored now."""
    forget_reads()
    return queries.runs(street.plan())[0]


def test_a_week_without_somebody_frees_what_they_had_and_one_with_more_people_is_read_by_the_engine(street: Street) -> None:
    visit = planned(street)
    of = scenes.scene(street.plan())
    week = {**snapshot.solve_week(of), "baseline": snapshot.board_plan(of)}
    place = next(each for each in week["places"] if each["id"].startswith("b"))
    kind = {key: value for key, value in week["visits"][0].items() if key not in {"id", "elder", "days"}}
    what = {
        "leave": [street.wang],
        "come": [{**NOON, "count": 2, "place": {**place, "id": "b99-f1"}}],
        "need": [{"count": 2, "days": [1, 2], "place": place, "visit": kind}],
    }
    then = supposing.supposed(week, what)
    assert then["baseline"]["routes"] == []
    assert [each["id"] for each in then["volunteers"]] == [f"v{street.zhao}", "p1", "p2"]
    assert [each["id"] for each in then["visits"]] == [f"x{visit}", "y1", "y2", "y3", "y4"]
    read = read_week(then)
    assert check(read, read_plan(then["baseline"], read)).ok
    assert [each["id"] for each in week["volunteers"]] == [f"v{street.wang}", f"v{street.zhao}"], "the week itself stays as it is"
    gone = supposing.supposed(week, {"gone": [int(week["elders"][0]["id"][1:])]})
    assert (gone["visits"], gone["elders"], gone["history"]) == ([], [], [])


def test_if_somebody_leaves_the_page_says_who_is_not_served_and_the_plan_stays(street: Street) -> None:
    visit = planned(street)
    street.away(street.zhao)
    before = street.assigned()
    assert street.browser.send("/plan/what-if", week=WEEK, leave="王秀芬").status_code == 303
    run = newest(street)
    assert (run.state, run.fault, run.kept) == (RunState.DONE, "", False)
    assert run.result is not None
    assert (run.result["now"]["visits"], run.result["then"]["visits"], run.result["lost"]) == (1, 0, [visit])
    page = street.page(f"/plan/what-if/{run.id}")
    assert "王秀芬不来了" in page
    assert "会少做 1 件" in page
    assert "鞠淑贞" in page
    assert street.assigned() == before
    assert f"/plan/what-if/{run.id}" in street.page(f"/plan/what-if?week={WEEK}")


def test_what_was_only_tried_never_becomes_the_plan(street: Street) -> None:
    planned(street)
    with transaction():
        asked = runs.queue_run(street.plan(), RunKind.WHAT_IF, 5, supposed={"leave": [street.wang]}, send=False)
        asked.state, asked.result = RunState.DONE, {"routes": []}
        run = asked.id
    answer = street.browser.send(f"/plan/runs/{run}/take")
    assert answer.status_code == 409
    assert "不能当计划用" in answer.text
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(update(PlanRun).where(PlanRun.id == run).values(kept=True))


def test_advice_names_whom_to_look_for_and_its_text_names_nobody(street: Street) -> None:
    street.open()
    street.away(street.wang)
    street.away(street.zhao)
    visit = street.visits()[0]
    with transaction():
        plan = queries.plan_of(street.community, MONDAY)
        assert plan is not None
        plan.unserved.append(Unserved(visit_id=visit, reason="no_window", who=[], zh="没有人有空", en="nobody is free", fix=None))
    assert "这一周有 1 件没人去" in street.page(f"/plan/advice?week={WEEK}")
    assert street.browser.send("/plan/advice", week=WEEK).status_code == 303
    run = newest(street)
    assert (run.state, run.fault) == (RunState.DONE, "")
    page = street.page(f"/plan/advice?week={WEEK}")
    text = re.search(r"<textarea[^>]*>([^<]+)<", page)
    assert text is not None
    assert "周三" in text[1]
    assert "上门理发 1 次" in text[1]
    assert "鞠" not in text[1]
    assert street.browser.get(f"/plan/runs/{run.id}").status_code == 302


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "请至少填一项"),
        ({"leave": "没这个人"}, "没有找到没这个人"),
        ({"gone": "没这个人"}, "没有找到没这个人"),
        ({"come": 2}, "请勾上星期几"),
        ({"need": 3, "need_days": 1}, "请选要什么服务"),
        ({"come": 99, "come_days": 1}, "0 到 20"),
    ],
)
def test_a_what_if_that_says_nothing_or_names_nobody_is_refused_in_words(street: Street, said: dict[str, object], sentence: str) -> None:
    planned(street)
    answer = street.browser.send("/plan/what-if", week=WEEK, **said)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert queries.runs(street.plan()) == []


def test_nothing_is_tried_on_a_week_without_a_plan_and_only_the_office_tries(street: Street) -> None:
    street.open()
    assert street.browser.send("/plan/advice", week=WEEK).status_code == 409
    assert "先排这一周" in street.page(f"/plan/what-if?week={WEEK}")
    assert street.sign_in(Role.INSPECTOR).get(f"/plan/what-if?week={WEEK}").status_code == 403
