"""招募建议: whom to recruit for what a week leaves, tried out by the engine, with a text ready to paste."""

from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.forms import args, take
from timebank.places.models import Community
from timebank.planning import queries, snapshot, tried, words
from timebank.planning.actions import tries
from timebank.planning.models import Plan, PlanRun, RunKind, RunState
from timebank.planning.naming import Names
from timebank.planning.schemas import WeekArgs, WeekForm
from timebank.planning.views.board import Table
from timebank.planning.views.shared import blueprint, my_community
from timebank.planning.views.week import head
from timebank.web import found, joined, listed, settings, submitted, voiced


@blueprint.get("/plan/advice")
def advice() -> str:
    """Show whom to recruit for a week, how far the trying is, or the button that begins it."""
    community = my_community()
    monday = args(WeekArgs())["week"] or clock.monday_of(clock.today())
    plan = queries.plan_of(community.id, monday)
    made = tried.tries(plan, RunKind.ADVISE) if plan else []
    last = next((each for each in made if each.state is RunState.DONE), None)
    return render_template(
        "planning/advice.html",
        community=community.name,
        **head(monday, plan),
        going=queries.going_on(made),
        last=last,
        stale=last is not None and plan is not None and last.input_version != plan.version,
        failed=bool(made) and made[0].state is RunState.FAILED,
        left=len(queries.unserved(plan)) if plan else 0,
        stands=plan is not None and bool(plan.assignments or plan.unserved),
        posts=_posts(community, plan, last) if plan and last else [],
    )


def _posts(community: Community, plan: Plan, run: PlanRun) -> list[Table]:
    """Return the people to look for, the most helpful first."""
    names = Names(community.id)
    return [_post(community, plan, each, names) for each in (run.result or {}).get("posts", ())]


def _post(community: Community, plan: Plan, post: dict[str, Any], names: Names) -> Table:
    """Return one kind of person to look for, in words."""
    day, start, end = post["window"]
    numbers = [snapshot.number(each) for each in post["served"] if snapshot.is_visit(each)]
    kinds = tried.kinds_of(community.id, numbers)
    skills = [voiced(pair) for pair in names.skills(each for each in post["skills"] if each != snapshot.INSURED)]
    said = {
        "when": f"{words.weekday(plan.week + timedelta(days=day))} {words.span(start, end)}",
        "skills": listed(skills),
        "where": voiced(names.near(post["place"])),
        "who": {"F": _("一位女志愿者"), "M": _("一位男志愿者")}.get(post["gender"] or "", _("一位志愿者")),
        "count": len(numbers),
        "what": listed(_("%(kind)s %(count)s 次", kind=words.kind_words(kind), count=count) for kind, count in kinds),
        "checked": post["checked_weight"],
    }
    return {**said, "text": _text(community, said)}


def _text(community: Community, said: Table) -> str:
    """Return a text that is ready to be pasted into a group: nobody's name stands in it."""
    parts = [
        _("%(community)s找%(who)s：%(when)s有空。", community=community.name, who=said["who"], when=said["when"]),
        _("有%(skills)s的优先；没有的，我们帮着学。", skills=said["skills"]) if said["skills"] else _("不用专门的本事，我们会带。"),
        _("住在%(where)s附近最方便。", where=said["where"]) if said["where"] else "",
        _("来一次，就能多做：%(what)s。", what=said["what"]),
        _("有保险；每一分钟都记进服务记录和时间账户。"),
        _("愿意来或想问问，请打 %(phone)s。", phone=community.phone) if community.phone else _("愿意来或想问问，请到社区服务站。"),
    ]
    return joined(parts)


@blueprint.post("/plan/advice")
def ask_advice() -> AnyResponse:
    """Ask the engine whom to recruit for a week."""
    plan = found(queries.plan_of(my_community().id, take(WeekForm(), request.form)["week"]))
    with submitted() as taken:
        tries.ask_advice(plan, settings().solve_seconds)
        return taken.redirect(url_for(".advice", week=clock.week_name(plan.week)))
