"""Pages of sign-in: the welcome page, phone and code, links, devices, language."""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access import actions, queries
from timebank.access.guards import hand_over, home_url, leads_in, signed_in, take_back, this_session
from timebank.access.models import Purpose, Session, User
from timebank.access.schemas import CodeForm, PhoneForm
from timebank.db import BRIEFLY, transaction
from timebank.errors import Invalid, NotSignedIn
from timebank.forms import sentences, take
from timebank.phones import mask_phone
from timebank.web import LOCALES, AlreadySubmitted, Submission, safe_next, settings, submitted
from timebank.web import language as spoken

blueprint = Blueprint("access", __name__)
PHONE = "sign_in_phone"
NEXT = "sign_in_next"
ASK = "family.ask"
DEVICES = {
    "MicroMessenger": "wechat",
    "iPhone": "iphone",
    "iPad": "ipad",
    "Android": "android",
    "Windows": "windows",
    "Macintosh": "mac",
    "Linux": "linux",
}
UNPROCESSABLE = 422


@blueprint.get("/")
def home() -> AnyResponse | str:
    """Lead everybody to their own first page; show a visitor the two doors."""
    if signed_in():
        return redirect(home_url(), 303)
    ask = url_for(ASK) if ASK in current_app.view_functions else None
    return render_template("access/welcome.html", ask=ask)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse | str | tuple[str, int]:
    """Ask for the phone number and send a code to it."""
    if request.method == "POST":
        return _send_code()
    if signed_in():
        return redirect(home_url(), 303)
    session[NEXT] = safe_next(request.args.get("next"), "")
    return _phone_page({})


def _send_code() -> AnyResponse | tuple[str, int]:
    """Take the phone number and go on to the code, whoever's number it is."""
    try:
        phone = take(PhoneForm(), request.form)["phone"]
    except Invalid as error:
        return _phone_page(sentences(error)), UNPROCESSABLE
    session[PHONE] = phone
    with submitted() as taken:
        actions.request_code(phone, _source())
        return taken.redirect(url_for(".code"))


def _phone_page(errors: Mapping[str, str]) -> str:
    """Return the page that asks for the phone number."""
    helping = request.args.get("door") == "help"
    return render_template("access/sign_in.html", phone=request.form.get("phone", ""), errors=errors, helping=helping)


@blueprint.route("/code", methods=["GET", "POST"])
def code() -> AnyResponse | str | tuple[str, int]:
    """Ask for the six digits and open the session."""
    phone = session.get(PHONE)
    if not isinstance(phone, str):
        return redirect(url_for(".sign_in"), 303)
    if request.method == "GET":
        return _code_page(phone, {})
    try:
        typed = take(CodeForm(), request.form)["code"]
    except Invalid as error:
        return _code_page(phone, sentences(error)), UNPROCESSABLE
    try:
        with submitted() as taken:
            return _judge(taken, phone, typed)
    except AlreadySubmitted as again:
        return _second_tap(again, phone, typed)


def _judge(taken: Submission, phone: str, typed: str) -> AnyResponse:
    """Open the session for the right code; else go back to the page, which says what is left."""
    verdict = actions.verify_code(phone, typed)
    if verdict.user is None:
        return taken.redirect(url_for(".code"))
    token, opened = actions.sign_in(verdict.user, device=_device(), code=verdict.code, instead_of=this_session())
    return hand_over(taken.redirect(_after_sign_in(verdict.user)), token, opened)


def _second_tap(again: AlreadySubmitted, phone: str, typed: str) -> AnyResponse:
    """Answer a second tap like the first, with the cookie that the browser dropped with the first answer."""
    with transaction():
        given = actions.give_again(phone, typed)
    answer = redirect(again.location, 303)
    return hand_over(answer, *given) if given else answer


def _code_page(phone: str, errors: Mapping[str, str]) -> str:
    """Return the page that asks for the six digits, or says why they are not taken now."""
    now = clock.now()
    tries = queries.tries_of(phone, now)
    return render_template(
        "access/code.html",
        masked=mask_phone(phone),
        errors=errors,
        wrong=tries,
        left=max(queries.TRIES - tries, 0),
        locked_until=queries.locked_until(phone, now),
        too_old=not queries.can_be_typed(queries.newest_code(phone), now),
        demo=settings().demo,
    )


@blueprint.route("/link/<token>", methods=["GET", "POST"])
def link(token: str) -> AnyResponse | str:
    """Sign in by a link: one button, so that a robot which looks at the address does not use it up."""
    if request.method == "POST":
        with submitted() as taken:
            return _open_by_link(token, taken.redirect(url_for(".home")))
    usable = actions.usable_link(token)
    if settings().demo and usable.purpose is Purpose.DEMO:
        with transaction(patience=BRIEFLY):
            return _open_by_link(token, redirect(url_for(".home"), 303))
    return render_template("access/link.html", token=token)


def _open_by_link(token: str, answer: AnyResponse) -> AnyResponse:
    """Open a session by a link; that of a printed sheet ends with the sheet."""
    used = actions.use_link(token)
    sheet = used if used.purpose is Purpose.DAY_SHEET else None
    opened = actions.sign_in(used.user, device=_device(), sheet=sheet, instead_of=this_session())
    _speak_as(used.user)
    return hand_over(answer, *opened)


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """Leave on this device."""
    with submitted() as taken:
        actions.sign_out(_mine())
        return take_back(taken.redirect(url_for(".home")))


@blueprint.get("/devices")
def devices() -> str:
    """Show where the reader is signed in."""
    mine = _mine()
    return render_template("access/devices.html", sessions=queries.sessions_of(mine.user), here=mine.id)


@blueprint.post("/leave-everywhere")
def leave_everywhere() -> AnyResponse:
    """Leave on every device."""
    with submitted() as taken:
        actions.sign_out_everywhere(_mine().user)
        return take_back(taken.redirect(url_for(".home")))


@blueprint.post("/language")
def language() -> AnyResponse:
    """Change to the named language, without a name to the other one, and stay on the page."""
    chosen = request.form.get("locale") or ("zh" if spoken() == "en" else "en")
    user = signed_in()
    with submitted() as taken:
        if chosen in LOCALES:
            session["locale"] = chosen
            if user is not None:
                actions.speak(user, chosen)
        return taken.redirect(safe_next(request.form.get("next"), _came_from()))


def _came_from() -> str:
    """Return the page of this site from which a form was sent, else the first page."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return url_for(".home")
    target = f"{came.path}?{came.query}" if came.query else came.path
    return safe_next(target, url_for(".home")) if came.netloc == request.host else url_for(".home")


def _mine() -> Session:
    """Return this browser's session."""
    mine = this_session()
    if mine is None:
        raise NotSignedIn("请先登录，再打开这一页。", "Sign in first, then open this page.")
    return mine


def _after_sign_in(user: User) -> str:
    """Return where to go now: the page that asked for the sign-in when this user may open it, else home."""
    target = str(session.pop(NEXT, "") or "")
    session.pop(PHONE, None)
    _speak_as(user)
    return target if target and leads_in(target, user) else url_for(".home")


def _speak_as(user: User) -> None:
    """Speak the user's language unless this browser chose one."""
    session.setdefault("locale", user.locale)


def _device() -> str:
    """Return a word for the reader's device, never the whole description."""
    agent = request.user_agent.string
    return next((word for mark, word in DEVICES.items() if mark in agent), "other")


def _source() -> str:
    """Return a name for the reader's place on the network, from which the address cannot be read."""
    salted = f"{current_app.secret_key!r}{request.remote_addr}"
    return hashlib.sha256(salted.encode()).hexdigest()[:16]
