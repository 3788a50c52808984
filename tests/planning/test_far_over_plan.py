"""What the office sees and can do when something lasted far longer than planned: singly, with the reason, never by who typed it in."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town, offer_of
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.visits.actions import serving
from timebank.visits.actions.offering import accept
from timebank.visits.models import Offer, ServiceRecord, Trust, Visit, VisitState

SENTENCE = "记了 {} 分钟，计划 {} 分钟，请核对"


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    town = build_town(app, sign_in_as(Role.COORDINATOR))
    with app.app_context(), transaction():
        db.session.get_one(User, town.browser.user).name = "衣晓雯"
    return town


@pytest.fixture
def colleague(town: Town, sign_in_as: Callable[..., Browser]) -> Browser:
    return sign_in_as(Role.COORDINATOR, town.community)


def haircut(town: Town, minutes: int) -> None:
    """Let the haircut of 40 minutes be done with the visit code, in so many minutes."""
    town.at("2026-11-25 14:00")
    with town.app.app_context(), transaction():
        made = offer_of(town.haircut)
        accept(made, Trust.DESK)
        serving.check_in(made, made.visit.code)
    hour, minute = divmod(14 * 60 + minutes, 60)
    town.at(f"2026-11-25 {hour:02d}:{minute:02d}")
    with town.app.app_context(), transaction():
        serving.check_out(offer_of(town.haircut))


def row(town: Town, started: str = "1300", ended: str = "1600", reason: str = "") -> dict[str, str]:
    """Return the row of the haircut as it is typed into the grid in the evening."""
    town.at("2026-11-25 18:00")
    typed = {f"started-{town.haircut}": started, f"ended-{town.haircut}": ended, f"reason-{town.haircut}": reason}
    return {"day": "2026-11-25", **typed}


def lunch(town: Town, reason: str = "") -> dict[str, str]:
    """Return the rows of a round planned for 18 minutes as if it had begun at one in the morning."""
    town.at("2026-11-25 18:00")
    typed = {f"fetched-r{town.round}": "0100", f"last-r{town.round}": "1030", f"reason-r{town.round}": reason}
    return {"day": "2026-11-25", "everybody": "1", **typed, **{f"outcome-{door}": "done" for door in town.doors}}


def test_a_whole_day_is_confirmed_but_for_what_lasted_far_too_long(town: Town) -> None:
    haircut(town, 90)
    page = town.browser.get("/confirm").text
    assert SENTENCE.format(90, 40) in page
    assert "时间太长" in page
    assert "一起确认" not in page
    town.browser.send("/confirm/day", day="2026-11-25")
    assert town.count(ServiceRecord) == 0
    assert town.browser.send("/confirm", what="visit", number=town.visit, trust="call").status_code == 303
    assert [each.minutes for each in town.all(ServiceRecord)] == [90]


def test_what_lasted_a_little_longer_is_no_doubt(town: Town) -> None:
    haircut(town, 75)
    assert "请核对" not in town.browser.get("/confirm").text
    town.browser.send("/confirm/day", day="2026-11-25")
    assert [each.minutes for each in town.all(ServiceRecord)] == [75]


def test_a_family_is_not_asked_about_what_lasted_far_too_long_and_can_still_object(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    daughter = sign_in_as(Role.FAMILY, None)
    with town.app.app_context(), transaction():
        make.make_family(db.session.get_one(Elder, town.elder), db.session.get_one(User, daughter.user))
    haircut(town, 90)
    assert "请您说一声" not in daughter.get("/family").text
    page = daughter.get(f"/family/visits/{town.visit}").text
    assert "服务站核对以后才算数" in page
    assert "是的，服务做好了" not in page
    assert "有不对的地方" in page
    answer = daughter.send(f"/family/visits/{town.visit}/confirm")
    assert answer.status_code == 409
    assert "协调员核对时间" in answer.text
    assert town.count(ServiceRecord) == 0
    assert daughter.send(f"/family/visits/{town.visit}/object", doubt="只来了半小时").status_code == 303


def test_a_row_far_over_the_plan_comes_back_with_what_was_typed_and_asks_for_the_reason(town: Town) -> None:
    assert "做了这么久的原因" not in town.browser.get("/desk?day=2026-11-25").text
    answer = town.browser.send("/desk", **row(town))
    assert answer.status_code == 422
    assert "这样要记 180 分钟，计划 40 分钟" in answer.text
    assert "做了这么久的原因" in answer.text
    assert f'name="reason-{town.haircut}"' in answer.text
    for typed in ("1300", "1600"):
        assert f'value="{typed}"' in answer.text
    assert town.get(Offer, town.haircut).outcome is None


def test_a_reason_stays_on_the_page_when_something_else_is_wrong_with_its_row(town: Town) -> None:
    answer = town.browser.send("/desk", **row(town, "1300", "25:61", "等救护车"))
    assert answer.status_code == 422
    assert 'value="等救护车"' in answer.text


def test_a_reason_alone_answers_nothing(town: Town) -> None:
    town.browser.send("/desk", **row(town, "", "", "等救护车"))
    assert town.get(Visit, town.visit).state is VisitState.OFFERED


def test_times_far_over_the_plan_go_on_record_only_by_a_colleague_who_reads_the_reason(town: Town, colleague: Browser) -> None:
    assert town.browser.send("/desk", **row(town, reason="老人摔了，等救护车")).status_code == 303
    made = town.get(Offer, town.haircut)
    assert (made.started_at.strftime("%H:%M"), made.ended_at.strftime("%H:%M")) == ("13:00", "16:00")
    assert (made.entered_by, made.entered_reason) == (town.browser.user, "老人摔了，等救护车")
    assert "要由另一位同事" in town.browser.get("/desk?day=2026-11-25").text
    mine = town.browser.get("/confirm").text
    assert "录入的人不能自己确认" in mine
    assert "服务台确认" not in mine
    for trust in ("desk", "call"):
        answer = town.browser.send("/confirm", what="visit", number=town.visit, trust=trust)
        assert answer.status_code == 409
        assert "请另一位同事或家属来确认" in answer.text
    for browser in (town.browser, colleague):
        browser.send("/confirm/day", day="2026-11-25")
    assert town.count(ServiceRecord) == 0
    theirs = colleague.get("/confirm").text
    assert SENTENCE.format(180, 40) in theirs
    assert "衣晓雯照纸录入：“老人摔了，等救护车”" in theirs
    assert colleague.send("/confirm", what="visit", number=town.visit, trust="desk").status_code == 303
    record = town.all(ServiceRecord)[0]
    assert record.minutes == 180
    trail = colleague.get(f"/books/hours/{record.id}").text
    assert "衣晓雯 照纸录入" in trail
    assert "老人摔了，等救护车" in trail


def test_the_doors_of_a_round_far_over_its_plan_share_one_reason(town: Town, colleague: Browser) -> None:
    answer = town.browser.send("/desk", **lunch(town))
    assert answer.status_code == 422
    assert answer.text.count(f'name="reason-r{town.round}"') == 1
    assert [town.get(Offer, door).outcome for door in town.doors] == [None, None]
    assert town.browser.send("/desk", **lunch(town, "一早去食堂帮厨")).status_code == 303
    assert {town.get(Offer, door).entered_reason for door in town.doors} == {"一早去食堂帮厨"}
    assert town.browser.send("/confirm", what="round", number=town.round, trust="desk").status_code == 409
    assert "一早去食堂帮厨" in colleague.get("/confirm").text
    assert colleague.send("/confirm", what="round", number=town.round, trust="desk").status_code == 303
    assert town.count(ServiceRecord) == 1


def test_an_ordinary_row_is_confirmed_by_a_colleague_too_and_not_by_whoever_entered_it(town: Town, colleague: Browser) -> None:
    assert town.browser.send("/desk", **row(town, "1400", "1442")).status_code == 303
    assert town.get(Offer, town.haircut).entered_by == town.browser.user
    assert "衣晓雯照纸录入" in town.browser.get("/desk?day=2026-11-25").text
    assert town.browser.send("/confirm", what="visit", number=town.visit, trust="call").status_code == 409
    assert town.count(ServiceRecord) == 0
    assert colleague.send("/confirm", what="visit", number=town.visit, trust="call").status_code == 303
    assert town.count(ServiceRecord) == 1
