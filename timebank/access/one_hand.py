"""Two people, or one hand: whoever let a colleague in, or made the invitation by which somebody is there, could be both.

A colleague who was let in rests on whoever did it (``User.rests_on``) until a third person vouches for them, or, where messages go out, a day
has passed in which nobody objected. What is done in a session that an invitation opened is noted under whoever made that. Whatever asks for
two people asks here.
"""

from timebank import audit
from timebank.access.models import User
from timebank.db import db
from timebank.sentences import Pair, Sentence

INVITED_ONLY = Sentence(
    "你们两位有一位是用对方给的链接进来的，还不能算两个人。请那一位用自己的手机号和验证码登录再办，或者请另一位同事来定。"
)
RESTS = Sentence(
    "你们两位有一位是对方刚请进来的同事，还不能算两个人。请另一位同事来定，或者请他先在“等第二人核准”里认下新同事；短信能自动发出的，一天里没有人反对也算认下。"
)


def maker(by: User) -> int:
    """Return under whose number somebody's deed is noted where a second person is to look at it: whoever made their invitation, else their own."""
    return (by.id == audit.acting_user() and audit.inviter.get()) or by.id


def word_of(by: User) -> int:
    """Return whose word it is that somebody gives: of a colleague who rests on another, that one's."""
    return by.rests_on or maker(by)


def hands_of(user: User) -> frozenset[int]:
    """Return whose hands a user could be."""
    return frozenset({user.id, maker(user), user.rests_on or user.id})


def is_one(made_by: int | None, by: User) -> bool:
    """Say whether what one person made and another is to decide on could be one hand's."""
    if made_by is None or made_by == by.id:
        return made_by is not None
    other = db.session.get(User, made_by)
    return other is not None and not hands_of(by).isdisjoint(hands_of(other))


def why_one(made_by: int | None, by: User) -> Pair | None:
    """Return why two different people are no two persons, in both languages; None when they are, or when it is the same one."""
    if made_by == by.id or not is_one(made_by, by):
        return None
    return INVITED_ONLY if maker(by) != by.id else RESTS
