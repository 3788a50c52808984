"""Runs of the engine: how far one is, what is proved, what it found; stop it and keep the best, take a result later."""

import math
from datetime import datetime
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.hours import hours_text
from timebank.planning import queries, words
from timebank.planning.actions import runs
from timebank.planning.aims import in_words
from timebank.planning.models import PlanRun, RunKind, RunState
from timebank.planning.views.board import Table
from timebank.planning.views.shared import blueprint, my_community
from timebank.web import found, submitted

LEAST_CURVE = 4


@blueprint.get("/plan/runs/<int:run_id>")
def run(run_id: int) -> str | AnyResponse:
    """Show how far a run is, or what it found; what is only tried has a page of its own."""
    community = my_community()
    mark = found(queries.run_mark(community.id, run_id))
    shown = found(queries.run_of(community.id, run_id))
    if shown.kind is RunKind.ADVISE:
        return redirect(url_for(".advice", week=clock.week_name(shown.plan.week)))
    if shown.kind is RunKind.WHAT_IF:
        return redirect(url_for(".tried_out", run_id=run_id))
    return render_template("planning/run.html", community=community.name, mark=mark, **page(shown))


def page(shown: PlanRun) -> Table:
    """Return what the page of a run shows."""
    plan = shown.plan
    return {
        "run": shown,
        "plan": plan,
        "week_name": clock.week_name(plan.week),
        "week_number": plan.week.isocalendar().week,
        "days_words": words.week_words(plan.week),
        "going": shown.state in queries.WAITING,
        "figures": figures(shown),
        "points": points(shown),
        "steps": steps(shown),
        "result": outcome(shown),
        "curve_seconds": math.ceil(max(LEAST_CURVE, shown.result["seconds"] or 0)) if shown.result else shown.seconds,
        "history": [history_row(each) for each in queries.plannings(plan) if each.state not in queries.WAITING],
        "aims": in_words(shown.goals),
        "lost": shown.state in queries.WAITING and queries.going_on([shown]) is None,
        "stopped": shown.fault == runs.STOPPED,
    }


def points(shown: PlanRun) -> list[Table]:
    """Return the progress of a run as its curve is drawn: seconds, weight served, weight proved to be the most."""
    rows = [row for row in shown.progress if "served_weight" in row and "seconds" in row]
    return [{"seconds": row["seconds"], "served": row["served_weight"], "bound": row.get("bound")} for row in rows]


def figures(shown: PlanRun) -> Table:
    """Return the four figures of a run: served, proved bound, what is still possible, time left."""
    needed = shown.needed_weight
    drawn = points(shown)
    served = drawn[-1]["served"] if drawn else 0
    bound = min(drawn[-1]["bound"] or needed, needed) if drawn else needed
    return {
        "served": grouped(served),
        "needed": grouped(needed),
        "share": percent(served, needed),
        "bound": grouped(bound),
        "gap": grouped(max(bound - served, 0)),
        "gap_share": percent(max(bound - served, 0), needed),
        "left": seconds_left(shown),
        "weight": served,
        "weight_bound": bound,
        "weight_needed": needed,
    }


def grouped(number: int) -> str:
    """Return a number with a comma between thousands."""
    return f"{number:,}"


def percent(part: int, whole: int) -> str:
    """Return a share with one decimal; it is only whole when it is."""
    if whole <= 0:
        return "0 %"
    share = 1000 * part // whole
    return "100 %" if part >= whole else f"{share / 10:.1f} %"


def seconds_left(shown: PlanRun) -> int:
    """Return how many seconds a run may still use."""
    if shown.started_at is None:
        return shown.seconds
    return max(0, round(shown.seconds - (clock.now() - shown.started_at).total_seconds()))


def steps(shown: PlanRun) -> list[Table]:
    """Return the steps of a run in words, each with how it stands."""
    told = [row for row in shown.progress if "seconds" in row]
    first, last = (told[0], told[-1]) if told else (None, None)
    done = shown.state is RunState.DONE
    improved = done or any(row.get("phase") == "done" for row in told)
    people = len(shown.plan.windows)
    counts = (
        _("%(needed)s 件需求，%(people)s 位志愿者", needed=shown.needed, people=people)
        if shown.needed
        else _("%(people)s 位志愿者", people=people)
    )
    better = len(_climbs(shown)) - 1
    tried = _("已经变好 %(count)s 次", count=better) if better > 0 else _("换人、换时间、换顺序，反复试")
    again = shown.kind is RunKind.REPLAN
    begin = (_("先照原来的排"), _("能不动的都不动")) if again else (_("先排一个可行的"), _("送餐先成轮，再排上门"))
    improve = _("一位一位放开，看能多排多少") if again else _("不断改进")
    return [
        _step(_("读入这一周"), counts, _state(shown.state is not RunState.QUEUED, shown.state is RunState.QUEUED), None),
        _step(*begin, _state(first is not None or done, shown.state is RunState.RUNNING), first),
        _step(improve, tried, _state(improved, first is not None), last),
        _step(_("裁判复核"), _("不用求解的代码，独立再查一遍"), _state(done, improved), None),
        _step(_("写明原因"), _("每件未能安排的，说清原因和最小改动"), _state(done, improved), None),
    ]


def _climbs(shown: PlanRun) -> list[int]:
    """Return the weights at which a run got better."""
    return sorted({row["served"] for row in points(shown)})


def _state(done: bool, current: bool) -> str:  # noqa: FBT001 - two facts about one step
    """Return how a step stands."""
    return "done" if done else "current" if current else "to_do"


def _step(title: str, text: str, state: str, row: dict[str, Any] | None) -> Table:
    """Return one step, with the second it was reached when that is known."""
    return {"title": title, "text": text, "state": state, "time": _("%(seconds)s 秒", seconds=f"{row['seconds']:.1f}") if row else None}


def outcome(shown: PlanRun) -> Table | None:
    """Return what a run found; None while it has found nothing."""
    if shown.result is None:
        return None
    score, bound = shown.result["score"], shown.result["bound"]["served_weight"]
    return {
        "served": score["served"],
        "needed": shown.needed,
        "left": shown.needed - score["served"],
        "proved": score["served_weight"] >= bound,
        "share": percent(score["served_weight"], shown.needed_weight),
        "bound_share": percent(bound, shown.needed_weight),
        "travel": hours_text(score["travel"]),
        "touched": score["touched"],
        "seconds": f"{shown.result['seconds'] or 0:.0f}",
        "weight": score["served_weight"],
        "bound": bound,
    }


def history_row(each: PlanRun) -> Table:
    """Return one row of the table of runs."""
    return {"run": each, "kind": words.run_kind(each.kind), "asked": each.asked_at, "result": outcome(each), "spent": _spent(each)}


def _spent(each: PlanRun) -> str:
    """Return how long a run took: its own count where it ended with a result."""
    if each.result is not None:
        return f"{each.result['seconds'] or 0:.0f}"
    ended: datetime | None = each.ended_at
    return f"{(ended - each.started_at).total_seconds():.0f}" if ended and each.started_at else "—"


@blueprint.get("/plan/runs/<int:run_id>/news")
def run_news(run_id: int) -> AnyResponse:
    """Tell a page how far a run is, at once: nothing (304) to whoever knows it already, so that asking costs next to nothing."""
    community = my_community()
    mark = found(queries.run_mark(community.id, run_id))
    known = Response(status=304)
    known.set_etag(mark)
    if request.if_none_match.contains(mark):
        return known
    shown = found(queries.run_of(community.id, run_id))
    answer = jsonify(_news(shown))
    answer.set_etag(mark)
    return answer


def _news(shown: PlanRun) -> dict[str, Any]:
    """Return the figures of a run that goes on, else that it is over."""
    if queries.going_on([shown]) is None:
        return {"finished": True}
    return {name: value for name, value in figures(shown).items() if not name.startswith("weight")}


@blueprint.post("/plan/runs/<int:run_id>/stop")
def stop(run_id: int) -> AnyResponse:
    """Ask a run to end and keep the best plan it has."""
    shown = found(queries.run_of(my_community().id, run_id))
    with submitted() as taken:
        runs.stop_run(shown)
        return taken.redirect(url_for(".run", run_id=run_id))


@blueprint.post("/plan/runs/<int:run_id>/take")
def take(run_id: int) -> AnyResponse:
    """Make the result of a run the plan, over what was edited by hand meanwhile."""
    shown = found(queries.run_of(my_community().id, run_id))
    with submitted() as taken:
        runs.take(shown)
        answer = taken.redirect(url_for(".week", week=clock.week_name(shown.plan.week)))
    flash(_("已换成这次求解的结果，还没有发布。"), "done")
    return answer
