"""Webhooks: a signed call about what happened, with numbers and never a name, once it is stored; never into a private network."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.program import Program, program_of
from tests.attack.town import Town, build_town
from tests.browser import build
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import User
from timebank.db import db, transaction
from timebank.hooks import addresses, sending
from timebank.hooks.events import EVENTS
from timebank.hooks.models import CallState, WebhookCall
from timebank.oversight.words import DEEDS


class Listener:
    """A program that listens on a free port and keeps what it hears; it answers as it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.heard.append((dict(self.headers), body))
                self.send_response(owner.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/news?from=timebank"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.stop()


@pytest.fixture
def inside(app: Flask, tmp_path: Path) -> Flask:
    """Give the service as an office sets it up that calls programs of its own network."""
    return build(tmp_path, database_url=str(app.config["SQLALCHEMY_DATABASE_URI"]), hooks_private=True)


def calls(app: Flask) -> list[WebhookCall]:
    with app.app_context():
        rows = list(db.session.scalars(select(WebhookCall).order_by(WebhookCall.id)))
        db.session.expunge_all()
        return rows


def asks(desk: Program, town: Town, **more: Any) -> Any:
    wish = {"elder": town.rows["elder"], "kind": "HAIR", "dates": ["2026-12-02"], "window_from": "09:00", "window_to": "11:00"}
    return desk.send("/requests", wish, **more)


def test_every_event_is_a_deed_of_the_trail() -> None:
    assert {f"{verb} {subject}" for subject, verb in EVENTS.values()} <= DEEDS.keys()


def test_a_call_is_signed_and_says_what_happened_with_numbers_only(inside: Flask, listener: Listener) -> None:
    town = build_town(inside)
    desk = program_of(inside, town.users["coordinator"])
    made = desk.send("/webhooks", {"url": listener.url, "events": ["request.asked"]})
    assert made.status_code == 201
    need = asks(desk, town).get_json()
    ((heads, body),) = listener.heard
    told = json.loads(body)
    assert (told["event"], told["subject"], told["id"]) == ("request.asked", "help_request", need["id"])
    assert not [words for words in town.secrets.values() if words in body.decode()]
    at, signed = (part.split("=", 1)[1] for part in heads["Timebank-Signature"].split(","))
    secret = made.get_json()["secret"].encode()
    assert signed == hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert [(each.state, each.status, each.tries) for each in calls(inside)] == [(CallState.TAKEN, 200, 1)]
    assert "secret" not in desk.get("/webhooks").get_json()["items"][0]


def test_what_is_only_rehearsed_or_refused_calls_nobody(inside: Flask, listener: Listener) -> None:
    town = build_town(inside)
    desk = program_of(inside, town.users["coordinator"])
    desk.send("/webhooks", {"url": listener.url, "events": ["request.asked"]})
    wish = {"elder": town.rows["elder"], "kind": "HAIR", "dates": ["2026-12-02"], "window_from": "09:00", "window_to": "11:00"}
    assert desk.send("/requests?dry_run=true", wish).status_code == 201
    assert desk.send("/requests", {**wish, "dates": ["2026-11-01"]}).status_code == 422
    assert (listener.heard, calls(inside)) == ([], [])


def test_another_communitys_deeds_are_not_told(inside: Flask, listener: Listener) -> None:
    mine, theirs = build_town(inside, "甲"), build_town(inside, "乙")
    program_of(inside, mine.users["coordinator"]).send("/webhooks", {"url": listener.url, "events": ["request.asked"]})
    assert asks(program_of(inside, theirs.users["coordinator"]), theirs).status_code == 201
    assert listener.heard == []


@pytest.mark.parametrize("end", ["ended", "switched off"])
def test_an_ended_webhook_and_one_of_an_ended_person_call_no_more(inside: Flask, listener: Listener, end: str) -> None:
    town = build_town(inside)
    desk = program_of(inside, town.users["coordinator"])
    number = desk.send("/webhooks", {"url": listener.url, "events": ["request.asked"]}).get_json()["id"]
    if end == "ended":
        assert desk.send(f"/webhooks/{number}/end").status_code == 200
    else:
        with inside.app_context(), transaction():
            access.switch_off(db.session.get_one(User, town.users["coordinator"]))
    assert asks(program_of(inside, town.users["admin"], place=town.community), town).status_code == 201
    assert listener.heard == []


def test_a_call_nobody_takes_is_tried_again_later_and_later_and_then_given_up(inside: Flask, listener: Listener) -> None:
    town = build_town(inside)
    desk = program_of(inside, town.users["coordinator"])
    listener.status = 307
    number = desk.send("/webhooks", {"url": listener.url, "events": ["request.asked"]}).get_json()["id"]
    asks(desk, town)
    for minutes in (*sending.WAITS, 1):
        with inside.app_context():
            sending.send_due()
        clock.clock.shift += timedelta(minutes=minutes)
    (call,) = calls(inside)
    assert (call.state, call.status, call.tries) == (CallState.GIVEN_UP, 307, len(sending.WAITS) + 1)
    assert len(listener.heard) == len(sending.WAITS) + 1
    shown = desk.get(f"/webhooks/{number}/calls").get_json()["items"]
    assert [(each["state"], each["status"]) for each in shown] == [("given_up", 307)]


PRIVATE = (
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://10.0.0.8/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://0.0.0.0/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
)
NONE = (
    "http://203.0.113.7/x",
    "ftp://203.0.113.7/x",
    "https://a:b@203.0.113.7/x",
    "https://",
    "x",
    "https://203.0.113.7:99999/x",
    "https://203.0.113.7/ x",
)


def test_an_address_inside_or_none_at_all_is_refused(app: Flask) -> None:
    desk = program_of(app, build_town(app).users["coordinator"])
    answers = {url: desk.send("/webhooks", {"url": url, "events": ["request.asked"]}) for url in (*PRIVATE, *NONE)}
    assert {url: each.status_code for url, each in answers.items() if each.status_code != 422} == {}
    assert {url for url, each in answers.items() if each.get_json()["code"] == "not_public"} == set(PRIVATE)
    assert all("url" in each.get_json()["fields"] for each in answers.values())


def test_where_the_settings_name_hosts_no_other_is_called(app: Flask, listener: Listener, tmp_path: Path) -> None:
    bound = build(
        tmp_path, database_url=str(app.config["SQLALCHEMY_DATABASE_URI"]), hooks_private=True, hooks_hosts="127.0.0.1, it.example.cn"
    )
    desk = program_of(bound, build_town(bound).users["coordinator"])
    refused = desk.send("/webhooks", {"url": listener.url.replace("127.0.0.1", "localhost"), "events": ["request.asked"]})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "not_listed")
    assert "TIMEBANK_HOOKS_HOSTS" in refused.get_json()["title_en"]
    allowed = desk.send("/webhooks", {"url": listener.url, "events": ["request.asked"]})
    assert allowed.status_code == 201


def test_a_name_that_leads_inside_by_now_is_not_called(app: Flask, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was public when it was registered; at each call it is judged again."""
    town = build_town(app)
    desk = program_of(app, town.users["coordinator"])
    leads = {"time.example.cn": "8.8.8.8"}

    def looked_up(host: str, port: int, **_more: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (leads[host], port))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", looked_up)
    assert desk.send("/webhooks", {"url": "https://time.example.cn/x", "events": ["request.asked"]}).status_code == 201
    leads["time.example.cn"] = "127.0.0.1"
    asks(desk, town)
    assert [(each.state, each.status, each.fault) for each in calls(app)] == [(CallState.WAITING, None, "not_public")]
    assert listener.heard == []
