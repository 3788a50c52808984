"""放假安排: which years are known, and the form that takes in the next one's notice."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.records import workdays
from timebank.records.actions import calendar as holidays
from timebank.records.schemas import CalendarForm
from timebank.records.views.shared import blueprint
from timebank.web import UNPROCESSABLE, Page, listed, submitted


@blueprint.get("/calendar")
def calendar() -> str:
    """Show the holidays of the years from this one on."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page of the holidays."""
    return render_template(
        "records/calendar.html",
        days=workdays.special_days(clock.today().replace(month=1, day=1)),
        unknown=workdays.unknown_years(clock.today()),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/calendar")
def take_in_calendar() -> Page:
    """Take the holidays of a notice in."""
    try:
        lines = take(CalendarForm(), request.form)["lines"]
        with submitted() as taken:
            years = holidays.take_in(holidays.read(lines))
            flash(_("%(years)s 年的放假安排记下了，期限按它重新算。", years=listed(str(each) for each in years)), "done")
            return taken.redirect(url_for(".calendar"))
    except Invalid as error:
        return _page(sentences(error)), UNPROCESSABLE
