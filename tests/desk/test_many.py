"""Several elders or volunteers changed at once: seen first, each by its own verb, all of them or none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.catalogue.models import Skill
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.volunteers import actions as volunteers
from timebank.volunteers import queries
from timebank.volunteers.models import Unit, Volunteer


@dataclass
class Office:
    """A community with three elders in a building, two volunteers, and the coordinator's browser."""

    browser: Browser
    elders: list[int]
    people: list[int]
    other: int
    low: int
    team: int
    unit: int
    skill: int
    stranger: int


@pytest.fixture
def office(app: Flask, sign_in_as: Callable[..., Browser]) -> Iterator[Office]:
    make.set_clock("2026-11-20 10:00")
    with app.app_context():
        with transaction():
            community, far = make.make_community(), make.make_community("elm-street", name="榆坡社区")
            homes = [make.make_household(community, floor=3) for _ in range(3)]
            elders = [make.make_elder(home, name).id for home, name in zip(homes, ("鞠淑贞", "吕桂英", "郭宝珍"), strict=True)]
            other = make.make_building(community, "松坡路 20 号", floors=6).id
            low = make.make_building(community, "松坡路 22 号", floors=2).id
            people = [make.make_volunteer(community, name).id for name in ("王秀芬", "赵志强")]
            stranger = make.make_elder(make.make_household(far), "于淑兰").id
            team = volunteers.add_team(community.id, "松坡队").id
            unit = make.add(Unit(community_id=community.id, name="松坡小学")).id
            skill = make.add(Skill(code="wheel", name="轮椅协助", name_en="wheelchairs", needs_proof=True)).id
            number = community.id
        yield Office(sign_in_as(Role.COORDINATOR, number), elders, people, other, low, team, unit, skill, stranger)


def looked(office: Office, kind: str, **said: object) -> str:
    """Return what the preview says."""
    answer = office.browser.get(f"/many/{kind}/look", query_string=said)
    assert answer.status_code == 200
    return answer.text


def where(office: Office) -> list[int]:
    """Return in which buildings the elders live now."""
    forget_reads()
    return [db.session.get_one(Elder, each).household.building_id for each in office.elders]


def test_a_preview_says_who_would_become_what_and_leaves_nothing(office: Office) -> None:
    before, rows = where(office), db.session.query(AuditRow).count()
    page = looked(office, "elders", who=office.elders, what="building", building=office.other)
    assert "会改 3 位" in page
    assert page.count("松坡路 20 号") >= 3
    assert where(office) == before
    assert db.session.query(AuditRow).count() == rows


def test_several_elders_move_together_each_with_an_audit_row_and_one_for_the_whole(office: Office) -> None:
    sent = {"who": [*office.elders[:2], office.stranger], "what": "building", "building": office.other}
    assert office.browser.send("/many/elders", **sent).status_code == 303
    assert where(office)[:2] == [office.other, office.other]
    assert where(office)[2] != office.other
    verbs = list(db.session.scalars(select(AuditRow.verb).where(AuditRow.subject == "household")))
    assert verbs.count("edit") == 2
    (row,) = db.session.scalars(select(AuditRow).where(AuditRow.verb == "change_many"))
    assert sorted(row.detail["people"]) == office.elders[:2]
    assert db.session.get_one(Elder, office.stranger).household.building_id != office.other


def test_where_one_breaks_nobody_is_changed_and_the_refusal_names_whom(office: Office) -> None:
    before = where(office)
    with transaction():
        db.session.get_one(Elder, office.elders[0]).household.floor = 1
    sent = {"who": office.elders, "what": "building", "building": office.low}
    page = looked(office, "elders", **sent)
    assert "有 2 位改不了" in page
    assert "会改 1 位" in page
    answer = office.browser.send("/many/elders", **sent)
    assert answer.status_code == 409
    assert "一位也没有改" in answer.text
    assert "吕桂英" in answer.text
    assert where(office) == before


def test_what_tells_of_health_needs_the_consent_of_each(office: Office) -> None:
    answer = office.browser.send("/many/elders", who=office.elders, what="diet", diet="低盐")
    assert answer.status_code == 409
    assert "还没有记下老人同意" in answer.text
    assert office.browser.send("/many/elders", who=office.elders, what="lives_alone", lives_alone=1).status_code == 303
    forget_reads()
    assert all(db.session.get_one(Elder, each).lives_alone for each in office.elders)


def test_several_volunteers_get_a_team_a_unit_a_skill_an_insurance_and_a_ceiling(office: Office) -> None:
    changes: list[dict[str, object]] = [
        {"what": "team", "team": office.team, "reason": "秋季招募"},
        {"what": "unit", "unit": office.unit, "reason": "学校组织"},
        {"what": "skill", "skill": office.skill, "proof": "红十字培训", "expires": "2027-11-30"},
        {"what": "insured_until", "insured_until": "2027-06-30"},
        {"what": "max_week", "max_week": 240},
    ]
    for change in changes:
        assert "会改 2 位" in looked(office, "volunteers", who=office.people, **change)
        assert office.browser.send("/many/volunteers", who=office.people, **change).status_code == 303
    forget_reads()
    for number in office.people:
        one = db.session.get_one(Volunteer, number)
        assert [each.id for each in queries.teams_of(one)] == [office.team]
        assert (one.unit_id, one.max_week, f"{one.insured_until}") == (office.unit, 240, "2027-06-30")
        assert [each.proof for each in one.skills] == ["红十字培训"]
    assert "不用改" in looked(office, "volunteers", who=office.people, what="max_week", max_week=240)


@pytest.mark.parametrize(
    ("kind", "said", "sentence"),
    [
        ("elders", {"what": "diet"}, "至少勾一个人"),
        ("elders", {"who": 1}, "请选要改哪一项"),
        ("elders", {"who": 1, "what": "max_week", "max_week": 60}, "不能几个人一起改"),
        ("elders", {"who": 1, "what": "building"}, "要改成什么"),
        ("volunteers", {"who": 1, "what": "team", "team": 1}, "请写原因"),
        ("volunteers", {"who": list(range(1, 203)), "what": "max_week", "max_week": 60}, "最多改 200"),
    ],
)
def test_what_is_not_said_is_asked_for_in_words(office: Office, kind: str, said: dict[str, object], sentence: str) -> None:
    answer = office.browser.send(f"/many/{kind}", **said)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_people_are_found_first_and_only_by_the_office(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    page = office.browser.get("/many/elders?q=鞠").text
    assert page.count('name="who"') == 1
    assert f'value="{office.elders[0]}" checked' in page
    assert 'name="what"' in office.browser.get("/many/volunteers").text
    inspector = sign_in_as(Role.INSPECTOR, 1)
    forget_reads()
    assert inspector.get("/many/elders").status_code == 403
