"""The second step of signing in, for whoever keeps the office: a code from an app on their own phone, or one of the spare codes on paper.

A setting asks for it. Whoever comes in by a number, a code or a link is at the threshold until the second step is done: no page but its
own opens. Somebody who has none yet makes it there, once; a code is good once, and after five wrong ones the session ends.
"""

import hashlib
import hmac
import secrets
import time

import pyotp

from timebank import audit, clock
from timebank.access.models import Role, SecondFactor, Session, User
from timebank.db import db
from timebank.errors import Conflict

ASKED_OF = frozenset({Role.ADMIN, Role.COORDINATOR})
TRIES = 5
SPARES = 8
SPARE_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
STEP_SECONDS = 30
COST = 2**14
"""What it costs to try one spare code, so that whoever has the database and the key does not find them by trying all there are."""


def factor_of(user: User) -> SecondFactor | None:
    """Return what somebody's second step is checked with; nothing before they have begun to make one."""
    return db.session.get(SecondFactor, user.id)


def begin(user: User) -> SecondFactor:
    """Draw what a second step is checked with, and the spare codes; one that is in use stays."""
    known = factor_of(user)
    if known is not None and known.confirmed_at is not None:
        raise Conflict("你已经有第二步了。手机丢了就用纸上的备用码，或者请管理员在机器上取消。")
    spares = " ".join("".join(secrets.choice(SPARE_SIGNS) for _ in range(10)) for _ in range(SPARES))
    row = known or SecondFactor(user_id=user.id)
    row.secret, row.spares, row.last_step = pyotp.random_base32(), spares, 0
    db.session.add(row)
    audit.record("begin_second", "user", user.id)
    return row


def address_of(factor: SecondFactor, user: User, product: str) -> str:
    """Return the address that an app reads from the drawing."""
    return pyotp.TOTP(factor.secret or "").provisioning_uri(name=user.shown_name, issuer_name=product)


def check(user: User, session: Session, typed: str) -> bool:
    """Open the session to its user when the code is right, and say whether it was; the fifth wrong one ends the session."""
    factor, said = factor_of(user), "".join(typed.split()).lower()
    if factor is not None and said.isascii() and (_is_new_code(factor, said) or _is_spare(factor, said)):
        session.second_at = clock.now()
        if factor.confirmed_at is None:
            factor.confirmed_at, factor.spares = session.second_at, _kept(factor.spares)
        audit.record("second_step", "session", session.id, user=user.id, spares=len((factor.spares or "").split()))
        return True
    session.second_tries += 1
    if session.second_tries >= TRIES:
        session.revoked_at = clock.now()
    audit.record("wrong_second", "session", session.id, user=user.id, tries=session.second_tries)
    return False


def _is_new_code(factor: SecondFactor, said: str) -> bool:
    """Say whether a code is the app's of now, or of half a minute ago or ahead, and has not been used; the machine's clock is what counts."""
    now = int(time.time()) // STEP_SECONDS
    app = pyotp.TOTP(factor.secret or "")
    for step in (now - 1, now, now + 1):
        if step > factor.last_step and hmac.compare_digest(app.at(step * STEP_SECONDS), said):
            factor.last_step = step
            return True
    return False


def _is_spare(factor: SecondFactor, said: str) -> bool:
    """Say whether a code is one of the spare ones of a factor in use; it is used up with that."""
    left = (factor.spares or "").split()
    if factor.confirmed_at is None or not left:
        return False
    tried = _hashed(said, left[0].partition(":")[0]) if ":" in left[0] else said
    if not any(hmac.compare_digest(each, tried) for each in left):
        return False
    factor.spares = " ".join(each for each in left if each != tried)
    return True


def _kept(spares: str) -> str:
    """Return spare codes as they are kept once their owner has them on paper: as hashes, with a salt of their owner's."""
    salt = secrets.token_hex(16)
    return " ".join(_hashed(each, salt) for each in spares.split())


def _hashed(said: str, salt: str) -> str:
    """Return what is kept of a spare code: the salt and the hash; a set written down by an earlier version has neither."""
    return f"{salt}:{hashlib.scrypt(said.encode(), salt=bytes.fromhex(salt), n=COST, r=8, p=1).hex()}"


def forget(user: User) -> bool:
    """Take somebody's second step away, because the phone and the paper are lost; they make another. Say whether there was one."""
    known = factor_of(user)
    if known is None:
        return False
    db.session.delete(known)
    audit.record("forget_second", "user", user.id)
    return True
