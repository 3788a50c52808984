"""Runs of the engine: asked for, started, stopped, recorded. What was edited meanwhile is never overwritten."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from matching import check, read_plan, read_week
from timebank import audit, children, clock
from timebank.db import db
from timebank.errors import Conflict, Refusal
from timebank.planning import scenes, snapshot
from timebank.planning.actions.judging import judged
from timebank.planning.actions.weeks import bring_up_to_date, touch
from timebank.planning.goals import aimed, levels
from timebank.planning.measuring import measured
from timebank.planning.models import PLANNING, Assignment, Plan, PlanRun, PlanState, RunKind, RunState, Unserved
from timebank.planning.roads import Point, digest_of, point_of
from timebank.queue import enqueue
from timebank.sentences import Sentence

SEE_PROGRESS = Sentence.of("planning", "看进度")
LEASE_SECONDS = 120
TASK = "solve"
STOPPED = "stopped before it began"
LOST = "lost: no heartbeat"
LOST_WITH_ITS_PROCESS = "lost: its process ended"


def queue_run(
    plan: Plan,
    kind: RunKind,
    seconds: int,
    seed: int = 1,
    *,
    goals: Mapping[str, int] | None = None,
    supposed: Mapping[str, Any] | None = None,
    send: bool = True,
) -> PlanRun:
    """Ask for a run of the engine; one at a time for a plan. ``goals`` are those of the last run where none are said."""
    if plan.state is PlanState.CLOSED:
        raise Conflict("这一周已经结束，不能再排。请打开下一周。")
    running = current_run(plan)
    if running is not None:
        raise Conflict("这一周正在求解，等它排完，或者先停下它。", way=(SEE_PROGRESS, f"/plan/runs/{running.id}"))
    bring_up_to_date(plan)
    run = PlanRun(
        plan_id=plan.id,
        kind=kind,
        state=RunState.QUEUED,
        input_version=plan.version,
        seconds=seconds,
        seed=seed,
        goals=levels(last_goals(plan.community_id) if goals is None else goals),
        supposed=dict(supposed or {}),
        asked_at=clock.now(),
        progress=[],
    )
    db.session.add(run)
    db.session.flush()
    audit.record("queue_run", "plan_run", run.id, plan=plan.id, kind=kind.value)
    if send:
        enqueue(TASK, run.id)
    return run


def last_goals(community_id: int) -> dict[str, int]:
    """Return what a community last wanted its weeks to be planned for."""
    mine = select(PlanRun.goals).join(Plan).where(Plan.community_id == community_id, PlanRun.kind.in_(PLANNING))
    return levels(db.session.scalars(mine.order_by(PlanRun.id.desc()).limit(1)).first() or {})


def current_run(plan: Plan) -> PlanRun | None:
    """Return the run that is queued or under way; one whose heartbeat stopped is lost and marked so."""
    waiting = db.session.scalars(
        select(PlanRun).where(PlanRun.plan_id == plan.id, PlanRun.state.in_((RunState.QUEUED, RunState.RUNNING))).order_by(PlanRun.id)
    )
    for run in waiting:
        if clock.now() - (run.heartbeat or run.asked_at) <= timedelta(seconds=LEASE_SECONDS):
            return run
        run.state, run.fault = RunState.FAILED, LOST
    return None


def take_up_lost() -> list[PlanRun]:
    """Mark the runs whose process on this machine has ended, and queue each once more; one that was lost before is left to people."""
    taken = []
    for run in db.session.scalars(select(PlanRun).where(PlanRun.state == RunState.RUNNING).order_by(PlanRun.id)).all():
        if not children.is_gone(run.runner):
            continue
        fail_run(run, LOST_WITH_ITS_PROCESS)
        before = select(PlanRun.fault).where(PlanRun.plan_id == run.plan_id, PlanRun.id < run.id).order_by(PlanRun.id.desc()).limit(1)
        if db.session.scalar(before) != LOST_WITH_ITS_PROCESS and run.plan.state is not PlanState.CLOSED:
            taken.append(queue_run(run.plan, run.kind, run.seconds, run.seed, goals=run.goals, supposed=run.supposed))
    return taken


def start_run(run_id: int) -> PlanRun | None:
    """Take a queued run; None when somebody else has it."""
    run = db.session.get(PlanRun, run_id, with_for_update=True)
    if run is None or run.state is not RunState.QUEUED:
        return None
    run.state = RunState.RUNNING
    run.started_at = run.heartbeat = clock.now()
    run.runner = children.name_of_this_process()
    return run


def unknown_points(run_id: int) -> tuple[dict[str, Any] | None, set[Point]] | None:
    """Return the minutes by road that are kept with the plan of a queued run, and the points of its week; nothing where it is not queued."""
    run = db.session.get(PlanRun, run_id)
    if run is None or run.state is not RunState.QUEUED:
        return None
    of = scenes.scene(run.plan)
    return run.plan.roads, {point_of(each) for each in snapshot.board_week(of)["places"]}


def keep_roads(run_id: int, found: dict[str, Any] | None) -> None:
    """Keep minutes by road with the plan of a run, and note on the run by which it is planned."""
    run = db.session.get_one(PlanRun, run_id)
    if found != run.plan.roads:
        run.plan.roads = found
    run.roads = digest_of(found)


def run_week(run: PlanRun) -> dict[str, Any]:
    """Return the week a run is given, and note how much is asked for in it."""
    week = _week(run, scenes.scene(run.plan))
    ours = [visit for visit in week["visits"] if snapshot.is_visit(visit["id"])]
    run.needed = len(ours)
    run.needed_weight = sum(int(visit["weight"]) for visit in ours)
    run.input_version = run.plan.version
    return week


def _week(run: PlanRun, of: scenes.Scene) -> dict[str, Any]:
    """Return the week of a run as it is now, with its goals; whoever breaks a rule as things stand is free to be planned anew."""
    return aimed(_plain_week(run, of), run.goals)


def _plain_week(run: PlanRun, of: scenes.Scene) -> dict[str, Any]:
    """Return the week of a run with every need weighed as its kind says."""
    if run.kind is RunKind.SOLVE:
        return snapshot.solve_week(of)
    return snapshot.replan_week(of, set(judged(of).volunteers))


def stop_run(run: PlanRun) -> None:
    """Ask a run to end and keep the best plan it has; one that has not begun is dropped."""
    if run.state is RunState.QUEUED:
        fail_run(run, STOPPED)
    elif run.state is RunState.RUNNING:
        run.stop_asked = True
        audit.record("stop_run", "plan_run", run.id)


def fail_run(run: PlanRun, fault: str) -> None:
    """Note that a run came to nothing."""
    run.state, run.fault, run.ended_at = RunState.FAILED, fault[:500], clock.now()
    audit.record("fail_run", "plan_run", run.id)


def record(run: PlanRun, found: dict[str, Any]) -> None:
    """Store what a run found; when the plan was edited meanwhile the result waits until a coordinator takes it.

    Stops that only say where somebody is are counted by the engine as served, and not by us. What was only tried is no plan.
    """
    if run.kind not in PLANNING:
        run.state, run.ended_at, run.result = RunState.DONE, clock.now(), found
        audit.record("record_run", "plan_run", run.id)
        return
    run.measures = dict(measured(_plain_week(run, scenes.scene(run.plan)), found))
    here = sum(1 for route in found["routes"] for stop in route["stops"] if not snapshot.is_visit(stop.get("visit", "x")))
    for name in ("served", "served_weight"):
        found["score"][name] -= here
    found["bound"]["served_weight"] -= here
    run.state, run.ended_at, run.result = RunState.DONE, clock.now(), found
    audit.record("record_run", "plan_run", run.id, served=found["score"]["served"])
    if run.plan.version == run.input_version:
        take(run)


def take(run: PlanRun) -> None:
    """Make a run's result the plan: judged by the referee first; what has been served already stays as it is.

    A re-planning that serves no more than the plan that stands changes nothing: nobody is moved for nothing.
    """
    if run.result is None:
        raise Conflict("这次求解没有结果可用。")
    if run.kind not in PLANNING:
        raise Conflict("这只是推演，不能当计划用。想这样安排，请照着改老人或志愿者的资料，再排一次。")
    plan = run.plan
    of = scenes.scene(plan)
    week = read_week(_week(run, of))
    try:
        verdict = check(week, read_plan(run.result, week))
    except ValueError as error:
        raise Conflict("排好之后，这一周又变了很多，这个结果放不进去了。请重新排一次。") from error
    if not verdict.ok:
        first = verdict.breaches[0]
        raise Refusal("复核没有通过，计划没有存：%(why)s", why=(first.zh, first.en))
    plan.windows = of.windows
    before = check(week, read_plan(snapshot.board_plan(of), week)) if run.kind is RunKind.REPLAN else None
    if before is None or not before.ok or verdict.score.served_weight > before.score.served_weight:
        replace_assignments(plan, run.result["routes"], {visit.id for visit in scenes.to_come(of)})
    replace_unserved(plan, run.result["unserved"], {visit.id for visit in scenes.to_come(of)})
    here = sum(1 for each in week.visits if not snapshot.is_visit(each.id))
    plan.status, plan.bound = run.result["status"], run.result["bound"]["served_weight"]
    plan.served_weight = verdict.score.served_weight - here
    run.kept = True
    touch(plan)


def replace_assignments(plan: Plan, routes: list[dict[str, Any]], among: set[int]) -> None:
    """Make the assignments of some visits those of the engine's routes, as said now; pins stay pins."""
    there = {(each.visit_id, each.volunteer_id): each for each in plan.assignments if each.visit_id in among}
    wanted = {(row["visit_id"], row["volunteer_id"]): row for route in routes for row in assigned(plan, route) if row["visit_id"] in among}
    for key, each in there.items():
        if key not in wanted:
            plan.assignments.remove(each)
    db.session.flush()
    for key, row in wanted.items():
        known = there.get(key)
        if known is None:
            plan.assignments.append(Assignment(**row))
        else:
            known.day, known.window, known.start, known.pickup = row["day"], row["window"], row["start"], row["pickup"]
            known.made_at = clock.now()
    db.session.flush()


def assigned(plan: Plan, route: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the assignments of one route as rows."""
    volunteer = snapshot.number(route["volunteer"])
    weekday = plan.windows[str(volunteer)][route["window"]][0]
    day = plan.week + timedelta(days=weekday)
    picked = {visit: stop["at"] for stop in route["stops"] if "pickup" in stop for visit in stop["visits"]}
    return [
        {
            "visit_id": snapshot.number(stop["visit"]),
            "volunteer_id": volunteer,
            "day": day,
            "window": route["window"],
            "start": stop["start"],
            "pickup": picked.get(stop["visit"]),
        }
        for stop in route["stops"]
        if "visit" in stop and snapshot.is_visit(stop["visit"])
    ]


def replace_unserved(plan: Plan, unserved: list[dict[str, Any]], among: set[int]) -> None:
    """Store which visits to come the plan does not serve, and why; what is past keeps what was said of it."""
    there = {row.visit_id: row for row in plan.unserved if row.visit_id in among}
    wanted = {snapshot.number(each["visit"]): each for each in unserved if snapshot.is_visit(each["visit"])}
    for number, row in there.items():
        if number not in wanted:
            plan.unserved.remove(row)
    for number, each in wanted.items():
        if number not in among:
            continue
        said = {name: each[name] for name in ("reason", "who", "zh", "en", "fix")}
        known = there.get(number)
        if known is None:
            plan.unserved.append(Unserved(visit_id=number, **said))
        else:
            for name, value in said.items():
                setattr(known, name, value)
    db.session.flush()
