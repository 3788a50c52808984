"""定期检查: who is due to be called, what came of each call, who is looked at every so many weeks."""

from datetime import timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.forms import take
from timebank.stations import queries
from timebank.stations.actions import check_ups as verbs
from timebank.stations.models import Outcome
from timebank.stations.schemas import CheckUpForm, RecallForm
from timebank.stations.views.shared import Errors, attempt, blueprint, choices, looked_for, mine, person, station_choices, station_of
from timebank.web import Page, Submission, found

EVERY_WEEKS = 4


@blueprint.get("/check-ups")
def check_ups() -> str:
    """Show who is due, then who is to come later."""
    return _page({})


def _page(errors: Errors) -> str:
    """Return the recall list."""
    today = clock.today()
    rows = queries.check_ups(mine())
    return render_template(
        "stations/check_ups.html",
        due=[each for each in rows if each.due <= today],
        later=[each for each in rows if each.due > today],
        outcomes=choices(Outcome),
        today=today,
        soon=today + timedelta(days=7),
        given=request.form,
        errors=errors,
    )


@blueprint.route("/check-ups/new", methods=["GET", "POST"])
def begin() -> Page:
    """Begin to call somebody to a check-up."""
    if request.method == "GET":
        return _new_page({})

    def act(taken: Submission) -> AnyResponse:
        said = take(CheckUpForm(), request.form)
        rhythm = verbs.Rhythm(
            what=said["what"], every_weeks=said["every_weeks"], due=said["due"], station=station_of(mine(), said["station"])
        )
        made = verbs.begin(mine(), rhythm, person(mine(), said["elder"], said["name"], said["phone"]))
        flash(_("%(name)s加进名单了，到日子会提醒打电话。", name=made.name), "done")
        return taken.redirect(url_for(".check_ups"))

    return attempt(act, _new_page)


def _new_page(errors: Errors) -> str:
    """Return the form of a check-up; who it is for is looked for in the register first."""
    asked = looked_for()
    given = {"name": asked["q"], "every_weeks": EVERY_WEEKS, "due": clock.today().isoformat(), **request.form.to_dict()}
    return render_template(
        "stations/check_up_new.html",
        **asked,
        stations=station_choices(mine()),
        given=given,
        errors=errors,
    )


@blueprint.post("/check-ups/<int:check_up_id>/note")
def note(check_up_id: int) -> Page:
    """Note what came of a call."""
    found(queries.check_up_in(mine(), check_up_id))

    def act(taken: Submission) -> AnyResponse:
        said = take(RecallForm(), request.form)
        row = found(queries.check_up_in(mine(), check_up_id))
        verbs.note(row, said["outcome"], said["note"], this_user(), said["due"])
        flash(_("记下了，%(name)s下次是 %(day)s。", name=row.name, day=row.due.isoformat()), "done")
        return taken.redirect(url_for(".check_ups"))

    return attempt(act, lambda errors: _page({f"{name}-{check_up_id}": text for name, text in errors.items()}))


@blueprint.post("/check-ups/<int:check_up_id>/end")
def end_check_up(check_up_id: int) -> Page:
    """Stop calling somebody."""
    found(queries.check_up_in(mine(), check_up_id))

    def act(taken: Submission) -> AnyResponse:
        verbs.end(found(queries.check_up_in(mine(), check_up_id)))
        flash(_("停了，以后不再提醒。"), "done")
        return taken.redirect(url_for(".check_ups"))

    return attempt(act, lambda errors: _page({f"{name}-{check_up_id}": text for name, text in errors.items()}))
