"""A volunteer's card with its code to check, the code of a door's card, and the switch by which somebody says that they can be asked at once."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from marshmallow import fields, validate
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.masking import mask_name
from timebank.db import db
from timebank.errors import Invalid, NotFound
from timebank.forms import Form, photo_sent, sentences, take
from timebank.outside import outside
from timebank.phone.views.phone import me, refused, show
from timebank.places.models import Community
from timebank.sentences import Sentence
from timebank.visits import queries
from timebank.visits.models import OfferState
from timebank.volunteers import badges, standby
from timebank.volunteers.models import Volunteer
from timebank.web import found, qr, submitted

BACK_TO_TODAY = Sentence("回到今天")
blueprint = Blueprint("badge", __name__)
SALT = "volunteer's card"


class StandbyForm(Form):
    """For how many hours somebody can be asked at once, 0 to end it."""

    hours = fields.Integer(required=True, validate=validate.OneOf([0, *standby.HOURS]))


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Let pages ask who is standing by."""
    return {"standby": standby}


@blueprint.post("/phone/standby")
def stand_by() -> AnyResponse:
    """Say that one can be asked at once for some hours, or not any more."""
    hours = take(StandbyForm(), request.form)["hours"]
    with submitted() as taken:
        if hours:
            until = standby.begin(me(), hours)
            flash(_("好，%(time)s 以前有急事会问你。去不去你定。", time=until.strftime("%H:%M")), "done")
        else:
            standby.end(me())
            flash(_("好，不再临时叫你。"), "done")
        return taken.redirect(url_for("phone.today"))


@blueprint.get("/phone/card")
def card() -> str:
    """Show one's own card; whoever opens the door reads its code with any phone."""
    return _card_page({})


def _card_page(errors: dict[str, str]) -> str:
    """Return the card, with what was wrong with a photo for it."""
    volunteer = me()
    address = url_for(".check", token=_signer().dumps(volunteer.id))
    code = qr(outside.address + address) if outside.is_known else None
    has_photo = badges.photo_of(volunteer) is not None
    return show("phone/badge.html", volunteer, qr=code, has_photo=has_photo, errors=errors, back_href=url_for("phone.mine"))


@blueprint.post("/phone/card/photo")
def take_photo() -> AnyResponse:
    """Put one's own photo on the card."""
    try:
        with submitted() as taken:
            badges.take_photo(me(), photo_sent("photo"))
            flash(_("照片放上去了。开门的人扫一扫就看得到，随时可以拿掉。"), "done")
            return taken.redirect(url_for(".card"))
    except Invalid as error:
        return refused(_card_page(sentences(error)))


@blueprint.post("/phone/card/photo/drop")
def drop_photo() -> AnyResponse:
    """Take one's own photo off the card."""
    with submitted() as taken:
        badges.drop_photo(me())
        flash(_("照片拿掉了，没有留底。"), "done")
        return taken.redirect(url_for(".card"))


@blueprint.get("/phone/card/photo.jpg")
def my_photo() -> AnyResponse:
    """Show one's own photo."""
    return _photo(me())


@blueprint.get("/volunteer/<token>/photo.jpg")
def shown_photo(token: str) -> AnyResponse:
    """Show whose card it is to whoever read its code."""
    return _photo(_holder(token))


def _photo(volunteer: Volunteer) -> AnyResponse:
    """Return the picture."""
    return AnyResponse(found(badges.photo_of(volunteer)), content_type="image/jpeg")


@blueprint.get("/volunteer/<token>")
def check(token: str) -> str:
    """Say to whoever read a card's code whether it is that of a volunteer who serves here now."""
    holder = _holder(token)
    community = db.session.get(Community, holder.community_id)
    return render_template(
        "phone/badge_check.html",
        holder=holder,
        photo_href=url_for(".shown_photo", token=token) if badges.photo_of(holder) else None,
        name=mask_name(holder.name),
        community=community.name if community else "",
        station_phone=community.phone if community else "",
    )


@blueprint.get("/phone/at-door/<int:visit_id>")
def at_door(visit_id: int) -> AnyResponse:
    """Lead whoever reads the drawing on a door's card to their own stop there; the code comes along behind the address's #."""
    mine = queries.offers_of(me(), clock.today(), clock.today())
    made = next((each for each in mine if each.visit_id == visit_id and each.state is OfferState.ACCEPTED), None)
    if made is None:
        raise NotFound(
            "这一户这次不是你的安排，或者已经改派了。回到今天看最新的，有疑问打给服务站。",
            way=(BACK_TO_TODAY, url_for("phone.today")),
        )
    return redirect(url_for("phone.visit", offer_id=made.id), 303)


def _holder(token: str) -> Volunteer:
    """Return whose card a code is on."""
    try:
        number = int(_signer().loads(token))
    except (BadSignature, ValueError, TypeError):
        number = 0
    return found(db.session.get(Volunteer, number))


def _signer() -> URLSafeSerializer:
    """Return what signs the number on a card, so that nobody makes one up."""
    return URLSafeSerializer(str(current_app.secret_key), salt=SALT)
