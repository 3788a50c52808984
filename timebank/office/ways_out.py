"""Where sign-in codes go is two people's affair: whoever has the other end of a channel could sign in as everybody.

Another gateway, another account or another mail server waits for a second person of the office, or for a day in which nobody objects; as
long as nobody else of the office has ever come in, it holds at once. The robot of the group carries no code.
"""

import json
from datetime import timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.circles import STAFF
from timebank.access.models import User
from timebank.access.queries import has_signed_in
from timebank.db import db
from timebank.notices import actions as notices
from timebank.notices import routing
from timebank.notices.actions import Settings
from timebank.notices.models import Way
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import OF_ALL, Kind, Proposal
from timebank.sentences import Pair, Sentence

WAIT = timedelta(hours=24)
NAMES: dict[str, Pair] = {
    "gateway": Sentence.of("office", "哪家短信"),
    "account": Sentence("账号"),
    "secret": Sentence("密钥或密码"),
    "address": Sentence.of("office", "接口网址"),
    "host": Sentence("邮箱服务器"),
    "port": Sentence("端口"),
    "security": Sentence("加密"),
    "sender": Sentence("发信邮箱"),
    "user": Sentence("账号"),
}
WAYS: dict[Way, Pair] = {Way.SMS: Sentence("短信"), Way.MAIL: Sentence.of("office", "邮件")}
HIDDEN: Pair = Sentence("（不显示）")


def _holds_back(community_id: int, way: Way, given: Settings) -> bool:
    """Ask the others about a channel that codes would go by to another place than now; say whether that waits."""
    by = audit.acting_user()
    asks = db.session.get(User, by) if by is not None and way in WAYS else None
    if asks is None or dict(given.said) == _now(community_id, way) or not _others(asks):
        return False
    terms = {"way": way.value, "said": dict(given.said), "signature": given.signature, "daily": given.daily}
    subject = f"{OF_ALL}:{community_id}:{way.value}"
    proposals.propose(Kind.CHANNEL, community_id, subject, terms, asks, due_at=clock.now() + WAIT, admins_too=True)
    return True


def _now(community_id: int, way: Way) -> dict[str, str]:
    """Return the settings of a channel as they are, nothing where there is none."""
    known = routing.channel_of(community_id, way)
    said: dict[str, str] = json.loads(known.sealed_settings) if known is not None else {}
    return said


def _others(by: User) -> bool:
    """Say whether anybody else who may decide has ever come in, in whatever community: the codes of all may go by one channel."""
    rows = db.session.scalars(select(User).where(User.role.in_(STAFF), User.active.is_(True)))
    return any(not one_hand.is_one(each.id, by) and has_signed_in(each) for each in rows)


def _carry(proposal: Proposal, _by: User | None) -> None:
    """Set up the channel that two people stand for."""
    terms = proposal.terms
    notices.settle(proposal.community_id, Way(terms["way"]), Settings(terms["said"], terms["signature"], terms["daily"]))


def _show(proposal: Proposal) -> Shown:
    """Return a channel in words, its key hidden."""
    way, said = Way(proposal.terms["way"]), proposal.terms["said"]
    before = _now(proposal.community_id, way)
    names = [name for name in said if said[name] != before.get(name, "")]
    changes = [Change(NAMES[name], _said(name, before.get(name, "")), _said(name, said[name])) for name in names]
    return Shown(Sentence("%(way)s通道：消息和登录验证码从这里发出去", way=WAYS[way]), tuple(changes))


def _said(name: str, given: str) -> Pair:
    """Return a setting as it is shown."""
    if not given:
        return Sentence("（没有）")
    return HIDDEN if name == "secret" else (given, given)


carriers.register(Kind.CHANNEL, Carrier(_carry, _show))
notices.held_back.append(_holds_back)
