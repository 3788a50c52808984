"""求助, for the office: what a need says is changed, and its visits to come follow.

The page stands beside the others of ``desk``; it is a room of its own because that one is full.
"""

from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.desk.views.people import boxes_of
from timebank.desk.views.requests import PLACES, WishForm, blueprint, community_id, homes_of, whom
from timebank.errors import Conflict, Invalid
from timebank.forms import Day, sentences, take
from timebank.visits import queries
from timebank.visits.actions import asking, needs
from timebank.visits.actions.asking import Wish
from timebank.visits.actions.needs import Followed
from timebank.visits.actions.scheduling import canteen_of
from timebank.visits.models import HelpRequest, Pattern
from timebank.visits.views import kitchen_words
from timebank.web import Page, found, joined, listed, submitted, voiced

__all__ = ["blueprint"]
MANY = ("weekdays", "dates", "eaters")
ROOM = 3


class NeedForm(WishForm):
    """What a need says: when, how long, how much, who eats, until when."""

    last_day = Day(load_default=None)


@blueprint.route("/<int:request_id>/edit", methods=["GET", "POST"])
def edit(request_id: int) -> Page:
    """Change what a need says; whoever was asked for what has changed is told."""
    if request.method == "GET":
        return _page(request_id, {})
    try:
        said = take(NeedForm(), request.form)
        with submitted() as taken:
            need = _need(request_id)
            followed = needs.change_need(need, _wish(need, said), said["last_day"])
            flash(joined([_say_followed(followed), kitchen_words.noted(need.household)]), "done")
            return taken.redirect(url_for(".show", request_id=request_id))
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return _page(request_id, told), error.status


def _need(request_id: int) -> HelpRequest:
    """Return a need the reader may see."""
    return found(queries.request_of(community_id(), request_id))


def _wish(need: HelpRequest, said: dict[str, Any]) -> Wish:
    """Return what a form says of a need; how it repeats stays as it was."""
    once = need.pattern is Pattern.ONCE
    eaters: list[int] = []
    boxes: int = said["boxes"] or need.boxes
    if need.kind.from_canteen and need.household is not None:
        eaters, boxes = asking.who_eats(need.household, said["eaters"], said["boxes"])
    return Wish(
        kind=need.kind,
        window=(said["window_from"] or 0, said["window_to"] or 0),
        pattern=need.pattern,
        dates=tuple(said["dates"]) if once else (),
        weekdays=() if once else tuple(sorted(set(said["weekdays"]))),
        every_weeks=said["every_weeks"],
        minutes=said["minutes"],
        boxes=boxes,
        eaters=tuple(eaters),
        note=said["note"],
    )


def _say_followed(followed: Followed) -> str:
    """Return what changing a need did: how many visits follow it, and who was told not to come as agreed."""
    moved = _("%(count)s 次上门跟着改了。", count=len(followed.moved)) if followed.moved else ""
    names = listed(dict.fromkeys(made.volunteer.name for made in followed.offered))
    told = _("原来约好的 %(count)s 次退掉了，%(names)s已收到消息，等着重新安排。", count=len(followed.offered), names=names)
    return joined([_("已存好。"), moved, told if followed.offered else ""])


def _page(request_id: int, errors: dict[str, str]) -> str:
    """Return the form of a need, as it is or as it was typed."""
    need = _need(request_id)
    couple = homes_of(need.elder or (need.household.elders[0] if need.household and need.household.elders else None))
    shared = couple if need.kind.from_canteen else []
    many = {name: request.form.getlist(name) for name in MANY} if request.form else _many(need, shared)
    return render_template(
        "requests/edit.html",
        need=need,
        whom=whom(need),
        couple=shared,
        given=request.form or _as_form(need, shared),
        many=many,
        places=max(ROOM, min(PLACES, len(many["dates"]))),
        kitchen=kitchen_words.ordering(canteen_of(need.community_id)) if need.kind.from_canteen else "",
        errors=errors,
        today=clock.today(),
    )


def _many(need: HelpRequest, couple: list[Any]) -> dict[str, list[str]]:
    """Return the fields that come several times, as the need says them."""
    named = [each.id for each in couple if each.id in need.eaters or each.id == need.elder_id]
    return {
        "weekdays": [str(day) for day in need.weekdays],
        "dates": [date.fromisoformat(day).isoformat() for day in need.dates],
        "eaters": [str(each) for each in named or [each.id for each in couple]],
    }


def _as_form(need: HelpRequest, couple: list[Any]) -> dict[str, Any]:
    """Return a need as the form would say it."""
    eats = len([each for each in couple if each.id in need.eaters or each.id == need.elder_id]) or len(couple)
    return {
        "every_weeks": need.every_weeks,
        "window_from": clock.hhmm(need.window_from),
        "window_to": clock.hhmm(need.window_to),
        "minutes": need.minutes or "",
        "boxes": "" if couple and boxes_of(need) == eats else boxes_of(need),
        "note": need.note or "",
        "last_day": need.last_day.isoformat() if need.last_day else "",
    }
