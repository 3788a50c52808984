"""A week in the middle: what was lived is a fact, what is to come can always be planned and sent, a trip is one round."""

import contextlib
from datetime import date

import pytest
from sqlalchemy import func, select

from matching import check, read_plan, read_week
from tests.builders import WEDNESDAY, make_building, make_elder, make_household, make_request, set_clock
from tests.planning.street import Street
from timebank import clock, jobs
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.errors import Conflict
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.planning import begun, queries, runner, scenes, snapshot
from timebank.planning.actions import covering, differences, runs, weeks
from timebank.planning.actions.judging import judged
from timebank.planning.models import PlanRun, RunKind, RunState
from timebank.visits.actions import homes, leaving, offering, serving
from timebank.visits.actions.scheduling import schedule_request
from timebank.visits.models import Offer, OfferState, Round, ServiceRecord, Visit, VisitState
from timebank.visits.states import Why


def replanned(street: Street) -> PlanRun:
    """Ask the engine for the fewest changes and wait."""
    with transaction():
        run = runs.queue_run(street.plan(), RunKind.REPLAN, 6, send=False).id
    runner.run(run)
    return db.session.get_one(PlanRun, run)


def noon(street: Street, doors: int = 4) -> list[int]:
    """Plan and publish a haircut at 9:00, a lunch trip and a haircut at 14:00 of Wang's; all are accepted."""
    early = street.one_more("郭玉兰", window_from=540, window_to=620)
    street.meals(doors)
    street.open()
    street.assign(street.visit_of(early), street.wang, start="09:00")
    meals = [number for number in street.visits() if db.session.get_one(Visit, number).canteen_id is not None]
    for number in meals:
        street.assign(number, street.wang)
    street.assign(street.visits()[0], street.wang, start="14:00")
    street.publish()
    street.answer(street.wang, accept=True)
    return meals


def served(street: Street, visit: int, start: str, end: str) -> None:
    """Let a visit be made as it was agreed."""
    set_clock(f"2026-11-25 {start}")
    with transaction():
        made = db.session.scalars(select(Offer).where(Offer.visit_id == visit)).one()
        serving.check_in(made, made.visit.code)
    set_clock(f"2026-11-25 {end}")
    with transaction():
        serving.check_out(db.session.scalars(select(Offer).where(Offer.visit_id == visit)).one())


def test_what_was_lived_counts_as_the_referee_counts_it_and_what_is_accepted_still_fits_its_ceiling(street: Street) -> None:
    meals = noon(street)
    week = read_week(snapshot.board_week(scenes.scene(street.plan())))
    whole = check(week, read_plan(snapshot.board_plan(scenes.scene(street.plan())), week))
    assert whole.ok
    early = next(each.visit_id for each in street.plan().assignments if each.start == 540)
    work = queries.week_minutes(street.plan().assignments)[street.wang]
    with transaction():
        street.volunteer(street.wang).max_day = work + 30
    served(street, early, "09:00", "09:40")
    street.at("2026-11-25 10:30")
    of = scenes.scene(street.plan())
    assert {visit.id for visit in scenes.to_come(of)} >= set(meals)
    assert early not in {visit.id for visit in scenes.to_come(of)}
    done = begun.lived_by(of)[street.wang]
    assert done.here is not None
    assert done.used[WEDNESDAY.weekday()] == 40 - 1  # the way there and one minute are counted by the stop that says where she is
    now = read_week(snapshot.replan_week(of))
    before = check(now, read_plan(snapshot.board_plan(of), now))
    assert before.ok


def test_a_replanning_in_the_middle_of_a_day_can_be_published_and_a_second_press_changes_nothing(street: Street) -> None:
    meals = noon(street)
    early = next(each.visit_id for each in street.plan().assignments if each.start == 540)
    served(street, early, "09:00", "09:40")
    with transaction():
        lost = list(db.session.scalars(select(Offer).where(Offer.visit_id.in_(meals))))
        offering.decline_all(lost, "去不了")
    street.at("2026-11-25 10:00")
    assert replanned(street).state is RunState.DONE
    assert street.publish().status_code == 303
    assert {volunteer for visit, volunteer in street.offers(OfferState.SENT) if visit in meals} == {street.zhao}
    assert replanned(street).kept
    forget_reads()
    assert [change for change in differences.changes(street.plan()) if change.goes_out] == []


def test_a_corrected_address_of_somebody_served_holds_up_nobody(street: Street) -> None:
    noon(street)
    early = next(each.visit_id for each in street.plan().assignments if each.start == 540)
    served(street, early, "09:00", "09:40")
    with transaction():
        home = db.session.get_one(Visit, early).household
        home.building = make_building(db.session.get_one(Community, street.community), "对岸 1 号", lat=36.35, lon=120.75)
    forget_reads()
    assert judged(scenes.scene(street.plan())).breaches == ()
    other = street.one_more("吕桂英", window_from=900, window_to=1000)
    street.open()
    street.at("2026-11-25 10:00")
    street.assign(street.visit_of(other), street.zhao)
    assert street.publish().status_code == 303
    assert (street.visit_of(other), street.zhao) in street.offers(OfferState.SENT)


def test_a_breach_is_confined_to_whose_it_is_and_the_rest_is_sent(street: Street) -> None:
    street.meals(2)
    other = street.one_more("吕桂英")
    street.open()
    meals = [number for number in street.visits() if db.session.get_one(Visit, number).canteen_id is not None]
    for number in meals:
        street.assign(number, street.wang)
    street.assign(street.visit_of(other), street.zhao)
    with transaction():
        street.volunteer(street.wang).boxes = 1
    page = street.page("/plan/diff?week=2026-W48")
    assert "1 人的先不发" in page
    assert street.publish().status_code == 303
    assert street.offers() == [(street.visit_of(other), street.zhao)]


def test_what_is_too_late_to_send_is_open_and_never_counted_as_served(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang, start="14:00")
    street.at("2026-11-25 14:10")
    seen = queries.glance(street.plan())
    assert visit not in seen.served
    assert [change.word for change in differences.changes(street.plan(), seen)] == ["too_late"]
    assert street.publish().status_code == 303
    assert street.offers() == []
    assert "要有人去" in street.page("/today")


def test_somebody_who_has_gone_is_in_no_pin_and_their_visit_is_open(street: Street) -> None:
    meals = noon(street)
    street.at("2026-11-24 09:00")
    with transaction():
        person = street.volunteer(street.wang)
        person.active = False
        leaving.leave(person)
    of = scenes.scene(street.plan())
    week = snapshot.replan_week(of)
    assert week["pins"] == []
    assert f"v{street.wang}" not in {pair[1] for pair in week["history"]}
    assert {db.session.get_one(Visit, number).state for number in meals} == {VisitState.OPEN}
    assert replanned(street).state is RunState.DONE
    assert street.publish().status_code == 303


def test_a_need_accepted_after_planning_is_seen_on_the_board_at_once(street: Street) -> None:
    noon(street)
    street.at("2026-11-24 09:00")
    with transaction():
        community = db.session.get_one(Community, street.community)
        home = make_household(community)
        make_elder(home, "孙桂芝")
        request = make_request(community, db.session.get_one(ServiceKind, street.kind), home)
        made = schedule_request(request)
    assert len(made) == 1
    assert made[0].id in {visit.id for visit in queries.glance(street.plan()).fresh}
    assert "1 件新的还没排" in street.page("/plan?week=2026-W48")


def test_a_visit_whose_last_day_with_somebody_at_home_is_past_is_called_off_and_asked_of_nobody(street: Street) -> None:
    street.at("2026-11-24 08:00")
    request = street.one_more("孙桂芝", dates=["2026-11-24", "2026-11-25"], first_day=date(2026, 11, 24))
    street.open()
    visit = street.visit_of(request)
    with transaction():
        homes.pause(db.session.get_one(Visit, visit).household.elders[0], WEDNESDAY, WEDNESDAY)
    assert db.session.get_one(Visit, visit).state is VisitState.OPEN
    street.at("2026-11-25 08:00")
    somebody = db.session.scalars(select(User)).first()
    assert somebody is not None
    with pytest.raises(Conflict, match="Nobody is at home that day"):
        covering.ask(street.plan(), [db.session.get_one(Visit, visit)], [street.volunteer(street.wang)], WEDNESDAY, somebody)
    with transaction():
        weeks.bring_up_to_date(street.plan())
    fallen = db.session.get_one(Visit, visit)
    assert (fallen.state, fallen.ended_why) == (VisitState.CANCELLED, Why.AWAY.value)


def test_what_nobody_answered_until_its_day_was_over_is_open_again_for_its_other_day_and_nobody_hears_of_the_past(street: Street) -> None:
    street.at("2026-11-24 08:00")
    request = street.one_more("孙桂芝", dates=["2026-11-24", "2026-11-26"], first_day=date(2026, 11, 24))
    street.open()
    visit = street.visit_of(request)
    slot = offering.Slot(day=date(2026, 11, 24), start=600, window=0)
    with transaction():
        offering.offer(db.session.get_one(Visit, visit), street.volunteer(street.wang), slot)
    street.at("2026-11-24 23:00")
    jobs.keep_house()
    assert db.session.get_one(Visit, visit).state is VisitState.OFFERED
    told = select(func.count()).select_from(Notice).where(Notice.template == "cancelled")
    before = db.session.scalar(told)
    street.at("2026-11-26 07:00")
    jobs.keep_house()
    fallen = db.session.get_one(Visit, visit)
    assert (fallen.state, [made.reason for made in fallen.offers]) == (VisitState.OPEN, [Why.NO_ANSWER.value])
    assert db.session.scalar(told) == before
    assert "那天过完也没等到回话" in street.page("/today")


def two_trips(street: Street) -> list[Offer]:
    """Let Wang, who carries two boxes, carry four doors in one window: two trips in a row."""
    with transaction():
        street.volunteer(street.wang).boxes = 2
        street.volunteer(street.zhao).active = False
    street.meals(4)
    street.open()
    for number in street.visits()[1:]:
        street.assign(number, street.wang)
    street.publish()
    street.answer(street.wang, accept=True)
    forget_reads()
    return list(db.session.scalars(select(Offer).where(Offer.round_id.is_not(None)).order_by(Offer.start)))


def test_two_trips_in_a_row_are_two_rounds_each_with_its_own_boxes_and_time(street: Street) -> None:
    offers = two_trips(street)
    rounds = list(db.session.scalars(select(Round).order_by(Round.pickup)))
    assert len(rounds) == 2
    for trip in rounds:
        assert sum(made.visit.boxes for made in trip.offers) <= 2
        assert max(made.start + made.visit.minutes for made in trip.offers) - trip.pickup <= trip.canteen.hot
    assert {made.round_id for made in offers} == {trip.id for trip in rounds}


def test_the_minutes_of_two_trips_join_without_a_gap_counted_twice(street: Street) -> None:
    two_trips(street)
    first, second = db.session.scalars(select(Round.id).order_by(Round.pickup))
    for number in (first, second):
        trip = db.session.get_one(Round, number)
        set_clock(f"2026-11-25 {clock.hhmm(trip.pickup)}")
        with transaction():
            serving.pick_up(db.session.get_one(Round, number), sum(made.visit.boxes for made in trip.offers))
        for made in sorted(db.session.get_one(Round, number).offers, key=lambda each: each.start):
            set_clock(f"2026-11-25 {clock.hhmm(made.start + made.visit.minutes)}")
            with transaction():
                serving.deliver(db.session.get_one(Offer, made.id))
    desk = street.sign_in(Role.COORDINATOR)
    assert desk.send("/confirm/day", day="2026-11-25").status_code == 303
    forget_reads()
    one, other = db.session.scalars(select(ServiceRecord).where(ServiceRecord.round_id.is_not(None)).order_by(ServiceRecord.started_at))
    assert one.ended_at <= other.started_at
    last = max(made.ended_at for made in db.session.get_one(Round, second).offers if made.ended_at)
    begun = db.session.get_one(Round, first).picked_up_at
    assert begun is not None
    assert one.minutes + other.minutes <= round((last - begun).total_seconds() / 60)


def test_boxes_are_fetched_neither_on_another_day_nor_long_before(street: Street) -> None:
    two_trips(street)
    trip = db.session.scalars(select(Round.id).order_by(Round.pickup)).first() or 0
    for moment, refused in (("2026-11-24 11:00", True), ("2026-11-25 07:00", True), ("2026-11-25 10:40", False)):
        set_clock(moment)
        found = db.session.get_one(Round, trip)
        with pytest.raises(Conflict) if refused else contextlib.nullcontext(), transaction():
            serving.pick_up(db.session.get_one(Round, trip), sum(made.visit.boxes for made in found.offers))
    assert db.session.get_one(Round, trip).picked_up_at is not None
