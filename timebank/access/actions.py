"""Verbs of sign-in. A wrong code is an answer, not an exception: the try must stay counted, so nothing may roll it back."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from timebank import audit, clock
from timebank.access import queries
from timebank.access.masking import mask_name
from timebank.access.models import MagicLink, Purpose, Role, Session, SignInCode, User
from timebank.db import db
from timebank.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from timebank.queue import enqueue

CODE_LIFE = timedelta(minutes=10)
CODES_PER_HOUR = 5
CODES_PER_HOUR_AND_SOURCE = 60
ON_OWN_PHONE = timedelta(days=90)
AT_THE_DESK = timedelta(hours=12)
LIFE = {Role.VOLUNTEER: ON_OWN_PHONE, Role.FAMILY: ON_OWN_PHONE}
ANSWER_LOST = timedelta(minutes=1)
LANGUAGES = ("zh", "en")
LINK_IS_SPENT = (
    "这个登录码用过了，或者过期了。可以用手机号登录，或者请服务站再印一张。",
    "This link was used or is out of date. Sign in with your phone number, or ask the station for a new sheet.",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a code: a user, or the tries left, or until when the phone is shut; none of them = it is too old."""

    user: User | None = None
    code: SignInCode | None = None
    left: int = 0
    locked_until: datetime | None = None


def add_user(
    phone: str, name: str, role: Role, *, community_id: int | None = None, street_id: int | None = None, locale: str = "zh"
) -> User:
    """Add somebody who can sign in, of a community or, an officer, of a street; a phone number belongs to one user."""
    if queries.user_of(phone) is not None:
        raise Conflict(
            "这个手机号已经有人用了。请核对号码，或者找到原来的登记来改。",
            "This phone number is in use. Check it, or change the record that has it.",
        )
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
    db.session.add(user)
    db.session.flush()
    of = {"community": community_id} if street_id is None else {"street": street_id}
    audit.record("add", "user", user.id, role=role.value, **of)
    return user


def must_be_free(phone: str) -> None:
    """Refuse a number with which somebody signs in already, beside the field it was typed in."""
    known = queries.user_of(phone)
    if known is not None:
        zh = f"这个手机号已经有人登录用（{mask_name(known.name) or '没有留名字'}）。一个号码只有一种身份，请填另一个手机号。"
        en = "Somebody signs in with this number already. A number has one role only; enter another mobile number."
        raise Invalid(zh, en, fields={"phone": (zh, en)})


def become_volunteer(user: User, community_id: int) -> None:
    """Let a family's sign-in be a volunteer's as well; what the family followed, the volunteer goes on following."""
    if user.role is not Role.FAMILY:
        return
    with audit.changing("become_volunteer", user):
        user.role, user.community_id = Role.VOLUNTEER, community_id


def switch_off(user: User) -> None:
    """Let a user in no more, and end every session at once."""
    user.active = False
    _end_sessions(user)
    audit.record("switch_off", "user", user.id)


def request_code(phone: str, source: str = "") -> SignInCode:
    """Make a code and ask for it to be sent: the same for a phone that is known here and one that is not."""
    now = clock.now()
    refuse_locked(queries.locked_until(phone, now))
    hour = now - timedelta(hours=1)
    if queries.codes_since(hour, phone=phone) >= CODES_PER_HOUR:
        raise TooMany(
            "这个号码一小时内已经要了 5 次验证码。请过一小时再来，或者打服务站电话。",
            "Five codes were asked for this number within an hour. Come back in an hour, or call the station.",
        )
    if source and queries.codes_since(hour, source=source) >= CODES_PER_HOUR_AND_SOURCE:
        raise TooMany(
            "从这个网络要的验证码太多了。请过一小时再来，或者打服务站电话。",
            "Too many codes were asked for from this network. Come back in an hour, or call the station.",
        )
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code = SignInCode(phone=phone, code=digits, source=source, created_at=now, expires_at=now + CODE_LIFE, tries=0)
    db.session.add(code)
    db.session.flush()
    audit.record("request", "sign_in_code", code.id)
    enqueue("send_sign_in_code", code.id)
    return code


def verify_code(phone: str, typed: str) -> Verdict:
    """Judge a typed code and count it; the right one opens the phone's user, a family's if the phone was not known."""
    now = clock.now()
    code = queries.newest_code(phone, to_judge=True)
    locked = queries.locked_until(phone, now)
    if locked is not None:
        return Verdict(locked_until=locked)
    if code is None or not queries.can_be_typed(code, now):
        return Verdict()
    if not _same(code, typed):
        return _count_wrong(code, now)
    user = queries.user_of(phone) or add_user(phone, "", Role.FAMILY)
    code.used_at = now
    return Verdict(user=user, code=code)


def _same(code: SignInCode, typed: str) -> bool:
    """Compare in constant time; a code sealed with a lost key equals nothing."""
    return hmac.compare_digest((code.code or "").encode(), typed.encode())


def _count_wrong(code: SignInCode, now: datetime) -> Verdict:
    """Count one wrong try and say what is left."""
    code.tries += 1
    code.tried_at = now
    db.session.flush()
    audit.record("wrong_code", "sign_in_code", code.id, tries=code.tries)
    return Verdict(left=max(queries.TRIES - queries.tries_of(code.phone, now), 0), locked_until=queries.locked_until(code.phone, now))


def refuse_locked(until: datetime | None) -> None:
    """Refuse while a phone is shut, saying until when."""
    if until is None:
        return
    raise TooMany(
        f"验证码输错了 5 次，为了安全先停一停。{until:%H:%M} 以后可以重新要一个，急的话请打服务站电话。",
        f"The code was wrong five times, so this number rests. Ask for a new code after {until:%H:%M}, or call the station.",
    )


def sign_in(
    user: User,
    *,
    device: str = "other",
    code: SignInCode | None = None,
    sheet: MagicLink | None = None,
    instead_of: Session | None = None,
) -> tuple[str, Session]:
    """Open a session and return its token, told once and kept as a hash; the browser's earlier session ends, and a sheet's with the sheet."""
    if not user.active:
        raise NotAllowed(
            "这个号码已经停用。请打服务站电话，问清楚再登录。", "This number is switched off. Call the station before you sign in again."
        )
    now = clock.now()
    token = secrets.token_urlsafe(32)
    ends = now + LIFE.get(user.role, AT_THE_DESK)
    session = Session(
        token_hash=queries.hash_of(token),
        user_id=user.id,
        code_id=code.id if code else None,
        device=device,
        created_at=now,
        last_seen_at=now,
        expires_at=min(ends, sheet.expires_at) if sheet else ends,
        sheet_by=sheet.made_by if sheet else None,
    )
    db.session.add(session)
    if instead_of is not None:
        instead_of.revoked_at = now
    db.session.flush()
    audit.actor.set(f"user:{user.id}")
    audit.record("sign_in", "session", session.id, user=user.id)
    return token, session


def give_again(phone: str, typed: str) -> tuple[str, Session] | None:
    """Give the session of a code used a moment ago a new token: a double tap loses the first answer and its cookie."""
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


def sign_out_everywhere(user: User) -> int:
    """End every session of a user; return how many there were."""
    ended = _end_sessions(user)
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
        raise Invalid("单子上的登录码只能给志愿者。", "The code on a day sheet is for volunteers only.")
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


def usable_link(token: str) -> MagicLink:
    """Return a link that can still be used, or refuse."""
    link = queries.link_of(token, clock.now())
    if link is None:
        raise NotFound(*LINK_IS_SPENT)
    return link


def use_link(token: str) -> MagicLink:
    """Use a link once and return it; the count is taken in one statement, so that two taps cannot share a use."""
    link = usable_link(token)
    take = update(MagicLink).where(MagicLink.id == link.id, MagicLink.uses < MagicLink.use_limit).values(uses=MagicLink.uses + 1)
    if db.session.execute(take.returning(MagicLink.id)).first() is None:
        raise NotFound(*LINK_IS_SPENT)
    audit.record("use", "magic_link", link.id, user=link.user_id)
    return link


def speak(user: User, locale: str) -> None:
    """Remember the language a user chose."""
    if locale in LANGUAGES and user.locale != locale:
        audit.record("speak", "user", user.id, before=user.locale, after=locale)
        user.locale = locale
