"""The board as a tool: a block is put elsewhere and judged at once, steps are taken back, two hands do not lose each other's work."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from tests.browser import Browser
from tests.builders import WEDNESDAY
from tests.planning.street import WEEK, Street
from tests.sizes import community as sizes
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.planning import scenes
from timebank.planning.actions import steps, weeks
from timebank.planning.models import Assignment, Plan, PlanEdit, Unserved
from timebank.volunteers.models import HeldSkill

DAY = WEDNESDAY.isoformat()
BOARD = f"/plan?week={WEEK}&day={DAY}"


@pytest.fixture
def two(street: Street) -> tuple[int, int]:
    """Give two haircuts: Wang's at 14:00, Zhao's at 15:00."""
    other = street.one_more()
    street.open()
    first, second = street.visits()[0], street.visit_of(other)
    street.assign(first, street.wang, start="14:00")
    street.assign(second, street.zhao, start="15:00")
    return first, second


def seen(street: Street, *visits: int) -> str:
    """Return the word for how some visits stand."""
    return steps.mark_of(steps.lines_of(scenes.scene(street.plan()).assignments, visits))


def block(street: Street, visit: int, giver: int, **more: object) -> dict[str, object]:
    """Return what a form says that lifts a visit from somebody's row."""
    return {"visits": [visit], "giver": giver, "seen": seen(street, visit), "day": DAY, **more}


def stands(street: Street) -> dict[int, tuple[int, int]]:
    """Return who goes to which visit at which minute."""
    forget_reads()
    return {each.visit_id: (each.volunteer_id, each.start) for each in street.plan().assignments}


def test_a_block_is_put_on_another_row_at_another_minute(street: Street, two: tuple[int, int]) -> None:
    answer = street.browser.send("/plan/board/place", **block(street, two[0], street.wang, taker=street.zhao, start="16:05"))
    assert answer.status_code == 303
    assert stands(street)[two[0]] == (street.zhao, 965)
    assert "放好了，还没有发出去" in street.page(answer.location)
    assert db.session.scalar(select(AuditRow.verb).where(AuditRow.verb == "place")) == "place"


def test_what_the_referee_refuses_says_why_and_when_else_and_the_chosen_person_stays(street: Street, two: tuple[int, int]) -> None:
    asked = block(street, two[0], street.wang, taker=street.zhao, start="15:10")
    said = street.browser.get("/plan/board/look", query_string=asked).get_json()
    assert said["holds"] is False
    assert "赵志强" in said["words"]
    assert stands(street)[two[0]] == (street.wang, 840), "looking changes nothing"
    answer = street.browser.send("/plan/board/place", **asked)
    assert answer.status_code == 409
    assert said["words"] in answer.text
    assert f"放到 {said['could_at']}" in answer.text
    assert re.search(rf'<option value="{street.zhao}" selected>赵志强', answer.text)
    assert street.browser.get("/plan/board/look", query_string={**asked, "start": said["could_at"]}).get_json()["holds"] is True
    assert street.browser.send("/plan/board/place", **{**asked, "start": said["could_at"]}).status_code == 303


def test_a_legal_gate_offers_no_other_time(street: Street, two: tuple[int, int]) -> None:
    with transaction():
        street.volunteer(street.zhao)
        kind = db.session.get_one(sizes.ServiceKind, street.kind)
        kind.skills = ["barber"]
        skill = sizes.make.add(sizes.Skill(code="barber", name="理发证", name_en="Licence"))
        sizes.make.add(HeldSkill(volunteer_id=street.wang, skill_id=skill.id))
    asked = block(street, two[0], street.wang, taker=street.zhao, start="16:05")
    said = street.browser.get("/plan/board/look", query_string=asked).get_json()
    assert (said["holds"], said["gate"], said["could_at"]) == (False, True, None)


def test_two_blocks_change_hands(street: Street, two: tuple[int, int]) -> None:
    other = f"{street.zhao}|{seen(street, two[1])}|{two[1]}"
    answer = street.browser.send("/plan/board/swap", **block(street, two[0], street.wang, other=other))
    assert answer.status_code == 303
    assert stands(street) == {two[0]: (street.zhao, 840), two[1]: (street.wang, 900)}


def test_the_meals_of_a_trip_move_together_with_their_pick_up(street: Street) -> None:
    street.meals(3)
    street.open()
    meals = [each for each in street.visits() if street.plan() and db.session.get_one(sizes.runs.Plan, 1) and each != street.visits()[0]]
    for visit in meals:
        assert street.assign(visit, street.wang).status_code == 303
    lines = [each for each in street.plan().assignments if each.visit_id in meals]
    first = min(each.pickup or 0 for each in lines)
    before = {each.visit_id: each.start for each in lines}
    asked = {"visits": meals, "giver": street.wang, "seen": seen(street, *meals), "day": DAY}
    answer = street.browser.send("/plan/board/place", **asked, taker=street.zhao, start=f"{(first + 5) // 60}:{(first + 5) % 60:02d}")
    assert answer.status_code == 303, answer.text
    moved = [each for each in street.plan().assignments if each.visit_id in meals]
    assert {each.volunteer_id for each in moved} == {street.zhao}
    assert {each.pickup for each in moved} == {first + 5}
    assert {each.visit_id: each.start - 5 for each in moved} == before


def test_every_step_can_be_taken_back_and_made_again(street: Street, two: tuple[int, int]) -> None:
    before = stands(street)
    street.browser.send("/plan/board/place", **block(street, two[0], street.wang, taker=street.zhao, start="16:05"))
    street.send(f"/plan/visits/{two[1]}/unassign")
    for _step in range(2):
        last = db.session.scalars(select(PlanEdit.id).where(PlanEdit.undone_at.is_(None)).order_by(PlanEdit.id.desc())).first()
        assert street.browser.send("/plan/steps/back", week=WEEK, step=last).status_code == 303
        forget_reads()
    assert stands(street) == before
    assert db.session.scalars(select(Unserved)).all() == []
    again = db.session.scalars(select(PlanEdit.id).where(PlanEdit.undone_at.is_not(None)).order_by(PlanEdit.id)).first()
    assert street.browser.send("/plan/steps/again", week=WEEK, step=again).status_code == 303
    assert stands(street)[two[0]] == (street.zhao, 965)


def test_somebody_elses_step_asks_first_and_all_unsent_ones_can_be_thrown_away(street: Street, two: tuple[int, int]) -> None:
    other = street.sign_in(Role.COORDINATOR)
    street.browser.send("/plan/board/place", **block(street, two[0], street.wang, taker=street.zhao, start="16:05"))
    last = db.session.scalars(select(PlanEdit.id).order_by(PlanEdit.id.desc())).first()
    assert other.send("/plan/steps/back", week=WEEK, step=last).status_code == 409
    assert "这是别人的一步" in other.get(BOARD).text
    assert other.send("/plan/steps/back", week=WEEK, step=last, sure="true").status_code == 303
    assert street.browser.send("/plan/steps/throw-away", week=WEEK).status_code == 303
    assert stands(street) == {}, "both were assigned by hand"
    thrown = db.session.scalars(select(PlanEdit.id).order_by(PlanEdit.id.desc())).first()
    assert street.browser.send("/plan/steps/back", week=WEEK, step=thrown).status_code == 303
    assert stands(street)[two[0]] == (street.wang, 840)


def test_what_has_gone_out_is_not_taken_back(street: Street, two: tuple[int, int]) -> None:
    street.publish()
    forget_reads()
    last = db.session.scalars(select(PlanEdit.id).order_by(PlanEdit.id.desc())).first()
    assert street.browser.send("/plan/steps/back", week=WEEK, step=last).status_code == 409
    assert "撤销：" not in street.page(BOARD)


def test_two_coordinators_edits_of_different_visits_both_count(street: Street, two: tuple[int, int]) -> None:
    other = street.sign_in(Role.COORDINATOR)
    version = street.plan().version
    mine, theirs = seen(street, two[0]), seen(street, two[1])
    answer = street.browser.send(f"/plan/visits/{two[0]}/assign", version=version, seen=mine, volunteers=street.wang, start="14:20")
    assert answer.status_code == 303
    answer = other.send(f"/plan/visits/{two[1]}/assign", version=version, seen=theirs, volunteers=street.zhao, start="15:30")
    assert answer.status_code == 303
    assert stands(street) == {two[0]: (street.wang, 860), two[1]: (street.zhao, 930)}


def test_two_coordinators_edits_of_the_same_visit_are_told_side_by_side_and_nothing_typed_is_lost(
    street: Street, two: tuple[int, int]
) -> None:
    other = street.sign_in(Role.COORDINATOR)
    version, mark = street.plan().version, seen(street, two[0])
    street.browser.send(f"/plan/visits/{two[0]}/assign", version=version, seen=mark, volunteers=street.wang, start="14:20")
    answer = other.send(f"/plan/visits/{two[0]}/assign", version=version, seen=mark, volunteers=street.zhao, start="16:10")
    assert answer.status_code == 409
    assert "已经改过这一块：现在是王秀芬 14:20" in answer.text
    assert 'value="16:10"' in answer.text
    again = re.findall(r'name="seen" value="(\w+)"', answer.text)[-1]
    answer = other.send(f"/plan/visits/{two[0]}/assign", version=version, seen=again, volunteers=street.zhao, start="16:10")
    assert answer.status_code == 303
    assert stands(street)[two[0]] == (street.zhao, 970)


def test_somebody_is_found_by_name_digits_elder_or_building_and_the_board_is_narrowed(street: Street, two: tuple[int, int]) -> None:
    phone = street.volunteer(street.zhao).phone[-4:]
    for words, shown, hidden in (("赵", "赵志强", "王秀芬"), (phone, "赵志强", "王秀芬"), ("鞠淑", "王秀芬", "赵志强")):
        rows = re.findall(r'data-name="(\w+)"', street.page(f"{BOARD}&q={words}"))
        assert shown in rows
        assert hidden not in rows
    assert re.findall(r'data-name="(\w+)"', street.page(f"{BOARD}&show=new")) == ["王秀芬", "赵志强"]
    assert re.findall(r'data-name="(\w+)"', street.page(f"{BOARD}&show=near")) == []
    assert "都不筛" in street.page(f"{BOARD}&q=赵")


def planned(size: sizes.Size) -> int:
    """Add a community and give its visits of a day to whoever is free, the rest stays unserved; return the community."""
    number = sizes.build(size)
    with transaction():
        plan = weeks.open_week(number, sizes.make.MONDAY)
        of = scenes.scene(plan)
        free = [(who, index, *window) for who in of.volunteers for index, window in enumerate(of.windows[str(who.id)])]
        for place, visit in enumerate(each for each in of.visits if each.canteen_id is None):
            wished = {(date.fromisoformat(day) - plan.week).days for day in visit.days}
            fits = [
                each for each in free if each[2] in wished and each[3] <= visit.window_from and visit.window_from + visit.minutes <= each[4]
            ]
            if fits:
                who, index, on, *_span = fits[place % len(fits)]
                day = plan.week + timedelta(days=on)
                line = {"visit_id": visit.id, "volunteer_id": who.id, "day": day, "window": index, "start": visit.window_from}
                sizes.make.add(Assignment(plan_id=plan.id, **line))
    return number


def asked(browser: Browser, path: str) -> int:
    """Return how many questions a page asks of the database."""
    browser.get(path)
    said: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return sum(1 for each in said if not each.startswith("BEGIN"))


PAGES = (f"/plan?week={WEEK}&day=2026-11-23", f"/plan?week={WEEK}&view=volunteers", f"/plan/diff?week={WEEK}")


def test_the_weeks_pages_ask_as_many_questions_however_large_the_community_is(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context():
        small, large = planned(sizes.TINY), planned(sizes.SMALL)
        assert db.session.scalar(select(Plan.id).where(Plan.community_id == large))
    few, many = (sign_in_as(Role.COORDINATOR, number) for number in (small, large))
    for path in PAGES:
        assert asked(few, path) == asked(many, path), path
