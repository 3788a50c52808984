"""A corner of the rehearsal: a crossing with a rota; people take it for every week, are ill, do not come, forget the code; the office fills and confirms."""

import random
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from timebank import clock
from timebank.catalogue.models import Evidence, ServiceKind
from timebank.db import db, forget_reads
from timebank.posts import actions, queries
from timebank.posts.actions import About
from timebank.posts.models import Post
from timebank.rehearsal.diary import Diary
from timebank.rehearsal.life import Happening
from timebank.rehearsal.office import Office
from timebank.rehearsal.rates import Rates
from timebank.visits import on_duty
from timebank.visits.actions import duties, duty_records, duty_times, leaving
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Trust
from timebank.volunteers.models import Volunteer

NAME, PLACE = "演练护学岗", "小学东门"
SCHOOL = (690, 720)
LEAST, WANTED = 1, 2


class Corner:
    """The one post of a rehearsal, besides those the community has: who holds it, who comes, who is asked instead."""

    def __init__(self, community_id: int, diary: Diary, office: Office, rates: Rates, seed: int) -> None:
        """Keep whose corner it is; its dice are its own, so that the rest of the week stays as it was."""
        self.community_id = community_id
        self.diary = diary
        self.office = office
        self.rates = rates
        self.dice = random.Random(f"{seed} corner")  # noqa: S311 - a rehearsal repeats itself

    def begin(self, monday: date) -> None:
        """Have the post, its rota from a Monday on, and people who take its shifts for every week."""
        self.diary.event("post", partial(self._set_up, monday))
        forget_reads()
        post = self._post()
        if post is None:
            return
        people = db.session.scalars(
            select(Volunteer).where(Volunteer.community_id == self.community_id, Volunteer.active).order_by(Volunteer.id)
        )
        able = [each.id for each in people if on_duty.lacks(each, post.kind, monday) is None]
        for shift in [each.id for each in queries.in_force(post)]:
            for number in self.dice.sample(able, min(WANTED, len(able))):
                self.diary.event(f"claim by volunteer {number}", partial(self._claim, shift, number), whole=True, by_self=number)

    def _set_up(self, monday: date) -> None:
        """Write the post and its rota down."""
        if self._post() is not None:
            return
        kinds = select(ServiceKind).where(ServiceKind.enabled, ServiceKind.evidence == Evidence.TIMED, ServiceKind.from_canteen.is_(False))
        found = db.session.scalars(kinds.order_by(ServiceKind.at_door, ServiceKind.position, ServiceKind.id))
        kind = next(each for each in found if not each.skills and not each.insured)
        about = About(name=NAME, kind=kind, place=PLACE, workdays_only=True, first_day=monday)
        post = actions.add_post(self.community_id, about, self.office.coordinator())
        actions.add_shifts(post, range(5), SCHOOL, LEAST, WANTED)

    def _post(self) -> Post | None:
        """Return the post as stored now."""
        return next((row.post for row in queries.posts(self.community_id, NAME)), None)

    def _claim(self, shift: int, number: int) -> None:
        """Take a shift for every week."""
        found = queries.shift_in(self.community_id, shift)
        if found is not None:
            actions.claim_shift(found, db.session.get_one(Volunteer, number))

    def week(self, monday: date) -> list[Happening]:
        """Return what happens at the posts in a week: the turns are made, people are ill in the morning, come, and leave."""
        found: list[Happening] = [(clock.at(monday, 7 * 60 + 1), "make turns", actions.make_due)]
        for offset in range(7):
            day = monday + timedelta(days=offset)
            found += [
                (clock.at(day, 7 * 60 + 20), f"ill guards {day}", partial(self._some_are_ill, day)),
                (clock.at(day, 8 * 60), f"fill turns {day}", partial(self._fill, day)),
                (clock.at(day, SCHOOL[0] - 5), f"guards come {day}", partial(self._come, day)),
                (clock.at(day, SCHOOL[1] + 2), f"guards leave {day}", partial(self._leave, day)),
            ]
        return found

    def _turns(self, day: date, *states: DutyState) -> list[Duty]:
        """Return the turns of a day in some states."""
        return [each for each in on_duty.day_duties(self.community_id, day) if each.state in states]

    def _some_are_ill(self, day: date) -> None:
        """Some of those who should come today say that they cannot."""
        for duty in self._turns(day, DutyState.AGREED):
            if duty.volunteer is not None and self.dice.random() < self.rates.ill_mornings:
                leaving.take_time_off(duty.volunteer, day, (duty.start, duty.until), "病了")

    def _fill(self, day: date) -> None:
        """Ring up whoever could come for what nobody has; they say yes as the rates have it."""
        for duty in on_duty.unfilled(self.community_id, day, day):
            people = on_duty.could(duty, most=5) if duty.state is DutyState.OPEN else []
            chosen = next((who for who, _free in people if self.dice.random() < self.rates.yes), None)
            if chosen is not None:
                duties.claim(duty, chosen, self.office.coordinator())

    def _come(self, day: date) -> None:
        """Those who come sign in, most of them with the code of the day; some do not come and nobody says so."""
        for duty in self._turns(day, DutyState.AGREED):
            if self.dice.random() >= self.rates.no_shows and duty_times.may_sign_in(duty):
                duty_times.sign_in(duty, duty.code if self.dice.random() < 0.9 else None)
                if self.dice.random() < self.rates.double_taps:
                    duty_times.sign_in(duty, duty.code)

    def _leave(self, day: date) -> None:
        """Whoever is there signs out; who did not come is noted."""
        for duty in self._turns(day, DutyState.THERE):
            duty_times.sign_out(duty)
        for duty in self._turns(day, DutyState.AGREED):
            if duty.until <= SCHOOL[1]:
                duty_times.miss(duty)

    def confirm(self) -> None:
        """In the evening, put on record what was done; what the rules refuse waits."""
        forget_reads()
        for number in [each.id for each in on_duty.unconfirmed(self.community_id)]:
            self.diary.event(f"confirm duty {number}", partial(self._confirm, number))

    def _confirm(self, number: int) -> None:
        """Confirm one turn."""
        duty_records.confirm(db.session.get_one(Duty, number), Trust.DESK, self.office.coordinator())
