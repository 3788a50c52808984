"""老人: the register, new elders, and the form of each; what visits know of a door is on the page of room ``visits``."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import BRIEFLY, transaction
from timebank.elders import actions, queries
from timebank.elders.actions import Door, Person, SameDoor
from timebank.elders.models import CareLevel, Elder, Household, Purpose
from timebank.elders.schemas import ConsentForm, NewElderForm, SearchArgs
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.places import queries as places
from timebank.places.models import Building
from timebank.web import found, submitted

blueprint = Blueprint("elders", __name__, url_prefix="/elders")
NUMBER = "int(max=2147483647)"
UNPROCESSABLE = 422
Page = AnyResponse | str | tuple[str, int]


def community_id() -> int:
    """Return the community whose elders the reader sees."""
    return places.community_seen_by(this_user()).id


def elder_or_404(elder_id: int) -> Elder:
    """Return an elder the reader may see."""
    return found(queries.elder_of(community_id(), elder_id))


@blueprint.get("")
def index() -> str:
    """List the elders, found by name, telephone or address."""
    asked = take(SearchArgs(), request.args)
    mine = community_id()
    rows = queries.elders(mine, asked["q"], gone=asked["gone"])
    return render_template(
        "elders/index.html",
        rows=rows,
        asked=asked,
        paused={each.id for each in rows if queries.paused_on(each, clock.today())},
        waiting=queries.waiting_families(mine),
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


@blueprint.post(f"/<{NUMBER}:elder_id>/consent")
def withdraw_consent(elder_id: int) -> AnyResponse:
    """Withdraw a consent; what was only written down because of it is erased."""
    purpose: Purpose = take(ConsentForm(), request.form)["purpose"]
    with submitted() as taken:
        actions.withdraw_consent(elder_or_404(elder_id), purpose)
        flash(_("已撤回同意，相关的记录已经清空。"), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id))


@blueprint.post(f"/<{NUMBER}:elder_id>/family/<{NUMBER}:link_id>/approve")
def approve_family(elder_id: int, link_id: int) -> AnyResponse:
    """Let a relative speak for an elder."""
    with submitted() as taken:
        asked = actions.approve_family(found(queries.link_of(elder_or_404(elder_id), link_id)), this_user())
        flash(_("已经提请。第二个人核准，或者 24 小时没有人反对，这位家属就能看到上门安排。") if asked else _("没有改动。"), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id))


@blueprint.post(f"/<{NUMBER}:elder_id>/family/<{NUMBER}:link_id>/drop")
def drop_family(elder_id: int, link_id: int) -> AnyResponse:
    """Let a relative speak for an elder no more."""
    with submitted() as taken:
        actions.drop_family(found(queries.link_of(elder_or_404(elder_id), link_id)))
        flash(_("已解除。"), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id))
