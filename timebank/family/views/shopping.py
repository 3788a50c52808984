"""清单、预算和小票: written at the desk or by the family before, noted on the volunteer's phone at the shop."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields

from timebank.access.guards import this_user
from timebank.desk.views.requests import community_id
from timebank.errors import Conflict, Invalid
from timebank.family.views.family import reader
from timebank.family.views.family import show as family_page
from timebank.forms import Form, Words, photo_sent, sentences, take
from timebank.phone.views.phone import me
from timebank.phone.views.phone import show as phone_page
from timebank.visits import queries, shopping
from timebank.visits.actions import shopping as actions
from timebank.visits.models import HelpRequest, Offer, Visit
from timebank.web import Page, found, submitted, voiced

blueprint = Blueprint("shopping", __name__)
AMOUNT = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?", re.ASCII)
Show = Callable[[dict[str, str]], str]


class Money(fields.Field[int]):
    """An amount in yuan such as 35, 35.5 or ３５．５０元; fen inside."""

    default_error_messages = {"required": lazy_gettext("请填多少元。")}  # noqa: RUF012 - marshmallow's own name

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ANN401 - marshmallow's own signature
        """Return the fen."""
        del attr, data, kwargs
        said = unicodedata.normalize("NFKC", str(value)).strip().removesuffix("元").removeprefix("¥").strip()
        read = AMOUNT.fullmatch(said)
        if read is None:
            raise ValidationError(lazy_gettext("金额写成 35 或 35.50 这样。"))
        return int(read[1]) * 100 + int((read[2] or "0").ljust(2, "0"))


class ListForm(Form):
    """What to buy or pay, and at most for how much."""

    what = Words(300, load_default="")
    budget = Money(required=True)


class ReceiptForm(Form):
    """The cash that was taken, what was spent, and who agreed to more than the budget."""

    cash = Money(required=True)
    spent = Money(required=True)
    agreed = Words(60, load_default="")


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Give pages of requests and visits their list and receipt, read only where a page asks."""
    return {"shopping": shopping}


def _taken(act: Callable[[], object], show: Show, to: str, done: str) -> Page:
    """Take a form; what is refused is told on its page with everything that was typed."""
    try:
        with submitted() as taken:
            act()
            flash(done, "done")
            return taken.redirect(to)
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return show(told), error.status


@blueprint.route("/requests/<int:request_id>/list", methods=["GET", "POST"])
def desk_list(request_id: int) -> Page:
    """Write the list and the budget at the desk."""

    def asked() -> HelpRequest:
        return found(queries.request_of(community_id(), request_id))

    def show(errors: dict[str, str]) -> str:
        need = asked()
        return render_template("shopping/desk.html", need=need, kept=shopping.list_of(need), given=request.form, errors=errors)

    return _list(asked, show, url_for("requests.show", request_id=request_id))


@blueprint.route("/family/requests/<int:request_id>/list", methods=["GET", "POST"])
def own_list(request_id: int) -> Page:
    """Write the list and the budget as a family."""

    def asked() -> HelpRequest:
        return found(next((each for each in queries.requests_of_user(reader()) if each.id == request_id), None))

    back = url_for("family.request_page", request_id=request_id)

    def show(errors: dict[str, str]) -> str:
        need = asked()
        return family_page(
            "shopping/family.html", need=need, kept=shopping.list_of(need), given=request.form, errors=errors, back_href=back
        )

    return _list(asked, show, back)


def _list(asked: Callable[[], HelpRequest], show: Show, to: str) -> Page:
    """Show the form of a list, or take it."""
    asked()
    if request.method == "GET":
        return show({})

    def act() -> None:
        said = take(ListForm(), request.form)
        actions.set_list(asked(), said["what"], said["budget"], this_user())

    return _taken(act, show, to, _("清单和预算记下了，来的人会看到。"))


@blueprint.route("/phone/visits/<int:offer_id>/receipt", methods=["GET", "POST"])
def receipt(offer_id: int) -> Page:
    """Note the receipt on the phone."""

    def made() -> Offer:
        return found(queries.offer_of(me(), offer_id))

    back = url_for("phone.visit", offer_id=offer_id)

    def show(errors: dict[str, str]) -> str:
        need = made().visit.request
        return phone_page(
            "shopping/receipt.html", me(), made=made(), kept=shopping.list_of(need), given=request.form, errors=errors, back_href=back
        )

    made()
    if request.method == "GET":
        return show({})

    def act() -> None:
        said = take(ReceiptForm(), request.form)
        actions.note_receipt(made(), said["cash"], said["spent"], said["agreed"], photo_sent("photo"))

    return _taken(act, show, back, _("小票记下了。零钱请当面点清。"))


@blueprint.get("/phone/visits/<int:offer_id>/receipt.jpg")
def my_photo(offer_id: int) -> Response:
    """Show the photo of a receipt to whoever took it."""
    return _photo(found(queries.offer_of(me(), offer_id)).visit)


@blueprint.get("/family/visits/<int:visit_id>/receipt.jpg")
def own_photo(visit_id: int) -> Response:
    """Show the photo of a receipt to the family whose money it was."""
    return _photo(found(queries.visit_of_user(reader(), visit_id)))


@blueprint.get("/visits/<int:visit_id>/receipt.jpg")
def desk_photo(visit_id: int) -> Response:
    """Show the photo of a receipt at the desk."""
    return _photo(found(queries.visit_of(community_id(), visit_id)))


def _photo(visit: Visit) -> Response:
    """Return the picture."""
    return Response(found(shopping.photo_of(visit)), content_type="image/jpeg")
