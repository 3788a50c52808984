"""The coordinator of a rehearsal: plans on Friday, looks at Today whenever something has changed, and presses what it offers first."""

import random
from datetime import date, datetime, timedelta
from functools import partial

from timebank import clock
from timebank.access.models import User
from timebank.db import db, forget_reads, transaction
from timebank.errors import Conflict, Refusal
from timebank.planning import cover, queries, runner, taking
from timebank.planning.actions import covering, differences, publishing, runs, weeks
from timebank.planning.board import Board, laid_out, lay_out
from timebank.planning.cover import LATE, NOBODY, Line
from timebank.planning.models import Plan, PlanRun, RunKind
from timebank.rehearsal.diary import Diary, Moment
from timebank.rehearsal.rates import Rates
from timebank.visits import queries as visits
from timebank.visits import registers
from timebank.visits.actions import confirming, kitchen, leaving, offering
from timebank.visits.models import BoxFate, LateMeal, Offer, OfferState, Trust, Visit
from timebank.volunteers.models import Volunteer

ANSWERS_AFTER = timedelta(minutes=3)
ASKS_AGAIN = timedelta(minutes=90)
REPLAN_SECONDS = 1
MOST_ASKED = 5


class Office:
    """One coordinator, and a second one who sometimes presses the same at the same moment."""

    def __init__(self, community_id: int, coordinator: User, diary: Diary, dice: random.Random, rates: Rates) -> None:
        """Keep whose office it is and what decides by chance."""
        self.community_id = community_id
        self.by = coordinator.id
        self.diary = diary
        self.dice = dice
        self.rates = rates
        self.dirty = True
        self.calls: list[tuple[datetime, list[int]]] = []
        self.warnings: list[int] = []
        self.tried: dict[int, int] = {}
        self.again: dict[int, datetime] = {}
        self.laid: tuple[tuple[int, Moment], Board] | None = None

    def coordinator(self) -> User:
        """Return the coordinator as stored now."""
        return db.session.get_one(User, self.by)

    def plan_of(self, monday: date) -> Plan:
        """Return the plan of a week as stored now."""
        forget_reads()
        found = queries.plan_of(self.community_id, monday)
        if found is None:
            raise Conflict("这一周还没有打开。")
        return found

    def plan(self, monday: date, kind: RunKind, seconds: int) -> bool:
        """Ask the engine for a week and wait; say whether a plan came of it."""
        with transaction():
            opened = weeks.open_week(self.community_id, monday)
            run_id = runs.queue_run(opened, kind, seconds, send=False).id
        runner.run(run_id)
        done = db.session.get_one(PlanRun, run_id)
        self.diary.steps.append(f"{clock.now():%m-%d %H:%M} {kind.value} of {monday}: {done.state.value} {done.fault}")
        if done.result is None or not done.kept:
            self.diary.note(f"{kind.value} of {monday} came to nothing: {done.fault}")
            return False
        return True

    def publish(self, monday: date) -> None:
        """Send what has changed; a second coordinator who saw the same is refused."""
        version = self.plan_of(monday).version
        self.diary.event(f"publish {monday}", lambda: publishing.publish(self.plan_of_now(monday), version), whole=True)
        if self.dice.random() < self.rates.two_at_once and self._goes_through(monday, version):
            self.diary.note(f"two people published the same version {version} of {monday}")
        forget_reads()
        left = [change for change in differences.changes(self.plan_of(monday)) if change.goes_out]
        if left:
            self.diary.note(f"publishing {monday} left {len(left)} changes unsent")

    def plan_of_now(self, monday: date) -> Plan:
        """Return the plan inside an open write unit."""
        found = queries.plan_of(self.community_id, monday)
        if found is None:
            raise Conflict("这一周还没有打开。")
        return found

    def _goes_through(self, monday: date, version: int) -> bool:
        """Say whether a second publication of a version that was seen before goes through."""
        try:
            with transaction():
                publishing.publish(self.plan_of_now(monday), version)
        except Conflict:
            return False
        return True

    def replan(self, monday: date) -> None:
        """Ask for the fewest changes, send them, and press once more: the second press changes nothing."""
        if not self.plan(monday, RunKind.REPLAN, REPLAN_SECONDS):
            return
        self.publish(monday)
        before = self._standing(monday)
        if self.plan(monday, RunKind.REPLAN, REPLAN_SECONDS) and self._standing(monday) != before:
            left = self._standing(monday)
            more = {key[0] for key in left} - {key[0] for key in before}
            if not more:
                self.diary.note(f"a second re-planning of {monday} moved people and served nobody more")
            self.publish(monday)
        self.dirty = True

    def _standing(self, monday: date) -> set[tuple[int, int, int]]:
        """Return what a plan says of the time to come."""
        return {(each.visit_id, each.volunteer_id, each.start) for each in queries.glance(self.plan_of(monday)).standing}

    def has_open(self, monday: date) -> bool:
        """Say whether something of a week after tomorrow waits for a plan."""
        seen = queries.glance(self.plan_of(monday))
        later = clock.today() + timedelta(days=1)
        return bool(seen.fresh) or any(each.day > later for each in seen.dropped)

    def call(self) -> None:
        """Telephone everybody who has not answered in time."""
        rows: dict[int, list[int]] = {}
        for made in registers.call_list(self.community_id):
            rows.setdefault(made.volunteer_id, []).append(made.id)
        self.diary.let_go()
        for numbers in rows.values():
            self.diary.event(f"call {numbers[:3]}", partial(self._answered, numbers), whole=False)
        self.dirty = True

    def _answered(self, numbers: list[int]) -> None:
        """Enter what somebody says on the telephone."""
        offers = [made for made in map(self._offer, numbers) if made.state is OfferState.SENT]
        yes = self.dice.random() < self.rates.yes
        covering.answer(offers, yes=yes, reason="时间不方便")
        self.dirty = True

    def _offer(self, number: int) -> Offer:
        """Return an offer as stored now."""
        return db.session.get_one(Offer, number)

    def look(self) -> None:
        """Look at Today: ask somebody for whatever nobody is going to do, telephone whoever is late."""
        if not self.dirty:
            return
        self.dirty = False
        forget_reads()
        self.diary.let_go()
        for line in cover.lines(self.community_id):
            if (line.state == NOBODY and line.day == clock.today()) or (line.state == NOBODY and clock.now().hour >= 12):
                self._find(line)
            elif line.state == LATE:
                self._late(line)
        self.laid = None  # whatever is held is read anew after each event
        self._settle_kitchen()

    def _find(self, line: Line) -> None:
        """Ask the first person the list offers, or two between whom a trip is split; where nobody is left, perhaps give up."""
        key = line.visits[0].id
        if key in self.again and clock.now() < self.again[key]:
            return
        self.tried[key] = self.tried.get(key, 0) + 1
        if self.tried[key] == 1:
            self.warnings.append(max(0, int((line.begins - clock.now()).total_seconds() // 60)))
        plan = queries.plan_of(self.community_id, clock.monday_of(line.day))
        found = taking.ways(plan, line, board=self._board(plan)) if plan is not None and self.tried[key] <= MOST_ASKED else []
        if not found:
            self.again[key] = clock.now() + ASKS_AGAIN
            if self.dice.random() < self.rates.given_up:
                numbers = [visit.id for visit in line.visits]
                self.diary.event(f"give up {numbers}", lambda: self._give_up(numbers), whole=True)
            return
        self._ask(line, found)

    def _board(self, plan: Plan) -> Board:
        """Return a plan laid out, worked out once while nothing has happened and the minute lasts."""
        key = (plan.id, self.diary.moment())
        if self.laid is None or self.laid[0] != key:
            read = self.diary.scene_of(plan)
            self.laid = (key, lay_out(plan) if read is None else laid_out(read))
        return self.laid[1]

    def _ask(self, line: Line, found: list[taking.Way]) -> None:
        """Press the first button of a line; pressed twice, nobody is asked twice."""
        first = found[0]
        day, numbers = line.day, list(first.visits)
        who = [each.id for each in first.volunteers]
        what = f"ask volunteers {who} for {numbers} of {day}"
        if self.diary.event(what, lambda: self._press(numbers, who, day), whole=True) and self.dice.random() < self.rates.two_at_once:
            self.diary.event(f"again {what}", lambda: self._press(numbers, who, day), whole=True)
        if len(numbers) < len(line.visits):
            self.dirty = True

    def _press(self, numbers: list[int], who: list[int], day: date) -> None:
        """Ask people for some visits; they answer on the telephone in a while."""
        plan = covering.plan_for(self.community_id, day)
        asked = covering.ask(
            plan,
            [db.session.get_one(Visit, number) for number in numbers],
            [db.session.get_one(Volunteer, number) for number in who],
            day,
            self.coordinator(),
        )
        mine: dict[int, list[int]] = {}
        for made in asked.offers:
            mine.setdefault(made.volunteer_id, []).append(made.id)
        self.calls += [(clock.now() + ANSWERS_AFTER, each) for each in mine.values()]

    def _give_up(self, numbers: list[int]) -> None:
        """Decide that nobody goes."""
        covering.give_up([db.session.get_one(Visit, number) for number in numbers], self.coordinator(), "请不到人，已电话告知老人")

    def _late(self, line: Line) -> None:
        """Telephone whoever is late; who does not answer is taken for not coming."""
        for person in line.volunteers:
            number = person.id
            self.diary.event(
                f"gone volunteer {number} does not come",
                partial(self._gone, number),
                whole=True,
                by_self=number,
            )
            self.dirty = True

    def _gone(self, number: int) -> None:
        """Note that somebody does not come today."""
        leaving.cannot_come(db.session.get_one(Volunteer, number), clock.today(), "联系不上")

    def answers(self) -> None:
        """Enter the answers whose time has come."""
        due = [each for each in self.calls if each[0] <= clock.now()]
        self.calls = [each for each in self.calls if each[0] > clock.now()]
        for _at, numbers in due:
            self.diary.event(f"answer {numbers}", partial(self._answered, numbers), whole=True)

    def _settle_kitchen(self) -> None:
        """Tell the kitchen what has changed too late."""
        late = [each.id for each in cover.kitchen(self.community_id, clock.today()).late]
        for number in late:
            self.diary.event(f"kitchen {number}", partial(self._settled, number))

    def _settled(self, number: int) -> None:
        """Settle one late meal."""
        row = db.session.get_one(LateMeal, number)
        kitchen.settle_late(row, self.coordinator(), BoxFate.KITCHEN if row.boxes < 0 else None)

    def confirm(self) -> None:
        """In the evening, put on record what was done; what the rules refuse waits."""
        forget_reads()
        waiting, rounds = visits.unconfirmed(self.community_id)
        trips, doors = [each.id for each in rounds], [each.id for each in waiting]
        self.diary.let_go()
        for number in trips:
            self.diary.event(f"confirm trip {number}", partial(self._confirm_round, number))
        for number in doors:
            self.diary.event(f"confirm visit {number}", partial(self._confirm, number))

    def _confirm_round(self, number: int) -> None:
        """Confirm one trip."""
        found = visits.round_in(self.community_id, number)
        if found is not None:
            confirming.confirm_round(found, Trust.DESK, self.coordinator())

    def _confirm(self, number: int) -> None:
        """Confirm one visit by a call."""
        confirming.confirm(db.session.get_one(Visit, number), Trust.CALL, self.coordinator())

    def answer_published(self) -> None:
        """Let everybody who was asked answer, as the rates have it; some do not, some decline."""
        forget_reads()
        rows: dict[tuple[int, str], list[int]] = {}
        for made in self._waiting():
            rows.setdefault((made.volunteer_id, f"r{made.round_id}" if made.round_id else f"o{made.id}"), []).append(made.id)
        self.diary.let_go()
        yes: list[int] = []
        for (who, _row), numbers in rows.items():
            chance = self.dice.random()
            if chance < self.rates.declines:
                self.diary.event(f"decline {numbers} by {who}", partial(self._decline, numbers), whole=True, by_self=who)
            elif chance >= self.rates.declines + self.rates.no_answer:
                yes += numbers
        self.diary.event(f"accept {len(yes)} offers", lambda: self._accept(yes), whole=True)
        if self.dice.random() < self.rates.double_taps:
            self.diary.event(f"accept {len(yes)} offers once more", lambda: self._accept(yes), whole=True)

    def _waiting(self) -> list[Offer]:
        """Return the offers of the coming weeks that wait for an answer."""
        found = [made for plan in queries.weeks(self.community_id) for made in visits.live_offers(self.community_id, plan.week)]
        return [made for made in found if offering.can_still_be_accepted(made)]

    def _decline(self, numbers: list[int]) -> None:
        """Decline some offers."""
        offering.decline_all([made for made in map(self._offer, numbers) if made.state is OfferState.SENT], "时间不方便")

    def _accept(self, numbers: list[int]) -> None:
        """Accept some offers."""
        for made in map(self._offer, numbers):
            try:
                offering.accept(made, Trust.CODE if made.volunteer.has_phone else Trust.DESK)
            except Refusal:
                continue
