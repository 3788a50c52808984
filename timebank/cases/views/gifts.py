"""物资: the register of gifts in kind and of heads at rest points, outside the time ledger."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import this_user
from timebank.cases import keeping, words
from timebank.cases.actions import registering
from timebank.cases.actions.registering import Line
from timebank.cases.registers import GiftPlace
from timebank.cases.schemas import LineForm, PlaceForm, ReasonForm
from timebank.cases.views.shared import blueprint, mine
from timebank.errors import Conflict, Invalid
from timebank.forms import sentences, take
from timebank.visits.views import cards
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


@blueprint.get("/cases/gifts")
def gifts() -> str:
    """List the places with what is at hand, and what came and went this year."""
    return _list_page({})


def _list_page(errors: dict[str, str]) -> str:
    """Return the list of places."""
    community_id = mine()
    first = clock.today().replace(month=1, day=1)
    return render_template(
        "cases/gifts.html",
        places=[(each, voiced(words.GIFTS[each.sort])) for each in keeping.places(community_id)],
        gone=keeping.places(community_id, ended=True),
        tallies=keeping.tallies(community_id, first, clock.today()),
        year=first.year,
        sorts=words.choices(words.GIFTS),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/cases/gifts")
def open_place() -> Page:
    """Note a new place."""
    try:
        said = take(PlaceForm(), request.form)
        with submitted() as taken:
            made = registering.open_place(mine(), said["name"], said["sort"], said["place"])
            flash(_("记下了，现在可以记收和取。"), "done")
            return taken.redirect(url_for(".gift_place", place_id=made.id))
    except Invalid as error:
        return _list_page(sentences(error)), UNPROCESSABLE


def _place(place_id: int) -> GiftPlace:
    """Return a place of the reader's community."""
    return found(keeping.place_in(mine(), place_id))


@blueprint.get("/cases/gifts/<int:place_id>")
def gift_place(place_id: int) -> str:
    """Show the register of one place."""
    return _place_page(place_id, {})


def _place_page(place_id: int, errors: dict[str, str], wrong: str = "") -> str:
    """Return the register of a place; ``wrong`` is the form that was not taken."""
    place = _place(place_id)
    today = clock.today()
    return render_template(
        "cases/gift_place.html",
        place=place,
        sort=voiced(words.GIFTS[place.sort]),
        entries=keeping.entries(place),
        tally=keeping.tallies(place.community_id, today.replace(day=1), today).get(place.id, keeping.Tally()),
        ways=words.choices(words.GIFT_WAYS),
        way_words=dict(words.choices(words.GIFT_WAYS)),
        date_words=cards.date_words,
        today=today,
        given=request.form,
        errors=errors,
        wrong=wrong,
    )


def _refused(place_id: int, error: Invalid | Conflict, wrong: str) -> Page:
    """Return a place's page with what was wrong in a form on it."""
    told: dict[str, Any] = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
    return _place_page(place_id, told, wrong), error.status


@blueprint.post("/cases/gifts/<int:place_id>/lines")
def enter_gift(place_id: int) -> Page:
    """Write a line into a place's register."""
    try:
        said = take(LineForm(), request.form)
        with submitted() as taken:
            registering.enter(_place(place_id), Line(**said), this_user())
            flash(_("记下了。"), "done")
            return taken.redirect(url_for(".gift_place", place_id=place_id))
    except (Invalid, Conflict) as error:
        return _refused(place_id, error, "line")


@blueprint.post("/cases/gifts/<int:place_id>/lines/<int:entry_id>/withdraw")
def withdraw_gift(place_id: int, entry_id: int) -> Page:
    """Take a line back that was entered by mistake."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            registering.withdraw(found(keeping.entry_of(_place(place_id), entry_id)), this_user(), reason)
            flash(_("撤了，原因记下了。"), "done")
            return taken.redirect(url_for(".gift_place", place_id=place_id))
    except (Invalid, Conflict) as error:
        return _refused(place_id, error, f"line{entry_id}")


@blueprint.post("/cases/gifts/<int:place_id>/end")
def end_place(place_id: int) -> Page:
    """Note that a place is no more."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            registering.end_place(_place(place_id), reason)
            flash(_("记下了，登记簿留着。"), "done")
            return taken.redirect(url_for(".gifts"))
    except (Invalid, Conflict) as error:
        return _refused(place_id, error, "end")
