"""The verbs of the lived week in any order, on both databases: after each, everything that must hold does."""

import contextlib
import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from tests import builders as make
from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, ElderState
from timebank.errors import Refusal
from timebank.planning import cover, queries, taking
from timebank.planning.actions import covering, differences, publishing, weeks
from timebank.planning.models import Plan
from timebank.rehearsal import invariants
from timebank.visits.actions import calling_off, duties, duty_records, duty_times, homes, leaving, needs, offering, serving
from timebank.visits.actions.duties import Turn
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import HelpRequest, Offer, OfferState, Outcome, RequestState, Round, Tie, Trust, Visit
from timebank.visits.states import Why
from timebank.volunteers.models import Availability, Volunteer

IN_CI, LONG, STEPS = 8, 300, 14
NUMBERS = itertools.count(1)
ANY = st.integers(0, 10_000)
DAY = make.WEDNESDAY


class Week(RuleBasedStateMachine):
    """One small street on the morning of a Wednesday: three people, a couple's lunch, two more lunches, two haircuts."""

    @initialize()
    def begin(self) -> None:
        """Build the street, and put everything on somebody's day."""
        make.set_clock("2026-11-25 08:00")
        with transaction():
            community = make.make_community(f"street-{next(NUMBERS)}")
            make.make_canteen(community)
            meal = db.session.scalars(select(make.ServiceKind).where(make.ServiceKind.code == "MEAL")).first() or make.make_kind(
                "MEAL", skills=[]
            )
            hair = db.session.scalars(select(make.ServiceKind).where(make.ServiceKind.code == "HAIR")).first() or make.make_kind(
                "HAIR", skills=[]
            )
            for place in range(3):
                home = make.make_household(community)
                names = ["臧玉梅", "孙长海"] if place == 0 else ["鞠淑贞"]
                people = [make.make_elder(home, name) for name in names]
                eaters = [each.id for each in people]
                single = {"elder": people[0]} if len(people) == 1 else {}
                make.make_request(community, meal, home, boxes=len(people), eaters=eaters, **single)
                if place:
                    make.make_request(community, hair, home, elder=people[0])
            for name in ("王秀芬", "赵志强", "于淑珍"):
                person = make.make_volunteer(community, name, make.make_user(community=community).id, boxes=3)
                make.add(Availability(volunteer_id=person.id, weekday=DAY.weekday(), start=480, end=1080))
            self.coordinator = make.make_user(Role.COORDINATOR, community).id
            self.community = community.id
            weeks.open_week(community.id, make.MONDAY)

    def write(self, act: Callable[[], object]) -> None:
        """Let something happen in a write unit; a refusal is an answer."""
        with contextlib.suppress(Refusal), transaction():
            act()
        forget_reads()

    def one(self, model: type, which: int, *where: object) -> object | None:
        """Return one of the rows of a kind, None where there is none."""
        rows = list(db.session.scalars(select(model).where(*where).order_by(model.id)))  # type: ignore[arg-type, attr-defined]
        return rows[which % len(rows)] if rows else None

    def offer(self, which: int) -> Offer | None:
        """Return one of the offers that stand."""
        mine = (Offer.state.in_((OfferState.SENT, OfferState.ACCEPTED)),)
        found = self.one(Offer, which, *mine)
        return found if isinstance(found, Offer) and found.visit.community_id == self.community else None

    def plan(self) -> Plan:
        """Return the plan as it is now."""
        found = queries.plan_of(self.community, make.MONDAY)
        assert found is not None
        return found

    @rule(which=ANY, way=ANY)
    def somebody_is_asked_for_a_line(self, which: int, way: int) -> None:
        """The coordinator presses one of the buttons of one of the lines."""
        lines = [line for line in cover.lines(self.community) if line.state == cover.NOBODY]
        if lines:
            line = lines[which % len(lines)]
            found = taking.ways(self.plan(), line)
            if found:
                chosen = found[way % len(found)]
                numbers, who = list(chosen.visits), [each.id for each in chosen.volunteers]
                self.write(
                    lambda: covering.ask(
                        self.plan(),
                        [db.session.get_one(Visit, number) for number in numbers],
                        [db.session.get_one(Volunteer, number) for number in who],
                        DAY,
                        db.session.get_one(User, self.coordinator),
                    )
                )

    @rule()
    def the_plan_is_sent(self) -> None:
        """Whatever stands in the plan can be published, always."""
        with transaction():
            publishing.publish(self.plan(), self.plan().version)
        forget_reads()
        assert [change for change in differences.changes(self.plan()) if change.goes_out] == []

    @rule(which=ANY, yes=st.booleans())
    def somebody_answers(self, which: int, yes: bool) -> None:
        """Somebody who was asked says yes or no."""
        made = self.offer(which)
        if made is not None:
            number = made.id
            self.write(
                lambda: (
                    offering.accept(db.session.get_one(Offer, number))
                    if yes
                    else offering.decline(db.session.get_one(Offer, number), "不方便")
                )
            )

    @rule(which=ANY, part=st.booleans())
    def somebody_cannot_come(self, which: int, part: bool) -> None:
        """A volunteer falls ill, or takes the morning off."""
        who = self.one(Volunteer, which, Volunteer.community_id == self.community)
        if isinstance(who, Volunteer):
            number = who.id
            self.write(
                lambda: (
                    leaving.take_time_off(db.session.get_one(Volunteer, number), DAY, (480, 760))
                    if part
                    else leaving.cannot_come(db.session.get_one(Volunteer, number), DAY, "病了")
                )
            )

    @rule(which=ANY, what=st.sampled_from(["away", "back", "gone", "here"]))
    def an_elder_is_away_or_back(self, which: int, what: str) -> None:
        """An elder is away, back, dead, or not dead after all."""
        who = self.one(Elder, which, Elder.community_id == self.community)
        if not isinstance(who, Elder):
            return
        number = who.id

        def act() -> None:
            elder = db.session.get_one(Elder, number)
            if what == "away":
                homes.pause(elder, DAY, DAY)
            elif what == "back" and elder.pauses:
                homes.come_back(elder, elder.pauses[0], DAY)
            elif what in {"gone", "here"}:
                homes.set_state(elder, ElderState.DECEASED if what == "gone" else ElderState.ACTIVE)

        self.write(act)

    @rule(which=ANY, what=st.sampled_from(["later", "ends", "given up", "apart"]))
    def a_need_changes(self, which: int, what: str) -> None:
        """A need moves by an hour, ends, is given up, or somebody must not come to its door."""
        need = self.one(HelpRequest, which, HelpRequest.community_id == self.community, HelpRequest.state == RequestState.ACCEPTED)
        if not isinstance(need, HelpRequest):
            return
        number = need.id

        def act() -> None:
            request = db.session.get_one(HelpRequest, number)
            by = db.session.get_one(User, self.coordinator)
            if what == "later" and not request.kind.from_canteen:
                request.window_from, request.window_to = 600, 720
                needs.follow_need(request)
            elif what == "ends":
                calling_off.cancel_request(request, DAY - timedelta(days=1), by, Why.DESK)
            elif what == "given up":
                calling_off.give_up(request.visits, by, "请不到人")
            elif what == "apart" and request.household is not None:
                who = self.one(Volunteer, which, Volunteer.community_id == self.community)
                if isinstance(who, Volunteer):
                    homes.tie(request.household, who, Tie.EXCLUDED)

        self.write(act)

    @rule(which=ANY, what=st.sampled_from(["fetch", "tap", "in", "out", "shut"]))
    def something_is_done(self, which: int, what: str) -> None:
        """Boxes are fetched, a door is tapped, somebody checks in or out, a door stays shut."""
        made = self.offer(which)
        if made is None:
            return
        number = made.id

        def act() -> None:
            offer = db.session.get_one(Offer, number)
            if what == "fetch" and offer.round is not None:
                serving.pick_up(offer.round, sum(each.visit.boxes for each in offer.round.offers if each.state is OfferState.ACCEPTED))
            elif what == "tap":
                serving.deliver(offer)
            elif what == "in":
                serving.check_in(offer, offer.visit.code)
            elif what == "out":
                serving.check_out(offer)
            elif what == "shut":
                serving.report(offer, Outcome.NO_ANSWER)

        self.write(act)

    @rule(
        which=ANY,
        start=st.sampled_from([540, 630, 690, 840]),
        what=st.sampled_from(["claim", "ask", "yes", "back", "in", "out", "on record"]),
    )
    def somebody_is_on_duty(self, which: int, start: int, what: str) -> None:
        """A turn of duty is taken, asked for, agreed to, given back, signed in or out of, or put on record."""
        who = self.one(Volunteer, which, Volunteer.community_id == self.community)
        known = self.one(Duty, which, Duty.community_id == self.community, Duty.state != DutyState.GIVEN_UP)
        if not isinstance(who, Volunteer):
            return
        number, turn = who.id, known.id if isinstance(known, Duty) else None

        def act() -> None:
            person, by = db.session.get_one(Volunteer, number), db.session.get_one(User, self.coordinator)
            hair = db.session.scalars(select(make.ServiceKind).where(make.ServiceKind.code == "HAIR")).one()
            about = {"title": "护学岗", "place": "东门", "day": DAY, "start": start, "until": start + 30}
            if what in {"claim", "ask"}:
                (seat,) = duties.open_seats(Turn(community_id=self.community, kind=hair, **about), 1)  # type: ignore[arg-type]
                if what == "claim":
                    duties.claim(seat, person)
                else:
                    duties.ask(seat, person, by)
                return
            if turn is None:
                return
            duty = db.session.get_one(Duty, turn)
            if what == "yes":
                duties.accept(duty)
            elif what == "back":
                duties.give_up(duty)
            elif what == "in":
                duty_times.sign_in(duty, duty.code)
            elif what == "out":
                duty_times.sign_out(duty)
            else:
                duty_records.confirm(duty, Trust.DESK, by)

        self.write(act)

    @rule(minutes=st.sampled_from([5, 30, 120]))
    def time_passes(self, minutes: int) -> None:
        """The clock goes on, never past the day."""
        if clock.now() + timedelta(minutes=minutes) < clock.at(DAY, 20 * 60):
            clock.clock.shift += timedelta(minutes=minutes)

    @invariant()
    def everything_holds(self) -> None:
        """Everything that must hold does."""
        forget_reads()
        assert invariants.broken(invariants.EVENING, invariants.view(invariants.EVENING, self.community)) == []


def played(app: Flask, examples: int) -> None:
    """Play random days."""
    with app.app_context():
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Week,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
                database=None,
            ),
        )


def test_any_order_of_what_happens_in_a_day_leaves_everything_whole(both: Flask) -> None:
    played(both, IN_CI)


@pytest.mark.long
def test_hundreds_of_days_in_any_order_leave_everything_whole(both: Flask) -> None:
    played(both, LONG)


def test_the_machine_has_a_round_to_fetch(app: Flask) -> None:
    with app.app_context():
        week = Week()
        week.begin()
        for _line in range(6):
            week.somebody_is_asked_for_a_line(0, 0)
        assert db.session.scalars(select(Round)).first() is not None
