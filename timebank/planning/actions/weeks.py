"""A week is opened for planning, and brought up to date with what has changed since."""

from datetime import date

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.planning import scenes
from timebank.planning.models import Assignment, Plan, PlanState
from timebank.visits.actions.calling_off import call_off
from timebank.visits.actions.offering import lapse
from timebank.visits.actions.scheduling import is_wanted, schedule_week
from timebank.visits.models import Offer, OfferState
from timebank.visits.states import Why


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
    """Schedule what is new, drop what nobody waits for any more, follow the answers, and note the windows as they are now."""
    lapse(plan.community_id)
    made = schedule_week(plan.community_id, plan.week)
    of = scenes.scene(plan)
    absent = _drop_absent(of)
    if absent:
        of = scenes.scene(plan)
    changed = absent + _follow_answers(of) + _drop_lost(of)
    if made or changed or of.windows != plan.windows:
        plan.windows = of.windows
        touch(plan)


def _drop_absent(of: scenes.Scene) -> int:
    """Call off what nobody is at home for any more, however that came to be known; say how many."""
    today = clock.today().isoformat()
    left = {each: [date.fromisoformat(day) for day in each.days if day >= today] for each in scenes.to_come(of)}
    absent = [each for each, days in left.items() if days and not any(is_wanted(each, day) for day in days)]
    call_off(absent, Why.AWAY)
    return len(absent)


def _drop_lost(of: scenes.Scene) -> int:
    """Take off the plan what was cancelled elsewhere, and what whoever had it does not do any more; say how many."""
    plan = of.plan
    wanted = {visit.id for visit in of.visits}
    coming = {visit.id for visit in scenes.to_come(of)}
    gone = [
        each
        for each in plan.assignments
        if each.visit_id not in wanted
        or (each.visit_id in coming and (each.visit_id, each.volunteer_id) not in of.live and not scenes.stands(of, each))
    ]
    left = [each for each in plan.unserved if each.visit_id not in wanted]
    for each in gone:
        plan.assignments.remove(each)
    for row in left:
        plan.unserved.remove(row)
    db.session.flush()
    return len(gone) + len(left)


def _follow_answers(of: scenes.Scene) -> int:
    """Let the plan name whoever was asked at once and has said yes since it last named somebody; say how many visits."""
    rows: dict[int, list[Assignment]] = {}
    for each in of.plan.assignments:
        rows.setdefault(each.visit_id, []).append(each)
    going: dict[int, list[Offer]] = {}
    for made in of.live.values():
        if made.state is OfferState.ACCEPTED:
            going.setdefault(made.visit_id, []).append(made)
    followed = 0
    for visit in scenes.to_come(of):
        crew, planned = going.get(visit.id, []), rows.get(visit.id, [])
        said = max((each.answered_at for each in crew if each.asked_by and each.answered_at), default=None)
        newer = said is not None and all(each.made_at <= said for each in planned)
        if newer and len(crew) >= visit.crew and {each.volunteer_id for each in crew} != {each.volunteer_id for each in planned}:
            _name(of.plan, planned, crew)
            followed += 1
    return followed


def _name(plan: Plan, planned: list[Assignment], going: list[Offer]) -> None:
    """Write what was promised into the plan, in place of what it said."""
    for row in planned:
        plan.assignments.remove(row)
    db.session.flush()
    plan.assignments.extend(_row(plan, each) for each in going)
    left = [each for each in plan.unserved if each.visit_id == going[0].visit_id]
    for one in left:
        plan.unserved.remove(one)
    db.session.flush()


def _row(plan: Plan, made: Offer) -> Assignment:
    """Return what was promised as the plan says it."""
    weekday = (made.day - plan.week).days
    windows = plan.windows.get(str(made.volunteer_id), [])
    fits = (index for index, (day, start, end) in enumerate(windows) if day == weekday and start <= made.start < end)
    pickup = made.round.pickup if made.round is not None else None
    return Assignment(
        visit_id=made.visit_id, volunteer_id=made.volunteer_id, day=made.day, window=next(fits, 0), start=made.start, pickup=pickup
    )


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
