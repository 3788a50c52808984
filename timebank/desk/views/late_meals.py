"""晚改的餐: boxes ordered or dropped after the kitchen has closed; the desk telephones, or says what becomes of them."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import fields

from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import Form, Whole, Words, sentences, take
from timebank.places import queries as places
from timebank.visits import registers
from timebank.visits.actions import kitchen
from timebank.visits.models import BoxFate
from timebank.visits.views import kitchen_words
from timebank.web import UNPROCESSABLE, Page, found, submitted

blueprint = Blueprint("late_meals", __name__, url_prefix="/late-meals")


class LateForm(Form):
    """What becomes of boxes; ``elder`` is whose page it was chosen on."""

    fate = fields.Enum(BoxFate, by_value=True, load_default=None)
    kept_for = Words(40, load_default="")
    elder = Whole(1, 999_999_999, load_default=None)


@blueprint.get("")
def index() -> str:
    """List what is still to be settled with the kitchen."""
    return _page({}, None)


def _page(errors: dict[str, str], wrong: int | None) -> str:
    """Return the list; what was wrong stands beside its row."""
    rows = registers.late_meals(places.community_seen_by(this_user()).id)
    return render_template("requests/late.html", rows=rows, line=kitchen_words.line, errors=errors, wrong=wrong, given=request.form)


@blueprint.post("/<int:late_id>")
def settle(late_id: int) -> Page:
    """Say that the kitchen knows of boxes more, or what becomes of those nobody eats."""
    try:
        said = take(LateForm(), request.form)
        with submitted() as taken:
            late = found(registers.late_meal_of(places.community_seen_by(this_user()).id, late_id))
            kitchen.settle_late(late, this_user(), said["fate"], said["kept_for"])
            flash(_("已记下。"), "done")
            back = url_for("people.elder", elder_id=said["elder"]) if said["elder"] else url_for(".index")
            return taken.redirect(back)
    except Invalid as error:
        return _page(sentences(error), late_id), UNPROCESSABLE
