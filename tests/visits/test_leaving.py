"""A volunteer's time off at the desk, free times, and somebody who stops: what they were to do is shown, given back, told."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.actions import leaving, offering
from timebank.visits.models import Offer, OfferState, Pairing, Tie, Visit, VisitState
from timebank.volunteers.models import Availability, TimeOff, Volunteer


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def with_phone(town: Town) -> int:
    """Give the carrier of the round a sign-in; return its number."""
    with town.app.app_context(), transaction():
        user = make.make_user(Role.VOLUNTEER, db.session.get_one(Community, town.community))
        db.session.get_one(Volunteer, town.volunteer).user_id = user.id
        return user.id


def path(town: Town) -> str:
    return f"/volunteers/{town.volunteer}/time-off"


def states(town: Town) -> set[OfferState]:
    return {town.get(Offer, number).state for number in town.doors}


def test_time_off_at_the_desk_over_accepted_visits_stores_nothing_and_shows_them(town: Town) -> None:
    asked = town.browser.send(path(town), day="2026-11-25", reason="看牙")
    assert asked.status_code == 422
    assert "这段时间已接受 2 件" in asked.text
    assert "记下请假并退掉这 2 件" in asked.text
    assert "送餐 2 户 2 份" in asked.text
    for kept in ('name="day" value="2026-11-25"', 'name="reason" value="看牙"', 'name="give_back" value="1"'):
        assert kept in asked.text
    assert town.count(TimeOff) == 0
    assert states(town) == {OfferState.ACCEPTED}


def test_the_second_press_notes_the_time_off_gives_back_tells_once_and_says_what_is_open(town: Town) -> None:
    user = with_phone(town)
    answer = town.browser.send(path(town), day="2026-11-25", give_back="1")
    assert answer.status_code == 303
    assert town.count(TimeOff) == 1
    assert states(town) == {OfferState.WITHDRAWN}
    assert {row.state for row in town.all(Visit, Visit.canteen_id.is_not(None))} == {VisitState.OPEN}
    assert town.count(Notice, Notice.user_id == user) == 1
    assert town.count(Notice, Notice.template == "lost", Notice.user_id == town.browser.user) == 1
    assert "退掉了 2 件，都等着另请人" in town.browser.get(answer.location).text


def test_time_off_at_the_desk_with_nothing_in_the_way_is_one_press(town: Town) -> None:
    assert town.browser.send(path(town), day="2026-11-25", start="14:00", end="16:00").status_code == 303
    assert town.count(TimeOff) == 1
    assert states(town) == {OfferState.ACCEPTED}


def test_an_impossible_time_off_at_the_desk_keeps_what_was_typed(town: Town) -> None:
    answer = town.browser.send(path(town), day="2026-11-27", start="16:00", end="14:00")
    assert answer.status_code == 422
    assert "结束时间要晚于开始时间" in answer.text
    assert 'value="16:00"' in answer.text
    assert town.count(TimeOff) == 0


def test_what_is_over_already_does_not_stand_in_the_way_of_a_time_off(town: Town) -> None:
    town.at("2026-11-25 18:00")
    with town.app.app_context():
        assert leaving.during(db.session.get_one(Volunteer, town.volunteer), make.WEDNESDAY) == []


def test_new_free_times_leave_what_was_accepted_outside_them_and_list_it(town: Town) -> None:
    times = f"/volunteers/{town.volunteer}/times"
    answer = town.browser.send(times, day2="14:00-17:00")
    page = town.browser.get(answer.location).text
    assert "照旧算数" in page
    assert "送餐 2 户 2 份" in page
    assert states(town) == {OfferState.ACCEPTED}
    inside = town.browser.send(times, day2="10:30-12:30")
    assert inside.location == f"/volunteers/{town.volunteer}"
    assert "照旧算数" not in town.browser.get(times).text
    assert town.count(Availability) == 1


def form(town: Town, **values: object) -> dict[str, object]:
    """Return the whole form of the carrier as it stands, still serving or not."""
    row = town.get(Volunteer, town.volunteer)
    ordinary = {"name": row.name, "phone": row.phone, "travel": "walk", "boxes": 6, "max_day": 180, "max_week": 360}
    return {**ordinary, "active": "1", **values}


def usual(town: Town) -> None:
    """Make the carrier the familiar face of a door."""
    with town.app.app_context(), transaction():
        home = db.session.get_one(Elder, town.elder).household_id
        make.add(Pairing(household_id=home, volunteer_id=town.volunteer, tie=Tie.USUAL))


def test_somebody_who_stops_leaves_nothing_behind_unseen(town: Town) -> None:
    usual(town)
    asked = town.browser.send(f"/volunteers/{town.volunteer}/edit", **form(town, active="", boxes=4))
    assert asked.status_code == 422
    assert "停用并退掉 2 件" in asked.text
    assert "是 1 户的熟面孔" in asked.text
    assert "臧玉梅" in asked.text
    assert 'name="boxes" value="4"' in asked.text
    row = town.get(Volunteer, town.volunteer)
    assert (row.active, row.boxes) == (True, 6)
    assert states(town) == {OfferState.ACCEPTED}


def test_somebody_who_stops_gives_everything_back_and_is_nobodys_familiar_face(town: Town) -> None:
    usual(town)
    user = with_phone(town)
    answer = town.browser.send(f"/volunteers/{town.volunteer}/edit", **form(town, active="", has_phone="1", sure="1"))
    assert answer.status_code == 303
    assert not town.get(Volunteer, town.volunteer).active
    assert not town.get(User, user).active
    assert states(town) == {OfferState.WITHDRAWN}
    assert town.count(Pairing) == 0
    assert {row.state for row in town.all(Visit, Visit.canteen_id.is_not(None))} == {VisitState.OPEN}
    assert "退掉了 2 件" in town.browser.get(answer.location).text


def test_somebody_with_nothing_to_do_stops_in_one_press(town: Town) -> None:
    with town.app.app_context(), transaction():
        for number in town.doors:
            offering.withdraw(db.session.get_one(Offer, number), "test")
    assert town.browser.send(f"/volunteers/{town.volunteer}/edit", **form(town, active="")).status_code == 303
    assert not town.get(Volunteer, town.volunteer).active


def test_changing_somebody_who_goes_on_asks_nothing(town: Town) -> None:
    assert town.browser.send(f"/volunteers/{town.volunteer}/edit", **form(town, boxes=4)).status_code == 303
    assert states(town) == {OfferState.ACCEPTED}
    with town.app.app_context():
        assert db.session.scalars(select(Volunteer.boxes).where(Volunteer.id == town.volunteer)).one() == 4
