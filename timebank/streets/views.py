"""Pages of a street: its communities at a glance, its officers, and the choice of the community one looks at."""

from collections.abc import Sequence

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access import actions as access
from timebank.access.guards import this_user
from timebank.access.models import User
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.places import queries as places
from timebank.places import tenancy
from timebank.places.models import Street
from timebank.streets import actions, queries
from timebank.streets.schemas import LookForm, OfficerForm, StreetArgs
from timebank.web import UNPROCESSABLE, Page, found, safe_next, submitted

blueprint = Blueprint("streets", __name__, url_prefix="/street")


@blueprint.get("")
def overview() -> str:
    """Show the communities of a street, first those where something is open or late: who was helped, and the hours of the month."""
    streets = tenancy.streets_open_to(this_user())
    street = _chosen(streets, args(StreetArgs())["street"])
    rows = queries.stands(places.communities_of(street)) if street is not None else []
    rows.sort(key=lambda each: not (each.nobody or each.late or each.is_behind))
    return render_template("streets/overview.html", street=street, streets=streets, rows=rows, today=clock.today())


@blueprint.post("/look")
def look_at() -> AnyResponse:
    """Look at another community from now on."""
    user, number = this_user(), take(LookForm(), request.form)["community"]
    community = found(next((each for each in tenancy.communities_open_to(user) if each.id == number), None))
    with submitted() as taken:
        tenancy.look_at(user, community)
        return taken.redirect(safe_next(request.form.get("next"), url_for("today.today")))


@blueprint.route("/<int:street_id>/officers", methods=["GET", "POST"])
def officers(street_id: int) -> Page:
    """List who works for a street, and add somebody."""
    street = found(_chosen(tenancy.streets_open_to(this_user()), street_id))
    if request.method == "GET":
        return _officers_page(street, {})
    try:
        said = take(OfficerForm(), request.form)
        with submitted() as taken:
            added = actions.add_officer(street, said["phone"], said["name"])
            flash(_("%(name)s 可以用这个手机号登录了。", name=added.shown_name), "done")
            return taken.redirect(url_for(".officers", street_id=street.id))
    except Invalid as error:
        return _officers_page(street, sentences(error)), UNPROCESSABLE


def _officers_page(street: Street, errors: dict[str, str]) -> str:
    """Return the list."""
    return render_template("streets/officers.html", street=street, rows=queries.officers(street), given=request.form, errors=errors)


@blueprint.post("/<int:street_id>/officers/<int:user_id>/drop")
def drop_officer(street_id: int, user_id: int) -> AnyResponse:
    """Let an officer of a street in no more."""
    street = found(_chosen(tenancy.streets_open_to(this_user()), street_id))
    officer: User = found(next((each for each in queries.officers(street) if each.id == user_id), None))
    with submitted() as taken:
        access.switch_off(officer)
        flash(_("%(name)s 不能再登录了。", name=officer.shown_name), "done")
        return taken.redirect(url_for(".officers", street_id=street.id))


def _chosen(streets: Sequence[Street], number: int | None) -> Street | None:
    """Return the street asked for, without a number the first; not found where it is not one of these."""
    if number is None:
        return next(iter(streets), None)
    chosen: Street = found(next((each for each in streets if each.id == number), None))
    return chosen
