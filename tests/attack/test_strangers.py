"""Whatever number stands in an address: rows of another community, another volunteer or another family are not there."""

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.routing import Rule

from tests.access.addresses import rules
from tests.attack.town import Town
from timebank.access.policy import POLICY, PUBLIC
from timebank.db import Base, db

ROWS = {
    "volunteer_id": ("carer_one",),
    "elder_id": ("elder",),
    "visit_id": ("next_visit", "done_visit", "meal_visit", "asked_visit"),
    "request_id": ("next_request", "request"),
    "offer_id": ("next_offer", "asked_offer", "door_offer"),
    "round_id": ("round",),
    "record_id": ("record",),
    "certificate_id": ("certificate",),
    "objection_id": ("objection",),
    "alert_id": ("alert",),
    "entry_id": ("entry",),
    "import_id": ("import",),
    "older_id": ("older",),
    "kinship_id": ("kinship",),
    "training_id": ("training",),
    "finding_id": ("finding",),
    "call_id": ("call",),
    "pause_id": ("pause",),
    "tie_id": ("tie",),
    "link_id": ("link",),
    "held_id": ("held",),
    "time_off_id": ("away",),
    "canteen_id": ("canteen",),
    "duty_id": ("turn", "open_turn"),
    "post_id": ("post",),
    "shift_id": ("shift",),
    "claim_id": ("claim",),
    "family_claim_id": ("family_claim",),
    "elder_call_id": ("elder_call",),
    "swap_id": ("swap",),
    "unit_id": ("unit",),
    "token_id": ("token",),
    "feed_id": ("feed",),
}
COMMUNITYS_OWN = {
    "ticket_id": ("ticket",),
    "place_id": ("place",),
    "club_id": ("club",),
    "station_id": ("station",),
    "session_id": ("session",),
    "course_id": ("course",),
    "item_id": ("item",),
    "check_up_id": ("check_up",),
    "attendance_id": ("attendance",),
    "learner_id": ("learner",),
}
"""What others of the same community may know of; those of another one may not."""
UNUSED = {"meeting_id": 1, "paper_id": 1}
"""Parts of an address behind a row that is another community's already."""
WORDS = {"month": "2026-11", "day": "2026-11-25", "weekday": 2}
EVERYBODYS = {"my_posts.post", "my_posts.claim", "my_posts.take_turn"}
"""Posts look for anybody of their community: whoever sees a free place may take it."""
NOT_FOUND = {303, 400, 403, 404, 405, 422}
FILLED = {"reason": "想看看", "words": "想看看", "result": "想看看", "minutes": "40", "version": "1", "volunteers": "1", "pinned": "1", "tie": "usual",
          "volunteer": "1", "state": "here", "purpose": "health", "back": "2026-11-30", "last_day": "2026-11-30", "first_day": "2026-11-29",
          "doubt": "想看看", "decision": "想看看", "settled": "in_order", "heard": "as_recorded", "grade": "good", "thanks": "想看看", "outcome": "no_answer", "counted": "2", "code": "4827", "national_no": "1", "day": "2026-11-30"}  # fmt: skip


def addresses(app: Flask, town: Town, rows: dict[str, tuple[str, ...]]) -> list[tuple[Rule, str, str]]:
    """Return every address with one of some numbers in it, filled with the rows of a town."""
    made, every = [], ROWS | COMMUNITYS_OWN
    for rule in rules(app):
        known = rule.arguments & rows.keys()
        if not known or POLICY[rule.endpoint] == PUBLIC:
            continue
        assert rule.arguments <= every.keys() | WORDS.keys() | UNUSED.keys(), (
            f"{rule.endpoint} has a part that no attack is written for: {rule.arguments}"
        )
        first = min(known, key=lambda name: (name != "visit_id", name))
        for row in rows[first]:
            fixed = WORDS | UNUSED
            values = {name: fixed.get(name) or town.rows[row if name == first else every[name][0]] for name in rule.arguments}
            with app.test_request_context():
                made += [
                    (rule, method, app.url_for(rule.endpoint, **values)) for method in sorted((rule.methods or set()) & {"GET", "POST"})
                ]
    return made


def stored(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows but those that note who was there, and the seals, which are digests of rows compared here themselves or of such notes."""
    passing = {"session", "api_token", "submission", "audit", "notice", "magic_link", "sign_in_code", "check_try", "seal"}
    with app.app_context():
        return {
            name: [tuple(row) for row in db.session.execute(select(table).order_by(text("1")))]
            for name, table in Base.metadata.tables.items()
            if name not in passing
        }


@pytest.mark.parametrize("who", ["coordinator", "inspector", "canteen", "building_lead", "one", "family"])
def test_nobody_reaches_a_row_of_another_community(app: Flask, towns: tuple[Town, Town], who: str) -> None:
    mine, theirs = towns
    browser = mine.browser(app, who)
    before = stored(app)
    wrong = []
    for rule, method, path in addresses(app, theirs, ROWS | COMMUNITYS_OWN):
        answer = browser.get(path) if method == "GET" else browser.send(path, **FILLED)
        leaks = [name for name, words in theirs.secrets.items() if words in answer.text]
        if leaks or answer.status_code not in NOT_FOUND or (answer.status_code == 303 and "sign-in" not in (answer.location or "")):
            wrong.append((rule.endpoint, method, path, answer.status_code, leaks))
    assert wrong == []
    assert stored(app) == before


def test_no_volunteer_reaches_what_is_another_volunteers(app: Flask, town: Town) -> None:
    browser = town.browser(app, "two")
    before = stored(app)
    wrong = []
    for rule, method, path in addresses(app, town, ROWS):
        if rule.endpoint in EVERYBODYS:
            continue
        answer = browser.get(path) if method == "GET" else browser.send(path, **FILLED)
        if answer.status_code not in {403, 404, 405, 422} or any(words in answer.text for words in town.secrets.values()):
            wrong.append((rule.endpoint, method, path, answer.status_code))
    assert wrong == []
    assert stored(app) == before


def test_rows_of_two_towns_cannot_be_mixed_in_one_address_or_form(app: Flask, towns: tuple[Town, Town]) -> None:
    mine, theirs = towns
    browser = mine.browser(app, "coordinator")
    before = stored(app)
    elder, carer = mine.rows["elder"], mine.rows["carer_one"]
    tries = [
        (f"/elders/{elder}/pauses/{theirs.rows['pause']}/end", {"back": "2026-11-30"}),
        (f"/elders/{elder}/ties/{theirs.rows['tie']}/drop", {}),
        (f"/elders/{elder}/ties", {"volunteer": theirs.rows["carer_one"], "tie": "usual"}),
        (f"/elders/{elder}/family/{theirs.rows['link']}/approve", {}),
        (f"/volunteers/{carer}/skills/{theirs.rows['held']}/drop", {}),
        (f"/volunteers/{carer}/time-off/{theirs.rows['away']}/drop", {}),
        (f"/requests/{mine.rows['request']}/accept", {"elder": theirs.rows["elder"]}),
        (f"/requests/{mine.rows['request']}/new-elder", {"name": "某某", "building": theirs.rows["building"], "floor": "1"}),
        (
            "/requests/new",
            {"elder": theirs.rows["elder"], "kind": "HAIR", "dates": "2026-11-30", "window_from": "9:00", "window_to": "11:00"},
        ),
        ("/elders/new", {"name": "某某", "building": theirs.rows["building"], "floor": "1"}),
        ("/calls", {"offer": theirs.rows["asked_offer"], "answer": "accept"}),
        ("/confirm", {"what": "visit", "number": theirs.rows["done_visit"], "trust": "desk"}),
        ("/confirm", {"what": "round", "number": theirs.rows["round"], "trust": "desk"}),
        (f"/plan/visits/{mine.rows['asked_visit']}/assign", {"version": mine.rows["version"], "volunteers": theirs.rows["carer_one"]}),
    ]
    answers = {path: browser.send(path, **{name: str(value) for name, value in fields.items()}).status_code for path, fields in tries}
    assert {path: code for path, code in answers.items() if code not in {404, 409, 422}} == {}
    assert stored(app) == before
