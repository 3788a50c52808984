"""Verbs of sign-in. A wrong code is an answer, not an exception: the try must stay counted, so nothing may roll it back."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from timebank import audit, clock, numbered
from timebank.access import queries
from timebank.access.masking import mask_name
from timebank.access.models import MagicLink, Purpose, Role, Session, SignInCode, User, WrongTry
from timebank.access.queries import STRANGER, Client
from timebank.access.tokens import end_tokens
from timebank.db import db
from timebank.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany, wrong
from timebank.queue import enqueue
from timebank.sentences import Sentence, languages

CODE_LIFE = timedelta(minutes=10)
CODES_PER_HOUR = 5
STRANGERS_CODES_PER_HOUR = 15
CODES_PER_HOUR_AND_SOURCE = 60
TRIES_KEPT = timedelta(days=1)
ON_OWN_PHONE = timedelta(days=90)
AT_THE_DESK = timedelta(hours=12)
LIFE = {Role.VOLUNTEER: ON_OWN_PHONE, Role.FAMILY: ON_OWN_PHONE}
INVITED_FOR = timedelta(days=7)
ANSWER_LOST = timedelta(minutes=1)
JUST_NOW = timedelta(minutes=15)
"""So long after a code was typed its holder is believed to be the one who typed it, where it is about where codes go."""
LINK_IS_SPENT = Sentence("这个登录码用过了，或者过期了。可以用手机号登录，或者请给你的人再给一个。")


knows_number: list[Callable[[str], bool]] = []
"""Rooms above that know whose a number is say so here: such a number gets a sign-in of its own with its first right code."""
came_in: list[Callable[[User], None]] = []
"""What rooms above do when somebody comes in, in the same write unit."""
mail_set: list[Callable[[User], None]] = []
"""What rooms above do when somebody has said where their mail goes, and with it perhaps the codes they sign in by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a code: a user, or the tries left, or until when the phone is shut; none of them = it is too old.

    ``unknown`` says that the code was right and nobody here knows the number: it is told so, and registered only if it wants to.
    """

    user: User | None = None
    unknown: bool = False
    code: SignInCode | None = None
    left: int = 0
    locked_until: datetime | None = None


def add_user(
    phone: str,
    name: str,
    role: Role,
    *,
    community_id: int | None = None,
    street_id: int | None = None,
    locale: str = "zh",
    is_free: bool = False,
) -> User:
    """Add somebody who can sign in, of a community or, an officer, of a street; a phone number belongs to one user.

    ``is_free`` says that nobody has the number: whoever has read them all need not ask again.
    """
    if not is_free and queries.user_of(phone) is not None:
        raise Conflict("这个手机号已经有人用了。请核对号码，或者找到原来的登记来改。")
    user = User(
        phone=phone,
        name=name,
        role=role,
        community_id=community_id,
        street_id=street_id,
        locale=locale,
        active=True,
        created_at=clock.now(),
    )
    numbered.add(user)
    of = {"community": community_id} if street_id is None else {"street": street_id}
    audit.record("add", "user", user.id, role=role.value, **of)
    return user


def must_be_free(phone: str) -> None:
    """Refuse a number with which somebody signs in already, beside the field it was typed in."""
    known = queries.user_of(phone)
    if known is not None:
        raise wrong(
            "phone",
            "这个手机号已经有人登录用（%(who)s）。一个号码只有一种身份，请填另一个手机号。",
            who=mask_name(known.name) or Sentence.of("access", "没有留名字"),
        )


def become_volunteer(user: User, community_id: int) -> None:
    """Let a family's sign-in be a volunteer's as well; what the family followed, the volunteer goes on following."""
    if user.role is not Role.FAMILY:
        return
    with audit.changing("become_volunteer", user):
        user.role, user.community_id = Role.VOLUNTEER, community_id


def forget(user: User) -> None:
    """Erase who a user was: no name, a number nobody dials, no session; the row stays, for others name it by its number."""
    _end_sessions(user)
    nobody = f"{user.id:011d}"
    db.session.execute(update(SignInCode).where(SignInCode.phone == user.phone).values(phone=nobody))
    user.phone, user.name, user.active = nobody, "", False


def switch_off(user: User) -> None:
    """Let a user in no more, and end every session at once."""
    user.active = False
    _end_sessions(user)
    end_tokens(user)
    audit.record("switch_off", "user", user.id)


def request_code(phone: str, who: Client = STRANGER) -> SignInCode:
    """Make a code and ask for it to be sent: the same for a phone that is known here and one that is not."""
    now = clock.now()
    refuse_locked(queries.locked_until(phone, who, now))
    _refuse_too_many(phone, who, now - timedelta(hours=1))
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code = SignInCode(phone=phone, device=who.device, code=digits, source=who.source, created_at=now, expires_at=now + CODE_LIFE, tries=0)
    db.session.add(code)
    db.session.flush()
    audit.record("request", "sign_in_code", code.id)
    enqueue("send_sign_in_code", code.id)
    return code


def _refuse_too_many(phone: str, who: Client, since: datetime) -> None:
    """Refuse more codes than one device, or one address, has use for; strangers never use up what a user's own device may ask for."""
    known = who.device != queries.NOBODYS
    of_one = queries.codes_since(since, phone=phone, device=who.device, source=None if known else who.source)
    if of_one >= CODES_PER_HOUR or (not known and queries.codes_since(since, phone=phone) >= STRANGERS_CODES_PER_HOUR):
        raise TooMany("这个号码一小时内要的验证码太多了。请过一小时再来，用以前登录过的手机或电脑，或者打服务站电话。")
    if not known and who.source and queries.codes_since(since, source=who.source) >= CODES_PER_HOUR_AND_SOURCE:
        raise TooMany("从这个网络要的验证码太多了。请过一小时再来，用以前登录过的手机或电脑，或者打服务站电话。")


def verify_code(phone: str, typed: str, who: Client = STRANGER, *, asking: bool = False) -> Verdict:
    """Judge a typed code and count it; the right one opens the phone's user.

    A phone that is not known becomes a family's where somebody is ``asking`` for help with it, or a room above knows whose it is.
    """
    now = clock.now()
    code = queries.newest_code(phone, who.device, to_judge=True)
    locked = queries.locked_until(phone, who, now)
    if locked is not None:
        return Verdict(locked_until=locked)
    if code is None or not queries.can_be_typed(code, now):
        return Verdict()
    if not _same(code, typed):
        return _count_wrong(code, who, now)
    code.used_at = now
    user = queries.user_of(phone)
    if user is None and not asking and not any(knows(phone) for knows in knows_number):
        return Verdict(unknown=True, code=code)
    return Verdict(user=user or add_user(phone, "", Role.FAMILY), code=code)


def register(phone: str, code_id: int) -> Verdict:
    """Give a number that has just proved itself by its code a family's sign-in, because whoever holds it wants one."""
    code = queries.newest_code(phone, to_judge=True)
    if code is None or code.id != code_id or code.used_at is None or clock.now() - code.used_at > CODE_LIFE:
        return Verdict()
    return Verdict(user=queries.user_of(phone) or add_user(phone, "", Role.FAMILY), code=code)


def _same(code: SignInCode, typed: str) -> bool:
    """Compare in constant time; a code sealed with a lost key equals nothing."""
    return hmac.compare_digest((code.code or "").encode(), typed.encode())


def _count_wrong(code: SignInCode, who: Client, now: datetime) -> Verdict:
    """Count one wrong try and say what is left."""
    code.tries += 1
    code.tried_at = now
    db.session.execute(delete(WrongTry).where(WrongTry.at < now - TRIES_KEPT))
    db.session.add(WrongTry(code_id=code.id, source=who.source, at=now))
    db.session.flush()
    audit.record("wrong_code", "sign_in_code", code.id, tries=code.tries)
    left = max(queries.TRIES - queries.tries_of(code.phone, who, now), 0)
    return Verdict(left=left, locked_until=queries.locked_until(code.phone, who, now))


def refuse_locked(until: datetime | None) -> None:
    """Refuse while a phone is shut, saying until when."""
    if until is None:
        return
    raise TooMany("验证码输错了 5 次，为了安全先停一停。%(until)s 以后可以重新要一个，急的话请打服务站电话。", until=f"{until:%H:%M}")


def sign_in(
    user: User,
    *,
    device: str = "other",
    code: SignInCode | None = None,
    link: MagicLink | None = None,
    instead_of: Session | None = None,
) -> tuple[str, Session]:
    """Open a session and return its token, told once and kept as a hash; the browser's earlier session ends, and a sheet's with the sheet."""
    if not user.active:
        raise NotAllowed("这个号码已经停用。请打服务站电话，问清楚再登录。")
    now = clock.now()
    token = secrets.token_urlsafe(32)
    ends = now + LIFE.get(user.role, AT_THE_DESK)
    sheet = link if link is not None and link.purpose is Purpose.DAY_SHEET else None
    session = Session(
        token_hash=queries.hash_of(token),
        user_id=user.id,
        code_id=code.id if code else None,
        device=device,
        created_at=now,
        last_seen_at=now,
        expires_at=min(ends, sheet.expires_at) if sheet else ends,
        sheet_by=sheet.made_by if sheet else None,
        invited_by=link.made_by if link is not None and link.purpose is Purpose.INVITATION else None,
    )
    db.session.add(session)
    if instead_of is not None:
        instead_of.revoked_at = now
    db.session.flush()
    audit.actor.set(f"user:{user.id}")
    audit.record("sign_in", "session", session.id, user=user.id)
    for greet in came_in:
        greet(user)
    return token, session


def give_again(phone: str, typed: str, who: Client = STRANGER) -> tuple[str, Session] | None:
    """Give the session of a code used a moment ago a new token: a double tap loses the first answer and its cookie."""
    code = queries.newest_code(phone, who.device, to_judge=True)
    if code is None or code.used_at is None:  # the first answer, whose cookie came, has made a device of a stranger
        code = queries.newest_code(phone, to_judge=True)
    if code is None or code.used_at is None or clock.now() - code.used_at > ANSWER_LOST or not _same(code, typed):
        return None
    session = queries.session_of_code(code)
    if session is None or session.revoked_at is not None:
        return None
    token = secrets.token_urlsafe(32)
    session.token_hash = queries.hash_of(token)
    audit.record("give_again", "session", session.id, user=session.user_id)
    return token, session


def see(session: Session) -> None:
    """Note that a session is in use."""
    session.last_seen_at = clock.now()


def sign_out(session: Session) -> None:
    """End one session."""
    session.revoked_at = clock.now()
    audit.record("sign_out", "session", session.id, user=session.user_id)


def end_other(user: User, session_id: int, here: Session) -> None:
    """End one other session of a user, from one that they have just opened."""
    must_have_just_come_in(here)
    other = next((each for each in queries.sessions_of(user) if each.id == session_id and each.id != here.id), None)
    if other is None:
        raise NotFound("这台设备已经退出了。")
    sign_out(other)


def sign_out_everywhere(user: User) -> int:
    """End every session of a user, and every token; return how many sessions there were."""
    ended = _end_sessions(user)
    end_tokens(user)
    audit.record("sign_out_everywhere", "user", user.id, sessions=ended)
    return ended


def _end_sessions(user: User) -> int:
    """Revoke what is open of a user."""
    alive = queries.sessions_of(user)
    for session in alive:
        session.revoked_at = clock.now()
    return len(alive)


def make_link(user: User, purpose: Purpose, expires_at: datetime, *, limit: int = 1) -> str:
    """Make a sign-in link and return its token; a day sheet's link is only for a volunteer."""
    if purpose is Purpose.DAY_SHEET and user.role is not Role.VOLUNTEER:
        raise Invalid("单子上的登录码只能给志愿者。")
    token = secrets.token_urlsafe(24)
    link = MagicLink(
        token_hash=queries.hash_of(token),
        user_id=user.id,
        purpose=purpose,
        created_at=clock.now(),
        expires_at=expires_at,
        uses=0,
        use_limit=limit,
    )
    db.session.add(link)
    db.session.flush()
    audit.record("make", "magic_link", link.id, user=user.id, purpose=purpose.value)
    return token


def invite(user: User) -> str:
    """Make the link by which a colleague comes in the first time, and return its token; links given before are good no more."""
    if not user.active:
        raise Conflict("这个人已经停用，不能再给链接。请先让他重新登记。")
    spent = (MagicLink.user_id == user.id, MagicLink.purpose == Purpose.INVITATION, MagicLink.expires_at > clock.now())
    db.session.execute(update(MagicLink).where(*spent).values(expires_at=clock.now()))
    return make_link(user, Purpose.INVITATION, clock.now() + INVITED_FOR)


def usable_link(token: str) -> MagicLink:
    """Return a link that can still be used, or refuse."""
    link = queries.link_of(token, clock.now())
    if link is None:
        raise NotFound(LINK_IS_SPENT)
    return link


def use_link(token: str) -> MagicLink:
    """Use a link once and return it; the count is taken in one statement, so that two taps cannot share a use."""
    link = usable_link(token)
    take = update(MagicLink).where(MagicLink.id == link.id, MagicLink.uses < MagicLink.use_limit).values(uses=MagicLink.uses + 1)
    if db.session.execute(take.returning(MagicLink.id)).first() is None:
        raise NotFound(LINK_IS_SPENT)
    audit.record("use", "magic_link", link.id, user=link.user_id)
    return link


def must_have_just_come_in(session: Session) -> None:
    """Refuse what decides how somebody signs in from a session opened some while ago: a phone left lying about must not change that."""
    if clock.now() - session.created_at > JUST_NOW:
        raise Invalid(
            "这一步要先证明是你本人：请退出，重新登录，15 分钟内再来。", fields={"mail": Sentence("先退出，重新登录，15 分钟内再改")}
        )


def set_mail(user: User, mail: str) -> None:
    """Note where somebody's own mail goes, or, empty, that it goes nowhere."""
    user.mail = mail or None
    audit.record("set_mail", "user", user.id, given=bool(mail))
    for follow in mail_set:
        follow(user)


def speak(user: User, locale: str) -> None:
    """Remember the language a user chose."""
    if locale in languages() and user.locale != locale:
        audit.record("speak", "user", user.id, before=user.locale, after=locale)
        user.locale = locale
