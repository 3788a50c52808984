"""What publishing would change: what the plan says and nobody was asked for yet, what was asked for and stands no more, and for whom."""

from dataclasses import dataclass
from datetime import date, datetime

from matching.referee.check import Breach
from timebank import clock
from timebank.planning import queries, scenes
from timebank.planning.actions.judging import judged_of
from timebank.planning.models import Assignment, Plan
from timebank.visits.models import Offer, OfferState, Visit
from timebank.volunteers.models import Volunteer

SMALL_SHIFT = 15


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing would do for one volunteer and visit: ask anew, ask again for another time, take back, or nothing and why."""

    assignment: Assignment | None
    offer: Offer | None
    held: Breach | None = None
    too_late: bool = False
    """Whether its minute has passed, so that nobody can be asked for it any more."""

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
    coming = {visit.id for visit in scenes.to_come(found.of)}
    asking = [(each, found.offers.get((each.visit_id, each.volunteer_id))) for each in found.standing]
    differ = [(each, made) for each, made in asking if _differs(each, made)]
    verdict = judged_of(found.of, {each.volunteer_id for each, _made in differ})
    now = clock.now()
    changed = [Change(each, made, verdict.of(each), made is None and _begins(each) <= now) for each, made in differ]
    changed += [Change(each, None, None, _begins(each) <= now) for each in found.missed]
    planned = {(each.visit_id, each.volunteer_id) for each in found.rows}
    gone = [each for key, each in found.offers.items() if key not in planned and each.visit_id in coming and each.asked_by is None]
    changed += [Change(None, each) for each in gone]
    return sorted(changed, key=lambda change: (change.volunteer.sort_key, change.volunteer.id, change.day, change.start))


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
