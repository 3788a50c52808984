"""The page of the second step: made once with an app and a drawing, typed whenever somebody of the office comes in."""

from flask import Blueprint, redirect, render_template, request, url_for
from marshmallow import fields
from werkzeug.wrappers import Response as AnyResponse

from timebank.access import second
from timebank.access.guards import home_url, this_session, this_user
from timebank.forms import Form, take
from timebank.web import found, qr, settings, submitted

blueprint = Blueprint("second", __name__, url_prefix="/second")


class SecondForm(Form):
    """What was typed from the app or from the paper."""

    code = fields.String(load_default="")


@blueprint.get("/")
def step() -> AnyResponse | str:
    """Ask for the code; of whoever has no second step yet, let them make one; lead on whoever has done it."""
    user, here = this_user(), found(this_session())
    if here.second_at is not None:
        return redirect(home_url(), 303)
    factor = second.factor_of(user)
    making = factor if factor is not None and factor.confirmed_at is None else None
    return render_template(
        "access/second.html",
        asked=settings().second_factor,
        has_one=factor is not None and factor.confirmed_at is not None,
        making=making,
        spares=(making.spares or "").split() if making else [],
        drawing=qr(second.address_of(making, user, settings().product_name)) if making else None,
        left=second.TRIES - here.second_tries,
        wrong=here.second_tries > 0,
    )


@blueprint.post("/begin")
def begin() -> AnyResponse:
    """Draw a second step for somebody who has none."""
    with submitted() as taken:
        second.begin(this_user())
        return taken.redirect(url_for(".step"))


@blueprint.post("/")
def check() -> AnyResponse:
    """Judge what was typed; the right code leads to the reader's own page."""
    typed = take(SecondForm(), request.form)["code"][:40]
    with submitted() as taken:
        right = second.check(this_user(), found(this_session()), typed)
        return taken.redirect(home_url() if right else url_for(".step"))
