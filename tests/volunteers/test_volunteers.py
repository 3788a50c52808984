"""The office's forms about volunteers: the person and the sign-in, skills and proofs, free times, time off."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.small_town import Town, build_town
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.catalogue.models import Skill
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.volunteers.models import Availability, HeldSkill, TimeOff, Volunteer


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def form(town: Town, **values: object) -> dict[str, object]:
    """Return the whole form of a volunteer."""
    ordinary = {
        "name": "綦文远",
        "phone": "138 0013 8001",
        "home": town.building,
        "travel": "walk",
        "boxes": 6,
        "max_day": 180,
        "max_week": 360,
    }
    return {**ordinary, "has_phone": "1", "active": "1", **values}


def test_a_new_volunteer_has_an_account_and_can_sign_in(town: Town) -> None:
    assert town.browser.send("/volunteers/new", **form(town)).status_code == 303
    row = town.all(Volunteer, Volunteer.name == "綦文远")[0]
    assert row.phone == "13800138001"
    assert town.get(User, row.user_id).role is Role.VOLUNTEER


def test_somebody_without_a_smartphone_gets_no_sign_in(town: Town) -> None:
    town.browser.send("/volunteers/new", **form(town, has_phone=""))
    assert town.all(Volunteer, Volunteer.name == "綦文远")[0].user_id is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"phone": "138"}, "手机号是 11 位"),
        ({"name": " "}, "这一项要填"),
        ({"max_week": "60"}, "比每天的还小"),
        ({"max_day": "-5"}, "之间的整数"),
        ({"max_week": "9223372036854775808"}, "之间的整数"),
        ({"home": ""}, "请选楼栋"),
        ({"insured_until": "2026-13-01"}, "日期不对"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_its_sentence(town: Town, values: dict[str, object], sentence: str) -> None:
    before = town.count(Volunteer)
    answer = town.browser.send("/volunteers/new", **form(town, **values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert town.count(Volunteer) == before


def test_a_number_is_nobody_elses(town: Town) -> None:
    taken = town.get(Volunteer, town.volunteer).phone
    answer = town.browser.send("/volunteers/new", **form(town, phone=taken))
    assert answer.status_code == 422
    assert "号码已被使用" in answer.text


def test_a_relative_becomes_a_volunteer_at_the_desk_with_the_same_sign_in_and_keeps_the_family(town: Town) -> None:
    with town.app.app_context(), transaction():
        relative = make.make_user(Role.FAMILY, phone="13800138001", name="綦 文远")
        make.make_family(db.session.get_one(Elder, town.elder), relative)
        number = relative.id
    assert town.browser.send("/volunteers/new", **form(town)).status_code == 303
    assert town.all(Volunteer, Volunteer.name == "綦文远")[0].user_id == number
    assert (town.get(User, number).role, town.get(User, number).community_id) == (Role.VOLUNTEER, town.community)
    phone = open_browser(town.app)
    with town.app.app_context(), transaction():
        token, _session = access.sign_in(db.session.get_one(User, number))
    with town.app.test_request_context():
        phone.set_cookie(guards.cookie_name(), token)
    assert "家里老人的服务" in phone.get("/phone/me").text
    assert phone.get("/family").status_code == 200


def test_a_family_of_another_name_is_not_made_a_volunteer(town: Town) -> None:
    with town.app.app_context(), transaction():
        make.make_user(Role.FAMILY, phone="13800138001", name="贾思敏")
    answer = town.browser.send("/volunteers/new", **form(town))
    assert answer.status_code == 422
    assert "贾**" in answer.text
    assert town.all(User, User.phone == "13800138001")[0].role is Role.FAMILY


def test_a_couple_without_smartphones_shares_a_telephone_until_one_of_them_gets_a_smartphone(town: Town) -> None:
    for name in ("綦文远", "令狐素"):
        assert town.browser.send("/volunteers/new", **form(town, name=name, has_phone="")).status_code == 303
    one = town.all(Volunteer, Volunteer.name == "綦文远")[0]
    refused = town.browser.send(f"/volunteers/{one.id}/edit", **form(town))
    assert refused.status_code == 422
    assert "不能共用" in refused.text
    assert town.browser.send("/volunteers/new", **form(town, name="綦文远", has_phone="")).status_code == 422
    assert town.browser.send(f"/volunteers/{one.id}/edit", **form(town, phone="13800138009")).status_code == 303
    assert town.get(Volunteer, one.id).user_id


def test_a_coordinators_own_number_is_not_made_a_volunteers(town: Town) -> None:
    phone = town.get(User, town.browser.user or 0).phone
    assert town.browser.send("/volunteers/new", **form(town, phone=phone)).status_code == 422


def test_the_sign_in_follows_a_change_of_number_and_ends_when_they_stop(town: Town) -> None:
    town.browser.send("/volunteers/new", **form(town))
    row = town.all(Volunteer, Volunteer.name == "綦文远")[0]
    path = f"/volunteers/{row.id}/edit"
    assert town.browser.send(path, **form(town, phone="13800138002", home="")).status_code == 303
    assert town.get(User, row.user_id).phone == "13800138002"
    town.browser.send(path, **form(town, phone="13800138002", active=""))
    assert not town.get(User, row.user_id).active
    assert "綦文远" not in town.browser.get("/volunteers").text


def test_a_skill_that_needs_a_proof_is_not_held_without_one(town: Town) -> None:
    skill = town.all(Skill)[0].id
    path = f"/volunteers/{town.volunteer}/skills"
    refused = town.browser.send(path, skill=skill, proof="")
    assert refused.status_code == 422
    assert "请填证明" in refused.text
    assert town.browser.send(path, skill=skill, proof="理发师证", expires="2026-11-01").status_code == 422
    assert town.browser.send(path, skill=skill, proof="理发师证", expires="2027-11-01").status_code == 303
    held = town.all(HeldSkill)[0]
    assert held.proof == "理发师证"
    town.browser.send(f"{path}/{held.id}/drop")
    assert town.count(HeldSkill) == 0


def test_free_times_are_typed_as_one_says_them(town: Town) -> None:
    path = f"/volunteers/{town.volunteer}/times"
    assert town.browser.send(path, day0="830-1130 14:00-17:00", day2="9：00－10：00").status_code == 303
    spans = {(row.weekday, row.start, row.end) for row in town.all(Availability)}
    assert spans == {(0, 510, 690), (0, 840, 1020), (2, 540, 600)}
    refused = town.browser.send(path, day0="上午")
    assert refused.status_code == 422
    assert 'value="上午"' in refused.text
    assert town.count(Availability) == 3


def test_time_off_is_noted_once_and_taken_back(town: Town) -> None:
    path = f"/volunteers/{town.volunteer}/time-off"
    for _tap in range(2):
        town.browser.send(path, key="time-off-key", day="2026-11-27")
    away = town.all(TimeOff)
    assert [(row.start, row.end) for row in away] == [(0, 1440)]
    town.browser.send(f"{path}/{away[0].id}/drop")
    assert town.count(TimeOff) == 0


def test_an_impossible_time_off_is_refused_in_words(town: Town) -> None:
    answer = town.browser.send(f"/volunteers/{town.volunteer}/time-off", day="2026-11-01")
    assert answer.status_code == 422
    assert "已经过去了" in answer.text
