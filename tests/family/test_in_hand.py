"""What a family does with one visit and with its own data: called off and back, another time, seen live; seen, put right, taken along, erased."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser, open_browser
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders import consents, own_number
from timebank.elders.models import Consent, Elder, FamilyMember, Purpose, Said
from timebank.ledger import verify
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.models import HelpRequest, Offer, OfferState, Visit, VisitState

HOME = {"diet": "低盐", "care_note": "怕凉", "phone": "13688880000"}


@dataclass
class Scene:
    """A daughter and the elder herself, each signed in, and a haircut on Wednesday."""

    app: Flask
    daughter: Browser
    elder: Browser
    community: int
    person: int
    visit: int
    request: int

    def state(self) -> tuple[VisitState, OfferState]:
        with self.app.app_context():
            visit = db.session.get_one(Visit, self.visit)
            return visit.state, visit.offers[-1].state


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    make.set_clock("2026-11-24 09:30")
    with app.app_context(), transaction():
        community = make.make_community()
        household = make.make_household(community, door="西户", door_note="按铃")
        elder = make.make_elder(household, "纪淑贞", **HOME)
        volunteer = make.make_volunteer(community, "郭玉洁", user_id=make.make_user(Role.VOLUNTEER, community).id)
        request = make.make_request(community, make.make_kind("HAIR"), household, elder_id=elder.id, note="耳背")
        visit = make.make_visit(request, code="4729")
        make.make_offer(visit, volunteer, 870, accepted=True)
        consents.give(elder, Purpose.HEALTH, Said.OWN)
        numbers = community.id, elder.id, visit.id, request.id
    daughter, own = sign_in_as(Role.FAMILY, numbers[0]), sign_in_as(Role.FAMILY, numbers[0], phone=HOME["phone"])
    with app.app_context(), transaction():
        make.make_family(db.session.get_one(Elder, numbers[1]), db.session.get_one(User, daughter.user))
        own_number.recognise(db.session.get_one(User, own.user))
    return Scene(app, daughter, own, *numbers)


def test_one_visit_is_called_off_by_a_press_and_comes_back_by_another(scene: Scene) -> None:
    assert "这一次不用来" in scene.daughter.get(f"/family/visits/{scene.visit}").text
    assert scene.daughter.send(f"/family/visits/{scene.visit}/not-coming").status_code == 303
    assert scene.state() == (VisitState.CANCELLED, OfferState.WITHDRAWN)
    assert "还是来吧" in scene.daughter.get(f"/family/visits/{scene.visit}").text
    assert scene.daughter.send(f"/family/visits/{scene.visit}/after-all").status_code == 303
    assert scene.state() == (VisitState.ACCEPTED, OfferState.ACCEPTED)


def test_another_time_takes_the_offer_back_and_tells_whoever_was_to_come(scene: Scene) -> None:
    assert "换个时间" in scene.daughter.get(f"/family/requests/{scene.request}/other-time").text
    said = {"dates": ["2026-11-27"], "window": "840-1020"}
    assert scene.daughter.send(f"/family/requests/{scene.request}/other-time", **said).status_code == 303
    with scene.app.app_context():
        asked = db.session.get_one(HelpRequest, scene.request)
        assert (asked.dates, asked.note) == (["2026-11-27"], "耳背")
        made = db.session.scalars(select(Offer)).one()
        assert made.state is OfferState.WITHDRAWN
        assert [each.template for each in db.session.scalars(select(Notice))].count("cancelled") == 1
    past = scene.daughter.send(f"/family/requests/{scene.request}/other-time", dates=["2026-11-01"], window="840-1020")
    assert past.status_code == 422
    assert "已经过去了" in past.text


def test_the_living_card_is_sent_again_only_when_it_is_another(scene: Scene) -> None:
    first = scene.daughter.get(f"/family/visits/{scene.visit}/card")
    again = scene.daughter.get(f"/family/visits/{scene.visit}/card", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    scene.daughter.send(f"/family/visits/{scene.visit}/not-coming")
    assert scene.daughter.get(f"/family/visits/{scene.visit}/card", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_a_visit_needs_and_what_the_account_has_is_said_before_it_is_agreed(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        elder = db.session.get_one(Elder, scene.person)
        community = db.session.get_one(Community, scene.community)
        visit = make.make_visit(
            make.make_request(community, db.session.get_one(Visit, scene.visit).kind, elder.household, elder_id=elder.id)
        ).id
    page = scene.daughter.get(f"/family/visits/{visit}").text
    assert "这次要 40 分钟，老人的时间账户还没有时间" in page
    assert "这次要 40 分钟" in scene.daughter.get("/ask/HAIR").text


def test_the_privacy_page_is_open_to_everybody_in_both_languages(scene: Scene) -> None:
    visitor = open_browser(scene.app)
    assert "撤回当天生效" in visitor.get("/privacy").text
    visitor.send("/language", locale="en")
    assert "How your data is used" in visitor.get("/privacy").text
    assert "/privacy" in visitor.get("/sign-in?door=help").text


def test_notes_on_health_and_door_are_shown_to_the_elder_and_not_to_the_family(scene: Scene) -> None:
    assert "怕凉" in scene.elder.get("/my/data").text
    assert "怕凉" not in scene.daughter.get("/my/data").text
    whole = json.loads(scene.elder.get("/my/data.json").data)
    assert whole["elders"][0]["diet"] == "低盐"
    assert whole["elders"][0]["consents"][0]["how"] == "own"
    part = json.loads(scene.daughter.get("/my/data.json").data)
    assert "diet" not in part["elders"][0]
    assert part["elders"][0]["visits"][0]["kind"] == "上门理发"


def test_a_consent_is_taken_back_by_its_elder_with_effect_at_once_and_given_only_by_her(scene: Scene) -> None:
    assert scene.elder.send(f"/my/data/{scene.person}/consent", purpose="health").status_code == 303
    with scene.app.app_context():
        elder = db.session.get_one(Elder, scene.person)
        assert (elder.diet, elder.care_note) == (None, None)
    assert scene.daughter.send(f"/my/data/{scene.person}/agree", purpose="door").status_code == 404
    assert scene.elder.send(f"/my/data/{scene.person}/agree", purpose="door").status_code == 303
    with scene.app.app_context():
        given = db.session.scalars(select(Consent).where(Consent.purpose == Purpose.DOOR)).one()
        assert (given.channel, given.heard_by, given.words) == ("own", None, consents.TEXTS[Purpose.DOOR][0])


def test_a_name_is_put_right(scene: Scene) -> None:
    scene.daughter.send("/my/data/name", name="臧 丽")
    assert "臧 丽" in scene.daughter.get("/my/data").text
    assert scene.daughter.send("/my/data/name", name="").status_code == 422


def test_a_family_that_is_erased_leaves_no_number_and_no_tie_behind(scene: Scene) -> None:
    with scene.app.app_context():
        phone = db.session.get_one(User, scene.daughter.user).phone
    assert "会留下" in scene.daughter.get(scene.daughter.send("/my/data/forget").location).text
    assert scene.daughter.send("/my/data/forget", sure="1").location == "/"
    assert scene.daughter.get("/my/data").status_code == 303
    with scene.app.app_context():
        gone = db.session.get_one(User, scene.daughter.user)
        assert (gone.phone == phone, gone.name, gone.active) == (False, "", False)
        assert db.session.scalars(select(FamilyMember).where(FamilyMember.user_id == gone.id)).all() == []


def test_an_elder_who_is_erased_is_visited_no_more_and_the_books_stay_whole(scene: Scene) -> None:
    assert scene.elder.send("/my/data/forget", sure="1").location == "/"
    assert scene.state()[0] is VisitState.CANCELLED

    with scene.app.app_context():
        gone = db.session.get_one(Elder, scene.person)
        assert (gone.name, gone.phone, gone.diet, gone.household.door, gone.household.door_note) == ("（已删除）", "", None, None, None)
        assert db.session.get_one(HelpRequest, scene.request).note is None
        assert db.session.scalars(select(FamilyMember)).all() == []
        assert verify.verify().ok
    assert "纪淑贞" not in scene.daughter.get("/family").text


def test_whoever_serves_is_not_erased_by_a_press(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    assert sign_in_as(Role.VOLUNTEER, scene.community).send("/my/data/forget", sure="1").status_code == 409
