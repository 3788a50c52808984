"""What the audit trail notes: which fields became another, words and telephones hidden, and who looked at whom, once a day."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.small_town import Town, build_town
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.db import PATIENCE, db, sqlite_driver, transaction
from timebank.elders import actions as elders
from timebank.elders.models import CareLevel, Elder
from timebank.places.models import Community
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Travel, Volunteer


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    make.set_clock("2026-11-25 09:30")
    return build_town(app, sign_in_as(Role.COORDINATOR))


def newest(town: Town, verb: str, subject: str) -> dict[str, Any]:
    """Return the detail of the newest row of a verb."""
    row: AuditRow = town.all(AuditRow, AuditRow.verb == verb, AuditRow.subject == subject)[-1]
    return row.detail


def test_an_elders_fields_are_named_and_words_are_not_kept(town: Town) -> None:
    with town.app.app_context(), transaction():
        elder = db.session.get_one(Elder, town.elder)
        person = elders.Person(
            name="臧玉兰", gender="F", birth_year=1941, phone="17000001234", lives_alone=True, level=CareLevel.PARTLY, care_note="心脏病"
        )
        elders.edit_elder(elder, person, agrees=True)
    assert newest(town, "edit", "elder") == {
        "fields": {
            "name": [None, None],
            "birth_year": [None, None],
            "phone": ["**********11", "170****1234"],
            "lives_alone": [False, True],
            "level": [None, None],
            "care_note": [None, None],
        }
    }


def test_what_stays_the_same_is_not_named(town: Town) -> None:
    with town.app.app_context(), transaction():
        elder = db.session.get_one(Elder, town.elder)
        elders.edit_elder(elder, elders.Person(name=elder.name, gender="F", birth_year=1942, phone=elder.phone))
    assert newest(town, "edit", "elder") == {"fields": {}}


def test_a_door_that_moves_names_its_fields_and_no_address(town: Town) -> None:
    with town.app.app_context(), transaction():
        elder = db.session.get_one(Elder, town.elder)
        building = make.make_building(db.session.get_one(Community, town.community), "函谷关路 3 号")
        elders.edit_door(elder, elders.Door(building=building, entrance="1 单元", floor=2, door="东户", note="耳背，多敲一会儿"))
    changed = newest(town, "edit", "household")["fields"]
    assert set(changed) == {"building_id", "entrance", "floor", "door"}
    assert {value for pair in changed.values() for value in pair} == {None}


def test_a_volunteers_numbers_days_and_choices_stand_as_they_were_and_are(town: Town) -> None:
    with town.app.app_context(), transaction():
        carer = db.session.get_one(Volunteer, town.volunteer)
        person = volunteers.Person(
            name=carer.name, phone=carer.phone, travel=Travel.EBIKE, max_week=480, insured_until=date(2027, 1, 31), has_phone=True
        )
        volunteers.edit_volunteer(carer, person)
    assert newest(town, "edit", "volunteer")["fields"] == {
        "travel": ["walk", "ebike"],
        "max_week": [360, 480],
        "insured_until": [None, "2027-01-31"],
    }


def test_a_sign_in_that_follows_its_volunteer_is_a_row_of_its_own(town: Town) -> None:
    with town.app.app_context(), transaction():
        carer = db.session.get_one(Volunteer, town.volunteer)
        volunteers.edit_volunteer(carer, volunteers.Person(name=carer.name, phone=carer.phone))
        volunteers.edit_volunteer(carer, volunteers.Person(name=carer.name, phone="17000009876"))
    changed = newest(town, "edit", "user")["fields"]
    assert changed["phone"][1] == "170****9876"
    assert len(town.all(AuditRow, AuditRow.verb == "edit", AuditRow.subject == "user")) == 1


def test_opening_a_persons_page_is_noted_once_for_each_reader_and_day(town: Town, sign_in_as: Callable[..., Browser]) -> None:
    town.at("2026-11-25 23:50")
    desk, other = (sign_in_as(role, town.community) for role in (Role.COORDINATOR, Role.INSPECTOR))
    for browser in (desk, desk, other):
        assert browser.get(f"/elders/{town.elder}").status_code == 200
        assert browser.get(f"/volunteers/{town.volunteer}").status_code == 200
    desk.get(f"/elders/{town.elder}/edit")
    desk.get(f"/volunteers/{town.volunteer}/edit")
    looks = [(row.actor, row.subject) for row in town.all(AuditRow, AuditRow.verb == "look")]
    assert sorted(looks) == sorted((f"user:{each.user}", subject) for each in (desk, other) for subject in ("elder", "volunteer"))
    town.at("2026-11-26 00:05")
    desk.get(f"/elders/{town.elder}")
    assert town.count(AuditRow, AuditRow.verb == "look") == 5


def test_a_page_that_is_not_there_is_nobodys_look(town: Town) -> None:
    assert town.browser.get("/elders/999").status_code == 404
    assert town.browser.get("/volunteers/999").status_code == 404
    assert town.count(AuditRow, AuditRow.verb == "look") == 0


def test_a_page_is_shown_even_when_the_look_cannot_be_written(town: Town) -> None:
    with town.app.app_context():
        other = sqlite_driver().connect(db.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        assert "臧玉梅" in town.browser.get(f"/elders/{town.elder}").text
        assert time.monotonic() - began < PATIENCE / 2, "whoever reads does not wait as long as whoever writes"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert town.count(AuditRow, AuditRow.verb == "look") == 0
    town.browser.get(f"/elders/{town.elder}")
    assert town.count(AuditRow, AuditRow.verb == "look") == 1


@pytest.mark.parametrize("deed", ["UPDATE audit SET actor = 'user:1'", "DELETE FROM audit"])
def test_what_was_noted_can_be_neither_changed_nor_taken_away(both: Flask, deed: str) -> None:
    with both.app_context():
        with transaction():
            make.set_clock("2026-11-25 09:30")
            make.make_volunteer(make.make_community())
        with pytest.raises(IntegrityError, match="audit: what was noted stays"), transaction():
            db.session.execute(db.text(deed))
