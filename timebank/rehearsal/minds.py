"""What people change their minds about in a rehearsal: one visit, one meal, a day off, the ordinary week, a round for every week, a door."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads
from timebank.elders.actions import Door
from timebank.elders.models import Elder, ElderState
from timebank.places.models import Building, Compound
from timebank.rehearsal.office import Office
from timebank.rehearsal.rates import Rates
from timebank.visits import queries as visits
from timebank.visits.actions import asking, homes, not_coming, promising
from timebank.visits.actions.asking import Asker, Wish
from timebank.visits.models import OfferState, Source, Visit
from timebank.visits.promises import promises_of
from timebank.visits.states import BEFORE_DOOR
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import availability_of, time_off_from

OPENS, SHUTS = 8 * 60, 20 * 60
AFTER_ALL = timedelta(hours=1)
Happening = tuple[datetime, str, Callable[[], object]]


class Minds:
    """Families and volunteers who think again; their dice are their own, so that the rest of the week stays as it was."""

    def __init__(self, community_id: int, office: Office, rates: Rates, seed: int) -> None:
        """Keep whose minds they are."""
        self.community_id = community_id
        self.office = office
        self.rates = rates
        self.dice = random.Random(f"{seed} minds")  # noqa: S311 - a rehearsal repeats itself

    def week(self, monday: date) -> list[Happening]:
        """Return who thinks again in a week, and when."""
        forget_reads()
        elders = select(Elder.id).where(Elder.community_id == self.community_id, Elder.state == ElderState.ACTIVE)
        people = select(Volunteer.id).where(Volunteer.community_id == self.community_id, Volunteer.active)
        found = [
            *self._of_elders(monday, list(db.session.scalars(elders.order_by(Elder.id)))),
            *self._of_volunteers(monday, list(db.session.scalars(people.order_by(Volunteer.id)))),
        ]
        return sorted(found, key=lambda each: each[0])

    def _when(self, monday: date) -> datetime:
        """Return some minute between morning and evening of a week."""
        return clock.at(monday + timedelta(days=self.dice.randrange(7)), self.dice.randrange(OPENS, SHUTS))

    def _of_elders(self, monday: date, elders: list[int]) -> Iterator[Happening]:
        """Yield what families think again about."""
        for number in elders:
            if self.dice.random() < self.rates.called_off:
                when = self._when(monday)
                yield when, f"not_coming of elder {number}", partial(self._not_coming, number)
                if self.dice.random() < self.rates.after_all:
                    yield when + AFTER_ALL, f"after_all of elder {number}", partial(self._after_all, number)
            if self.dice.random() < self.rates.meals_ordered:
                yield self._when(monday), f"meal of elder {number}", partial(self._meal, number)
            if self.dice.random() < self.rates.other_doors:
                yield self._when(monday), f"door of elder {number}", partial(self._door, number)

    def _of_volunteers(self, monday: date, people: list[int]) -> Iterator[Happening]:
        """Yield what volunteers think again about."""
        for number in people:
            if self.dice.random() < self.rates.days_back:
                yield self._when(monday), f"day_back of volunteer {number}", partial(self._day_back, number)
            if self.dice.random() < self.rates.other_times:
                yield self._when(monday), f"times of volunteer {number}", partial(self._times, number)
            if self.dice.random() < self.rates.promises:
                yield self._when(monday), f"promise of volunteer {number}", partial(self._promise, number)

    def _elder(self, number: int) -> Elder:
        """Return an elder as stored now."""
        return db.session.get_one(Elder, number)

    def _person(self, number: int) -> Volunteer:
        """Return a volunteer as stored now."""
        return db.session.get_one(Volunteer, number)

    def _at_door(self, number: int) -> list[Visit]:
        """Return the visits at an elder's door from today on, the next one first."""
        rows = select(Visit).where(Visit.household_id == self._elder(number).household_id, Visit.week >= clock.monday_of(clock.today()))
        ahead = [each for each in db.session.scalars(rows) if max(each.days) >= clock.today().isoformat()]
        return sorted(ahead, key=lambda each: (each.day or date.fromisoformat(max(each.days)), each.id))

    def _not_coming(self, number: int) -> None:
        """Call the next visit off that can be: also an hour before it begins, when the kitchen has long closed."""
        chosen = [each for each in self._at_door(number) if each.state in BEFORE_DOOR and not_coming.may_be_called_off(each)][:1]
        not_coming.not_coming(chosen, self.office.coordinator())

    def _after_all(self, number: int) -> None:
        """Let what was called off take place after all."""
        for each in [each for each in self._at_door(number) if not_coming.may_come_after_all(each)]:
            not_coming.after_all(each, self.office.coordinator())

    def _meal(self, number: int) -> None:
        """Order a meal for today or tomorrow, in time for the kitchen or not; the desk accepts it."""
        elder = self._elder(number)
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.enabled, ServiceKind.from_canteen).order_by(ServiceKind.id)).first()
        if kind is None or elder.state is not ElderState.ACTIVE:
            return
        day = clock.today() + timedelta(days=self.dice.randrange(2))
        start, end = (int(each) for each in (kind.windows or [[660, 735]])[0])
        wish = Wish(kind=kind, window=(start, end), dates=(day,), boxes=1, eaters=(elder.id,))
        asked = asking.ask_for_help(self.community_id, wish, Asker(source=Source.DESK, user=self.office.coordinator(), elder=elder))
        asking.accept_request(asked, self.office.coordinator())

    def _door(self, number: int) -> None:
        """Move a household to another building of the community."""
        rows = select(Building).join(Building.compound).where(Compound.community_id == self.community_id).order_by(Building.id)
        building = self.dice.choice(list(db.session.scalars(rows)))
        homes.move_door(self._elder(number), Door(building=building, entrance="1 单元", floor=2, door="东户"), agrees=True)

    def _day_back(self, number: int) -> None:
        """Take a day off back."""
        for each in list(time_off_from(self._person(number), clock.today()))[:1]:
            volunteers.drop_time_off(each)

    def _times(self, number: int) -> None:
        """Be free no more on one weekday of the ordinary week, or an hour earlier and later."""
        who = self._person(number)
        free = {weekday: spans for weekday, spans in availability_of(who).items() if spans}
        if free:
            weekday = self.dice.choice(sorted(free))
            wider = [(max(0, start - 60), min(1440, end + 60)) for start, end in free[weekday]]
            volunteers.set_availability(who, weekday, wider if self.dice.random() < 1 / 2 else [])

    def _promise(self, number: int) -> None:
        """Accept a round for every week, or end such a promise."""
        who = self._person(number)
        given = promises_of(who)
        if given:
            promising.end(given[0])
            return
        ahead = visits.offers_of(who, clock.today(), clock.today() + timedelta(days=7))
        trip = next((each.round for each in ahead if each.round is not None and each.state is OfferState.ACCEPTED), None)
        if trip is not None:
            promising.promise(trip)
