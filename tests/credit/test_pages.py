"""The pages of the time account: a volunteer's own, a family's, the office's and the rules; each act once, each refusal a sentence."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.credit.conftest import earned, linked, town
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.credit import actions, queries
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.ledger import queries as book
from timebank.places.models import Community
from timebank.proposals.models import Proposal
from timebank.visits.actions import offering
from timebank.volunteers.models import Volunteer


@pytest.fixture
def scene(app: Flask) -> Iterator[SimpleNamespace]:
    """Give the community with browsers of the volunteer, the daughter and the coordinator."""
    for names in town(app):
        with transaction():
            community = db.session.get_one(Community, names.community)
            mother = db.session.get_one(Elder, names.mother)
            volunteer = db.session.get_one(Volunteer, names.volunteer)
            volunteer.user_id = make.make_user(Role.VOLUNTEER, community).id
            daughter = make.make_user(Role.FAMILY, community)
            make.make_family(mother, daughter)
            earned(volunteer, 120)
            names.users = {"volunteer": volunteer.user_id, "family": daughter.id, "coordinator": names.coordinator}
        names.app = app
        yield names


def browser_of(scene: SimpleNamespace, who: str) -> Browser:
    with transaction():
        token, _session = access.sign_in(db.session.get_one(User, scene.users[who]))
    browser = open_browser(scene.app)
    with scene.app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def balance(scene: SimpleNamespace) -> int:
    db.session.rollback()
    return book.balance(db.session.get_one(Volunteer, scene.volunteer).account_id)


def test_a_volunteer_names_a_relative_the_office_checks_and_time_is_given(scene: SimpleNamespace) -> None:
    phone, desk, family = (browser_of(scene, who) for who in ("volunteer", "coordinator", "family"))
    assert phone.send("/phone/account/links", relation="parent", name="鞠淑贞").status_code == 303
    assert "等协调员核对" in phone.get("/phone/account").text
    assert "鞠淑贞" in desk.get("/credit").text
    assert desk.send("/credit/links/1", elder=scene.mother).status_code == 303
    assert "送给鞠淑贞" in phone.get("/phone/account").text
    for _tap in range(2):
        assert phone.send("/phone/account/gifts/1", key="one-and-only", minutes=45).location == "/phone/account"
    assert balance(scene) == 75
    assert phone.send("/phone/account/gifts/1", key="one-and-only", minutes=46).status_code == 422
    assert balance(scene) == 75
    assert "45 分钟" in family.get("/family/account").text


def test_the_family_sees_what_is_kept_for_an_agreed_visit(scene: SimpleNamespace) -> None:
    with transaction():
        actions.give(linked(scene), 100, key="1", actor="user:1")
        community, home = db.session.get_one(Community, scene.community), db.session.get_one(make.Household, scene.home)
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR"), home, elder_id=scene.mother))
        made = make.make_offer(visit, db.session.get_one(Volunteer, scene.volunteer), 600)
        offering.accept(made)
    page = browser_of(scene, "family").get("/family/account").text
    assert "1 小时" in page
    assert "另有 40 分钟 已为约好的上门留着。" in page


@pytest.mark.parametrize(
    ("has", "said"),
    [
        (100, "这次用 40 分钟，从老人的时间账户出。"),
        (15, "老人的时间账户出 15 分钟，其余 25 分钟不收"),
        (0, "老人的时间账户不出，这次不收时间"),
    ],
)
def test_the_page_of_an_agreed_visit_says_plainly_who_pays(scene: SimpleNamespace, has: int, said: str) -> None:
    with transaction():
        if has:
            actions.give(linked(scene), has, key="1", actor="user:1")
        community, home = db.session.get_one(Community, scene.community), db.session.get_one(make.Household, scene.home)
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR"), home, elder_id=scene.mother))
        made = make.make_offer(visit, db.session.get_one(Volunteer, scene.volunteer), 600)
        number = visit.id
    family = browser_of(scene, "family")
    assert "时间账户出" not in family.get(f"/family/visits/{number}").text
    with transaction():
        offering.accept(db.session.get_one(type(made), made.id))
    assert said in family.get(f"/family/visits/{number}").text


@pytest.mark.parametrize("minutes", ["0", "-5", "1.5", "", "44641", "many"])
def test_minutes_that_are_none_are_refused_with_a_sentence_and_nothing_is_booked(scene: SimpleNamespace, minutes: str) -> None:
    with transaction():
        linked(scene)
    phone = browser_of(scene, "volunteer")
    for path in ("/phone/account/donations", "/phone/account/gifts/1"):
        answer = phone.send(path, minutes=minutes)
        assert answer.status_code == 422
        assert "整数" in answer.text
    assert browser_of(scene, "coordinator").send(f"/credit/grants/{scene.alone}", minutes=minutes).status_code == 422
    assert balance(scene) == 120


def test_more_than_there_is_is_refused_in_words(scene: SimpleNamespace) -> None:
    answer = browser_of(scene, "volunteer").send("/phone/account/donations", minutes=121)
    assert answer.status_code == 409
    assert "现有 2 小时，需要 2 小时 1 分钟" in answer.text
    assert balance(scene) == 120


def test_somebody_elses_link_is_no_page(scene: SimpleNamespace) -> None:
    with transaction():
        other = make.make_user(Role.VOLUNTEER, db.session.get_one(Community, scene.community))
        make.make_volunteer(db.session.get_one(Community, scene.community), "于爱华", other.id)
        linked(scene)
        scene.users["other"] = other.id
    assert browser_of(scene, "other").send("/phone/account/gifts/1", minutes=10).status_code == 404


def test_the_office_grants_passes_on_and_changes_a_rule(scene: SimpleNamespace) -> None:
    desk = browser_of(scene, "coordinator")
    assert "吕桂英" in desk.get("/credit").text
    assert desk.send(f"/credit/grants/{scene.alone}", minutes=60).status_code == 303
    assert desk.send("/credit/grants").status_code == 303
    assert desk.send(f"/credit/grants/{scene.alone}", minutes=1).status_code == 409
    db.session.rollback()
    assert queries.balance_of(db.session.get_one(Elder, scene.alone)) == 480
    with transaction():
        db.session.get_one(Volunteer, scene.volunteer).active = False
    assert "王秀芬" in desk.get("/credit").text
    assert desk.send(f"/credit/leavers/{scene.volunteer}").status_code == 303
    assert balance(scene) == 0
    wrong = desk.send("/credit/rules", rate=10)
    assert wrong.status_code == 422
    assert "R1 请填 15 到 60 的整数。" in wrong.text
    assert desk.send("/credit/rules", rate=30, leaving="pool").status_code == 303
    assert "计入 30 分钟" not in desk.get("/credit/rules").text
    with transaction():
        scene.users["second"] = make.make_user(Role.COORDINATOR, db.session.get_one(Community, scene.community)).id
        asked = db.session.scalars(select(Proposal.id)).one()
    assert browser_of(scene, "second").send(f"/proposals/{asked}/agree").status_code == 303
    assert "计入 30 分钟" in desk.get("/credit/rules").text
    assert queries.terms_of(scene.community).leaving == "pool"


def test_an_inspector_reads_the_rules_and_changes_nothing(scene: SimpleNamespace) -> None:
    with transaction():
        scene.users["inspector"] = make.make_user(Role.INSPECTOR, db.session.get_one(Community, scene.community)).id
    reader = browser_of(scene, "inspector")
    assert "改规则" not in reader.get("/credit/rules").text
    assert reader.send("/credit/rules", rate=30).status_code == 403
    assert reader.get("/credit").status_code == 200
