"""The register of elders: consents before anything sensitive, families, new doors."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.office import Town, build_town
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.elders.models import Consent, Elder, FamilyMember, Household, Purpose


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def form(town: Town, **values: object) -> dict[str, object]:
    """Return the whole form of an elder."""
    return {"name": "臧玉梅", "gender": "F", "building": town.building, "floor": 3, "door": "西户", "level": "unknown", **values}


def test_a_new_elder_has_a_door_a_number_and_the_consent_to_be_served(town: Town) -> None:
    answer = town.browser.send("/elders/new", name="单秀兰", building=town.building, floor=2)
    assert answer.status_code == 303
    elder = town.all(Elder, Elder.name == "单秀兰")[0]
    assert elder.sort_key.startswith("shan")
    assert [row.purpose for row in town.all(Consent, Consent.elder_id == elder.id)] == [Purpose.SERVICE]


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
    town.browser.send(f"/elders/{town.elder}/family/{link}/approve")
    assert town.get(FamilyMember, link).approved_at is not None
    town.browser.send(f"/elders/{town.elder}/family/{link}/drop")
    assert town.count(FamilyMember) == 0


def test_a_family_link_of_another_elder_is_not_found(town: Town) -> None:
    with town.app.app_context(), transaction():
        other = db.session.query(Elder).filter(Elder.id != town.elder).first()
        assert other is not None
        link = make.make_family(other, make.make_user(Role.FAMILY), approved=False).id
    assert town.browser.send(f"/elders/{town.elder}/family/{link}/approve").status_code == 404
    assert town.get(FamilyMember, link).approved_at is None
