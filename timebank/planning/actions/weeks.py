"""A week is opened for planning, and brought up to date with what has changed since."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.planning import plain, scenes
from timebank.planning.models import Assignment, Plan, PlanState, Unserved
from timebank.sentences import Sentence
from timebank.visits.actions.calling_off import call_off
from timebank.visits.actions.offering import lapse, may_lapse
from timebank.visits.actions.scheduling import is_wanted, lacks_visits, schedule_week
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.states import Why

SEE_PLAN = Sentence("看现在的计划")


def open_week(community_id: int, monday: date) -> Plan:
    """Return the plan of a week, made on the first call; its visits and windows are brought up to date."""
    if monday.weekday() != 0:
        raise Conflict("周计划从周一开始，请选一个周一。")
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
    absent = _absent(of)
    if absent:
        call_off(db.session.scalars(select(Visit).where(Visit.id.in_(absent)).order_by(Visit.id)).all(), Why.AWAY)
        of = scenes.scene(plan)
    followed = _answered(of)
    for planned, crew in followed:
        _name(plan, planned, crew)
    lines, reasons = _lost(of)
    _take_off(plan, lines, reasons)
    if made or absent or followed or lines or reasons or of.windows != plan.windows:
        plan.windows = of.windows
        touch(plan)


def is_behind(plan: Plan) -> bool:
    """Say whether bringing a plan up to date would change anything; asked without the writers' line, for the answer takes a while."""
    if may_lapse(plan.community_id) or lacks_visits(plan.community_id, plan.week):
        return True
    of = scenes.scene(plan)
    return bool(_absent(of) or _answered(of) or any(_lost(of)) or of.windows != plan.windows)


def _absent(of: scenes.Scene) -> list[int]:
    """Return the visits nobody is at home for any more, however that came to be known."""
    today = clock.today().isoformat()
    left = [(each, [date.fromisoformat(day) for day in each.days if day >= today]) for each in scenes.to_come(of)]
    return [each.id for each, days in left if days and not any(is_wanted(each, day) for day in days)]


def _lost(of: scenes.Scene) -> tuple[list[int], list[int]]:
    """Return the lines that were cancelled elsewhere or that whoever had them does not do any more, and the reasons without a visit."""
    wanted = {visit.id for visit in of.visits}
    coming = {visit.id for visit in scenes.to_come(of)}
    lines = [
        each.id
        for each in of.assignments
        if each.visit_id in coming and (each.visit_id, each.volunteer_id) not in of.live and not scenes.stands(of, each)
    ]
    left = db.session.execute(select(Unserved.id, Unserved.visit_id).where(Unserved.plan_id == of.plan.id))
    return lines + plain.gone(of.plan, wanted), [number for number, visit in left if visit not in wanted]


def _take_off(plan: Plan, lines: Sequence[int], reasons: Sequence[int]) -> None:
    """Delete some lines of a plan and some of its reasons, by their numbers."""
    for row, numbers in ((Assignment, lines), (Unserved, reasons)):
        if numbers:
            db.session.execute(delete(row).where(row.id.in_(numbers)))
    if lines or reasons:
        db.session.expire(plan, ["assignments", "unserved"])


def _answered(of: scenes.Scene) -> list[tuple[list[Assignment], list[Offer]]]:
    """Return the visits that people who were asked at once have said yes to since the plan last named somebody: its lines, who goes."""
    rows: dict[int, list[Assignment]] = {}
    for each in of.assignments:
        rows.setdefault(each.visit_id, []).append(each)
    going: dict[int, list[Offer]] = {}
    for made in of.live.values():
        if made.state is OfferState.ACCEPTED:
            going.setdefault(made.visit_id, []).append(made)
    found = []
    for visit in scenes.to_come(of):
        crew, planned = going.get(visit.id, []), rows.get(visit.id, [])
        said = max((each.answered_at for each in crew if each.asked_by and each.answered_at), default=None)
        newer = said is not None and all(each.made_at <= said for each in planned)
        if newer and len(crew) >= visit.crew and {each.volunteer_id for each in crew} != {each.volunteer_id for each in planned}:
            found.append((planned, crew))
    return found


def _name(plan: Plan, planned: list[Assignment], going: list[Offer]) -> None:
    """Write what was promised into the plan, in place of what it said."""
    left = db.session.scalars(select(Unserved.id).where(Unserved.plan_id == plan.id, Unserved.visit_id == going[0].visit_id))
    _take_off(plan, [row.id for row in planned], left.all())
    db.session.add_all(_row(plan, each) for each in going)
    db.session.flush()
    db.session.expire(plan, ["assignments"])


def _row(plan: Plan, made: Offer) -> Assignment:
    """Return what was promised as the plan says it."""
    weekday = (made.day - plan.week).days
    windows = plan.windows.get(str(made.volunteer_id), [])
    fits = (index for index, (day, start, end) in enumerate(windows) if day == weekday and start <= made.start < end)
    pickup = made.round.pickup if made.round is not None else None
    return Assignment(
        plan_id=plan.id,
        visit_id=made.visit_id,
        volunteer_id=made.volunteer_id,
        day=made.day,
        window=next(fits, 0),
        start=made.start,
        pickup=pickup,
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
            way=(SEE_PLAN, f"/plan?week={clock.week_name(plan.week)}"),
        )
