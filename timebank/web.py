"""The edge of every page: refusals become pages or JSON, forms count once, headers are strict, the reader has a language."""

import contextlib
import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Generator, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Protocol, TypeVar

import segno
from flask import Flask, Response, current_app, g, has_request_context, jsonify, redirect, render_template, request, session, url_for
from flask_babel import Babel, format_datetime, get_locale, gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from marshmallow import ValidationError
from sqlalchemy import CheckConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from werkzeug import routing
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock, drawing, logs, phones, sentences, translations
from timebank.config import Settings
from timebank.db import Base, db, transaction
from timebank.errors import Invalid, NotFound, NotSignedIn, Refusal, Way
from timebank.paths import PACKAGE
from timebank.sealed import Sealed
from timebank.sentences import CHINESE, Pair, Sentence, languages, own_name, to
from timebank.wholly import SECRET

csrf = CSRFProtect()
babel = Babel()
T = TypeVar("T")
HIDDEN_FIELDS = {"csrf_token", "_key", "_at", "_ago"}
KEY = re.compile(r"[\w-]{8,64}", re.ASCII)
RETRY_SECONDS = 5
TOO_MANY = 429
CODES = {
    400: "not_understood",
    404: "no_such_page",
    405: "not_this_way",
    409: "overtaken",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    429: "too_many",
    500: "fault",
    503: "busy",
}
"""The codes of problems that are no refusals of ours, by status."""
LARGEST = 2**31 - 1
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


Page = AnyResponse | str | tuple[str, int]
"""What a page answers: a response, or a template's text, alone or with a status."""
UNPROCESSABLE = 422


class IntegerConverter(routing.IntegerConverter):
    """The number of a row in an address: one that is larger than any row's is no page, on either database."""

    def __init__(self, url_map: routing.Map, fixed_digits: int = 0, min: int | None = None, max: int | None = LARGEST) -> None:  # noqa: A002 - werkzeug's own names
        """Keep the bounds, the largest one where none is given."""
        super().__init__(url_map, fixed_digits, min, max)


class SubmissionRow(Base):
    """A form that was taken: its key, what it said, and the page it led to; of a program, what it was answered."""

    __tablename__ = "submission"
    __table_args__ = (CheckConstraint("(status IS NULL) = (answer IS NULL)", name="answer"), {"info": SECRET})

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    status: Mapped[int | None]
    answer: Mapped[str | None] = mapped_column(Sealed)


class AlreadySubmitted(Exception):  # noqa: N818 - the right answer exists already
    """The same form was taken before; its answer stands."""

    def __init__(self, location: str) -> None:
        """Keep the page the first submission led to."""
        super().__init__(location)
        self.location = location


class Sending(Protocol):
    """A form that a program sends: what remembers it, what was answered before, and what is answered now."""

    def row(self) -> SubmissionRow:
        """Return what remembers it."""

    def met(self, row: SubmissionRow) -> None:
        """Raise the answer when this key was taken before."""

    def done(self, row: SubmissionRow) -> None:
        """Keep the answer, or take everything back where it was only to be tried."""


class Carried(Exception):  # noqa: N818 - a refusal on its way
    """A refusal on its way to a program, past the page that would show its form again."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep the refusal."""
        super().__init__(str(refusal))
        self.refusal = refusal


def sending() -> Sending | None:
    """Return the form that a program sends, None where a browser asks."""
    found: Sending | None = g.get("sending")
    return found


class Submission:
    """A form being taken inside its write unit."""

    def __init__(self, row: SubmissionRow) -> None:
        """Wrap the row that remembers it."""
        self._row = row

    @property
    def key(self) -> str:
        """The name of this very submission, for what it does further down to be done once."""
        return f"{self._row.scope}:{self._row.key}"

    def redirect(self, location: str) -> AnyResponse:
        """Lead on to a page, and remember which, so that a second tap ends there too."""
        self._row.location = location
        return redirect(location, 303)


@contextlib.contextmanager
def submitted() -> Generator[Submission]:
    """Open the write unit of a form: one key, one effect; a second tap is led to the first one's page."""
    sent = sending()
    row = sent.row() if sent else _row()
    refuse_second = sent.met if sent else _refuse_second
    try:
        with transaction():
            refuse_second(row)
            db.session.add(row)
            db.session.flush()
            yield Submission(row)
            if sent:
                sent.done(row)
    except Refusal as refusal:
        if sent:
            raise Carried(refusal) from refusal
        raise
    except IntegrityError as error:
        if "submission" not in str(error.orig):
            raise
        refuse_second(row)
        raise


def _row() -> SubmissionRow:
    """Return what remembers a browser's form."""
    return SubmissionRow(scope=f"{reader()}:{request.endpoint}", key=_form_key(), body_hash=_body_hash(), at=clock.now())


def _refuse_second(row: SubmissionRow) -> None:
    """Raise when this key was taken before: its answer for the same content, a refusal (422) for other content."""
    seen = db.session.get(SubmissionRow, (row.scope, row.key))
    if seen is None:
        return
    if seen.body_hash != row.body_hash:
        raise Invalid("这张表单已经交过一次，内容和这次不一样。请回到原来的页面，重新打开表单再填。")
    raise AlreadySubmitted(seen.location or url_for("access.home"))


def _form_key() -> str:
    """Return the form's own key; refuse a form without one."""
    key = request.form.get("_key", "")
    if not KEY.fullmatch(key):
        raise Invalid("这一页不完整。请返回、刷新后再交一次。")
    return key


def _body_hash() -> str:
    """Return a hash of what the form says."""
    said = sorted((name, value) for name, value in request.form.items(multi=True) if name not in HIDDEN_FIELDS)
    return hashlib.sha256(json.dumps([request.path, said], ensure_ascii=False).encode()).hexdigest()


def form_key() -> str:
    """Return a new key for a form on a page.

    The browser gets its name with the page, not with the first answer to a form: were it so, a first form whose answer
    is lost, or that is tapped twice at once, would come again under another name and count twice.
    """
    reader()
    return secrets.token_urlsafe(12)


def reader() -> str:
    """Return the random name of this browser, made with the first form it is shown."""
    if "reader" not in session:
        session["reader"] = secrets.token_urlsafe(16)
        session.permanent = True
    return str(session["reader"])


def language() -> str:
    """Return the reader's language: that of whoever a program acts for, else chosen by the switch, else the setting."""
    chosen = g.get("locale") or (session.get("locale") if has_request_context() else None)
    return chosen if chosen in languages() else settings().locale


def voiced(words: Pair) -> str:
    """Return a sentence, or the one of a pair of words, in the reader's language."""
    return to(words, language())


def listed(things: Iterable[object]) -> str:
    """Return several names in one line, as the reader's language lists them."""
    return str(gettext("、")).join(str(thing) for thing in things)


def joined(sentences: Iterable[str | None]) -> str:
    """Return several sentences one after the other, as the reader's language puts them; what is empty is left out."""
    return ("" if language() == CHINESE else " ").join(filter(None, sentences))


def settings() -> Settings:
    """Return the running service's settings."""
    found: Settings = current_app.extensions["timebank"]
    return found


def wants_json() -> bool:
    """Say whether the reader is a program."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def safe_next(target: str | None, otherwise: str) -> str:
    """Return a target inside this site, else another page; browsers drop tabs and line ends, so "/", tab, "/" would lead out."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return otherwise
    return otherwise if any(unicodedata.category(sign) in UNSEEN for sign in target) else target


def init_app(app: Flask) -> None:
    """Give an app the edge."""
    app.url_map.converters["int"] = IntegerConverter
    csrf.init_app(app)
    translations.refresh(sentences.FOLDER)
    babel.init_app(app, locale_selector=_locale)
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(AlreadySubmitted, lambda error: redirect(error.location, 303))
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(ValidationError, show_unreadable)
    app.register_error_handler(IntegrityError, show_overtaken)
    app.register_error_handler(StaleDataError, show_overtaken)
    app.register_error_handler(OperationalError, show_busy)
    app.register_error_handler(InterfaceError, show_busy)
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(Exception, show_fault)
    app.before_request(refuse_unreadable)
    app.after_request(add_headers)
    app.context_processor(_page_words)
    app.jinja_env.globals.update(form_key=form_key, asset=asset, vendor=vendor, voiced=voiced, joined=joined, drawing=drawing)
    app.jinja_env.filters["clocktime"] = clock.hhmm
    app.jinja_env.filters["dial"] = phones.dialled
    app.jinja_env.filters["listed"] = listed
    app.jinja_env.filters["when"] = lambda instant: format_datetime(instant, gettext("M月d日 HH:mm"))


def _locale() -> str:
    """Return how the library of dates and numbers calls the reader's language."""
    return "zh_Hans_CN" if language() == CHINESE else language()


def _page_words() -> dict[str, Any]:
    """Return what every page may use."""
    return {
        "locale": language(),
        "demo_clock": clock.clock.is_demo and clock.now(),
        "product_name": _product_name(),
        "html_lang": "zh-CN" if language() == CHINESE else language(),
        "other_languages": [(each, own_name(each)) for each in languages() if each != language()],
        "babel_locale": get_locale(),
    }


def _product_name() -> str:
    """Return what this service is called; its ordinary name has its English, a name of its own stays."""
    name = settings().product_name
    return voiced((name, "Time bank")) if name == Settings().product_name else name


@cache
def _file_hash(path: str) -> str | None:
    """Return a short hash of a packaged file, None when it is not there."""
    file = PACKAGE / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None


def asset(path: str) -> str:
    """Return the address of one of our own static files, with a hash so that it can be kept for ever."""
    return url_for("static", filename=path, v=_file_hash(f"static/{path}"))


def vendor(path: str) -> str | None:
    """Return the address of a file fetched at install, None when it was skipped."""
    found = _file_hash(f"vendor/{path}")
    return url_for("vendor", filename=path, v=found) if found else None


def show_refusal(error: Refusal) -> AnyResponse:
    """Turn a refusal into a page with a way out, or a problem document."""
    if isinstance(error, NotSignedIn) and not wants_json():
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("access.sign_in", next=target), 303)
    if wants_json():
        return problem(error.status, error.words, error.code, error.fields)
    return _answer(error.status, error.words, error.way)


def show_stale_form(_error: CSRFError) -> AnyResponse:
    """Answer a form whose page is too old or came from elsewhere."""
    return _answer(400, Sentence("这一页放得太久了，为了安全没有存。你填的还在下面，再交一次就行。"))


def refuse_unreadable() -> None:
    """Refuse an address with a NUL in it, which one database stores and the other cannot."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise Invalid("地址里的内容不对，请从页面上的按钮进来。")


def show_unreadable(_error: ValidationError) -> AnyResponse:
    """Answer a form whose hidden fields are not what its page put there."""
    return _answer(422, Sentence("这一页不完整。请返回、刷新后再交一次。"))


def show_overtaken(error: Exception) -> AnyResponse:
    """Answer whoever lost a race for the same row: nothing of theirs was saved."""
    db.session.rollback()
    current_app.logger.warning("overtaken in %s: %s", request.endpoint, type(error).__name__)
    return _answer(409, Sentence("正好有人同时改了这一件，你这次没有存。请回到原来的页面看最新的情况。"))


def show_busy(error: DBAPIError) -> AnyResponse:
    """Answer while the database cannot be asked: nothing was saved, what was typed is kept."""
    db.session.rollback()
    current_app.logger.error("database in %s: %s", request.endpoint, type(error.orig).__name__)
    return busy()


def busy() -> AnyResponse:
    """Say that nothing was saved for now, and when to try again; what was typed is on the page."""
    answer = _answer(503, Sentence("系统正忙，没有存上。你填的还在，过几秒再试一次。"))
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def show_http(error: HTTPException) -> AnyResponse:
    """Answer the web's own refusals in plain words."""
    code = error.code or 500
    if isinstance(error.response, Response):
        return error.response
    if code < 400:
        return error.get_response()
    words = {
        404: Sentence("没有这一页。可能是地址写错了，或者它已经不在了。"),
        405: Sentence("这个地址不能这样用。"),
        413: Sentence("文件太大了，没有收下。照片截个图再传，表格拆成几个小一些的；再不行，打服务站电话。"),
        429: Sentence("试得太多了，请过一会儿再来。"),
    }.get(code, Sentence("这一步没有完成。请返回再试。"))
    answer = _answer(code, words)
    if code == 405 and (allowed := getattr(error, "valid_methods", None)):
        answer.headers["Allow"] = ", ".join(allowed)
    return answer


def show_fault(error: Exception) -> AnyResponse:
    """Answer a fault of ours: nothing was saved, what was typed is kept; the log names the route only."""
    if current_app.testing or current_app.debug:
        raise error
    db.session.rollback()
    current_app.logger.error("fault in %s: %s", request.endpoint, type(error).__name__, exc_info=error)
    return _answer(500, Sentence("没有存上，是我们这边的问题。你填的还在，请再存一次。"))


def _answer(status: int, words: Pair, way: Way | None = None) -> Response:
    """Return the page or the problem document of a refusal."""
    if wants_json():
        return problem(status, words)
    entered = _entered()
    body = _error_page(
        status=status,
        number=logs.number.get(),
        sentence=voiced(words),
        way=(voiced(way[0]), way[1]) if way else None,
        entered=entered,
        again=request.path if request.method == "POST" and entered else None,
    )
    return Response(body, status, content_type="text/html; charset=utf-8")


def problem(status: int, words: Pair, code: str | None = None, wrong: Mapping[str, Pair] | None = None) -> Response:
    """Return the problem document of a refusal: its sentences, a code that stays, and the fields that are wrong."""
    named = code or CODES.get(status, "refusal")
    said = {"type": f"/api#{named}", "status": status, "code": named, "title": words[0], "title_en": words[1]}
    if wrong:
        said["fields"] = {name: {"zh": str(pair[0]), "en": str(pair[1])} for name, pair in wrong.items()}
    answer = jsonify(said)
    answer.status_code = status
    answer.content_type = "application/problem+json"
    if status == TOO_MANY:
        answer.headers["Retry-After"] = str(60 - clock.now().second)
    return answer


def _entered() -> list[tuple[str, str]]:
    """Return what was typed, nothing of a form that is too large to be read."""
    try:
        return [(name, value) for name, value in request.form.items(multi=True) if name not in HIDDEN_FIELDS]
    except HTTPException:
        return []


def _error_page(**said: object) -> str:
    """Return the page of a refusal; when the database fails its frame too, without the reader's frame."""
    g.refused = True
    try:
        return render_template("error.html", **said)
    except SQLAlchemyError:
        db.session.rollback()
        g.user = None
        return render_template("error.html", **said)


def add_headers(response: Response) -> Response:
    """Set the strict headers on every answer."""
    tiles = settings().tiles_url
    images = "'self' data:" + (f" {tiles.split('/{')[0].replace('{s}', '*')}" if tiles else "")
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
    if settings().https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint in {"static", "vendor"} and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif request.endpoint not in {"static", "vendor"}:
        response.headers["Cache-Control"] = "no-store"
    return response


def found(thing: T | None) -> T:
    """Return a thing that was looked up, or refuse: there is none, or it is not this reader's."""
    if thing is None:
        raise NotFound("没有找到。它可能已经不在了，或者不归你这里管。")
    return thing


def invalid_fields(messages: dict[str, Any]) -> dict[str, str]:
    """Return the first sentence of each field of marshmallow's messages, nested ones joined by a dot."""
    flat: dict[str, str] = {}
    for name, said in messages.items():
        if isinstance(said, dict):
            flat.update({f"{name}.{inner}": text for inner, text in invalid_fields(said).items()})
        else:
            flat[str(name)] = str(said[0] if isinstance(said, list) else said)
    return flat


def current_user() -> Any:  # noqa: ANN401 - the user's class belongs to a room above
    """Return who is signed in, None for a visitor."""
    return g.get("user")


def qr(address: str) -> Markup:
    """Return the QR drawing of an address for a page, without the colours and sizes that a strict page refuses."""
    drawn = segno.make(address, error="m").svg_inline(omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - drawn by the library from squares alone
