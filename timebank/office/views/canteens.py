"""食堂或取餐点: where meals are fetched, when, and within how many minutes they are at the last door."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.clock import hhmm
from timebank.errors import wrong
from timebank.forms import take
from timebank.office.queries import Step
from timebank.office.schemas import CanteenForm
from timebank.office.views.shared import Errors, attempt, blueprint, given, mine, page, point_of
from timebank.places import actions, queries
from timebank.places.actions import Kitchen
from timebank.places.models import Canteen
from timebank.places.points import PAPER, Point
from timebank.sentences import Sentence
from timebank.web import Page, Submission, found

USUAL = {"ready": "10:50", "until": "11:40", "closes": "16:00", "hot": 45, "access": 1}


@blueprint.route("/canteens", methods=["GET", "POST"])
def canteens() -> Page:
    """Show the canteens and take one more."""
    if request.method == "GET":
        return _page({}, USUAL)

    def act(taken: Submission) -> AnyResponse:
        made = actions.add_canteen(mine().id, _kitchen(take(CanteenForm(), request.form), None))
        flash(_("%(name)s写好了。", name=made.name), "done")
        return taken.redirect(url_for(".canteens"))

    return attempt(act, lambda errors: _page(errors, request.form))


def _page(errors: Errors, shown: Any, canteen: Canteen | None = None) -> str:  # noqa: ANN401 - a form or the fields of a row
    """Return the page of all canteens with the form of a new or of one known."""
    houses = [(each.id, f"{each.compound.name} {each.name}") for each in queries.buildings(mine().id)]
    rows = queries.canteens(mine().id)
    return page("office/canteens.html", Step.CANTEEN, rows=rows, houses=houses, given=shown, errors=errors, canteen=canteen)


def _kitchen(said: dict[str, Any], known: Canteen | None) -> Kitchen:
    """Return the canteen a form describes: beside a building, where a coordinate says, or where it stood."""
    point = _point(said, known)
    fields = {name: said[name] for name in ("name", "ready", "until", "hot", "closes", "access", "phone")}
    return Kitchen(**fields, address=said["address"] or said["name"], point=point)


def _point(said: dict[str, Any], known: Canteen | None) -> Point:
    """Return where a canteen stands."""
    if (spot := point_of(said)) is not None:
        return spot
    if said["building"] is not None:
        house = found(next((each for each in queries.buildings(mine().id) if each.id == said["building"]), None))
        return house.lat, house.lon
    if known is not None:
        return known.lat, known.lon
    if queries.buildings(mine().id):
        sentence = Sentence("请选在哪栋楼旁边，或者写坐标。")
        raise wrong("building", sentence)
    return PAPER


@blueprint.route("/canteens/<int:canteen_id>", methods=["GET", "POST"])
def canteen(canteen_id: int) -> Page:
    """Show one canteen and take what is changed of it."""
    number = canteen_id

    def one() -> Canteen:
        return found(next((each for each in queries.canteens(mine().id) if each.id == number), None))

    def shown(errors: Errors) -> str:
        here = one()
        times = {name: hhmm(getattr(here, name)) for name in ("ready", "until", "closes")}
        fields = {name: getattr(here, name) for name in ("name", "address", "hot", "access", "phone")}
        return _page(errors, given(**fields, **times), here)

    def act(taken: Submission) -> AnyResponse:
        here = one()
        actions.edit_canteen(here, _kitchen(take(CanteenForm(), request.form), here))
        flash(_("存好了。"), "done")
        return taken.redirect(url_for(".canteens"))

    return shown({}) if request.method == "GET" else attempt(act, shown)
