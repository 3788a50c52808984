"""老人, for the office, where it touches visits: an elder and the door are changed, and whoever is still to come there is told.

The page stands at its address of room ``elders``; it is here because who is to come is known here.
"""

from flask import flash, request, url_for
from flask_babel import gettext as _

from timebank import audit
from timebank.elders import actions
from timebank.elders.schemas import ElderForm
from timebank.elders.views import NUMBER, UNPROCESSABLE, Page, blueprint, door_of, edit_page, elder_or_404, person_of
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.visits.actions import homes
from timebank.web import says, submitted

__all__ = ["blueprint"]


@blueprint.route(f"/<{NUMBER}:elder_id>/edit", methods=["GET", "POST"])
def edit(elder_id: int) -> Page:
    """Change an elder and the door; reading the form is noted, for it shows the door."""
    if request.method == "GET":
        audit.look("elder", elder_or_404(elder_id).id)
        return edit_page(elder_id, {})
    try:
        said = take(ElderForm(), request.form)
        with submitted() as taken:
            elder = elder_or_404(elder_id)
            actions.edit_elder(elder, person_of(said), agrees=said["agrees_health"])
            told = {made.volunteer_id for made in homes.move_door(elder, door_of(said), agrees=said["agrees_door"])}
            more = _("要上门的 %(count)s 位志愿者已收到消息，请他们看一下新地址。", count=len(told)) if told else ""
            flash(says("", " ").join(filter(None, [_("已存好。"), more])), "done")
            return taken.redirect(url_for("people.elder", elder_id=elder.id))
    except Invalid as error:
        return edit_page(elder_id, sentences(error)), UNPROCESSABLE
