"""What a week is planned for, in words: four sliders with what they changed last time, and runs side by side."""

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.forms import args, take
from timebank.planning import goals, queries, tried, words
from timebank.planning.actions import runs, weeks
from timebank.planning.aims import figure, figures_beside, in_words, scale, title
from timebank.planning.models import PLANNING, Plan, PlanRun, PlanState, RunKind, RunState
from timebank.planning.schemas import GoalsForm, SideArgs, WeekArgs
from timebank.planning.views.board import Table
from timebank.planning.views.runs import outcome
from timebank.planning.views.shared import blueprint, my_community
from timebank.planning.views.week import head
from timebank.web import settings, submitted

BESIDE = 3
SHOWN_DIFFERENT = 8


def sliders(community_id: int) -> list[Table]:
    """Return the sliders with their positions, where each stands, and what it changed last time."""
    last, before = tried.last_two(community_id)
    now = goals.levels(last.goals if last else {})
    return [
        {
            "name": name,
            "title": title(name),
            "scale": scale(name),
            "at": now[name],
            "last": _last_time(name, last, before),
        }
        for name in goals.NAMES
    ]


def _last_time(name: str, last: PlanRun | None, before: PlanRun | None) -> str:
    """Return what a slider did to its own figure from the last run but one to the last."""
    if last is None or not last.measures:
        return ""
    now = figure(name, last.measures)
    if before is None or not before.measures:
        return str(_("上次：%(now)s", now=now))
    was, levels = figure(name, before.measures), (goals.levels(before.goals)[name], goals.levels(last.goals)[name])
    if levels[0] == levels[1]:
        return str(_("上次没有动这一项：%(was)s → %(now)s", was=was, now=now))
    change = {"before": scale(name)[levels[0]], "after": scale(name)[levels[1]], "was": was, "now": now}
    return str(_("上次从“%(before)s”调到“%(after)s”：%(was)s → %(now)s", **change))


@blueprint.get("/plan/goals")
def goals_of() -> str:
    """Show the sliders of a week, and the button that plans it so."""
    community = my_community()
    monday = args(WeekArgs())["week"] or clock.monday_of(clock.today())
    plan = queries.plan_of(community.id, monday)
    return render_template(
        "planning/goals.html",
        community=community.name,
        **head(monday, plan),
        sliders=sliders(community.id),
        closed=plan is not None and plan.state is PlanState.CLOSED,
        again=plan is not None and plan.state is PlanState.PUBLISHED,
    )


@blueprint.post("/plan/goals")
def aim() -> AnyResponse:
    """Plan a week for these goals: a published one with the fewest changes."""
    community = my_community()
    said = take(GoalsForm(), request.form)
    with submitted() as taken:
        plan = weeks.open_week(community.id, said["week"])
        kind = RunKind.REPLAN if plan.state is PlanState.PUBLISHED else RunKind.SOLVE
        run = runs.queue_run(plan, kind, settings().solve_seconds, goals={name: said[name] for name in goals.NAMES})
        return taken.redirect(url_for(".run", run_id=run.id))


@blueprint.get("/plan/beside")
def beside() -> str:
    """Show runs of a week side by side: what each was planned for, its figures, and what only it serves."""
    community = my_community()
    asked = args(SideArgs())
    monday = asked["week"] or clock.monday_of(clock.today())
    plan = queries.plan_of(community.id, monday)
    made = [each for each in queries.runs(plan) if each.kind in PLANNING and each.state is RunState.DONE] if plan else []
    chosen = [each for each in made if each.id in asked["run"]][:BESIDE] or made[:BESIDE]
    return render_template(
        "planning/beside.html",
        community=community.name,
        **head(monday, plan),
        made=[{"run": each, "goals": in_words(each.goals), "chosen": each in chosen} for each in made],
        columns=_columns(plan, chosen) if plan else [],
        rows=figures_beside([each.measures for each in chosen]),
        most=BESIDE,
    )


def _columns(plan: Plan, chosen: list[PlanRun]) -> list[Table]:
    """Return the runs that stand side by side, each with what it alone serves."""
    serve = {each.id: tried.serves(each) for each in chosen}
    all_knew = set.intersection(*(tried.known(each) for each in chosen)) if len(chosen) > 1 else set()
    found = []
    for each in chosen:
        others = set().union(*(serve[other.id] for other in chosen if other is not each))
        alone = (serve[each.id] - others) & all_knew
        found.append(
            {
                "run": each,
                "kind": words.run_kind(each.kind),
                "goals": in_words(each.goals),
                "result": outcome(each),
                "alone": tried.visits_in_words(plan.community_id, sorted(alone), SHOWN_DIFFERENT),
                "more": max(0, len(alone) - SHOWN_DIFFERENT),
            }
        )
    return found
