"""What families and volunteers hear of visits: the evening before, one hour before, at the door, of changes; once each, and not what they refused."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from timebank import clock, jobs
from timebank.access.models import Role
from timebank.db import db, forget_reads, transaction
from timebank.notices import choices
from timebank.notices.actions import notify
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.actions import offering, reminding, serving, telling
from timebank.visits.models import HelpRequest, Offer, Outcome, RequestState, Source


@dataclass
class Scene:
    """A daughter and a son of one elder, a haircut and a lunch on Wednesday, one volunteer for both."""

    app: Flask
    office: Browser
    community: int
    daughter: int
    son: int
    volunteer: int
    haircut: int
    request: int

    def at(self, text: str) -> None:
        """Let the clock be there and do what it asks for, twice."""
        make.set_clock(text)
        with self.app.app_context():
            for _time in range(2):
                with transaction():
                    for tell in reminding.due(self.community):
                        tell()

    def told(self, user: int, template: str = "") -> list[str]:
        with self.app.app_context():
            rows = select(Notice).where(Notice.user_id == user).order_by(Notice.id)
            return [each.text for each in db.session.scalars(rows) if not template or each.template == template]


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    make.set_clock("2026-11-23 09:30")
    with app.app_context(), transaction():
        community = make.make_community()
        community.phone = "0532-00000123"
        household = make.make_household(community)
        elder = make.make_elder(household, "纪淑贞")
        people = [make.make_user(Role.FAMILY, community, name=name) for name in ("臧丽", "臧强")]
        for each in people:
            make.make_family(elder, each)
        user = make.make_user(Role.VOLUNTEER, community)
        volunteer = make.make_volunteer(community, "郭玉洁", user_id=user.id, gender="F")
        canteen = make.make_canteen(community)
        request = make.make_request(community, make.make_kind("HAIR"), household)
        visit = make.make_visit(request, code="4729")
        made = make.make_offer(visit, volunteer, 870, accepted=True)
        meal = make.make_visit(make.make_request(community, make.make_kind("MEAL"), household), canteen=canteen)
        make.make_offer(meal, volunteer, 690, pickup=660, accepted=True)
        numbers = (community.id, people[0].id, people[1].id, user.id, made.id, request.id)
    return Scene(app, sign_in_as(Role.COORDINATOR, numbers[0]), *numbers)


def test_before_six_on_the_evening_before_each_hears_once_who_comes_with_which_code(scene: Scene) -> None:
    scene.at("2026-11-24 16:50")
    assert scene.told(scene.daughter) == []
    scene.at("2026-11-24 17:00")
    scene.at("2026-11-24 17:50")
    for user in (scene.daughter, scene.son):
        (said,) = scene.told(user)
        assert "明天11:30送餐上门，郭女士来" in said
        assert "另有1次" in said
        assert "0532-00000123" in said
    (mine,) = scene.told(scene.volunteer)
    assert "明天要去 2 家：11:00" in mine


def test_nobody_is_written_to_in_the_night(scene: Scene) -> None:
    scene.at("2026-11-24 21:00")
    assert scene.told(scene.daughter) == []


def test_what_is_otherwise_after_that_is_told_once_and_only_that(scene: Scene) -> None:
    scene.at("2026-11-24 17:00")
    with scene.app.app_context(), transaction():
        offering.decline(db.session.get_one(Offer, scene.haircut), "有事")
    scene.at("2026-11-24 18:10")
    (changed,) = scene.told(scene.daughter, "day_changed")
    assert "理发" in changed
    assert "还没有人来" in changed
    assert "送餐" not in changed
    with scene.app.app_context(), transaction():
        community = db.session.get_one(Community, scene.community)
        other = make.make_volunteer(community, "赵志强", user_id=make.make_user(Role.VOLUNTEER, community).id)
        make.make_offer(db.session.get_one(Offer, scene.haircut).visit, other, 900, accepted=True)
    scene.at("2026-11-25 08:30")
    assert "15:00上门理发" in scene.told(scene.daughter, "day_changed")[1]


def test_one_hour_before_the_family_hears_who_and_the_volunteer_that_it_begins(scene: Scene) -> None:
    scene.at("2026-11-25 10:10")
    assert len(scene.told(scene.volunteer, "my_soon")) == 1
    assert scene.told(scene.daughter, "soon") == []
    scene.at("2026-11-25 13:40")
    (said,) = scene.told(scene.daughter, "soon")
    assert "14:30上门理发，郭女士一小时内到，到访码4729" in said


def test_at_the_door_the_family_hears_of_it_and_of_the_end_only_if_it_wants_to(scene: Scene) -> None:
    with scene.app.app_context():
        with transaction():
            choices.choose(scene.son, {*choices.KINDS})
        make.set_clock("2026-11-25 14:30")
        with transaction():
            serving.check_in(db.session.get_one(Offer, scene.haircut), "4729")
        make.set_clock("2026-11-25 15:10")
        with transaction():
            serving.check_out(db.session.get_one(Offer, scene.haircut))
    assert "郭女士 14:30 到了" in scene.told(scene.daughter, "arrived")[0]
    assert scene.told(scene.daughter, "delivered") == []
    assert "15:10 做好了" in scene.told(scene.son, "delivered")[0]


def test_no_message_of_a_day_names_the_elder_in_full_or_tells_health_address_or_door(scene: Scene) -> None:
    """Messages lie open on telephones: from the evening before to the alarm at the door they carry nothing that helps a stranger in."""
    with scene.app.app_context(), transaction():
        home = db.session.get_one(HelpRequest, scene.request).household
        home.door, home.door_note = "西户", "门锁 8246"
        home.elders[0].diet, home.elders[0].care_note = "低盐", "怕凉"
        private = ("纪淑贞", home.door, "8246", "低盐", "怕凉", home.building.name)
    for moment in ("2026-11-24 17:00", "2026-11-25 13:40"):
        scene.at(moment)
    make.set_clock("2026-11-25 14:30")
    with scene.app.app_context():
        with transaction():
            made = db.session.get_one(Offer, scene.haircut)
            serving.check_in(made, "4729")
            alert = serving.report(made, Outcome.UNWELL, "低盐，怕凉")
            assert alert is not None
            telling.tell_coordinators(alert)
        texts = [each.text for each in db.session.scalars(select(Notice))]
        templates = set(db.session.scalars(select(Notice.template)))
    assert {"tomorrow", "my_tomorrow", "soon", "my_soon", "arrived", "unwell"} <= templates
    assert [(word, text) for text in texts for word in private if word in text] == []


def test_a_no_stops_its_kind_and_nothing_else(scene: Scene, sign_in_as: Callable[..., Browser]) -> None:
    with scene.app.app_context(), transaction():
        choices.choose(scene.daughter, {"soon", "changes"})
    scene.at("2026-11-24 17:00")
    assert scene.told(scene.daughter) == []
    assert len(scene.told(scene.son)) == 1
    scene.at("2026-11-25 13:40")
    assert len(scene.told(scene.daughter, "soon")) == 1
    with scene.app.app_context(), transaction():
        assert notify(scene.daughter, "number", when="11月28日18:00") is not None
    browser = sign_in_as(Role.FAMILY, scene.community)
    assert "要哪些消息" in browser.get("/my/messages").text
    assert browser.send("/my/messages", kind=["soon", "nonsense"]).status_code == 303
    with scene.app.app_context():
        assert {kind for kind, yes in choices.wanted_of(browser.user or 0).items() if yes} == {"soon", *choices.OF_VOLUNTEERS}


def test_what_came_of_a_request_is_told_with_the_number_to_call_and_its_page(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        community = db.session.get_one(Community, scene.community)
        kind = db.session.get_one(HelpRequest, scene.request).kind
        row = {"asked_by": scene.daughter, "source": Source.FAMILY, "state": RequestState.NEW}
        asked = make.make_request(community, kind, db.session.get_one(HelpRequest, scene.request).household, **row).id
    assert scene.office.send(f"/requests/{asked}/decline", reason="没有人会").status_code == 303
    (said,) = scene.told(scene.daughter, "request_declined")
    assert "0532-00000123" in said
    with scene.app.app_context():
        notice = db.session.scalars(select(Notice).where(Notice.template == "request_declined")).one()
        assert notice.path == f"/family/requests/{asked}"


def test_nobody_is_told_of_one_thing_twice_whoever_writes_the_row(both: Flask) -> None:
    make.set_clock("2026-11-25 09:30")
    with both.app_context():
        with transaction():
            user = make.make_user(Role.FAMILY).id
            assert notify(user, "family_bound", who="纪奶奶", about="x:1") is not None
            assert notify(user, "family_bound", who="纪奶奶", about="x:1") is None
        twice = {"user_id": user, "phone": "1", "template": "family_bound", "text": "x", "about": "x:1", "created_at": clock.now()}
        with pytest.raises(IntegrityError), transaction():
            make.add(Notice(**twice))


def test_the_clock_does_it_by_itself(scene: Scene) -> None:
    make.set_clock("2026-11-24 17:10")
    with scene.app.app_context():
        jobs.keep_house()
        forget_reads()
    assert len(scene.told(scene.daughter)) == 1
