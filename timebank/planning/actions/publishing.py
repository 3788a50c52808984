"""Publishing: the plan's proposals become offers. Only people whose work changes hear of it; accepted work is never moved."""

from dataclasses import dataclass
from datetime import date

from matching import check, read_plan, read_week
from timebank import audit, clock
from timebank.errors import Conflict
from timebank.notices.actions import notify
from timebank.planning import snapshot
from timebank.planning.actions.weeks import bring_up_to_date, must_be, touch
from timebank.planning.models import Assignment, Plan, PlanState
from timebank.planning.why import Reasons
from timebank.visits import queries as visits
from timebank.visits.actions import offering
from timebank.visits.models import Offer, OfferState, Trust
from timebank.volunteers.models import Volunteer

SMALL_SHIFT = 15


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing would do for one volunteer and visit: ask anew, ask again for another time, or take back."""

    assignment: Assignment | None
    offer: Offer | None

    @property
    def volunteer(self) -> Volunteer:
        """Whom it is about."""
        if self.assignment is not None:
            return self.assignment.volunteer
        if self.offer is not None:
            return self.offer.volunteer
        msg = "a change is about an assignment or an offer"
        raise ValueError(msg)

    @property
    def day(self) -> date:
        """On which day the change falls."""
        found = self.assignment or self.offer
        if found is None:
            msg = "a change is about an assignment or an offer"
            raise ValueError(msg)
        return found.day

    @property
    def word(self) -> str:
        """What happens: new, moved or withdrawn."""
        if self.offer is None:
            return "new"
        return "withdrawn" if self.assignment is None else "moved"


def changes(plan: Plan) -> list[Change]:
    """Return what stands in the plan and is not offered yet, or is offered and stands no more."""
    live = {(made.visit_id, made.volunteer_id): made for made in visits.live_offers(plan.community_id, plan.week)}
    wanted = {(each.visit_id, each.volunteer_id): each for each in plan.assignments}
    found = [Change(each, live.get(key)) for key, each in wanted.items() if _differs(each, live.get(key))]
    found += [Change(None, made) for key, made in live.items() if key not in wanted and made.visit.state in snapshot.GOING]
    return sorted(found, key=lambda change: (change.volunteer.sort_key, change.volunteer.id, change.day))


def _differs(each: Assignment, made: Offer | None) -> bool:
    """Say whether an assignment asks something else than the offer that stands."""
    return made is None or made.day != each.day or made.start != each.start


def touched(found: list[Change]) -> list[Volunteer]:
    """Return who will hear of some changes: once each, by name; a shift of a few minutes disturbs nobody."""
    people: dict[int, Volunteer] = {}
    for change in found:
        if not _is_small(change):
            people.setdefault(change.volunteer.id, change.volunteer)
    return list(people.values())


def _is_small(change: Change) -> bool:
    """Say whether a change is only a shift of a few minutes on the same day."""
    made, each = change.offer, change.assignment
    return made is not None and each is not None and made.day == each.day and abs(made.start - each.start) <= SMALL_SHIFT


def publish(plan: Plan, version: int) -> list[Volunteer]:
    """Send what has changed and return who hears of it; compare-and-swap on the plan's version."""
    must_be(plan, version)
    bring_up_to_date(plan)
    _referee(plan)
    found = changes(plan)
    reasons = Reasons(plan.community_id)
    for change in found:
        if change.offer is not None and not _is_small(change):
            offering.withdraw(change.offer, "replanned")
    for change in found:
        if change.assignment is not None:
            _send(change.assignment, change, reasons)
    people = touched(found)
    for person in people:
        _tell(person, plan)
    plan.state, plan.published_at = PlanState.PUBLISHED, clock.now()
    touch(plan)
    audit.record("publish", "plan", plan.id, changes=len(found), people=[person.id for person in people])
    return people


def _referee(plan: Plan) -> None:
    """Let the referee judge the whole plan once more before anything leaves the house."""
    of = snapshot.scene(plan)
    week = read_week(snapshot.board_week(of))
    verdict = check(week, read_plan(snapshot.board_plan(of), week))
    if not verdict.ok:
        first = verdict.breaches[0]
        raise Conflict(f"复核没有通过，还没有发布：{first.zh}", f"The referee refused, nothing was published: {first.en}")


def _send(each: Assignment, change: Change, reasons: Reasons) -> None:
    """Ask one volunteer, or shift the offer that stands by a few minutes; staff on duty need not answer."""
    if change.offer is not None and _is_small(change):
        change.offer.start = each.visit.start = each.start
        return
    zh, en = reasons.why(each)
    slot = offering.Slot(day=each.day, start=each.start, window=each.window, pickup=each.pickup, why_zh=zh, why_en=en)
    made = offering.offer(each.visit, each.volunteer, slot)
    if each.volunteer.staff:
        made.state, made.answered_by, made.answered_at = OfferState.ACCEPTED, Trust.DESK, clock.now()
        offering.settle_visit(each.visit)


def _tell(person: Volunteer, plan: Plan) -> None:
    """Write the message to somebody whose work has changed."""
    if person.user_id is None or person.staff:
        return
    mine = [each for each in plan.assignments if each.volunteer_id == person.id]
    week = f"{plan.week.month}月{plan.week.day}日这周"
    if mine:
        notify(person.user_id, "offer", week=week, count=len(mine), deadline="明天")
    else:
        notify(person.user_id, "cancelled", what=f"{week}的安排")
