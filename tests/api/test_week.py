"""A week lived through the API alone, from asking to credited minutes, by the same rules and second persons as on pages."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.api.program import Program, program_of
from tests.attack.town import Town
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.models import HelpRequest, Visit

DAY = "2026-12-02"
WEEK = "2026-W49"


def done(answer: object, status: int = 200) -> dict:
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.get_json()


def test_a_need_is_asked_planned_published_served_and_credited(app: Flask, desk: Program, town: Town) -> None:
    one, family = program_of(app, town.users["one"]), program_of(app, town.users["family"])
    wish = {"elder": town.rows["elder"], "kind": "HAIR", "dates": [DAY], "window_from": "09:00", "window_to": "11:00"}
    need = done(family.send("/my/requests", wish), 201)
    assert done(desk.send(f"/requests/{need['id']}/accept"))["state"] == "accepted"
    plan = done(desk.send(f"/weeks/{WEEK}/open"))
    (visit,) = done(desk.get(f"/visits?week={WEEK}"))["items"]
    ways = done(desk.get(f"/weeks/{WEEK}/visits/{visit['id']}/candidates"))["items"]
    assert town.rows["carer_one"] in {each for way in ways for each in way["volunteers"]}
    given = {"version": plan["version"], "volunteers": [town.rows["carer_one"]], "day": DAY, "start": "09:30"}
    planned = done(desk.send(f"/weeks/{WEEK}/visits/{visit['id']}/assign", given))
    assert (planned["served"], planned["assignments"][0]["status"]) == (1, "unpublished")
    late = desk.send(f"/weeks/{WEEK}/publish", {"version": plan["version"]})
    assert late.status_code == 409
    (change,) = done(desk.get(f"/weeks/{WEEK}/changes"))["items"]
    assert (change["word"], change["told"]) == ("new", True)
    told = done(desk.send(f"/weeks/{WEEK}/publish", {"version": planned["version"]}))
    assert told["told"] == [town.rows["carer_one"]]
    (offer,) = done(one.get(f"/my/offers?first={DAY}&last={DAY}"))["items"]
    assert (offer["door"], offer["phone"]) == (None, None)
    assert done(one.send("/my/offers/accept", {"offers": [offer["id"]]}))["items"][0]["state"] == "accepted"
    make.set_clock("2026-12-02 09:28")
    assert town.secrets["door"] in done(one.get("/my/offers"))["items"][0]["door"]
    with app.app_context():
        code = db.session.get_one(Visit, visit["id"]).code
    wrong = done(one.send(f"/my/offers/{offer['id']}/check-in", {"code": f"{(int(code) + 1) % 10000:04d}"}))
    assert (wrong["started_at"], wrong["tries_left"]) == (None, 4)
    assert done(one.send(f"/my/offers/{offer['id']}/check-in", {"code": code}))["code_ok"] is True
    make.set_clock("2026-12-02 10:05")
    done(one.send(f"/my/offers/{offer['id']}/check-out"))
    before = done(one.get("/my/account"))["balance"]
    done(family.send(f"/my/visits/{visit['id']}/confirm", {"thanks": "谢谢"}))
    (record,) = done(one.get(f"/my/records?first={DAY}"))["items"]
    assert (record["minutes"], record["trust"]) == (37, "family")
    assert done(one.get("/my/account"))["balance"] == before + 37
    assert done(one.get("/my/statements/2026-12"))["records"][-1]["id"] == record["id"]


def test_more_minutes_wait_for_a_second_person_and_nobody_is_their_own(app: Flask, town: Town) -> None:
    """As on pages: whoever asks does not agree, and trying it first leaves nothing behind."""
    admin = program_of(app, town.users["admin"], place=town.community)
    path = f"/records/{town.rows['record']}"
    before = done(admin.get(path))
    with app.app_context():
        sent = db.session.scalars(select(Notice.id)).all()
    tried = done(admin.send(f"{path}/correct?dry_run=true", {"minutes": before["minutes"] - 5, "reason": "签退晚了"}))
    assert (tried["record"]["minutes"], tried["record"]["version"]) == (before["minutes"] - 5, before["version"] + 1)
    with app.app_context():
        assert db.session.scalars(select(Notice.id)).all() == sent
    assert done(admin.get(path)) == before
    waits = f"/proposals/{town.rows['proposal']}/agree"
    assert done(admin.send(waits), 409)["code"] == "conflict"
    assert done(admin.get(path)) == before
    with app.app_context(), transaction():
        second = make.make_user(Role.COORDINATOR, db.session.get_one(Community, town.community)).id
    assert done(program_of(app, second).send(waits))["state"] == "agreed"
    (now,) = done(admin.get(f"/records?volunteer={town.rows['carer_one']}"))["items"]
    assert (now["minutes"], now["version"], now["trust"]) == (41, before["version"] + 1, "two_persons")


def test_a_request_nobody_could_keep_is_refused_with_its_fields(desk: Program, town: Town) -> None:
    past = (clock.today() - timedelta(days=3)).isoformat()
    wish = {"elder": town.rows["elder"], "kind": "HAIR", "dates": [past], "window_from": "09:00", "window_to": "11:00"}
    told = done(desk.send("/requests", wish), 422)
    assert (told["code"], set(told["fields"])) == ("invalid", {"dates"})
    assert done(desk.send("/requests", {**wish, "kind": "NONE"}), 404)["code"] == "not_found"


def test_a_lead_and_a_kitchen_see_of_visits_what_they_look_after(app: Flask, town: Town) -> None:
    every = {each["id"] for each in done(program_of(app, town.users["coordinator"]).get("/visits?limit=200"))["items"]}
    meals = done(program_of(app, town.users["canteen"]).get("/visits?limit=200"))["items"]
    assert meals
    assert {each["boxes"] > 0 for each in meals} == {True}
    assert {each["id"] for each in meals} < every


def test_a_week_that_was_never_opened_has_no_plan(desk: Program, app: Flask) -> None:
    assert done(desk.get("/weeks/2026-W50"), 404)["code"] == "week_not_open"
    assert desk.get("/weeks/2026-W54").status_code == 404
    assert desk.get("/weeks/next").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(HelpRequest.id)).first()
