"""The second step of signing in: asked of the office by a setting, made once, good once, and no way round it."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask

from tests.browser import Browser
from timebank.access import second
from timebank.access.models import Role, SecondFactor, Session, User
from timebank.cli import main
from timebank.config import Settings
from timebank.db import db, transaction

SignIn = Callable[..., Browser]


@pytest.fixture
def strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Give the service of an office that asks for a second step."""
    own: Settings = app.extensions["timebank"]
    monkeypatch.setitem(app.extensions, "timebank", replace(own, second_factor=True))
    return app


def factor(app: Flask, user: int) -> SecondFactor:
    """Return what somebody's second step is checked with."""
    with app.app_context():
        return db.session.get_one(SecondFactor, user)


def code(app: Flask, user: int, ahead: int = 0) -> str:
    """Return what somebody's app shows, or will show some half minutes later."""
    return pyotp.TOTP(factor(app, user).secret).at(int(time.time()) + 30 * ahead)


def in_full_with_spare(app: Flask, sign_in_as: SignIn) -> tuple[Browser, str]:
    """Give the browser of a coordinator who has made a second step and done it, and a spare code as it stood on the page."""
    browser = sign_in_as(Role.COORDINATOR)
    browser.send("/second/begin")
    spare = factor(app, browser.user).spares.split()[0]
    browser.send("/second/", code=code(app, browser.user))
    return browser, spare


def in_full(app: Flask, sign_in_as: SignIn) -> Browser:
    """Give the browser of a coordinator who has made a second step and done it."""
    return in_full_with_spare(app, sign_in_as)[0]


def again(app: Flask, sign_in_as: SignIn, user: int) -> Browser:
    """Let somebody sign in anew: their session is at the threshold."""
    browser = sign_in_as(Role.VOLUNTEER)
    with app.app_context(), transaction():
        newest = db.session.query(Session).order_by(Session.id.desc()).first()
        assert newest is not None
        newest.user_id = user
    browser.user = user
    return browser


@pytest.mark.parametrize("role", [Role.ADMIN, Role.COORDINATOR])
def test_whoever_keeps_the_office_is_led_to_the_second_step_and_nothing_else_opens(strict: Flask, sign_in_as: SignIn, role: Role) -> None:
    browser = sign_in_as(role)
    for page in ("/", "/today", "/devices", "/tokens", "/elders"):
        assert browser.get(page).location == "/second/", page
    assert browser.send("/tokens", name="x", scopes="read", days="30").status_code == 403
    assert browser.get("/today", headers={"Accept": "application/json"}).status_code == 403
    assert "验证器" in browser.get("/second/").text
    assert browser.send("/sign-out").status_code == 303


def test_others_and_offices_without_the_setting_know_nothing_of_it(strict: Flask, sign_in_as: SignIn, app: Flask) -> None:
    assert sign_in_as(Role.FAMILY).get("/devices").status_code == 200


def test_without_the_setting_the_office_comes_in_as_before(sign_in_as: SignIn) -> None:
    browser = sign_in_as(Role.ADMIN)
    assert browser.get("/devices").status_code == 200
    assert "没有要求第二步" in browser.get("/second/").text


def test_it_is_made_by_a_drawing_and_a_code_with_spares_shown_this_once(strict: Flask, sign_in_as: SignIn) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    browser.send("/second/begin")
    page = browser.get("/second/").text
    assert "<svg" in page
    assert len(re.findall(r"^[2-9a-z]{10}$", page, re.MULTILINE)) >= 6
    assert browser.send("/second/", code="000000").location == "/second/"
    assert browser.send("/second/", code="１２３４５六").location == "/second/"
    assert browser.get("/devices").location == "/second/"
    assert browser.send("/second/", code=code(strict, browser.user)).location != "/second/"
    assert browser.get("/devices").status_code == 200
    assert browser.send("/second/begin").status_code == 409, "one in use stays"


def test_a_code_is_good_once_and_a_spare_one_too(strict: Flask, sign_in_as: SignIn) -> None:
    first, spare = in_full_with_spare(strict, sign_in_as)
    second_time = again(strict, sign_in_as, first.user)
    assert second_time.send("/second/", code=code(strict, first.user)).location == "/second/", "seen over a shoulder it opens nothing"
    assert second_time.send("/second/", code=code(strict, first.user, ahead=1)).location != "/second/"
    third = again(strict, sign_in_as, first.user)
    assert third.send("/second/", code=f" {spare.upper()} ").location != "/second/"
    assert third.get("/devices").status_code == 200
    fourth = again(strict, sign_in_as, first.user)
    assert fourth.send("/second/", code=spare).location == "/second/"


def test_spare_codes_of_a_step_that_was_never_proved_open_nothing(strict: Flask, sign_in_as: SignIn) -> None:
    browser = sign_in_as(Role.COORDINATOR)
    browser.send("/second/begin")
    browser.send("/second/", code=factor(strict, browser.user).spares.split()[0])
    assert browser.get("/devices").location == "/second/"


def test_five_wrong_codes_end_the_session(strict: Flask, sign_in_as: SignIn) -> None:
    known = in_full(strict, sign_in_as)
    guesser = again(strict, sign_in_as, known.user)
    for number in range(second.TRIES):
        guesser.send("/second/", code=f"{number:06}")
    assert guesser.get("/second/").location.startswith("/sign-in")
    assert known.get("/devices").status_code == 200, "whoever was in stays in"


def test_who_has_lost_phone_and_paper_makes_another_one(strict: Flask, sign_in_as: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    known = in_full(strict, sign_in_as)
    settings: Settings = strict.extensions["timebank"]
    with strict.app_context():
        phone = db.session.get_one(User, known.user).phone
    monkeypatch.setenv("TIMEBANK_INSTANCE", settings.instance)
    monkeypatch.setenv("TIMEBANK_DATABASE_URL", settings.database)
    assert CliRunner().invoke(main, ["forget-second-step", phone]).exit_code == 0
    assert CliRunner().invoke(main, ["forget-second-step", phone]).exit_code == 2
    assert "开始设" in again(strict, sign_in_as, known.user).get("/second/").text


def test_the_secret_and_the_spares_are_sealed(strict: Flask, sign_in_as: SignIn) -> None:
    browser, spare = in_full_with_spare(strict, sign_in_as)
    with strict.app_context():
        stored = db.session.execute(db.text("SELECT secret, spares FROM second_factor")).one()
    known = factor(strict, browser.user)
    assert known.secret not in stored[0]
    assert known.spares.split()[0] not in stored[1]
    assert spare not in known.spares, "once they are on paper, not even the office's key reads them"


def test_spare_codes_an_earlier_version_wrote_down_go_on_opening(strict: Flask, sign_in_as: SignIn) -> None:
    known = in_full(strict, sign_in_as)
    with strict.app_context(), transaction():
        db.session.get_one(SecondFactor, known.user).spares = "abcdefghjk mnpqrstuvw"
    assert again(strict, sign_in_as, known.user).send("/second/", code="abcdefghjk").location != "/second/"
    assert again(strict, sign_in_as, known.user).send("/second/", code="abcdefghjk").location == "/second/"
