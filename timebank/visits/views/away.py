"""Pages of a family whose elder is away: on those days nobody comes, and whoever was to come is told."""

from datetime import timedelta

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.elders.models import Elder
from timebank.elders.queries import pause_of
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.visits import queries
from timebank.visits.actions import homes
from timebank.visits.schemas import AwayForm
from timebank.visits.views.family import reader, show
from timebank.visits.views.phone import NUMBER, refused
from timebank.web import found, submitted

blueprint = Blueprint("family_away", __name__, url_prefix="/family/away")


@blueprint.get("")
def days() -> str:
    """Show the days on which nobody needs to come, and the form for more."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page of days away, with what was wrong in the form on it."""
    elders = queries.elders_of_user(reader())
    away = [(elder, each) for elder in elders for each in elder.pauses if each.last_day >= clock.today()]
    return show(
        "family/away.html",
        elders=elders,
        away=away,
        errors=errors,
        given=request.form,
        today=clock.today(),
        back_href=url_for("family.home"),
    )


def _elder(elder_id: int) -> Elder:
    """Return an elder this reader speaks for."""
    return found(next((elder for elder in queries.elders_of_user(reader()) if elder.id == elder_id), None))


@blueprint.post("")
def add() -> AnyResponse:
    """Note days away; offers for those days are taken back."""
    try:
        said = take(AwayForm(), request.form)
        with submitted() as taken:
            called_off = homes.pause(_elder(said["elder"]), said["first_day"], said["last_day"] or said["first_day"])
            gone = called_off.gone
            told = _("要来的 %(count)s 次已经退掉，志愿者会收到消息。", count=len(gone)) if gone else ""
            flash(_("已记下，这几天不来了。") + told, "done")
            return taken.redirect(url_for(".days"))
    except Invalid as error:
        return refused(_page(sentences(error)))


@blueprint.post(f"/<{NUMBER}:elder_id>/<{NUMBER}:pause_id>/back")
def back(elder_id: int, pause_id: int) -> AnyResponse:
    """Note that an elder is back, or does not go after all."""
    with submitted() as taken:
        elder = _elder(elder_id)
        which = found(pause_of(elder, pause_id))
        homes.come_back(elder, which, clock.today() if which.first_day >= clock.today() else clock.today() + timedelta(days=1))
        flash(_("已记下，照常安排。"), "done")
        return taken.redirect(url_for(".days"))
