"""Who may open what: every page of the service against every role, generated from the service's own map of addresses."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.access.addresses import address, methods, programs, rules
from tests.browser import Browser, open_browser
from timebank.access.models import Role
from timebank.access.policy import ANY, HOMES, POLICY, PUBLIC

REACHED = 204
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def unsafe_addresses(app: Flask) -> list[tuple[str, str]]:
    """Return every unsafe method with its address."""
    return [(method, address(app, rule)) for rule in rules(app) for method in methods(rule) if method in UNSAFE]


@pytest.fixture
def doors(app: Flask) -> Flask:
    """Give the service with every page replaced by a bare answer, so that only the door is asked."""
    for endpoint in app.view_functions:
        app.view_functions[endpoint] = lambda **_values: ("", REACHED)
    return app


def test_every_page_stands_in_the_policy_table(app: Flask) -> None:
    """A page that nobody listed is closed to everybody, so it would be of no use."""
    assert sorted({rule.endpoint for rule in (*rules(app), *programs(app))} - POLICY.keys()) == []


def test_the_policy_table_names_only_pages_that_exist(app: Flask) -> None:
    """A line for a page that is gone would open a later page of the same name."""
    assert sorted(POLICY.keys() - {rule.endpoint for rule in (*rules(app), *programs(app))}) == []


def test_every_home_is_open_to_its_role() -> None:
    """Nobody is led to a page that refuses them."""
    assert [role for role, home in HOMES.items() if home in POLICY and not _opens(home, role)] == []


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_reaches_exactly_what_the_table_says(doors: Flask, sign_in_as: Callable[..., Browser], role: Role | None) -> None:
    """Every method of every address lets in or refuses as the table says; a visitor is asked to sign in."""
    browser = sign_in_as(role) if role else open_browser(doors)
    wrong = []
    for rule in rules(doors):
        for method in methods(rule):
            answer = browser.open(address(doors, rule), method=method, data={"csrf_token": browser.token()} if method in UNSAFE else None)
            if answer.status_code != _expected(rule.endpoint, role, answer.status_code):
                wrong.append((rule.endpoint, method, answer.status_code))
    assert wrong == []


def _opens(endpoint: str, role: Role | None) -> bool:
    """Read the table once more, on its own."""
    rule = POLICY[endpoint]
    return rule == PUBLIC or (role is not None and (rule == ANY or role in rule))


def _expected(endpoint: str, role: Role | None, seen: int) -> int:
    """Return the status that the table asks for; a visitor is sent to sign in, a program is told to."""
    if _opens(endpoint, role):
        return REACHED
    return 403 if role else (401 if seen == 401 else 303)


def test_a_page_missing_from_the_table_is_closed_even_to_an_admin(
    doors: Flask, sign_in_as: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgetting the table closes a page; it never opens one."""
    admin = sign_in_as(Role.ADMIN)
    assert admin.get("/devices").status_code == REACHED
    monkeypatch.delitem(POLICY, "access.devices")
    assert admin.get("/devices").status_code == 403


def test_a_refusal_says_whom_the_page_is_for_and_leads_home(sign_in_as: Callable[..., Browser]) -> None:
    """Somebody who took a wrong turn reads why and finds the way."""
    answer = sign_in_as(Role.VOLUNTEER).get("/notices")
    assert answer.status_code == 403
    assert "这一页只给协调员看" in answer.text
    assert "回到我的首页" in answer.text


def test_a_visitor_is_led_to_sign_in_and_back(client: Browser) -> None:
    """The address that was asked for is kept inside this site."""
    answer = client.get("/devices?x=1")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/devices?x%3D1"


def test_no_unsafe_method_works_without_its_token(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """A form sent from elsewhere is refused on every address, whoever is signed in."""
    browser = sign_in_as(Role.ADMIN)
    passed = [
        (method, path) for method, path in unsafe_addresses(app) if browser.open(path, method=method, data={"a": "b"}).status_code != 400
    ]
    assert passed == []


def test_no_form_works_without_its_own_key(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    """A form without the key that makes it count once changes nothing."""
    browser = sign_in_as(Role.COORDINATOR)
    for path in ("/sign-out", "/leave-everywhere", "/language"):
        assert browser.post(path, data={"csrf_token": browser.token()}).status_code == 422
    assert browser.get("/devices").status_code == 200


@pytest.mark.parametrize("role", [None, Role.ADMIN])
def test_every_page_carries_the_strict_headers(app: Flask, sign_in_as: Callable[..., Browser], role: Role | None) -> None:
    """Whatever a page answers, its headers forbid inline code, framing, guessing of types and keeping."""
    browser = sign_in_as(role) if role else open_browser(app)
    for rule in rules(app):
        if "GET" not in methods(rule):
            continue
        with browser.get(address(app, rule)) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy, rule
            assert "default-src 'self'" in policy, rule
            assert "frame-ancestors 'none'" in policy, rule
            assert {name: answer.headers.get(name) for name in STRICT} == STRICT, rule
            if rule.endpoint not in {"static", "vendor"}:
                assert answer.headers["Cache-Control"] == "no-store", rule


def test_an_address_that_is_no_page_is_not_found_for_everybody(client: Browser, sign_in_as: Callable[..., Browser]) -> None:
    """Not found, in words, with a way out; not a hint that there is something to guess."""
    for browser in (client, sign_in_as(Role.VOLUNTEER)):
        answer = browser.get("/no/such/page")
        assert answer.status_code == 404
        assert "没有这一页" in answer.text
