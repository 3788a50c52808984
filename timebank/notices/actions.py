"""Verbs of the outbox: write a message in the caller's write unit, send it once that is stored, hold it in quiet hours."""

from datetime import datetime

from timebank import audit, clock
from timebank.access.models import SignInCode, User
from timebank.access.queries import user_of
from timebank.db import db, transaction
from timebank.notices import queries
from timebank.notices.channels import Channel, Outbox, carriers
from timebank.notices.models import Notice, State
from timebank.notices.templates import SIGNATURE, TEMPLATES, render
from timebank.queue import enqueue

QUIET_FROM = 20
QUIET_TO = 8


def notify(user_id: int, template: str, signature: str = SIGNATURE, **params: object) -> Notice | None:
    """Write a message to a user and ask for it to be sent; somebody who is switched off gets none."""
    user = db.session.get(User, user_id)
    if user is None or not user.active:
        return None
    notice = Notice(
        community_id=user.community_id,
        user_id=user.id,
        phone=user.phone,
        template=template,
        text=render(template, user.locale, params, signature),
        channel=carriers.messages.name,
        state=State.QUEUED,
        created_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    audit.record("write", "notice", notice.id, user=user.id, template=template)
    enqueue("send_notice", notice.id)
    return notice


def tell_number(phone: str, community_id: int, template: str, **params: object) -> Notice:
    """Write a message to a number nobody signs in by yet, such as the one somebody is to have."""
    notice = Notice(
        community_id=community_id,
        phone=phone,
        template=template,
        text=render(template, "zh", params),
        channel=carriers.messages.name,
        state=State.QUEUED,
        created_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    audit.record("write", "notice", notice.id, template=template)
    enqueue("send_notice", notice.id)
    return notice


def carries() -> bool:
    """Say whether messages go out by themselves; else they wait in the outbox for the desk to pass on."""
    return carriers.messages.name != Outbox.name


def is_quiet(instant: datetime) -> bool:
    """Say whether people are left in peace at this hour."""
    hour = instant.astimezone(clock.ZONE).hour
    return hour >= QUIET_FROM or hour < QUIET_TO


def send_notice(notice_id: int) -> None:
    """Send one message, once; in quiet hours one that is not urgent waits for the morning. A job, so it commits."""
    with transaction():
        notice = db.session.get(Notice, notice_id, with_for_update=True)
        if notice is None or notice.state not in {State.QUEUED, State.HELD}:
            return
        if is_quiet(clock.now()) and not TEMPLATES[notice.template].urgent:
            notice.state = State.HELD
            return
        _carry(notice, carriers.messages)


def send_held(_subject: int = 0) -> None:
    """Send what waited for the morning. A job, so it commits."""
    if is_quiet(clock.now()):
        return
    for notice_id in [notice.id for notice in queries.held()]:
        send_notice(notice_id)


def _carry(notice: Notice, channel: Channel) -> None:
    """Hand a message to its channel and note what became of it; what no channel carries stays queued for the desk."""
    notice.channel = channel.name
    try:
        carried = channel.send(notice.phone, notice.text)
    except OSError:
        notice.state = State.FAILED
        return
    if carried:
        notice.state, notice.sent_at = State.SENT, clock.now()


def send_sign_in_code(code_id: int) -> None:
    """Send a sign-in code in its reader's language; it is never written to the outbox."""
    code = db.session.get(SignInCode, code_id)
    if code is None or code.used_at is not None or code.expires_at <= clock.now():
        return
    reader = user_of(code.phone)
    text = render("code", reader.locale if reader else "zh", {"code": code.code})
    carriers.codes.send(code.phone, text)
