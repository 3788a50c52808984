"""我不舒服, for the office: an elder's own call stands first on Today until somebody closes it with a result."""

from flask import flash, request, url_for
from flask_babel import gettext as _

from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.planning.views.shared import my_community
from timebank.today.views.shared import blueprint
from timebank.today.views.today import ResultForm, Wrong, today_page
from timebank.visits import calls
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.post("/elder-calls/<int:elder_call_id>/close")
def close_elder_call(elder_call_id: int) -> Page:
    """Close an elder's call with what was found."""
    try:
        result = take(ResultForm(), request.form)["result"]
        with submitted() as taken:
            calls.close(found(calls.call_in(my_community().id, elder_call_id)), this_user(), result)
            flash(_("已处理完毕，结果记下了。"), "done")
            return taken.redirect(url_for(".today"))
    except Invalid as error:
        return today_page(wrong=Wrong(calls={elder_call_id: next(iter(sentences(error).values()))})), UNPROCESSABLE
