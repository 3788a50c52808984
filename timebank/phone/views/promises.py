"""On the volunteer's phone: a round accepted once for every week, and the end of that."""

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.phone.views.phone import me
from timebank.visits import queries
from timebank.visits.actions import promising
from timebank.visits.promises import promise_of
from timebank.web import found, submitted

blueprint = Blueprint("promises", __name__, url_prefix="/phone")


@blueprint.post("/rounds/<int:round_id>/promise")
def give(round_id: int) -> AnyResponse:
    """Accept a round for every week."""
    with submitted() as taken:
        promising.promise(found(queries.round_of(me(), round_id)))
        flash(_("约好了：以后每周这一轮直接算你接下，有新的门才再问你。哪次去不了照样可以说。"), "done")
        return taken.redirect(url_for("phone.week"))


@blueprint.post("/promises/<int:promise_id>/end")
def end(promise_id: int) -> AnyResponse:
    """Be asked again each week."""
    with submitted() as taken:
        promising.end(found(promise_of(me(), promise_id)))
        flash(_("好，以后每周先问你。已经接下的不变。"), "done")
        return taken.redirect(url_for("phone.week"))
