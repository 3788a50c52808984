"""Pages of a phone on which a volunteer gives a visit to a colleague by name, and on which the colleague answers."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.errors import Conflict, Invalid
from timebank.forms import Form, Words, sentences, take
from timebank.phone.views.phone import me, refused, show
from timebank.planning.actions import swapping
from timebank.visits import queries, swaps
from timebank.visits.models import Offer
from timebank.visits.swaps import Hand, hand_of, hands_to, together
from timebank.visits.views import cards
from timebank.volunteers.queries import mates_of
from timebank.web import found, submitted

blueprint = Blueprint("swaps", __name__, url_prefix="/phone")


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Let pages of visits say whom a colleague was asked instead, read only where a page asks."""
    return {"swaps": swaps}


class NameForm(Form):
    """Who shall go instead: a mate of the list, or a name that is written."""

    mate = Words(20, load_default="")
    name = Words(20, load_default="")


@blueprint.route("/visits/<int:offer_id>/hand", methods=["GET", "POST"])
def ask(offer_id: int) -> AnyResponse | str:
    """Ask a colleague to go instead."""
    if request.method == "GET":
        return _page(_mine(offer_id), {})
    try:
        said = take(NameForm(), request.form)
        with submitted() as taken:
            made = _mine(offer_id)
            hand = swapping.ask(made, swapping.named(made, said["name"] or said["mate"]))
            flash(_("问了%(name)s。答应之前，这一件还是你的。", name=hand.to.name), "done")
            return taken.redirect(url_for("phone.visit", offer_id=offer_id))
    except Invalid as error:
        return refused(_page(_mine(offer_id), sentences(error)))


def _mine(offer_id: int) -> Offer:
    """Return an offer of one's own."""
    return found(queries.offer_of(me(), offer_id))


def _page(made: Offer, errors: dict[str, str]) -> str:
    """Return the page that asks who shall go instead: the mates who could, and a field for any other name."""
    could = {each.id for each in swapping.who_could(made)}
    return show(
        "swaps/ask.html",
        made.volunteer,
        doors=[cards.door_of(each) for each in together(made)],
        day=cards.day_words(made.day),
        mates=[each for each in mates_of(made.volunteer) if each.id in could],
        errors=errors,
        given=request.form,
        made=made,
        back_href=url_for("phone.visit", offer_id=made.id),
    )


@blueprint.post("/visits/<int:offer_id>/hand/withdraw")
def withdraw(offer_id: int) -> AnyResponse:
    """Go oneself after all."""
    with submitted() as taken:
        swapping.withdraw(found(hand_of(_mine(offer_id))))
        flash(_("收回了，这一件还是你去。"), "done")
        return taken.redirect(url_for("phone.visit", offer_id=offer_id))


def _to_me(hand_id: int) -> Hand:
    """Return what a colleague would give to the reader."""
    hand = next((each for each in hands_to(me()) if each.id == hand_id), None)
    if hand is None:
        raise Conflict("这一件已经收回，或者答复过了。")
    return hand


@blueprint.post("/hands/<int:hand_id>/take")
def take_it(hand_id: int) -> AnyResponse:
    """Go instead of a colleague."""
    with submitted() as taken:
        fresh = swapping.take(_to_me(hand_id), this_user())
        flash(_("这一件归你了，谢谢你帮忙。"), "done")
        return taken.redirect(url_for("phone.visit", offer_id=fresh[0].id))


@blueprint.post("/hands/<int:hand_id>/decline")
def decline(hand_id: int) -> AnyResponse:
    """Say that one cannot go instead."""
    with submitted() as taken:
        swapping.decline(_to_me(hand_id))
        flash(_("回了一声，没有任何影响。"), "done")
        return taken.redirect(url_for("phone.offers"))
