"""What no person would type, in every field of every form and in every part of an address: a page in plain words, never a fault."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.attack import crawl
from tests.attack.town import Town, build_town
from tests.browser import Browser

Walked = Callable[[str], crawl.Walk]
WHO = ("coordinator", "one", "family")
POISONS = {
    "a NUL": "坏\x00字",
    "a huge number": "9" * 31,
    "a number of 2^63": "9223372036854775808",
    "a negative number": "-1",
    "full-width digits": "１２",
    "the first day there is": "0001-01-01",
    "the last day there is": "9999-12-31",
    "no day": "2026-02-31",
    "a long text": "长" * 5000,
    "code": "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>",
    "a formula": "=cmd()|'/c calc'!A1",
    "not a number": "NaN",
}
ARGUMENTS = ("week", "day", "month", "q", "elder", "volunteer", "state", "number", "pick", "c")

EDGES = {"day": ("9999-12-31", "0001-01-01"), "month": ("9999-12", "0001-01"), "week": ("9999-W52", "0001-W01")}


def faults(browser: Browser, form: crawl.Form, changed: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    """Send a form with some fields changed; give what was answered when it was a fault."""
    said = form.filled(**changed)
    with (
        browser.send(form.action, **said.to_dict(flat=False))
        if form.method == "post"
        else browser.get(form.action, query_string=said) as answer
    ):
        if answer.status_code >= 500:
            yield (form.action, ",".join(changed), answer.status_code)


@pytest.mark.parametrize("who", WHO)
def test_no_form_of_any_page_breaks_on_what_is_typed_into_it(app: Flask, town: Town, walked: Walked, who: str) -> None:
    browser = town.browser(app, who)
    forms = [form for form in walked(who).forms if form.names]
    assert forms
    values = list(POISONS.values())
    wrong: list[tuple[str, str, int]] = []
    for place, form in enumerate(forms):
        for turn, name in enumerate(form.names):
            poison = values[(place + turn) % len(values)]
            wrong += faults(browser, form, {name: poison})
    assert wrong == []


def test_neither_database_breaks_when_all_fields_of_a_form_are_poisoned_at_once(both: Flask) -> None:
    town = build_town(both)
    for who in WHO:
        browser = town.browser(both, who)
        found = crawl.walk(both, browser, each=1)
        forms = [form for form in found.forms if form.names]
        for poison in (POISONS["a NUL"], POISONS["a huge number"], POISONS["a number of 2^63"]):
            assert [fault for form in forms for fault in faults(browser, form, dict.fromkeys(form.names, poison))] == []
            assert [
                path
                for path in ("/ask", "/check", "/elders", "/books")
                if browser.get(path, query_string={"q": poison, "c": poison}).status_code >= 500
            ] == []


@pytest.mark.parametrize("who", WHO)
def test_no_page_breaks_on_the_arguments_of_its_address(app: Flask, town: Town, walked: Walked, who: str) -> None:
    assert broken_by_arguments(town.browser(app, who), list(walked(who).pages), turns=1) == []


@pytest.mark.long
@pytest.mark.parametrize("who", WHO)
def test_no_page_breaks_on_many_arguments_of_its_address(app: Flask, town: Town, walked: Walked, who: str) -> None:
    """Half a minute each: three poisons and three edges on every page, where one run tries one of each in turn."""
    assert broken_by_arguments(town.browser(app, who), list(walked(who).pages), turns=3) == []


def broken_by_arguments(browser: Browser, pages: list[str], turns: int) -> list[tuple[str, str, str]]:
    """Open pages with poisoned arguments, so many of each sort, in turn; return what broke."""
    wrong = []
    values = list(POISONS.values())
    for place, path in enumerate(pages):
        bare = path.split("?")[0]
        tries = [(ARGUMENTS[(place + turn) % len(ARGUMENTS)], values[(place + turn) % len(values)]) for turn in (0, 3, 7)[:turns]]
        tries += [
            (name, edges[place % len(edges)]) for name, edges in itertools.islice(itertools.cycle(EDGES.items()), place, place + turns)
        ]
        for name, poison in tries:
            with browser.get(bare, query_string={name: poison}) as answer:
                if answer.status_code >= 500:
                    wrong.append((bare, name, poison[:20]))
    return wrong


PARTS = ({"number": 10**30, "word": "坏\x00字"}, {"number": 2**31, "word": "9" * 40}, {"number": 0, "word": "0001-01-01"},
         {"number": 2**63, "word": "9999-12-31"}, {"number": 1, "word": "9999-12"}, {"number": 1, "word": "0001-01"})  # fmt: skip


@pytest.mark.parametrize("who", ["coordinator", pytest.param("one", marks=pytest.mark.long)])  # of whom most is refused before it is read
def test_no_address_breaks_on_the_numbers_and_words_in_it(app: Flask, town: Town, who: str) -> None:
    browser = town.browser(app, who)
    wrong = []
    for place, rule in enumerate(app.url_map.iter_rules()):
        if not rule.arguments or rule.endpoint in {"static", "vendor"}:
            continue
        words = any(part in rule.rule for part in ("<month>", "<day>", "<number>", "<code>", "<token>"))
        for part in PARTS if words else (PARTS[0], PARTS[1 + place % 3]):
            path = _filled(rule.rule, part)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                with browser.get(path) if method == "GET" else browser.send(path) as answer:
                    if answer.status_code >= 500:
                        wrong.append((method, path[:80]))
    assert wrong == []


def _filled(rule: str, part: dict[str, object]) -> str:
    """Return an address of a rule with its parts filled without asking its converters."""
    made, rest = "", rule
    while "<" in rest:
        before, rest = rest.split("<", 1)
        inside, rest = rest.split(">", 1)
        made += before + str(part["number" if inside.startswith("int") else "word"]).replace("\x00", "%00")
    return made + rest


def test_what_was_typed_is_kept_when_it_is_refused(app: Flask, town: Town, walked: Walked) -> None:
    browser = town.browser(app, "coordinator")
    lost = []
    for form in walked("coordinator").forms:
        words = [name for name in form.names if name in {"name", "note", "reason", "words", "result", "entrance", "door", "proof"}]
        other = next((name for name in form.names if name not in {*words, "elder"}), "")
        if form.method != "post" or not words or not other:
            continue
        answer = browser.send(form.action, **form.filled(**{words[0]: "留下来的话", other: "\x00"}).to_dict(flat=False))
        if answer.status_code == 422 and "留下来的话" not in answer.text:
            lost.append(form.action)
    assert lost == []


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "坏\x00字坏字坏字坏", "' OR 1=1 --------"])
def test_a_forged_form_key_is_refused_in_words(both: Flask, key: str) -> None:
    browser = build_town(both).browser(both, "one")
    answer = browser.post("/language", data={"csrf_token": browser.token(), "_key": key, "locale": "en"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "target", ["/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\u2028/evil.example", "//evil.example", "/\\evil.example"]
)
def test_no_address_to_go_back_to_leads_out_of_the_site(app: Flask, town: Town, target: str) -> None:
    browser = town.browser(app, "one")
    assert browser.send("/language", next=target).location in {"/", "/language"}
    assert browser.get("/elder-view/large", query_string={"next": target}).location == "/ask"
    for referrer in (f"http://localhost{target}", "http://localhost.evil.example/x", "http://[broken", "javascript:alert(1)"):
        header = {"Referer": referrer.replace("\n", "").replace("\r", "").encode("ascii", "ignore").decode()}
        with browser.get("/no/such/page", headers=header) as answer:
            assert 'href="http://localhost.evil' not in answer.text
            assert "javascript:" not in answer.text
        said = {"csrf_token": browser.token(), "_key": f"a-key-of-{len(referrer)}-signs"}
        assert browser.post("/language", data=said, headers=header).location.startswith("/")


def test_a_page_that_was_open_too_long_keeps_what_was_typed_and_can_be_sent_again(app: Flask, town: Town) -> None:
    browser = town.browser(app, "coordinator")
    answer = browser.post(
        f"/alerts/{town.rows['alert']}/close", data={"csrf_token": "stale", "_key": "a-stale-form", "result": "邻居说去了女儿家"}
    )
    assert answer.status_code == 400
    form = next(form for form in crawl.read("/", answer.text).forms if form.action.endswith("/close"))
    assert form.filled().to_dict() == {"result": "邻居说去了女儿家"}
    assert browser.send(form.action, **form.filled().to_dict()).status_code == 303
