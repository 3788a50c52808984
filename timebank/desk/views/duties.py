"""值守, for the office: the duties of a day with the sign-in sheet to be typed in, and one place: who fills it, who could."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields, validate
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import db
from timebank.errors import Invalid, Refusal
from timebank.forms import Day, Form, Whole, Words, minutes_of, sentences, take
from timebank.places.queries import community_seen_by
from timebank.visits import on_duty
from timebank.visits.actions import duties, duty_times
from timebank.visits.duties import Duty, DutyState
from timebank.visits.states import Why
from timebank.volunteers.queries import volunteer_in
from timebank.web import LARGEST, UNPROCESSABLE, Page, found, submitted, voiced

blueprint = Blueprint("duty_desk", __name__, url_prefix="/duties")
LONGEST, LONGEST_REASON = 12, 200
ENTERABLE = (DutyState.AGREED, DutyState.THERE, DutyState.MISSED)


class DayArgs(Form):
    """Which day."""

    day = Day(load_default=None)


class FillForm(Form):
    """Whom to give a place to, and whether they have said yes or are asked now."""

    volunteer = Whole(1, LARGEST, required=True, error_messages={"required": lazy_gettext("请选一位志愿者。")})
    how = fields.String(load_default="agreed", validate=validate.OneOf(["agreed", "ask"]))


class WhyForm(Form):
    """Why somebody does not come, or nobody is needed."""

    reason = Words(60, load_default="")


class OffForm(Form):
    """Why nobody is needed."""

    reason = Words(60, required=True, error_messages={"required": lazy_gettext("请写为什么取消，答应了的人会问。")})


@dataclass(frozen=True, slots=True)
class Line:
    """One place of a turn in the grid, what was typed for it, and why it was not taken."""

    duty: Duty
    started: str
    ended: str
    reason: str
    error: str
    asks: bool

    @property
    def can_be_entered(self) -> bool:
        """Whether its times can be typed in."""
        return self.duty.state in ENTERABLE and self.duty.begins <= clock.now()


@dataclass(slots=True)
class Entry:
    """A sheet being saved: what went in, and the sentence of each line that did not."""

    saved: int = 0
    errors: dict[int, str] = field(default_factory=dict)
    asks: set[int] = field(default_factory=set)


def _community_id() -> int:
    """Return the community of whoever reads."""
    return community_seen_by(this_user()).id


def _duty(duty_id: int) -> Duty:
    """Return a duty of the reader's community."""
    return found(on_duty.duty_in(_community_id(), duty_id))


@blueprint.get("")
def day() -> str:
    """Show the duties of a day, turn by turn."""
    asked = take(DayArgs(), request.args)
    return _grid(asked["day"] or clock.today(), MultiDict(), Entry())


@blueprint.post("")
def enter() -> Page:
    """Save the lines of the day's sheets: good ones stay saved, refused ones stay on the page with what was typed."""
    shown = take(DayArgs(), request.form)["day"] or clock.today()
    with submitted() as taken:
        entry = _save(shown, request.form)
        answer = taken.redirect(url_for(".day", day=shown.isoformat()))
    if entry.errors:
        return _grid(shown, request.form, entry), UNPROCESSABLE
    if entry.saved:
        flash(_("已存 %(count)s 行。要由另一位同事在“等确认”里确认，你自己不能确认。", count=entry.saved), "done")
    else:
        flash(_("没有新填的，什么也没有改。"), "done")
    return answer


def _save(shown: date, said: MultiDict[str, str]) -> Entry:
    """Save every line that says something, each in a savepoint of its own."""
    entry = Entry()
    for duty in on_duty.day_duties(_community_id(), shown):
        started, ended, reason = _typed(duty, said)
        if duty.state not in ENTERABLE or not (started or ended):
            continue
        try:
            with db.session.begin_nested():
                duty_times.enter_sheet(duty, _instant(shown, started), _instant(shown, ended), this_user(), reason)
            entry.saved += 1
        except Refusal as error:
            entry.errors[duty.id] = voiced(error.words)
            if "reason" in error.fields:
                entry.asks.add(duty.id)
    return entry


def _typed(duty: Duty, said: MultiDict[str, str]) -> tuple[str, str, str]:
    """Return what was typed into one line."""
    times = (said.get(f"{name}-{duty.id}", "").strip()[:LONGEST] for name in ("started", "ended"))
    return (*times, said.get(f"reason-{duty.id}", "").strip()[:LONGEST_REASON])  # type: ignore[return-value]


def _instant(shown: date, typed: str) -> datetime:
    """Return the instant of a time as typed; both ends of a line are needed."""
    minutes = minutes_of(typed)
    if minutes is None:
        raise Invalid("到岗和离岗都要填，写成 11:30 或 1130。")
    return clock.at(shown, minutes)


def _grid(shown: date, said: MultiDict[str, str], entry: Entry) -> str:
    """Return the page of a day; lines that were saved are shown as they stand now."""
    listed = [_line(duty, said, entry) for duty in on_duty.day_duties(_community_id(), shown)]
    turns = [list(lines) for _key, lines in groupby(listed, key=lambda line: (line.duty.start, line.duty.title, line.duty.part_id))]
    return render_template(
        "duties/day.html",
        day=shown,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        today=clock.today(),
        turns=turns,
        rows=sum(1 for line in listed if line.can_be_entered),
        errors=entry.errors,
        saved=entry.saved,
    )


def _line(duty: Duty, said: MultiDict[str, str], entry: Entry) -> Line:
    """Return one line with what was typed into it."""
    started, ended, reason = _typed(duty, said)
    return Line(duty, started, ended, reason, entry.errors.get(duty.id, ""), duty.id in entry.asks or bool(reason))


@blueprint.get("/<int:duty_id>")
def show(duty_id: int) -> str:
    """Show one place of a turn."""
    return _page(duty_id, {})


def _page(duty_id: int, errors: dict[str, str]) -> str:
    """Return the page of one place, with what was wrong in the form on it."""
    duty = _duty(duty_id)
    ahead = duty.ends > clock.now()
    people: Sequence[object] = on_duty.could(duty) if duty.state is DutyState.OPEN else ()
    return render_template(
        "duties/duty.html",
        duty=duty,
        turn=on_duty.of_turn(duty),
        people=people,
        ahead=ahead,
        begun=duty.begins <= clock.now(),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/<int:duty_id>/fill")
def fill(duty_id: int) -> Page:
    """Write down at the desk who takes a place, or ask them."""
    try:
        said = take(FillForm(), request.form)
    except Invalid as error:
        return _page(duty_id, sentences(error)), UNPROCESSABLE
    with submitted() as taken:
        duty, who = _duty(duty_id), found(volunteer_in(_community_id(), said["volunteer"]))
        if said["how"] == "ask" and duty.ends > clock.now():
            duties.ask(duty, who, this_user())
            flash(
                _("已请%(who)s，等回话。", who=who.name)
                if duty.state is DutyState.ASKED
                else _("已排给%(who)s（专职），不用等回话。", who=who.name),
                "done",
            )
        else:
            duties.claim(duty, who, this_user())
            flash(_("记下了，%(who)s来值守。", who=who.name), "done")
        return taken.redirect(url_for(".show", duty_id=duty_id))


@blueprint.post("/<int:duty_id>/agree")
def agree(duty_id: int) -> AnyResponse:
    """Write down that somebody who was asked has said yes."""
    with submitted() as taken:
        duties.accept(_duty(duty_id), this_user())
        flash(_("记下了，已经答应。"), "done")
        return taken.redirect(url_for(".show", duty_id=duty_id))


@blueprint.post("/<int:duty_id>/give-up")
def give_up(duty_id: int) -> Page:
    """Let somebody out of a turn; its place is open again at once."""
    try:
        reason = take(WhyForm(), request.form)["reason"]
    except Invalid as error:
        return _page(duty_id, sentences(error)), UNPROCESSABLE
    with submitted() as taken:
        fresh = duties.give_up(_duty(duty_id), reason, Why.DESK, tell=False)
        flash(_("记下了，这一班空出来了。下面是能来的人。"), "done")
        return taken.redirect(url_for(".show", duty_id=fresh.id))


@blueprint.post("/<int:duty_id>/miss")
def miss(duty_id: int) -> Page:
    """Note that somebody who had agreed did not come."""
    try:
        reason = take(WhyForm(), request.form)["reason"]
    except Invalid as error:
        return _page(duty_id, sentences(error)), UNPROCESSABLE
    with submitted() as taken:
        duty_times.miss(_duty(duty_id), reason)
        flash(_("记下了，没有来。真来过的，照签到表录入就行。"), "done")
        return taken.redirect(url_for(".show", duty_id=duty_id))


@blueprint.post("/<int:duty_id>/call-off")
def call_off(duty_id: int) -> Page:
    """Call a place of a turn off: nobody is needed."""
    try:
        reason = take(OffForm(), request.form)["reason"]
    except Invalid as error:
        return _page(duty_id, sentences(error)), UNPROCESSABLE
    with submitted() as taken:
        off = duties.call_off([_duty(duty_id)], reason)
        flash(_("取消了，已答应的人会收到消息。") if off else _("这一班已经开始或结束，没有取消。"), "done" if off else "late")
        return taken.redirect(url_for(".show", duty_id=duty_id))
