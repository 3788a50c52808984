"""Words that must not leak: walked through by every role, in pages, papers, logs and headers; and words that would be code."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.attack import crawl
from tests.attack.town import Town, build_town
from tests.browser import open_browser

OFFICE_ONLY = {
    "elder_phone",
    "door",
    "door_note",
    "care_note",
    "diet",
    "note",
    "outcome_note",
    "doubt",
    "reason",
    "stranger",
    "stranger_address",
    "time_off",
}
CLOSED = {"door", "door_note"}  # read on purpose, one at a time, with an audit row
MAY_READ = {
    "coordinator": CLOSED,
    "inspector": CLOSED,
    "canteen": OFFICE_ONLY | {"elder", "thanks"},
    "building_lead": OFFICE_ONLY | {"elder", "thanks"},
    "team_lead": OFFICE_ONLY | {"elder", "thanks"},
    "two": OFFICE_ONLY | {"elder", "thanks", "carer"},
    "family": {"carer", "outcome_note", "time_off", "door_note", "care_note", "diet"},
}
STRICT = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
EVIL = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}#panic()$x$"


@pytest.mark.parametrize("who", MAY_READ)
def test_no_role_reads_what_is_not_for_it(app: Flask, town: Town, who: str) -> None:
    found = crawl.walk(app, town.browser(app, who), each=2)
    assert found.broken == []
    leaks = {
        (name, path)
        for path, page in found.pages.items()
        for name in MAY_READ[who]
        if town.secrets[name] in page and not (name in CLOSED and (path.endswith("/edit") or "door=1" in path))
    }
    assert leaks == set()


def test_a_volunteer_reads_the_door_only_around_the_visit(app: Flask, town: Town, later: Callable[..., None]) -> None:
    browser, page = town.browser(app, "one"), f"/phone/visits/{town.rows['next_offer']}"
    assert town.secrets["door"] in browser.get(page).text
    asked = browser.get(f"/phone/visits/{town.rows['asked_offer']}").text
    assert not [name for name in ("elder", "elder_phone", "door", "door_note", "care_note") if town.secrets[name] in asked]
    later(hours=6)
    assert not [name for name in ("elder", "elder_phone", "door", "door_note", "care_note") if town.secrets[name] in browser.get(page).text]


def test_nothing_of_anybody_stands_in_the_logs(app: Flask, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    town = build_town(app)
    for who in ("coordinator", "one", "family"):
        browser = town.browser(app, who)
        for form in crawl.walk(app, browser, each=1).forms:
            if form.method == "post" and "import" not in form.action and "solve" not in form.action:
                browser.send(form.action, **form.filled().to_dict(flat=False)).close()
    open_browser(app).send("/sign-in", phone=town.secrets["elder_phone"])
    written = caplog.text + "".join(capfd.readouterr())
    assert [name for name, words in town.secrets.items() if words in written] == []


def test_words_that_would_be_code_are_words_on_every_page_and_paper(app: Flask) -> None:
    town = build_town(app, EVIL)
    for who in ("coordinator", "inspector", "building_lead", "one", "family"):
        found = crawl.walk(app, town.browser(app, who), each=1)
        assert found.broken == []
        bad = [(path, what) for path, page in found.pages.items() for what in crawl.inline_code(page)]
        bad += [(path, tag) for path, page in found.pages.items() for tag, given in crawl.read(path, page).tags if given.get("src") == "x"]
        assert bad == []
        assert not [path for path, page in found.pages.items() if "<script>alert" in page]


def test_every_answer_carries_the_strict_headers_also_when_it_refuses(app: Flask, town: Town) -> None:
    def check(answer: TestResponse) -> None:
        headers = answer.headers
        assert {name: headers.get(name) for name in STRICT} == STRICT
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "Server" not in headers

    browser = town.browser(app, "one")
    for path in ("/no/such/page", "/plan", "/phone/visits/999999", "/phone/visits/x%00y", "/ask?c=%00", "/phone/week"):
        check(browser.get(path))
    check(browser.post("/phone/offers", data={"a": "b"}))
    check(browser.send("/phone/offers"))
    check(browser.delete("/phone/offers"))
    check(open_browser(app).get("/phone"))
