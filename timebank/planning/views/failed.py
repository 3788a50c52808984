"""What next after a visit failed at the door: the two answers that its page asks for."""

from flask import flash, request, url_for
from flask_babel import gettext as _

from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.planning.schemas import LeaveForm, TryAgainForm
from timebank.planning.views.editing import visit_page
from timebank.planning.views.shared import blueprint, my_visit
from timebank.visits.actions import again
from timebank.web import UNPROCESSABLE, Page, submitted


@blueprint.post("/plan/visits/<int:visit_id>/again")
def try_again(visit_id: int) -> Page:
    """Let somebody go again on another day."""
    try:
        day = take(TryAgainForm(), request.form)["day"]
        with submitted() as taken:
            made = again.try_again(my_visit(visit_id)[1], day)
            flash(_("放回去了，等着排人。"), "done")
            return taken.redirect(url_for(".visit", visit_id=made.id))
    except Invalid as error:
        return visit_page(*my_visit(visit_id), errors=sentences(error)), UNPROCESSABLE


@blueprint.post("/plan/visits/<int:visit_id>/leave-it")
def leave_it(visit_id: int) -> Page:
    """Decide that nobody goes again."""
    try:
        why = take(LeaveForm(), request.form)["why"]
        with submitted() as taken:
            again.leave_it(my_visit(visit_id)[1], why)
            flash(_("记下了，这次不再去。"), "done")
            return taken.redirect(url_for(".visit", visit_id=visit_id))
    except Invalid as error:
        return visit_page(*my_visit(visit_id), errors=sentences(error)), UNPROCESSABLE
