"""Which way a message goes: the community's channels in order, for whom each of them is, and what of the day is left of it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db
from timebank.notices import apprised, gateways
from timebank.notices.gateways import MOST_PARTS, Answer, parts_of, signed
from timebank.notices.models import Delivery, MessageChannel, Notice, Result, Way
from timebank.outside import outside
from timebank.phones import mobile

ORDER = (Way.SMS, Way.MAIL, Way.ROBOT)
OFFICE = (Role.ADMIN, Role.COORDINATOR)
GROUP = ("lost", "unwell", "no_answer", "elder_call", "not_out", "doubt", "second")
"""What the robot says in the colleagues' group: what the office must do, never what a volunteer or a family is told."""
JUST_NOW = timedelta(minutes=1)
SIGN = re.compile(r"^【([^】]*)】")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way: everything a channel needs, read before anybody outside is asked."""

    channel_id: int
    way: Way
    settings: dict[str, str]
    signature: str
    to: str
    text: str
    left: int

    @property
    def words(self) -> str:
        """The text as this channel says it."""
        return signed(self.text, self.signature) if self.way is Way.SMS and self.signature else self.text

    @property
    def parts(self) -> int:
        """How many short messages it costs; a mail or a robot's word is one."""
        return parts_of(self.words) if self.way is Way.SMS else 1

    def send(self) -> tuple[Result, str]:
        """Hand it over, unless the day's number is used up or it is too long for one message; return what came of it, and the code."""
        if self.parts > MOST_PARTS:
            return Result.REFUSED, "too long"
        if self.parts > self.left:
            return Result.REFUSED, "daily limit"
        answer = self._handed()
        return Result.SENT if answer.taken else Result.FAILED, answer.code[:80]

    def _handed(self) -> Answer:
        """Hand it over."""
        if self.way is Way.SMS:
            return gateways.send(self.settings, self.to, self.words)
        sign = SIGN.match(self.text)
        url = apprised.mail_url(self.settings, self.to) if self.way is Way.MAIL else apprised.robot_url(self.settings)
        return apprised.send(url, sign[1] if sign else "", SIGN.sub("", self.text))


def channels(community_id: int | None) -> Sequence[MessageChannel]:
    """Return the channels of a community, those switched off too."""
    mine = select(MessageChannel).where(MessageChannel.community_id == community_id)
    return sorted(db.session.scalars(mine), key=lambda each: ORDER.index(each.way))


def channel_of(community_id: int, way: Way) -> MessageChannel | None:
    """Return one channel of a community."""
    return next((each for each in channels(community_id) if each.way is way), None)


def carries(community_id: int | None) -> bool:
    """Say whether a community's messages reach any telephone by themselves."""
    return any(each.active and each.way is Way.SMS for each in channels(community_id))


def code_channels(user: User | None) -> list[MessageChannel]:
    """Return the channels a sign-in code may go by: the own community's, of somebody unknown the first there is; never a group's robot."""
    mine = [each for each in channels(user.community_id if user else None) if each.active and each.way is not Way.ROBOT]
    if any(each.way is Way.SMS for each in mine):
        return mine
    active = select(MessageChannel).where(MessageChannel.way == Way.SMS, MessageChannel.active.is_(True))
    first = db.session.scalars(active.order_by(MessageChannel.id).limit(1)).all()
    return [*first, *mine]


def parcel(channel: MessageChannel, to: str, text: str) -> Parcel:
    """Return a message made up for a channel."""
    settings: dict[str, str] = json.loads(channel.sealed_settings)
    return Parcel(channel.id, channel.way, settings, channel.signature, to, text, channel.daily - used_today(channel))


def parcels(notice: Notice) -> list[Parcel]:
    """Return the ways a message can go, the best first: by SMS to a mobile number, by mail to who has one, to the group for the office."""
    user = db.session.get(User, notice.user_id) if notice.user_id else None
    made = []
    for channel in channels(notice.community_id):
        to = _address(channel.way, notice, user)
        if channel.active and to is not None:
            made.append(parcel(channel, to, notice.text + _link(channel.way, notice)))
    return made


def _link(way: Way, notice: Notice) -> str:
    """Return the page a message leads to, for a mail; short messages carry no address, of which elders are warned."""
    return f"\n{outside.address}{notice.path}" if way is Way.MAIL and notice.path and outside.is_known else ""


def _address(way: Way, notice: Notice, user: User | None) -> str | None:
    """Return where a message goes by a way, None when it does not go that way."""
    if way is Way.SMS:
        return mobile(notice.phone)
    if way is Way.MAIL:
        return user.mail if user else None
    return "" if notice.template in GROUP and user is not None and user.role in OFFICE else None


def used_today(channel: MessageChannel) -> int:
    """Return how many parts a channel has cost today."""
    today = (Delivery.channel_id == channel.id, Delivery.result == Result.SENT, Delivery.at >= clock.at(clock.today(), 0))
    return db.session.scalar(select(func.coalesce(func.sum(Delivery.parts), 0)).where(*today)) or 0


def said_in_group(notice: Notice) -> bool:
    """Say whether the robot has said the same just now, when several of the office are told one thing."""
    same = select(Notice.text).join(Delivery, Delivery.notice_id == Notice.id).join(MessageChannel)
    lately = (
        Notice.community_id == notice.community_id,
        Notice.template == notice.template,
        Notice.created_at >= notice.created_at - JUST_NOW,
        Notice.created_at <= notice.created_at + JUST_NOW,
        Notice.id != notice.id,
        MessageChannel.way == Way.ROBOT,
        Delivery.result == Result.SENT,
    )
    return notice.text in set(db.session.scalars(same.where(*lately)))
