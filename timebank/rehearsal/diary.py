"""What happened in a rehearsal, event by event: who was touched, who was told, what broke and the steps that led there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, select, type_coerce

from timebank import clock
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Household
from timebank.errors import Refusal
from timebank.notices.models import Notice
from timebank.planning.models import Plan
from timebank.planning.scenes import Scene
from timebank.rehearsal import invariants
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.states import LIVE
from timebank.volunteers.models import Volunteer

STEPS = 12
TOLD = ("offer", "changed", "cancelled", "handed_over", "boxes", "now", "settled", "again")
"""The messages by which a volunteer hears that something of theirs has changed."""
AS_STORED = type_coerce(Household.door, String)
"""The words of a door as they are stored: sealed words are other ones once they were written anew."""
Moment = tuple[int, datetime]
Mark = dict[int, tuple[OfferState, str, int, int]]


@dataclass(frozen=True, slots=True)
class Broken:
    """One invariant that did not hold, with the last steps before it."""

    at: datetime
    said: str
    steps: tuple[str, ...]


@dataclass(slots=True)
class Diary:
    """The steps of a rehearsal, what broke, and how many people each kind of event touched."""

    community_id: int
    steps: list[str] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    touched: dict[str, list[int]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    seen: tuple[Moment, invariants.View] | None = None

    def event(self, what: str, act: Callable[[], object], *, whole: bool = False, by_self: int | None = None) -> bool:
        """Let something happen in a write unit of its own and check what must hold; say whether it was not refused.

        ``whole`` asks everything, not only what is quick; ``by_self`` is the volunteer who did it, and need not be told of it.
        """
        verb = what.split(" ", maxsplit=1)[0]
        self.seen = None
        forget_reads()
        before = self._mark() if whole else {}
        last = self._last_notice()
        self.steps.append(f"{clock.now():%m-%d %H:%M} {what}")
        try:
            with transaction():
                act()
        except Refusal as refusal:
            self.steps[-1] += f" -> refused: {refusal.en}"
            self.refused[verb] = self.refused.get(verb, 0) + 1
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the product has crashed
            self.note(f"crashed: {type(error).__name__}: {error}")
            return False
        forget_reads()
        self.check(invariants.WHOLE if whole else invariants.QUICK)
        if whole:
            self._told(verb, before, last, by_self)
        return True

    def check(self, checks: tuple[invariants.Check, ...]) -> None:
        """Ask some invariants; what is broken already is not noted again."""
        found = invariants.view(checks, self.community_id)
        for said in invariants.broken(checks, found):
            self.note(said)
        self.seen = (self.moment(), found)

    def moment(self) -> Moment:
        """Return how much has happened and which minute it is: until either changes, what was read is still so."""
        return len(self.steps), clock.now().replace(second=0, microsecond=0)

    def let_go(self) -> None:
        """Let go of whatever was read so far: what is still held would be gone through at the end of every event."""
        self.seen = None
        db.session.expunge_all()

    def scene_of(self, plan: Plan) -> Scene | None:
        """Return a plan as the last check has read it, None where something has happened or the minute has passed since."""
        if self.seen is None or self.seen[0] != self.moment():
            return None
        return next((each for each in self.seen[1].weeks if each.plan is plan), None)

    def note(self, said: str) -> None:
        """Note something broken once, with the steps that led there."""
        if said not in self.known:
            self.known.add(said)
            self.broken.append(Broken(clock.now(), said, tuple(self.steps[-STEPS:])))

    def _mark(self) -> Mark:
        """Return how each offer of the community to come stands."""
        rows = db.session.execute(
            select(Offer.id, Offer.state, Offer.day, Offer.start, Visit.boxes, Household.building_id, AS_STORED, Offer.volunteer_id)
            .join(Offer.visit)
            .join(Visit.household)
            .where(Visit.community_id == self.community_id, Offer.day >= clock.today())
        )
        return {number: (state, " ".join(map(str, said)), volunteer, number) for number, state, *said, volunteer in rows}

    def _last_notice(self) -> int:
        """Return the number of the last message."""
        return db.session.scalar(select(Notice.id).order_by(Notice.id.desc()).limit(1)) or 0

    def _told(self, verb: str, before: Mark, last: int, by_self: int | None) -> None:
        """Hold who was told against who was touched: each of them once, and nobody else."""
        after = self._mark()
        touched = {after[number][2] for number in after if before.get(number, (None, None))[:2] != after[number][:2]}
        lost = {
            after[number][2]
            for number, was in before.items()
            if was[0] in LIVE and number in after and after[number][0] is OfferState.WITHDRAWN
        }
        people = {each.id: each for each in db.session.scalars(select(Volunteer).where(Volunteer.community_id == self.community_id))}
        users = {each.user_id: each.id for each in people.values() if each.user_id is not None}
        told: dict[int, int] = {}
        rows = select(Notice).where(Notice.id > last, Notice.template.in_(TOLD))
        for notice in db.session.scalars(rows):
            if notice.user_id in users:
                told[users[notice.user_id]] = told.get(users[notice.user_id], 0) + 1
        for volunteer, times in told.items():
            if times > 1 or volunteer not in touched:
                self.note(f"volunteer {volunteer} was told {times} times by {verb}{'' if volunteer in touched else ' and not touched'}")
        gained = {after[number][2] for number in after.keys() - before.keys() if after[number][0] in LIVE}
        for what, who in (("lost something", lost), ("was asked", gained)):
            for volunteer in who - told.keys() - {by_self}:
                person = people[volunteer]
                if person.user_id is not None and person.active and not person.staff:
                    self.note(f"volunteer {volunteer} {what} by {verb} and was not told")
        self.touched.setdefault(verb, []).append(len(touched))
