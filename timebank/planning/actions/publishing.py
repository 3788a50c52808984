"""Publishing: the plan's proposals become offers. Only people whose work changes hear of it; accepted work is never moved."""

import time
from datetime import timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.planning.actions import sending, undoing
from timebank.planning.actions.differences import changes, touched
from timebank.planning.actions.weeks import bring_up_to_date, is_behind, must_be, touch
from timebank.planning.models import Plan, PlanState, Publication
from timebank.queue import enqueue
from timebank.sentences import Sentence
from timebank.volunteers.models import Volunteer

SEE_HOW_FAR = Sentence("看发到哪里了")
TASK = "publish"
LEASE_SECONDS = 60
REST_SECONDS = 0.02
"""So long the writers' line is left to others after each piece."""


def publish(plan: Plan, version: int) -> list[Volunteer]:
    """Send what has changed in one write unit and return who hears of it; compare-and-swap on the plan's version.

    What breaks a rule is held back, it alone; what is too late stays open and stands on Today. The service sends it in pieces
    (``begin``), so that nobody waits for a whole street's week.
    """
    must_be(plan, version)
    bring_up_to_date(plan)
    found = [change for change in changes(plan) if change.goes_out]
    people = touched(found)
    sending.send(plan, sending.worked_out(plan, found))
    sending.tell(plan, [person.id for person in people])
    plan.state, plan.published_at = PlanState.PUBLISHED, clock.now()
    undoing.gone_out(plan)
    touch(plan)
    audit.record("publish", "plan", plan.id, changes=len(found), people=[person.id for person in people])
    return people


def begin(plan: Plan, version: int) -> Publication:
    """Note that a plan goes out from now on, and by whom; ``run`` sends it. One that stopped in the middle is taken up again."""
    going = publication_of(plan)
    if going is not None:
        if not is_lost(going):
            raise Conflict("这一周正在发布，不用再按一次。等它发完再看。", way=(SEE_HOW_FAR, f"/plan/publications/{going.id}"))
        going.heartbeat = None
        return going
    must_be(plan, version)
    begun = Publication(plan_id=plan.id, by=audit.acting_user(), changes=0, sent=0, people=[], begun_at=clock.now())
    plan.state, plan.published_at = PlanState.PUBLISHED, clock.now()
    db.session.add(begun)
    undoing.gone_out(plan)
    touch(plan)
    audit.record("publish", "plan", plan.id, publication=begun.id)
    return begun


def publication_of(plan: Plan) -> Publication | None:
    """Return the publication of a plan that has not come to its end."""
    return db.session.scalars(select(Publication).where(Publication.plan_id == plan.id, Publication.ended_at.is_(None))).first()


def is_lost(going: Publication) -> bool:
    """Say whether nobody is sending a publication any more although it has not come to its end."""
    return going.ended_at is None and clock.now() - (going.heartbeat or going.begun_at) > timedelta(seconds=LEASE_SECONDS)


def run(number: int, *, most: int | None = None) -> None:
    """Send a publication piece by piece, each in a write unit of its own, in the name of whoever pressed; a job, so it commits.

    Of more than ``most`` changes a job is made, for whoever pressed does not wait that long. A piece that was sent is never sent again:
    only what the plan says and nobody was asked for goes out.
    """
    with transaction():
        going = db.session.get(Publication, number, with_for_update=True)
        if going is None or going.ended_at is not None or (going.heartbeat is not None and not is_lost(going)):
            return
        going.heartbeat = clock.now()
    if is_behind(going.plan):
        with transaction():
            bring_up_to_date(db.session.get_one(Publication, number).plan)
    plan, before = going.plan, list(going.people)
    found = [change for change in changes(plan) if change.goes_out]
    wanted = sending.worked_out(plan, found)
    more = [person.id for person in touched(found) if person.id not in before]
    later = most is not None and len(found) > most
    with transaction():
        going.changes, going.touched, going.people = going.sent + len(wanted), going.touched + len(more), [*before, *more]
        going.heartbeat = None if later else clock.now()
    if later:
        enqueue(TASK, number)
        return
    token = audit.actor.set(f"user:{going.by}") if going.by else None
    try:
        _send_all(going, wanted)
    finally:
        if token is not None:
            audit.actor.reset(token)


def _send_all(going: Publication, wanted: list[sending.Sending]) -> None:
    """Send the pieces of a publication, tell whoever is touched, and note its end."""
    number, plan_id = going.id, going.plan_id
    for piece in sending.pieces(wanted):
        with transaction():
            going = db.session.get_one(Publication, number)
            sending.send_what_can_be(db.session.get_one(Plan, plan_id), piece)
            going.sent, going.heartbeat = going.sent + len(piece), clock.now()
        time.sleep(REST_SECONDS)
    while going.people:
        with transaction():
            going = db.session.get_one(Publication, number)
            sending.tell(db.session.get_one(Plan, plan_id), going.people[: sending.PEOPLE])
            going.people, going.heartbeat = going.people[sending.PEOPLE :], clock.now()
        time.sleep(REST_SECONDS)
    with transaction():
        going = db.session.get_one(Publication, number)
        going.ended_at = clock.now()
        audit.record("published", "plan", plan_id, publication=number, changes=going.changes)


def take_up_lost() -> None:
    """Go on with the publications that stopped in the middle. A job, so it commits."""
    for going in db.session.scalars(select(Publication).where(Publication.ended_at.is_(None))).all():
        if is_lost(going):
            run(going.id)
