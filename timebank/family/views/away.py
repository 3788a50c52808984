"""Pages of a family whose elder is away: on those days nobody comes, and whoever was to come is told."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.elders.models import Elder, ElderState, Household
from timebank.elders.queries import pause_of
from timebank.errors import Invalid
from timebank.family.views.family import reader, show
from timebank.forms import sentences, take
from timebank.phone.views.phone import refused
from timebank.visits import queries, registers
from timebank.visits.actions import homes
from timebank.visits.schemas import AwayForm
from timebank.visits.views import kitchen_words
from timebank.web import found, submitted

blueprint = Blueprint("family_away", __name__, url_prefix="/family/away")


@blueprint.get("")
def days() -> str:
    """Show the days on which nobody needs to come, and the form for more."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page of days away, with what was wrong in the form on it."""
    elders = queries.elders_of_user(reader())
    away = [(elder, each) for elder in _at_doors(elders) for each in elder.pauses if each.last_day >= clock.today()]
    doors = list({elder.household.id: elder.household for elder in elders}.values())
    return show(
        "family/away.html",
        elders=elders,
        away=away,
        couples=[names for home in doors if len(names := _names(home)) > 1],
        kitchen=kitchen_words.dropping([meal for home in doors for meal in registers.meals_to_come(home)], family=True),
        errors=errors,
        given=request.form,
        today=clock.today(),
        back_href=url_for("family.home"),
    )


def _names(home: Household) -> list[str]:
    """Return who lives behind a door now."""
    return [each.name for each in home.elders if each.state is ElderState.ACTIVE]


def _at_doors(elders: Sequence[Elder]) -> list[Elder]:
    """Return elders and whoever lives with them: away together, they come back by the same page."""
    return list(dict.fromkeys(each for elder in elders for each in (elder, *homes.together(elder))))


def _elder(elder_id: int) -> Elder:
    """Return an elder this reader speaks for."""
    return found(next((elder for elder in queries.elders_of_user(reader()) if elder.id == elder_id), None))


@blueprint.post("")
def add() -> AnyResponse:
    """Note days away; offers for those days are taken back."""
    try:
        said = take(AwayForm(), request.form)
        with submitted() as taken:
            elder = _elder(said["elder"])
            others = homes.others_away(elder, said["both"])
            called_off = homes.pause(elder, said["first_day"], said["last_day"] or said["first_day"], others=others)
            gone = called_off.gone
            told = _("要来的 %(count)s 次已经退掉，志愿者会收到消息。", count=len(gone)) if gone else ""
            flash(_("已记下，这几天不来了。") + told, "done")
            return taken.redirect(url_for(".days"))
    except Invalid as error:
        return refused(_page(sentences(error)))


@blueprint.post("/<int:elder_id>/<int:pause_id>/back")
def back(elder_id: int, pause_id: int) -> AnyResponse:
    """Note that an elder is back, or does not go after all."""
    with submitted() as taken:
        elder = found(next((each for each in _at_doors(queries.elders_of_user(reader())) if each.id == elder_id), None))
        which = found(pause_of(elder, pause_id))
        homes.come_back(elder, which, clock.today() if which.first_day >= clock.today() else clock.today() + timedelta(days=1))
        flash(_("已记下，照常安排。"), "done")
        return taken.redirect(url_for(".days"))
