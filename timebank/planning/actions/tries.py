"""What is only tried on a copy of a week and never becomes its plan: whom to recruit, and what if."""

from typing import Any

from sqlalchemy import select

from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Elder, ElderState
from timebank.errors import Conflict, wrong
from timebank.places import queries as places
from timebank.planning import queries, scenes, snapshot, supposing
from timebank.planning.actions import runs
from timebank.planning.measuring import given as given_to
from timebank.planning.measuring import measured, served
from timebank.planning.models import Plan, PlanRun, RunKind
from timebank.sentences import Sentence
from timebank.volunteers.models import Volunteer

Week = dict[str, Any]
NEWCOMERS = 5
"""So many newcomers are named one by one in what came out."""


def ask_advice(plan: Plan, seconds: int) -> PlanRun:
    """Ask whom to recruit for what a week's plan leaves."""
    must_stand(plan)
    return runs.queue_run(plan, RunKind.ADVISE, seconds)


def ask_what_if(plan: Plan, supposed: Week, seconds: int) -> PlanRun:
    """Ask what a week would come to with people or needs more or fewer."""
    must_stand(plan)
    if not any(supposed.get(name) for name in ("leave", "gone", "come", "need")):
        nothing = Sentence("请至少填一项：谁不来了、多几位志愿者、哪位老人不用了，或多几户老人。")
        raise wrong("leave", nothing)
    return runs.queue_run(plan, RunKind.WHAT_IF, seconds, supposed=supposed)


def must_stand(plan: Plan) -> None:
    """Refuse where nothing is planned yet that could be looked at."""
    if not (plan.assignments or plan.unserved):
        raise Conflict("这一周还没有排。先排这一周，再来推演。")


def given(run: PlanRun) -> tuple[Week, Week]:
    """Return what a run that only tries is given: the week and its plan, or the week as if and the week as it is."""
    of = scenes.scene(run.plan)
    run.input_version = run.plan.version
    if run.kind is RunKind.ADVISE:
        return snapshot.solve_week(of), snapshot.board_plan(of)
    week = {**snapshot.solve_week(of), "baseline": snapshot.board_plan(of)}
    return supposing.supposed(week, run.supposed), week


def compared(now: tuple[Week, Week], then: tuple[Week, Week]) -> Week:
    """Return what a what-if came to beside the week as it is, both searched for the same time: figures, who gains, who loses."""
    before, after = served(now[1]), served(then[1])
    asked = {each["id"]: each for each in then[0]["visits"]}
    new = {each for each in asked if each.startswith(supposing.NEW_NEED)}
    people = [each["id"] for each in then[0]["volunteers"] if each["id"].startswith(supposing.NEW_PERSON)]
    return {
        "now": measured(*now),
        "then": measured(*then),
        "gained": sorted(snapshot.number(each) for each in after - before - new),
        "lost": sorted(snapshot.number(each) for each in before - after if each in asked),
        "new_served": len(after & new),
        "new_asked": len(new),
        "newcomers": [[snapshot.number(each) for each in given_to(then[1], who) if each not in new] for who in people[:NEWCOMERS]],
    }


def need(plan: Plan, said: Week, place: Week) -> Week:
    """Return what more doors would ask for: a kind of visit as its kind says, from the canteen where it comes from one."""
    kind = db.session.get(ServiceKind, said["need_kind"])
    if kind is None or not kind.enabled:
        nothing = Sentence("没有这项服务，请从列表里选。")
        raise wrong("need_kind", nothing)
    canteen = next((each.id for each in places.canteens(plan.community_id)), None) if kind.from_canteen else None
    if kind.from_canteen and canteen is None:
        nowhere = Sentence("还没有登记食堂，这项服务没有地方取餐。请换一项。")
        raise wrong("need_kind", nowhere)
    own = [snapshot.INSURED] if kind.insured else []
    visit: Week = {
        "kind": kind.code,
        "skills": sorted(kind.skills) + own,
        "window": list(kind.windows[-1]),
        "minutes": kind.minutes,
        "crew": kind.crew,
        "weight": kind.weight,
        "gender": None,
        "canteen": f"c{canteen}" if canteen else None,
        "boxes": 1 if canteen else 0,
    }
    if kind.crew > 1:
        visit["second"] = {"skills": sorted(kind.second_skills) + own, "gender": None}
    return {"count": said["need"], "days": said["need_days"], "place": place, "visit": visit, "kind": [kind.name, kind.name_en]}


def volunteers_named(community_id: int, plan: Plan, names: list[str]) -> list[int]:
    """Return the volunteers of a week by their names, refused where a name is nobody's or more than one's."""
    people = queries.people(community_id, plan.week)
    return [_only(name, [each.id for each in people if each.name == name], "leave") for name in names]


def doors_named(community_id: int, names: list[str]) -> list[int]:
    """Return the doors of elders by their names, refused where a name is nobody's or more than one's."""
    found = []
    for name in names:
        mine = (Elder.community_id == community_id, Elder.name == name, Elder.state == ElderState.ACTIVE)
        found.append(_only(name, list(db.session.scalars(select(Elder.household_id).where(*mine))), "gone"))
    return found


def _only(name: str, numbers: list[int], field: str) -> int:
    """Return the one number a name stands for."""
    if len(numbers) == 1:
        return numbers[0]
    if numbers:
        sentence = Sentence("叫%(name)s的有 %(count)s 位，分不清是哪一位，请换一位试。", name=name, count=len(numbers))
    else:
        sentence = Sentence("没有找到%(name)s。请写登记时的全名。", name=name)
    raise wrong(field, sentence)


def names_of(community_id: int, what: Week) -> tuple[list[str], list[str]]:
    """Return the names of who is supposed to leave and of whose door is supposed to be gone."""
    people = select(Volunteer.name).where(Volunteer.id.in_(what.get("leave", ()))).order_by(Volunteer.sort_key)
    doors = select(Elder.name).where(Elder.community_id == community_id, Elder.household_id.in_(what.get("gone", ()))).order_by(Elder.id)
    return list(db.session.scalars(people)), list(db.session.scalars(doors))
