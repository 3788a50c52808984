"""Verbs of the outbox: write a message in the caller's write unit, set its channels up and try them, pass on by telephone what none carries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import wrong
from timebank.notices import queries, routing
from timebank.notices.channels import Outbox, carriers
from timebank.notices.choices import wants
from timebank.notices.models import BY_TELEPHONE, DAY, Delivery, MessageChannel, Notice, QuietHours, Result, State, Way
from timebank.notices.templates import SIGNATURE, TEMPLATES, render
from timebank.queue import enqueue
from timebank.sentences import Sentence

NOON = 720
BY_DAY = 8 * 60


@dataclass(frozen=True, slots=True)
class Settings:
    """What an office says of a channel: the fields of its kind, its signature at the gateway, and how many parts a day it may cost."""

    said: Mapping[str, str]
    signature: str = ""
    daily: int = 1000


held_back: list[Callable[[int, Way, Settings], bool]] = []
"""Rooms above that let a second person look at where messages go say here whether that waits now."""


def notify(
    user_id: int, template: str, signature: str = SIGNATURE, *, path: str = "", about: str | None = None, **params: object
) -> Notice | None:
    """Write a message to a user and ask for it to be sent; somebody who is switched off or does not want its kind gets none.

    ``path`` is the page it leads to, that of its template where none is named; of one thing, named by ``about``, nobody hears twice.
    """
    user = db.session.get(User, user_id)
    if user is None or not user.active or not wants(user_id, template) or (about is not None and queries.told(user_id, about)):
        return None
    notice = Notice(
        community_id=user.community_id,
        user_id=user.id,
        phone=user.phone,
        template=template,
        text=render(template, user.locale, params, signature),
        channel=carriers.messages.name,
        state=State.QUEUED,
        path=path or TEMPLATES[template].path,
        about=about,
        created_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    audit.record("write", "notice", notice.id, user=user.id, template=template)
    enqueue("send_notice", notice.id)
    return notice


def tell_number(phone: str, community_id: int, template: str, about: str | None = None, /, **params: object) -> Notice:
    """Write a message to a number nobody signs in by yet, such as the one somebody is to have; ``about`` names what it tells of."""
    notice = Notice(
        community_id=community_id,
        phone=phone,
        template=template,
        text=render(template, "zh", params),
        channel=carriers.messages.name,
        state=State.QUEUED,
        about=about,
        created_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    audit.record("write", "notice", notice.id, template=template)
    enqueue("send_notice", notice.id)
    return notice


def carries(community_id: int | None) -> bool:
    """Say whether messages reach telephones by themselves; else they wait in the outbox for the desk to pass on."""
    return carriers.messages.name != Outbox.name or routing.carries(community_id)


def set_up(community_id: int, way: Way, given: Settings) -> MessageChannel | None:
    """Set up a community's channel, or change it; a secret that is not given stays as it was. None where it waits for a second person."""
    channel = routing.channel_of(community_id, way)
    before: dict[str, str] = json.loads(channel.sealed_settings) if channel is not None else {}
    said = dict(given.said)
    if not said.get("secret") and before.get("secret"):
        said["secret"] = before["secret"]
    wanted = replace(given, said=said)
    if any(hold(community_id, way, wanted) for hold in held_back):
        return None
    return settle(community_id, way, wanted)


def settle(community_id: int, way: Way, given: Settings) -> MessageChannel:
    """Let a community's channel be as it is said."""
    channel = routing.channel_of(community_id, way)
    if channel is None:
        channel = MessageChannel(community_id=community_id, way=way, active=True)
        db.session.add(channel)
    channel.sealed_settings = json.dumps(dict(given.said), ensure_ascii=False)
    channel.signature, channel.daily, channel.set_at = given.signature, given.daily, clock.now()
    db.session.flush()
    audit.record("set_up", "message_channel", channel.id, way=way.value, daily=given.daily)
    return channel


def switch(channel: MessageChannel, *, active: bool) -> None:
    """Let messages go by a channel, or no more."""
    channel.active = active
    audit.record("switch", "message_channel", channel.id, active=active)


def try_out(channel: MessageChannel, to: str) -> Delivery:
    """Ask for a test to be sent, at any hour: whoever asks for it waits for it."""
    made = Delivery(channel_id=channel.id, sealed_to=to, at=clock.now(), result=Result.WAITING)
    db.session.add(made)
    db.session.flush()
    audit.record("try_out", "message_channel", channel.id)
    enqueue("try_out_channel", made.id)
    return made


def set_quiet_hours(community_id: int, starts: int, ends: int) -> None:
    """Say from when to when a community leaves people in peace: from some hour after noon to one before.

    By day there is time left: what somebody may object to within a day has to reach them.
    """
    if not ends <= NOON <= starts <= DAY:
        sentence = Sentence("从中午以后的某个时候，到第二天中午以前。请改时间。")
        raise wrong("starts", sentence)
    if starts - ends < BY_DAY:
        sentence = Sentence("白天至少要留 8 小时发消息，不然该知道的人来不及知道。请改时间。")
        raise wrong("starts", sentence)
    row = db.session.get(QuietHours, community_id)
    if row is None:
        row = QuietHours(community_id=community_id)
        db.session.add(row)
    row.starts, row.ends = starts, ends
    audit.record("set_quiet_hours", "community", community_id, starts=starts, ends=ends)


def pass_on(notice: Notice) -> None:
    """Note that the desk has told somebody by telephone what a message says."""
    if notice.state is State.SENT:
        return
    notice.state, notice.channel, notice.sent_at, notice.next_at = State.SENT, BY_TELEPHONE, clock.now(), None
    audit.record("pass_on", "notice", notice.id)
