"""A week is opened for planning, and brought up to date with what has changed since."""

from datetime import date

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.planning import snapshot
from timebank.planning.models import Plan, PlanState
from timebank.visits.actions import paying
from timebank.visits.actions.scheduling import at_home, schedule_week
from timebank.visits.models import Visit, VisitState


def open_week(community_id: int, monday: date) -> Plan:
    """Return the plan of a week, made on the first call; its visits and windows are brought up to date."""
    if monday.weekday() != 0:
        raise Conflict("周计划从周一开始，请选一个周一。", "A week begins on Monday. Choose a Monday.")
    plan = db.session.scalars(select(Plan).where(Plan.community_id == community_id, Plan.week == monday)).first()
    if plan is None:
        plan = Plan(community_id=community_id, week=monday, windows={}, ceilings={}, state=PlanState.DRAFT)
        db.session.add(plan)
        db.session.flush()
        audit.record("open_week", "plan", plan.id, week=monday.isoformat())
    bring_up_to_date(plan)
    return plan


def bring_up_to_date(plan: Plan) -> None:
    """Schedule what is new, drop what nobody waits for any more, and note the windows as they are now."""
    made = schedule_week(plan.community_id, plan.week)
    dropped = _drop_absent(plan) + _drop_called_off(plan)
    windows = snapshot.windows_now(snapshot.scene(plan))
    if made or dropped or windows != plan.windows:
        plan.windows = windows
        touch(plan)


def _drop_absent(plan: Plan) -> int:
    """Cancel the visits of elders who are paused or gone on every day the visit could be; take them off the plan."""
    dropped = 0
    for visit in snapshot.scene(plan).visits:
        if visit.state not in snapshot.GOING:
            continue
        days = [visit.day] if visit.day else [date.fromisoformat(day) for day in visit.days]
        if not any(at_home(visit.household, visit.request.elder, day) for day in days):
            visit.state = VisitState.CANCELLED
            paying.keep(visit)
            plan.assignments = [each for each in plan.assignments if each.visit_id != visit.id]
            plan.unserved = [each for each in plan.unserved if each.visit_id != visit.id]
            audit.record("cancel", "visit", visit.id)
            dropped += 1
    return dropped


def _drop_called_off(plan: Plan) -> int:
    """Take off the plan what was cancelled elsewhere: by its family, or at the desk."""
    there = {each.visit_id for each in plan.assignments} | {each.visit_id for each in plan.unserved}
    off = select(Visit.id).where(Visit.community_id == plan.community_id, Visit.week == plan.week, Visit.state == VisitState.CANCELLED)
    gone = there.intersection(db.session.scalars(off))
    if gone:
        plan.assignments = [each for each in plan.assignments if each.visit_id not in gone]
        plan.unserved = [each for each in plan.unserved if each.visit_id not in gone]
    return len(gone)


def touch(plan: Plan) -> None:
    """Count a change of the plan, so that nobody publishes or stores over it unseen."""
    plan.version += 1
    db.session.flush()


def must_be(plan: Plan, version: int) -> None:
    """Refuse when the plan is not the one the reader saw."""
    if plan.version != version:
        raise Conflict(
            "这一页打开后，周计划又改过，所以这次没有存。看看现在的样子，再存一次。",
            "The plan changed since you opened it. Look at it as it is now, then save again.",
            way=("看现在的计划", "See the plan as it is now", f"/plan?week={clock.week_name(plan.week)}"),
        )
