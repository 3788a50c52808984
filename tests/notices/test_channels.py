"""Channels: what leaves the machine and how, tried against servers of the test's own; nothing leaves it by itself."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser, open_browser
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.notices import actions, gateways, routing, sending
from timebank.notices.actions import Settings
from timebank.notices.models import Delivery, MessageChannel, Notice, Result, State, Way
from timebank.notices.promises import promises_a_message
from timebank.notices.templates import TEMPLATES
from timebank.places.models import Community

MORNING = datetime(2026, 11, 25, 10, 30, tzinfo=clock.ZONE)
ANSWERS = {
    "yunpian": (
        {"code": 0, "msg": "发送成功", "count": 1, "fee": 0.05, "unit": "RMB"},
        {"http_status_code": 400, "code": 5, "msg": "未匹配到模板"},
    ),
    "chuanglan": (
        {"code": "0", "msgId": "17041010383624511", "time": "20261125103000", "errorMsg": ""},
        {"code": "108", "errorMsg": "余额不足"},
    ),
}


class Fake(BaseHTTPRequestHandler):
    """The other side: it keeps what it is sent and answers what the test has said."""

    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, self.headers["Content-Type"], body))
        status, said = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(said.encode())

    def do_GET(self) -> None:
        self.server.got.append((self.path, "", ""))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(ANSWERS["yunpian"][0]).encode())

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_side() -> Iterator[Any]:
    """Give a server of the test's own; ``answers`` is what it says, ``got`` what it was sent."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    server.got, server.answers = [], [(200, "{}")]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def here(app: Flask) -> Flask:
    """Give a community with a volunteer, in the morning."""
    clock.clock.start_at(MORNING)
    with app.app_context(), transaction():
        community = make.make_community()
        access.add_user("13812341234", "林晓梅", Role.VOLUNTEER, community_id=community.id)
    return app


def address(server: Any) -> str:
    """Return where the other side listens."""
    return f"127.0.0.1:{server.server_address[1]}"


def sms(app: Flask, server: Any, gateway: str = "yunpian", daily: int = 100) -> None:
    """Let the community have an SMS channel that ends at the test's own server."""
    said = {"gateway": gateway, "address": f"http://{address(server)}/send", "account": "N123", "secret": "s3cret"}
    with app.app_context(), transaction():
        actions.set_up(1, Way.SMS, Settings(said, "海棠社区", daily))
    server.answers[:] = [(200, json.dumps(ANSWERS[gateway][0]))]


def robot(app: Flask, server: Any) -> None:
    """Let the community have a robot that ends at the test's own server."""
    with app.app_context(), transaction():
        actions.set_up(1, Way.ROBOT, Settings({"kind": "json", "address": f"{address(server)}/robot"}))


def write(app: Flask, template: str = "offer", role: Role = Role.VOLUNTEER) -> int:
    """Write a message and return its number; jobs run at once."""
    with app.app_context(), transaction():
        user = db.session.scalars(select(User).where(User.role == role)).first() or access.add_user(
            "13812340009", "姜", role, community_id=1
        )
        notice = actions.notify(user.id, template, **TEMPLATES[template].sample)
        assert notice is not None
        return notice.id


def stored(app: Flask, notice: int) -> Notice:
    """Return a message as it is stored now."""
    with app.app_context():
        row = db.session.get_one(Notice, notice)
        db.session.expunge(row)
        return row


def tries(app: Flask) -> list[tuple[Result, str, int]]:
    """Return every try there was: what came of it, the other side's code, what it cost."""
    with app.app_context():
        return [(each.result, each.detail, each.parts) for each in db.session.scalars(select(Delivery).order_by(Delivery.id))]


def test_yunpian_is_posted_the_form_it_asks_for(here: Flask, other_side: Any) -> None:
    sms(here, other_side)
    assert stored(here, write(here)).state is State.SENT
    ((path, kind, body),) = other_side.got
    said = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
    assert (path, kind) == ("/send", "application/x-www-form-urlencoded;charset=utf-8")
    assert said["apikey"] == "s3cret"
    assert said["mobile"] == "13812341234"
    assert re.fullmatch(r"【海棠社区】11月30日这周有 24 项邀约.*", said["text"])
    assert tries(here) == [(Result.SENT, "0", 1)]


def test_chuanglan_is_posted_the_document_it_asks_for(here: Flask, other_side: Any) -> None:
    sms(here, other_side, "chuanglan")
    assert stored(here, write(here)).state is State.SENT
    ((_path, kind, body),) = other_side.got
    said = json.loads(body)
    assert kind == "application/json;charset=utf-8"
    assert set(said) == {"account", "password", "msg", "phone", "report"}
    assert (said["account"], said["password"], said["phone"]) == ("N123", "s3cret", "13812341234")
    assert said["msg"].startswith("【海棠社区】")


def test_a_gateway_that_leads_elsewhere_is_not_followed(other_side: Any) -> None:
    """The message and the gateway's key go to the address the office wrote down, and nowhere else."""
    other_side.answers = [(302, "{}")]
    own = {"gateway": "yunpian", "address": f"http://{address(other_side)}/send", "secret": "k"}
    assert not gateways.send(own, "13900000000", "明天有人来").taken
    assert [path for path, *_ in other_side.got if path == "/elsewhere"] == []


@pytest.mark.parametrize("gateway", ANSWERS)
def test_what_is_not_taken_on_is_tried_three_times_then_it_is_the_desks(here: Flask, other_side: Any, gateway: str) -> None:
    sms(here, other_side, gateway)
    other_side.answers[:] = [(400 if gateway == "yunpian" else 200, json.dumps(ANSWERS[gateway][1]))]
    notice = write(here)
    assert stored(here, notice).state is State.QUEUED
    for minutes in (9, 2, 59, 2, 61):
        clock.clock.start_at(clock.now() + timedelta(minutes=minutes))
        with here.app_context():
            sending.send_held()
    assert stored(here, notice).state is State.FAILED
    assert tries(here) == [(Result.FAILED, str(ANSWERS[gateway][1]["code"]), 0)] * 3


def test_a_try_that_succeeds_later_is_the_last(here: Flask, other_side: Any) -> None:
    sms(here, other_side)
    other_side.answers[:] = [(502, "gone"), (200, json.dumps(ANSWERS["yunpian"][0]))]
    notice = write(here)
    clock.clock.start_at(clock.at(clock.today(), 10 * 60 + 45))
    with here.app_context():
        sending.send_held()
        sending.send_held()
    assert stored(here, notice).state is State.SENT
    assert [each[0] for each in tries(here)] == [Result.FAILED, Result.SENT]
    assert len(other_side.got) == 2


def test_beyond_the_days_number_nothing_is_sent_and_the_desk_tells_it(here: Flask, other_side: Any) -> None:
    sms(here, other_side, daily=1)
    assert stored(here, write(here)).state is State.SENT
    assert stored(here, write(here)).state is State.FAILED
    assert tries(here)[1] == (Result.REFUSED, "daily limit", 0)
    assert len(other_side.got) == 1


@pytest.mark.parametrize(
    ("text", "parts"), [("甲" * 70, 1), ("甲" * 71, 2), ("甲" * 134, 2), ("甲" * 135, 3), ("a" * 160, 1), ("a" * 161, 2)]
)
def test_a_long_message_costs_what_the_gateways_count(text: str, parts: int) -> None:
    assert gateways.parts_of(text) == parts


def test_by_default_nothing_leaves_the_machine(here: Flask, other_side: Any) -> None:
    assert stored(here, write(here)).state is State.QUEUED
    assert tries(here) == []
    with here.app_context():
        assert not actions.carries(1)


def test_a_sign_in_code_goes_by_the_same_door_and_is_never_in_the_outbox(here: Flask, other_side: Any) -> None:
    assert "还没有接短信" in _asked_for_a_code(here)
    sms(here, other_side)
    assert "还没有接短信" not in _asked_for_a_code(here)
    said = parse_qs(other_side.got[-1][2])["text"][0]
    assert re.match(r"【海棠社区】验证码 \d{6}", said)
    with here.app_context():
        assert db.session.scalars(select(Notice)).all() == []


def _asked_for_a_code(app: Flask) -> str:
    """Ask for a code and return the page that wants it typed."""
    browser = open_browser(app)
    browser.send("/sign-in", phone="13812341234")
    return browser.get("/code").text


def test_the_robot_tells_the_group_once_what_the_office_must_do_and_nothing_else(here: Flask, other_side: Any) -> None:
    robot(here, other_side)
    with here.app_context(), transaction():
        desk = [access.add_user(f"1381234000{n}", "协调员", Role.COORDINATOR, community_id=1).id for n in range(3)]
        for user in desk:
            actions.notify(user, "unwell", **TEMPLATES["unwell"].sample)
    write(here, "offer")
    write(here, "unwell")  # a volunteer is not the office
    assert len(other_side.got) == 1
    assert "需要马上有人看看" in json.loads(other_side.got[0][2])["message"]
    with here.app_context():
        assert {each.state for each in db.session.scalars(select(Notice).where(Notice.user_id.in_(desk)))} == {State.SENT}


def test_quiet_hours_are_the_offices_own(here: Flask, other_side: Any, sign_in_as: Callable[..., Browser]) -> None:
    sms(here, other_side)
    desk = sign_in_as(Role.ADMIN, None)
    assert desk.send("/notices/quiet", starts="9:00", ends="8:00").status_code == 422
    assert desk.send("/notices/quiet", starts="21:30", ends="7:00").status_code == 303
    clock.clock.start_at(clock.at(clock.today(), 21 * 60))
    assert stored(here, write(here)).state is State.SENT
    clock.clock.start_at(clock.at(clock.today(), 22 * 60))
    assert stored(here, write(here)).state is State.HELD


def test_the_page_sets_a_channel_up_tries_it_and_shows_the_result(here: Flask, other_side: Any, sign_in_as: Callable[..., Browser]) -> None:
    admin = sign_in_as(Role.ADMIN, None)
    assert "现在什么都不会离开这台机器" in admin.get("/notices/channels").text
    said = {
        "gateway": "chuanglan",
        "address": f"http://{address(other_side)}/",
        "account": "N1",
        "secret": "s3cret",
        "signature": "海棠社区",
        "daily": "50",
    }
    assert admin.send("/notices/channels/sms", **{**said, "signature": ""}).status_code == 422
    assert admin.send("/notices/channels/sms", **said).status_code == 303
    assert "s3cret" not in admin.get("/notices/channels/sms").text
    assert admin.send("/notices/channels/sms", **{**said, "secret": "", "daily": "60"}).status_code == 303
    assert admin.send("/notices/channels/sms/try", to="海边").status_code == 422
    other_side.answers[:] = [(200, json.dumps(ANSWERS["chuanglan"][1]))]
    admin.send("/notices/channels/sms/try", to="13812341234")
    assert "对方的代码 108" in admin.get("/notices/channels").text
    other_side.answers[:] = [(200, json.dumps(ANSWERS["chuanglan"][0]))]
    admin.send("/notices/channels/sms/try", to="13812341234")
    page = admin.get("/notices/channels").text
    assert "对方收下了" in page
    assert json.loads(other_side.got[-1][2])["password"] == "s3cret"
    admin.send("/notices/channels/sms/switch")
    assert "停着" in admin.get("/notices/channels").text
    assert stored(here, write(here)).state is State.QUEUED
    with here.app_context():
        raw = db.session.connection().exec_driver_sql("select sealed_settings from message_channel").scalar_one()
        assert "s3cret" not in raw
        assert db.session.scalars(select(MessageChannel)).one().daily == 60


def test_the_desk_passes_on_what_no_channel_carries_and_ticks_it_off(here: Flask, sign_in_as: Callable[..., Browser]) -> None:
    notice = write(here)
    desk = sign_in_as(Role.COORDINATOR)
    assert "林晓梅" in desk.get("/notices/to-pass-on").text
    assert desk.send(f"/notices/to-pass-on/{notice}").status_code == 303
    assert "林晓梅" not in desk.get("/notices/to-pass-on").text
    assert (stored(here, notice).state, stored(here, notice).channel) == (State.SENT, "phone")
    with here.app_context(), transaction():
        make.make_community("there")
    assert sign_in_as(Role.COORDINATOR, 2).send(f"/notices/to-pass-on/{write(here)}").status_code == 404


def test_a_page_that_promises_a_message_says_when_there_is_no_channel(
    here: Flask, other_side: Any, sign_in_as: Callable[..., Browser]
) -> None:
    assert promises_a_message("<p>已发布，3 人会收到消息。</p>")
    assert promises_a_message("<p>Somebody gets a message.</p>")
    assert not promises_a_message("<a href='/notices'>消息</a> Messages")
    with here.app_context(), transaction():
        silent = make.make_volunteer(db.session.get_one(Community, 1), has_phone=False).id
    desk, page = sign_in_as(Role.COORDINATOR), f"/in-name/{silent}"
    assert "还没有短信通道" in desk.get(page).text
    assert "还没有短信通道" not in desk.get("/volunteers").text
    sms(here, other_side)
    assert "还没有短信通道" not in desk.get(page).text


def test_mail_goes_to_the_address_its_owner_wrote_and_codes_too(here: Flask, sign_in_as: Callable[..., Browser]) -> None:
    desk = sign_in_as(Role.COORDINATOR)
    assert desk.send("/devices/mail", mail="不是邮箱").status_code == 422
    assert desk.send("/devices/mail", mail="jiang@example.cn").status_code == 303
    assert "jiang@example.cn" in desk.get("/devices").text
    with here.app_context():
        raw = db.session.connection().exec_driver_sql('select mail from "user" where mail is not null').scalar_one()
        assert "jiang" not in raw


def test_a_mail_says_where_its_page_is_and_a_short_message_does_not(here: Flask, other_side: Any) -> None:
    sms(here, other_side)
    with here.app_context(), transaction():
        actions.set_up(1, Way.MAIL, Settings({"host": "mail.example.cn", "port": "465", "sender": "office@example.cn"}))
        user = db.session.scalars(select(User).where(User.role == Role.VOLUNTEER)).one()
        user.mail = "lin@example.cn"
        notice = actions.notify(user.id, "offer", **TEMPLATES["offer"].sample)
        assert notice is not None
        short, mail = routing.parcels(notice)
        assert mail.text == f"{notice.text}\nhttp://localhost/phone/offers"
        assert "http" not in short.text


@pytest.mark.parametrize("template", ["elder_call", "not_out"])
def test_the_group_hears_of_whoever_may_be_in_danger(here: Flask, other_side: Any, template: str) -> None:
    robot(here, other_side)
    write(here, template, Role.COORDINATOR)
    assert len(other_side.got) == 1
