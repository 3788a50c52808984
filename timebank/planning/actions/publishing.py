"""Publishing: the plan's proposals become offers. Only people whose work changes hear of it; accepted work is never moved."""

from dataclasses import dataclass
from datetime import date

from matching import check, read_plan, read_week
from matching.check import Breach
from timebank import audit, clock
from timebank.errors import Conflict
from timebank.notices.actions import notify
from timebank.planning import queries, snapshot
from timebank.planning.actions.weeks import bring_up_to_date, must_be, touch
from timebank.planning.models import Assignment, Plan, PlanState
from timebank.planning.naming import Names
from timebank.planning.why import Reasons
from timebank.visits import queries as visits
from timebank.visits.actions import offering
from timebank.visits.models import Offer, OfferState, Trust, Visit
from timebank.volunteers.models import Volunteer

SMALL_SHIFT = 15


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing would do for one volunteer and visit: ask anew, ask again for another time, or take back."""

    assignment: Assignment | None
    offer: Offer | None

    @property
    def about(self) -> Assignment | Offer:
        """What stands in the plan, else what was offered."""
        found = self.assignment or self.offer
        if found is None:
            msg = "a change is about an assignment or an offer"
            raise ValueError(msg)
        return found

    @property
    def volunteer(self) -> Volunteer:
        """Whom it is about."""
        return self.about.volunteer

    @property
    def visit(self) -> Visit:
        """Which visit it is about."""
        return self.about.visit

    @property
    def day(self) -> date:
        """On which day the change falls."""
        return self.about.day

    @property
    def start(self) -> int:
        """At which minute of the day the change falls."""
        return self.about.start

    @property
    def small(self) -> bool:
        """Whether it is only a shift of a few minutes on the same day, of which nobody hears."""
        made, each = self.offer, self.assignment
        return made is not None and each is not None and made.day == each.day and abs(made.start - each.start) <= SMALL_SHIFT

    @property
    def word(self) -> str:
        """What happens: new, moved or withdrawn."""
        if self.offer is None:
            return "new"
        return "withdrawn" if self.assignment is None else "moved"


def changes(plan: Plan, seen: queries.Glance | None = None) -> list[Change]:
    """Return what stands in the plan and is not offered yet, or is offered and stands no more; ``seen`` spares the reading."""
    found = seen or queries.glance(plan)
    served = found.served
    wanted = {(each.visit_id, each.volunteer_id): each for each in found.standing if each.visit_id in served}
    made = [Change(each, found.offers.get(key)) for key, each in wanted.items() if _is_new(each, found.offers.get(key))]
    there = {(each.visit_id, each.volunteer_id) for each in found.rows}
    made += [Change(None, each) for key, each in found.offers.items() if key not in there and each.visit.state in snapshot.GOING]
    return sorted(made, key=lambda change: (change.volunteer.sort_key, change.volunteer.id, change.day, change.start))


def _is_new(each: Assignment, made: Offer | None) -> bool:
    """Say whether an assignment that is still to come asks something else than the offer that stands."""
    return each.visit.state in snapshot.GOING and clock.at(each.day, each.start) > clock.now() and _differs(each, made)


def _differs(each: Assignment, made: Offer | None) -> bool:
    """Say whether an assignment asks something else than the offer that stands."""
    return made is None or made.day != each.day or made.start != each.start


def touched(found: list[Change]) -> list[Volunteer]:
    """Return who will hear of some changes: once each, by name; a shift of a few minutes disturbs nobody."""
    people: dict[int, Volunteer] = {}
    for change in found:
        if not change.small:
            people.setdefault(change.volunteer.id, change.volunteer)
    return list(people.values())


def publish(plan: Plan, version: int) -> list[Volunteer]:
    """Send what has changed and return who hears of it; compare-and-swap on the plan's version."""
    must_be(plan, version)
    bring_up_to_date(plan)
    _referee(plan)
    found = changes(plan)
    reasons = Reasons(plan.community_id)
    for change in found:
        if change.offer is not None and not change.small:
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
    broken = first_breach(snapshot.scene(plan))
    if broken is not None:
        zh, en = Names(plan.community_id).breach(broken)
        raise Conflict(f"复核没有通过，还没有发布：{zh}", f"The referee refused, nothing was published: {en}")


def first_breach(of: snapshot.Scene) -> Breach | None:
    """Return the first hard rule that a plan as it stands breaks, None when it keeps them all."""
    week = read_week(snapshot.board_week(of))
    verdict = check(week, read_plan(snapshot.board_plan(of), week))
    return None if verdict.ok else verdict.breaches[0]


def _send(each: Assignment, change: Change, reasons: Reasons) -> None:
    """Ask one volunteer, or shift the offer that stands by a few minutes; staff on duty need not answer."""
    if change.offer is not None and change.small:
        change.offer.start = each.visit.start = each.start
        return
    zh, en = reasons.why(each)
    slot = offering.Slot(day=each.day, start=each.start, window=each.window, pickup=each.pickup, why_zh=zh, why_en=en)
    made = offering.offer(each.visit, each.volunteer, slot)
    if each.volunteer.staff:
        made.state, made.answered_by, made.answered_at = OfferState.ACCEPTED, Trust.DESK, clock.now()
        offering.settle_visit(each.visit)


def _tell(person: Volunteer, plan: Plan) -> None:
    """Write the message to somebody whose work has changed: what waits for an answer and until when, or that nothing is left."""
    if person.user is None or person.staff:
        return
    chinese = person.user.locale == "zh"
    waiting = [
        made
        for made in visits.live_offers(plan.community_id, plan.week)
        if made.volunteer_id == person.id and made.state is OfferState.SENT
    ]
    week = f"{plan.week.month}月{plan.week.day}日这周" if chinese else f"the week of {plan.week.isoformat()}"
    if not waiting:
        notify(person.user.id, "changed", what=f"{week}的安排" if chinese else f"Your plan for {week}")
        return
    until = min(made.deadline for made in waiting)
    words = f"{until.month}月{until.day}日{until:%H:%M}" if chinese else f"{until:%Y-%m-%d %H:%M}"
    notify(person.user.id, "offer", week=week, count=visits.rows(waiting), deadline=words)
