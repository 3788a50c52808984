"""到访卡: the codes of the coming visits on paper, for a door without a smartphone; what the volunteer's phone does with its drawing."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.places.models import Community


class Door:
    """An elder without a telephone: a haircut agreed for Wednesday, a lunch of the same day, one that nobody has agreed to."""

    def __init__(self, app: Flask, sign_in_as: Callable[..., Browser]) -> None:
        """Build them."""
        make.set_clock("2026-11-24 09:00")
        self.app = app
        with app.app_context(), transaction():
            community = make.make_community()
            community.phone = "0532-00000123"
            self.community = community.id
        self.office, self.phone = sign_in_as(Role.COORDINATOR, self.community), sign_in_as(Role.VOLUNTEER, self.community)
        self.other = sign_in_as(Role.VOLUNTEER, self.community)
        with app.app_context(), transaction():
            community = db.session.get_one(Community, self.community)
            home = make.make_household(community)
            self.elder = make.make_elder(home, "纪淑贞").id
            mine = make.make_volunteer(community, "郭玉洁", user_id=self.phone.user)
            make.make_volunteer(community, "冯华", user_id=self.other.user)
            hair, meal = make.make_kind("HAIR", skills=[]), make.make_kind("MEAL", skills=[])
            agreed = make.make_visit(make.make_request(community, hair, home), code="4729")
            self.offer, self.visit = make.make_offer(agreed, mine, 870, accepted=True).id, agreed.id
            lunch = make.make_visit(make.make_request(community, meal, home), make.WEDNESDAY, make.make_canteen(community), code="5555")
            make.make_offer(lunch, mine, 670, pickup=650, accepted=True)
            asked = make.make_visit(make.make_request(community, hair, home), code="8888")
            make.make_offer(asked, mine, 960)


@pytest.fixture
def door(app: Flask, sign_in_as: Callable[..., Browser]) -> Door:
    return Door(app, sign_in_as)


def test_the_card_has_who_comes_when_and_the_codes_of_what_is_agreed_and_reading_it_is_on_record(door: Door) -> None:
    page = door.office.get(f"/elders/{door.elder}/door-card").text
    for words in ("郭玉洁", "4729", "14:30", "11:10", "不用码", "0532-00000123", "先看工作牌", "<svg", 'class="qr"'):
        assert words in page
    assert "8888" not in page
    assert "5555" not in page
    assert "到访卡" in door.office.get(f"/elders/{door.elder}").text
    with door.app.app_context():
        read = db.session.scalars(select(AuditRow).where(AuditRow.verb == "read_codes")).all()
        assert [row.subject_id for row in read] == [str(door.elder)]


def test_a_door_to_which_nobody_comes_is_told_so(door: Door) -> None:
    with door.app.app_context(), transaction():
        alone = make.make_elder(make.make_household(db.session.get_one(Community, door.community)), "闵玉珍").id
    assert "这两周还没有人要来" in door.office.get(f"/elders/{alone}/door-card").text


def test_nobody_but_the_office_reads_the_card_and_not_of_another_community(door: Door, sign_in_as: Callable[..., Browser]) -> None:
    assert door.phone.get(f"/elders/{door.elder}/door-card").status_code == 403
    with door.app.app_context(), transaction():
        elsewhere = make.make_community("elsewhere").id
    assert sign_in_as(Role.COORDINATOR, elsewhere).get(f"/elders/{door.elder}/door-card").status_code == 404


def test_the_drawing_leads_the_volunteer_to_their_own_stop_and_nobody_else(door: Door) -> None:
    make.set_clock("2026-11-25 14:20")
    answer = door.phone.get(f"/phone/at-door/{door.visit}")
    assert answer.location == f"/phone/visits/{door.offer}"
    told = door.other.get(f"/phone/at-door/{door.visit}")
    assert told.status_code == 404
    assert "不是你的安排" in told.text
    assert door.phone.get("/phone/at-door/999").status_code == 404
