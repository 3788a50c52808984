"""Doors of the week: open it, let the engine plan it, edit it under the referee's eye, publish it. The engine runs as a job."""

from datetime import date
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from timebank.api.edge import Doors, marked, once
from timebank.api.fields import Week
from timebank.api.paging import PageArgs, cut, listed, page
from timebank.api.shapes import weeks as shapes
from timebank.api.shared import here
from timebank.errors import Conflict, NotFound
from timebank.planning import queries
from timebank.planning.actions import differences, editing, publishing, runs
from timebank.planning.actions.weeks import open_week as open_plan
from timebank.planning.models import Plan, PlanRun, RunKind
from timebank.visits import queries as visits
from timebank.visits.models import Visit
from timebank.web import found, settings

doors = Doors("weeks", "The week's plan")
MOST_CANDIDATES = 8
Page = dict[str, Any]


def _monday(week: str) -> date:
    """Return the Monday of a week in an address."""
    try:
        found_week: Any = Week().deserialize(week)
    except ValidationError as error:
        raise NotFound("没有这一周。周请写成 2026-W48 这样。") from error
    monday: date = found_week
    return monday


def _plan(week: str) -> Plan:
    """Return the plan of a week in an address; one that was never opened has none."""
    monday = _monday(week)
    plan = queries.plan_of(here(), monday)
    if plan is None:
        raise NotFound("这一周还没有打开。先打开它。", code="week_not_open")
    return plan


def _visit(plan: Plan, visit_id: int) -> Visit:
    """Return a visit of a plan's week."""
    visit = found(visits.visit_of(plan.community_id, visit_id))
    return found(visit if visit.week == plan.week else None)


def _shown(plan: Plan) -> dict[str, Any]:
    """Return a plan as it stands."""
    seen = queries.glance(plan)
    going = queries.going_on(queries.runs(plan))
    return {
        "week": plan.week,
        "state": plan.state,
        "version": plan.version,
        "status": plan.status,
        "needed": len(seen.of.visits),
        "served": len(seen.served),
        "published_at": plan.published_at,
        "run": going.id if going else None,
        "assignments": [
            {
                "visit_id": each.visit_id,
                "volunteer_id": each.volunteer_id,
                "day": each.day,
                "start": each.start,
                "pickup": each.pickup,
                "pinned": each.pinned,
                "status": queries.status_of(seen, each),
            }
            for each in seen.rows
        ],
        "unserved": [
            {
                "visit_id": each.visit_id,
                "reason": each.reason,
                "zh": each.zh,
                "en": each.en,
                "can_be_taken_up": editing.can_take_up(each),
            }
            for each in seen.left
        ],
    }


@doors.get("/weeks")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.PlanShape))
def list_weeks(asked: dict[str, Any]) -> Page:
    """The weeks that were opened, each as its plan stands."""
    found_rows = cut(sorted(queries.weeks(here()), key=lambda each: each.id), asked, lambda each: int(each.id))
    return {**found_rows, "items": [_shown(each) for each in found_rows["items"]]}


@doors.get("/weeks/<week>")
@marked
@doors.response(200, shapes.WholePlanShape)
def plan(week: str) -> dict[str, Any]:
    """A week's plan: who is proposed, what is left and why."""
    return _shown(_plan(week))


@doors.post("/weeks/<week>/open")
@once
@doors.response(200, shapes.WholePlanShape)
def open_week(week: str) -> dict[str, Any]:
    """Open a week, or bring it up to date with what is asked for now."""
    return _shown(open_plan(here(), _monday(week)))


@doors.post("/weeks/<week>/solve")
@once
@doors.arguments(shapes.SolveBody)
@doors.response(202, shapes.RunShape)
def solve(said: dict[str, Any], week: str) -> PlanRun:
    """Open a week and ask the engine for its plan; it runs as a job, see its run."""
    return runs.queue_run(open_plan(here(), _monday(week)), RunKind.SOLVE, said["seconds"] or settings().solve_seconds)


@doors.post("/weeks/<week>/replan")
@once
@doors.arguments(shapes.SolveBody)
@doors.response(202, shapes.RunShape)
def replan(said: dict[str, Any], week: str) -> PlanRun:
    """Ask the engine for the fewest changes to a week's plan."""
    return runs.queue_run(_plan(week), RunKind.REPLAN, said["seconds"] or settings().solve_seconds)


@doors.get("/weeks/<week>/changes")
@doors.response(200, shapes.ChangesShape)
def changes(week: str) -> dict[str, Any]:
    """What publishing would do now, and for whom."""
    mine = _plan(week)
    rows = differences.changes(mine)
    items = [
        {
            "word": each.word,
            "volunteer": each.volunteer.id,
            "visit": each.visit.id,
            "day": each.day,
            "start": each.start,
            "told": each.goes_out and not each.small,
        }
        for each in rows
    ]
    return {"version": mine.version, "items": items}


@doors.post("/weeks/<week>/publish")
@once
@doors.arguments(shapes.VersionBody)
@doors.response(200, shapes.PublishedShape)
def publish(said: dict[str, Any], week: str) -> dict[str, Any]:
    """Send what has changed to those it touches, if the plan is still the one that was read."""
    mine = _plan(week)
    people = publishing.publish(mine, said["version"])
    return {"version": mine.version, "told": [each.id for each in people]}


@doors.get("/runs/<int:run_id>")
@marked
@doors.response(200, shapes.RunShape)
def run(run_id: int) -> PlanRun:
    """How far a run of the engine is."""
    return _run(run_id)


@doors.get("/runs")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.RunShape))
def list_runs(asked: dict[str, Any]) -> Page:
    """The runs of the engine, the oldest first."""
    return page(select(PlanRun).join(Plan).where(Plan.community_id == here()), PlanRun.id, asked)


def _run(run_id: int) -> PlanRun:
    """Return a run of the community."""
    return found(queries.run_of(here(), run_id))


@doors.post("/runs/<int:run_id>/stop")
@once
@doors.response(200, shapes.RunShape)
def stop(run_id: int) -> PlanRun:
    """Ask a run to end and keep the best plan it has."""
    known = _run(run_id)
    runs.stop_run(known)
    return known


@doors.post("/runs/<int:run_id>/take")
@once
@doors.response(200, shapes.RunShape)
def take(run_id: int) -> PlanRun:
    """Make the result of a run the plan, over what was edited by hand meanwhile."""
    known = _run(run_id)
    runs.take(known)
    return known


@doors.get("/weeks/<week>/visits/<int:visit_id>/candidates")
@doors.response(200, shapes.CandidatesShape)
def candidates(week: str, visit_id: int) -> dict[str, Any]:
    """Who could serve a visit as the plan stands otherwise, the best first."""
    mine = _plan(week)
    found_ways = editing.candidates(mine, _visit(mine, visit_id))[:MOST_CANDIDATES]
    return {
        "items": [
            {
                "volunteers": [each.id for each in way.volunteers],
                "day": way.day,
                "start": way.start,
                "more_travel_minutes": round(way.travel),
                "strangers": way.strangers,
                "serves_now": way.serves_now,
            }
            for way in found_ways
        ]
    }


@doors.post("/weeks/<week>/visits/<int:visit_id>/assign")
@once
@doors.arguments(shapes.AssignBody)
@doors.response(200, shapes.WholePlanShape)
def assign(said: dict[str, Any], week: str, visit_id: int) -> dict[str, Any]:
    """Give a visit to somebody, or move it to another time; the referee judges it first."""
    mine = _plan(week)
    known = {each.id: each for each in queries.people(mine.community_id, mine.week)}
    people = [found(known.get(each)) for each in said["volunteers"]]
    editing.assign(mine, said["version"], _visit(mine, visit_id), people, said["day"], said["start"])
    return _shown(mine)


@doors.post("/weeks/<week>/visits/<int:visit_id>/unassign")
@once
@doors.arguments(shapes.VersionBody)
@doors.response(200, shapes.WholePlanShape)
def unassign(said: dict[str, Any], week: str, visit_id: int) -> dict[str, Any]:
    """Take a visit off the plan."""
    mine = _plan(week)
    editing.unassign(mine, said["version"], _visit(mine, visit_id))
    return _shown(mine)


@doors.post("/weeks/<week>/visits/<int:visit_id>/pin")
@once
@doors.arguments(shapes.PinBody)
@doors.response(200, shapes.WholePlanShape)
def pin(said: dict[str, Any], week: str, visit_id: int) -> dict[str, Any]:
    """Fix a visit to its people and time, or free it."""
    mine = _plan(week)
    editing.pin(mine, said["version"], _visit(mine, visit_id), pinned=said["pinned"])
    return _shown(mine)


@doors.post("/weeks/<week>/visits/<int:visit_id>/take-up")
@once
@doors.arguments(shapes.TakeUpBody)
@doors.response(200, shapes.WholePlanShape)
def take_up(said: dict[str, Any], week: str, visit_id: int) -> dict[str, Any]:
    """Make the smallest change that serves a visit the plan leaves."""
    mine = _plan(week)
    left = queries.unserved_of(mine, _visit(mine, visit_id))
    if left is None:
        raise Conflict("这一件已经排上了，不用再改。")
    editing.take_up(mine, said["version"], left, said["reason"])
    return _shown(mine)
