"""The rules of visits, on SQLite and on PostgreSQL: from a request to a record and a credit, once."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.elders.models import Pause
from timebank.errors import Conflict, Invalid
from timebank.ledger.models import Account, Transfer, TransferKind
from timebank.ledger.verify import verify
from timebank.places.models import CalendarDay, DayKind
from timebank.visits.actions import asking, confirming, offering, scheduling, serving
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Offer, OfferState, Outcome, Pattern, RequestState, ServiceRecord, Source, Trust, VisitState
from timebank.volunteers.models import Volunteer

MONDAY = date(2026, 11, 23)
WEDNESDAY = MONDAY + timedelta(days=2)


def minutes_of(volunteer: Volunteer) -> int:
    return db.session.get_one(Account, volunteer.account_id).balance


def haircut(app: Flask, start: int = 14 * 60, **values: int) -> Offer:
    """Return an accepted haircut on Wednesday, the clock at its start."""
    community = make.make_community()
    elder = make.make_elder(make.make_household(community))
    request = make.make_request(community, make.make_kind("HAIR"), elder.household, elder_id=elder.id)
    made = make.make_offer(make.make_visit(request), make.make_volunteer(community, **values), start, accepted=True)
    make.set_clock(f"2026-11-25 {clock.hhmm(start)}")
    return made


def test_a_request_goes_all_the_way_to_one_record_and_one_credit(both: Flask) -> None:
    make.set_clock("2026-11-20 09:00")
    with both.app_context():
        with transaction():
            community = make.make_community()
            elder = make.make_elder(make.make_household(community))
            daughter = make.make_user(Role.FAMILY)
            make.make_family(elder, daughter)
            wish = asking.Wish(kind=make.make_kind("HAIR"), window=(14 * 60, 17 * 60), dates=(WEDNESDAY,))
            request = asking.ask_for_help(community.id, wish, asking.Asker(source=Source.FAMILY, user=daughter, elder=elder))
            asking.accept_request(request, make.make_user(Role.COORDINATOR, community))
            visit = scheduling.schedule_week(community.id, MONDAY)[0]
            volunteer = make.make_volunteer(community)
            made = offering.offer(visit, volunteer, offering.Slot(day=WEDNESDAY, start=14 * 60, window=0))
            offering.accept(made)
        make.set_clock("2026-11-25 14:00")
        with transaction():
            assert serving.check_in(made, visit.code)
        make.set_clock("2026-11-25 14:43")
        with transaction():
            serving.check_out(made)
            confirming.confirm(visit, Trust.FAMILY, daughter, "谢谢")
        with transaction():
            confirming.confirm(visit, Trust.FAMILY, daughter)
        record = db.session.scalars(select(ServiceRecord)).one()
        transfer = db.session.scalars(select(Transfer)).one()
        assert (record.minutes, record.transfer_seq, transfer.minutes) == (43, transfer.seq, 43)
        assert minutes_of(volunteer) == 43
        assert visit.state is VisitState.CONFIRMED
        assert verify().ok


def test_scheduling_a_week_twice_makes_nothing_twice(both: Flask) -> None:
    make.set_clock("2026-11-20 09:00")
    with both.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_elder(home)
        make.make_request(community, make.make_kind("HAIR"), home)
        assert len(scheduling.schedule_week(community.id, MONDAY)) == 1
        db.session.expire_all()
        assert scheduling.schedule_week(community.id, MONDAY) == []


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"pattern": Pattern.EACH_DAY, "weekdays": [0, 2, 4]}, [["2026-11-23"], ["2026-11-25"], ["2026-11-27"]]),
        ({"pattern": Pattern.ONE_OF, "weekdays": [1, 3]}, [["2026-11-24", "2026-11-26"]]),
        ({"pattern": Pattern.ONE_OF, "weekdays": [1], "every_weeks": 2, "first_day": date(2026, 11, 16)}, []),
        ({"pattern": Pattern.ONE_OF, "weekdays": [1], "every_weeks": 2, "first_day": date(2026, 11, 9)}, [["2026-11-24"]]),
        ({"pattern": Pattern.EACH_DAY, "weekdays": [3, 4], "last_day": date(2026, 11, 26)}, [["2026-11-26"]]),
        ({"pattern": Pattern.ONCE, "dates": ["2026-11-26", "2026-11-27"], "first_day": date(2026, 11, 26)}, [["2026-11-26", "2026-11-27"]]),
    ],
)
def test_needs_become_visits_on_the_days_they_name(app: Flask, values: dict[str, object], days: list[list[str]]) -> None:
    make.set_clock("2026-11-20 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_elder(home)
        make.make_request(community, make.make_kind("HAIR"), home, **{"first_day": date(2026, 11, 2), "dates": [], **values})
        assert [visit.days for visit in scheduling.schedule_week(community.id, MONDAY)] == days


def test_a_one_time_wish_over_two_weeks_is_served_in_one_of_them(app: Flask) -> None:
    make.set_clock("2026-11-20 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_elder(home)
        days = {"pattern": Pattern.ONCE, "dates": ["2026-11-21", "2026-11-25"], "first_day": date(2026, 11, 21)}
        make.make_request(community, make.make_kind("HAIR"), home, **days)
        assert [visit.days for visit in scheduling.schedule_week(community.id, MONDAY)] == [["2026-11-25"]]
        db.session.expire_all()
        assert scheduling.schedule_week(community.id, MONDAY - timedelta(days=7)) == []


def test_meals_rest_on_holidays_and_come_on_working_weekends(app: Flask) -> None:
    make.set_clock("2026-09-10 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_elder(home)
        make.make_canteen(community)
        db.session.add_all(
            [
                CalendarDay(day=date(2026, 9, 25), kind=DayKind.OFF, name="中秋节"),
                CalendarDay(day=date(2026, 9, 20), kind=DayKind.WORK, name="国庆节"),
            ]
        )
        meal = make.make_kind("MEAL", workdays_only=True)
        every_day = {"pattern": Pattern.EACH_DAY, "weekdays": list(range(7)), "first_day": date(2026, 9, 1), "dates": [], "boxes": 1}
        make.make_request(community, meal, home, **every_day)
        before = {visit.occurrence.day for visit in scheduling.schedule_week(community.id, date(2026, 9, 14))}
        after = {visit.occurrence.day for visit in scheduling.schedule_week(community.id, date(2026, 9, 21))}
        assert before == {14, 15, 16, 17, 18, 20}
        assert after == {21, 22, 23, 24}


def test_a_paused_elder_gets_no_visits_and_a_couple_only_when_both_are_away(app: Flask) -> None:
    make.set_clock("2026-11-20 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        first, second = make.make_elder(home), make.make_elder(home, "鲍启明")
        every = {"pattern": Pattern.EACH_DAY, "weekdays": [0, 1], "dates": [], "first_day": MONDAY}
        make.make_request(community, make.make_kind("HAIR"), home, **every)
        first.pauses.append(Pause(first_day=MONDAY, last_day=MONDAY + timedelta(days=1)))
        second.pauses.append(Pause(first_day=MONDAY, last_day=MONDAY))
        db.session.flush()
        assert [visit.occurrence for visit in scheduling.schedule_week(community.id, MONDAY)] == [MONDAY + timedelta(days=1)]


def test_a_meal_round_is_one_record_of_the_real_minutes_from_pick_up_to_the_last_door(both: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with both.app_context():
        with transaction():
            community = make.make_community()
            volunteer = make.make_volunteer(community)
            offers = make.make_round(community, volunteer, doors=3)
            meals = offers[0].round
            assert meals is not None
        make.set_clock("2026-11-25 10:52")
        with transaction():
            serving.pick_up(meals, 3)
        for minute, made in zip((3, 9, 14), offers, strict=True):
            make.set_clock(f"2026-11-25 11:{minute:02d}")
            with transaction():
                serving.deliver(made)
        with transaction():
            record = confirming.confirm_round(meals, Trust.DESK, None)
            again = confirming.confirm_round(meals, Trust.DESK, None)
        assert record is not None
        assert again is None
        assert (record.minutes, record.doors, minutes_of(volunteer)) == (22, 3, 22)
        assert {made.visit.state for made in offers} == {VisitState.CONFIRMED}


def test_boxes_are_counted_before_a_round_leaves(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        meals = make.make_round(community, make.make_volunteer(community), doors=2)[0].round
        make.set_clock("2026-11-25 10:50")
        assert meals is not None
        with pytest.raises(Invalid, match="needs 2 boxes; you counted 1"):
            serving.pick_up(meals, 1)
        assert meals.picked_up_at is None


def test_a_meal_is_not_handed_over_before_it_was_picked_up(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        made = make.make_round(community, make.make_volunteer(community))[0]
        make.set_clock("2026-11-25 11:00")
        with pytest.raises(Conflict, match="Pick-up is not noted"):
            serving.deliver(made)


def test_staff_on_duty_are_recorded_and_never_credited(app: Flask) -> None:
    with app.app_context():
        with transaction():
            make.set_clock("2026-11-24 09:00")
            made = haircut(app, staff=True)
            serving.check_in(made, made.visit.code)
            clock.clock.shift += timedelta(minutes=40)
            serving.check_out(made)
            record = confirming.confirm(made.visit, Trust.DESK, None)[0]
        assert record.minutes == 40
        assert record.transfer_seq is None
        assert db.session.scalar(select(func.count()).select_from(Transfer)) == 0


def test_credit_stops_at_half_again_the_plan_while_the_record_keeps_the_real_minutes(app: Flask) -> None:
    with app.app_context(), transaction():
        make.set_clock("2026-11-24 09:00")
        made = haircut(app)
        serving.check_in(made, made.visit.code)
        clock.clock.shift += timedelta(minutes=100)
        serving.check_out(made)
        record = confirming.confirm(made.visit, Trust.DESK, None)[0]
        assert record.minutes == 100
        assert minutes_of(made.volunteer) == int(made.visit.minutes * 1.5)


def test_five_wrong_codes_lock_the_door_for_that_visit(app: Flask) -> None:
    with app.app_context(), transaction():
        make.set_clock("2026-11-24 09:00")
        made = haircut(app)
        wrong = "0000" if made.visit.code != "0000" else "1111"
        assert [serving.check_in(made, wrong) for _ in range(5)] == [False] * 5
        with pytest.raises(Conflict, match="locked"):
            serving.check_in(made, made.visit.code)
        assert made.started_at is None


def test_nobody_at_the_door_alerts_the_coordinator_and_the_alert_wants_an_ending(app: Flask) -> None:
    with app.app_context(), transaction():
        make.set_clock("2026-11-24 09:00")
        made = haircut(app)
        alert = serving.report(made, Outcome.NO_ANSWER, "敲门没人应")
        assert alert is not None
        assert made.visit.state is VisitState.FAILED
        who = make.make_user(Role.COORDINATOR).id
        with pytest.raises(Invalid):
            serving.close_alert(alert, who, "  ")
        serving.close_alert(alert, who, "在女儿家，平安。")
        assert alert.closed_at is not None


def test_the_clock_confirms_after_three_days_only_what_showed_the_code(app: Flask) -> None:
    with app.app_context():
        with transaction():
            make.set_clock("2026-11-24 09:00")
            made = haircut(app)
            serving.check_in(made, None)
            serving.check_out(made)
        clock.clock.shift += timedelta(days=4)
        with transaction():
            assert confirming.confirm_due() == 0
            made.code_ok = True
        with transaction():
            assert confirming.confirm_due() == 1
        with transaction():
            assert confirming.confirm_due() == 0
        assert db.session.scalars(select(ServiceRecord)).one().trust is Trust.AUTO


def test_more_than_eight_hours_on_a_day_want_a_person_and_more_than_twelve_are_refused(app: Flask) -> None:
    with app.app_context():
        with transaction():
            make.set_clock("2026-11-24 09:00")
            made = haircut(app, start=60)
            serving.check_in(made, made.visit.code)
            clock.clock.shift += timedelta(hours=9)
            serving.check_out(made)
        with transaction(), pytest.raises(Conflict, match="coordinator"):
            confirming.confirm(made.visit, Trust.FAMILY, None)
        with transaction():
            made.ended_at = made.started_at + timedelta(hours=13)
        with transaction(), pytest.raises(Conflict, match="12 h "):
            confirming.confirm(made.visit, Trust.DESK, None)
        assert db.session.scalar(select(func.count()).select_from(ServiceRecord)) == 0


def test_a_correction_is_a_new_version_and_a_reversal_never_an_edit(both: Flask) -> None:
    with both.app_context():
        with transaction():
            make.set_clock("2026-11-24 09:00")
            made = haircut(both)
            serving.check_in(made, made.visit.code)
            clock.clock.shift += timedelta(minutes=40)
            serving.check_out(made)
            first = confirming.confirm(made.visit, Trust.DESK, None)[0]
            who = make.make_user(Role.COORDINATOR)
        with transaction():
            newer = correct(first, 25, "签退忘了点，按电话核对。", who)
        assert (first.current, first.minutes, newer.version, newer.minutes) == (False, 40, 2, 25)
        assert minutes_of(made.volunteer) == 25
        kinds = db.session.scalars(select(Transfer.kind).order_by(Transfer.seq)).all()
        assert kinds == [TransferKind.EARN, TransferKind.REVERSAL, TransferKind.EARN]
        with transaction(), pytest.raises(Conflict, match="corrected already"):
            correct(first, 30, "又改", who)
        assert verify().ok


def test_nobody_corrects_their_own_record(app: Flask) -> None:
    with app.app_context(), transaction():
        make.set_clock("2026-11-24 09:00")
        who = make.make_user(Role.COORDINATOR)
        made = haircut(app, user_id=who.id)
        serving.check_in(made, made.visit.code)
        serving.check_out(made)
        record = confirming.confirm(made.visit, Trust.DESK, None)[0]
        with pytest.raises(Conflict, match="your own"):
            correct(record, 90, "多记一点", who)


def test_declining_gives_the_visit_back_and_costs_nothing(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        made = make.make_round(community, make.make_volunteer(community), accepted=True)[0]
        offering.decline(made, "时间不方便")
        assert (made.state, made.visit.state, made.visit.day) == (OfferState.DECLINED, VisitState.OPEN, None)
        offering.decline(made, "再点一次")
        assert made.reason == "时间不方便"


def test_a_crew_visit_is_accepted_when_both_have_accepted(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_elder(home)
        visit = make.make_visit(make.make_request(community, make.make_kind("BATH", crew=2), home), crew=2)
        pair = [make.make_offer(visit, make.make_volunteer(community, name), 14 * 60) for name in ("韩立新", "毕红梅")]
        offering.accept(pair[0])
        assert visit.state is VisitState.OFFERED
        offering.accept(pair[1])
        assert visit.state is VisitState.ACCEPTED


@pytest.mark.parametrize(
    ("dates", "window", "field"),
    [
        ((), (840, 1020), "dates"),
        ((date(2026, 11, 1),), (840, 1020), "dates"),
        ((date(2027, 6, 1),), (840, 1020), "dates"),
        ((WEDNESDAY,), (840, 850), "window"),
    ],
)
def test_a_wish_no_week_could_hold_is_refused_by_its_field(
    app: Flask, dates: tuple[date, ...], window: tuple[int, int], field: str
) -> None:
    make.set_clock("2026-11-20 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        wish = asking.Wish(kind=make.make_kind("HAIR"), window=window, dates=dates)
        with pytest.raises(Invalid) as refused:
            asking.ask_for_help(community.id, wish, asking.Asker(source=Source.DESK))
        assert field in refused.value.fields


def test_a_request_is_decided_once_and_needs_a_door_to_be_accepted(app: Flask) -> None:
    make.set_clock("2026-11-20 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        who = make.make_user(Role.COORDINATOR, community)
        wish = asking.Wish(kind=make.make_kind("HAIR"), window=(840, 1020), dates=(WEDNESDAY,))
        request = asking.ask_for_help(community.id, wish, asking.Asker(source=Source.FAMILY, for_name="某人", for_address="某处"))
        with pytest.raises(Conflict, match="no door"):
            asking.accept_request(request, who)
        asking.decline_request(request, who, "本周排不上")
        assert request.state is RequestState.DECLINED
        with pytest.raises(Conflict, match="decided already"):
            asking.accept_request(request, who, household=make.make_household(community))


def test_the_desk_enters_a_paper_sheet_once(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        made = make.make_round(community, make.make_volunteer(community))[0]
        make.set_clock("2026-11-25 15:00")
        start, end = clock.at(WEDNESDAY, 650), clock.at(WEDNESDAY, 665)
        serving.enter_from_sheet(made, start, end)
        assert (made.outcome, made.visit.state) == (Outcome.DONE, VisitState.DONE)
        with pytest.raises(Conflict, match="not entered twice"):
            serving.enter_from_sheet(made, start, end)


def test_a_sheet_cannot_be_entered_for_the_future(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        made = make.make_round(community, make.make_volunteer(community))[0]
        make.set_clock("2026-11-25 10:55")
        with pytest.raises(Invalid, match="not in the future"):
            serving.enter_from_sheet(made, clock.at(WEDNESDAY, 650), clock.at(WEDNESDAY, 720))


def test_two_live_offers_for_one_visit_and_volunteer_cannot_be(both: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with both.app_context():
        with transaction():
            made = haircut(both)
            asked = {"visit_id": made.visit_id, "volunteer_id": made.volunteer_id, "day": made.day, "start": made.start}
        db.session.add(Offer(**asked, sent_at=clock.now(), deadline=clock.now()))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Offer)) == 1
