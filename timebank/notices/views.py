"""Pages of messages: the outbox, what the desk passes on by telephone, and the channels with their settings, tests and results."""

import json
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit
from timebank.access.guards import signed_in, this_user
from timebank.access.queries import demo_codes
from timebank.access.schemas import national
from timebank.clock import hhmm
from timebank.db import db
from timebank.errors import Invalid, wrong
from timebank.forms import sentences, take
from timebank.notices import actions, apprised, hiding, promises, queries, routing
from timebank.notices.models import MessageChannel, Notice, Way
from timebank.notices.schemas import FORMS, QuietForm, TestForm, fields_of
from timebank.places.tenancy import community_seen_by
from timebank.sentences import Sentence
from timebank.web import UNPROCESSABLE, Page, found, settings, submitted

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
USUAL: dict[Way, dict[str, object]] = {
    Way.SMS: {"gateway": "yunpian", "daily": 1000},
    Way.MAIL: {"port": 465, "security": "ssl", "daily": 500},
    Way.ROBOT: {"kind": "wecom", "daily": 500},
}
"""What stands in the form of a channel that is new."""


def mine() -> int:
    """Return the community whose messages the reader sees."""
    return community_seen_by(this_user()).id


@blueprint.get("")
def outbox() -> str:
    """Show the last messages of the reader's community."""
    codes = demo_codes() if settings().demo else None
    left = len(queries.to_pass_on(mine()))
    return render_template("notices/outbox.html", rows=queries.latest(mine()), codes=codes, left=left)


@blueprint.get("/to-pass-on")
def to_pass_on() -> str:
    """Show, and print, whom the desk has to tell something by telephone; that visit codes were read with it is noted."""
    rows = queries.to_pass_on(mine())
    if any(hiding.has_code(notice.text) for notice, _name in rows):
        audit.look("community", mine())
        rows = queries.to_pass_on(mine())
    return render_template("notices/to_pass_on.html", rows=rows, carries=actions.carries(mine()))


@blueprint.post("/to-pass-on/<int:notice_id>")
def pass_on(notice_id: int) -> AnyResponse:
    """Note that somebody has been told by telephone."""
    with submitted() as taken:
        notice = db.session.get(Notice, notice_id)
        actions.pass_on(found(notice if notice is not None and notice.community_id == mine() else None))
        return taken.redirect(url_for(".to_pass_on"))


@blueprint.get("/channels")
def channels() -> str:
    """Show each way out with its state and the last results, the quiet hours, and what stays with the desk."""
    return _channels_page({})


def _channels_page(errors: dict[str, str], wrong: str = "") -> str:
    """Return the page of all channels; ``wrong`` says which of its forms was refused."""
    known = {each.way: each for each in routing.channels(mine())}
    rows = [(way, known.get(way), queries.tries(known[way]) if way in known else []) for way in routing.ORDER]
    used = {way: routing.used_today(each) for way, each in known.items()}
    hours = dict(zip(("starts", "ends"), map(hhmm, queries.quiet_hours(mine())), strict=True))
    return render_template(
        "notices/channels.html",
        rows=rows,
        used=used,
        hours=request.form if wrong == "quiet" else hours,
        errors=errors,
        wrong=wrong,
        installed=apprised.is_installed(),
        left=len(queries.to_pass_on(mine())),
    )


def _way(word: str) -> Way:
    """Return the kind of channel an address names."""
    return found(next((way for way in Way if way.value == word), None))


def _channel(word: str) -> MessageChannel:
    """Return a channel of the reader's community."""
    return found(routing.channel_of(mine(), _way(word)))


@blueprint.route("/channels/<word>", methods=["GET", "POST"])
def channel(word: str) -> Page:
    """Show the settings of a channel, never its secret, and take what is changed."""
    way = _way(word)
    if request.method == "GET":
        return _channel_page(way, {})
    try:
        said = take(FORMS[way](), request.form)
        with submitted() as taken:
            given = {name: str(said[name]) for name in fields_of(way)}
            made = actions.set_up(mine(), way, actions.Settings(given, said.get("signature", ""), said["daily"]))
            if made is None:
                flash(_("已经提请。登录验证码也从这里发，所以要另一位同事核准，或者满一天没有人反对，才换过去。"), "news")
            else:
                flash(_("存好了。请试发一条，看收不收得到。"), "done")
            return taken.redirect(url_for(".channels"))
    except Invalid as error:
        return _channel_page(way, sentences(error)), UNPROCESSABLE


def _channel_page(way: Way, errors: dict[str, str]) -> str:
    """Return the form of one channel."""
    known = routing.channel_of(mine(), way)
    stored: dict[str, Any] = dict(USUAL[way])
    if known is not None:
        stored |= json.loads(known.sealed_settings) | {"signature": known.signature, "daily": known.daily}
    secret = bool(stored.pop("secret", ""))
    shown = request.form if request.method == "POST" else stored
    return render_template("notices/channel.html", way=way.value, known=known, given=shown, secret=secret, errors=errors)


@blueprint.post("/channels/<word>/switch")
def switch(word: str) -> AnyResponse:
    """Let messages go by a channel, or no more."""
    with submitted() as taken:
        row = _channel(word)
        actions.switch(row, active=not row.active)
        return taken.redirect(url_for(".channels"))


@blueprint.post("/channels/<word>/try")
def try_out(word: str) -> Page:
    """Send a test; the answer is the page on which its result stands."""
    try:
        with submitted() as taken:
            row = _channel(word)
            actions.try_out(row, _where(row.way, take(TestForm(), request.form)["to"]))
            return taken.redirect(url_for(".channels"))
    except Invalid as error:
        return _channels_page(sentences(error), word), UNPROCESSABLE


def _where(way: Way, said: str) -> str:
    """Return where a test goes, as the channel wants it."""
    to = national(said) if way is Way.SMS else said if way is Way.ROBOT or "@" in said else None
    if to is None:
        sentence = Sentence("请填收得到测试的手机号或邮箱。")
        raise wrong("to", sentence)
    return to


@blueprint.post("/quiet")
def quiet() -> Page:
    """Take the quiet hours."""
    try:
        said = take(QuietForm(), request.form)
        with submitted() as taken:
            actions.set_quiet_hours(mine(), said["starts"], said["ends"])
            flash(_("存好了。"), "done")
            return taken.redirect(url_for(".channels"))
    except Invalid as error:
        return _channels_page(sentences(error), "quiet"), UNPROCESSABLE


@blueprint.app_template_filter("without_code")
def without_code_filter(text: str | None) -> str:
    """Hide the visit code of a message from the office."""
    return hiding.without_code(text)


@blueprint.app_template_filter("promises")
def promises_filter(page: str) -> bool:
    """Say whether a page promises somebody a message that nobody will carry; only the office's pages ask."""
    user = signed_in()
    if user is None or not promises.promises_a_message(page):
        return False
    return not actions.carries(user.community_id if user.community_id is not None else mine())


@blueprint.app_template_global("codes_go_out")
def codes_go_out() -> bool:
    """Say whether sign-in codes leave the machine by themselves."""
    return bool(routing.code_channels(None))
