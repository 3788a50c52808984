"""Hand edits of the plan: each makes a whole new plan, and the referee judges it before anything is stored.

A refused edit says why in one sentence and, where one exists, carries the smallest change that would allow it. Legal
gates (a licence, insurance, do-not-pair) never yield: they come out as missing skills and excluded people.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from matching import check, explain, read_plan, read_week
from matching import model as engine
from matching.assign import Insertion, apply, insertions, without
from matching.files import plan_to_json
from timebank import audit, clock
from timebank.errors import Conflict, Invalid
from timebank.planning import queries, snapshot
from timebank.planning.actions import runs
from timebank.planning.actions.weeks import must_be, touch
from timebank.planning.models import Plan, PlanState, Unserved
from timebank.visits.models import Visit, VisitState
from timebank.volunteers.models import Volunteer

OWN_CEILINGS = ("volunteer.max_day", "volunteer.max_week", "volunteer.radius")
TAKEN_UP = (*OWN_CEILINGS, "visit.window", "visit.days", "volunteer.window")


@dataclass(frozen=True, slots=True)
class Board:
    """A plan laid out for the engine: the week and the plan as they stand."""

    of: snapshot.Scene
    week: engine.Week
    plan: engine.Plan


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could serve a visit: with whom, when, and what it would cost."""

    volunteers: list[Volunteer]
    day: date
    start: int
    cost: float
    travel: int


def lay_out(plan: Plan) -> Board:
    """Return a plan laid out for the engine."""
    of = snapshot.scene(plan)
    week = read_week(snapshot.board_week(of))
    return Board(of, week, read_plan(snapshot.board_plan(of), week))


def candidates(plan: Plan, visit: Visit) -> list[Candidate]:
    """Return who could serve a visit as the plan stands otherwise, the best first."""
    board = lay_out(plan)
    people = {each.id: each for each in board.of.volunteers}
    found = insertions(board.week, without(board.plan, f"x{visit.id}"), f"x{visit.id}")
    return [_candidate(each, people, plan) for each in found]


def _candidate(found: Insertion, people: dict[int, Volunteer], plan: Plan) -> Candidate:
    """Return one of the engine's ways in our own words."""
    who = [people[snapshot.number(name)] for name in found.volunteers]
    day = date.fromordinal(plan.week.toordinal() + found.day)
    return Candidate(who, day, found.start, found.cost_delta, found.travel)


def assign(
    plan: Plan, version: int, visit: Visit, volunteers: list[Volunteer], day: date | None = None, start: int | None = None
) -> None:
    """Give a visit to these people, on this day and at this minute if they are named; it leaves whoever had it."""
    _may_edit(plan, version, visit)
    if not volunteers or len(volunteers) > visit.crew:
        raise Invalid(
            f"这一件要 {visit.crew} 位志愿者，请选好再存。",
            f"This visit takes {visit.crew} volunteers. Choose them, then save.",
            fields={"volunteers": (f"请选 {visit.crew} 位", f"Choose {visit.crew}")},
        )
    board = lay_out(plan)
    bare = without(board.plan, f"x{visit.id}")
    names = {f"v{each.id}" for each in volunteers}
    weekday = (day - plan.week).days if day else None
    week = _narrowed(board.week, visit, names, weekday, start)
    found = next((each for each in insertions(week, bare, f"x{visit.id}") if names <= set(each.volunteers)), None)
    if found is None:
        raise _refused(plan, board, week, bare, visit, names)
    _store(plan, board, apply(bare, found))
    audit.record("assign", "visit", visit.id, plan=plan.id, volunteers=sorted(each.id for each in volunteers))


def _narrowed(week: engine.Week, visit: Visit, names: set[str], weekday: int | None, start: int | None) -> engine.Week:
    """Return the week in which this visit can only be at the wished time and only by the named people."""
    name = f"x{visit.id}"
    narrowed = [_at(each, weekday, start) if each.id == name else each for each in week.visits]
    door = f"h{visit.household_id}"
    others = tuple(each.id for each in week.volunteers if each.id not in names) if len(names) == visit.crew else ()
    elders = [replace(each, excluded=(*each.excluded, *others)) if each.id == door else each for each in week.elders]
    return replace(week, visits=tuple(narrowed), elders=tuple(elders))


def _at(visit: engine.Visit, weekday: int | None, start: int | None) -> engine.Visit:
    """Return a visit bound to a day and a minute."""
    days = visit.days if weekday is None else tuple(each for each in visit.days if each == weekday) or (weekday,)
    window = visit.window if start is None else (start, start + visit.minutes)
    return replace(visit, days=days, window=window)


def _refused(plan: Plan, board: Board, week: engine.Week, bare: engine.Plan, visit: Visit, names: set[str]) -> Conflict:
    """Return the refusal of an assignment: the engine's reason as if only these people existed, with the way on."""
    mine = tuple(route for route in bare.routes if route.volunteer in names)
    theirs = {stop.visit for route in mine for stop in route.stops if isinstance(stop, engine.VisitStop)} | {f"x{visit.id}"}
    small = replace(
        week,
        volunteers=tuple(each for each in week.volunteers if each.id in names),
        visits=tuple(_alone(each, f"x{visit.id}") for each in week.visits if each.id in theirs),
        elders=tuple(
            replace(
                each,
                preferred=tuple(name for name in each.preferred if name in names),
                excluded=tuple(name for name in known.excluded if name in names),
            )
            for each, known in zip(week.elders, board.week.elders, strict=True)
        ),
        history=frozenset(pair for pair in week.history if pair[1] in names),
        pins=(),
        baseline=None,
    )
    reason = next((each for each in explain(small, replace(bare, routes=mine)) if each.visit == f"x{visit.id}"), None)
    known = queries.names(plan.community_id)
    own = {visit.id: visit.kind.name}
    if reason is None:
        return Conflict("这样排不行：和这位志愿者的其他安排对不上。", "This does not fit with what the volunteer does already.")
    zh = queries.with_names(reason.zh, known, own)
    return Conflict(f"这样排不行：{zh}", f"This cannot be: {queries.with_names(reason.en, known, {visit.id: visit.kind.name_en})}")


def _alone(visit: engine.Visit, wanted: str) -> engine.Visit:
    """Return another visit of the same people as if nobody else were needed for it."""
    return visit if visit.id == wanted or visit.crew == 1 else replace(visit, crew=1, second=None)


def unassign(plan: Plan, version: int, visit: Visit) -> None:
    """Take a visit off the plan; it stands as unserved with its reason."""
    _may_edit(plan, version, visit)
    board = lay_out(plan)
    _store(plan, board, without(board.plan, f"x{visit.id}"))
    audit.record("unassign", "visit", visit.id, plan=plan.id)


def pin(plan: Plan, version: int, visit: Visit, *, pinned: bool) -> None:
    """Fix a visit to its people and time, or free it again."""
    _may_edit(plan, version, visit)
    mine = [each for each in plan.assignments if each.visit_id == visit.id]
    if not mine:
        raise Conflict("这一件还没有排给谁，不能锁定。", "Nobody has this visit yet, so it cannot be pinned.")
    for each in mine:
        each.pinned = pinned
    touch(plan)
    audit.record("pin" if pinned else "unpin", "visit", visit.id, plan=plan.id)


def can_take_up(unserved: Unserved) -> bool:
    """Say whether the fix of an unserved visit is one a coordinator can make here and now."""
    return unserved.fix is not None and unserved.fix["change"] in TAKEN_UP


def take_up(plan: Plan, version: int, unserved: Unserved, reason: str = "") -> None:
    """Make the change an unserved visit's fix names, for this week, and put the visit in."""
    _may_edit(plan, version, unserved.visit)
    fix = unserved.fix
    if fix is None or not can_take_up(unserved):
        raise Conflict("这个办法不能在这里一键完成，请按提示去办。", "This cannot be done with one click here. Follow the words beside it.")
    _change(plan, unserved.visit, fix)
    plan.windows = snapshot.windows_now(snapshot.scene(plan))
    board = lay_out(plan)
    found = insertions(board.week, board.plan, f"x{unserved.visit_id}")
    if not found:
        raise Conflict("计划已经变了，这个办法不再够用。请看最新的原因。", "The plan has changed and this is no longer enough. See the newest reason.")
    audit.record("take_up", "visit", unserved.visit_id, plan=plan.id, change=fix["change"], reason=bool(reason))
    _store(plan, board, apply(board.plan, found[0]))


def _change(plan: Plan, visit: Visit, fix: dict[str, Any]) -> None:
    """Make one change of this week."""
    change = fix["change"]
    if change == "visit.window":
        visit.window_from, visit.window_to = fix["window"]
    elif change == "visit.days":
        visit.days = [date.fromordinal(plan.week.toordinal() + day).isoformat() for day in fix["days"]]
    else:
        key = str(snapshot.number(fix["volunteer"]))
        own = dict(plan.ceilings.get(key, {}))
        if change == "volunteer.window":
            own["extra"] = [*own.get("extra", []), list(fix["window"])]
        else:
            field = change.removeprefix("volunteer.")
            own[field] = fix[field]
        plan.ceilings = {**plan.ceilings, key: own}


def raise_ceiling(plan: Plan, version: int, volunteer: Volunteer, minutes: int, reason: str) -> None:
    """Let a volunteer be asked for more minutes this week, with a reason (C26)."""
    must_be(plan, version)
    if not reason.strip():
        raise Invalid("请写一句原因，再放宽上限。", "Give a reason before raising the ceiling.", fields={"reason": ("请写原因", "Give a reason")})
    key = str(volunteer.id)
    own = dict(plan.ceilings.get(key, {}))
    for field, base in (("max_week", volunteer.max_week), ("max_day", volunteer.max_day)):
        own[field] = own.get(field, base) + minutes
    plan.ceilings = {**plan.ceilings, key: own}
    touch(plan)
    audit.record("raise_ceiling", "volunteer", volunteer.id, plan=plan.id, minutes=minutes)


def _may_edit(plan: Plan, version: int, visit: Visit) -> None:
    """Refuse to edit another plan than the one that was seen, or what is under way or over."""
    must_be(plan, version)
    if plan.state is PlanState.CLOSED:
        raise Conflict("这一周已经结束，不能再改。", "This week is closed and cannot be changed.")
    if visit.state not in snapshot.GOING:
        raise Conflict("这一件已经开始或已经结束，不能再改。", "This visit has begun or is over; it cannot be changed.")
    if visit.day is not None and visit.state is VisitState.ACCEPTED and visit.day < clock.today():
        raise Conflict("这一天已经过去了，不能再改。", "That day is past and cannot be changed.")


def _store(plan: Plan, board: Board, made: engine.Plan) -> None:
    """Let the referee judge a plan made by hand; store it with fresh reasons for what it leaves out."""
    verdict = check(board.week, made)
    if not verdict.ok:
        first = verdict.breaches[0]
        known = queries.names(plan.community_id)
        raise Conflict(f"这样排不行：{queries.with_names(first.zh, known, {})}", f"This cannot be: {queries.with_names(first.en, known, {})}")
    whole = json.loads(plan_to_json(replace(made, unserved=explain(board.week, made), score=verdict.score)))
    runs.replace_assignments(plan, whole["routes"], {visit.id for visit in board.of.visits})
    runs.replace_unserved(plan, [each for each in whole["unserved"] if _is_open(board.of, each["visit"])])
    plan.served_weight = verdict.score.served_weight
    touch(plan)


def _is_open(of: snapshot.Scene, name: str) -> bool:
    """Say whether a visit still waits to be served."""
    return any(visit.id == snapshot.number(name) and visit.state in snapshot.GOING for visit in of.visits)
