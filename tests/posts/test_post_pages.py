"""The pages of posts: set up at the desk, taken on the phone, swapped, booked by a unit, printed, and lived at 11:30 in a real browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.posts.test_posts import Corner, build, claim_all
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.posts import actions, queries
from timebank.posts.models import Claim, Post, Swap, SwapState
from timebank.visits import on_duty
from timebank.visits.duties import Duty, DutyState
from timebank.volunteers.models import Unit, Volunteer


@pytest.fixture
def corner(app: Flask) -> Corner:
    return build(app)


@pytest.fixture
def office(corner: Corner, sign_in_as: Callable[..., Browser]) -> Browser:
    return sign_in_as(Role.COORDINATOR, corner.community)


def phone_of(corner: Corner, sign_in_as: Callable[..., Browser], place: int = 0) -> Browser:
    """Return the phone of somebody of the corner."""
    browser = sign_in_as(Role.VOLUNTEER, corner.community)
    with corner.app.app_context(), transaction():
        db.session.get_one(Volunteer, corner.people[place]).user_id = browser.user
    return browser


def count(corner: Corner, model: type[Claim | Post | Swap], **where: object) -> int:
    with corner.app.app_context():
        return db.session.query(model).filter_by(**where).count()


def test_a_post_is_set_up_with_its_rota_and_every_slip_keeps_what_was_typed(corner: Corner, office: Browser) -> None:
    empty = office.send("/posts/new", name="", kind="", place="3 号楼大厅", first_day="2026-11-23")
    assert empty.status_code == 422
    assert "请写岗位叫什么" in empty.text
    assert 'value="3 号楼大厅"' in empty.text
    nowhere = office.send("/posts/new", name="图书角", kind=corner.kind, first_day="2026-11-23")
    assert "请选楼栋、服务站，或者写在哪里" in nowhere.text
    assert 'value="图书角"' in nowhere.text
    made = office.send("/posts/new", name="图书角", kind=corner.kind, place="二楼", first_day="2026-11-23", earlier_days="30")
    assert made.status_code == 303
    page = made.location.split("#")[0]
    wrong = office.send(f"{page}/shifts", weekdays=["5", "6"], start="16:00", until="14:00", least="1")
    assert wrong.status_code == 422
    assert "结束要晚于开始" in wrong.text
    assert 'value="16:00"' in wrong.text
    assert office.send(f"{page}/shifts", weekdays=["5", "6"], start="14:00", until="16:00", least="1", wanted="2").status_code == 303
    shown = office.get(page).text
    assert "连续 30 天有人" in shown
    assert "周六 14:00–16:00" in shown
    assert "还缺 1 位" in shown
    listed = office.get("/posts?show=missing").text
    assert "图书角" in listed
    assert "周六、周日 14:00–16:00" in listed
    assert "没有这样的岗位" in office.get("/posts?q=没有的").text


def test_the_desk_takes_a_shift_in_somebodys_name_ends_it_and_drops_it(corner: Corner, office: Browser) -> None:
    with corner.app.app_context():
        shift = corner.shifts()[0].id
    page = f"/posts/{corner.post}"
    assert office.send(f"{page}/claims", shift=shift).status_code == 422
    assert office.send(f"{page}/claims", shift=shift, volunteer=corner.people[0]).status_code == 303
    assert "服务站代记" in office.get(page).text
    with corner.app.app_context():
        claim = queries.claims_of(corner.person())[0].id
    answer = office.send(f"{page}/claims/{claim}/end")
    assert "空出 2 次还没开始的班" in office.get(answer.location).text
    answer = office.send(f"{page}/shifts/{shift}/drop")
    assert "取消了 4 个还没开始的名额" in office.get(answer.location).text


def test_the_phone_finds_takes_and_gives_back_a_shift_or_one_turn(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    phone = phone_of(corner, sign_in_as)
    assert "还没有认领岗位" in phone.get("/phone/posts").text
    assert "老乡护学岗" in phone.get("/phone/posts/all").text
    with corner.app.app_context():
        shift = corner.shifts()[0].id
        tuesday = queries.week_of(corner.the_post(), make.MONDAY)[1].seats[0].id
    answer = phone.send(f"/phone/posts/{corner.post}/shifts/{shift}/claim")
    mine = phone.get(answer.location).text
    assert "周一 11:30–12:00" in mine
    answer = phone.send(f"/phone/posts/turns/{tuesday}/take")
    assert "认领好了" in phone.get(answer.location).text
    assert "11月24日" in phone.get("/phone/week").text
    with corner.app.app_context():
        claim = queries.claims_of(corner.person())[0].id
    answer = phone.send(f"/phone/posts/claims/{claim}/end")
    assert "空出来的 2 次" in phone.get(answer.location).text
    assert count(corner, Claim, ended=None) == 0


def test_a_swap_is_offered_on_one_phone_and_taken_on_another(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        actions.claim_shift(corner.shifts()[0], corner.person(1))
        duty = on_duty.duties_of(corner.person(), make.WEDNESDAY, make.WEDNESDAY)[0].id
    one, other = phone_of(corner, sign_in_as), phone_of(corner, sign_in_as, 1)
    assert "卞玉贵" in one.get(f"/phone/posts/turns/{duty}/swap").text
    one.send(f"/phone/posts/turns/{duty}/swap", to=corner.people[1])
    assert "在找人换：卞玉贵" in one.get("/phone/posts").text
    with corner.app.app_context():
        swap = db.session.query(Swap).one().id
    assert "丁守田想换班" in other.get("/phone/posts").text
    answer = other.send(f"/phone/posts/swaps/{swap}/take")
    assert "这一班归你了" in other.get(answer.location).text
    assert count(corner, Swap, state=SwapState.TAKEN) == 1
    again = other.send(f"/phone/posts/swaps/{swap}/take")
    assert (again.status_code, "这一班已经有人接了" in again.text) == (409, True)


def test_a_swap_can_be_taken_back(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    claim_all(corner)
    claim_all(corner, 1)
    with corner.app.app_context():
        duty = on_duty.duties_of(corner.person(), make.WEDNESDAY, make.WEDNESDAY)[0].id
    phone = phone_of(corner, sign_in_as)
    phone.send(f"/phone/posts/turns/{duty}/swap")
    assert "同岗位的人" in phone.get("/phone/posts").text
    phone.send(f"/phone/posts/turns/{duty}/swap/withdraw")
    assert count(corner, Swap, state=SwapState.WITHDRAWN) == 1


def test_a_unit_books_names_later_prints_one_sheet_and_gives_the_rest_back(corner: Corner, office: Browser) -> None:
    with corner.app.app_context(), transaction():
        unit = make.add(Unit(community_id=corner.community, name="松坡银行", contact="")).id
        make.make_standing(corner.person(), unit_id=unit)
        seat = queries.week_of(corner.the_post(), make.MONDAY)[2].seats[0].id
    assert "还有 2 个" in office.get(f"/posts/turns/{seat}/book").text
    refused = office.send(f"/posts/turns/{seat}/book", unit=unit, places="9")
    assert refused.status_code == 422
    assert 'value="9"' in refused.text
    names = office.send(f"/posts/turns/{seat}/book", unit=unit, places="2").location
    assert "订了 2 个，填了 0 个名字" in office.get(names).text
    assert "请勾上来的人" in office.send(names).text
    office.send(names, volunteer=corner.people[0])
    assert "填了 1 个名字" in office.get(names).text
    assert "还差 1 个" in office.get("/posts/bookings").text
    sheet = office.get(f"/sheets/turns/{seat}.pdf")
    assert sheet.data.startswith(b"%PDF")
    office.send(f"{names}/give-back")
    with corner.app.app_context():
        (booking,) = queries.bookings(corner.community)
        assert [each.state for each in booking.seats] == [DutyState.AGREED]


def test_a_post_that_changes_its_place_tells_it_on_the_turns_to_come(corner: Corner, office: Browser) -> None:
    office.send(
        f"/posts/{corner.post}/edit", name="老乡护学岗", kind=corner.kind, place="松坡小学西门", first_day="2026-11-23", workdays_only="1"
    )
    with corner.app.app_context():
        places = {each.place for each in db.session.query(Duty).filter_by(part_of="post")}
        assert places == {"松坡小学西门"}
        assert queries.streak(corner.the_post()) == 0
        assert len(queries.week_of(corner.the_post(), make.MONDAY + timedelta(days=7))) == 5
