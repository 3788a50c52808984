"""The edge: one key one effect, other words under it refused, a rehearsal leaves nothing, a change says what it is of, pages by keyset."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests import builders as make
from tests.api.program import Program, program_of
from tests.attack.test_strangers import stored
from tests.attack.town import Town, build_town
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.places.models import Building, Community
from timebank.volunteers.models import TimeOff

DAY = {"day": "2026-12-30"}


def aways(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(TimeOff)) or 0


def test_the_same_sent_again_under_its_key_counts_once_and_is_answered_word_for_word(both: Flask) -> None:
    town = build_town(both)
    program, path = program_of(both, town.users["coordinator"]), f"/volunteers/{town.rows['carer_one']}/time-off"
    before = aways(both)
    first, again = (program.send(path, DAY, key="the-very-same") for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert aways(both) == before + 1
    other = program.send(path, {"day": "2026-12-29"}, key="the-very-same")
    assert (other.status_code, other.get_json()["code"]) == (422, "key_used")
    assert aways(both) == before + 1
    with both.app_context():
        kept = db.session.execute(text("SELECT answer FROM submission WHERE key = 'the-very-same'")).scalar_one()
        assert "noted" not in kept


def test_a_refused_request_does_not_use_its_key_up(desk: Program, town: Town) -> None:
    path = f"/volunteers/{town.rows['carer_one']}/time-off"
    assert desk.send(path, {"day": "2026-12-30", "start": "11:00", "end": "09:00"}, key="first-wrong").status_code == 422
    assert desk.send(path, DAY, key="first-wrong").status_code == 201


def test_a_change_without_a_key_is_refused(desk: Program, town: Town) -> None:
    answer = desk.call("POST", f"/volunteers/{town.rows['carer_one']}/time-off", json=DAY)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "key_missing")


def test_a_rehearsal_answers_as_if_and_leaves_nothing(app: Flask, desk: Program, town: Town) -> None:
    before = stored(app)
    with app.app_context():
        noted = db.session.scalar(select(func.count()).select_from(AuditRow))
    path = f"/volunteers/{town.rows['carer_one']}/time-off?dry_run=true"
    tried = desk.send(path, DAY, key="rehearsed-first")
    assert (tried.status_code, tried.headers["Dry-Run"]) == (201, "true")
    assert stored(app) == before
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditRow)) == noted
    assert desk.send(path.removesuffix("?dry_run=true"), DAY, key="rehearsed-first").headers.get("Idempotency-Replayed") is None
    assert desk.send(path.replace("true", "perhaps"), DAY).status_code == 422


def test_a_change_says_what_it_is_a_change_of(app: Flask, desk: Program, town: Town) -> None:
    path = f"/elders/{town.rows['elder']}"
    seen = desk.get(path)
    mark = seen.headers["ETag"]
    assert desk.get(path, headers={"If-None-Match": mark}).status_code == 304
    bare = desk.send(path, {"lives_alone": True}, method="PATCH")
    assert (bare.status_code, bare.get_json()["code"]) == (428, "if_match_missing")
    done = desk.send(path, {"lives_alone": True}, method="PATCH", headers={"If-Match": mark})
    assert (done.status_code, done.get_json()["lives_alone"]) == (200, True)
    stale = desk.send(path, {"lives_alone": False}, method="PATCH", headers={"If-Match": mark})
    assert (stale.status_code, stale.get_json()["code"]) == (412, "changed_since")
    assert desk.get(path).get_json()["lives_alone"] is True
    with app.app_context():
        assert db.session.get_one(Elder, town.rows["elder"]).diet == town.secrets["diet"]


def test_a_list_comes_in_pages_that_pass_nothing_over_and_take_only_their_own_marks(app: Flask, desk: Program, town: Town) -> None:
    with app.app_context(), transaction():
        community = db.session.get_one(Community, town.community)
        for number in range(7):
            make.make_building(community, f"加 {number} 号")
        every = set(db.session.scalars(select(Building.id)))
    seen: list[int] = []
    mark = ""
    while mark is not None:
        page = desk.get(f"/buildings?limit=3&after={mark}").get_json()
        seen += [each["id"] for each in page["items"]]
        mark, last = page["next"], mark or page["next"]
    assert (len(seen), set(seen)) == (len(set(seen)), every)
    for wrong in ("9", "x.y", f"{last}x"):
        answer = desk.get(f"/buildings?after={wrong}")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "not_a_page")
    assert desk.get(f"/elders?after={last}").status_code == 422


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"7", 422, "invalid"),
        (b'{"day": "2026-12-30", "reason": "\\ud800"}', 400, "no_text"),
        (b'{"day": "2026-12-30", "reason": "a\\u0000b"}', 400, "no_text"),
        (b'{"day": "2026-12-30", "surprise": 1}', 422, "invalid"),
        (b'{"day": 20261230}', 422, "invalid"),
        (b'{"day": "0001-01-01"}', 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"", 422, "invalid"),
    ],
)
def test_what_cannot_be_read_is_refused_in_both_languages(desk: Program, town: Town, sent: bytes, status: int, code: str) -> None:
    heads = {"Idempotency-Key": "what-cannot-be-read", "Content-Type": "application/json"}
    answer = desk.call("POST", f"/volunteers/{town.rows['carer_one']}/time-off", data=sent, headers=heads)
    told = answer.get_json()
    assert (answer.status_code, told["code"], answer.content_type) == (status, code, "application/problem+json")
    assert told["title"] != told["title_en"]
    assert all(pair["zh"] and pair["en"] for pair in told.get("fields", {}).values())


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/elders", {"name": "乐平", "building": 0, "floor": 1}, "building"),
        ("/elders", {"name": "乐平", "building": 1, "floor": 1, "gender": "X"}, "gender"),
        ("/my/offers/accept", {"offers": []}, "offers"),
        ("/requests", {"elder": 1, "kind": "HAIR", "window_from": "9:00", "window_to": "11:00"}, "window_from"),
    ],
)
def test_a_field_that_is_wrong_is_told_in_each_language(app: Flask, town: Town, path: str, body: dict[str, object], field: str) -> None:
    who = "one" if path.startswith("/my/") else "coordinator"
    told = program_of(app, town.users[who]).send(path, body).get_json()["fields"][field]
    assert told["en"].isascii()
    assert not told["zh"].isascii()


def test_pages_keep_their_own_refusals_and_the_api_its_problems(app: Flask, desk: Program, town: Town) -> None:
    assert "没有这一页" in town.browser(app, "coordinator").get("/no/such/page").text
    for path, status in (("/no/such/door", 404), ("/elders/999999", 404)):
        answer = desk.get(path)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    answer = desk.call("DELETE", "/me")
    assert (answer.status_code, answer.headers["Allow"] != "") == (405, True)


def test_a_couples_door_is_asked_about_and_a_code_says_so(desk: Program, town: Town) -> None:
    body = {"name": "乐平", "building": 1, "entrance": "2 单元", "floor": 3, "door": town.secrets["door"]}
    asked = desk.send("/elders", body)
    assert (asked.status_code, asked.get_json()["code"]) == (409, "same_door")
    assert desk.send("/elders", {**body, "same_household": town.rows["home"]}).status_code == 201


def test_an_inspector_reads_no_whole_telephone(app: Flask, desk: Program, town: Town) -> None:
    path = f"/elders/{town.rows['elder']}"
    assert desk.get(path).get_json()["phone"] == town.secrets["elder_phone"]
    assert "*" in program_of(app, town.users["inspector"]).get(path).get_json()["phone"]


def test_the_description_is_a_page_of_our_own_and_a_document(app: Flask, town: Town) -> None:
    page = town.browser(app, "coordinator").get("/api")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "/api/v1/elders" in page.text
    assert app.test_client().get("/api/v1/openapi.json").get_json()["openapi"] == "3.1.0"
