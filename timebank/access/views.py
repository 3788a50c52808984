"""Pages of sign-in: the welcome page, phone and code, links, devices, language."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access import actions, queries
from timebank.access.actions import Verdict
from timebank.access.clients import client_of, remember
from timebank.access.guards import hand_over, home_url, leads_in, signed_in, take_back, this_session
from timebank.access.models import Purpose, Session, User
from timebank.access.queries import Client
from timebank.access.schemas import CodeForm, MailForm, PhoneForm
from timebank.db import BRIEFLY, transaction
from timebank.errors import Invalid, NotSignedIn
from timebank.forms import sentences, take
from timebank.phones import mask_phone
from timebank.sentences import languages
from timebank.web import UNPROCESSABLE, AlreadySubmitted, Submission, safe_next, settings, submitted
from timebank.web import language as spoken

blueprint = Blueprint("access", __name__)
PHONE = "sign_in_phone"
ASKING = "sign_in_asks"
PROVED = "sign_in_proved"
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
    session[ASKING] = request.args.get("door") == "help"
    return _phone_page({})


def _send_code() -> AnyResponse | tuple[str, int]:
    """Take the phone number and go on to the code, whoever's number it is."""
    try:
        phone = take(PhoneForm(), request.form)["phone"]
    except Invalid as error:
        return _phone_page(sentences(error)), UNPROCESSABLE
    session[PHONE] = phone
    with submitted() as taken:
        actions.request_code(phone, _client(phone))
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
    verdict = actions.verify_code(phone, typed, _client(phone), asking=bool(session.get(ASKING)))
    if verdict.unknown and verdict.code is not None:
        session[PROVED] = verdict.code.id
        return taken.redirect(url_for(".unknown"))
    return _let_in(taken, verdict)


def _let_in(taken: Submission, verdict: Verdict) -> AnyResponse:
    """Open the session of whoever was found; else go back to the code."""
    if verdict.user is None:
        return taken.redirect(url_for(".code"))
    token, opened = actions.sign_in(verdict.user, device=_device(), code=verdict.code, instead_of=this_session())
    return remember(hand_over(taken.redirect(_after_sign_in(verdict.user)), token, opened), verdict.user)


@blueprint.get("/unknown-number")
def unknown() -> AnyResponse | str:
    """Say that nobody here knows the number, and what to do about it."""
    phone = session.get(PHONE)
    if not isinstance(phone, str) or PROVED not in session:
        return redirect(url_for(".sign_in"), 303)
    return render_template("access/unknown.html", masked=mask_phone(phone))


@blueprint.post("/register")
def register() -> AnyResponse:
    """Register the number that has just proved itself, because its holder asks for help or belongs to an elder."""
    phone, proved = session.get(PHONE), session.get(PROVED)
    with submitted() as taken:
        verdict = actions.register(str(phone), int(proved)) if isinstance(phone, str) and isinstance(proved, int) else Verdict()
        return _let_in(taken, verdict)


def _second_tap(again: AlreadySubmitted, phone: str, typed: str) -> AnyResponse:
    """Answer a second tap like the first, with the cookie that the browser dropped with the first answer."""
    with transaction():
        given = actions.give_again(phone, typed, _client(phone))
    answer = redirect(again.location, 303)
    return remember(hand_over(answer, *given), given[1].user) if given else answer


def _code_page(phone: str, errors: Mapping[str, str]) -> str:
    """Return the page that asks for the six digits, or says why they are not taken now."""
    now, who = clock.now(), _client(phone)
    tries = queries.tries_of(phone, who, now)
    return render_template(
        "access/code.html",
        masked=mask_phone(phone),
        errors=errors,
        wrong=tries,
        left=max(queries.TRIES - tries, 0),
        locked_until=queries.locked_until(phone, who, now),
        too_old=not queries.can_be_typed(queries.newest_code(phone, who.device), now),
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
    return render_template("access/link.html", token=token, invited=usable.user.name if usable.purpose is Purpose.INVITATION else None)


def _open_by_link(token: str, answer: AnyResponse) -> AnyResponse:
    """Open a session by a link."""
    used = actions.use_link(token)
    opened = actions.sign_in(used.user, device=_device(), link=used, instead_of=this_session())
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
    return _devices_page({})


def _devices_page(errors: Mapping[str, str]) -> str:
    """Return the list, and where the reader's mail goes."""
    mine = _mine()
    mail = request.form.get("mail", mine.user.mail or "")
    return render_template("access/devices.html", sessions=queries.sessions_of(mine.user), here=mine.id, mail=mail, errors=errors)


@blueprint.post("/devices/mail")
def set_mail() -> AnyResponse | tuple[str, int]:
    """Note where the reader's own mail goes."""
    try:
        mail = take(MailForm(), request.form)["mail"]
        actions.must_have_just_come_in(_mine())
    except Invalid as error:
        return _devices_page(sentences(error)), UNPROCESSABLE
    with submitted() as taken:
        actions.set_mail(_mine().user, mail)
        return taken.redirect(url_for(".devices"))


@blueprint.post("/devices/<int:session_id>/end")
def end_device(session_id: int) -> AnyResponse:
    """Leave on one other device."""
    with submitted() as taken:
        mine = _mine()
        actions.end_other(mine.user, session_id, mine)
        return taken.redirect(url_for(".devices"))


@blueprint.post("/leave-everywhere")
def leave_everywhere() -> AnyResponse:
    """Leave on every device."""
    with submitted() as taken:
        actions.sign_out_everywhere(_mine().user)
        return take_back(taken.redirect(url_for(".home")))


@blueprint.post("/language")
def language() -> AnyResponse:
    """Change to the named language, without a name to the next one, and stay on the page."""
    known = languages()
    chosen = request.form.get("locale") or known[(known.index(spoken()) + 1) % len(known)]
    user = signed_in()
    with submitted() as taken:
        if chosen in known:
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
        raise NotSignedIn("请先登录，再打开这一页。")
    return mine


def _after_sign_in(user: User) -> str:
    """Return where to go now: the page that asked for the sign-in when this user may open it, else home."""
    target = str(session.pop(NEXT, "") or "")
    for kept in (PHONE, ASKING, PROVED):
        session.pop(kept, None)
    _speak_as(user)
    return target if target and leads_in(target, user) else url_for(".home")


def _speak_as(user: User) -> None:
    """Speak the user's language unless this browser chose one."""
    session.setdefault("locale", user.locale)


def _device() -> str:
    """Return a word for the reader's device, never the whole description."""
    agent = request.user_agent.string
    return next((word for mark, word in DEVICES.items() if mark in agent), "other")


def _client(phone: str) -> Client:
    """Return who is at the door for a phone: a device of its user's, or some address."""
    return client_of(queries.user_of(phone))
