"""The kitchen closes at a minute of the day before: pages say so before the press, and a late box is settled."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.places.models import Canteen, Community
from timebank.visits.actions.scheduling import schedule_week
from timebank.visits.models import BoxFate, HelpRequest, LateMeal, Pattern, RequestState

CLOSED = "食堂 16:00 已截单：明天 1 份"


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


class Lunch:
    """An elder with a daughter and a lunch on every weekday."""

    def __init__(self, town: Town, daughter: Browser) -> None:
        """Build them, the week opened on the Sunday before; it is Wednesday afternoon now."""
        make.set_clock("2026-11-22 12:00")
        with town.app.app_context(), transaction():
            community = db.session.get_one(Community, town.community)
            db.session.scalars(select(Canteen)).one().phone = "0532-0000 0456"
            kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "MEAL")).one()
            home = make.make_household(community)
            elder = make.make_elder(home, "宋桂兰")
            make.make_family(elder, db.session.get_one(User, daughter.user))
            need = make.make_request(
                community, kind, home, elder=elder, pattern=Pattern.EACH_DAY, weekdays=[0, 1, 2, 3, 4], dates=[], first_day=make.MONDAY
            )
            schedule_week(community.id, make.MONDAY)
            self.elder, self.need, self.daughter = elder.id, need.id, daughter
        town.at("2026-11-25 15:30")


@pytest.fixture
def lunch(town: Town, sign_in_as: Callable[..., Browser]) -> Lunch:
    return Lunch(town, sign_in_as(Role.FAMILY, None))


def late(town: Town) -> list[LateMeal]:
    return town.all(LateMeal, LateMeal.settled_at.is_(None))


def pages(town: Town, lunch: Lunch) -> dict[str, str]:
    """Return the pages on which a meal can fall away."""
    return {
        "elder": town.browser.get(f"/elders/{lunch.elder}").text,
        "gone": town.browser.get(f"/elders/{lunch.elder}/state?state=moved").text,
        "need": town.browser.get(f"/requests/{lunch.need}").text,
        "away": lunch.daughter.get("/family/away").text,
        "cancel": lunch.daughter.get(f"/family/requests/{lunch.need}/cancel").text,
    }


def test_after_closing_every_page_on_which_a_meal_can_fall_says_so_before_the_press(town: Town, lunch: Lunch) -> None:
    assert [name for name, page in pages(town, lunch).items() if "明天 1 份" in page] == []
    town.at("2026-11-25 16:00")
    assert [name for name, page in pages(town, lunch).items() if CLOSED not in page] == []


def test_every_page_on_which_a_meal_is_ordered_names_the_days_the_kitchen_has_closed_for(town: Town, lunch: Lunch) -> None:
    desk, family = f"/requests/new?elder={lunch.elder}&kind=MEAL", "/ask/MEAL"
    assert "今天的已经截了" in town.browser.get(desk).text
    assert "2026-11-26" in lunch.daughter.get(family).text
    town.at("2026-11-25 16:00")
    assert "今天、明天的已经截了：再加要打电话给食堂（0532-0000 0456）" in town.browser.get(desk).text
    assert "今天、明天的已经截了。急着要，请打电话给服务站" in lunch.daughter.get(family).text
    assert 'value="2026-11-26"' not in lunch.daughter.get(family).text
    assert "截单" not in town.browser.get(f"/requests/new?elder={lunch.elder}&kind=HAIR").text


def test_the_kitchen_closes_when_its_setting_says(town: Town, lunch: Lunch) -> None:
    with town.app.app_context(), transaction():
        db.session.scalars(select(Canteen)).one().closes = 18 * 60
    town.at("2026-11-25 17:59")
    assert "明天 1 份" not in town.browser.get(f"/requests/{lunch.need}").text
    town.at("2026-11-25 18:00")
    assert "食堂 18:00 已截单：明天 1 份" in town.browser.get(f"/requests/{lunch.need}").text


def pause(town: Town, lunch: Lunch, day: str = "2026-11-26") -> str:
    answer = town.browser.send(f"/elders/{lunch.elder}/pause", first_day=day, last_day=day)
    return str(town.browser.get(answer.location).text)


def test_a_meal_dropped_in_time_leaves_nothing_to_settle(town: Town, lunch: Lunch) -> None:
    pause(town, lunch)
    assert late(town) == []


def test_a_meal_dropped_late_waits_for_the_desk_to_say_what_becomes_of_it(town: Town, lunch: Lunch) -> None:
    town.at("2026-11-25 16:30")
    page = pause(town, lunch)
    assert "明天 1 份多出来了，请定怎么处理" in page
    number = late(town)[0].id
    assert "截单以后改的餐有 1 件等着定" in town.browser.get("/requests").text
    assert f"/late-meals/{number}" in town.browser.get("/late-meals").text
    assert town.browser.send(f"/late-meals/{number}").status_code == 422
    refused = town.browser.send(f"/late-meals/{number}", fate="kept", elder=lunch.elder)
    assert refused.status_code == 422
    assert "请写留给谁" in refused.text
    answer = town.browser.send(f"/late-meals/{number}", fate="kept", kept_for="门卫老李", elder=lunch.elder)
    assert answer.location == f"/elders/{lunch.elder}"
    row = town.get(LateMeal, number)
    assert (row.fate, row.kept_for, row.settled_by) == (BoxFate.KEPT, "门卫老李", town.browser.user)
    assert "多出来了" not in town.browser.get("/late-meals").text


@pytest.mark.parametrize("fate", [BoxFate.BACK, BoxFate.THROWN, BoxFate.KITCHEN])
def test_a_box_is_carried_back_thrown_away_or_left_to_the_kitchen(town: Town, lunch: Lunch, fate: BoxFate) -> None:
    town.at("2026-11-25 16:30")
    pause(town, lunch)
    number = late(town)[0].id
    assert town.browser.send(f"/late-meals/{number}", fate=fate.value).status_code == 303
    assert town.get(LateMeal, number).fate is fate


def test_a_meal_whose_time_is_over_leaves_the_kitchen_nothing_to_know(town: Town, lunch: Lunch) -> None:
    town.at("2026-11-25 16:30")
    pause(town, lunch, "2026-11-25")
    assert late(town) == []


def test_what_a_family_cancels_late_waits_for_the_desk_too(town: Town, lunch: Lunch) -> None:
    town.at("2026-11-25 16:30")
    lunch.daughter.send("/family/away", elder=lunch.elder, first_day="2026-11-26")
    assert [row.boxes for row in late(town)] == [-1]


def test_a_meal_ordered_late_says_that_the_kitchen_must_be_telephoned(town: Town, lunch: Lunch) -> None:
    town.at("2026-11-25 16:30")
    form = {"elder": town.elder, "kind": "MEAL", "pattern": "once", "dates": ["2026-11-26"], "window_from": "11:00", "window_to": "12:15"}
    answer = town.browser.send("/requests/new", **form, boxes="1", then="accept")
    said = "明天 1 份要打电话告诉食堂（0532-0000 0456）"
    assert said in town.browser.get(answer.location).text
    number = late(town)[0].id
    assert said in town.browser.get(f"/elders/{town.elder}").text
    assert town.browser.send(f"/late-meals/{number}").status_code == 303
    assert late(town) == []


def test_accepting_what_a_family_asked_in_time_is_late_when_the_kitchen_has_closed(town: Town, lunch: Lunch) -> None:
    asked = {"elder": lunch.elder, "dates": "2026-11-26", "window": "660-735", "boxes": "1"}
    lunch.daughter.send("/ask/MEAL", **asked)
    number = town.all(HelpRequest, HelpRequest.state == RequestState.NEW)[0].id
    town.at("2026-11-25 16:30")
    assert "今天、明天的已经截了" in town.browser.get(f"/requests/{number}").text
    answer = town.browser.send(f"/requests/{number}/accept")
    assert "要打电话告诉食堂" in town.browser.get(answer.location).text


def test_an_inspector_reads_late_meals_and_settles_none(town: Town, lunch: Lunch, sign_in_as: Callable[..., Browser]) -> None:
    town.at("2026-11-25 16:30")
    pause(town, lunch)
    inspector = sign_in_as(Role.INSPECTOR, town.community)
    page = inspector.get("/late-meals")
    assert page.status_code == 200
    assert "就这样定" not in page.text
    assert inspector.send(f"/late-meals/{late(town)[0].id}", fate="back").status_code == 403


def test_another_communitys_late_meal_is_not_found(town: Town, lunch: Lunch, sign_in_as: Callable[..., Browser]) -> None:
    town.at("2026-11-25 16:30")
    pause(town, lunch)
    with town.app.app_context(), transaction():
        other = make.make_community("other-street", name="别处社区").id
    assert sign_in_as(Role.COORDINATOR, other).send(f"/late-meals/{late(town)[0].id}", fate="back").status_code == 404
    assert town.get(Elder, lunch.elder) is not None
