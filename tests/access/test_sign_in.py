"""Sign-in by phone and code, as people do it and as people attack it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.browser import Browser, build, open_browser
from timebank.access import actions
from timebank.access.models import Role, Session, SignInCode, User
from timebank.audit import AuditRow
from timebank.db import db, transaction

PHONE = "13800138000"


def code_of(app: Flask, phone: str = PHONE) -> str:
    """Return the last code sent to a phone."""
    with app.app_context():
        found = db.session.scalars(select(SignInCode).where(SignInCode.phone == phone).order_by(SignInCode.id.desc())).first()
        assert found is not None
        return found.code


def wrong_code(app: Flask) -> str:
    """Return six digits that are not the code."""
    return f"{(int(code_of(app)) + 1) % 1_000_000:06d}"


def count(app: Flask, kind: type[Session | SignInCode | User]) -> int:
    """Return how many rows a table has."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(kind)) or 0


@pytest.fixture
def known(app: Flask) -> None:
    """Let the number be a family's already."""
    with app.app_context(), transaction():
        actions.add_user(PHONE, "", Role.FAMILY)


def enter(app: Flask, browser: Browser, phone: str = PHONE) -> None:
    """Sign a browser in by phone and code."""
    assert browser.send("/sign-in", phone=phone).location == "/code"
    assert browser.send("/code", code=code_of(app, phone)).status_code == 303


@pytest.mark.parametrize(
    "typed", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "１３８００１３８０００", "0086 13800138000", "１３８ ００１３ ８０００"]
)
def test_a_phone_number_is_understood_as_people_type_it(app: Flask, client: Browser, typed: str) -> None:
    """Full-width digits, spaces, dashes and the country's number all mean the same phone."""
    assert client.send("/sign-in", phone=typed).location == "/code"
    assert len(code_of(app, PHONE)) == 6


@pytest.mark.parametrize(
    "typed", ["", "  ", "12345", "02583204321", "=cmd()", "1" * 400, "138001380001", "23800138000", "138\x0000138000", "+1 650 253 0000"]
)
def test_what_is_no_mobile_number_is_refused_on_the_same_page(app: Flask, client: Browser, typed: str) -> None:
    """The page comes back with a sentence and with what was typed; no code is made."""
    answer = client.send("/sign-in", phone=typed)
    assert answer.status_code == 422
    assert "手机号" in answer.text
    assert count(app, SignInCode) == 0


def test_the_right_code_opens_the_users_own_session(app: Flask, client: Browser) -> None:
    """A known phone signs in as its user; the cookie cannot be read by scripts and the database keeps only its hash."""
    with app.app_context(), transaction():
        user = actions.add_user(PHONE, "林晓梅", Role.VOLUNTEER, community_id=1).id
    client.send("/sign-in", phone=PHONE)
    answer = client.send("/code", code=code_of(app))
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("timebank-user="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "林晓梅" not in client.get("/sign-in").text
    assert client.get("/devices").status_code == 200
    with app.app_context():
        session = db.session.scalars(select(Session)).one()
        assert session.user_id == user
        assert session.token_hash not in cookie
        assert cookie.split("=", 1)[1].split(";")[0] not in session.token_hash


def test_an_unknown_phone_becomes_a_familys_user_only_after_its_code(app: Flask, client: Browser) -> None:
    """Asking for help needs no account: the phone that was checked is the account."""
    client.get("/sign-in?door=help")
    client.send("/sign-in", phone=PHONE)
    assert count(app, User) == 0
    client.send("/code", code=code_of(app))
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        assert (user.role, user.name, user.shown_name) == (Role.FAMILY, "", "138****8000")


def test_known_and_unknown_phones_get_the_same_answer(app: Flask) -> None:
    """Nobody learns from the answers whether a number is known here."""
    with app.app_context(), transaction():
        actions.add_user(PHONE, "林晓梅", Role.COORDINATOR, community_id=1)
    answers = []
    for phone in (PHONE, "13800138001"):
        browser = open_browser(app)
        asked = browser.send("/sign-in", phone=phone)
        page = browser.get("/code").text.replace(phone[-4:], "####")
        wrong = browser.send("/code", code=f"{(int(code_of(app, phone)) + 1) % 1_000_000:06d}")
        answers.append((asked.status_code, asked.location, asked.text, _without_tokens(page), wrong.status_code, wrong.location))
    assert answers[0] == answers[1]


def _without_tokens(page: str) -> list[str]:
    """Return a page's lines without its hidden fields, which differ on every page."""
    return [line for line in page.splitlines() if 'type="hidden"' not in line]


def test_five_wrong_codes_lock_the_phone_with_clear_words(app: Flask, client: Browser) -> None:
    """The page counts down, then says until when it rests; the right code does not open it either."""
    client.send("/sign-in", phone=PHONE)
    wrong = wrong_code(app)
    for left in (4, 3, 2, 1):
        client.send("/code", code=wrong)
        assert f"还可以试 {left} 次" in client.get("/code").text
    client.send("/code", code=wrong)
    page = client.get("/code").text
    assert "输错了 5 次" in page
    assert "以后可以重新要一个" in page
    client.send("/code", code=code_of(app))
    assert client.get("/devices").status_code == 303
    refused = client.send("/sign-in", phone=PHONE)
    assert refused.status_code == 429
    assert "输错了 5 次" in refused.text


def test_the_lock_holds_over_two_services_on_one_database(both: Flask, tmp_path: Path) -> None:
    """Tries are counted in the database, so a second process gives no second chance."""
    other = build(tmp_path, database_url=both.extensions["timebank"].database)
    first, second = open_browser(both), open_browser(other)
    first.send("/sign-in", phone=PHONE)
    with second.session_transaction() as kept:
        kept["sign_in_phone"] = PHONE
    wrong = wrong_code(both)
    for browser in (first, second, first, second, first):
        browser.send("/code", code=wrong)
    for browser in (first, second):
        assert "输错了 5 次" in browser.get("/code").text
        browser.send("/code", code=code_of(both))
        assert browser.get("/devices").status_code == 303
    with other.app_context():
        db.engine.dispose()


def test_guesses_made_at_the_same_moment_are_counted_one_by_one(both: Flask) -> None:
    """A dozen browsers at once get no more than five guesses between them."""
    open_browser(both).send("/sign-in", phone=PHONE)
    wrong = wrong_code(both)
    rivals = [open_browser(both) for _ in range(12)]
    for rival in rivals:
        with rival.session_transaction() as kept:
            kept["sign_in_phone"] = PHONE
    with ThreadPoolExecutor(len(rivals)) as pool:
        answers = list(pool.map(lambda rival: rival.send("/code", code=wrong).status_code, rivals))
    assert set(answers) == {303}
    with both.app_context():
        assert db.session.scalars(select(SignInCode.tries)).one() == 5


def test_a_new_code_does_not_wash_away_the_wrong_tries(app: Flask, client: Browser) -> None:
    """Asking again gives no five further guesses."""
    for _ in range(2):
        client.send("/sign-in", phone=PHONE)
        client.send("/code", code=wrong_code(app))
        client.send("/code", code=wrong_code(app))
    client.send("/code", code=wrong_code(app))
    assert "输错了 5 次" in client.get("/code").text


def test_the_lock_opens_after_a_quarter_of_an_hour(app: Flask, client: Browser, later: Callable[..., None], known: None) -> None:
    """Somebody who mistyped is not shut out for the day."""
    client.send("/sign-in", phone=PHONE)
    for _ in range(5):
        client.send("/code", code=wrong_code(app))
    later(minutes=16)
    enter(app, client)
    assert client.get("/devices").status_code == 200


def test_a_code_is_good_for_ten_minutes_and_for_one_use(app: Flask, client: Browser, later: Callable[..., None]) -> None:
    """An old code and a used code are refused with the way on."""
    client.send("/sign-in", phone=PHONE)
    old = code_of(app)
    later(minutes=11)
    client.send("/code", code=old)
    assert "过期了" in client.get("/code").text
    enter(app, client)
    used = code_of(app)
    stranger = open_browser(app)
    with stranger.session_transaction() as kept:
        kept["sign_in_phone"] = PHONE
    stranger.send("/code", code=used)
    assert stranger.get("/devices").status_code == 303


def test_only_the_newest_code_counts(app: Flask, client: Browser) -> None:
    """Two messages on a phone do not double the chance of a guess."""
    client.send("/sign-in", phone=PHONE)
    first = code_of(app)
    client.send("/sign-in", phone=PHONE)
    if first != code_of(app):
        client.send("/code", code=first)
        assert client.get("/devices").status_code == 303


def test_five_codes_an_hour_are_enough_for_one_phone(app: Flask, client: Browser, later: Callable[..., None]) -> None:
    """A phone cannot be flooded with messages."""
    for _ in range(5):
        assert client.send("/sign-in", phone=PHONE).location == "/code"
    refused = client.send("/sign-in", phone=PHONE)
    assert refused.status_code == 429
    assert count(app, SignInCode) == 5
    later(minutes=61)
    assert client.send("/sign-in", phone=PHONE).location == "/code"


def test_a_double_tap_sends_one_code(app: Flask, client: Browser) -> None:
    """The same form twice is one request for a code, and ends on the same page."""
    first = client.send("/sign-in", key="the-same-form", phone=PHONE)
    second = client.send("/sign-in", key="the-same-form", phone=PHONE)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert count(app, SignInCode) == 1


def test_a_double_tap_on_the_code_signs_in_once_even_when_the_first_answer_is_lost(app: Flask, client: Browser, known: None) -> None:
    """A browser drops the answer to a first tap, cookie and all; the second answer must do as well."""
    client.send("/sign-in", phone=PHONE)
    digits = code_of(app)
    with client.session_transaction() as kept:
        before = dict(kept)
    client.send("/code", key="the-same-form", code=digits)
    client.delete_cookie("timebank-user")
    with client.session_transaction() as kept:
        kept.update(before)
    client.send("/code", key="the-same-form", code=digits)
    assert client.get("/devices").status_code == 200
    assert count(app, Session) == 1


def test_a_wrong_code_tapped_twice_is_one_try(app: Flask, client: Browser) -> None:
    """A nervous finger does not cost two tries."""
    client.send("/sign-in", phone=PHONE)
    wrong = wrong_code(app)
    for _ in range(2):
        client.send("/code", key="the-same-form", code=wrong)
    assert "还可以试 4 次" in client.get("/code").text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/no/such/page", "/notices"]
)
def test_sign_in_never_leads_out_of_the_site_or_to_a_closed_page(app: Flask, client: Browser, target: str, known: None) -> None:
    """Only an own page that this user may open is gone back to."""
    client.get("/sign-in", query_string={"next": target})
    client.send("/sign-in", phone=PHONE)
    assert client.send("/code", code=code_of(app)).location == "/"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(app: Flask, client: Browser, known: None) -> None:
    """A link in a message opens after sign-in."""
    client.get("/sign-in", query_string={"next": "/devices"})
    client.send("/sign-in", phone=PHONE)
    assert client.send("/code", code=code_of(app)).location == "/devices"


def test_someone_who_is_switched_off_cannot_sign_in(app: Flask, client: Browser) -> None:
    """The refusal says whom to ask."""
    with app.app_context(), transaction():
        actions.switch_off(actions.add_user(PHONE, "林晓梅", Role.VOLUNTEER))
    client.send("/sign-in", phone=PHONE)
    answer = client.send("/code", code=code_of(app))
    assert answer.status_code == 403
    assert "服务站" in answer.text


def test_every_step_of_sign_in_leaves_an_audit_row_without_the_number(app: Flask, client: Browser) -> None:
    """Who came in is known by number of user, never by phone or code."""
    client.get("/sign-in?door=help")
    client.send("/sign-in", phone=PHONE)
    client.send("/code", code=wrong_code(app))
    client.send("/code", code=code_of(app))
    with app.app_context():
        rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        assert [f"{row.verb} {row.subject}" for row in rows] == [
            "request sign_in_code",
            "wrong_code sign_in_code",
            "add user",
            "sign_in session",
        ]
        assert rows[-1].actor.startswith("user:")
        assert PHONE not in str([row.detail for row in rows])


def test_a_code_is_sealed_in_the_database(app: Flask, client: Browser) -> None:
    """Reading the table gives nobody a way in."""
    client.send("/sign-in", phone=PHONE)
    digits = code_of(app)
    with app.app_context():
        stored = db.session.connection().exec_driver_sql("select code from sign_in_code").scalar_one()
    assert digits not in stored
