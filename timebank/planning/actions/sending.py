"""What a plan asks becomes offers, a piece at a time: the visits of a piece are read, changed and written together.

What is sent was worked out before from a plan that may have changed since: what the plan does not say any more is left out, and
stands among the changes that are not sent yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from timebank.db import db
from timebank.errors import Conflict
from timebank.notices.actions import notify
from timebank.planning.actions.differences import Change
from timebank.planning.models import Assignment, Plan
from timebank.planning.why import Reasons
from timebank.sentences import Sentence, the_day, the_moment
from timebank.visits.actions import offering
from timebank.visits.actions.offering import Slot, Wanted
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.states import LIVE, TO_COME, Why
from timebank.volunteers.models import Volunteer

PIECE = 60
PEOPLE = 40
"""Visits, and people told, in one write unit: a tenth of a second at most."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be done for one visit and volunteer: the slot they are asked for, the offer it replaces or shifts; no slot takes back."""

    visit: int
    volunteer: int
    slot: Slot | None
    offer: int | None
    small: bool


def worked_out(plan: Plan, found: Sequence[Change]) -> list[Sending]:
    """Return what some changes ask to be done, whoever is asked together close to each other."""
    reasons = Reasons(plan)
    return [
        Sending(
            change.visit.id,
            change.volunteer.id,
            slot_of(change.assignment, reasons) if change.assignment is not None else None,
            change.offer.id if change.offer is not None else None,
            change.small,
        )
        for change in found
    ]


def slot_of(each: Assignment, reasons: Reasons) -> Slot:
    """Return when an assignment asks its volunteer to come, with the two sentences that say why them."""
    zh, en = reasons.why(each)
    return Slot(day=each.day, start=each.start, window=each.window, pickup=each.pickup, why_zh=zh, why_en=en)


def pieces(wanted: Iterable[Sending]) -> list[list[Sending]]:
    """Return what is to be sent in pieces; all of one visit stands in one piece, so that nobody sees it half changed."""
    by_visit: dict[int, list[Sending]] = {}
    for each in wanted:
        by_visit.setdefault(each.visit, []).append(each)
    cut: list[list[Sending]] = []
    for place, members in enumerate(by_visit.values()):
        if place % PIECE == 0:
            cut.append([])
        cut[-1] += members
    return cut


def send_what_can_be(plan: Plan, piece: Sequence[Sending]) -> None:
    """Send a piece; where somebody cannot be asked any more, that visit alone is left out."""
    try:
        with db.session.begin_nested():
            send(plan, piece)
    except Conflict:
        for visit in dict.fromkeys(each.visit for each in piece):
            try:
                with db.session.begin_nested():
                    send(plan, [each for each in piece if each.visit == visit])
            except Conflict:
                continue


def send(plan: Plan, piece: Sequence[Sending]) -> None:
    """Take back, shift and ask, as far as the plan still says so; Conflict where somebody cannot be asked."""
    there = _visits({each.visit for each in piece})
    lines = _lines(plan, there.keys())
    live = {(made.visit_id, made.volunteer_id): made for visit in there.values() for made in visit.offers if made.state in LIVE}
    going = [each for each in piece if each.visit in there and _still(each, lines, live)]
    for each in going:
        if each.offer is not None and not each.small:
            offering.withdraw(live[each.visit, each.volunteer], Why.REPLANNED.value)
    people = _people({each.volunteer for each in going})
    wanted = []
    for each in going:
        if each.slot is not None and each.small:
            offering.shift(live[each.visit, each.volunteer], each.slot)
        elif each.slot is not None:
            wanted.append(Wanted(there[each.visit], people[each.volunteer], each.slot))
    if wanted:
        offering.offer_all(wanted)


def _visits(numbers: set[int]) -> dict[int, Visit]:
    """Return those of some visits that nobody has begun, with their offers."""
    offers = selectinload(Visit.offers).joinedload(Offer.round)
    found = db.session.scalars(select(Visit).where(Visit.id.in_(numbers), Visit.state.in_(TO_COME)).options(offers, joinedload(Visit.kind)))
    return {each.id: each for each in found}


def _people(numbers: set[int]) -> dict[int, Volunteer]:
    """Return some volunteers."""
    return {each.id: each for each in db.session.scalars(select(Volunteer).where(Volunteer.id.in_(numbers)))}


Line = tuple[date, int, int | None]


def _lines(plan: Plan, visits: Iterable[int]) -> dict[tuple[int, int], Line]:
    """Return what a plan says of some visits now."""
    columns = select(Assignment.visit_id, Assignment.volunteer_id, Assignment.day, Assignment.start, Assignment.pickup)
    rows = db.session.execute(columns.where(Assignment.plan_id == plan.id, Assignment.visit_id.in_(list(visits))))
    return {(visit, volunteer): (day, start, pickup) for visit, volunteer, day, start, pickup in rows}


def _still(each: Sending, lines: dict[tuple[int, int], Line], live: dict[tuple[int, int], Offer]) -> bool:
    """Say whether the plan and the offers are still as they were when it was worked out."""
    key = each.visit, each.volunteer
    made = live.get(key)
    if (made.id if made is not None else None) != each.offer or (made is not None and made.started_at is not None):
        return False
    planned = (each.slot.day, each.slot.start, each.slot.pickup) if each.slot is not None else None
    return lines.get(key) == planned


def tell(plan: Plan, numbers: Sequence[int]) -> None:
    """Write to each of some people whose work has changed, once."""
    waiting = _waiting(plan, numbers)
    people = (
        select(Volunteer).where(Volunteer.id.in_(numbers)).options(joinedload(Volunteer.user)).order_by(Volunteer.sort_key, Volunteer.id)
    )
    for person in db.session.scalars(people):
        _tell(person, plan, waiting.get(person.id, []))


Asked = tuple[int | None, int, datetime]
"""What waits for an answer: its trip, its number, until when."""


def _waiting(plan: Plan, numbers: Sequence[int]) -> dict[int, list[Asked]]:
    """Return what some people have not answered yet in a plan's week."""
    mine = (Visit.community_id == plan.community_id, Visit.week == plan.week, Offer.state == OfferState.SENT)
    rows = select(Offer.volunteer_id, Offer.round_id, Offer.id, Offer.deadline).join(Offer.visit).where(*mine)
    found: dict[int, list[Asked]] = {}
    for who, trip, number, deadline in db.session.execute(rows.where(Offer.volunteer_id.in_(numbers))):
        found.setdefault(who, []).append((trip, number, deadline))
    return found


def _tell(person: Volunteer, plan: Plan, waiting: list[Asked]) -> None:
    """Write the message to somebody whose work has changed: what waits for an answer and until when, or that nothing is left."""
    if person.user is None or person.staff:
        return
    week = Sentence("%(monday)s这周", monday=the_day(plan.week))
    if not waiting:
        notify(person.user.id, "changed", what=Sentence("%(week)s的安排", week=week))
        return
    until = min(deadline for _trip, _number, deadline in waiting)
    words = the_moment(until)
    count = len({(trip, None) if trip else (None, number) for trip, number, _until in waiting})
    notify(person.user.id, "offer", week=week, count=count, deadline=words)
