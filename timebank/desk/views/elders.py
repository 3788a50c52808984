"""老人, for the office, where it touches visits: an elder and the door are changed, and whoever is still to come there is told.

The page stands at its address of room ``elders``; it is here because who is to come is known here.
"""

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit
from timebank.access.guards import this_user
from timebank.elders import actions
from timebank.elders.binding_views import blueprint
from timebank.elders.models import Purpose
from timebank.elders.schemas import ConsentForm, ElderForm
from timebank.elders.views import door_of, edit_page, elder_or_404, person_of
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.visits.actions import homes
from timebank.web import UNPROCESSABLE, Page, joined, submitted

__all__ = ["blueprint"]


@blueprint.route("/<int:elder_id>/edit", methods=["GET", "POST"])
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
            flash(joined([_("已存好。"), more]), "done")
            return taken.redirect(url_for("people.elder", elder_id=elder.id))
    except Invalid as error:
        return edit_page(elder_id, sentences(error)), UNPROCESSABLE


@blueprint.post("/<int:elder_id>/consent")
def withdraw_consent(elder_id: int) -> AnyResponse:
    """Withdraw a consent with effect at once: what was only written down because of it is erased, visits nobody agrees to are called off."""
    purpose: Purpose = take(ConsentForm(), request.form)["purpose"]
    with submitted() as taken:
        gone = homes.withdraw_consent(elder_or_404(elder_id), purpose, this_user())
        told = _("取消了 %(count)s 次上门，要去的志愿者已收到消息。", count=len(gone)) if gone else ""
        flash(joined([_("已撤回同意，相关的记录已经清空。"), told]), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id) + "#consents")
