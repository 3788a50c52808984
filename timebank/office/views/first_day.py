"""开张: what the office still lacks, each step with its state and its own page; and where an administrator begins."""

from datetime import timedelta

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock
from timebank.access.guards import may
from timebank.forms import take
from timebank.office import actions, queries
from timebank.office.queries import Step
from timebank.office.schemas import StepForm
from timebank.office.views.shared import blueprint, community_or_none, mine, page
from timebank.web import submitted

LATE = timedelta(days=2)


@blueprint.get("/start")
def start() -> AnyResponse:
    """Lead an administrator to the first day until a first week was published, then to today."""
    community = community_or_none()
    opened = community is not None and queries.is_open(community.id)
    return redirect(url_for("today.today" if opened else ".first_day"), 303)


@blueprint.get("/first-day")
def first_day() -> str:
    """Show the ten steps with their state, and the next one."""
    community = community_or_none()
    progress = queries.progress(community.id if community else None)
    last = audit.newest("back_up") if may("handbook.index") else None
    late = last is None or clock.now() - last > LATE
    return page("office/first_day.html", progress.next_step or Step.WEEK, backup=last, late=late)


@blueprint.post("/first-day/leave-out")
def leave_out() -> AnyResponse:
    """Leave a step out for now."""
    step: Step = take(StepForm(), request.form)["step"]
    with submitted() as taken:
        actions.leave_out(mine().id, step)
        return taken.redirect(url_for(".first_day"))


@blueprint.post("/first-day/take-up")
def take_up() -> AnyResponse:
    """Take a step up again."""
    step: Step = take(StepForm(), request.form)["step"]
    with submitted() as taken:
        actions.take_up(mine().id, step)
        return taken.redirect(url_for(".first_day"))
