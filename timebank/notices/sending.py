"""Jobs that send: each one reads what is to go, asks outside without holding the database, and notes what came of it.

A message that nobody takes on is tried again after ten minutes, then after an hour; after that it is the desk's, to be told by telephone.
"""

from datetime import timedelta

from timebank import clock
from timebank.access.models import SignInCode
from timebank.access.queries import user_of
from timebank.db import db, transaction
from timebank.notices import queries, routing
from timebank.notices.channels import Outbox, carriers
from timebank.notices.models import Delivery, MessageChannel, Notice, Result, State, Way
from timebank.notices.routing import Parcel
from timebank.notices.templates import SIGNATURE, TEMPLATES, render

AGAIN = (timedelta(minutes=10), timedelta(hours=1))
"""How long it is before a message is tried a second and a third time."""
TEST = "这是一条测试，收到就说明通道是通的。"
Tried = tuple[Parcel, Result, str]
"""One way that was tried, what came of it, and the other side's code."""


def send_notice(notice_id: int) -> None:
    """Send one message, once; in quiet hours one that is not urgent waits for the morning. A job, so it commits."""
    with transaction():
        notice = db.session.get(Notice, notice_id, with_for_update=True)
        if notice is None or notice.state not in {State.QUEUED, State.HELD}:
            return
        if not TEMPLATES[notice.template].urgent and queries.is_quiet(clock.now(), notice.community_id):
            notice.state = State.HELD
            return
        if carriers.messages.name != Outbox.name:
            _by_terminal(notice)
            return
        ways = _claim(notice)
    _note(notice_id, _try(ways))


def _try(ways: list[Parcel]) -> list[Tried]:
    """Try one way after the other until one takes the message on; the database is left alone meanwhile."""
    tried: list[Tried] = []
    for way in ways:
        tried.append((way, *way.send()))
        if tried[-1][1] is Result.SENT:
            break
    return tried


def _claim(notice: Notice) -> list[Parcel]:
    """Return the ways a message can go, and take it off the list meanwhile; one that has none is the desk's."""
    ways = routing.parcels(notice)
    if ways and ways[0].way is Way.ROBOT and routing.said_in_group(notice):
        notice.channel, notice.state, notice.sent_at = Way.ROBOT.value, State.SENT, clock.now()
        return []
    if ways and notice.tries > len(AGAIN):
        notice.state, notice.next_at = State.FAILED, None
        return []
    if ways:
        notice.tries += 1
        notice.next_at = clock.now() + AGAIN[min(notice.tries, len(AGAIN)) - 1]
    return ways


def _note(notice_id: int, tried: list[Tried]) -> None:
    """Note every try, and what became of the message."""
    if not tried:
        return
    with transaction():
        notice = db.session.get_one(Notice, notice_id, with_for_update=True)
        db.session.add_all(_row(way, result, code, notice_id) for way, result, code in tried)
        way, result, _code = tried[-1]
        notice.channel = way.way.value
        if result is Result.SENT:
            notice.state, notice.sent_at, notice.next_at = State.SENT, clock.now(), None
        elif notice.tries > len(AGAIN) or all(each is Result.REFUSED for _way, each, _said in tried):
            notice.state, notice.next_at = State.FAILED, None


def _row(way: Parcel, result: Result, code: str, notice_id: int | None) -> Delivery:
    """Return the row of one try; only what was taken on costs anything."""
    parts = way.parts if result is Result.SENT else 0
    return Delivery(channel_id=way.channel_id, notice_id=notice_id, at=clock.now(), result=result, detail=code, parts=parts)


def send_held(_subject: int = 0) -> None:
    """Send what waited for the morning, and try again what nobody took on. A job, so it commits."""
    for notice_id in queries.due(clock.now()):
        send_notice(notice_id)


def send_sign_in_code(code_id: int) -> None:
    """Send a sign-in code in its reader's language; it is never written to the outbox. Without a channel it is the terminal's."""
    code = db.session.get(SignInCode, code_id)
    if code is None or code.used_at is not None or code.expires_at <= clock.now():
        return
    reader = user_of(code.phone)
    text = render("code", reader.locale if reader else "zh", {"code": code.code})
    ways = [routing.parcel(each, code.phone, text) for each in routing.code_channels(reader) if each.way is Way.SMS]
    ways += [
        routing.parcel(each, reader.mail, text) for each in routing.code_channels(reader) if each.way is Way.MAIL and reader and reader.mail
    ]
    if not ways or carriers.messages.name != Outbox.name:
        carriers.codes.send(code.phone, text)
        return
    db.session.rollback()
    tried = _try(ways)
    with transaction():
        db.session.add_all(_row(way, result, said, None) for way, result, said in tried)


def try_out(delivery_id: int) -> None:
    """Send the test an office has asked for, and note what came of it. A job, so it commits."""
    row = db.session.get(Delivery, delivery_id)
    if row is None or row.result is not Result.WAITING:
        return
    way = routing.parcel(db.session.get_one(MessageChannel, row.channel_id), row.sealed_to or "", f"【{SIGNATURE}】{TEST}")
    db.session.rollback()
    result, code = way.send()
    with transaction():
        row = db.session.get_one(Delivery, delivery_id)
        row.result, row.detail, row.parts = result, code, way.parts if result is Result.SENT else 0


def _by_terminal(notice: Notice) -> None:
    """Hand a message to the demo's terminal."""
    notice.channel = carriers.messages.name
    try:
        carried = carriers.messages.send(notice.phone, notice.text)
    except OSError:
        notice.state = State.FAILED
        return
    if carried:
        notice.state, notice.sent_at = State.SENT, clock.now()
