"""A volunteer's card that anybody can check, and the switch by which somebody says that they can be asked at once."""

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from itsdangerous import URLSafeSerializer

from tests.browser import Browser, shown
from tests.builders import make_community, make_volunteer, set_clock
from tests.phone.test_phone import Scene, text, volunteer_of
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.volunteers import standby


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Browser]) -> Scene:
    set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        number = make_community().id
    browser = sign_in_as(Role.VOLUNTEER, number)
    with app.app_context(), transaction():
        volunteer = make_volunteer(db.session.get_one(Community, number), "欧阳秀芬", user_id=browser.user)
        return Scene(app, browser, number, volunteer.id)


def address(scene: Scene, number: int) -> str:
    """Return the address behind the code of a card."""
    with scene.app.test_request_context():
        return url_for("badge.check", token=URLSafeSerializer(str(scene.app.secret_key), salt="volunteer's card").dumps(number))


def test_the_card_is_checked_by_anybody_and_tells_no_more_than_it_must(scene: Scene, client: Browser) -> None:
    card = text(scene.browser.get("/phone/card"))
    assert "欧阳秀芬" in card
    assert 'class="qr"' in card
    page = text(client.get(address(scene, scene.volunteer_id)))
    assert "是这里的志愿者" in page
    assert "欧阳**" in page
    with scene.app.app_context():
        volunteer = volunteer_of(scene)
        secrets = ("欧阳秀芬", volunteer.phone, volunteer.address or "-none-")
    assert not any(secret in page for secret in secrets)
    with scene.app.app_context(), transaction():
        volunteer_of(scene).active = False
    assert "请不要开门" in text(client.get(address(scene, scene.volunteer_id)))


def test_a_made_up_or_changed_code_is_no_page(scene: Scene, client: Browser) -> None:
    true = address(scene, scene.volunteer_id)
    for wrong in ("/volunteer/1", "/volunteer/abc.def", true[:-1] + ("A" if true[-1] != "A" else "B"), address(scene, 99_999)):
        assert client.get(wrong).status_code == 404


def test_whoever_has_time_says_so_for_some_hours_and_it_ends_by_itself(scene: Scene) -> None:
    scene.browser.send("/phone/standby", hours="2")
    assert "待命到 12:50" in shown(text(scene.browser.get("/phone")))
    with scene.app.app_context():
        assert [each.id for each in standby.standing_by(scene.community_id)] == [scene.volunteer_id]
    set_clock("2026-11-25 12:51")
    assert "待命到" not in shown(text(scene.browser.get("/phone")))
    scene.browser.send("/phone/standby", hours="1")
    scene.browser.send("/phone/standby", hours="0")
    with scene.app.app_context():
        assert standby.standing_by(scene.community_id) == []


def test_nobody_stands_by_at_night_or_for_hours_that_are_not_offered(scene: Scene) -> None:
    assert scene.browser.send("/phone/standby", hours="99").status_code == 422
    set_clock("2026-11-25 18:30")
    scene.browser.send("/phone/standby", hours="4")
    assert "待命到 20:00" in shown(text(scene.browser.get("/phone")))
    set_clock("2026-11-25 20:05")
    answer = scene.browser.send("/phone/standby", hours="1")
    assert answer.status_code == 409
    assert "先休息" in text(answer)


@pytest.mark.parametrize("path", ["/phone/at-door/7", "/phone/visits/999", "/phone/nowhere", "/today"])
def test_a_refusal_on_the_phone_says_whom_to_ring(scene: Scene, path: str) -> None:
    with scene.app.app_context(), transaction():
        db.session.get_one(Community, scene.community_id).phone = "0532-00000123"
    answer = scene.browser.get(path)
    assert answer.status_code in {403, 404}
    assert 'href="tel:053200000123"' in text(answer)
