"""团体: the register of residents' groups."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import may
from timebank.cases import keeping, words
from timebank.cases.actions import registering
from timebank.cases.actions.registering import Group
from timebank.cases.registers import Club
from timebank.cases.schemas import ClubArgs, ClubForm, DissolveForm
from timebank.cases.views.shared import blueprint, mine
from timebank.errors import Conflict, Invalid
from timebank.forms import args, sentences, take
from timebank.phones import mask_phone
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


@blueprint.get("/cases/groups")
def clubs() -> str:
    """List the groups of the community."""
    asked = args(ClubArgs())
    community_id = mine()
    rows = keeping.clubs(community_id, asked["q"], ended=asked["ended"])
    return render_template(
        "cases/clubs.html",
        rows=[(each, voiced(words.CLUBS[each.sort]), _phone(each)) for each in rows],
        asked=asked,
        members=sum(each.members for each in rows),
    )


def _phone(club: Club) -> str:
    """Return the telephone of a group's lead, masked for whoever does not change it."""
    return club.lead_phone if may("cases.edit_club") or not club.lead_phone else mask_phone(club.lead_phone)


@blueprint.route("/cases/groups/new", methods=["GET", "POST"])
def new_club() -> Page:
    """Write down a group."""
    if request.method == "GET":
        return _form_page(None, {})
    try:
        said = take(ClubForm(), request.form)
        with submitted() as taken:
            registering.add_club(mine(), Group(**said))
            flash(_("记下了。"), "done")
            return taken.redirect(url_for(".clubs"))
    except Invalid as error:
        return _form_page(None, sentences(error)), UNPROCESSABLE


@blueprint.get("/cases/groups/<int:club_id>")
def club(club_id: int) -> str:
    """Show one group, to be changed."""
    return _form_page(_club(club_id), {})


def _club(club_id: int) -> Club:
    """Return a group of the reader's community."""
    return found(keeping.club_in(mine(), club_id))


def _form_page(club: Club | None, errors: dict[str, str], wrong: str = "edit") -> str:
    """Return the form of a group, as it is or as it was typed."""
    given: Any = request.form if errors and wrong == "edit" else club or {}
    return render_template(
        "cases/club.html",
        club=club,
        phone=_phone(club) if club else "",
        given=given,
        chosen=request.form.get("sort") if errors and wrong == "edit" else club.sort.value if club else "",
        sorts=words.choices(words.CLUBS),
        today=clock.today(),
        ending=request.form if wrong == "dissolve" else {},
        errors=errors,
    )


@blueprint.post("/cases/groups/<int:club_id>")
def edit_club(club_id: int) -> Page:
    """Change what is written down of a group."""
    try:
        said = take(ClubForm(), request.form)
        with submitted() as taken:
            registering.edit_club(_club(club_id), Group(**said))
            flash(_("已存好。"), "done")
            return taken.redirect(url_for(".clubs"))
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return _form_page(_club(club_id), told), error.status


@blueprint.post("/cases/groups/<int:club_id>/dissolve")
def dissolve_club(club_id: int) -> Page:
    """Note that a group is no more."""
    try:
        said = take(DissolveForm(), request.form)
        with submitted() as taken:
            registering.dissolve(_club(club_id), said["day"], said["reason"])
            flash(_("记下了，名字留在解散的里面。"), "done")
            return taken.redirect(url_for(".clubs"))
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return _form_page(_club(club_id), told, "dissolve"), error.status
