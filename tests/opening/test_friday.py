"""The page of the week's end: what is new and open, what runs out, how the weeks go, and the button that plans the next one."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests import builders as make
from tests.browser import Browser
from tests.served import record
from timebank import clock
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind, Skill
from timebank.db import db, transaction
from timebank.elders.models import Pause
from timebank.office import friday
from timebank.places.models import Community
from timebank.planning.actions import weeks
from timebank.planning.models import Unserved
from timebank.visits.models import RequestState
from timebank.volunteers.models import HeldSkill

FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=clock.ZONE)
NEXT_MONDAY = date(2026, 11, 30)


@pytest.fixture
def town(app: Flask) -> Flask:
    """Give a community on a Friday morning with one of each thing the page looks for."""
    clock.clock.start_at(FRIDAY)
    with app.app_context(), transaction():
        community = make.make_community()
        kind = make.make_kind("HAIR")
        home = make.make_household(community)
        elder = make.make_elder(home, "臧玉梅")
        make.make_request(community, kind, home, elder=elder, state=RequestState.NEW, asked_at=FRIDAY - timedelta(days=3))
        make.add(Pause(elder_id=elder.id, first_day=date(2026, 11, 20), last_day=date(2026, 12, 2), reason="探亲"))
        carer = make.make_volunteer(community, "王秀芬", insured_until=date(2026, 12, 5))
        skill = make.add(Skill(code="hair", name="理发", name_en="Haircuts", needs_proof=True))
        make.add(HeldSkill(volunteer_id=carer.id, skill_id=skill.id, proof="证", expires=date(2026, 11, 20)))
        for week in (date(2026, 11, 16), date(2026, 11, 23)):
            _not_served(community, kind, make.make_household(community, number=f"H{week:%d}"), week)
        record(carer, kind, date(2026, 11, 18), 45)
        record(carer, kind, date(2026, 11, 25), 30)
        asked = make.make_request(community, kind, home, elder=elder)
        offer = make.make_offer(make.make_visit(asked, date(2026, 11, 28)), carer, 840, date(2026, 11, 28))
        offer.deadline = FRIDAY - timedelta(hours=2)
    return app


def _not_served(community: Community, kind: ServiceKind, home: object, week: date) -> None:
    """Let one need be left out by the plan of a week."""
    request = make.make_request(community, kind, home, elder=make.make_elder(home, f"鞠{week:%d}"))
    plan = weeks.open_week(community.id, week)
    make.add(Unserved(plan_id=plan.id, visit_id=make.make_visit(request, week + timedelta(days=2)).id, reason="no_window", who=[], zh="没有人有空", en="nobody is free", fix=None))  # fmt: skip


def test_the_page_says_what_is_new_open_and_running_out_and_plans_the_next_week(town: Flask, sign_in_as: Callable[..., Browser]) -> None:
    desk = sign_in_as(Role.COORDINATOR)
    page = desk.get("/office/friday").text
    for words in ("等了 3 天", "过了回话时间", "停到", "理发", "11月20日", "没有人有空", "排下周", "2026-W49"):
        assert words in page
    assert desk.send("/plan/solve", week="2026-W49").status_code == 303
    assert "去看下周" in desk.get("/office/friday").text


def test_only_what_the_last_plan_left_waits_with_its_weeks(town: Flask) -> None:
    with town.app_context():
        assert [(each.request.elder.name, each.weeks) for each in friday.waiting(1)] == [("鞠23", 1)]


def test_the_weeks_count_visits_minutes_people_and_what_was_left(town: Flask) -> None:
    with town.app_context():
        found = {each.monday: (each.visits, each.minutes, each.people, each.unserved) for each in friday.trend(1)}
    assert len(found) == 8
    assert found[date(2026, 11, 16)] == (1, 45, 1, 1)
    assert found[date(2026, 11, 23)] == (1, 30, 1, 1)
    assert found[date(2026, 10, 5)] == (0, 0, 0, 0)


def test_papers_that_have_ended_stand_beside_those_that_will(town: Flask) -> None:
    with town.app_context():
        found = [(each.skill.name if each.skill else "insurance", each.is_over) for each in friday.endings(1)]
    assert found == [("理发", True), ("insurance", False)]


def test_another_communitys_week_is_not_shown_and_a_reader_may_not_plan(town: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with town.app_context(), transaction():
        there = make.make_community("there").id
    page = sign_in_as(Role.COORDINATOR, there).get("/office/friday").text
    assert "臧玉梅" not in page
    assert "没有人有空" not in page
    assert "排下周" not in sign_in_as(Role.INSPECTOR).get("/office/friday").text.replace("就可以排", "")


def test_the_number_of_reads_does_not_grow_with_the_community(town: Flask, sign_in_as: Callable[..., Browser]) -> None:
    desk = sign_in_as(Role.COORDINATOR)
    desk.get("/office/friday")
    few = _reads(town, desk)
    with town.app_context(), transaction():
        community = db.session.get_one(Community, 1)
        kind = db.session.scalars(select(ServiceKind)).first()
        for number in range(30):
            home = make.make_household(community, number=f"X{number}")
            elder = make.make_elder(home, f"衣{number}")
            make.make_request(community, kind, home, elder=elder, state=RequestState.NEW)
            make.make_volunteer(community, f"于{number}", insured_until=date(2026, 12, 6))
    assert _reads(town, desk) <= few


def _reads(app: Flask, desk: Browser) -> int:
    """Return how many statements the page takes."""
    with app.app_context():
        engine = db.engine
    seen: list[str] = []
    note = lambda _c, _cur, statement, *_more: seen.append(statement)  # noqa: E731 - the event's own shape
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert desk.get("/office/friday").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
