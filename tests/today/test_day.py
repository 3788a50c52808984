"""Today, calls, confirming and the desk's grid: what the office does on the day itself, once."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town, offer_of
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.ledger.models import Transfer
from timebank.places.models import Canteen
from timebank.visits.actions import serving
from timebank.visits.actions.offering import accept
from timebank.visits.models import Alert, Offer, OfferState, Outcome, Round, ServiceRecord, Trust, Visit, VisitState
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Team, Volunteer

OFFICE = [Role.ADMIN, Role.COORDINATOR, Role.INSPECTOR]


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def lead_of(town: Town, sign_in_as: Callable[..., Browser], role: Role) -> Browser:
    """Return the browser of who leads the carrier's team, or of somebody of the canteen."""
    browser = sign_in_as(role, town.community)
    with town.app.app_context(), transaction():
        thing: Team | Canteen = db.session.query(Canteen).one()
        if role is Role.TEAM_LEAD:
            thing = volunteers.add_team(town.community, "松坡队")
            volunteers.join_team(thing, db.session.get_one(Volunteer, town.volunteer), make.MONDAY, "报名")
        volunteers.look_after(db.session.get_one(User, browser.user), [thing])
    return browser


def alarm(town: Town, note: str = "说头晕，坐在椅子上。") -> int:
    """Let the first door of the round report somebody unwell."""
    with town.app.app_context(), transaction():
        made = offer_of(town.doors[0])
        assert made.round is not None
        serving.pick_up(made.round, 2)
        found = serving.report(made, Outcome.UNWELL, note)
        assert found is not None
        return found.id


def finish_round(town: Town, later: Callable[..., None]) -> None:
    """Let the whole round be carried from 10:50 to 11:10."""
    town.at("2026-11-25 10:50")
    with town.app.app_context(), transaction():
        meals = offer_of(town.doors[0]).round
        assert meals is not None
        serving.pick_up(meals, 2)
    for door in town.doors:
        later(minutes=10)
        with town.app.app_context(), transaction():
            serving.deliver(offer_of(door))


@pytest.mark.parametrize("role", OFFICE)
def test_today_opens_for_everybody_of_the_office(town: Town, sign_in_as: Callable[..., Browser], role: Role) -> None:
    page = sign_in_as(role, town.community).get("/today")
    assert page.status_code == 200
    assert "送餐 1 轮" in page.text
    assert "上门 1 次" in page.text


def test_an_alarm_stands_on_today_in_the_volunteers_own_words(town: Town) -> None:
    alarm(town)
    page = town.browser.get("/today").text
    assert "身体不适" in page
    assert "说头晕，坐在椅子上。" in page
    assert "后面还有 1 户没送" in page


def test_who_may_not_read_names_sees_neither_the_elder_nor_the_words(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    alarm(town)
    lead = lead_of(town, sign_in_as, Role.TEAM_LEAD).get("/today").text
    assert "身体不适" in lead
    assert "说头晕" not in lead
    assert "鞠淑贞" not in lead
    assert "alert-card" not in lead_of(town, sign_in_as, Role.CANTEEN).get("/today").text


def test_closing_an_alarm_needs_words_and_keeps_the_page(town: Town) -> None:
    number = alarm(town)
    answer = town.browser.send(f"/alerts/{number}/close", result="  ")
    assert answer.status_code == 422
    assert "请写结果" in answer.text
    assert town.get(Alert, number).closed_at is None


def test_an_alarm_goes_away_with_its_result(town: Town) -> None:
    number = alarm(town)
    assert town.browser.send(f"/alerts/{number}/close", result="女儿到了，平安。").status_code == 303
    assert town.get(Alert, number).result == "女儿到了，平安。"
    assert "alert-card" not in town.browser.get("/today").text


def test_an_alarm_of_another_community_is_not_found(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    number = alarm(town)
    with town.app.app_context(), transaction():
        other = make.make_community("other-street", name="别处社区").id
    assert sign_in_as(Role.COORDINATOR, other).send(f"/alerts/{number}/close", result="好了").status_code == 404


def test_somebody_without_a_phone_stands_on_the_call_list_until_answered(town: Town) -> None:
    assert "于淑珍" in town.browser.get("/calls").text
    answer = town.browser.send("/calls", offer=[town.haircut], answer="accept")
    assert answer.status_code == 303
    made = town.get(Offer, town.haircut)
    assert (made.state, made.answered_by) == (OfferState.ACCEPTED, Trust.DESK)
    assert "没有要打的电话" in town.browser.get("/calls").text


def test_a_no_on_the_telephone_gives_the_visit_back(town: Town) -> None:
    town.browser.send("/calls", offer=[town.haircut], answer="decline", reason="时间不方便")
    assert town.get(Offer, town.haircut).reason == "时间不方便"
    assert town.get(Visit, town.visit).state is VisitState.OPEN


def test_confirming_a_round_twice_writes_one_record_and_one_credit(town: Town, later: Callable[..., None]) -> None:
    finish_round(town, later)
    assert "王秀芬" in town.browser.get("/confirm").text
    for key in ("confirm-key-1", "confirm-key-1", "confirm-key-2"):
        answer = town.browser.send("/confirm", key=key, what="round", number=town.round, trust="desk")
        assert answer.status_code == 303
    assert town.count(ServiceRecord) == 1
    assert [row.minutes for row in town.all(Transfer)] == [20]
    assert town.all(ServiceRecord)[0].minutes == 20


def test_a_day_is_confirmed_as_a_whole_but_for_what_needs_a_call(town: Town, later: Callable[..., None]) -> None:
    finish_round(town, later)
    town.at("2026-11-25 14:00")
    with town.app.app_context(), transaction():
        made = offer_of(town.haircut)
        accept(made, Trust.DESK)
        serving.check_in(made, None)
    town.at("2026-11-25 14:40")
    with town.app.app_context(), transaction():
        serving.check_out(offer_of(town.haircut))
    town.browser.send("/confirm/day", day="2026-11-25")
    assert [row.round_id for row in town.all(ServiceRecord)] == [town.round]
    page = town.browser.get("/confirm").text
    assert "没有到访码" in page
    town.browser.send("/confirm", what="visit", number=town.visit, trust="call")
    assert {row.trust for row in town.all(ServiceRecord)} == {Trust.DESK, Trust.CALL}


def test_another_communitys_round_cannot_be_confirmed(town: Town, later: Callable[..., None], sign_in_as: Callable[..., Browser]) -> None:
    finish_round(town, later)
    with town.app.app_context(), transaction():
        other = make.make_community("other-street", name="别处社区").id
    answer = sign_in_as(Role.COORDINATOR, other).send("/confirm", what="round", number=town.round, trust="desk")
    assert answer.status_code == 404
    assert town.count(ServiceRecord) == 0


def test_an_inspector_reads_what_waits_and_confirms_nothing(
    town: Town, later: Callable[..., None], sign_in_as: Callable[..., Browser]
) -> None:
    finish_round(town, later)
    inspector = sign_in_as(Role.INSPECTOR, town.community)
    page = inspector.get("/confirm").text
    assert "王秀芬" in page
    assert "服务台确认" not in page
    assert inspector.send("/confirm", what="round", number=town.round, trust="desk").status_code == 403


def grid(town: Town, **rows: Any) -> dict[str, Any]:
    """Return the fields of the desk's grid, rows by the number of their offer."""
    return {"day": "2026-11-25", **{name.replace("__", "-"): value for name, value in rows.items()}}


def test_the_desk_shows_only_people_without_phones_unless_asked(town: Town) -> None:
    page = town.browser.get("/desk?day=2026-11-25").text
    assert "于淑珍" in page
    assert "王秀芬" not in page
    assert "王秀芬" in town.browser.get("/desk?day=2026-11-25&everybody=1").text


def test_the_desk_enters_answer_and_service_in_one_go_after_the_day(town: Town) -> None:
    town.at("2026-11-25 18:00")
    fields = grid(town) | {f"started-{town.haircut}": "1402", f"ended-{town.haircut}": "14:45"}
    assert town.browser.send("/desk", **fields).status_code == 303
    made = town.get(Offer, town.haircut)
    assert (made.state, made.answered_by, made.outcome) == (OfferState.ACCEPTED, Trust.DESK, Outcome.DONE)
    assert made.started_at.strftime("%H:%M") == "14:02"
    assert town.get(Visit, town.visit).state is VisitState.DONE


def test_good_rows_are_saved_and_bad_ones_stay_with_what_was_typed(town: Town) -> None:
    town.at("2026-11-25 18:00")
    fields = grid(town, everybody="1") | {
        f"started-{town.haircut}": "1500",
        f"ended-{town.haircut}": "1402",
        f"fetched-r{town.round}": "1051",
        f"last-r{town.round}": "1120",
        f"outcome-{town.doors[0]}": "done",
        f"ended-{town.doors[0]}": "1101",
        f"outcome-{town.doors[1]}": "done",
    }
    answer = town.browser.send("/desk", **fields)
    assert answer.status_code == 422
    assert "时间不对" in answer.text
    assert 'value="1500"' in answer.text
    assert "其余 2 行已经存好" in answer.text
    assert town.get(Offer, town.haircut).outcome is None
    assert town.get(Offer, town.haircut).state is OfferState.SENT
    ends = [town.get(Offer, door).ended_at.strftime("%H:%M") for door in town.doors]
    assert ends == ["11:01", "11:20"]
    assert town.get(Round, town.round).picked_up_at.strftime("%H:%M") == "10:51"


def test_sending_the_grid_twice_has_one_effect(town: Town) -> None:
    town.at("2026-11-25 18:00")
    fields = grid(town) | {f"started-{town.haircut}": "1402", f"ended-{town.haircut}": "1445"}
    first = town.browser.send("/desk", key="grid-key-1", **fields)
    again = town.browser.send("/desk", key="grid-key-1", **fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert town.get(Offer, town.haircut).ended_at.strftime("%H:%M") == "14:45"


@pytest.mark.parametrize(("started", "sentence"), [("2561", "不是时间"), ("=cmd()", "不是时间"), ("", "都填上")])
def test_a_row_that_cannot_be_read_says_why(town: Town, started: str, sentence: str) -> None:
    town.at("2026-11-25 18:00")
    fields = grid(town) | {f"started-{town.haircut}": started, f"ended-{town.haircut}": "1445"}
    assert sentence in town.browser.send("/desk", **fields).text


def test_a_round_is_not_entered_without_its_pick_up(town: Town) -> None:
    town.at("2026-11-25 18:00")
    fields = grid(town, everybody="1") | {f"ended-{town.doors[0]}": "1101"}
    assert "取餐时间" in town.browser.send("/desk", **fields).text


def test_the_desk_declines_for_somebody_and_keeps_the_visit_open(town: Town) -> None:
    town.browser.send("/desk", **grid(town), **{f"outcome-{town.haircut}": "declined"})
    assert town.get(Offer, town.haircut).state is OfferState.DECLINED
    assert town.get(Visit, town.visit).state is VisitState.OPEN


def test_nobody_at_home_on_todays_sheet_alarms_the_coordinators(town: Town) -> None:
    town.at("2026-11-25 15:00")
    fields = grid(town) | {f"started-{town.haircut}": "1402", f"ended-{town.haircut}": "1410", f"outcome-{town.haircut}": "no_answer"}
    town.browser.send("/desk", **fields)
    assert [row.kind for row in town.all(Alert)] == [Outcome.NO_ANSWER]
    assert town.get(Visit, town.visit).state is VisitState.FAILED


def test_the_offers_of_another_community_are_not_in_the_grid(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    town.at("2026-11-25 18:00")
    with town.app.app_context(), transaction():
        other = make.make_community("other-street", name="别处社区").id
    fields = grid(town, everybody="1") | {f"started-{town.haircut}": "1402", f"ended-{town.haircut}": "1445"}
    sign_in_as(Role.COORDINATOR, other).send("/desk", **fields)
    assert town.get(Offer, town.haircut).outcome is None


def test_every_page_of_the_day_reads_in_english(town: Town) -> None:
    alarm(town)
    town.browser.send("/language")
    for path in ("/today", "/calls", "/confirm", "/desk?everybody=1"):
        assert town.browser.get(path).status_code == 200
    with town.app.app_context():
        assert db.session.get(Alert, 1) is not None
