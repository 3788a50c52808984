"""A week of every community at once: each by an engine of its own, one without a plan holds up no other, and a table at the end."""

from flask import Flask

from tests.builders import MONDAY, make_community, make_elder, make_household, make_kind, make_request, make_volunteer, set_clock
from timebank.db import db, transaction
from timebank.planning import city
from timebank.planning.actions import weeks
from timebank.planning.models import PlanState
from timebank.planning.queries import plan_of


def test_every_community_is_planned_and_one_that_cannot_be_holds_up_no_other(app: Flask) -> None:
    set_clock("2026-11-20T10:00")
    with app.app_context():
        with transaction():
            kind = make_kind("HAIR", skills=[])
            for slug in ("pine", "sea", "hill"):
                community = make_community(slug, name=f"{slug} 街")
                make_volunteer(community)
                home = make_household(community)
                make_elder(home)
                make_request(community, kind, home)
        with transaction():
            closed = weeks.open_week(1, MONDAY)
            closed.state = PlanState.CLOSED
        db.session.remove()
    told: list[city.Planned] = []
    planned = city.plan_all(app, MONDAY, 1, at_once=2, tell=told.append)
    assert sorted(told, key=str) == sorted(planned, key=str)
    by_name = {each.community: each for each in planned}
    assert "已经结束" in by_name["pine 街"].fault
    for name in ("sea 街", "hill 街"):
        assert by_name[name].fault == ""
        assert by_name[name].needed == 1
        assert by_name[name].gap == 0, "one visit that somebody can make is proved to be all"
    assert "3 个社区" in city.total(planned, 2.0)
    with app.app_context():
        kept = plan_of(2, MONDAY)
        assert kept is not None
        assert kept.status == by_name["sea 街"].status


def test_the_table_stands_straight_under_chinese_names() -> None:
    lines = [city.Planned("八大关", 1, 2, "optimal", 3.0).line, city.Planned("Pine Street", 10, 20, "feasible", 30.0).line]
    assert "≤ 0.40 %" in city.Planned("八大关", 9, 9, "feasible", 1.0, weight=249, bound=250).line
    assert lines[0].index("/") + len("八大关") == lines[1].index("/")
    assert city.Planned("松坡路", fault="这一周已经结束").line.endswith("这一周已经结束")
