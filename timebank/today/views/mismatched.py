"""补报对不上: taps that came late from a phone without a network and did not fit; both sides, a call, and a result."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.phone.views.late_taps import deed_word
from timebank.planning.views.shared import my_community
from timebank.today.views.shared import blueprint
from timebank.today.views.today import ResultForm, names_of, place_of
from timebank.visits.actions import mismatching
from timebank.visits.mismatches import mismatch_in, to_settle
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.get("/mismatches")
def mismatches() -> str:
    """List what did not fit, what somebody insists on first."""
    return _page({}, None)


def _page(errors: dict[str, str], wrong: int | None) -> str:
    """Return the page, with what was not taken of a form on it."""
    return render_template(
        "today/mismatches.html",
        rows=to_settle(my_community().id),
        errors=errors,
        wrong=wrong,
        given=request.form,
        names_of=names_of,
        place_of=place_of,
        deed_word=deed_word,
    )


@blueprint.post("/mismatches/<int:mismatch_id>/settle")
def settle_mismatch(mismatch_id: int) -> Page:
    """Close one with what was found."""
    try:
        result = take(ResultForm(), request.form)["result"]
        with submitted() as taken:
            mismatching.settle(found(mismatch_in(my_community().id, mismatch_id)), this_user().id, result)
            flash(_("已办完，志愿者会看到结果。"), "done")
            return taken.redirect(url_for(".mismatches"))
    except Invalid as error:
        return _page(sentences(error), mismatch_id), UNPROCESSABLE
