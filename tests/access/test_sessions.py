"""Sessions and links: how long they last, and how they end."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import session_json_serializer
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from tests.browser import Browser, build, open_browser
from timebank import clock
from timebank.access import actions
from timebank.access.models import MagicLink, Purpose, Role, Session, User
from timebank.db import Base, db, transaction
from timebank.errors import Invalid

PHONE = "13800138000"


def user_of(browser: Browser) -> User:
    """Return the user of a browser."""
    user = db.session.get(User, browser.user)
    assert user is not None
    return user


def link_for(app: Flask, browser: Browser, purpose: Purpose = Purpose.DAY_SHEET, *, limit: int = 1) -> str:
    """Return the address of a new link for a browser's user, good for a day."""
    with app.app_context(), transaction():
        token = actions.make_link(user_of(browser), purpose, clock.now() + timedelta(days=1), limit=limit)
    return f"/link/{token}"


def stranger(app: Flask) -> Browser:
    """Return a browser that nobody has signed in."""
    return open_browser(app)


def test_signing_out_ends_the_session_at_the_server(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    browser = sign_in_as(Role.VOLUNTEER)
    cookie = browser.get_cookie("timebank-user")
    assert cookie is not None
    assert browser.send("/sign-out").location == "/"
    thief = stranger(app)
    thief.set_cookie("timebank-user", cookie.value)
    assert thief.get("/devices").status_code == 303


def test_a_revoked_session_is_signed_out_at_once(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """The very next page asks to sign in."""
    browser = sign_in_as(Role.COORDINATOR)
    assert browser.get("/devices").status_code == 200
    with app.app_context(), transaction():
        actions.sign_out(db.session.scalars(select(Session)).one())
    assert browser.get("/devices").status_code == 303


def test_switching_a_user_off_ends_every_session_at_once(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """Somebody who has left the office reads no further page."""
    browser = sign_in_as(Role.ADMIN)
    with app.app_context(), transaction():
        actions.switch_off(user_of(browser))
    assert browser.get("/devices").status_code == 303


def test_where_codes_go_is_changed_only_by_whoever_has_just_signed_in(
    app: Flask, sign_in_as: Callable[..., Browser], later: Callable[..., None]
) -> None:
    """A phone left on the table for a moment does not give its owner's codes away."""
    browser = sign_in_as(Role.VOLUNTEER)
    later(minutes=16)
    answer = browser.send("/devices/mail", mail="thief@example.org")
    assert answer.status_code == 422
    assert "重新登录" in answer.text
    assert "thief@example.org" in answer.text, "what was typed is kept"
    with app.app_context():
        assert user_of(browser).mail is None


def test_one_other_device_is_ended_by_whoever_has_just_signed_in_and_nobody_elses(
    app: Flask, sign_in_as: Callable[..., Browser], later: Callable[..., None]
) -> None:
    lost, mine, stranger_s = sign_in_as(Role.VOLUNTEER), sign_in_as(Role.VOLUNTEER), sign_in_as(Role.VOLUNTEER)
    with app.app_context(), transaction():
        first, second, third = db.session.scalars(select(Session).order_by(Session.id))
        second.user_id = first.user_id
        numbers = first.id, second.id, third.id
    assert "退出这台" in mine.get("/devices").text
    for other in numbers[1:]:
        assert mine.send(f"/devices/{other}/end").status_code == 404, "one's own is ended by signing out, a stranger's not at all"
    later(minutes=16)
    assert mine.send(f"/devices/{numbers[0]}/end").status_code == 422
    later(minutes=-16)
    assert mine.send(f"/devices/{numbers[0]}/end").location == "/devices"
    assert lost.get("/devices").location.startswith("/sign-in")
    assert (mine.get("/devices").status_code, stranger_s.get("/devices").status_code) == (200, 200)


def test_leaving_everywhere_ends_the_other_phones_too(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """A lost phone is shut from any other; other people's sessions stay."""
    lost = sign_in_as(Role.VOLUNTEER)
    neighbour = sign_in_as(Role.VOLUNTEER)
    own = stranger(app)
    with app.app_context(), transaction():
        token, _session = actions.sign_in(user_of(lost), device="iphone")
    own.set_cookie("timebank-user", token)
    assert "苹果手机" in own.get("/devices").text
    own.send("/leave-everywhere")
    assert [each.get("/devices").status_code for each in (lost, own, neighbour)] == [303, 303, 200]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.COORDINATOR, Role.INSPECTOR])
def test_the_office_is_signed_out_after_half_an_hour_alone_and_after_a_day(
    sign_in_as: Callable[..., Browser], later: Callable[..., None], role: Role
) -> None:
    """Working keeps the session; leaving the desk ends it; twelve hours end it in any case."""
    browser = sign_in_as(role)
    for _ in range(25):
        later(minutes=28)
        assert browser.get("/devices").status_code == 200
    later(minutes=21)
    assert browser.get("/devices").status_code == 303
    away = sign_in_as(role)
    later(minutes=31)
    assert away.get("/devices").status_code == 303


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.FAMILY])
def test_people_stay_signed_in_on_their_own_phone_for_ninety_days(
    sign_in_as: Callable[..., Browser], later: Callable[..., None], role: Role
) -> None:
    """Nobody asks a volunteer for a code every morning."""
    browser = sign_in_as(role)
    later(days=89)
    assert browser.get("/devices").status_code == 200
    later(days=2)
    assert browser.get("/devices").status_code == 303


def test_the_demo_does_not_end_a_session_that_is_left_alone(tmp_path: Path, later: Callable[..., None]) -> None:
    """Somebody who looks at the demo in the afternoon is still the coordinator."""
    app = build(tmp_path, demo=True)
    browser = stranger(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            token, _session = actions.sign_in(actions.add_user(PHONE, "周敏", Role.COORDINATOR, community_id=1))
    browser.set_cookie("timebank-user", token)
    later(hours=5)
    assert browser.get("/devices").status_code == 200
    with app.app_context():
        db.engine.dispose()


def test_signing_in_again_ends_the_browsers_earlier_session(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """One browser holds one session, with a new token at each sign-in."""
    browser = sign_in_as(Role.VOLUNTEER)
    before = browser.get_cookie("timebank-user")
    browser.send(link_for(app, browser))
    after = browser.get_cookie("timebank-user")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Session).where(Session.revoked_at.is_(None))) == 1


def test_a_link_is_not_used_up_by_looking_at_it(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """A robot that opens addresses in messages takes nothing; the button signs in."""
    volunteer = sign_in_as(Role.VOLUNTEER)
    path = link_for(app, volunteer)
    for _ in range(3):
        page = stranger(app).get(path)
        assert page.status_code == 200
        assert "timebank-user" not in str(page.headers.getlist("Set-Cookie"))
    phone = stranger(app)
    assert phone.send(path).location == "/"
    assert phone.get("/devices").status_code == 200


def test_a_link_works_as_often_as_its_limit_says(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """After that it is not found, with the way on."""
    path = link_for(app, sign_in_as(Role.VOLUNTEER), limit=2)
    assert [stranger(app).send(path).status_code for _ in range(3)] == [303, 303, 404]
    assert "可以用手机号登录，或者请给你的人再给一个" in stranger(app).get(path).text


def test_a_links_second_tap_uses_it_once(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """The same form twice is one use."""
    path = link_for(app, sign_in_as(Role.VOLUNTEER), limit=5)
    phone = stranger(app)
    for _ in range(2):
        assert phone.send(path, key="the-same-form").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(MagicLink)).one().uses == 1


def test_the_session_of_a_day_sheet_ends_with_the_sheet(app: Flask, sign_in_as: Callable[..., Browser], later: Callable[..., None]) -> None:
    """Paper gets lost; what it opens is shut the next day."""
    path = link_for(app, sign_in_as(Role.VOLUNTEER))
    phone = stranger(app)
    phone.send(path)
    later(hours=25)
    assert phone.get("/devices").status_code == 303
    assert phone.get(path).status_code == 404


def test_only_volunteers_get_a_day_sheets_link(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """A sheet of paper never opens the office."""
    coordinator = sign_in_as(Role.COORDINATOR)
    with pytest.raises(Invalid):
        link_for(app, coordinator)


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_link_signs_in_at_once_only_in_the_demo(tmp_path: Path, *, demo: bool) -> None:
    """One click shows the demo; in real use the same link asks first."""
    app = build(tmp_path, demo=demo)
    browser = stranger(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            user = actions.add_user(PHONE, "周敏", Role.COORDINATOR, community_id=1)
            token = actions.make_link(user, Purpose.DEMO, clock.now() + timedelta(days=30), limit=1000)
    assert browser.get(f"/link/{token}").status_code == (303 if demo else 200)
    assert browser.get("/devices").status_code == (200 if demo else 303)
    with app.app_context():
        db.engine.dispose()


def test_a_guessed_link_and_a_guessed_cookie_open_nothing(client: Browser) -> None:
    """Not found, and signed out."""
    assert client.get("/link/abc").status_code == 404
    assert client.send("/link/abc").status_code == 404
    client.set_cookie("timebank-user", "abc")
    assert client.get("/devices").status_code == 303


def test_cookies_are_signed_with_sha256_and_those_of_earlier_versions_are_still_read(app: Flask, client: Browser) -> None:
    page = client.get("/sign-in").text
    cookie = client.get_cookie("timebank")
    assert cookie is not None
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert [len(each.rsplit(".", 1)[1]) for each in (cookie.value, token)] == [43, 43]
    name = app.session_interface.get_signing_serializer(app).loads(cookie.value)["reader"]  # type: ignore[attr-defined]
    kwargs = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    earlier = URLSafeTimedSerializer(app.secret_key, salt="cookie-session", serializer=session_json_serializer, signer_kwargs=kwargs)  # type: ignore[arg-type]
    again = stranger(app)
    again.set_cookie("timebank", earlier.dumps({"reader": name, "locale": "en"}))
    assert 'lang="en"' in again.get("/sign-in").text


def test_behind_tls_the_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    """The browser sends them only to this host and only encrypted."""
    app = build(tmp_path, https=True)
    browser = stranger(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            user = actions.add_user(PHONE, "周敏", Role.COORDINATOR, community_id=1)
            token = actions.make_link(user, Purpose.DEMO, clock.now() + timedelta(days=1))
    page = browser.get(f"/link/{token}", base_url="https://localhost")
    form = {"csrf_token": page.text.split('name="csrf_token" value="')[1].split('"')[0], "_key": "a-form-of-a-test"}
    answer = browser.post(f"/link/{token}", data=form, base_url="https://localhost", headers={"Referer": "https://localhost/"})
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(each.startswith("__Host-timebank-user=") and "Secure" in each and "Path=/" in each for each in cookies)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    with app.app_context():
        db.engine.dispose()


def test_the_language_is_chosen_by_a_button_and_kept(client: Browser, sign_in_as: Callable[..., Browser], app: Flask) -> None:
    """The switch leads back to the page it stood on, never out of the site; a user's choice is remembered."""
    answer = client.post(
        "/language", data={"csrf_token": client.token(), "_key": "language-one"}, headers={"Referer": "http://localhost/sign-in?door=help"}
    )
    assert answer.location == "/sign-in?door=help"
    assert 'lang="en"' in client.get("/").text
    assert client.send("/language", locale="zh", next="//evil.example").location == "/"
    assert 'lang="zh-CN"' in client.get("/").text
    volunteer = sign_in_as(Role.VOLUNTEER)
    volunteer.send("/language", locale="en")
    with app.app_context():
        assert user_of(volunteer).locale == "en"


def test_home_leads_each_role_somewhere_it_may_go(sign_in_as: Callable[..., Browser]) -> None:
    """Nobody's first page refuses them."""
    for role in Role:
        browser = sign_in_as(role)
        first = browser.get("/")
        assert first.status_code == 303
        assert first.location != "/"
        page = browser.get(first.location, follow_redirects=True)
        assert page.status_code == 200, role
        assert page.request.path not in {"/", "/sign-in"}, role
