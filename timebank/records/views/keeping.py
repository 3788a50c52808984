"""Trainings of a volunteer, for the office and for oneself, and the evaluation of a service."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank.access.guards import this_user
from timebank.errors import Conflict, Invalid
from timebank.forms import sentences, take
from timebank.records import queries
from timebank.records.actions import keeping
from timebank.records.schemas import EvaluationForm, TrainingForm, WithdrawForm
from timebank.records.views.shared import blueprint, mine, volunteer_or_404
from timebank.volunteers import queries as volunteers
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


@blueprint.route("/volunteers/<int:volunteer_id>/trainings", methods=["GET", "POST"])
def trainings(volunteer_id: int) -> Page:
    """List a volunteer's trainings and note another one."""
    if request.method == "GET":
        return _page(volunteer_id, {})
    try:
        said = take(TrainingForm(), request.form)
        with submitted() as taken:
            keeping.add_training(volunteer_or_404(volunteer_id), keeping.Course(**said), this_user())
            flash(_("已登记。培训时间单独记，不算服务时间。"), "done")
            return taken.redirect(url_for(".trainings", volunteer_id=volunteer_id))
    except Invalid as error:
        return _page(volunteer_id, sentences(error)), UNPROCESSABLE
    except Conflict as error:
        return _page(volunteer_id, {"name": voiced(error.words)}), error.status


def _page(volunteer_id: int, errors: dict[str, str]) -> str:
    """Return the page of a volunteer's trainings."""
    volunteer = volunteer_or_404(volunteer_id)
    rows = queries.trainings_of(volunteer)
    return render_template("records/trainings.html", volunteer=volunteer, rows=rows, given=request.form, errors=errors)


@blueprint.post("/volunteers/<int:volunteer_id>/trainings/<int:training_id>/withdraw")
def withdraw_training(volunteer_id: int, training_id: int) -> Page:
    """Withdraw a training noted by mistake; it stays to be seen."""
    try:
        reason = take(WithdrawForm(), request.form)["reason"]
        with submitted() as taken:
            training = found(queries.training_of(volunteer_or_404(volunteer_id), training_id))
            keeping.withdraw_training(training, reason, this_user())
            return taken.redirect(url_for(".trainings", volunteer_id=volunteer_id))
    except Invalid as error:
        return _page(volunteer_id, {f"reason-{training_id}": sentences(error).get("reason", "")}), UNPROCESSABLE


@blueprint.get("/my/trainings")
def my_trainings() -> str:
    """List one's own trainings."""
    return render_template("records/my_trainings.html", rows=queries.trainings_of(found(volunteers.volunteer_of(this_user()))))


@blueprint.post("/books/hours/<int:record_id>/evaluation")
def evaluate(record_id: int) -> Page:
    """Say how a service was."""
    said = take(EvaluationForm(), request.form)
    with submitted() as taken:
        keeping.evaluate(found(queries.record_in(record_id, mine())), said["grade"], said["words"], this_user())
        return taken.redirect(url_for("books.hour", record_id=record_id) + "#evaluation")
