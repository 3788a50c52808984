"""One visit in a family's hand: called off by a press and taken back by another, or asked for at another time."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from marshmallow import fields, validate
from werkzeug.wrappers import Response as AnyResponse

from timebank.errors import Invalid
from timebank.family.views import family
from timebank.family.views.family import reader, show
from timebank.forms import Day, Form, in_full, take
from timebank.phone.views.phone import refused
from timebank.visits import queries
from timebank.visits.actions import needs, not_coming
from timebank.visits.actions.asking import Wish
from timebank.visits.models import HelpRequest, Pattern, RequestState, Visit
from timebank.visits.schemas import Window
from timebank.visits.views import cards
from timebank.web import found, submitted

blueprint = Blueprint("one_visit", __name__, url_prefix="/family")


class OtherTimeForm(Form):
    """On which days and between which times a request is wanted instead."""

    dates = fields.List(Day(), required=True, validate=validate.Length(1, 14))
    window = Window(required=True)


def _visit(visit_id: int) -> Visit:
    """Return a visit the reader follows, one that was called off too."""
    return found(queries.visit_of_user(reader(), visit_id))


@blueprint.post("/visits/<int:visit_id>/not-coming")
def call_off(visit_id: int) -> AnyResponse:
    """Call this one visit off; the others stay."""
    with submitted() as taken:
        gone = not_coming.not_coming([_visit(visit_id)], reader())
        flash(_("这一次不来了，已经告诉要来的人。别的照常。") if gone else _("这一次不来了。别的照常。"), "done")
        return taken.redirect(url_for("family.visit", visit_id=visit_id))


@blueprint.post("/visits/<int:visit_id>/after-all")
def after_all(visit_id: int) -> AnyResponse:
    """Let it take place after all."""
    with submitted() as taken:
        back = not_coming.after_all(_visit(visit_id), reader())
        flash(_("照常来，已经告诉要来的人。") if back else _("照常安排，找到人就告诉您。"), "done")
        return taken.redirect(url_for("family.visit", visit_id=visit_id))


def _request(request_id: int) -> HelpRequest:
    """Return a single request of the reader's that may still be at another time."""
    mine = queries.requests_of_user(reader())
    asked = found(next((each for each in mine if each.id == request_id and each.pattern is Pattern.ONCE), None))
    return found(asked if asked.state in {RequestState.NEW, RequestState.ACCEPTED} else None)


@blueprint.route("/requests/<int:request_id>/other-time", methods=["GET", "POST"])
def other_time(request_id: int) -> AnyResponse | str:
    """Ask for a request at another time; whoever was to come is told, and the new time waits for somebody."""
    if request.method == "GET":
        return _page(request_id, {})
    try:
        said = take(OtherTimeForm(), request.form)
        with submitted() as taken:
            asked = _request(request_id)
            followed = needs.change_need(asked, _wish(asked, said), None)
            told = _("原来要来的人已经知道。") if followed.offered else ""
            flash(_("改好了，找到人就告诉您。") + told, "done")
            return taken.redirect(url_for("family.request_page", request_id=request_id))
    except Invalid as error:
        return refused(_page(request_id, in_full(error)))


def _wish(asked: HelpRequest, said: dict[str, Any]) -> Wish:
    """Return the request as it was, at its other time."""
    return Wish(
        kind=asked.kind,
        window=said["window"],
        dates=tuple(sorted(set(said["dates"]))),
        minutes=asked.minutes,
        boxes=asked.boxes,
        eaters=tuple(asked.eaters),
        note=asked.note,
    )


def _page(request_id: int, errors: dict[str, str]) -> str:
    """Return the form of another time."""
    asked = _request(request_id)
    days = family.days_of(asked.kind)
    known = [date.fromisoformat(day) for day in asked.dates]
    return show(
        "family/other_time.html",
        asked=asked,
        days=[(day.isoformat(), cards.day_short(day)) for day in sorted({*days, *(each for each in known if each in days)})],
        windows=family.window_choices(asked.kind),
        given={
            "dates": request.form.getlist("dates") or asked.dates,
            "window": request.form.get("window") or f"{asked.window_from}-{asked.window_to}",
        },
        errors=errors,
        back_href=url_for("family.request_page", request_id=request_id),
    )
