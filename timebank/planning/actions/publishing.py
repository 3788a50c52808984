"""Publishing: the plan's proposals become offers. Only people whose work changes hear of it; accepted work is never moved."""

from dataclasses import dataclass
from datetime import date, datetime

from matching.referee.check import Breach
from timebank import audit, clock
from timebank.notices.actions import notify
from timebank.planning import queries, scenes
from timebank.planning.actions.judging import judged
from timebank.planning.actions.weeks import bring_up_to_date, must_be, touch
from timebank.planning.models import Assignment, Plan, PlanState
from timebank.planning.why import Reasons
from timebank.visits import queries as visits
from timebank.visits.actions import offering
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.states import Why
from timebank.volunteers.models import Volunteer

SMALL_SHIFT = 15


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing would do for one volunteer and visit: ask anew, ask again for another time, take back, or nothing and why."""

    assignment: Assignment | None
    offer: Offer | None
    held: Breach | None = None

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
        if made is None or each is None or made.day != each.day or abs(made.start - each.start) > SMALL_SHIFT:
            return False
        return made.state is OfferState.ACCEPTED or abs(_pickup(made) - (each.pickup or 0)) <= SMALL_SHIFT

    @property
    def too_late(self) -> bool:
        """Whether its minute has passed, so that nobody can be asked for it any more."""
        each = self.assignment
        return each is not None and self.offer is None and _begins(each) <= clock.now()

    @property
    def word(self) -> str:
        """What happens: new, moved, withdrawn; or nothing: too late, held back."""
        if self.too_late:
            return "too_late"
        if self.held is not None:
            return "held"
        if self.offer is None:
            return "new"
        return "withdrawn" if self.assignment is None else "moved"

    @property
    def goes_out(self) -> bool:
        """Whether publishing does anything about it."""
        return not self.too_late and self.held is None


def _pickup(made: Offer) -> int:
    """Return the pick-up of an offer's trip, 0 where it has none."""
    return made.round.pickup if made.round is not None else 0


def _begins(each: Assignment) -> datetime:
    """Return when an assignment takes somebody from: for a meal from the pick-up on."""
    return clock.at(each.day, each.start if each.pickup is None else each.pickup)


def changes(plan: Plan, seen: queries.Glance | None = None) -> list[Change]:
    """Return what stands in the plan and is not offered yet, or is offered and stands no more; ``seen`` spares the reading.

    What cannot be sent is among them and says so: its minute has passed, or the referee holds its volunteer back.
    """
    found = seen or queries.glance(plan)
    verdict = judged(found.of)
    coming = {visit.id for visit in scenes.to_come(found.of)}
    stands = {(each.visit_id, each.volunteer_id): each for each in found.standing}
    made = [Change(each, found.offers.get(key), verdict.of(each)) for key, each in stands.items() if _differs(each, found.offers.get(key))]
    made += [Change(each, None) for each in found.missed]
    planned = {(each.visit_id, each.volunteer_id) for each in found.rows}
    gone = [each for key, each in found.offers.items() if key not in planned and each.visit_id in coming and each.asked_by is None]
    made += [Change(None, each) for each in gone]
    return sorted(made, key=lambda change: (change.volunteer.sort_key, change.volunteer.id, change.day, change.start))


def _differs(each: Assignment, made: Offer | None) -> bool:
    """Say whether an assignment asks something else than the offer that stands."""
    return made is None or made.day != each.day or made.start != each.start or _pickup(made) != (each.pickup or 0)


def touched(found: list[Change]) -> list[Volunteer]:
    """Return who will hear of some changes: once each, by name; a shift of a few minutes disturbs nobody."""
    people: dict[int, Volunteer] = {}
    for change in found:
        if change.goes_out and not change.small:
            people.setdefault(change.volunteer.id, change.volunteer)
    return list(people.values())


def publish(plan: Plan, version: int) -> list[Volunteer]:
    """Send what has changed and return who hears of it; compare-and-swap on the plan's version.

    What breaks a rule is held back, it alone; what is too late stays open and stands on Today.
    """
    must_be(plan, version)
    bring_up_to_date(plan)
    found = [change for change in changes(plan) if change.goes_out]
    reasons = Reasons(plan.community_id)
    for change in found:
        if change.offer is not None and not change.small:
            offering.withdraw(change.offer, Why.REPLANNED.value)
    for change in found:
        if change.assignment is not None:
            _send(change.assignment, change, reasons)
    people = touched(found)
    waiting: dict[int, list[Offer]] = {}
    for made in visits.live_offers(plan.community_id, plan.week):
        if made.state is OfferState.SENT:
            waiting.setdefault(made.volunteer_id, []).append(made)
    for person in people:
        _tell(person, plan, waiting.get(person.id, []))
    plan.state, plan.published_at = PlanState.PUBLISHED, clock.now()
    touch(plan)
    audit.record("publish", "plan", plan.id, changes=len(found), people=[person.id for person in people])
    return people


def slot_of(each: Assignment, reasons: Reasons) -> offering.Slot:
    """Return when an assignment asks its volunteer to come, with the two sentences that say why them."""
    zh, en = reasons.why(each)
    return offering.Slot(day=each.day, start=each.start, window=each.window, pickup=each.pickup, why_zh=zh, why_en=en)


def _send(each: Assignment, change: Change, reasons: Reasons) -> None:
    """Ask one volunteer, or shift the offer that stands by a few minutes."""
    if change.offer is not None and change.small:
        offering.shift(change.offer, slot_of(each, reasons))
    else:
        offering.offer(each.visit, each.volunteer, slot_of(each, reasons))


def _tell(person: Volunteer, plan: Plan, waiting: list[Offer]) -> None:
    """Write the message to somebody whose work has changed: what waits for an answer and until when, or that nothing is left."""
    if person.user is None or person.staff:
        return
    chinese = person.user.locale == "zh"
    week = f"{plan.week.month}月{plan.week.day}日这周" if chinese else f"the week of {plan.week.isoformat()}"
    if not waiting:
        notify(person.user.id, "changed", what=f"{week}的安排" if chinese else f"Your plan for {week}")
        return
    until = min(made.deadline for made in waiting)
    words = f"{until.month}月{until.day}日{until:%H:%M}" if chinese else f"{until:%Y-%m-%d %H:%M}"
    notify(person.user.id, "offer", week=week, count=visits.rows(waiting), deadline=words)
