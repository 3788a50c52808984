"""The board as a tool: a block is put somewhere else, or two are swapped; each judged at once."""

from datetime import date

from flask import flash, jsonify, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.errors import Conflict
from timebank.forms import args, take
from timebank.planning import queries
from timebank.planning.actions import placing
from timebank.planning.actions.placing import Lifted
from timebank.planning.actions.steps import CannotBe, Overtaken
from timebank.planning.models import Plan
from timebank.planning.schemas import PlaceForm, SwapForm
from timebank.planning.views.board import Table
from timebank.planning.views.shared import blueprint, my_community
from timebank.planning.views.week import with_refusal
from timebank.web import Page, found, submitted, voiced

CONFLICT = 409


def _plan_of(day: date) -> Plan:
    """Return the plan of a day's week."""
    return found(queries.plan_of(my_community().id, clock.monday_of(day)))


def _lifted(asked: Table) -> Lifted:
    """Return the block a form is about."""
    return Lifted(tuple(asked["visits"]), asked["giver"], asked["seen"])


@blueprint.get("/plan/board/look")
def look() -> AnyResponse:
    """Say whether a block could be put somewhere, in the referee's words, and when else; nothing is written."""
    asked = args(PlaceForm())
    try:
        refused = placing.look(_plan_of(asked["day"]), _lifted(asked), asked["taker"], asked["day"], asked["start"])
    except Conflict as error:
        return jsonify(holds=False, words=voiced(error.words), could_at=None, gate=False)
    if refused is None:
        return jsonify(holds=True, words=_("可以放在这里。"), could_at=None, gate=False)
    could_at = clock.hhmm(refused.could_at) if refused.could_at is not None else None
    return jsonify(holds=False, words=voiced(refused.words), could_at=could_at, gate=refused.gate)


@blueprint.post("/plan/board/place")
def place() -> Page:
    """Put a block on somebody's row; what the referee refuses stays on the page, with the way on."""
    asked = take(PlaceForm(), request.form)
    plan = _plan_of(asked["day"])
    try:
        with submitted() as taken:
            placing.place(plan, _lifted(asked), asked["taker"], asked["day"], asked["start"])
            answer = taken.redirect(_row(plan, asked["day"], asked["taker"]))
    except (CannotBe, Overtaken) as error:
        return with_refusal(_plan_of(asked["day"]), asked, error), CONFLICT
    flash(_("放好了，还没有发出去。"), "done")
    return answer


@blueprint.post("/plan/board/swap")
def swap() -> Page:
    """Let two people change two blocks."""
    asked = take(SwapForm(), request.form)
    giver, seen, visits = asked["other"].split("|")
    other = Lifted(tuple(int(each) for each in visits.split(",")), int(giver), seen)
    line = found(queries.assignment_of(my_community().id, asked["visits"][0], asked["giver"]))
    plan, day = line.plan, line.day
    try:
        with submitted() as taken:
            placing.swap(plan, _lifted(asked), other)
            answer = taken.redirect(_row(plan, day, asked["giver"]))
    except (CannotBe, Overtaken) as error:
        return with_refusal(_plan_of(day), {**asked, "day": day, "taker": other.giver, "start": None}, error), CONFLICT
    flash(_("换好了，还没有发出去。"), "done")
    return answer


def _row(plan: Plan, day: date, who: int) -> str:
    """Return the address of somebody's row of a day."""
    return url_for(".week", week=clock.week_name(plan.week), day=day.isoformat(), volunteer=who)
