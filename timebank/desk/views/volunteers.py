"""志愿者, for the office, where it touches visits: somebody changes or stops, their ordinary week, and their time off.

These pages stand at the addresses of room ``volunteers``; they are here because what a volunteer was to do is known here.
"""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit
from timebank.desk.views.people import volunteer_page
from timebank.errors import Invalid
from timebank.forms import in_full, sentences, take
from timebank.visits.actions import leaving
from timebank.visits.actions.leaving import Promised
from timebank.visits.models import Offer
from timebank.visits.views import cards
from timebank.volunteers import actions, queries
from timebank.volunteers.models import Volunteer
from timebank.volunteers.schemas import StopForm, TimeOffForm
from timebank.volunteers.views.people import form_page, person_of, week_of
from timebank.volunteers.views.shared import blueprint, volunteer_or_404
from timebank.web import UNPROCESSABLE, Page, found, joined, listed, submitted, voiced

__all__ = ["blueprint"]


@blueprint.route("/<int:volunteer_id>/edit", methods=["GET", "POST"])
def edit(volunteer_id: int) -> Page:
    """Change a volunteer; whoever stops and leaves something behind is asked about first."""
    if request.method == "GET":
        audit.look("volunteer", volunteer_or_404(volunteer_id).id)
        return form_page(volunteer_or_404(volunteer_id), {})
    try:
        said = take(StopForm(), request.form)
        sure = said.pop("sure")
        with submitted() as taken:
            volunteer = volunteer_or_404(volunteer_id)
            if volunteer.active and not said["active"] and not sure:
                leaving.must_leave_nothing(volunteer)
            left = leaving.edit(volunteer, person_of(said))
            waits = (
                _("姓名要第二个人核准才改；只改手机号，24 小时没有人反对也会改。旧号码和新号码都收到了消息。")
                if left.identity_waits
                else ""
            )
            flash(joined([_("已存好。"), waits, say_open(left.offers), say_turns(left)]), "done")
            return taken.redirect(url_for("people.volunteer", volunteer_id=volunteer_id))
    except Promised as error:
        return form_page(volunteer_or_404(volunteer_id), {}, **_asks(error)), UNPROCESSABLE
    except Invalid as error:
        return form_page(volunteer_or_404(volunteer_id), sentences(error)), UNPROCESSABLE


def _asks(error: Promised) -> dict[str, Any]:
    """Return what a page shows that asks before something is left to nobody."""
    return {"standing": error.offers, "standing_days": cards.days_of(error.offers), "usual": error.homes, "turns": error.turns}


def say_open(offers: list[Offer]) -> str:
    """Return what is open again after somebody gave it back, the first of it by name."""
    if not offers:
        return ""
    first = sorted(offers, key=lambda each: (each.day, each.start))[:3]
    names = listed(f"{cards.date_words(each.day)} {voiced(each.visit.kind.words)}" for each in first)
    if len(offers) > len(first):
        return str(_("退掉了 %(count)s 件，都等着另请人：%(names)s等。", count=len(offers), names=names))
    return str(_("退掉了 %(count)s 件，都等着另请人：%(names)s。", count=len(offers), names=names))


def say_turns(left: leaving.Left) -> str:
    """Return which turns of duty are open again after somebody gave them back, the first of them by name."""
    if not left.duties:
        return ""
    named = listed(f"{cards.date_words(each.day)} {each.title}" for each in left.duties[:3])
    return str(
        ngettext(
            "空出 %(count)s 班值守：%(names)s。",
            "空出 %(count)s 班值守：%(names)s。",
            len(left.duties),
            count=len(left.duties),
            names=named,
        )
    )


@blueprint.route("/<int:volunteer_id>/times", methods=["GET", "POST"])
def times(volunteer_id: int) -> Page:
    """Show the free times of a volunteer's ordinary week and change all of them at once."""
    if request.method == "GET":
        return _times_page(volunteer_id, {})
    try:
        week = week_of(request.form)
        with submitted() as taken:
            volunteer = volunteer_or_404(volunteer_id)
            before = queries.availability_of(volunteer)
            for weekday, spans in week.items():
                if spans != before[weekday]:
                    actions.set_availability(volunteer, weekday, spans)
            flash(_("已记下。从下一次排班起按这个时间来。"), "done")
            stays = leaving.outside(volunteer)
            return taken.redirect(url_for(".times" if stays else "people.volunteer", volunteer_id=volunteer_id))
    except Invalid as error:
        return _times_page(volunteer_id, sentences(error)), UNPROCESSABLE


def _times_page(volunteer_id: int, errors: dict[str, str]) -> str:
    """Return the page of free times, with what was accepted outside them."""
    volunteer = volunteer_or_404(volunteer_id)
    return render_template(
        "volunteers/times.html",
        volunteer=volunteer,
        week=queries.availability_of(volunteer),
        outside=cards.days_of(leaving.outside(volunteer)),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/<int:volunteer_id>/time-off")
def add_time_off(volunteer_id: int) -> Page:
    """Note that a volunteer is away; what stands in that time is shown first and given back when that is said."""
    try:
        said = take(TimeOffForm(), request.form)
    except Invalid as error:
        return _away_page(volunteer_id, sentences(error)), UNPROCESSABLE
    try:
        with submitted() as taken:
            flash(say_away(note_away(volunteer_or_404(volunteer_id), said)), "done")
            return taken.redirect(url_for("people.volunteer", volunteer_id=volunteer_id) + "#time-off")
    except Promised as error:
        return _away_page(volunteer_id, {}, **_asks(error)), UNPROCESSABLE
    except Invalid as error:
        return _away_page(volunteer_id, in_full(error)), UNPROCESSABLE


def note_away(volunteer: Volunteer, said: dict[str, Any]) -> leaving.Left:
    """Note the time off that a form says, at the desk or on the phone; return what is open again."""
    span = span_of(said)
    if not said["give_back"]:
        actions.check_time_off(said["day"], span)
        leaving.must_be_free(volunteer, said["day"], span)
    return leaving.take_time_off(volunteer, said["day"], span, said["reason"])[1]


def span_of(said: dict[str, Any]) -> actions.Span:
    """Return the part of the day a form names, the whole of it when it names none."""
    start, end = said["start"], said["end"]
    return actions.WHOLE_DAY if start is None and end is None else (start or 0, 1440 if end is None else end)


def say_away(left: leaving.Left) -> str:
    """Return what noting a time off did."""
    return joined([_("已记下。新的安排会避开这段时间。"), say_open(left.offers), say_turns(left)])


def _away_page(volunteer_id: int, errors: dict[str, str], **more: Any) -> str:  # noqa: ANN401 - a template takes anything
    """Return the page of a volunteer with the form of the time off as it was typed."""
    volunteer = volunteer_or_404(volunteer_id)
    shown = volunteer_page(volunteer.community_id, volunteer)
    return render_template("volunteers/volunteer.html", **{**shown, "errors": errors, "given": request.form, **more})


@blueprint.post("/<int:volunteer_id>/time-off/<int:time_off_id>/drop")
def drop_time_off(volunteer_id: int, time_off_id: int) -> AnyResponse:
    """Take a time off back."""
    with submitted() as taken:
        away = found(queries.time_off_of(volunteer_or_404(volunteer_id), time_off_id))
        actions.drop_time_off(away)
        return taken.redirect(url_for("people.volunteer", volunteer_id=volunteer_id) + "#time-off")
