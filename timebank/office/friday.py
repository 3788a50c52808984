"""What a coordinator looks at on Friday, before next week is planned: what is new, what is open, what runs out, how the weeks go.

Each list is one read, however large the community is; a page shows the first of each, its own page shows them all.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.catalogue.models import Skill
from timebank.db import db
from timebank.elders.models import Elder, ElderState, Household, Pause
from timebank.planning.models import Plan, Unserved
from timebank.visits.models import HelpRequest, Offer, OfferState, RequestState, ServiceRecord, Visit
from timebank.volunteers.models import HeldSkill, Volunteer

AHEAD = timedelta(days=30)
NAMED = (
    joinedload(HelpRequest.kind),
    joinedload(HelpRequest.elder),
    joinedload(HelpRequest.household).selectinload(Household.elders),
)
"""What a need is called: its kind and whom it is for."""
"""So long before it ends a paper is shown; one that has ended is shown as long."""
BACK = timedelta(weeks=8)
"""So many weeks the page looks back."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A paper of a volunteer that ends or has ended: the proof of a skill, or, without one, the insurance."""

    volunteer: Volunteer
    skill: Skill | None
    day: date

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.day < clock.today()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A need that was accepted and not served when it was last planned: for how many weeks of the last eight, and why the last time."""

    request: HelpRequest
    weeks: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the past: visits on record, their minutes, who served, what was declined, what could not be planned."""

    monday: date
    visits: int
    minutes: int
    people: int
    declined: int
    unserved: int


def new_needs(community_id: int) -> Sequence[HelpRequest]:
    """Return what nobody has decided on yet, the oldest first."""
    mine = (HelpRequest.community_id == community_id, HelpRequest.state == RequestState.NEW)
    rows = select(HelpRequest).where(*mine).options(*NAMED)
    return db.session.scalars(rows.order_by(HelpRequest.asked_at, HelpRequest.id)).unique().all()


def unanswered(community_id: int) -> list[tuple[Volunteer, int, bool]]:
    """Return who has offers to answer, how many, and whether the time for it is over; those first."""
    sent = (Visit.community_id == community_id, Offer.state == OfferState.SENT, Offer.day >= clock.today())
    rows = select(Offer.volunteer_id, func.count(), func.min(Offer.deadline)).join(Offer.visit).where(*sent).group_by(Offer.volunteer_id)
    found = {number: (count, deadline) for number, count, deadline in db.session.execute(rows)}
    people = db.session.scalars(select(Volunteer).where(Volunteer.id.in_(found))).all()
    listed = [(each, found[each.id][0], found[each.id][1] < clock.now()) for each in people]
    return sorted(listed, key=lambda row: (not row[2], -row[1], row[0].sort_key))


def pauses_ending(community_id: int) -> list[tuple[Elder, Pause]]:
    """Return who comes back before the next week is over: what they had stands again from the day after."""
    until = clock.monday_of(clock.today()) + timedelta(days=13)
    mine = (Elder.community_id == community_id, Elder.state == ElderState.ACTIVE, Pause.last_day.between(clock.today(), until))
    rows = select(Elder, Pause).join(Pause, Pause.elder_id == Elder.id).where(*mine).order_by(Pause.last_day, Elder.id)
    return [(elder, pause) for elder, pause in db.session.execute(rows)]


def endings(community_id: int) -> list[Ending]:
    """Return the papers of volunteers that end within a month or ended in the last, the first to end first."""
    first, last = clock.today() - AHEAD, clock.today() + AHEAD
    mine = (Volunteer.community_id == community_id, Volunteer.active.is_(True))
    insured = select(Volunteer).where(*mine, Volunteer.insured_until.between(first, last))
    found = [Ending(each, None, each.insured_until) for each in db.session.scalars(insured) if each.insured_until is not None]
    held = select(HeldSkill, Volunteer).join(Volunteer, Volunteer.id == HeldSkill.volunteer_id).options(joinedload(HeldSkill.skill))
    for skill, volunteer in db.session.execute(held.where(*mine, HeldSkill.expires.between(first, last))):
        found += [Ending(volunteer, skill.skill, day) for day in [skill.expires] if day is not None]
    return sorted(found, key=lambda each: (each.day, each.volunteer.id))


def waiting(community_id: int) -> list[Waiting]:
    """Return the needs that the last plan could not serve, who has waited longest first."""
    since = clock.monday_of(clock.today()) - BACK
    mine = (Plan.community_id == community_id, Plan.week >= since, HelpRequest.state == RequestState.ACCEPTED)
    joined = (
        select(HelpRequest, Plan.week, Unserved.zh, Unserved.en).select_from(Unserved).join(Plan).join(Unserved.visit).join(HelpRequest)
    )
    rows = joined.where(*mine).options(*NAMED).order_by(Plan.week)
    last = db.session.scalar(select(func.max(Plan.week)).where(Plan.community_id == community_id))
    weeks: dict[int, set[date]] = {}
    found: dict[int, Waiting] = {}
    for request, week, zh, en in db.session.execute(rows):
        weeks.setdefault(request.id, set()).add(week)
        if week == last:
            found[request.id] = Waiting(request, 0, zh, en)
    listed = [Waiting(each.request, len(weeks[number]), each.zh, each.en) for number, each in found.items()]
    return sorted(listed, key=lambda each: (-each.weeks, each.request.asked_at))


def trend(community_id: int) -> list[Week]:
    """Return the last eight weeks, the one that runs among them."""
    first = clock.monday_of(clock.today()) - BACK + timedelta(weeks=1)
    mine = (ServiceRecord.community_id == community_id, ServiceRecord.current, ServiceRecord.day >= first, ServiceRecord.minutes > 0)
    visits: Counter[date] = Counter()
    minutes: Counter[date] = Counter()
    people: dict[date, set[int]] = {}
    for day, volunteer_id, count, sum_of in db.session.execute(
        select(ServiceRecord.day, ServiceRecord.volunteer_id, func.count(), func.sum(ServiceRecord.minutes))
        .where(*mine)
        .group_by(ServiceRecord.day, ServiceRecord.volunteer_id)
    ):
        monday = clock.monday_of(day)
        visits[monday] += count
        minutes[monday] += sum_of
        people.setdefault(monday, set()).add(volunteer_id)
    declined, unserved = _declined(community_id, first), _unserved(community_id, first)
    mondays = [first + timedelta(weeks=number) for number in range(8)]
    return [Week(each, visits[each], minutes[each], len(people.get(each, ())), declined[each], unserved[each]) for each in mondays]


def _declined(community_id: int, first: date) -> Counter[date]:
    """Return how many offers of each week were declined."""
    mine = (Visit.community_id == community_id, Offer.state == OfferState.DECLINED, Offer.day >= first)
    found: Counter[date] = Counter()
    for day, count in db.session.execute(select(Offer.day, func.count()).join(Offer.visit).where(*mine).group_by(Offer.day)):
        found[clock.monday_of(day)] += count
    return found


def _unserved(community_id: int, first: date) -> Counter[date]:
    """Return how many visits of each week the plan could not serve."""
    mine = (Plan.community_id == community_id, Plan.week >= first)
    return Counter(dict(db.session.execute(select(Plan.week, func.count()).join(Unserved).where(*mine).group_by(Plan.week)).all()))
