"""Steps by hand: the newest taken back, the last one taken back made again, all that have not gone out thrown away."""

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.forms import take
from timebank.planning import queries
from timebank.planning.actions import undoing
from timebank.planning.actions.steps import edits
from timebank.planning.models import Plan, PlanEdit
from timebank.planning.schemas import StepForm, WeekForm
from timebank.planning.views.board import Table
from timebank.planning.views.shared import blueprint, my_community
from timebank.web import found, submitted


@blueprint.post("/plan/steps/back")
def take_back() -> AnyResponse:
    """Take the newest step by hand back."""
    asked = take(StepForm(), request.form)
    plan = found(queries.plan_of(my_community().id, asked["week"]))
    with submitted() as taken:
        step = undoing.take_back(plan, asked["step"], this_user(), sure=asked["sure"])
        answer = taken.redirect(_board_of(step))
    flash(_("已撤销：%(step)s。", step=words_of(step)), "done")
    return answer


@blueprint.post("/plan/steps/again")
def make_again() -> AnyResponse:
    """Make the step again that was taken back last."""
    asked = take(StepForm(), request.form)
    plan = found(queries.plan_of(my_community().id, asked["week"]))
    with submitted() as taken:
        step = undoing.make_again(plan, asked["step"], this_user())
        answer = taken.redirect(_board_of(step))
    flash(_("已重做：%(step)s。", step=words_of(step)), "done")
    return answer


@blueprint.post("/plan/steps/throw-away")
def throw_away() -> AnyResponse:
    """Take all steps by hand back that have not gone out."""
    asked = take(WeekForm(), request.form)
    plan = found(queries.plan_of(my_community().id, asked["week"]))
    with submitted() as taken:
        count = undoing.throw_away(plan, this_user())
        answer = taken.redirect(url_for(".week", week=request.form["week"]))
    flash(_("扔掉了没发的 %(count)s 步手工改动。不对的话可以撤销。", count=count), "done")
    return answer


def _board_of(step: PlanEdit) -> str:
    """Return the board of the day a step is about."""
    day = next((line[1] for lines in (step.after, step.before) for mine in lines.values() for line in mine), None)
    return url_for(".week", week=clock.week_name(step.plan.week), day=day)


def words_of(step: PlanEdit) -> str:
    """Return a step in a few words, such as 10:31 挪 送餐."""
    verbs = {
        "place": _("挪"),
        "swap": _("对换"),
        "assign": _("换人或时间"),
        "unassign": _("取下"),
        "pin": _("锁定"),
        "unpin": _("不再锁定"),
        "take_up": _("按建议放宽"),
        "throw_away": _("扔掉没发的改动"),
    }
    return f"{clock.hhmm(clock.minute_of(step.at))} {verbs.get(step.verb, step.verb)}"


def steps_table(plan: Plan) -> Table:
    """Return what can be taken back and made again, each with its author, and how many steps have not gone out."""
    made = edits(plan)
    standing = [each for each in made if each.undone_at is None]
    again = next((each for each in reversed(made) if each.undone_at is not None), None)
    return {"back": _step(next(iter(standing), None)), "again": _step(again), "unsent": len(standing)}


def _step(step: PlanEdit | None) -> Table | None:
    """Return one step as its button says it."""
    if step is None:
        return None
    mine = step.by == this_user().id
    who = _("你") if mine else step.author.shown_name if step.author is not None else ""
    return {"id": step.id, "mine": mine, "words": f"{who} {words_of(step)}".strip()}
