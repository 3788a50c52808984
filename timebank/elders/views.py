"""老人: the register, new elders, and the form of each; what visits know of a door is on the page of room ``visits``."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import BRIEFLY, transaction
from timebank.elders import actions, queries
from timebank.elders.actions import Door, Person, SameDoor
from timebank.elders.diets import diet_words
from timebank.elders.models import CareLevel, Elder, Household
from timebank.elders.schemas import NewElderForm
from timebank.errors import Invalid
from timebank.forms import SearchArgs, sentences, take
from timebank.leafing import leaf
from timebank.places import queries as places
from timebank.places.models import Building
from timebank.web import UNPROCESSABLE, Page, found, language, submitted

blueprint = Blueprint("elders", __name__, url_prefix="/elders")


def community_id() -> int:
    """Return the community whose elders the reader sees."""
    return places.community_seen_by(this_user()).id


def elder_or_404(elder_id: int) -> Elder:
    """Return an elder the reader may see."""
    return found(queries.elder_of(community_id(), elder_id))


@blueprint.app_template_filter("eaten")
def eaten(diet: str) -> str:
    """Return a diet in the language of the page."""
    return diet_words(diet, language())


@blueprint.get("")
def index() -> str:
    """List the elders, found by name, telephone or address."""
    asked = take(SearchArgs(), request.args)
    mine = community_id()
    found = leaf(queries.register(mine, asked["q"], gone=asked["gone"]), asked["page"])
    return render_template(
        "elders/index.html",
        listed=found,
        href=lambda number: url_for(".index", q=asked["q"] or None, gone=asked["gone"] or None, page=number),
        asked=asked,
        paused={each.id for each in found.rows if queries.paused_on(each, clock.today())},
        waiting=queries.waiting_families(mine),
        claims=queries.open_claims(mine),
        year=clock.today().year,
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Write down an elder who is new here."""
    if request.method == "GET":
        return _new_page({})
    try:
        said = take(NewElderForm(), request.form)
        with submitted() as taken:
            elder = actions.register(community_id(), door_of(said), person_of(said), same=said["same"])
            flash(_("已登记 %(name)s。", name=elder.name), "done")
            return taken.redirect(url_for("people.elder", elder_id=elder.id))
    except SameDoor as error:
        return _new_page({}, error.homes), UNPROCESSABLE
    except Invalid as error:
        return _new_page(sentences(error)), UNPROCESSABLE


def _new_page(errors: dict[str, str], same: Sequence[Household] = ()) -> str:
    """Return the short form of a new elder, and who lives at the same door where somebody does."""
    return render_template("elders/new.html", given=request.form, errors=errors, buildings=building_choices(), same=same)


def building_choices() -> list[tuple[int, str]]:
    """Return the buildings of the reader's community for a select."""
    return [(each.id, f"{each.compound.name} {each.name}") for each in places.buildings(community_id())]


def door_of(said: dict[str, Any]) -> Door:
    """Return the door a form names; its building must be one of the reader's community."""
    building: Building = found(next((each for each in places.buildings(community_id()) if each.id == said["building"]), None))
    return Door(building=building, entrance=said["entrance"], floor=said["floor"], door=said["door"], note=said.get("door_note", ""))


def person_of(said: dict[str, Any]) -> Person:
    """Return the person a form describes."""
    names = ("name", "gender", "birth_year", "phone", "lives_alone", "level", "diet", "care_note")
    return Person(**{name: said[name] for name in names if name in said})


def edit_page(elder_id: int, errors: dict[str, str]) -> str:
    """Return the whole form of an elder."""
    with transaction(patience=BRIEFLY):
        actions.read_door(elder_or_404(elder_id))
    elder = elder_or_404(elder_id)
    return render_template(
        "elders/edit.html",
        elder=elder,
        given=request.form or _as_form(elder),
        errors=errors,
        buildings=building_choices(),
        held={purpose.value for purpose in queries.consents(elder)},
        levels=[
            (CareLevel.UNKNOWN.value, _("没有评估")),
            (CareLevel.ABLE.value, _("能自理")),
            (CareLevel.PARTLY.value, _("半自理")),
            (CareLevel.LOST.value, _("不能自理")),
        ],
    )


def _as_form(elder: Elder) -> dict[str, Any]:
    """Return an elder as the form would say it."""
    home = elder.household
    return {
        "name": elder.name,
        "gender": elder.gender,
        "birth_year": elder.birth_year or "",
        "phone": elder.phone,
        "lives_alone": "1" if elder.lives_alone else "",
        "level": elder.level.value,
        "diet": elder.diet or "",
        "care_note": elder.care_note or "",
        "building": home.building_id,
        "entrance": home.entrance,
        "floor": home.floor,
        "door": home.door or "",
        "door_note": home.door_note or "",
    }
