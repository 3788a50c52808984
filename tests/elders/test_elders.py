"""The register of elders: consents before anything sensitive, families, new doors."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.elders.models import CareLevel, Consent, Elder, FamilyMember, Household
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def form(town: Town, **values: object) -> dict[str, object]:
    """Return the whole form of an elder."""
    return {"name": "臧玉梅", "gender": "F", "building": town.building, "floor": 3, "door": "西户", "level": "unknown", **values}


def test_a_new_elder_has_a_door_and_a_number_and_no_consent_that_nobody_gave(town: Town) -> None:
    answer = town.browser.send("/elders/new", name="单秀兰", building=town.building, floor=2)
    assert answer.status_code == 303
    elder = town.all(Elder, Elder.name == "单秀兰")[0]
    assert elder.sort_key.startswith("shan")
    assert [row.purpose for row in town.all(Consent, Consent.elder_id == elder.id)] == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "这一项要填"),
        ({"name": "长" * 21}, "最多 20 个字"),
        ({"name": "甲\x00乙"}, "看不见的字符"),
        ({"birth_year": "1789"}, "之间的整数"),
        ({"floor": "9"}, "这一栋共 4 层"),
        ({"building": ""}, "请选楼栋"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_its_sentence(town: Town, values: dict[str, object], sentence: str) -> None:
    before = town.count(Elder)
    answer = town.browser.send("/elders/new", **{"name": "单秀兰", "building": town.building, "floor": 2, **values})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert town.count(Elder) == before


@pytest.mark.parametrize("words", ["（0532）88880000转801", "０５３２－８８８８００００－８０１", "0532-8888 0000-801"])
def test_a_telephone_is_kept_in_half_width_and_dialled_with_its_extension(town: Town, words: str) -> None:
    town.browser.send("/elders/new", name="单秀兰", building=town.building, floor=2, phone=words)
    (elder,) = town.all(Elder, Elder.name == "单秀兰")
    assert elder.phone == words.translate(str.maketrans("（）０５３２８１－", "()053281-"))
    assert "tel:053288880000,801" in town.browser.get(f"/elders/{elder.id}").text


def test_a_building_of_another_community_is_not_found(town: Town) -> None:
    with town.app.app_context(), transaction():
        far = make.make_building(make.make_community("other-street", name="别处社区")).id
    assert town.browser.send("/elders/new", name="单秀兰", building=far, floor=1).status_code == 404


def test_words_about_health_need_a_consent(town: Town) -> None:
    path = f"/elders/{town.elder}/edit"
    refused = town.browser.send(path, **form(town, diet="低盐"))
    assert refused.status_code == 422
    assert "请先征得同意" in refused.text
    assert 'value="低盐"' in refused.text
    assert town.get(Elder, town.elder).diet is None
    assert town.browser.send(path, **form(town, diet="低盐", agrees_health="1")).status_code == 303
    assert town.get(Elder, town.elder).diet == "低盐"


def test_withdrawing_a_consent_erases_what_was_written_because_of_it(town: Town) -> None:
    town.browser.send(f"/elders/{town.elder}/edit", **form(town, diet="低盐", agrees_health="1", door_note="按铃", agrees_door="1"))
    town.browser.send(f"/elders/{town.elder}/consent", purpose="health")
    elder = town.get(Elder, town.elder)
    assert elder.diet is None
    assert town.get(Household, elder.household_id).door_note == "按铃"
    town.browser.send(f"/elders/{town.elder}/consent", purpose="door")
    assert town.get(Household, elder.household_id).door_note is None


def test_a_family_speaks_for_an_elder_only_once_approved(town: Town) -> None:
    with town.app.app_context(), transaction():
        user = make.make_user(Role.FAMILY, name="鞠小妹")
        link = make.make_family(db.session.get_one(Elder, town.elder), user, approved=False).id
    assert "有 1 位家属等你同意" in town.browser.get("/elders").text
    town.browser.send(f"/elders/{town.elder}/family/{link}/approve", said="call")
    assert town.get(FamilyMember, link).approved_at is None
    assert "等第二个人核准" in town.browser.get(f"/elders/{town.elder}").text
    assert "位家属等你同意" not in town.browser.get("/elders").text
    with town.app.app_context(), transaction():
        second = make.make_user(Role.COORDINATOR, db.session.get_one(Community, town.community))
        proposals.agree(db.session.scalars(select(Proposal)).one(), second)
    assert town.get(FamilyMember, link).approved_at is not None
    town.browser.send(f"/elders/{town.elder}/family/{link}/drop")
    assert town.count(FamilyMember) == 0


def test_a_family_link_of_another_elder_is_not_found(town: Town) -> None:
    with town.app.app_context(), transaction():
        other = db.session.query(Elder).filter(Elder.id != town.elder).first()
        assert other is not None
        link = make.make_family(other, make.make_user(Role.FAMILY), approved=False).id
    assert town.browser.send(f"/elders/{town.elder}/family/{link}/approve", said="call").status_code == 404
    assert town.get(FamilyMember, link).approved_at is None


@pytest.fixture
def wife(town: Town) -> int:
    """Let a couple live behind a door whose note the husband agreed to; the wife's health words need no new consent either."""
    town.browser.send(f"/elders/{town.elder}/edit", **form(town, door_note="耳背，多敲一会儿\n狗不咬人", agrees_door="1"))
    with town.app.app_context(), transaction():
        home = db.session.get_one(Elder, town.elder).household
        return make.make_elder(home, "鲍启明", level=CareLevel.PARTLY, diet="低盐", care_note="怕凉").id


def standing(town: Town, **values: object) -> dict[str, object]:
    """Return the wife's form as her page shows it and a browser sends it."""
    kept = {"level": "partly", "diet": "低盐", "care_note": "怕凉", "door_note": "耳背，多敲一会儿\r\n狗不咬人"}
    return form(town, name="鲍启明", **{**kept, **values})


@pytest.mark.parametrize(
    "values",
    [
        {"phone": "0532-0000 0456"},
        {"birth_year": "1944", "floor": 2},
        {"diet": ""},
        {"level": "unknown", "diet": "", "care_note": ""},
        {"door_note": ""},
    ],
)
def test_what_says_nothing_new_of_health_or_door_asks_for_no_consent(town: Town, wife: int, values: dict[str, object]) -> None:
    asked = town.count(Consent)
    answer = town.browser.send(f"/elders/{wife}/edit", **standing(town, **values))
    assert answer.status_code == 303
    assert town.count(Consent) == asked


def test_editing_the_telephone_of_one_of_a_couple_keeps_the_words_as_they_stand(town: Town, wife: int) -> None:
    town.browser.send(f"/elders/{wife}/edit", **standing(town, phone="0532-0000 0456"))
    changed = town.get(Elder, wife)
    assert (changed.phone, changed.level, changed.diet, changed.care_note) == ("0532-0000 0456", CareLevel.PARTLY, "低盐", "怕凉")
    assert (town.get(Household, changed.household_id).door_note or "").split() == ["耳背，多敲一会儿", "狗不咬人"]


@pytest.mark.parametrize(
    ("values", "box"),
    [
        ({"diet": "低盐、软食"}, "agrees_health"),
        ({"care_note": "怕凉，走路慢"}, "agrees_health"),
        ({"level": "lost"}, "agrees_health"),
        ({"door_note": "耳背，多敲一会儿"}, "agrees_door"),
    ],
)
def test_new_words_of_health_or_door_still_need_the_consent(town: Town, wife: int, values: dict[str, object], box: str) -> None:
    answer = town.browser.send(f"/elders/{wife}/edit", **standing(town, **values))
    assert answer.status_code == 422
    assert "请先征得同意" in answer.text
    assert town.browser.send(f"/elders/{wife}/edit", **standing(town, **values), **{box: "1"}).status_code == 303
