"""A family is bound to an elder by a claim, at the desk or by a code on paper: the elder and the office both agree, each is told when it ends."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.elders.consents import TEXTS
from timebank.elders.models import Consent, Elder, FamilyClaim, FamilyMember, Purpose, Said
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.visits.disputes import disputes
from timebank.visits.models import HelpRequest, RequestState

DOOR = {"name": "欧阳淑贞", "address": "松坡路 7 号 2 单元 302", "relation": "女儿", "phone": "053200001111"}


@dataclass
class Scene:
    """An office, a family that is bound to nobody, and an elder."""

    app: Flask
    office: Browser
    family: Browser
    community: int
    elder: int

    def links(self) -> list[FamilyMember]:
        with self.app.app_context():
            found = list(db.session.scalars(select(FamilyMember).order_by(FamilyMember.id)))
            db.session.expunge_all()
            return found

    def told(self, template: str) -> list[str]:
        with self.app.app_context():
            return [each.phone for each in db.session.scalars(select(Notice).where(Notice.template == template).order_by(Notice.id))]

    def second(self) -> None:
        """Let a second person of the office agree."""
        with self.app.app_context(), transaction():
            colleague = make.make_user(Role.COORDINATOR, db.session.get_one(Community, self.community))
            proposals.agree(
                db.session.scalars(select(Proposal).order_by(Proposal.id.desc())).first() or pytest.fail("nothing waits"), colleague
            )


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    make.set_clock("2026-11-25 09:30")
    with app.app_context(), transaction():
        community = make.make_community()
        community.phone = "0532-00000123"
        elder = make.make_elder(make.make_household(community), "欧阳淑贞", phone="13688880000").id
        number = community.id
    return Scene(app, sign_in_as(Role.COORDINATOR, number), sign_in_as(Role.FAMILY, None), number, elder)


def test_a_family_asks_the_elder_and_two_people_agree_and_then_the_visits_are_seen(scene: Scene) -> None:
    assert "没有码，请服务站核对" in scene.family.get("/family/bind").text
    assert scene.family.send("/family/bind", form="claim", **DOOR).location == "/family/bind"
    assert "等服务站核对" in scene.family.get("/family/bind").text
    assert "欧阳淑贞" in scene.office.get("/elders/families").text
    assert "有 1 份家属申请等你核对" in scene.office.get("/elders").text
    scene.office.send("/elders/families/1/match", elder=scene.elder)
    (link,) = scene.links()
    assert (link.elder_said, link.approved_at) == (None, None)
    assert "等老人同意" in scene.family.get("/family/bind").text
    assert scene.office.send(f"/elders/{scene.elder}/family/{link.id}/approve").status_code == 422
    scene.office.send(f"/elders/{scene.elder}/family/{link.id}/approve", said="call")
    (link,) = scene.links()
    assert (link.elder_said, link.heard_by, link.approved_at) == (Said.CALL, scene.office.user, None)
    assert scene.told("family") == ["13688880000"]
    scene.second()
    assert "连上了" in scene.family.get("/family/bind").text
    assert len(scene.told("family_bound")) == 1


def test_the_code_on_paper_is_the_elders_word_and_works_once(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    scene.office.send(f"/elders/{scene.elder}/family-code")
    page = scene.office.get(f"/elders/{scene.elder}/family-code").text
    code = "".join(re.search(r'check-code"[^>]*>(\d{4}) (\d{4})<', page).groups())  # type: ignore[union-attr]
    assert code not in scene.office.get(f"/elders/{scene.elder}/family-code").text
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    refused = scene.family.send("/family/bind/code", code=wrong, relation="女儿", form="code")
    assert refused.status_code == 422
    assert "这个码不对" in refused.text
    assert f'value="{wrong}"' in refused.text
    assert '<option value="女儿" selected>' in refused.text
    assert "0532-00000123" in refused.text
    scene.family.send("/family/bind/code", code=f"{code[:4]} {code[4:]}", relation="女儿")
    (link,) = scene.links()
    assert (link.elder_said, link.approved_at) == (Said.CODE, None)
    assert "等服务站批准" in scene.family.get("/family/bind").text
    other = sign_in_as(Role.FAMILY, None)
    other.send("/family/bind/code", code=code, relation="儿子")
    assert len(scene.links()) == 1
    scene.office.send(f"/elders/{scene.elder}/family/{link.id}/approve")
    scene.second()
    assert scene.links()[0].approved_at is not None


def test_five_wrong_codes_rest_an_hour(scene: Scene, later: Callable[..., None]) -> None:
    for number in range(5):
        assert scene.family.send("/family/bind/code", code=f"0000000{number}", relation="女儿").status_code == 422
    assert scene.family.send("/family/bind/code", code="00000009", relation="女儿").status_code == 429
    later(minutes=61)
    assert scene.family.send("/family/bind/code", code="00000009", relation="女儿").status_code == 422


def test_a_number_that_cannot_be_rung_is_asked_for_again_and_nothing_is_lost(scene: Scene) -> None:
    refused = scene.family.send("/family/bind", form="claim", **DOOR | {"phone": "053"})
    assert refused.status_code == 422
    assert "这个号码打不通" in refused.text
    for kept in ("欧阳淑贞", DOOR["address"], 'value="053"'):
        assert kept in refused.text


def test_the_desk_binds_a_family_and_writes_down_how_the_elder_agreed(scene: Scene) -> None:
    path = f"/elders/{scene.elder}/family"
    asked = {"phone": "139 1111 2222", "name": "欧阳小妹", "relation": "女儿"}
    assert scene.office.send(path, **asked).status_code == 422
    assert scene.office.send(path, **asked, said="own").status_code == 422
    assert scene.office.send(path, **asked, said="desk").status_code == 303
    (link,) = scene.links()
    assert (link.elder_said, link.heard_by, link.approved_at) == (Said.DESK, scene.office.user, None)
    assert "等第二个人核准" in scene.office.get(f"/elders/{scene.elder}").text


def test_a_number_of_the_office_is_not_bound_as_a_family(scene: Scene) -> None:
    with scene.app.app_context():
        phone = db.session.get_one(User, scene.office.user).phone
    answer = scene.office.send(f"/elders/{scene.elder}/family", phone=phone, name="某人", relation="女儿", said="desk")
    assert answer.status_code == 422
    assert "工作人员" in answer.text


def test_one_press_ends_it_and_whoever_did_not_press_is_told(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        elder = db.session.get_one(Elder, scene.elder)
        mine = make.make_family(elder, db.session.get_one(User, scene.family.user)).id
        brother = make.make_user(Role.FAMILY, phone="13700001111")
        make.make_family(elder, brother)
    assert scene.family.send(f"/family/bind/{mine}/end").status_code == 303
    assert [link.user_id for link in scene.links()] != [scene.family.user]
    assert sorted(scene.told("family_ended")) == ["13688880000", "13700001111"]


def test_another_familys_tie_is_not_in_reach(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        theirs = make.make_family(db.session.get_one(Elder, scene.elder), make.make_user(Role.FAMILY)).id
    assert scene.family.send(f"/family/bind/{theirs}/end").status_code == 404
    assert scene.family.send(f"/family/bind/{theirs}/agree").status_code == 404
    assert len(scene.links()) == 1


def test_what_is_declined_is_told_with_its_reason(scene: Scene) -> None:
    scene.family.send("/family/bind", form="claim", **DOOR)
    assert scene.office.send("/elders/families/1/decline").status_code == 422
    scene.office.send("/elders/families/1/decline", reason="老人说不认识")
    assert "老人说不认识" in scene.family.get("/family/bind").text
    assert len(scene.told("family_declined")) == 1
    assert scene.office.send("/elders/families/1/match", elder=scene.elder).status_code == 409


def test_a_claim_of_another_community_is_not_found(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    scene.family.send("/family/bind", form="claim", **DOOR)
    with scene.app.app_context(), transaction():
        far = make.make_community("far-street", name="远处社区").id
    other = sign_in_as(Role.COORDINATOR, far)
    assert other.send("/elders/families/1/decline", reason="不认识").status_code == 404
    assert "欧阳淑贞" not in other.get("/elders/families").text


def test_nobody_is_approved_without_the_elders_word_whoever_writes_the_row(both: Flask) -> None:
    make.set_clock("2026-11-25 09:30")
    with both.app_context():
        with transaction():
            elder = make.make_elder(make.make_household(make.make_community()))
            link = make.make_family(elder, make.make_user(Role.FAMILY), approved=False).id
        with pytest.raises(IntegrityError), transaction():
            db.session.get_one(FamilyMember, link).approved_at = clock.now()
        with pytest.raises(IntegrityError), transaction():
            db.session.get_one(FamilyMember, link).elder_said = Said.CALL
        with pytest.raises(IntegrityError), transaction():
            make.add(
                FamilyClaim(
                    community_id=1,
                    user_id=1,
                    name="甲",
                    address="乙",
                    phone="",
                    relation="女儿",
                    asked_at=clock.now(),
                    decided_at=clock.now(),
                )
            )


def test_two_families_who_say_different_things_stand_on_the_elders_page(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        community, elder = db.session.get_one(Community, scene.community), db.session.get_one(Elder, scene.elder)
        sister, brother = (make.make_user(Role.FAMILY, name=name) for name in ("大女儿", "小儿子"))
        for each in (sister, brother):
            make.make_family(elder, each)
        need = make.make_request(community, make.make_kind("HAIR"), elder.household)
        for user, verb in ((sister, "ask_for_help"), (brother, "end_request")):
            token = audit.actor.set(f"user:{user.id}")
            audit.record(verb, "help_request", need.id)
            audit.actor.reset(token)
        db.session.flush()
        (found,) = disputes(elder)
        assert (found.first.name, found.second.name) == ("大女儿", "小儿子")
    page = scene.office.get(f"/elders/{scene.elder}").text
    assert "家属说法不一" in page
    assert "大女儿提了求助，小儿子后来取消了求助" in page


def test_registering_an_elder_invents_no_consent_and_one_that_is_heard_says_by_whom_and_to_which_words(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        building = db.session.get_one(Elder, scene.elder).household.building_id
    scene.office.send("/elders/new", name="单秀兰", building=building, floor=2)
    with scene.app.app_context():
        elder = db.session.scalars(select(Elder).where(Elder.name == "单秀兰")).one().id
        assert db.session.scalars(select(Consent)).all() == []
    assert scene.office.send(f"/elders/{elder}/consent/give", purpose="service").status_code == 422
    scene.office.send(f"/elders/{elder}/consent/give", purpose="service", said="call")
    with scene.app.app_context():
        given = db.session.scalars(select(Consent)).one()
        assert (given.given_by, given.channel, given.heard_by) == ("elder", "call", scene.office.user)
        assert given.words == TEXTS[Purpose.SERVICE][0]


def test_taking_the_consent_to_be_served_back_ends_what_is_planned_the_same_day(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        community, elder = db.session.get_one(Community, scene.community), db.session.get_one(Elder, scene.elder)
        volunteer = make.make_volunteer(community, "郭玉洁", user_id=make.make_user(Role.VOLUNTEER, community).id)
        need = make.make_request(community, make.make_kind("HAIR"), elder.household, elder_id=elder.id)
        make.make_offer(make.make_visit(need), volunteer, 870, accepted=True)
        number = need.id
    scene.office.send(f"/elders/{scene.elder}/consent/give", purpose="service", said="desk")
    page = scene.office.get(scene.office.send(f"/elders/{scene.elder}/consent", purpose="service").location.split("#")[0]).text
    assert "取消了 1 次上门" in page
    with scene.app.app_context():
        need = db.session.get_one(HelpRequest, number)
        assert need.state is RequestState.ENDED
        assert need.visits[0].state == "cancelled"
    assert len(scene.told("cancelled")) == 1
