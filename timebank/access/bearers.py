"""The door of programs: a token in the request's head says in whose name, a scope says what for, and each minute has its calls."""

from datetime import datetime

from flask import current_app, g, request
from sqlalchemy.exc import OperationalError

from timebank import audit, clock
from timebank.access import tokens
from timebank.access.circles import PUBLIC
from timebank.access.policy import POLICY, allows, for_whom, scope_of
from timebank.access.tokens import ApiToken
from timebank.db import BRIEFLY, transaction
from timebank.errors import NotAllowed, NotSignedIn, TooMany
from timebank.web import settings

AT_ONCE = 25
"""So many calls are handed out at a time, so that reading does not write to the database each time."""
LEASES = "timebank_api_calls"
Lease = tuple[datetime, int]


def is_for_programs() -> bool:
    """Say whether a request is for the API, where a cookie says nothing and a token everything."""
    return request.path.startswith("/api/")


def admit() -> None:
    """Let a program in by its token, or refuse it with what to do."""
    endpoint = request.endpoint
    if endpoint is not None and POLICY.get(endpoint) == PUBLIC:
        return
    token = tokens.token_of(_shown())
    if token is None:
        raise NotSignedIn(
            "这个请求没有能用的令牌。请在“接口令牌”页做一个，写在请求头 Authorization: Bearer 后面；停用的、过期的不能再用。",
            code="no_token",
        )
    _act_for(token)
    _count(token)
    if endpoint is None:
        return
    if not allows(endpoint, token.role):
        raise NotAllowed("这个接口只给%(whom)s用，令牌的主人不是。请用他们的令牌。", whom=for_whom(endpoint), code="not_your_role")
    scope = scope_of(endpoint)
    if scope is None or scope not in token.scopes:
        word = scope or "-"
        raise NotAllowed("这个令牌没有“%(word)s”这项权限。请做一个带这项权限的令牌。", code="scope_missing", word=word)


def _shown() -> str:
    """Return the token that a request carries."""
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    return said.strip() if kind.lower() == "bearer" else ""


def _act_for(token: ApiToken) -> None:
    """Do what follows in the name of a token's user, on record as by this token."""
    g.user, g.user_id, g.token, g.locale = token.user, token.user_id, token, token.user.locale
    audit.actor.set(f"user:{token.user_id}")
    audit.bearer.set(token.id)
    tokens.place.set(token.community_id)


def _count(token: ApiToken) -> None:
    """Take one call of this minute; in the database they are counted some at a time, however many processes serve."""
    leases: dict[int, Lease] = current_app.extensions.setdefault(LEASES, {})
    minute = clock.now().replace(second=0, microsecond=0)
    known, left = leases.get(token.id, (minute, 0))
    if known != minute or left < 1:
        left = _fetched(token, minute)
    leases[token.id] = (minute, left - 1)


def _fetched(token: ApiToken, minute: datetime) -> int:
    """Fetch some calls of this minute; while the database takes no writes, reading goes on."""
    most = settings().api_per_minute
    calls = max(1, min(AT_ONCE, most))
    try:
        with transaction(patience=BRIEFLY):
            given = tokens.hand_out(token, minute, calls, most)
    except OperationalError:
        current_app.logger.warning("calls of a token were not counted: the database does not take writes")
        return calls
    if not given:
        raise TooMany("这个令牌一分钟最多用 %(most)s 次，这一分钟用完了。请按 Retry-After 等一等再来。", most=most)
    return calls
