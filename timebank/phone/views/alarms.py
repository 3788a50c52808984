"""What a volunteer taps after an alarm, for the rest of a round that they cannot carry on, and for a longer stay in a home."""

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.forms import take
from timebank.phone.views.phone import me
from timebank.visits import queries
from timebank.visits.actions import alarms, staying
from timebank.visits.models import Alert
from timebank.visits.schemas import TapForm
from timebank.web import found, submitted

blueprint = Blueprint("alarms", __name__, url_prefix="/phone")


def _own(alert_id: int) -> Alert:
    """Return an alarm of one's own."""
    return found(next((each for each in queries.alerts_of(me(), closed=True) if each.id == alert_id), None))


@blueprint.post("/alerts/<int:alert_id>/go-on")
def go_on(alert_id: int) -> AnyResponse:
    """Carry on with what is left of the round."""
    take(TapForm(), request.form)
    with submitted() as taken:
        alarms.go_on(_own(alert_id))
        return taken.redirect(url_for("phone.today"))


@blueprint.post("/alerts/<int:alert_id>/mistaken")
def mistaken(alert_id: int) -> AnyResponse:
    """Take an alarm back that was a slip of the finger."""
    with submitted() as taken:
        alarms.mistaken(_own(alert_id), this_user())
        flash(_("已收回，服务站知道是点错了。"), "done")
        return taken.redirect(url_for("phone.today"))


@blueprint.post("/rounds/<int:round_id>/hand-back")
def hand_back(round_id: int) -> AnyResponse:
    """Give back the doors of a round that one cannot reach."""
    with submitted() as taken:
        rest = alarms.hand_back(found(queries.round_of(me(), round_id)))
        count = len(rest)
        flash(
            ngettext(
                "余下 %(count)s 户交回了，协调员马上请人。餐先留在你手上，等人来接。",
                "余下 %(count)s 户交回了，协调员马上请人。餐先留在你手上，等人来接。",
                count,
                count=count,
            ),
            "done",
        )
        return taken.redirect(url_for("phone.today"))


@blueprint.post("/visits/<int:offer_id>/stay")
def stay(offer_id: int) -> AnyResponse:
    """Stay a quarter of an hour longer in a home."""
    with submitted() as taken:
        made = found(queries.offer_of(me(), offer_id))
        staying.stay_longer(made)
        until = staying.until(made)
        flash(_("好，%(time)s 前做完再签退。", time=until.strftime("%H:%M") if until else ""), "done")
        return taken.redirect(url_for("phone.visit", offer_id=offer_id))
