"""Who is at the door: each of three marks of a client has a measure of its own, so that no stranger uses up another's.

* The **device**: whoever has signed in by a code leaves with a signed cookie that names them. Codes and wrong tries from such a
  device count for it alone, whatever strangers do to the number in the meantime.
* The **address** the request came from, past our own proxies: strangers are measured by it, each number apart.
* The **session** of whoever is signed in, or of a browser that keeps its cookies: what is asked on public pages counts for it.

None of them can be read from what is stored: addresses are salted and hashed, the device's mark is a random word.
"""

import hashlib
import secrets
from typing import Any

from flask import current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import signed_in, this_session
from timebank.access.models import User
from timebank.access.queries import NOBODYS, Client
from timebank.web import settings

DEVICE_DAYS = 400
USERS_OF_A_DEVICE = 8
BROWSER = "browser"


def address() -> str:
    """Return a name for the reader's place on the network, from which the address cannot be read."""
    salted = f"{current_app.secret_key!r}{request.remote_addr}"
    return hashlib.sha256(salted.encode()).hexdigest()[:16]


def client_of(user: User | None) -> Client:
    """Return who asks in a user's name: a device of theirs, or some address."""
    mark = _marks().get(str(user.id), "") if user is not None else ""
    return Client(device=mark or NOBODYS, source=address())


def remember(answer: AnyResponse, user: User) -> AnyResponse:
    """Let a browser be known as a user's device from now on."""
    marks, mine = _marks(), str(user.id)
    others = [each for each in marks.items() if each[0] != mine][: USERS_OF_A_DEVICE - 1]
    kept = {mine: marks.get(mine) or secrets.token_urlsafe(12), **dict(others)}
    answer.set_cookie(
        _name(), _signer().dumps(kept), max_age=DEVICE_DAYS * 86_400, path="/", secure=settings().https, httponly=True, samesite="Lax"
    )
    return answer


def measures(what: str) -> list[tuple[str, int]]:
    """Return by what a public page measures its reader, each with how many times more it bears: the session, or browser and address."""
    mine = this_session()
    if signed_in() is not None and mine is not None:
        return [(_hidden(what, f"session {mine.id}"), 1)]
    browser = session.setdefault(BROWSER, secrets.token_urlsafe(12))
    return [(_hidden(what, f"browser {browser}"), 1), (_hidden(what, f"address {address()}"), 10)]


def _hidden(what: str, mark: str) -> str:
    """Return a mark from which nothing can be read."""
    return hashlib.sha256(f"{current_app.secret_key!r}{what} {mark}".encode()).hexdigest()[:16]


def _marks() -> dict[str, str]:
    """Return this device's mark for each user who has signed in on it; nothing where the cookie is not ours."""
    try:
        found: Any = _signer().loads(request.cookies.get(_name(), ""))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _signer() -> URLSafeSerializer:
    """Return what signs the cookie of a device."""
    return URLSafeSerializer(str(current_app.secret_key), salt="timebank device")


def _name() -> str:
    """Return the name of the device's cookie; behind TLS it is bound to this very host."""
    return "__Host-timebank-device" if settings().https else "timebank-device"
