"""身份和单位: what somebody was, is and will be, a change from a day on, and the units with their end."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import audit, clock
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.volunteers import queries
from timebank.volunteers import standing as actions
from timebank.volunteers.models import Unit, Volunteer
from timebank.volunteers.schemas import EndForm, StandingForm
from timebank.volunteers.views.shared import blueprint, community_id, volunteer_or_404
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.route("/<int:volunteer_id>/standing", methods=["GET", "POST"])
def standing(volunteer_id: int) -> Page:
    """Show what somebody was, is and will be, and change it from a day on."""
    if request.method == "GET":
        audit.look("volunteer", volunteer_or_404(volunteer_id).id)
        return _standing_page(volunteer_or_404(volunteer_id), {})
    try:
        said = take(StandingForm(), request.form)
        with submitted() as taken:
            volunteer, unit = volunteer_or_404(volunteer_id), said.pop("unit")
            made = actions.change(volunteer, actions.Wish(**said, unit=_unit(unit) if unit else None))
            if isinstance(made, Proposal):
                flash(_("专职、志愿和集体要第二个人核准，已经提请，同意以前还是原来的。"), "done")
            else:
                flash(_("已记下，从 %(day)s 起算，以前的记录和证明不变。", day=said["from_day"].isoformat()), "done")
            return taken.redirect(url_for(".standing", volunteer_id=volunteer_id))
    except Invalid as error:
        return _standing_page(volunteer_or_404(volunteer_id), sentences(error)), UNPROCESSABLE


def _standing_page(volunteer: Volunteer, errors: dict[str, str]) -> str:
    """Return the page of somebody's standing."""
    rows = queries.standings(volunteer)
    last, first_free = rows[-1], max(clock.today(), actions.earliest(volunteer))
    given: dict[str, Any] = {
        "from_day": first_free.isoformat(),
        "paid": "1" if last.paid else "",
        "collective": "1" if last.collective else "",
        "unit": last.unit_id or "",
    }
    units = [each for each in queries.units(volunteer.community_id) if each.ended is None or each.id == last.unit_id]
    return render_template(
        "volunteers/standing.html",
        volunteer=volunteer,
        rows=rows,
        now=queries.standing_on(volunteer, clock.today()),
        memberships=queries.memberships_of(volunteer),
        waiting=waiting_on(Kind.STANDING, f"volunteer:{volunteer.id}"),
        earliest=actions.earliest(volunteer),
        units=[("", _("没有单位")), *((each.id, each.name) for each in units)],
        given=request.form or given,
        errors=errors,
    )


@blueprint.get("/units")
def units() -> str:
    """List the units with their people."""
    every = queries.units(community_id())
    people = queries.people_of_units(every, clock.today())
    rows = [(each, len(_of_today(each, people[each.id]))) for each in every]
    return render_template("volunteers/units.html", rows=rows)


@blueprint.route("/units/<int:unit_id>", methods=["GET", "POST"])
def unit(unit_id: int) -> Page:
    """Show the people of a unit, and note that it is no more from a day on."""
    if request.method == "GET":
        return _unit_page(_unit(unit_id), {})
    try:
        said = take(EndForm(), request.form)
        with submitted() as taken:
            count = actions.dissolve(_unit(unit_id), said["from_day"], said["reason"])
            flash(_("已记下。%(count)s 位从 %(day)s 起没有单位，以前的月份不变。", count=count, day=said["from_day"].isoformat()), "done")
            return taken.redirect(url_for(".unit", unit_id=unit_id))
    except Invalid as error:
        return _unit_page(_unit(unit_id), sentences(error)), UNPROCESSABLE


def _unit_page(shown: Unit, errors: dict[str, str]) -> str:
    """Return the page of a unit."""
    people = queries.people_of_unit(shown, clock.today())
    given = {"from_day": max(clock.today(), actions.earliest(*people)).isoformat()}
    return render_template("volunteers/unit.html", unit=shown, people=_of_today(shown, people), given=request.form or given, errors=errors)


def _of_today(shown: Unit, people: Sequence[Volunteer]) -> list[Volunteer]:
    """Return who of some people is of a unit today."""
    return [each for each in people if each.unit_id == shown.id]


def _unit(unit_id: int) -> Unit:
    """Return a unit the reader may see."""
    return found(queries.unit_in(community_id(), unit_id))
