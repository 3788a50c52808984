"""推演: what if somebody left, somebody came, an elder needed nobody, more elders asked: beside the week as it is, never published."""

import re
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.catalogue.models import Skill
from timebank.catalogue.queries import kinds
from timebank.db import db
from timebank.forms import args, take
from timebank.places import queries as places
from timebank.places.models import Building
from timebank.planning import queries, snapshot, tried, words
from timebank.planning.actions import tries
from timebank.planning.aims import figures_beside
from timebank.planning.models import Plan, PlanRun, RunKind
from timebank.planning.schemas import WeekArgs, WhatIfForm
from timebank.planning.views.board import Table, week_days
from timebank.planning.views.shared import blueprint, my_community
from timebank.planning.views.week import head
from timebank.web import found, listed, settings, submitted, voiced

NAMES = re.compile(r"[、，,;；\s]+")
NOON = (630, 780)
WORDS_SHOWN = 20


@blueprint.get("/plan/what-if")
def what_if() -> str:
    """Show the form of a what-if, and what was tried before."""
    community = my_community()
    monday = args(WeekArgs())["week"] or clock.monday_of(clock.today())
    plan = queries.plan_of(community.id, monday)
    made = tried.tries(plan, RunKind.WHAT_IF) if plan else []
    return render_template(
        "planning/what_if.html",
        community=community.name,
        **head(monday, plan),
        stands=plan is not None and bool(plan.assignments or plan.unserved),
        days=[(day, words.weekday(date)) for day, date in enumerate(week_days(monday))],
        skills=[(each.code, voiced(each.words)) for each in db.session.scalars(select(Skill).order_by(Skill.id))],
        buildings=[(each.id, f"{each.compound.name} {each.name}") for each in places.buildings(community.id)],
        kinds=[(each.id, words.kind_words(each)) for each in kinds() if each.enabled and each.at_door],
        noon=NOON,
        made=[{"run": each, "words": supposed_in_words(plan, each), "result": each.result} for each in made] if plan else [],
    )


@blueprint.post("/plan/what-if")
def suppose() -> AnyResponse:
    """Ask the engine what a week would come to if."""
    community = my_community()
    said = take(WhatIfForm(), request.form)
    plan = found(queries.plan_of(community.id, said["week"]))
    with submitted() as taken:
        run = tries.ask_what_if(plan, _supposed(plan, said), settings().solve_seconds)
        return taken.redirect(url_for(".tried_out", run_id=run.id))


def _supposed(plan: Plan, said: Table) -> dict[str, Any]:
    """Return what is supposed as it is kept."""
    community = plan.community_id
    supposed: dict[str, Any] = {
        "leave": tries.volunteers_named(community, plan, _names(said["leave"])),
        "gone": tries.doors_named(community, _names(said["gone"])),
    }
    if said["come"]:
        place = _place(found(_building(community, said["come_building"])))
        times = {"from": said["come_from"] or NOON[0], "to": said["come_to"] or NOON[1]}
        skills = [*said["come_skills"], snapshot.INSURED]
        supposed["come"] = [{"count": said["come"], "days": said["come_days"], **times, "skills": skills, "place": place}]
    if said["need"]:
        supposed["need"] = [tries.need(plan, said, _place(found(_building(community, said["need_building"]))))]
    return supposed


def _names(said: str) -> list[str]:
    """Return the names somebody wrote in one line."""
    return list(dict.fromkeys(each for each in NAMES.split(said) if each))


def _building(community_id: int, number: int | None) -> Building | None:
    """Return a building of a community: the one that was chosen, else its first."""
    known = places.buildings(community_id)
    return next((each for each in known if number in (None, each.id)), None)


def _place(building: Building) -> dict[str, Any]:
    """Return a building's ground floor as a place of the engine's file."""
    return {"id": f"b{building.id}-f1", "lat": building.lat, "lon": building.lon, "access": building.minutes_to_floor(1)}


@blueprint.get("/plan/what-if/<int:run_id>")
def tried_out(run_id: int) -> str | AnyResponse:
    """Show what a what-if came to, beside the week as it is, or how far it is."""
    community = my_community()
    run = found(queries.run_of(community.id, run_id))
    if run.kind is not RunKind.WHAT_IF:
        return redirect(url_for(".run", run_id=run_id))
    result = run.result or {}
    return render_template(
        "planning/tried.html",
        community=community.name,
        **head(run.plan.week, run.plan),
        run=run,
        going=queries.going_on([run]),
        supposed=supposed_in_words(run.plan, run),
        result=run.result,
        rows=figures_beside([result["now"], result["then"]]) if run.result else [],
        difference=result["then"]["visits"] - result["now"]["visits"] if run.result else 0,
        gained=tried.visits_in_words(community.id, result.get("gained", ()), WORDS_SHOWN),
        lost=tried.visits_in_words(community.id, result.get("lost", ()), WORDS_SHOWN),
        newcomers=[_work(community.id, each) for each in result.get("newcomers", ())],
    )


def _work(community_id: int, numbers: list[int]) -> str:
    """Return what somebody new would do, in words."""
    kinds_done = tried.kinds_of(community_id, numbers)
    return listed(_("%(kind)s %(count)s 次", kind=words.kind_words(kind), count=count) for kind, count in kinds_done) or _("没有活")


def supposed_in_words(plan: Plan, run: PlanRun) -> list[str]:
    """Return what a what-if takes for granted, a sentence for each."""
    what = run.supposed
    leave, gone = tries.names_of(plan.community_id, what)
    said = [_("%(who)s不来了", who=listed(leave))] if leave else []
    said += [_("%(who)s家不用去了", who=listed(gone))] if gone else []
    days = week_days(plan.week)
    for each in what.get("come", ()):
        when = f"{listed(words.weekday(days[day]) for day in each['days'])} {words.span(each['from'], each['to'])}"
        said.append(_("多 %(count)s 位志愿者，%(when)s有空", count=each["count"], when=when))
    for each in what.get("need", ()):
        when = listed(words.weekday(days[day]) for day in each["days"])
        said.append(_("多 %(count)s 户老人，%(when)s要%(kind)s", count=each["count"], when=when, kind=voiced(tuple(each["kind"]))))
    return said
