"""Reads about runs that are compared: the last ones of a community, what a run serves, visits and kinds in words."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, select

from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.planning import snapshot, words
from timebank.planning.measuring import served
from timebank.planning.models import PLANNING, Plan, PlanRun, RunKind, RunState
from timebank.visits.models import Visit

LISTED = 10


def last_two(community_id: int) -> tuple[PlanRun | None, PlanRun | None]:
    """Return the last run of a community that came to something, and the one of the same week before it."""
    mine = (Plan.community_id == community_id, PlanRun.kind.in_(PLANNING), PlanRun.state == RunState.DONE)
    last = db.session.scalars(select(PlanRun).join(Plan).where(*mine).order_by(PlanRun.id.desc()).limit(1)).first()
    if last is None:
        return None, None
    earlier = select(PlanRun).join(Plan).where(*mine, PlanRun.plan_id == last.plan_id, PlanRun.id < last.id)
    return last, db.session.scalars(earlier.order_by(PlanRun.id.desc()).limit(1)).first()


def tries(plan: Plan, kind: RunKind) -> list[PlanRun]:
    """Return what was tried on a week, the newest first."""
    mine = (PlanRun.plan_id == plan.id, PlanRun.kind == kind)
    return list(db.session.scalars(select(PlanRun).where(*mine).order_by(PlanRun.id.desc()).limit(LISTED)))


def serves(run: PlanRun) -> set[int]:
    """Return the visits a run serves."""
    return {snapshot.number(each) for each in served(run.result) if snapshot.is_visit(each)} if run.result else set()


def known(run: PlanRun) -> set[int]:
    """Return the visits a run was asked for: served or not."""
    left = (each["visit"] for each in run.result["unserved"]) if run.result else ()
    return serves(run) | {snapshot.number(each) for each in left if snapshot.is_visit(each)}


def visits_in_words(community_id: int, numbers: Collection[int], most: int) -> list[str]:
    """Return some visits as people call them, by number: who and what, such as 鞠淑贞 理发."""
    mine = select(Visit).where(Visit.community_id == community_id, Visit.id.in_(list(numbers)[:most])).order_by(Visit.id)
    return [f"{words.elders_of(each)} {words.short_kind(each.kind)}" for each in db.session.scalars(mine)]


def kinds_of(community_id: int, numbers: Iterable[int]) -> list[tuple[ServiceKind, int]]:
    """Return of which kinds some visits are, the most frequent first."""
    mine = (Visit.community_id == community_id, Visit.id.in_(list(numbers)))
    counted = func.count(Visit.id)
    rows = select(ServiceKind, counted).join(Visit, Visit.kind_id == ServiceKind.id).where(*mine).group_by(ServiceKind.id)
    return [(kind, count) for kind, count in db.session.execute(rows.order_by(counted.desc(), ServiceKind.position))]
