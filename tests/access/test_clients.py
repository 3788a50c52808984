"""Whose tries count for whom: behind a proxy and under attack, nobody uses up what another may do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.browser import Browser, build, open_browser
from timebank.access import actions
from timebank.access.models import Role, SignInCode
from timebank.certificates import checking
from timebank.db import db, transaction
from timebank.errors import Refusal
from timebank.lanes import _person
from timebank.proxies import Proxies, proxies

PHONE = "13800138000"
PROXY, STRANGER, NEIGHBOUR = "10.0.0.2", "203.0.113.9", "198.51.100.4"


def code_of(app: Flask, phone: str = PHONE) -> str:
    """Return the last code sent to a phone."""
    with app.app_context():
        newest = select(SignInCode).where(SignInCode.phone == phone).order_by(SignInCode.id.desc())
        found = db.session.scalars(newest).first()
        assert found is not None
        return found.code


def wrong(app: Flask, phone: str = PHONE) -> str:
    """Return six digits that are not the code."""
    return f"{(int(code_of(app, phone)) + 1) % 1_000_000:06d}"


def come_from(app: Flask, address: str) -> Browser:
    """Give a browser at an address."""
    browser = open_browser(app)
    browser.environ_base["REMOTE_ADDR"] = address
    return browser


def guess(app: Flask, browser: Browser, times: int) -> None:
    """Ask for a code for the phone and type wrong ones."""
    browser.send("/sign-in", phone=PHONE)
    for _ in range(times):
        browser.send("/code", code=wrong(app))


@pytest.fixture
def coordinator(app: Flask) -> Browser:
    """Give the browser on which a coordinator has signed in before, and has left again."""
    with app.app_context(), transaction():
        actions.add_user(PHONE, "林晓梅", Role.COORDINATOR, community_id=1)
    desk = come_from(app, NEIGHBOUR)
    desk.send("/sign-in", phone=PHONE)
    desk.send("/code", code=code_of(app))
    assert desk.get("/devices").status_code == 200
    desk.send("/sign-out")
    return desk


def test_strangers_who_know_a_number_do_not_shut_its_owner_out(app: Flask, coordinator: Browser, later: Callable[..., None]) -> None:
    """Thirty addresses guess and ask as often as they may; the owner's own device is asked for nothing of that."""
    later(minutes=61)
    for number in range(30):
        guess(app, come_from(app, f"203.0.113.{number}"), 5)
    assert come_from(app, STRANGER).send("/sign-in", phone=PHONE).status_code == 429
    assert coordinator.send("/sign-in", phone=PHONE).location == "/code"
    coordinator.send("/code", code=code_of(app))
    assert coordinator.get("/devices").status_code == 200


def test_the_owners_own_device_has_five_tries_too(app: Flask, coordinator: Browser) -> None:
    """Whoever finds an unlocked phone guesses no more often than others."""
    guess(app, coordinator, 5)
    assert "输错了 5 次" in coordinator.get("/code").text
    coordinator.send("/code", code=code_of(app))
    assert coordinator.get("/devices").status_code == 303


def test_a_device_is_nobodys_but_its_users(app: Flask, coordinator: Browser) -> None:
    """A cookie that was made up, or is another user's, makes a stranger."""
    stranger = come_from(app, STRANGER)
    stranger.set_cookie("timebank-device", '{"1": "made-up"}')
    guess(app, stranger, 5)
    assert "输错了 5 次" in stranger.get("/code").text
    with app.app_context():
        assert {each.device for each in db.session.scalars(select(SignInCode).where(SignInCode.used_at.is_(None)))} == {""}


def test_strangers_at_one_address_do_not_shut_out_a_new_phone_at_another(app: Flask, coordinator: Browser) -> None:
    guess(app, come_from(app, STRANGER), 5)
    new = come_from(app, "192.0.2.8")
    assert new.send("/sign-in", phone=PHONE).location == "/code"
    new.send("/code", code=code_of(app))
    assert new.get("/devices").status_code == 200


def test_all_strangers_together_have_no_more_than_twenty_guesses(app: Flask) -> None:
    """However many addresses somebody has, the number of guesses in a quarter of an hour stays small."""
    rivals = [come_from(app, f"203.0.113.{number}") for number in range(8)]
    for rival in rivals[:5]:
        guess(app, rival, 4)
    assert "输错了 5 次" in rivals[0].get("/code").text
    assert rivals[7].send("/sign-in", phone=PHONE).status_code == 429


def test_behind_the_offices_proxy_everybody_is_themselves(tmp_path: Path, app: Flask) -> None:
    """Sixty codes an hour are the bound of one address, not of everybody who comes by the proxy."""
    settings = {"database_url": app.extensions["timebank"].database, "trusted_proxies": f"127.0.0.1, {PROXY}/31"}
    office = build(tmp_path, **settings)
    busy = come_from(office, PROXY)
    busy.environ_base["HTTP_X_FORWARDED_FOR"] = f"6.6.6.6, {STRANGER}, {PROXY}"
    for number in range(actions.CODES_PER_HOUR_AND_SOURCE):
        assert busy.send("/sign-in", phone=f"139{number:08d}").status_code == 303
    busy.environ_base["HTTP_X_FORWARDED_FOR"] = f"7.7.7.7, {STRANGER}"
    assert busy.send("/sign-in", phone="13700000000").status_code == 429, "who asks is what our proxy says, not what the sender wrote"
    other = come_from(office, PROXY)
    other.environ_base["HTTP_X_FORWARDED_FOR"] = NEIGHBOUR
    assert other.send("/sign-in", phone="13700000000").status_code == 303
    with office.app_context():
        db.engine.dispose()


def test_wrong_checks_of_one_reader_shut_out_nobody_else_at_the_same_address(app: Flask) -> None:
    """A whole office behind one address: who guesses is told to wait, the next one is answered."""
    guesser, reader = come_from(app, STRANGER), come_from(app, STRANGER)
    for _ in range(checking.WRONG_TRIES):
        assert guesser.get("/check/ZM-1/000000000000").status_code == 404
    assert guesser.get("/check/ZM-1/000000000000").status_code == 429
    assert reader.get("/check/ZM-1/000000000000").status_code == 404


def test_who_throws_cookies_away_is_measured_by_address(app: Flask) -> None:
    for _ in range(10 * checking.WRONG_TRIES):
        assert come_from(app, STRANGER).get("/check/ZM-1/000000000000").status_code == 404
    assert come_from(app, STRANGER).get("/check/ZM-1/000000000000").status_code == 429
    assert come_from(app, NEIGHBOUR).get("/check/ZM-1/000000000000").status_code == 404


@pytest.mark.parametrize(
    ("peer", "line", "found"),
    [
        (STRANGER, "1.2.3.4", STRANGER),
        (PROXY, "", PROXY),
        (PROXY, "1.2.3.4", "1.2.3.4"),
        (PROXY, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (PROXY, f"6.6.6.6, 1.2.3.4, {PROXY}", "1.2.3.4"),
        (PROXY, "6.6.6.6, <script>", PROXY),
        (f"::ffff:{PROXY}", "2001:db8::7", "2001:db8::7"),
        ("", "1.2.3.4", ""),
    ],
)
def test_of_the_forwarded_addresses_the_last_one_that_is_no_proxy_of_ours_counts(peer: str, line: str, found: str) -> None:
    ours = Proxies()
    ours.use(f"{PROXY}, 192.168.0.0/16")
    assert ours.client(peer, line) == found


def test_without_the_setting_nobodys_word_is_believed_and_the_log_says_once_what_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    nobody = Proxies()
    nobody.use("")
    assert nobody.client(PROXY, "1.2.3.4") == PROXY
    assert nobody.scheme(PROXY, "https", "http") == "http"
    for _ in range(3):
        nobody.warn("1.2.3.4")
    assert caplog.text.count("TIMEBANK_TRUSTED_PROXIES") == 1


def test_a_setting_that_is_no_address_is_refused_in_words() -> None:
    with pytest.raises(Refusal, match="addresses of your reverse proxies"):
        Proxies().use("the proxy")


def test_strangers_behind_the_proxy_wait_in_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lanes ask who somebody is by the same rule."""

    class Waiting:
        addr = (PROXY, 1234)

        def __init__(self, line: str) -> None:
            self.requests = [type("Asked", (), {"headers": {"X_FORWARDED_FOR": line}})()]

    monkeypatch.setattr(proxies, "_own", ())
    proxies.use(PROXY)
    assert _person(Waiting("1.1.1.1")) != _person(Waiting("2.2.2.2"))  # type: ignore[arg-type]
