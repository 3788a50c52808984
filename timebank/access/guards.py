"""The door of every page: who is this, and does the policy table let this role in? What nobody listed stays shut."""

from flask import Flask, current_app, g, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock
from timebank.access import actions, bearers, by_sheet, queries, second, tokens
from timebank.access.models import Session, User
from timebank.access.policy import HOMES, POLICY, allows, for_whom
from timebank.db import transaction
from timebank.errors import NotAllowed, NotSignedIn
from timebank.sentences import Sentence
from timebank.web import settings, wants_json

SECOND_STEP = Sentence("去填第二步")
MY_FIRST_PAGE = Sentence("回到我的首页")
VISITOR = "visitor"
SECOND = "second.step"
AT_THE_THRESHOLD = {SECOND, "second.begin", "second.check", "access.sign_out", "access.language"}
"""What opens to whoever has come in and not done the second step."""
FOR_NOBODY = {"static", "vendor", "health.alive", "health.ready", "metrics.figures"}  # these ask no database who is there


def init_app(app: Flask) -> None:
    """Guard every page of an app."""
    app.before_request(guard)
    app.teardown_request(_forget_actor)
    app.context_processor(_page_words)


def guard() -> AnyResponse | None:
    """Load who is there, then let them in or refuse; an address without a page goes on to "no such page"."""
    audit.actor.set(VISITOR)
    audit.printer.set(None)
    audit.inviter.set(None)
    audit.bearer.set(None)
    tokens.place.set(None)
    g.user = g.sign_in = g.user_id = None
    endpoint = request.endpoint
    if endpoint in FOR_NOBODY:
        return None
    if bearers.is_for_programs():
        bearers.admit()
        return None
    _load(request.cookies.get(cookie_name(), ""))
    if endpoint is None:
        return None
    user = signed_in()
    if user is not None and endpoint not in AT_THE_THRESHOLD and _waits_for_second_step(user):
        return _to_second_step()
    if allows(endpoint, user.role if user else None):
        _must_be_of_the_day(endpoint)
        return None
    if user is None and endpoint in POLICY:
        raise NotSignedIn("请先登录，再打开这一页。")
    raise NotAllowed(
        "这一页只给%(whom)s看。你要做的事在自己的首页上。",
        whom=for_whom(endpoint),
        way=(MY_FIRST_PAGE, home_url()),
    )


def _waits_for_second_step(user: User) -> bool:
    """Say whether the reader has come in and not done the second step that a setting asks of their role."""
    here = this_session()
    return settings().second_factor and user.role in second.ASKED_OF and here is not None and here.second_at is None


def _to_second_step() -> AnyResponse:
    """Lead somebody at the threshold to the second step; what was sent from there is refused."""
    if request.method == "GET" and not wants_json():
        return redirect(url_for(SECOND), 303)
    raise NotAllowed("还差登录的第二步，这次没有存。请先填验证器里的码。", way=(SECOND_STEP, url_for(SECOND)))


def _page_words() -> dict[str, object]:
    """Return what every page's head needs: who reads it and where the doors are."""
    user = signed_in()
    return {
        "current_user": user,
        "user_word": user.shown_name if user else "",
        "user_menu": _menu() if user else [],
        "may": may,
        "home_href": home_url(),
        "sign_in_href": url_for("access.sign_in"),
        "sign_out_href": url_for("access.sign_out"),
        "language_href": url_for("access.language"),
    }


def _menu() -> list[dict[str, str]]:
    """Return the reader's own ways in the head of the page."""
    own = (
        ("access.devices", gettext("登录的设备")),
        ("tokens.index", gettext("接口令牌")),
        ("feeds.index", gettext("日历订阅")),
        ("handbook.index", gettext("管理员手册")),
    )
    return [{"href": url_for(endpoint), "word": word} for endpoint, word in own if may(endpoint)]


def _load(token: str) -> None:
    """Put the session of a cookie and its user in reach of this request."""
    found = queries.live_session(token, clock.now(), idle=not settings().demo) if token else None
    if found is None:
        return
    if queries.seen_long_ago(found, clock.now()):
        _note_visit(found)
    g.sign_in, g.user, g.user_id = found, found.user, found.user_id
    audit.actor.set(f"user:{found.user_id}")
    audit.printer.set(found.sheet_by)
    audit.inviter.set(found.invited_by)


def _note_visit(found: Session) -> None:
    """Remember that the session is in use; a page is still shown, and does not wait, when the database cannot take it just now."""
    try:
        with transaction(patience=0):
            actions.see(found)
    except OperationalError:
        current_app.logger.warning("a visit was not noted: the database does not take writes")


def _forget_actor(_error: BaseException | None) -> None:
    """Let nothing after this request be written in its user's name."""
    audit.actor.set("system")
    audit.printer.set(None)
    audit.inviter.set(None)
    audit.bearer.set(None)
    tokens.place.set(None)


def _must_be_of_the_day(endpoint: str) -> None:
    """Refuse whoever came in by the code on a printed sheet all but the day's tasks: whoever printed it could be there instead."""
    if audit.printer.get() is not None and not by_sheet.opens(endpoint, request.method):
        raise NotAllowed("这次是用单子上的码登录的，只能看和做当天的事。别的事请用手机号和验证码登录后再办。")


def signed_in() -> User | None:
    """Return who is signed in."""
    user: User | None = g.get("user")
    return user


def this_user() -> User:
    """Return who is signed in, on a page that the door opens to nobody else."""
    user = signed_in()
    if user is None:
        raise NotSignedIn("请先登录，再打开这一页。")
    return user


def this_session() -> Session | None:
    """Return the session of this browser."""
    session: Session | None = g.get("sign_in")
    return session


def leads_in(target: str, user: User) -> bool:
    """Say whether an address of this site is a page that a user may open."""
    try:
        endpoint, _values = current_app.url_map.bind("").match(target.split("?", 1)[0], method="GET")
    except (HTTPException, ValueError):
        return False
    return allows(str(endpoint), user.role)


def may(endpoint: str) -> bool:
    """Say whether the reader may open a page that exists; navigation asks this."""
    user = signed_in()
    return endpoint in current_app.view_functions and allows(endpoint, user.role if user else None)


def home_of(user: User) -> str:
    """Return the endpoint of a user's first page."""
    home = HOMES[user.role]
    return home if home in current_app.view_functions else "access.devices"


def home_url() -> str:
    """Return the address of the reader's first page, the welcome page for a visitor."""
    user = signed_in()
    return url_for(home_of(user)) if user else url_for("access.home")


def cookie_name() -> str:
    """Return the name of the sign-in cookie; behind TLS it is bound to this very host."""
    return "__Host-timebank-user" if settings().https else "timebank-user"


def hand_over(answer: AnyResponse, token: str, session: Session) -> AnyResponse:
    """Give the browser its session in a cookie that scripts cannot read."""
    left = int((session.expires_at - clock.now()).total_seconds())
    answer.set_cookie(cookie_name(), token, max_age=max(left, 0), path="/", secure=settings().https, httponly=True, samesite="Lax")
    return answer


def take_back(answer: AnyResponse) -> AnyResponse:
    """Remove the session's cookie from the browser."""
    answer.delete_cookie(cookie_name(), path="/", secure=settings().https, httponly=True, samesite="Lax")
    return answer
