"""What a family, a volunteer and the desk say by a program: nobody comes, nobody is needed, somebody is away, and service no check-in shows."""

from typing import Any

from flask import Flask

from tests import builders as make
from tests.api.program import Program, program_of
from tests.attack.town import Town
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Community


def done(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.text)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_family_calls_one_visit_off_takes_it_back_and_says_when_nobody_is_needed(app: Flask, town: Town) -> None:
    family, one = program_of(app, town.users["family"]), program_of(app, town.users["one"])
    visit, elder = town.rows["next_visit"], town.rows["elder"]
    assert done(family.send(f"/my/visits/{visit}/call-off"))["given_back"] == 1
    assert done(family.get(f"/my/visits/{visit}"))["state"] == "cancelled"
    assert done(family.send(f"/my/visits/{visit}/after-all"))["done"] == "after_all"
    assert done(family.get(f"/my/visits/{visit}"))["state"] in {"accepted", "open", "offered"}
    days = {"first_day": "2026-12-10", "last_day": "2026-12-11"}
    done(family.send(f"/my/elders/{elder}/pauses", days), 201)
    (_earlier, pause) = done(family.get("/my/elders"))["items"][0]["pauses"]
    assert (pause["first_day"], pause["last_day"]) == ("2026-12-10", "2026-12-11")
    assert done(family.send(f"/my/elders/{elder}/pauses/{pause['id']}/end"))["done"] == "ended"
    assert len(done(family.get("/my/elders"))["items"][0]["pauses"]) == 1
    assert one.send(f"/my/visits/{visit}/call-off").status_code in {403, 404}, "whoever serves is no family"


def test_a_volunteer_is_away_and_what_is_promised_is_given_back_only_when_that_is_said(app: Flask, town: Town) -> None:
    one = program_of(app, town.users["one"])
    refused = one.send("/my/time-off", {"day": "2026-11-25"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "promised")
    assert done(one.send("/my/time-off", {"day": "2026-11-25", "give_back": True}), 201)["given_back"] >= 1
    assert done(one.send(f"/my/time-off/{town.rows['away']}", method="DELETE"))["done"] == "dropped"
    assert program_of(app, town.users["two"]).send(f"/my/time-off/{town.rows['away']}", method="DELETE").status_code == 404


def test_service_no_check_in_shows_is_entered_by_one_and_posted_by_another(app: Flask, town: Town, desk: Program) -> None:
    body = {"volunteer": town.rows["carer_two"], "kind": "HAIR", "day": "2026-11-24", "started": "15:00", "ended": "15:40",
            "place": "海棠苑", "reason": "手机没电", "evidence": "纸质签到表"}  # fmt: skip
    assert "kind" in desk.send("/entries", {**body, "kind": "NONE"}).get_json()["fields"]
    entered = done(desk.send("/entries", body), 201)
    assert (entered["state"], entered["minutes"]) == ("pending", 40)
    assert desk.send(f"/entries/{entered['id']}/post").status_code in {403, 409, 422}, "nobody posts what they entered"
    with app.app_context(), transaction():
        other = make.make_user(Role.COORDINATOR, db.session.get_one(Community, town.community)).id
    colleague = program_of(app, other)
    record = done(colleague.send(f"/entries/{entered['id']}/post"))
    assert (record["minutes"], record["volunteer"]) == (40, town.rows["carer_two"])
    assert done(desk.get(f"/entries/{entered['id']}"))["state"] == "posted"
    assert entered["id"] in {each["id"] for each in done(desk.get("/entries?state=posted"))["items"]}
    waiting = done(colleague.get("/entries?state=pending"))["items"][0]["id"]
    assert done(colleague.send(f"/entries/{waiting}/refuse", {"decision": "时间不对"}))["state"] == "refused"
