"""给家里人订午饭: one form, an honest answer from the plan, the request with its rhythm, and not a row before somebody sends it."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.planning.street import Street
from timebank.access.models import Role, SignInCode
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import FamilyMember
from timebank.places.finding import building_at, floor_in
from timebank.places.models import Building, Community
from timebank.visits.models import HelpRequest, Pattern, RequestState, Visit
from timebank.volunteers.models import Availability

MONDAY = "2026-11-30"
SAID = {
    "rhythm": "each",
    "first_day": MONDAY,
    "boxes": "1",
    "avoid": "不吃虾",
    "diet": "less_salt",
    "relation": "子女",
    "name": "傅国梁",
    "address": "松坡路 99 号 1 单元 302",
    "phone": "0532-00000178",
}


@pytest.fixture
def published(street: Street) -> Street:
    """Let the street's week be published with a meal round of Wang's on Wednesday, and let it be that week."""
    street.meals(2)
    with transaction():
        make.make_building(db.session.get_one(Community, street.community), "松坡路 99 号")
    street.open()
    meals = [each.id for each in db.session.scalars(select(Visit).where(Visit.canteen_id.is_not(None)))]
    for visit in meals:
        street.assign(visit, street.wang)
    street.publish()
    street.at("2026-11-25 09:30")
    return street


@pytest.fixture
def visitor(published: Street) -> Browser:
    return open_browser(published.app)


def requests() -> int:
    forget_reads()
    return db.session.scalar(select(func.count()).select_from(HelpRequest)) or 0


def test_the_answer_comes_before_any_sign_in_with_times_and_surnames_and_writes_nothing(published: Street, visitor: Browser) -> None:
    before = requests()
    assert "还不用登录" in visitor.get("/lunch").text
    assert visitor.send("/lunch", **SAID).location == "/lunch/answer"
    page = visitor.get("/lunch/answer").text
    assert "5 天都能送" in page
    assert "王" in page
    assert "王秀芬" not in page
    assert "照最近一周的安排查的" in page
    assert requests() == before


def test_a_day_on_which_nobody_is_free_is_told_so_and_can_be_left_out(published: Street, visitor: Browser) -> None:
    with transaction():
        for each in db.session.scalars(select(Availability).where(Availability.weekday == 2)):
            db.session.delete(each)
    visitor.send("/lunch", **SAID)
    page = visitor.get("/lunch/answer").text
    assert "5 天里有 4 天能送" in page
    assert "那天不订" in page
    asked = send(published, visitor, empty="skip")
    assert asked.weekdays == [0, 1, 3, 4]


def send(street: Street, visitor: Browser, **fields: str) -> HelpRequest:
    """Send what is on the answer's page, signing in by number and code on the way."""
    where = visitor.send("/lunch/answer", **fields).location
    assert where.startswith("/sign-in?next=/lunch/answer")
    visitor.get(where)
    visitor.send("/sign-in", phone="13800001111")
    forget_reads()
    code = db.session.scalars(select(SignInCode).order_by(SignInCode.id.desc())).first()
    assert code is not None
    assert visitor.send("/code", code=code.code).location == "/lunch/answer"
    visitor.send("/lunch/answer", **fields)
    forget_reads()
    asked = db.session.scalars(select(HelpRequest).order_by(HelpRequest.id.desc())).first()
    assert asked is not None
    return asked


def test_it_is_sent_once_with_rhythm_diet_relation_and_the_elders_own_number(published: Street, visitor: Browser) -> None:
    visitor.send("/lunch", **SAID)
    asked = send(published, visitor)
    assert (asked.pattern, asked.weekdays, asked.first_day, asked.boxes) == (Pattern.EACH_DAY, [0, 1, 2, 3, 4], date(2026, 11, 30), 1)
    assert (asked.note, asked.for_relation, asked.for_phone) == ("低盐；过敏、忌口：不吃虾", "子女", "0532-00000178")
    page = visitor.get(f"/family/requests/{asked.id}").text
    for words in ("每个工作日", "傅国梁", SAID["address"], "1 份", "低盐；过敏、忌口：不吃虾"):
        assert words in page, words
    home = visitor.get("/family").text
    assert "等社区回话" in home
    assert "还没有请人来过" not in home
    assert visitor.send("/lunch/answer").status_code == 409
    office = published.browser.get(f"/requests/{asked.id}?new=1").text
    assert 'value="0532-00000178"' in office


def test_what_else_is_asked_for_is_answered_at_once_with_times_as_well(published: Street, visitor: Browser) -> None:
    said = {"for_name": "傅国梁", "for_address": SAID["address"], "dates": ["2026-11-26", "2026-11-27"], "window": "840-1020", "elder": "0"}
    visitor.get(visitor.send("/ask/HAIR", **said).location)
    visitor.send("/sign-in", phone="13800002222")
    forget_reads()
    code = db.session.scalars(select(SignInCode).order_by(SignInCode.id.desc())).first()
    assert code is not None
    visitor.send("/code", code=code.code)
    page = visitor.get(str(visitor.send("/ask/check").location)).text
    assert "有人能来吗" in page
    assert "14:00 左右" in page
    assert "王秀芬" not in page


def test_taking_it_on_lets_the_family_ask_to_be_bound_and_no_more(published: Street, visitor: Browser) -> None:
    visitor.send("/lunch", **SAID)
    asked = send(published, visitor)
    building = db.session.scalars(select(Building).where(Building.name == "松坡路 99 号")).one().id
    published.browser.send(f"/requests/{asked.id}/new-elder", name="傅国梁", building=building, floor=3, phone="0532-00000178")
    forget_reads()
    asked = db.session.get_one(HelpRequest, asked.id)
    assert asked.state is RequestState.ACCEPTED
    link = db.session.scalars(select(FamilyMember)).one()
    assert (link.relation, link.elder_said, link.approved_at) == ("子女", None, None)


def test_an_address_nobody_knows_gets_no_invented_times(published: Street, visitor: Browser) -> None:
    visitor.send("/lunch", **SAID | {"address": "别的路 5 号"})
    page = visitor.get("/lunch/answer").text
    assert "现在还说不准" in page
    assert "能送" not in page.split("<main")[1].split("现在还说不准")[1]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "这一项要填"),
        ({"rhythm": "some"}, "请至少选一个星期几"),
        ({"first_day": "2026-11-28"}, "这一天订不到"),
        ({"first_day": "2026-11-20"}, "这一天订不到"),
        ({"boxes": "9"}, "之间的整数"),
        ({"diet": "gold"}, "请选一项"),
        ({"address": "路" * 80}, "最多 60 个字"),
        ({"phone": "12345"}, "这个号码打不通"),
        ({"phone": "没有电话"}, "这个号码打不通"),
    ],
)
def test_what_cannot_be_ordered_is_told_beside_its_field_and_nothing_is_lost(
    published: Street, visitor: Browser, changed: dict[str, str], sentence: str
) -> None:
    answer = visitor.send("/lunch", **SAID | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    if "name" not in changed:
        assert "傅国梁" in answer.text


def test_two_portions_say_who_the_other_one_is(published: Street, visitor: Browser) -> None:
    visitor.send("/lunch", **SAID | {"boxes": "2", "other": "纪淑贞", "rhythm": "once"})
    asked = send(published, visitor)
    assert (asked.pattern, asked.dates, asked.boxes) == (Pattern.ONCE, [MONDAY], 2)
    assert "另一位：纪淑贞" in (asked.note or "")


@pytest.mark.parametrize(
    ("written", "name", "floor"),
    [
        ("松坡路12号1单元302", "松坡路 12 号", 3),
        ("松坡路 12 号楼 4楼", "松坡路 12 号", 4),
        ("松坡路１２号", "松坡路 12 号", 1),
        ("松坡路 2 号 1201", "松坡路 2 号", 12),
        ("松坡路", None, 1),
        ("青松坡路 3 号", None, 1),
    ],
)
def test_a_building_is_found_by_an_address_as_people_write_it(app: Flask, written: str, name: str | None, floor: int) -> None:
    with app.app_context(), transaction():
        community = make.make_community()
        for each in ("松坡路 12 号", "松坡路 2 号"):
            make.make_building(community, each)
        found = building_at(community.id, written)
        assert (found.name if found else None, floor_in(written)) == (name, floor)


def test_a_family_of_the_office_may_use_the_form_as_well(published: Street) -> None:
    assert published.sign_in(Role.FAMILY).get("/lunch").status_code == 200
