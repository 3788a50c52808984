"""Pages of a volunteer's own time: days away, and the free times of the ordinary week."""

from collections.abc import Sequence

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.desk.views.volunteers import note_away, say_away
from timebank.errors import Invalid
from timebank.forms import DayTime, in_full, sentences, take
from timebank.phone.views.phone import AHEAD, me, refused, show
from timebank.visits import queries
from timebank.visits.actions import leaving
from timebank.visits.actions.leaving import Promised
from timebank.visits.duties import Duty
from timebank.visits.models import Offer, OfferState
from timebank.visits.schemas import TimeOffForm
from timebank.visits.views import cards
from timebank.volunteers import actions
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import availability_of, time_off_from, time_off_of
from timebank.web import found, submitted, voiced

blueprint = Blueprint("own_time", __name__, url_prefix="/phone")
PARTS = {"morning": (510, 690), "noon": (630, 750), "afternoon": (840, 1020)}
SPANS = 3
Span = tuple[int, int]


@blueprint.get("/time-off")
def time_off() -> str:
    """Show the days away, and the form for another."""
    return _time_off_page({})


def _time_off_page(errors: dict[str, str], standing: Sequence[Offer] = (), turns: Sequence[Duty] = ()) -> str:
    """Return the page of days away, with what was accepted on those days, or what stands in the time that is asked for."""
    volunteer = me()
    days = time_off_from(volunteer, clock.today())
    return show(
        "phone/time_off.html",
        volunteer,
        errors=errors,
        given=request.form,
        days=days,
        standing=standing,
        standing_days=cards.days_of(standing),
        turns=turns,
        touched=cards.days_of(_on_days_away(volunteer, OfferState.ACCEPTED)),
        asked=queries.rows(_on_days_away(volunteer, OfferState.SENT)),
        back_href=url_for("phone.mine"),
    )


def _on_days_away(volunteer: Volunteer, state: OfferState) -> list[Offer]:
    """Return the offers of one state on days away: they stay until the volunteer declines them."""
    away = time_off_from(volunteer, clock.today())
    return [
        each
        for each in queries.offers_of(volunteer, clock.today(), clock.today() + AHEAD)
        if each.state is state
        and each.outcome is None
        and any(off.day == each.day and off.start < each.start + each.visit.minutes and each.start < off.end for off in away)
    ]


@blueprint.post("/time-off")
def add_time_off() -> AnyResponse:
    """Note a day away."""
    try:
        said = take(TimeOffForm(), request.form)
    except Invalid as error:
        return refused(_time_off_page(sentences(error)))
    try:
        with submitted() as taken:
            flash(say_away(note_away(me(), said)), "done")
            return taken.redirect(url_for(".time_off"))
    except Promised as error:
        return refused(_time_off_page({}, error.offers, error.turns))
    except Invalid as error:
        return refused(_time_off_page(in_full(error)))


@blueprint.post("/time-off/<int:time_off_id>/drop")
def drop_time_off(time_off_id: int) -> AnyResponse:
    """Take a day away back."""
    with submitted() as taken:
        actions.drop_time_off(found(time_off_of(me(), time_off_id)))
        return taken.redirect(url_for(".time_off"))


@blueprint.get("/availability")
def availability() -> str:
    """Show the free times of the ordinary week, and what was accepted outside them."""
    volunteer = me()
    return show(
        "phone/availability.html",
        volunteer,
        week=availability_of(volunteer),
        names=cards.weekdays(),
        outside=cards.days_of(leaving.outside(volunteer)),
        back_href=url_for("phone.mine"),
    )


@blueprint.get("/availability/<int(max=6):weekday>")
def weekday(weekday: int) -> str:
    """Show the free times of one weekday, to change them."""
    return _weekday_page(weekday, availability_of(me())[weekday], {})


def _weekday_page(weekday: int, spans: list[Span], errors: dict[str, str]) -> str:
    """Return the page of one weekday."""
    volunteer = me()
    return show(
        "phone/weekday.html",
        volunteer,
        weekday=weekday,
        name=cards.weekdays()[weekday],
        spans=spans,
        rooms=max(SPANS, len(spans)),
        parts=PARTS,
        errors=errors,
        given=request.form,
        back_href=url_for(".availability"),
    )


@blueprint.post("/availability/<int(max=6):weekday>")
def set_weekday(weekday: int) -> AnyResponse:
    """Set the free times of one weekday: as typed, or with one more part of the day, or none."""
    try:
        with submitted() as taken:
            volunteer = me()
            before = availability_of(volunteer)[weekday]
            actions.set_availability(volunteer, weekday, _spans(request.form, before))
            flash(_("已记下。从下一次排班起按这个时间来。"), "done")
            return taken.redirect(url_for(".availability"))
    except (Invalid, ValidationError) as error:
        sentence = voiced(error.words) if isinstance(error, Invalid) else str(error)
        return refused(_weekday_page(weekday, availability_of(me())[weekday], {"start0": sentence}))


def _spans(form: MultiDict[str, str], before: list[Span]) -> list[Span]:
    """Return the times a form asks for."""
    if form.get("add") in PARTS:
        return [*before, PARTS[form["add"]]]
    read = DayTime()
    spans = []
    for place in range(max(SPANS, len(before))):
        start, end = (read.deserialize(form.get(f"{name}{place}", "")) for name in ("start", "end"))
        if start is not None or end is not None:
            spans.append((start if start is not None else -1, end if end is not None else -1))
    return spans
