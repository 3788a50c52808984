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
from timebank.errors import NotFound
from timebank.forms import Form, take
from timebank.outside import outside
from timebank.phone.views.phone import me, show
from timebank.places.models import Community
from timebank.visits import queries
from timebank.visits.models import OfferState
from timebank.volunteers import standby
from timebank.volunteers.models import Volunteer
from timebank.web import found, qr, submitted

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
    volunteer = me()
    address = url_for(".check", token=_signer().dumps(volunteer.id))
    code = qr(outside.address + address) if outside.is_known else None
    return show("phone/badge.html", volunteer, qr=code, back_href=url_for("phone.mine"))


@blueprint.get("/volunteer/<token>")
def check(token: str) -> str:
    """Say to whoever read a card's code whether it is that of a volunteer who serves here now."""
    try:
        number = int(_signer().loads(token))
    except (BadSignature, ValueError, TypeError):
        number = 0
    holder = found(db.session.get(Volunteer, number))
    community = db.session.get(Community, holder.community_id)
    return render_template(
        "phone/badge_check.html",
        holder=holder,
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
            way=("回到今天", "Back to today", url_for("phone.today")),
        )
    return redirect(url_for("phone.visit", offer_id=made.id), 303)


def _signer() -> URLSafeSerializer:
    """Return what signs the number on a card, so that nobody makes one up."""
    return URLSafeSerializer(str(current_app.secret_key), salt=SALT)
