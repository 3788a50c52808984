"""Tokens: made on a page and shown once, bound to role, place and day, ended in one press and with their owner, counted by the minute."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.api.program import Program, program_of, token_for
from tests.attack.town import Town, build_town
from tests.browser import Browser, build
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.access.tokens import ApiToken, Scope
from timebank.audit import AuditRow
from timebank.db import db, transaction

NEW = re.compile(r'id="new-token">(tb_[\w-]+)<')


def made_on_the_page(browser: Browser, *scopes: str) -> str:
    assert browser.send("/tokens", name="排班表", scopes=list(scopes), days="90").location == "/tokens"
    found = NEW.search(browser.get("/tokens").text)
    assert found is not None
    return found[1]


def test_a_token_is_made_on_a_page_shown_once_and_kept_as_a_hash(app: Flask, town: Town) -> None:
    browser = town.browser(app, "coordinator")
    token = made_on_the_page(browser, "read", "plan")
    assert token not in browser.get("/tokens").text
    with app.app_context():
        kept = db.session.scalars(select(ApiToken).where(ApiToken.user_id == town.users["coordinator"])).one()
        assert token not in (kept.token_hash, kept.name)
        assert kept.scopes == ["read", "plan"]
    told = Program(app, token).get("/me").get_json()
    assert (told["role"], told["scopes"], told["community"]["id"]) == ("coordinator", ["read", "plan"], town.community)


def test_a_form_without_a_scope_makes_no_token(app: Flask, town: Town) -> None:
    answer = town.browser(app, "coordinator").send("/tokens", name="排班表", days="90")
    assert answer.status_code == 422
    assert "请至少选一项权限。" in answer.text


def test_a_token_ended_on_the_page_counts_no_more(app: Flask, town: Town) -> None:
    browser = town.browser(app, "coordinator")
    program = Program(app, made_on_the_page(browser, "read"))
    with app.app_context():
        number = db.session.scalars(select(ApiToken.id).where(ApiToken.user_id == town.users["coordinator"])).one()
    assert browser.send(f"/tokens/{number}/end").location == "/tokens"
    answer = program.get("/me")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "no_token")
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("end", ["switched off", "left everywhere", "another role", "its day is over"])
def test_a_token_dies_with_what_it_was_made_of(app: Flask, town: Town, later: Callable[..., None], end: str) -> None:
    program = program_of(app, town.users["coordinator"])
    assert program.get("/me").status_code == 200
    with app.app_context(), transaction():
        user = db.session.get_one(User, town.users["coordinator"])
        if end == "switched off":
            access.switch_off(user)
        elif end == "left everywhere":
            access.sign_out_everywhere(user)
        elif end == "another role":
            user.role = Role.INSPECTOR
    if end == "its day is over":
        later(days=31)
    assert program.get("/me").status_code == 401


def test_a_cookie_opens_no_door_of_the_api_and_a_token_no_page(app: Flask, town: Town) -> None:
    assert town.browser(app, "coordinator").get("/api/v1/me").status_code == 401
    token = token_for(app, town.users["coordinator"])
    assert app.test_client().get("/devices", headers={"Authorization": f"Bearer {token}"}).status_code == 303


def test_a_token_does_only_what_it_was_made_for(app: Flask, town: Town) -> None:
    program = program_of(app, town.users["coordinator"], [Scope.READ])
    answer = program.send(f"/volunteers/{town.rows['carer_one']}/time-off", {"day": "2026-11-30"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope_missing")


def test_an_administrators_token_sees_the_community_it_was_made_for(app: Flask) -> None:
    first, second = build_town(app, "甲"), build_town(app, "乙")
    for town in (first, second):
        told = program_of(app, first.users["admin"], place=town.community).get("/me").get_json()
        assert told["community"]["id"] == town.community


def test_what_a_program_does_is_on_record_as_by_its_token(app: Flask, town: Town) -> None:
    program = program_of(app, town.users["coordinator"])
    assert program.send(f"/volunteers/{town.rows['carer_one']}/time-off", {"day": "2026-12-30"}).status_code == 201
    with app.app_context():
        row = db.session.scalars(select(AuditRow).where(AuditRow.subject == "time_off").order_by(AuditRow.id.desc())).first()
        assert row is not None
        assert row.actor == f"user:{town.users['coordinator']}"
        assert db.session.get_one(ApiToken, row.detail["token"]).name == "测试"


def test_a_token_makes_so_many_calls_a_minute_and_no_more(app: Flask, town: Town, tmp_path: Path) -> None:
    served = build(tmp_path, database_url=str(app.config["SQLALCHEMY_DATABASE_URI"]), api_per_minute=3)
    program = program_of(served, town.users["coordinator"])
    clock.clock.start_at(clock.parse_instant("2026-11-25 12:31:00"))
    assert [program.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    told = program.get("/me")
    assert (told.get_json()["code"], 0 < int(told.headers["Retry-After"]) <= 60) == ("too_many", True)
    other = Program(served, token_for(served, town.users["inspector"]))
    assert other.get("/me").status_code == 200
    clock.clock.shift += timedelta(minutes=1)
    assert program.get("/me").status_code == 200


def test_the_database_keeps_a_token_as_it_was_made(both: Flask) -> None:
    town = build_town(both)
    for wrong in ({"user_id": town.users["admin"]}, {"expires_at": clock.now() + timedelta(days=999)}, {"token_hash": "x"}, {"taken": -1}):
        with both.app_context(), pytest.raises(IntegrityError), transaction():
            db.session.execute(update(ApiToken).where(ApiToken.id == town.rows["token"]).values(**wrong))
    with both.app_context(), transaction():
        db.session.execute(update(ApiToken).where(ApiToken.id == town.rows["token"]).values(revoked_at=clock.now()))
    with both.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(update(ApiToken).where(ApiToken.id == town.rows["token"]).values(revoked_at=None))
