"""Duties: a place is one person's, their time is nobody else's, and what was done comes on record by evidence or two people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.books import trail
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.ledger.models import Account
from timebank.ledger.verify import verify
from timebank.notices.models import Notice
from timebank.papers import words
from timebank.places.models import Community
from timebank.planning import scenes
from timebank.planning.actions.weeks import open_week
from timebank.records import queries as records
from timebank.records.actions.checking import check_week
from timebank.records.hands import Hands
from timebank.reports import counting
from timebank.visits import afterwards, on_duty, registers
from timebank.visits.actions import correcting, duties, duty_records, duty_times, leaving, offering
from timebank.visits.actions.duties import Turn
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import OfferState, ServiceRecord, Trust
from timebank.visits.states import Why
from timebank.volunteers.models import Availability, Unit, Volunteer

NOON = (11 * 60 + 30, 12 * 60)


@dataclass
class Crossing:
    """A crossing at 11:30 with two places, a volunteer who is free at noon, a friend of theirs, and two of the office."""

    app: Flask
    community: int
    kind: int
    one: int
    other: int
    first: int
    second: int
    seats: list[int]

    def duty(self, place: int = 0) -> Duty:
        return db.session.get_one(Duty, self.seats[place])

    def person(self, name: str = "one") -> Volunteer:
        return db.session.get_one(Volunteer, getattr(self, name))

    def user(self, name: str = "first") -> User:
        return db.session.get_one(User, getattr(self, name))

    def record(self) -> ServiceRecord:
        return db.session.scalars(select(ServiceRecord).where(ServiceRecord.current)).one()


def build(app: Flask) -> Crossing:
    make.set_clock("2026-11-25 09:00")
    with app.app_context(), transaction():
        community = make.make_community(f"crossing-{next(make.NUMBERS)}")
        kind = make.make_kind("GUARD", name="护学值守", name_en="School crossing", minutes=30, skills=[], at_door=False, icon="place")
        people = [make.make_volunteer(community, name, make.make_user(Role.VOLUNTEER, community).id) for name in ("丁守田", "卞玉贵")]
        for each in people:
            make.add(Availability(volunteer_id=each.id, weekday=2, start=600, end=780))
        office = [make.make_user(Role.COORDINATOR, community, name=name) for name in ("衣晓雯", "曲明")]
        turn = Turn(
            community_id=community.id,
            kind=kind,
            title="老乡护学岗",
            place="松坡小学东门",
            day=make.WEDNESDAY,
            start=NOON[0],
            until=NOON[1],
            part_of="post",
            part_id=7,
        )
        seats = duties.open_seats(turn, 2)
        ids = [each.id for each in (*people, *office)]
        return Crossing(app, community.id, kind.id, *ids, [each.id for each in seats])


@pytest.fixture
def crossing(app: Flask) -> Crossing:
    return build(app)


def done(crossing: Crossing, *, code: bool = True, until: str = "2026-11-25 12:02") -> None:
    """Let the first place be claimed, signed in at 11:28 and signed out."""
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    make.set_clock("2026-11-25 11:28")
    with crossing.app.app_context(), transaction():
        assert duty_times.sign_in(crossing.duty(), crossing.duty().code if code else None)
    make.set_clock(until)
    with crossing.app.app_context(), transaction():
        duty_times.sign_out(crossing.duty())


def beside(crossing: Crossing) -> None:
    """Let somebody else have been on the same turn, signed in by its code."""
    with crossing.app.app_context(), transaction():
        theirs = crossing.duty(1)
        theirs.volunteer, theirs.state, theirs.code_ok = crossing.person("other"), DutyState.DONE, True
        theirs.started_at, theirs.ended_at = clock.at(make.WEDNESDAY, NOON[0]), clock.at(make.WEDNESDAY, NOON[1])


def test_a_turn_has_its_places_once_with_one_code_however_often_it_is_opened(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        first = crossing.duty()
        again = Turn(
            community_id=crossing.community, kind=first.kind, title=first.title, place=first.place, day=first.day, start=first.start,
            until=first.until, part_of="post", part_id=7,
        )  # fmt: skip
        assert duties.open_seats(again, 2) == []
        (third,) = duties.open_seats(again, 3)
        assert (third.seat, third.code) == (3, first.code)


def test_a_place_is_claimed_once_and_the_second_of_a_race_is_told_in_words(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        assert crossing.duty().state is DutyState.AGREED
        duties.claim(crossing.duty(), crossing.person())  # the same tap twice
    with crossing.app.app_context(), transaction(), pytest.raises(Conflict, match="has just taken this turn"):
        duties.claim(crossing.duty(), crossing.person("other"))


def test_nobody_is_on_duty_in_two_places_by_word_and_by_the_database(both: Flask) -> None:
    crossing = build(both)
    with both.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    with both.app_context(), transaction(), pytest.raises(Conflict, match="is on duty at"):
        duties.claim(crossing.duty(1), crossing.person())
    with both.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(
            text("UPDATE duty SET state = 'agreed', volunteer_id = :who WHERE id = :id"), {"who": crossing.one, "id": crossing.seats[1]}
        )


def test_who_is_away_or_has_stopped_or_lacks_the_proof_cannot_claim(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        leaving.take_time_off(crossing.person(), make.WEDNESDAY, (600, 720))
        crossing.person("other").active = False
        with pytest.raises(Conflict, match="has time off then"):
            duties.claim(crossing.duty(), crossing.person())
        with pytest.raises(Conflict, match="no longer serve"):
            duties.claim(crossing.duty(), crossing.person("other"))
        crossing.duty().kind.skills = ["first_aid"]
        crossing.person("other").active = True
        with pytest.raises(Conflict, match="not on record"):
            duties.claim(crossing.duty(), crossing.person("other"))


def test_a_visit_accepted_at_that_time_bars_the_claim_and_a_duty_bars_the_visit_with_the_way_counted_in(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        community = crossing.person().community_id
        hair = make.make_kind("HAIR")
        home = make.make_household(db.session.get_one(Community, community))
        make.make_elder(home)
        visit = make.make_visit(make.make_request(db.session.get_one(Community, community), hair, home))
        made = make.make_offer(visit, crossing.person(), 12 * 60 + 10, accepted=True)
        with pytest.raises(Conflict, match="which meets this turn"):
            duties.claim(crossing.duty(), crossing.person())
        offering.decline(made, "时间不便")
        duties.claim(crossing.duty(), crossing.person())
        with pytest.raises(Conflict, match="minutes of way"):
            make.make_offer(visit, crossing.person(), 12 * 60 + 10)
        later = make.make_offer(visit, crossing.person(), 12 * 60 + 20, accepted=True)
        assert later.state is OfferState.ACCEPTED


def test_the_engine_is_never_given_the_time_of_a_duty_nor_the_way_there(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        plan = open_week(crossing.community, make.MONDAY)
        windows = {key: [each for each in mine if each[1] < each[2]] for key, mine in scenes.scene(plan).windows.items()}
        assert windows[str(crossing.one)] == [[2, 600, 675], [2, 735, 780]]
        assert windows[str(crossing.other)] == [[2, 600, 780]]


def test_what_somebody_gives_up_stays_with_their_name_and_its_place_stands_open(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        fresh = duties.give_up(crossing.duty(), "感冒")
        assert (crossing.duty().state, crossing.duty().reason, fresh.state, fresh.seat) == (DutyState.GIVEN_UP, "感冒", DutyState.OPEN, 1)
        assert fresh in on_duty.unfilled(crossing.community, make.WEDNESDAY, make.WEDNESDAY)
        with pytest.raises(Conflict, match="given up already"):
            duties.give_up(crossing.duty())


@pytest.mark.parametrize("how", ["ill", "away", "left"])
def test_who_is_ill_away_or_gone_leaves_their_turn_open_at_once(crossing: Crossing, how: str) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        with pytest.raises(leaving.Promised):
            leaving.must_be_free(crossing.person(), make.WEDNESDAY)
        with pytest.raises(leaving.Promised):
            leaving.must_leave_nothing(crossing.person())
        left = {
            "ill": lambda: leaving.cannot_come(crossing.person(), make.WEDNESDAY),
            "away": lambda: leaving.take_time_off(crossing.person(), make.WEDNESDAY)[1],
            "left": lambda: leaving.leave(crossing.person()),
        }[how]()
        assert [each.id for each in left.duties] == [crossing.seats[0]]
        assert len(on_duty.unfilled(crossing.community, make.WEDNESDAY, make.WEDNESDAY)) == 2


def test_a_duty_is_handed_on_in_one_step(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        fresh = duties.hand_on(crossing.duty(), crossing.person("other"))
        assert (fresh.state, fresh.volunteer_id, crossing.duty().state) == (DutyState.AGREED, crossing.other, DutyState.GIVEN_UP)
        assert on_duty.blocking(crossing.person(), make.WEDNESDAY, 690, 720) is None


def test_the_code_of_the_day_is_tried_five_times_and_too_early_is_told(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        with pytest.raises(Conflict, match="too early"):
            duty_times.sign_in(crossing.duty(), None)
    make.set_clock("2026-11-25 11:20")
    with crossing.app.app_context(), transaction():
        wrong = "0000" if crossing.duty().code != "0000" else "1111"
        assert [duty_times.sign_in(crossing.duty(), wrong) for _try in range(5)] == [False] * 5
        with pytest.raises(Conflict, match="is locked"):
            duty_times.sign_in(crossing.duty(), crossing.duty().code)
        assert duty_times.sign_in(crossing.duty(), None)
        assert not crossing.duty().code_ok


def test_a_duty_signed_by_the_code_is_one_record_with_its_credit_and_counts_as_signed_by_the_system(both: Flask) -> None:
    crossing = build(both)
    done(crossing)
    beside(crossing)
    with both.app_context(), transaction():
        assert duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user()) is not None
        assert duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user("second")) is None
    with both.app_context():
        record = crossing.record()
        assert (record.minutes, record.planned_minutes, record.activity, record.place) == (34, 30, "老乡护学岗", "松坡小学东门")
        assert (record.word_of, record.duty_id, record.visit_id) == (None, crossing.seats[0], None)
        assert record.transfer_seq is not None
        assert verify().ok
        assert afterwards.entered_of([record]) == 0
        (line,) = counting.lines_of(ServiceRecord.current)
        assert (line.source, line.is_by_hand, counting.total([line]).doors) == (("duty", crossing.seats[0]), False, 0)
        assert "老乡护学岗" in words.what(record, "zh")
        assert [step.title for step in trail.trail(record, "zh").steps] == ["认领了值守", "到岗", "离岗", "已确认"]
        check_week(crossing.community, make.MONDAY)


def test_the_clock_confirms_only_what_the_code_shows(crossing: Crossing, later: Callable[..., None]) -> None:
    done(crossing, code=False)
    later(days=4)
    with crossing.app.app_context(), transaction():
        assert duty_records.confirm_due() == 0
    beside(crossing)
    with crossing.app.app_context(), transaction():
        crossing.duty().code_ok = True
        assert duty_records.confirm_due() == 2
        assert {each.trust for each in db.session.scalars(select(ServiceRecord))} == {Trust.AUTO}


def test_whoever_was_alone_on_a_turn_with_its_code_waits_for_somebodys_word(crossing: Crossing, later: Callable[..., None]) -> None:
    done(crossing)
    later(days=4)
    with crossing.app.app_context(), transaction():
        assert duty_records.confirm_due() == 0
        with pytest.raises(Conflict, match="Nobody else was on this turn"):
            duty_records.confirm(crossing.duty(), Trust.AUTO, None)
        record = duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())
        assert record is not None
        assert record.word_of == crossing.first


def test_without_the_code_it_rests_on_the_word_of_whoever_confirms_and_never_ones_own(crossing: Crossing) -> None:
    done(crossing, code=False)
    with crossing.app.app_context(), transaction():
        mine = db.session.get_one(User, crossing.person().user_id)
        with pytest.raises(Conflict, match="your own duty"):
            duty_records.confirm(crossing.duty(), Trust.DESK, mine)
        record = duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())
        assert record is not None
        assert record.word_of == crossing.first


def test_whoever_typed_the_sheet_does_not_confirm_it_by_word_and_by_the_database(both: Flask) -> None:
    crossing = build(both)
    with both.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    make.set_clock("2026-11-25 13:00")
    with both.app_context(), transaction():
        day = make.WEDNESDAY
        with pytest.raises(Invalid, match="write the reason"):
            duty_times.enter_sheet(crossing.duty(), clock.at(day, 690), clock.at(day, 760), crossing.user())
        with pytest.raises(Invalid, match="times are wrong"):
            duty_times.enter_sheet(crossing.duty(), clock.at(day, 690), clock.at(day, 800), crossing.user())
        duty_times.enter_sheet(crossing.duty(), clock.at(day, 690), clock.at(day, 722), crossing.user())
        with pytest.raises(Conflict, match="cannot confirm them"):
            duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())
        record = duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user("second"))
        assert record is not None
        assert (record.word_of, afterwards.entered_of([record]), words.entry(record, "zh", {record.id})) == (None, 32, "照纸录入")
        assert Hands(crossing.community, [record]).why_not(crossing.user(), record) == ("时间是你录入的", "you entered its times")
    with both.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(text("UPDATE duty SET ended_at = started_at WHERE id = :id"), {"id": crossing.seats[0]})
    with both.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(text("DELETE FROM duty WHERE id = :id"), {"id": crossing.seats[1]})


def test_minutes_far_over_the_plan_are_not_taken_by_the_clock(crossing: Crossing, later: Callable[..., None]) -> None:
    done(crossing, until="2026-11-25 13:10")
    later(days=4)
    with crossing.app.app_context(), transaction():
        assert duty_records.is_long(crossing.duty())
        assert duty_records.confirm_due() == 0
        record = duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())
        assert record is not None
        assert record.minutes == 102


def test_paid_staff_are_recorded_and_never_credited_and_need_not_answer(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        make.make_standing(crossing.person(), paid=True)
        duties.ask(crossing.duty(), crossing.person(), crossing.user())
        assert crossing.duty().state is DutyState.AGREED
    make.set_clock("2026-11-25 13:00")
    with crossing.app.app_context(), transaction():
        duty_times.enter_sheet(crossing.duty(), clock.at(make.WEDNESDAY, 690), clock.at(make.WEDNESDAY, 720), crossing.user())
        record = duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user("second"))
        assert record is not None
        assert (record.paid, record.transfer_seq) == (True, None)


def test_who_was_asked_answers_and_the_desk_may_write_it_down(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.ask(crossing.duty(), crossing.person(), crossing.user())
        assert crossing.duty() in on_duty.unfilled(crossing.community, make.WEDNESDAY, make.WEDNESDAY)
        with pytest.raises(Conflict, match="has somebody"):
            duties.ask(crossing.duty(), crossing.person("other"), crossing.user())
        duties.accept(crossing.duty(), crossing.user())
        assert (crossing.duty().state, crossing.duty().answered_for) == (DutyState.AGREED, crossing.first)


def test_who_did_not_come_is_noted_and_a_sheet_found_later_still_counts(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        with pytest.raises(Conflict, match="not begun yet"):
            duty_times.miss(crossing.duty())
    make.set_clock("2026-11-25 12:30")
    with crossing.app.app_context(), transaction():
        duty_times.miss(crossing.duty(), "没有来")
        assert crossing.duty().state is DutyState.MISSED
        duty_times.enter_sheet(crossing.duty(), clock.at(make.WEDNESDAY, 690), clock.at(make.WEDNESDAY, 720), crossing.user())
        assert (crossing.duty().state, crossing.duty().reason) == (DutyState.DONE, "")


def test_what_is_not_on_record_is_listed_with_its_day_and_what_it_lacks(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    make.set_clock("2026-11-26 09:00")
    with crossing.app.app_context(), transaction():
        (row,) = records.uncleared(crossing.community)
        assert (row.waits_for, row.duty, row.day) == ("check_in", crossing.duty(), date(2026, 11, 25))


def test_a_correction_makes_a_second_version_of_the_same_duty(both: Flask) -> None:
    crossing = build(both)
    done(crossing)
    with both.app_context(), transaction():
        duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())
        newer = correcting.correct(crossing.record(), 30, "早走了几分钟", crossing.user("second"))
        assert isinstance(newer, ServiceRecord)
        assert [each.version for each in registers.versions_of(newer)] == [1, 2]
        assert db.session.get_one(Account, crossing.person().account_id).balance == 30
        assert verify().ok


def test_a_duty_inside_a_meal_round_does_not_count_twice(crossing: Crossing) -> None:
    done(crossing)
    with crossing.app.app_context(), transaction():
        duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())
        community = crossing.duty().community_id
        doors = make.make_round(db.session.get_one(Community, community), crossing.person("other"))
        assert doors
        with pytest.raises(Conflict, match="minutes of way"):
            make.make_round(db.session.get_one(Community, community), crossing.person(), doors=6)


def test_places_booked_for_a_unit_take_only_its_people_and_a_sheets_printer_confirms_nothing(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        unit = make.add(Unit(community_id=crossing.community, name="松坡银行", contact=""))
        duties.book([crossing.duty()], unit, crossing.user())
        with pytest.raises(Conflict, match="unit has booked"):
            duties.claim(crossing.duty(), crossing.person())
        assert [each.id for each in on_duty.unfilled(crossing.community, make.WEDNESDAY, make.WEDNESDAY)] == [crossing.seats[1]]
        make.make_standing(crossing.person(), unit_id=unit.id)
        duties.claim(crossing.duty(), crossing.person())
    make.set_clock("2026-11-25 11:31")
    token = audit.printer.set(crossing.first)
    try:
        with crossing.app.app_context(), transaction():
            duty_times.sign_in(crossing.duty(), crossing.duty().code)
            duty_times.sign_out(crossing.duty())
            with pytest.raises(Conflict, match="code on a sheet"):
                duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user("second"))
    finally:
        audit.printer.reset(token)
    with crossing.app.app_context(), transaction(), pytest.raises(Conflict, match="cannot confirm them"):
        duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user())


def test_a_sheet_of_long_ago_is_not_entered_any_more(crossing: Crossing) -> None:
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    times = clock.at(make.WEDNESDAY, 690), clock.at(make.WEDNESDAY, 720)
    make.set_clock("2026-12-26 09:00")
    with crossing.app.app_context(), transaction(), pytest.raises(Invalid, match="last 30 days can be entered"):
        duty_times.enter_sheet(crossing.duty(), *times, crossing.user())
    make.set_clock("2026-12-25 09:00")
    with crossing.app.app_context(), transaction():
        assert not duty_times.enter_sheet(crossing.duty(), *times, crossing.user())


def test_whom_the_desk_takes_off_a_turn_hears_not_to_go_and_who_gives_it_up_themselves_does_not(crossing: Crossing) -> None:
    told = select(func.count()).select_from(Notice).where(Notice.template == "cancelled")
    with crossing.app.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
        fresh = duties.give_up(crossing.duty(), "有事")
        assert db.session.scalar(told) == 0
        duties.claim(fresh, crossing.person())
        duties.give_up(fresh, "换人", Why.DESK, tell=False)
        assert db.session.scalars(select(Notice.user_id).where(Notice.template == "cancelled")).all() == [crossing.person().user_id]
