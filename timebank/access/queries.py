"""Reads of sign-in: the session of a cookie, the devices of a user, the codes that count."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from timebank import clock
from timebank.access.models import MagicLink, Role, Session, SignInCode, User, WrongTry
from timebank.db import db

SEEN_GRAIN = timedelta(minutes=1)
IDLE = {role: timedelta(minutes=30) for role in (Role.ADMIN, Role.STREET_OFFICER, Role.COORDINATOR, Role.INSPECTOR)}
TRIES = 5
STRANGERS_TRIES = 20
"""So many wrong tries a number bears from all strangers together; those of its user's own devices are counted apart."""
LOCK = timedelta(minutes=15)
NOBODYS = ""


@dataclass(frozen=True, slots=True)
class Client:
    """Who is at the door: a device of the phone's own user, or a stranger; and the address, hashed."""

    device: str = NOBODYS
    source: str = ""


STRANGER = Client()


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def live_session(token: str, now: datetime, *, idle: bool = True) -> Session | None:
    """Return the session of a token while it counts: not ended, not left alone too long, its user not switched off."""
    found = db.session.scalar(select(Session).where(Session.token_hash == hash_of(token)))
    if found is None or found.revoked_at is not None or found.expires_at <= now or not found.user.active:
        return None
    limit = IDLE.get(found.user.role)
    if idle and limit is not None and now - found.last_seen_at > limit:
        return None
    return found


def seen_long_ago(session: Session, now: datetime) -> bool:
    """Say whether the last visit noted is old enough to note another."""
    return abs(now - session.last_seen_at) >= SEEN_GRAIN


def sessions_of(user: User) -> Sequence[Session]:
    """Return the sessions of a user that still count, the latest used first."""
    alive = (Session.user_id == user.id, Session.revoked_at.is_(None), Session.expires_at > clock.now())
    return db.session.scalars(select(Session).where(*alive).order_by(Session.last_seen_at.desc(), Session.id.desc())).all()


def has_signed_in(user: User) -> bool:
    """Say whether somebody has ever come in by a sign-in."""
    return db.session.scalar(select(Session.id).where(Session.user_id == user.id).limit(1)) is not None


def user_of(phone: str) -> User | None:
    """Return the user with this phone number."""
    return db.session.scalar(select(User).where(User.phone == phone))


def users_with(role: Role, community_id: int | None) -> Sequence[User]:
    """Return the active users of a role in a community."""
    mine = (User.role == role, User.active, User.community_id == community_id)
    return db.session.scalars(select(User).where(*mine).order_by(User.id)).all()


def codes_since(since: datetime, *, phone: str | None = None, device: str = NOBODYS, source: str | None = None) -> int:
    """Return how many codes a device, or strangers, asked for since an instant: for one phone, from one address, or both."""
    asked = [SignInCode.created_at > since, SignInCode.device == device]
    if phone is not None:
        asked.append(SignInCode.phone == phone)
    if source is not None:
        asked.append(SignInCode.source == source)
    return db.session.scalar(select(func.count()).select_from(SignInCode).where(*asked)) or 0


def tries_of(phone: str, who: Client, now: datetime) -> int:
    """Return the wrong tries at a phone that count against a device now, or against strangers from one address."""
    return db.session.scalar(_counted(phone, who, now).with_only_columns(func.count())) or 0


def locked_until(phone: str, who: Client, now: datetime) -> datetime | None:
    """Return until when a phone takes no more codes from somebody: five wrong tries within fifteen minutes shut it for fifteen.

    All strangers together have some more; a device of the phone's own user is shut by its own tries only.
    """
    shut = tries_of(phone, who, now) >= TRIES
    counted = _counted(phone, who, now)
    if not shut and who.device == NOBODYS:
        counted = _wrong_lately(phone, who, now)
        shut = (db.session.scalar(counted.with_only_columns(func.count())) or 0) >= STRANGERS_TRIES
    last = db.session.scalar(counted.with_only_columns(func.max(WrongTry.at))) if shut else None
    return last + LOCK if last is not None else None


def _counted(phone: str, who: Client, now: datetime) -> Select[WrongTry]:
    """Return the wrong tries of one device at its own phone, or of the strangers at one address."""
    lately = _wrong_lately(phone, who, now)
    return lately if who.device != NOBODYS else lately.where(WrongTry.source == who.source)


def _wrong_lately(phone: str, who: Client, now: datetime) -> Select[WrongTry]:
    """Return the tries at codes of a phone, asked for by the same device or by strangers, on which somebody failed lately."""
    mine = (SignInCode.phone == phone, SignInCode.device == who.device, SignInCode.used_at.is_(None), WrongTry.at > now - LOCK)
    return select(WrongTry).join(SignInCode, SignInCode.id == WrongTry.code_id).where(*mine)


def newest_code(phone: str, device: str = NOBODYS, *, to_judge: bool = False) -> SignInCode | None:
    """Return the last code made for a phone on a device, or for strangers; to judge it, hold it against a second try at the same moment."""
    mine = (SignInCode.phone == phone, SignInCode.device == device)
    newest = select(SignInCode).where(*mine).order_by(SignInCode.id.desc()).limit(1)
    return db.session.scalar(newest.with_for_update() if to_judge else newest)


def can_be_typed(code: SignInCode | None, now: datetime) -> bool:
    """Say whether a code is neither used nor too old."""
    return code is not None and code.used_at is None and code.expires_at > now


def session_of_code(code: SignInCode) -> Session | None:
    """Return the session a code opened."""
    return db.session.scalar(select(Session).where(Session.code_id == code.id))


def link_of(token: str, now: datetime) -> MagicLink | None:
    """Return a link that can still be used."""
    usable = (MagicLink.token_hash == hash_of(token), MagicLink.expires_at > now, MagicLink.uses < MagicLink.use_limit)
    return db.session.scalar(select(MagicLink).where(*usable))


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A sign-in code as the demo's desk sees it."""

    phone: str
    name: str
    code: str
    expires_at: datetime


def demo_codes() -> list[ShownCode]:
    """Return the codes that can be used now, newest first; only the demo shows them."""
    open_codes = (
        select(SignInCode, User.name)
        .outerjoin(User, User.phone == SignInCode.phone)
        .where(SignInCode.used_at.is_(None), SignInCode.expires_at > clock.now())
        .order_by(SignInCode.id.desc())
        .limit(20)
    )
    return [ShownCode(code.phone, name or "", code.code, code.expires_at) for code, name in db.session.execute(open_codes)]
