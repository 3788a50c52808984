"""The weeks of a rehearsal, day by day: plan on Friday, answers over the weekend, then every day as it comes."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

from timebank import clock
from timebank.access.models import User
from timebank.db import forget_reads
from timebank.planning.models import RunKind
from timebank.rehearsal import invariants
from timebank.rehearsal.chores import Chores
from timebank.rehearsal.corner import Corner
from timebank.rehearsal.diary import Diary
from timebank.rehearsal.figures import Figures, figures
from timebank.rehearsal.life import Happening, Life
from timebank.rehearsal.minds import Minds
from timebank.rehearsal.office import Office
from timebank.rehearsal.rates import Rates
from timebank.rehearsal.signal import Signal
from timebank.visits.actions import offering

STEP = timedelta(minutes=5)
LOOKS = 4
SOLVE_SECONDS = 4
Say = Callable[[str], None]


class Rehearsal:
    """A community going through some weeks."""

    def __init__(self, community_id: int, coordinator: User, *, seed: int, rates: Rates, say: Say) -> None:
        """Keep who plays, what decides by chance, and who hears of it."""
        dice = random.Random(seed)  # noqa: S311 - a rehearsal repeats itself
        self.community_id = community_id
        self.diary = Diary(community_id)
        self.office = Office(community_id, coordinator, self.diary, dice, rates)
        self.life = Life(community_id, self.diary, dice, rates, self.office, Signal(community_id, rates, seed))
        self.corner = Corner(community_id, self.diary, self.office, rates, seed)
        self.minds = Minds(community_id, self.office, rates, seed)
        self.chores = Chores(community_id, self.diary, self.office, rates, seed)
        self.coming: list[Happening] = []
        self.first: date | None = None
        self.say = say

    def play(self, first: date, weeks: int) -> Figures:
        """Play weeks from a Monday on and return what they came to; the Friday before is where it begins."""
        self.first = first
        for number in range(weeks):
            monday = first + timedelta(days=7 * number)
            if number == 0:
                self._to_friday(monday)
                self.corner.begin(monday)
                self._prepare(monday)
            self.coming += [*self.life.week(monday), *self.corner.week(monday), *self.minds.week(monday)]
            for offset in range(7):
                day = monday + timedelta(days=offset)
                self._day(day, next_week=monday + timedelta(days=7) if number + 1 < weeks else None)
            self.say(f"{monday}: {len(self.diary.steps)} 步 / steps, {len(self.diary.broken)} 处不对 / broken")
        return figures(self.community_id, first, first + timedelta(days=7 * weeks), self.diary, self.office)

    def _prepare(self, monday: date) -> None:
        """Plan and publish a week on the Friday before it."""
        if self.office.plan(monday, RunKind.SOLVE, SOLVE_SECONDS):
            self.office.publish(monday)
        self._over_the_weekend(monday)

    def _to_friday(self, monday: date) -> None:
        """Let it be the Friday before a week."""
        friday = monday - timedelta(days=3)
        if clock.now() < clock.at(friday, 16 * 60):
            clock.clock.start_at(clock.at(friday, 16 * 60))

    def _over_the_weekend(self, monday: date) -> None:
        """Let people answer, re-plan what they declined, and telephone whoever has not said anything."""
        for day, minute in ((-3, 19 * 60), (-1, 15 * 60)):
            at = clock.at(monday + timedelta(days=day), minute)
            if clock.now() < at:
                clock.clock.start_at(at)
            self.office.answer_published()
            if self.office.has_open(monday):
                self.office.replan(monday)
                self.office.answer_published()
        self.office.call()

    def _day(self, day: date, next_week: date | None) -> None:
        """Live one day from seven in the morning until the office has shut."""
        if clock.now() < clock.at(day, 7 * 60):
            clock.clock.start_at(clock.at(day, 7 * 60))
        self.office.dirty = True
        self.diary.event(f"lapse {day}", lambda: offering.lapse(self.community_id), whole=True)
        self.life.morning(day)
        at = clock.at(day, 7 * 60 + 30)
        while at <= clock.at(day, 20 * 60):
            self._until(at)
            at += STEP
        self.chores.evening()
        self.office.confirm()
        self.corner.confirm()
        if day.weekday() < 4 and self.office.has_open(clock.monday_of(day)):
            self.office.replan(clock.monday_of(day))
            self.office.answer_published()
        if day.weekday() == 4 and next_week is not None:
            self._prepare_beside(next_week)
        forget_reads()
        self.diary.check(invariants.EVENING)

    def _prepare_beside(self, monday: date) -> None:
        """Plan the next week on Friday evening, while this one goes on."""
        if self.office.plan(monday, RunKind.SOLVE, SOLVE_SECONDS):
            self.office.publish(monday)
        self.office.answer_published()
        if self.office.has_open(monday):
            self.office.replan(monday)
            self.office.answer_published()
        self.office.call()

    def _until(self, at: datetime) -> None:
        """Let everything happen up to a moment, then let the coordinator look."""
        for when, what, act in [each for each in self.coming if each[0] <= at]:
            self.life.walk(when)
            clock.clock.start_at(max(when, clock.now()))
            self.diary.event(what, act, whole=True)
            self.office.dirty = True
        self.coming = [each for each in self.coming if each[0] > at]
        self.life.walk(at)
        if clock.now() < at:
            clock.clock.start_at(at)
        self.office.answers()
        for _look in range(LOOKS):
            self.office.look()
